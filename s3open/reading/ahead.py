"""The parts in front of a reader that goes on, fetched by threads side by side."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from s3open import errors
from s3open.reading.fetch import Fetch
from s3open.s3 import threads
from s3open.spans import joined
from s3open.spool import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from s3open.contract import Reader
    from s3open.reading.pace import Pace
    from s3open.reading.verification import Verification
    from s3open.spool import Spool

# Spans that are no further apart are fetched by one request: the bytes between them
# take about as long as another request would.
_NEAR = 256 << 10

# Of what the program asks for, so much goes by one request.
_PART = 8 << 20


class Ahead:
    """Keeps parts on their way from where the reader is on. For one reading thread."""

    def __init__(
        self,
        reader: Reader,
        spool: Spool,
        pace: Pace,
        size: int,
        verification: Verification | None = None,
    ) -> None:
        self._reader = reader
        self._verification = verification
        self._spool = spool
        self._pace = pace
        self._size = size
        self._fetches: list[Fetch] = []
        # Those that the program itself has asked for.
        self._asked: list[Fetch] = []
        # What was asked for, or will not be needed any more.
        self._covered = range(0)

    def covers(self, offset: int) -> bool:
        """Whether *offset* is among what was asked for, or is here, or will have to be.

        (What was fetched and fell out of memory before it was read is asked for again.)
        """
        return offset in self._covered or self._fetch_of(offset) is not None

    def prefetch(self, spans: Iterable[range]) -> None:
        """Have what is missing of *spans* fetched, as far as memory allows.

        Near ones go by one request, large ones by several.
        """
        self._asked = [fetch for fetch in self._asked if not fetch.ended]
        room = self._spool.memory // 2
        clipped = [span[: max(0, self._size - span.start)] for span in spans]
        for span in joined(clipped, _NEAR):
            for gap in self._spool.gaps(span):
                self._prefetch(gap[:room])
                room -= min(room, len(gap))

    def _prefetch(self, gap: range) -> None:
        start = gap.start
        while start < gap.stop:
            stop = min((start + _PART) // BLOCK * BLOCK, gap.stop)
            self._asked.append(self._launch(range(start, stop)))
            start = stop

    def start(self, gap: range, *, all_out: bool) -> None:
        """Begin at the start of *gap*; *all_out*: all of it is wanted for sure."""
        self.cancel()
        self._covered = range(gap.start, gap.start)
        self._pace.start(gap.start, time.monotonic(), all_out=all_out)
        self._extend(gap.start)

    def reached(self, position: int) -> None:
        """Ask for more, now that the reader has come to *position*."""
        if self._covered.start < position <= self._covered.stop:
            self._pace.reached(position, time.monotonic())
            self._extend(position)

    def wait(self, gap: range) -> None:
        """Wait for the bytes of *gap* that one part brings.

        Raises what its request raised, or S3ConnectionError if it ended early; it may
        be tried again.
        """
        fetch = self._fetch_of(gap.start)
        if fetch is None:
            if not self._spool.gap(gap.start, gap.stop):
                # It has come meanwhile.
                return
            fetch = self._repair(gap)
        if fetch.claim():
            # All threads are busy, or there are none.
            fetch.run()
        with self._spool.lock:
            fetch.awaited = min(gap.stop, fetch.stop)
            while not fetch.ended and fetch.position < fetch.awaited:
                self._spool.news.wait()
        if fetch.position <= gap.start:
            for fetches in (self._fetches, self._asked):
                if fetch in fetches:
                    fetches.remove(fetch)
            raise fetch.error or errors.S3ConnectionError.at(
                self._reader.uri, "the answer ended early"
            )

    def cancel(self) -> None:
        """Let everything end that is on its way in front of the reader."""
        for fetch in self._fetches:
            fetch.cancel()
        self._fetches = []
        self._covered = range(0)

    def close(self) -> None:
        """Let everything end that is still on its way."""
        self.cancel()
        for fetch in self._asked:
            fetch.cancel()
        self._asked = []

    def forget(self) -> None:
        """Know of nothing that is on its way: in a forked child nothing is."""
        self._fetches = []
        self._asked = []
        self._covered = range(0)

    def _extend(self, position: int) -> None:
        pace = self._pace
        stop = min(position + pace.window, self._size)
        edge = self._covered.stop
        if edge < stop:
            # What has ended and was good needs no looking after.
            self._fetches = [
                fetch
                for fetch in self._fetches
                if not fetch.ended or fetch.position < fetch.stop
            ]
        while edge < stop and len(self._fetches) < pace.connections:
            # Ends of parts are ends of blocks: no two threads fill the same block.
            end = min((edge + pace.part) // BLOCK * BLOCK, self._size)
            self._fetches.append(self._launch(range(edge, end)))
            edge = end
        self._covered = range(position, edge)

    def _fetch_of(self, offset: int) -> Fetch | None:
        """Return the fetch that is to bring *offset*, None if none is."""
        for fetch in (*self._asked, *self._fetches):
            if fetch.position <= offset < fetch.stop and not (
                fetch.ended and fetch.error is None
            ):
                return fetch
        return None

    def _repair(self, gap: range) -> Fetch:
        """Fetch *gap* again: it broke off, or was not kept for long enough."""
        starts = [fetch.start for fetch in self._fetches if fetch.start > gap.start]
        border = (gap.start + self._pace.part) // BLOCK * BLOCK
        stop = min(self._covered.stop, border, *starts)
        self._fetches.append(self._launch(range(gap.start, stop)))
        return self._fetches[-1]

    def _launch(self, span: range) -> Fetch:
        if self._verification is not None:
            self._verification.asked(span)
        fetch = Fetch(self._reader, self._spool, span, self._verification)
        threads.submit(fetch.run_if_unclaimed)
        return fetch
