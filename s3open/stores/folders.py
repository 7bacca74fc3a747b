"""Files of this machine, listed and told as those of a store are.

A folder is listed in the order that its files would have as keys, so that both sides of
a comparison can be read side by side: by the bytes of the names, a directory being
``name/``. One folder at a time is read and sorted, and those above it wait.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from contextlib import suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from s3open.contract import Entry
from s3open.stores.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    OnError: TypeAlias = Callable[[OSError], None]

_SECOND = 10**9
_MTIME = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,9})[0-9]*)?")
_MODE = re.compile(r"[0-9]{1,7}")
# There is nothing to be listed: nobody has to be told, if nobody asks.
_NOTHING = {errno.ENOENT, errno.ELOOP, errno.EINVAL}
# What a file system says that keeps no modes, or none of ours.
_NO_MODES = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
_PERMISSIONS = 0o777


def entries(
    path: str,
    *,
    recursive: bool = True,
    follow_links: bool = True,
    as_they_are: bool = False,
    on_error: OnError | None = None,
) -> Iterator[Entry]:
    """Yield the files in the folder *path*, or below it if *recursive*.

    They come in the order of their names' bytes, which for names that are not UTF-8 is
    that of `os.fsencode`. Those starting with a dot come, too; folders only if they are
    not walked into. A link is what it leads to, or left out if links are not followed;
    one that leads back to where it is in is not followed. If files are yielded
    *as_they_are*, a link is a file of its own, wherever it leads, and so is a pipe.

    What cannot be listed does not end it, but is told *on_error* with its path as
    ``filename``: a pipe, socket or device (EINVAL), a link that leads nowhere or back,
    a file that is gone by now; and what may not be looked at, which without *on_error*
    is raised. Raises what `os.scandir` raises for *path* itself.
    """
    walk = _Walk(follow_links, as_they_are, on_error)
    stack = [walk.top(path)]
    while stack:
        folder = stack[-1]
        if not folder.names:
            stack.pop()
            continue
        name = folder.names.pop()
        if not name.endswith(b"/"):
            entry = walk.file(folder, name)
            if entry is not None:
                yield entry
        elif not recursive:
            yield Entry(os.fsdecode(folder.prefix + name))
        else:
            below = walk.below(stack, name)
            if below is not None:
                stack.append(below)


class _Folder(NamedTuple):
    """A folder that is being listed: what is still to come of it, the next one last."""

    path: bytes
    prefix: bytes
    identity: tuple[int, int] | None
    names: list[bytes]


class _Walk:
    """How folders are read, and who is told what cannot be."""

    def __init__(
        self, follow_links: bool, as_they_are: bool, on_error: OnError | None
    ) -> None:
        self._follow_links = follow_links or as_they_are
        self._as_they_are = as_they_are
        self._on_error = on_error

    def top(self, path: str) -> _Folder:
        encoded = os.fsencode(path)
        try:
            # A link that is named is meant to be followed.
            identity, names = self._identity(encoded), self._names(encoded)
        except OSError as error:
            raise _decoded(error) from None
        return _Folder(os.path.join(encoded, b""), b"", identity, names)

    def below(self, stack: list[_Folder], name: bytes) -> _Folder | None:
        """Return the folder *name* of the last one on *stack*, None if it is told."""
        above = stack[-1]
        path = above.path + name
        try:
            identity = self._identity(path)
            if identity and any(folder.identity == identity for folder in stack):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path[:-1])
            return _Folder(path, above.prefix + name, identity, self._names(path))
        except OSError as error:
            self._tell(error)
            return None

    def file(self, folder: _Folder, name: bytes) -> Entry | None:
        """Return what is told of a file, None if there is none."""
        path = folder.path + name
        try:
            found = os.lstat(path) if self._as_they_are else os.stat(path)
            if not (self._as_they_are or stat.S_ISREG(found.st_mode)):
                raise OSError(errno.EINVAL, "Not a regular file", path)
        except OSError as error:
            self._tell(error)
            return None
        entry = os.fsdecode(folder.prefix + name)
        return Entry(entry, found.st_size, _moment(found.st_mtime))

    def _names(self, path: bytes) -> list[bytes]:
        """Return what is in a folder, in reverse order; folders end with a slash."""
        names = []
        with os.scandir(path) as found:
            for item in found:
                if not self._follow_links and item.is_symlink():
                    continue
                try:
                    is_folder = item.is_dir(follow_symlinks=not self._as_they_are)
                except OSError as error:
                    self._tell(error)
                    continue
                names.append(item.name + b"/" if is_folder else item.name)
        names.sort(reverse=True)
        return names

    def _identity(self, path: bytes) -> tuple[int, int] | None:
        """Return what tells a folder from all others, None where nobody asks."""
        if not self._follow_links:
            return None
        found = os.stat(path)
        return found.st_dev, found.st_ino

    def _tell(self, error: OSError) -> None:
        if self._on_error is not None:
            self._on_error(_decoded(error))
        elif error.errno not in _NOTHING:
            raise _decoded(error)


def _decoded(error: OSError) -> OSError:
    """Return *error* with a name that is text, without a slash at its end."""
    if isinstance(error.filename, bytes):
        error.filename = os.fsdecode(error.filename.rstrip(b"/") or b"/")
    return error


def _moment(seconds: float) -> datetime | None:
    """Return a time in UTC, None if it is out of all bounds."""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return None


def status(path: str) -> Status:
    """Return what is known of a file or folder; raises what `os.stat` raises."""
    found = os.stat(path)
    return Status(
        uri=path,
        st_size=found.st_size,
        st_mtime=found.st_mtime,
        st_mode=found.st_mode,
        last_modified=_moment(found.st_mtime),
    )


def remove_tree(path: str, *, on_error: OnError | None = None) -> None:
    """Remove a folder and all that is in it; links themselves, not what they lead to.

    The first error is raised; with *on_error* each is told, and the rest goes on.
    Raises NotADirectoryError for a file, and OSError for a link to a folder.
    """
    import shutil

    if on_error is None:
        shutil.rmtree(path)
        return
    told = False

    def tell(function: object, name: str, error: Any) -> None:
        nonlocal told
        # That it is not empty is what comes of the errors below.
        if not told or error.errno != errno.ENOTEMPTY:
            on_error(error)
        told = True

    if sys.version_info >= (3, 12):
        shutil.rmtree(path, onexc=tell)
    else:
        shutil.rmtree(path, onerror=lambda *what: tell(what[0], what[1], what[2][1]))


def describe(path: str) -> dict[str, str]:
    """Return what `described` does, of the file at *path*."""
    return described(os.stat(path))


def described(found: os.stat_result) -> dict[str, str]:
    """Return the metadata that keep a file's time and mode.

    ``mtime`` in seconds since 1970, to the nanosecond, and ``mode`` in octal digits,
    with the file's kind: as rclone has them.
    """
    sign = "-" if found.st_mtime_ns < 0 else ""
    seconds, rest = divmod(abs(found.st_mtime_ns), _SECOND)
    mtime = f"{sign}{seconds}.{rest:09}".rstrip("0").rstrip(".")
    return {"mtime": mtime, "mode": f"{found.st_mode:o}"}


def modified(metadata: Mapping[str, str]) -> int | None:
    """Return the time that `describe` has put down, in nanoseconds, None if none is."""
    found = _MTIME.fullmatch(metadata.get("mtime", ""))
    if found is None:
        return None
    sign, seconds, rest = found.groups(default="")
    return int(f"{sign}{seconds}{rest:0<9}")


def restore(path: str, metadata: Mapping[str, str]) -> None:
    """Give a file the time and the mode that *metadata* keep, as far as they do.

    A mode may also be in decimal digits, as s3fs-fuse has it; only the permissions of
    it are taken, so that no download makes a program run as somebody else. What others
    have put there that makes no sense is left alone, and so are modes where the file
    system keeps none.
    """
    mode = permissions(metadata)
    if mode is not None:
        try:
            os.chmod(path, mode)
        except OSError as error:
            if error.errno not in _NO_MODES:
                raise
    time = modified(metadata)
    if time is not None:
        os.utime(path, ns=(os.stat(path).st_atime_ns, time))


def permissions(metadata: Mapping[str, str]) -> int | None:
    """Return those that `describe` has put down, None if none are.

    Of the mode of a regular file, in octal or decimal digits.
    """
    text = metadata.get("mode", "")
    if not _MODE.fullmatch(text):
        return None
    for base in (8, 10):
        with suppress(ValueError):
            mode = int(text, base)
            # Only one of them is that of a regular file.
            if mode & ~0o7777 == stat.S_IFREG:
                return mode & _PERMISSIONS
    return None
