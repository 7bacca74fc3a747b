"""A small file put in its place at once: whole, or not at all.

What `transfers.landing` does for large files, in fewer calls of the system. The bytes
are here already, so the file beside the target lives for a moment only; it is made with
the mode that new files have, for only the system knows which that is.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from s3open.stores import folders
from s3open.transfers import landing

if TYPE_CHECKING:
    from s3open.contract import ObjectInfo

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_USUAL = 0o666
_PRIVATE = 0o600


def put_in_place(
    target: str, data: memoryview, info: ObjectInfo, *, overwrite: bool
) -> None:
    """Have *target* be *data*, with the time and the mode that *info* tells.

    Its directory is made if need be. FileExistsError if there is something that is not
    to be overwritten; pipes and devices never are. Errors have *target* as filename.
    """
    check_replaceable(target)
    temporary = landing.beside(target)
    try:
        kept = folders.permissions(info.metadata) is not None
        _write(temporary, data, _PRIVATE if kept else _USUAL)
        try:
            give_times(temporary, info)
            if overwrite:
                os.replace(temporary, target)
            else:
                landing.publish_as_first(temporary, target)
                with suppress(FileNotFoundError):
                    os.unlink(temporary)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        error.filename, error.filename2 = target, None
        raise


def check_replaceable(target: str) -> None:
    """Raise OSError if there is a directory, or anything else that is no file.

    A device that is replaced by a file is gone, and with it what others do with it.
    """
    try:
        mode = os.lstat(target).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), target)
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        raise OSError(errno.EINVAL, "Not a regular file", target)


def give_times(path: str, info: ObjectInfo) -> None:
    """Give a file the time and the mode that were put down with the object.

    One that has no time gets that of the object itself, by which a later comparison
    knows it again.
    """
    if info.metadata:
        folders.restore(path, info.metadata)
    if info.last_modified is not None and folders.modified(info.metadata) is None:
        moment = round(info.last_modified.timestamp() * 1e9)
        os.utime(path, ns=(moment, moment))


def remove_copied(root: str, path: str, status: os.stat_result) -> None:
    """Remove a file that was copied, if it still is what *status* says.

    Raises OSError ESTALE if it is not. Of a link the link is removed, and what is
    behind a link to a directory stays: it is not what is below *root*.
    """
    if is_behind_link(root, path):
        return
    now = os.stat(path)
    if _identity(now) != _identity(status):
        message = "it was changed while it was being moved: it was only copied"
        raise OSError(errno.ESTALE, message, path)
    os.unlink(path)


def is_behind_link(root: str, path: str) -> bool:
    """Whether a link leads to what is at *path*, from somewhere below *root*.

    Then it is in another directory, which *path* does not spell. (It may be a link
    itself, and so may *root*.)
    """
    start = os.path.join(root, "")
    if not path.startswith(start):
        return False
    below = os.path.dirname(path[len(start) :])
    spelled = os.path.join(os.path.realpath(root), below) if below else None
    return spelled is not None and os.path.realpath(start + below) != spelled


def make_parent(path: str) -> None:
    """Make the directory that *path* is to be in."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _write(path: str, data: memoryview, mode: int) -> None:
    try:
        descriptor = os.open(path, _FLAGS, mode)
    except FileNotFoundError:
        # Not asked for before: nearly always it is there.
        make_parent(path)
        descriptor = os.open(path, _FLAGS, mode)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except BaseException:
        with suppress(OSError):
            os.unlink(path)
        raise
    finally:
        os.close(descriptor)
