"""Whether two files of the same size are the same, as far as a listing tells.

Nothing is asked for here, and no file is read: what is left open is looked into by
`comparing`. The rule of ``auto`` never takes a file that was changed for one that was
not, as comparing times of the last change does when older files are put in the place
of newer ones:

- To S3: an object that was written after the file was last touched has what the file
  has. Touched is when its bytes, its name or its inode were: the system keeps that
  time, which nobody can set, and that of directories that were renamed, and of links
  that lead to it. Clocks may differ by `CLOCKS` seconds.
- From S3: a file that has, to the second, the time of the object was downloaded from
  it and not changed since. (Downloads are given that time, where an object has no other
  one kept in its metadata.)
- Within S3: objects with one ETag have the same bytes.
- On this machine: files with one time do, to the nanosecond, if the one was not touched
  since the other was made. (Tools set times, all to the same one, too.)
"""

from __future__ import annotations

import os
import stat
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from s3open.trees.comparing import seconds

if TYPE_CHECKING:
    from s3open.contract import Entry
    from s3open.trees.places import Place

CLOCKS = 60.0
# There the time of a status is that of the file's creation.
_NO_TOUCH = sys.platform == "win32"


class Obvious:
    """What is obvious of files below *source* and *target*. For one thread."""

    def __init__(self, source: Place, target: Place, compare: str) -> None:
        self._source = source
        self._target = target
        self._compare = compare
        # Names come in order, so a directory is asked for once.
        self._renamed = lru_cache(maxsize=64)(self._renaming)

    def same(self, name: str, source: Entry, target: Entry) -> bool | None:
        """Whether both are the same, None if it has to be looked into."""
        if source.size != target.size:
            return False
        if self._compare in ("size", "checksum"):
            return True if self._compare == "size" else None
        if self._source.remote:
            if self._target.remote:
                return self._same_objects(source, target)
            return self._same_as_object(target, source)
        if self._target.remote:
            return self._written_later(name, target)
        return self._same_files(name)

    def _same_objects(self, source: Entry, target: Entry) -> bool | None:
        if source.etag is not None and source.etag == target.etag:
            return True
        if self._compare == "mtime":
            return seconds(target.last_modified) >= seconds(source.last_modified)
        return None

    def _same_as_object(self, file: Entry, found: Entry) -> bool | None:
        moment = found.last_modified
        same = moment is not None and moment == file.last_modified
        return True if same else None

    def _written_later(self, name: str, target: Entry) -> bool | None:
        unknown = _NO_TOUCH or target.last_modified is None
        if unknown or self._compare == "mtime":
            return None
        path = self._source.local(name)
        status = os.stat(path)
        touched = max(status.st_mtime, self._touched(path, status))
        return True if touched + CLOCKS < seconds(target.last_modified) else None

    def _same_files(self, name: str) -> bool | None:
        path = self._source.local(name)
        here, there = os.stat(path), os.stat(self._target.local(name))
        if here.st_mtime_ns != there.st_mtime_ns:
            return None
        if _NO_TOUCH or self._compare == "mtime":
            return True
        return True if self._touched(path, here) < there.st_ctime else None

    def _touched(self, path: str, status: os.stat_result) -> float:
        """Return when a file was touched, or a folder that it is in was renamed."""
        folder = path[: path.rfind("/") + 1]
        return max(status.st_ctime, _linked(path), self._renamed(folder))

    def _renaming(self, folder: str) -> float:
        """Return when *folder*, or one above it, was renamed, as far as that shows.

        That changes its inode, but not what is in it; what comes later hides it.
        """
        status = os.stat(folder or ".")
        renamed = status.st_ctime if status.st_ctime > status.st_mtime else 0.0
        root = self._source.path
        above = folder[: folder.rfind("/", 0, -1) + 1]
        if len(folder) > len(root):
            return max(renamed, _linked(folder[:-1]), self._renamed(above))
        while folder.rstrip("/"):
            renamed = max(renamed, _linked(folder.rstrip("/")))
            folder = folder[: folder.rfind("/", 0, -1) + 1]
        return renamed


def _linked(path: str) -> float:
    """Return when the link at *path* was made, if it is one: it may be another now."""
    status = os.lstat(path)
    return status.st_ctime if stat.S_ISLNK(status.st_mode) else 0.0
