"""How much to ask for at once: a pure function of what was asked before.

Who reads on is about to read more, so each request for the bytes right behind the last
one is twice as long. Who jumps gets little more than he reads, until he reads on again.
"""

from __future__ import annotations

from typing import NamedTuple

# The request that opens a file: most objects are smaller and need no second one, and
# opening a huge one moves little. (S3 answers after some 20 ms and then sends 1 MiB in
# 13, so a smaller one would hardly be faster.)
FIRST = 1 << 20
SMALLEST = 64 << 10
LARGEST = 64 << 20


class Request(NamedTuple):
    """A span that was asked for, and the window that it was asked with, in bytes."""

    span: range
    window: int = FIRST


def follow(last: Request, gap: range) -> Request:
    """Return the request for the missing bytes *gap*, *last* being the one before.

    Its span starts where *gap* does and covers it. It may reach behind the end of the
    file: the caller cuts it.
    """
    if gap.start == last.span.stop:
        window = min(max(last.window * 2, SMALLEST), LARGEST)
    else:
        window = SMALLEST
    return Request(range(gap.start, gap.start + max(window, len(gap))), window)
