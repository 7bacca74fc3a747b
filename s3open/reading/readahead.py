"""How much to ask for at once: a pure function of what was asked before.

Who reads on is about to read more, so each request for the bytes right behind the last
one is twice as long. Who jumps gets little more than he reads, until he reads on again.
A buffer asks for more than its reader does; he gets what readers who jump have needed.
"""

from __future__ import annotations

from typing import NamedTuple

# The request that opens a file: most objects are smaller and need no second one, and
# opening a huge one moves little. (S3 answers after some 20 ms and then sends 1 MiB in
# 13, so a smaller one would hardly be faster.)
FIRST = 1 << 20
SMALLEST = 64 << 10
# What io's buffer asks for at most, and so what a reader behind one may have needed.
BUFFER = 128 << 10
LARGEST = 64 << 20


class Request(NamedTuple):
    """A span that was asked for, and the window that it was asked with, in bytes.

    *after_jump* says whether it was by one who had jumped, *jump* what such a one gets.
    """

    span: range
    window: int = FIRST
    after_jump: bool = False
    jump: int = SMALLEST


def follow(last: Request, gap: range) -> Request:
    """Return the request for the missing bytes *gap*, *last* being the one before.

    Its span starts where *gap* does and covers it. It may reach behind the end of the
    file: the caller cuts it.
    """
    reads_on = gap.start == last.span.stop
    jump = last.jump
    if reads_on:
        window = min(max(last.window * 2, SMALLEST), LARGEST)
        if last.after_jump:
            jump = min(jump * 2, BUFFER)
    else:
        window = jump
    span = range(gap.start, gap.start + max(window, len(gap)))
    return Request(span, window, not reads_on, jump)


def for_buffer(last: Request, gap: range) -> range:
    """Return as much of *gap* as is worth a request, for one who takes less, too."""
    return gap if gap.start == last.span.stop else gap[: last.jump]
