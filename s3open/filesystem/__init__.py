"""A store as an object: `open`, and all there is next to it, with one configuration.

A class of several parts, a module each, by what is asked for. Their methods are short:
they read the names, and say who is to do it, on S3 or on this machine. What is dear is
imported when it is needed.
"""

from __future__ import annotations

from typing import Any

from s3open.config import DEFAULT, Config
from s3open.filesystem.contents import Contents
from s3open.filesystem.listing import Listing
from s3open.filesystem.status import Telling
from s3open.filesystem.temporary import Temporary
from s3open.filesystem.versions import Versions

__all__ = ["FileSystem"]


class FileSystem(Telling, Listing, Contents, Versions, Temporary):
    """S3, reached with one configuration. Immutable, thread-safe, cheap to make.

    ``FileSystem(profile="backup").open(...)`` is ``open(..., config=Config(
    profile="backup"))``. Pickles where its configuration does. All methods take names
    of S3 and of this machine: str, bytes, PathLike, `S3Path`.

    Args:
        config: the configuration; excludes *settings*.
        settings: those of `Config`.
    """

    def __init__(self, config: Config | None = None, **settings: Any) -> None:
        if config is not None and settings:
            raise TypeError("FileSystem takes a Config or settings, not both")
        super().__init__(config or (Config(**settings) if settings else DEFAULT))
