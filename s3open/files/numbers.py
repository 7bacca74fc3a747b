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


def sought(offset: int, whence: int, here: int, size: int) -> int:
    """Return where *offset* from *whence* leads in a file of *size*, now at *here*."""
    offset = c_long(offset)
    if whence in (_SEEK_DATA, _SEEK_HOLE):
        if not 0 <= offset < size:
            raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))
        return offset if whence == _SEEK_DATA else size
    starts = {os.SEEK_SET: 0, os.SEEK_CUR: here, os.SEEK_END: size}
    if whence not in starts or (position := c_long(starts[whence] + offset)) < 0:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return position
