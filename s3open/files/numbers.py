"""Offsets as the program gives them, refused as the system would."""

from __future__ import annotations

import operator


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
