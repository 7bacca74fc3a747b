"""The names of `S3Path`, which ask no store: made, taken apart, compared."""

from __future__ import annotations

import fnmatch
import re
from functools import total_ordering
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from s3open import location as locations
from s3open import naming
from s3open.config import DEFAULT, Config

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from s3open.naming import Name


@total_ordering
class PureS3Path:
    """A name on S3, as `S3Path` has it."""

    __slots__ = ("_config", "_location")

    def __init__(self, name: Name, *parts: Name, config: Config | None = None) -> None:
        if config is None:
            config = name.config if isinstance(name, PureS3Path) else DEFAULT
        if not isinstance(config, Config):
            raise TypeError(f"config has to be a Config, not {type(config).__name__}")
        given = [text for text in map(naming.text, parts) if text]
        uri = naming.join(name, *given) if given else naming.text(name)
        location = locations.parse(uri)
        if location is None:
            scheme = locations.scheme(uri)
            # Of a URI not all is shown: there may be a password in it.
            shown = f"{scheme}://..." if scheme else repr(uri)
            raise ValueError(f"an S3Path begins with s3://, not as {shown}")
        self._location = location
        self._config = config

    @property
    def uri(self) -> str:
        """The name, as it was given."""
        return self._location.uri

    @property
    def bucket(self) -> str:
        """The bucket, or the ARN of the access point that stands for one."""
        return self._location.bucket

    @property
    def key(self) -> str:
        """What follows the bucket's slash, all of it."""
        return self._location.key

    @property
    def config(self) -> Config:
        """How the store is reached."""
        return self._config

    @property
    def parts(self) -> tuple[str, ...]:
        """The bucket with its slash, and the names between the key's slashes."""
        return (naming.join(self.uri, "/"), *_names(self.key))

    @property
    def name(self) -> str:
        """The last part, "" of a bucket."""
        names = _names(self.key)
        return names[-1] if names else ""

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return self._name.stem or self.name

    @property
    def suffix(self) -> str:
        """The last extension of the name, with its dot."""
        return self._name.suffix

    @property
    def suffixes(self) -> list[str]:
        """All extensions of the name."""
        return self._name.suffixes

    @property
    def parent(self) -> Self:
        """What it is in; a bucket is in itself."""
        root, *names = self.parts
        if len(names) < 2:
            return self._at(root.removesuffix("/"))
        # One without a name needs its slash, else it were the one that it is in.
        end = "" if names[-2] else "/"
        return self._at(root + "/".join(names[:-1]) + end)

    @property
    def parents(self) -> tuple[Self, ...]:
        """What it is in, what that is in, and so on up to the bucket."""
        found: list[Self] = []
        last = self
        while last.key:
            last = last.parent
            found.append(last)
        return tuple(found)

    def joinpath(self, *parts: Name) -> Self:
        """Return the path of *parts* below this one.

        A part that begins with a slash replaces the key; one that is a URI is a
        ValueError.
        """
        return type(self)(self, *parts)

    def __truediv__(self, part: Name) -> Self:
        if naming.spelled(part) is None:
            return NotImplemented
        return self.joinpath(part)

    def with_name(self, name: str) -> Self:
        """Return the path with another last part."""
        if not self.name:
            raise ValueError(f"{self!r} has an empty name")
        if not name or "/" in name:
            raise ValueError(f"Invalid name {name!r}")
        uri = self._bare
        return self._at(uri[: len(uri) - len(self.name)] + name)

    def with_stem(self, stem: str) -> Self:
        """Return the path with another stem, and the same suffix."""
        return self.with_name(stem + self.suffix)

    def with_suffix(self, suffix: str) -> Self:
        """Return the path with another suffix; "" takes it away."""
        if not self._name.name:
            raise ValueError(f"{self!r} has an empty name")
        return self.with_name(self._name.with_suffix(suffix).name)

    def is_relative_to(self, other: Name) -> bool:
        """Whether it is below *other*, or is *other*."""
        return self._below(other) is not None

    def relative_to(self, other: Name) -> str:
        """Return what joined to *other* is this path again.

        That is a str, for a path of pathlib would take it for another name (``a//b``).
        ValueError if it is not below *other*, or if a slash would come first.
        """
        found = self._below(other)
        if found is None:
            raise ValueError(f"{self.uri!r} is not below {naming.text(other)!r}")
        if found.startswith("/"):
            # Joined to anything, it would replace it.
            raise ValueError(f"a part without a name comes first: {found!r}")
        return found

    def full_match(self, pattern: str) -> bool:
        """Whether all of the key matches *pattern*, or of the name, if that is a URI.

        ``*``, ``?``, ``[a-z]`` and ``[!a]`` match within a part; a part ``**`` matches
        any number of parts.
        """
        at = locations.parse(pattern)
        if at is not None and at.bucket != self.bucket:
            return False
        patterns = _names(pattern if at is None else at.key)
        names = _names(self.key)
        # How many parts may be matched by what of the pattern was looked at.
        matched = {0}
        for each in patterns:
            if each == "**":
                matched = set(
                    range(min(matched, default=len(names) + 1), len(names) + 1)
                )
            else:
                matches = _matcher(each)
                matched = {
                    count + 1
                    for count in matched
                    if count < len(names) and matches(names[count])
                }
        return len(names) in matched

    def match(self, pattern: str) -> bool:
        """Whether the last parts match *pattern*, or the whole name, if it is a URI.

        ``**`` is as ``*``.
        """
        if locations.parse(pattern) is not None:
            return self.full_match(pattern)
        patterns, names = _names(pattern), _names(self.key)
        if not patterns:
            raise ValueError("empty pattern")
        last = names[-len(patterns) :]
        return len(last) == len(patterns) and all(
            _matcher(each)(name) for each, name in zip(patterns, last, strict=True)
        )

    def __uri__(self) -> str:
        return self.uri

    def __str__(self) -> str:
        return self.uri

    def __repr__(self) -> str:
        config = "" if self._config == DEFAULT else f", config={self._config!r}"
        return f"{type(self).__name__}({self.uri!r}{config})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PureS3Path):
            return NotImplemented
        return self._identity() == other._identity()

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, PureS3Path):
            return NotImplemented
        return (self.bucket, self.key) < (other.bucket, other.key)

    def __hash__(self) -> int:
        return hash((self.bucket, self.key))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        config = None if self._config == DEFAULT else self._config
        return _made, (type(self), self.uri, config)

    def _identity(self) -> tuple[object, ...]:
        config = self._config
        return self.bucket, self.key, config.connection(), config.client

    @property
    def _bare(self) -> str:
        """The URI without the slash at its end, if it is the key's."""
        return self.uri.removesuffix("/") if self.key else self.uri

    @property
    def _name(self) -> PurePosixPath:
        """The name, for pathlib to take apart."""
        return PurePosixPath("/", self.name)

    def _at(self, uri: str) -> Self:
        """Return another path in the same store."""
        return type(self)(uri, config=self._config)

    def _below(self, other: Name) -> str | None:
        """Return what of the key is behind that of *other*, None if nothing can be."""
        base = PureS3Path(other)
        prefix = base.key and base.key.removesuffix("/") + "/"
        if self.bucket != base.bucket:
            return None
        if self.key.startswith(prefix):
            return self.key[len(prefix) :]
        return "" if self.key + "/" == prefix else None


def _made(kind: type[PureS3Path], uri: str, config: Config | None) -> PureS3Path:
    return kind(uri, config=config)


def _names(key: str) -> list[str]:
    """Return what is between the slashes of a key, but for one at its end."""
    return key.removesuffix("/").split("/") if key else []


def _matcher(pattern: str) -> Callable[[str], object]:
    return re.compile(fnmatch.translate(pattern)).match
