"""Which parts of a spool a store has, so that they need not be kept here."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from operator import attrgetter


class Parts:
    """Spans that do not overlap, in order. Not thread-safe."""

    def __init__(self) -> None:
        self._spans: list[range] = []

    def add(self, span: range) -> None:
        """Include *span* in place of those that it touches."""
        self.remove(span)
        insort(self._spans, span, key=attrgetter("start"))

    def remove(self, span: range) -> bool:
        """Exclude all spans that *span* touches; return whether there were any."""
        found = self._touched(span)
        del self._spans[found]
        return found.start < found.stop

    def over(self, span: range) -> list[range]:
        """Return the spans that *span* touches."""
        return self._spans[self._touched(span)]

    def cover(self, span: range) -> bool:
        """Whether all of *span* is in them."""
        position = span.start
        for part in self.over(span):
            if part.start > position:
                return False
            position = part.stop
        return position >= span.stop

    def __bool__(self) -> bool:
        return bool(self._spans)

    def _touched(self, span: range) -> slice[int, int, None]:
        first = bisect_right(self._spans, span.start, key=attrgetter("stop"))
        last = bisect_left(self._spans, span.stop, key=attrgetter("start"))
        return slice(first, max(first, last))
