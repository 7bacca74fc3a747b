"""A store as an object: `open` with settings of its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from s3open.config import DEFAULT, Config
from s3open.opening import open as _open

if TYPE_CHECKING:
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

    def __repr__(self) -> str:
        return f"FileSystem({self.config!r})"
