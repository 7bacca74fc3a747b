"""Sets of byte ranges.

A byte range is a built-in ``range``: half-open, counted from 0, empty when false.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def joined(spans: Iterable[range], near: int) -> list[range]:
    """Return *spans* in order, those that are *near* bytes apart at most made one."""
    result: list[range] = []
    for span in sorted((span for span in spans if span), key=lambda span: span.start):
        if result and span.start - result[-1].stop <= near:
            last = result.pop()
            span = range(last.start, max(last.stop, span.stop))
        result.append(span)
    return result


class RangeSet:
    """A set of byte offsets, kept as sorted ranges that neither touch nor overlap.

    Not thread-safe.
    """

    def __init__(self) -> None:
        # [start, stop, start, stop, ...]: an even index is outside, an odd one inside.
        self._edges: list[int] = []

    def add(self, span: range) -> None:
        """Include every offset of *span*."""
        if not span:
            return
        if not self._edges:
            self._edges = [span.start, span.stop]
            return
        left = bisect_left(self._edges, span.start)
        right = bisect_right(self._edges, span.stop)
        starts = [span.start] if left % 2 == 0 else []
        stops = [span.stop] if right % 2 == 0 else []
        self._edges[left:right] = starts + stops

    def remove(self, span: range) -> None:
        """Exclude every offset of *span*."""
        if not span or not self._edges:
            return
        left = bisect_left(self._edges, span.start)
        right = bisect_right(self._edges, span.stop)
        stops = [span.start] if left % 2 else []
        starts = [span.stop] if right % 2 else []
        self._edges[left:right] = stops + starts

    def run(self, start: int, stop: int) -> tuple[bool, int]:
        """Return whether *start* is inside, and where that changes, *stop* at most."""
        index = bisect_right(self._edges, start)
        end = self._edges[index] if index < len(self._edges) else stop
        return index % 2 == 1, min(end, stop)

    def gaps(self, span: range) -> Iterator[range]:
        """Yield, in order, the parts of *span* that are outside."""
        position = span.start
        while position < span.stop:
            inside, end = self.run(position, span.stop)
            if not inside:
                yield range(position, end)
            position = end

    def __iter__(self) -> Iterator[range]:
        return map(range, self._edges[::2], self._edges[1::2])

    def __bool__(self) -> bool:
        return bool(self._edges)

    def __repr__(self) -> str:
        return f"RangeSet({list(self)})"
