"""A bucket that looks like a directory: what `os` does to a name, done to a key.

S3 has no directories, modes or times to set; those are remembered here, so that the
tests get as far as their files. What it has no likeness of (links, fifos) is not there,
as on a platform without it.
"""

from __future__ import annotations

import errno
import os
import posixpath
import re
import stat
import time
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from s3open.testing import S3Server
    from s3open.testing.store import StoredObject

NAME = "cpython"
ROOT = f"s3://{NAME}"

# pathlib makes one slash of two.
_OURS = re.compile(rf"s3:/{{1,2}}{NAME}(?=/|$)")


def uri_of(name: object) -> str | None:
    """Return the URI that *name* stands for, None if it is a local name."""
    if isinstance(name, os.PathLike):
        name = os.fspath(name)
    text = os.fsdecode(name) if isinstance(name, (str, bytes)) else ""
    match = _OURS.match(text)
    return ROOT + text[match.end() :] if match else None


class Bucket:
    """The names below `ROOT`, on *server*, which the URIs of all methods are of."""

    def __init__(self, server: S3Server) -> None:
        self._server = server
        self._folders = {ROOT}
        # What was set, by URI: a mode, and a time with the object that it was set for.
        self._modes: dict[str, int] = {}
        self._times: dict[str, tuple[StoredObject | None, float]] = {}
        self._born = time.time()
        server.create_bucket(NAME)

    def state(self) -> tuple[set[str], set[str]]:
        """Return the folders and the keys that there are."""
        return set(self._folders), set(self._server.keys(NAME))

    def restore(self, state: tuple[set[str], set[str]]) -> None:
        """Remove what has come since *state* was."""
        folders, keys = state
        self._folders &= folders
        for key in set(self._server.keys(NAME)) - keys:
            self._server.delete(NAME, key)

    def put(self, uri: str, data: bytes) -> None:
        self._server.put(NAME, _key(uri), data)

    def stat(self, uri: str) -> os.stat_result:
        uri = _clean(uri)
        if uri in self._folders:
            _, moment = self._times.get(uri, (None, self._born))
            return _status(uri, stat.S_IFDIR | self._modes.get(uri, 0o755), 0, moment)
        found = self._head(uri)
        if found is None:
            raise _error(errno.ENOENT, uri)
        of, instead = self._times.get(uri, (None, 0.0))
        moment = instead if of is found else found.modified
        mode = stat.S_IFREG | self._modes.get(uri, 0o644)
        return _status(uri, mode, found.size, moment)

    def unlink(self, uri: str) -> None:
        uri = _clean(uri)
        if uri in self._folders:
            raise _error(errno.EISDIR, uri)
        if self._head(uri) is None:
            raise _error(errno.ENOENT, uri)
        self._server.delete(NAME, _key(uri))
        self._modes.pop(uri, None)

    def mkdir(self, uri: str, mode: int = 0o777) -> None:
        uri = _clean(uri)
        if uri in self._folders or self._head(uri) is not None:
            raise _error(errno.EEXIST, uri)
        if posixpath.dirname(uri) not in self._folders:
            raise _error(errno.ENOENT, uri)
        self._folders.add(uri)
        self._modes[uri] = mode & ~0o022

    def rmdir(self, uri: str) -> None:
        if self.listdir(uri):
            raise _error(errno.ENOTEMPTY, uri)
        self._folders.discard(_clean(uri))
        self._modes.pop(_clean(uri), None)

    def rmtree(self, uri: str) -> None:
        """Remove the folder *uri* and what is in it."""
        for name in self.listdir(uri):
            below = f"{_clean(uri)}/{name}"
            if below in self._folders:
                self.rmtree(below)
            else:
                self.unlink(below)
        self.rmdir(uri)

    def listdir(self, uri: str) -> list[str]:
        uri = _clean(uri)
        if uri not in self._folders:
            raise _error(
                errno.ENOENT if self._head(uri) is None else errno.ENOTDIR, uri
            )
        keys = (f"{ROOT}/{key}" for key in self._server.keys(NAME))
        below = [name for name in (*keys, *self._folders) if name.startswith(uri + "/")]
        return sorted({name[len(uri) + 1 :].partition("/")[0] for name in below})

    def scandir(self, uri: str, spelled: str) -> Entries:
        """List the folder *uri*, which the caller has *spelled* in his way."""
        folder = _clean(spelled)
        return Entries([Entry(self, folder, name) for name in self.listdir(uri)])

    def rename(self, source: str, target: str) -> None:
        source, target = _clean(source), _clean(target)
        if source in self._folders:
            raise _error(errno.EISDIR, source)
        mode = self.stat(source).st_mode
        self.put(target, self._server.read(NAME, _key(source)))
        self.unlink(source)
        self.chmod(target, mode)

    def chmod(self, uri: str, mode: int) -> None:
        self._modes[_clean(uri)] = stat.S_IMODE(mode)

    def utime(self, uri: str, moment: float | None) -> None:
        found = self._head(_clean(uri))
        if moment is not None:
            self._times[_clean(uri)] = (found, moment)

    def _head(self, uri: str) -> StoredObject | None:
        try:
            return self._server.head(NAME, _key(uri))
        except KeyError:
            return None


class Entry:
    """What `os.scandir` tells of one name."""

    def __init__(self, bucket: Bucket, folder: str, name: str) -> None:
        self._bucket = bucket
        self.name = name
        self.path = f"{folder}/{name}"

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        return self._bucket.stat(uri_of(self.path) or self.path)

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return stat.S_ISDIR(self.stat().st_mode)

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return not self.is_dir()

    def is_symlink(self) -> bool:
        return False

    def is_junction(self) -> bool:
        return False

    def inode(self) -> int:
        return self.stat().st_ino

    def __fspath__(self) -> str:
        return self.path


class Entries:
    """What `os.scandir` returns."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = iter(entries)

    def __iter__(self) -> Iterator[Entry]:
        return self._entries

    def __next__(self) -> Entry:
        return next(self._entries)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._entries = iter(())


def _clean(uri: str) -> str:
    return uri.rstrip("/")


def _key(uri: str) -> str:
    return uri[len(ROOT) + 1 :]


def _error(number: int, uri: str) -> OSError:
    return OSError(number, os.strerror(number), uri)


def _status(uri: str, mode: int, size: int, moment: float) -> os.stat_result:
    inode, user, group = zlib.crc32(uri.encode()), os.getuid(), os.getgid()
    whole = (mode, inode, 1, 1, user, group, size, *[int(moment)] * 3)
    exact: dict[str, Any] = {}
    for name in ("st_atime", "st_mtime", "st_ctime"):
        exact[name], exact[f"{name}_ns"] = moment, int(moment * 1e9)
    exact["st_blksize"], exact["st_blocks"] = 4096, -(-size // 512)
    return os.stat_result(whole, exact)
