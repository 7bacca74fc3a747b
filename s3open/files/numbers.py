"""Offsets as the program gives them, refused as the system would."""

from __future__ import annotations

import errno
import operator
import os

_SEEK_DATA = getattr(os, "SEEK_DATA", 3)
_SEEK_HOLE = getattr(os, "SEEK_HOLE", 4)


def span(offset: int, length: int) -> range:
    """Return the bytes of a range that the program asks for; ValueError for others."""
    if offset < 0 or length < 0:
        raise ValueError(f"not a range of bytes: {(offset, length)}")
    return range(offset, offset + length)


def c_long(number: int) -> int:
    """Return *number*, refused as the system call below ``io.FileIO`` refuses it."""
    number = operator.index(number)
    if not -(1 << 63) <= number < 1 << 63:
        raise OverflowError("Python int too large to convert to C long")
    return number


def position(offset: int, whence: int, current: int, size: int) -> int:
    """Return where a seek leads in a file of *size* bytes; it may be negative."""
    offset = c_long(offset)
    if whence == os.SEEK_SET:
        return offset
    if whence == os.SEEK_CUR:
        return c_long(current + offset)
    if whence == os.SEEK_END:
        return c_long(size + offset)
    if whence in (_SEEK_DATA, _SEEK_HOLE):
        if not 0 <= offset < size:
            raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))
        return offset if whence == _SEEK_DATA else size
    raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
