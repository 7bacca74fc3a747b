"""What all methods begin with: a configuration, and a name that is read."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from s3open import location as locations
from s3open import naming

if TYPE_CHECKING:
    from s3open.config import Config
    from s3open.location import Location
    from s3open.naming import Name


class Configured:
    """What reaches the store with one configuration."""

    def __init__(self, config: Config) -> None:
        self._config = config

    @property
    def config(self) -> Config:
        """The configuration."""
        return self._config

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.config!r})"


def place(name: Name) -> Location | str:
    """Return where *name* is on S3, or the path that it spells.

    Raises ValueError for a malformed name.
    """
    text = naming.text(name)
    return locations.parse(text) or locations.local_path(text)


def within(at: Location) -> Location:
    """Return *at* as a directory: what all keys in it begin with."""
    if at.is_directory_like:
        return at
    return replace(at, key=at.key + "/")


def check_no_version(version: object) -> None:
    """Raise ValueError if a *version* is wanted of a file of this machine."""
    if version is not None:
        raise ValueError("a file of this machine has no versions")


def local_error(number: int, path: str) -> OSError:
    """Return the error that the system has for *path*."""
    return OSError(number, os.strerror(number), path)


def is_a_directory(path: str) -> OSError:
    """Return the error for a directory where a file is needed."""
    return local_error(errno.EISDIR, path)


def root(at: Location) -> str:
    """Return what the URIs of *at*'s bucket begin with, spelled as *at* is."""
    spelling = at.uri[: len(at.uri) - len(at.key)] if at.key else at.uri
    return spelling if spelling.endswith("/") else spelling + "/"
