"""A store as an object: `open` with settings of its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from s3open.config import DEFAULT, Config
from s3open.opening import open as _open

if TYPE_CHECKING:
    import os
    from typing import IO

    from s3open.files import Info
    from s3open.files.signature import Open


class FileSystem:
    """S3, reached with one configuration. Immutable, thread-safe, cheap to make.

    ``FileSystem(profile="backup").open(...)`` is ``open(..., config=Config(
    profile="backup"))``. Pickles where its configuration does.

    Args:
        config: the configuration; excludes *settings*.
        settings: those of `Config`.
    """

    def __init__(self, config: Config | None = None, **settings: Any) -> None:
        if config is not None and settings:
            raise TypeError("FileSystem takes a Config or settings, not both")
        self._config = config or (Config(**settings) if settings else DEFAULT)

    @property
    def config(self) -> Config:
        """The configuration."""
        return self._config

    @property
    def open(self) -> Open:
        """Open a file; see `s3open.open`."""
        return cast("Open", partial(_open, config=self.config))

    def upload(
        self,
        file: str | bytes | os.PathLike[Any] | IO[bytes],
        uri: str | bytes | os.PathLike[Any],
        start: int = 0,
        end: int | None = None,
        **options: Any,
    ) -> Info:
        """Publish a file, or a window of it; see `s3open.upload`."""
        from s3open import transfers

        overwrite = options.pop("overwrite", True)
        return transfers.upload(
            file, uri, (start, end), self._config, options, overwrite=overwrite
        )

    def download(
        self,
        uri: str | bytes | os.PathLike[Any],
        file: str | bytes | os.PathLike[Any] | IO[bytes],
        byte_range: tuple[int, int | None] | range | None = None,
        **options: Any,
    ) -> Info:
        """Have a file be what is at *uri*; see `s3open.download`."""
        from s3open import transfers

        overwrite = options.pop("overwrite", True)
        if byte_range is not None:
            options["byte_range"] = byte_range
        return transfers.download(uri, file, self._config, options, overwrite=overwrite)

    def __repr__(self) -> str:
        return f"FileSystem({self.config!r})"
