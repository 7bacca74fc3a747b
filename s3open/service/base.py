"""A bucket's name, and the configuration that reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open import location as locations
from s3open import naming
from s3open.config import DEFAULT, Config

if TYPE_CHECKING:
    from typing_extensions import Self

    from s3open.location import Location
    from s3open.naming import Name
    from s3open.path import S3Path


class Named:
    """What a `Bucket` is without a request."""

    def __init__(
        self, name: Name, config: Config | None = None, **settings: Any
    ) -> None:
        if config is not None and settings:
            raise TypeError("Bucket takes a Config or settings, not both")
        if config is not None and not isinstance(config, Config):
            raise TypeError(f"config has to be a Config, not {type(config).__name__}")
        self._location = _location(naming.text(name))
        self._config = config or (Config(**settings) if settings else DEFAULT)

    @property
    def name(self) -> str:
        """The name, or the ARN of the access point that stands for the bucket."""
        return self._location.bucket

    @property
    def uri(self) -> str:
        """The name as a URI, without a slash at its end."""
        return self._location.uri

    @property
    def config(self) -> Config:
        """How the store is reached."""
        return self._config

    def __uri__(self) -> str:
        return self.uri

    def __truediv__(self, key: Name) -> S3Path:
        """Return the path of *key* in this bucket."""
        if naming.spelled(key) is None:
            return NotImplemented
        from s3open.path import S3Path

        return S3Path(self.uri, key, config=self._config)

    def __str__(self) -> str:
        return self.uri

    def __repr__(self) -> str:
        config = "" if self._config == DEFAULT else f", config={self._config!r}"
        return f"{type(self).__name__}({self.name!r}{config})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Named):
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self.name)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        config = None if self._config == DEFAULT else self._config
        return type(self), (self.name, config)

    def _identity(self) -> tuple[object, ...]:
        return self.name, self._config.connection(), self._config.client


def _location(text: str) -> Location:
    """Return where the bucket is that is spelled ``name`` or ``s3://name``."""
    uri = text if locations.scheme(text) else f"s3://{text}"
    found = locations.parse(uri)
    if found is None:
        # Of a URI not all is shown: there may be a password in it.
        raise ValueError(f"not a bucket: {locations.scheme(text)}://...")
    if found.key:
        raise ValueError(f"a bucket has no key: {text!r}")
    return locations.Location(found.bucket, "", f"s3://{found.bucket}")
