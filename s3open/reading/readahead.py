"""How much to ask for at once: a pure function of what was asked before.

Who reads on is about to read more, so each request for the bytes right behind the last
one is twice as long. Who jumps gets little more than he reads, until he reads on again.
A buffer asks for more than its reader may need: he gets what readers who jump needed.
"""

from __future__ import annotations

from typing import NamedTuple

# The request that opens a file: most objects are smaller and need no second one, and
# opening a huge one moves little. (S3 answers after some 20 ms and then sends 1 MiB in
# 13, so a smaller one would hardly be faster.)
FIRST = 1 << 20
SMALLEST = 64 << 10
# Nor who jumps and has shown that he needs even less.
LEAST = 16 << 10
# What io's buffer asks for at most, and so what a reader behind one may have needed.
BUFFER = 128 << 10
LARGEST = 64 << 20


# Who jumps so near to the end reads a directory there, as of a zip or parquet file.
TAIL = 256 << 10


class Request(NamedTuple):
    """A span that was asked for, and the window that it was asked with, in bytes.

    *after_jump* says whether it was by one who had jumped, *jump* what such a one gets.
    """

    span: range
    window: int = FIRST
    after_jump: bool = False
    jump: int = SMALLEST


def follow(last: Request, gap: range, size: int, unread: int = 0) -> Request:
    """Return the request for the missing bytes *gap*, *last* being the one before.

    Its span starts where *gap* does and covers it, all within the *size* of the file.
    Of the one before *unread* bytes are still to come.
    """
    reads_on = gap.start == last.span.stop
    jump = last.jump
    if reads_on:
        window = min(max(last.window * 2, SMALLEST), LARGEST)
        if last.after_jump:
            jump = min(jump * 2, BUFFER)
    else:
        if last.after_jump and unread * 2 > len(last.span):
            jump = max(jump // 2, LEAST)
        window = jump
    stop = gap.start + max(window, len(gap))
    if size - gap.start <= TAIL:
        stop = size
    span = range(gap.start, min(stop, size))
    return Request(span, window, not reads_on, jump)
