"""The CRC of an object whose bytes come in any order, from many threads.

Each piece is summed by whoever has received it, while it is in the processor's cache;
here only numbers are put together. Sums are kept by pages of 1 MiB, or more where the
object has too many: so what is received a second time can be compared.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from typing import TYPE_CHECKING

from s3open import checksums
from s3open.spool import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

# Numbers to keep for one object: some 100 bytes each.
_MOST = 1 << 16


class Ledger:
    """Sums of the bytes 0 to *size* of an object, by *algorithm*. Thread-safe.

    *page* is how many bytes each sum is of; None leaves that open.
    """

    def __init__(self, algorithm: str, size: int, page: int | None = None) -> None:
        self.algorithm = algorithm
        self.differs = False
        """Whether a page was received again, and not the same."""
        self._size = size
        while page is None or (size > _MOST * page):
            page = BLOCK if page is None else page * 2
        self._page = page
        self._count = -(-size // page)
        self._sums: dict[int, int] = {}
        # What there is of unfinished pages: (start, stop, CRC), in order.
        self._runs: dict[int, list[tuple[int, int, int]]] = {}
        # How far pages have come again: (stop, CRC).
        self._again: dict[int, tuple[int, int]] = {}
        self._lock = threading.Lock()

    @property
    def complete(self) -> bool:
        """Whether every byte has come."""
        return len(self._sums) == self._count

    def received(self, start: int, data: memoryview) -> None:
        """Note that *data* are the bytes at *start*; what is known already stays."""
        done = 0
        while done < len(data):
            position = start + done
            length = min(len(data) - done, self._page - position % self._page)
            with data[done : done + length] as piece:
                self._note(position, piece)
            done += length

    def forget(self, span: range) -> None:
        """Have the bytes of *span* come again, if they are to be counted."""
        with self._lock:
            for index in range(span.start // self._page, -(-span.stop // self._page)):
                self._sums.pop(index, None)
                self._runs.pop(index, None)
                self._again.pop(index, None)

    def renew_lock(self) -> None:
        """Forget which thread holds the lock: a forked child lacks it."""
        self._lock = threading.Lock()

    def whole(self) -> int:
        """Return the CRC of all bytes, once it is `complete`."""
        return checksums.combined(self.algorithm, self._pages(range(self._size)))

    def parts(self, size: int) -> list[int] | None:
        """Return the CRC of each part of *size* bytes; None if pages lie across."""
        if size % self._page and size < self._size:
            return None
        starts = range(0, self._size, size)
        spans = [range(start, min(start + size, self._size)) for start in starts]
        return [checksums.combined(self.algorithm, self._pages(one)) for one in spans]

    def _pages(self, span: range) -> Iterator[tuple[int, int]]:
        for start in range(span.start, span.stop, self._page):
            length = min(self._page, span.stop - start)
            yield self._sums[start // self._page], length

    def _note(self, start: int, piece: memoryview) -> None:
        value = checksums.crc(self.algorithm, piece)
        index, stop = start // self._page, start + len(piece)
        with self._lock:
            if index in self._sums:
                self._compare(index, start, stop, value)
                return
            runs = self._runs.setdefault(index, [])
            gaps = _gaps(runs, start, stop)
            for gap in gaps:
                if len(gaps) > 1 or len(gap) < len(piece):
                    with piece[gap.start - start : gap.stop - start] as part:
                        value = checksums.crc(self.algorithm, part)
                self._insert(runs, gap.start, gap.stop, value)
            if runs[0][1] - runs[0][0] == len(self._span(index)):
                self._sums[index] = runs[0][2]
                del self._runs[index]

    def _insert(
        self, runs: list[tuple[int, int, int]], start: int, stop: int, value: int
    ) -> None:
        """Put bytes among *runs*, one with those that they touch."""
        at = bisect_left(runs, (start, 0, 0))
        if at < len(runs) and runs[at][0] == stop:
            _, end, behind = runs.pop(at)
            value = checksums.combine(self.algorithm, value, behind, end - stop)
            stop = end
        if at and runs[at - 1][1] == start:
            at -= 1
            first, _, before = runs.pop(at)
            value = checksums.combine(self.algorithm, before, value, stop - start)
            start = first
        runs.insert(at, (start, stop, value))

    def _compare(self, index: int, start: int, stop: int, value: int) -> None:
        """Compare a page that comes again, in order, with what it was."""
        span = self._span(index)
        position, before = self._again.pop(index, (span.start, 0))
        if start == span.start:
            position, before = start, 0
        if start != position:
            return
        value = checksums.combine(self.algorithm, before, value, stop - start)
        if stop < span.stop:
            self._again[index] = (stop, value)
        elif value != self._sums[index]:
            self.differs = True

    def _span(self, index: int) -> range:
        start = index * self._page
        return range(start, min(start + self._page, self._size))


def _gaps(runs: list[tuple[int, int, int]], start: int, stop: int) -> list[range]:
    """Return what of *start* to *stop* is in none of *runs*."""
    gaps = []
    for first, last, _ in runs:
        if last <= start or first >= stop:
            continue
        if first > start:
            gaps.append(range(start, first))
        start = last
    if start < stop:
        gaps.append(range(start, stop))
    return gaps
