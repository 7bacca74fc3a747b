"""Where a download lands: a file next to its target, which it replaces in the end.

Nobody but the user can read it until it is whole; then it has the mode that a new file
has. A link is followed, as `open` follows it.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress

# Of the target's name, so much is in the name of the file beside it: 255 bytes are
# what file systems allow.
_SHOWN = 100


class Landing:
    """A file that becomes *target*. Safe from any thread.

    FileNotFoundError, PermissionError and the like, with *target* as filename, if there
    can be none. *temporary* is the name of one that an earlier process has left.
    """

    def __init__(self, target: str, temporary: str | None = None) -> None:
        self.target = target
        self.temporary = temporary or beside(target)
        flags = os.O_RDWR | os.O_NOFOLLOW
        if temporary is None:
            flags |= os.O_CREAT | os.O_EXCL
        try:
            self._descriptor = os.open(self.temporary, flags, 0o600)
        except OSError as error:
            error.filename = target
            raise

    def read_at(self, offset: int, view: memoryview) -> int:
        """Fill *view* from *offset*, up to the end; return how much."""
        done = 0
        while count := os.preadv(self._descriptor, [view[done:]], offset + done):
            done += count
        return done

    def write_at(self, offset: int, view: memoryview) -> None:
        """Write all of *view* at *offset*."""
        try:
            while view:
                count = os.pwrite(self._descriptor, view, offset)
                view = view[count:]
                offset += count
        except OSError as error:
            error.filename = self.target
            raise

    def publish(self, size: int, *, overwrite: bool) -> None:
        """Make it the target, *size* bytes long, all at once.

        FileExistsError if there is one that is not to be overwritten.
        """
        os.ftruncate(self._descriptor, size)
        os.fchmod(self._descriptor, self._usual_mode())
        try:
            if overwrite:
                os.replace(self.temporary, self.target)
            else:
                publish_as_first(self.temporary, self.target)
        except OSError as error:
            error.filename, error.filename2 = self.target, None
            raise

    def close(self, *, keep: bool = False) -> None:
        """Let go of it; the name beside the target stays only if *keep*."""
        os.close(self._descriptor)
        if not keep:
            with suppress(OSError):
                os.unlink(self.temporary)

    def _usual_mode(self) -> int:
        """Return the mode that new files have here; only the system knows it."""
        probe = f"{self.temporary}-mode"
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        descriptor = os.open(probe, flags, 0o666)
        try:
            return stat.S_IMODE(os.fstat(descriptor).st_mode)
        finally:
            os.close(descriptor)
            os.unlink(probe)


def checked(path: str, *, overwrite: bool) -> str:
    """Return where *path* leads, if a file may be put there.

    Raises IsADirectoryError, FileNotFoundError (there is no such folder) and
    FileExistsError.
    """
    target = os.path.realpath(path)
    if os.path.isdir(target) or path.endswith(("/", os.sep)) or not path:
        number = errno.EISDIR if path else errno.ENOENT
        raise OSError(number, os.strerror(number), path)
    if not os.path.isdir(os.path.dirname(target)):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    if not overwrite and os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    return target


def is_special(path: str) -> bool:
    """Whether *path* is a pipe, a terminal or the like: nothing to be replaced."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return False


def beside(target: str) -> str:
    """Return the name of a new file next to *target*, which is to become that."""
    folder, slash, name = target.rpartition("/")
    if len(name) > _SHOWN // 4:
        name = os.fsdecode(os.fsencode(name)[:_SHOWN])
    return f"{folder}{slash}.{name}.{secrets.token_hex(6)}.s3open"


def publish_as_first(temporary: str, target: str) -> None:
    """Have the file *temporary* be *target*; FileExistsError if there is one.

    It may keep its own name, too.
    """
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links: the name is taken first, and then replaced.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(target)
            raise
