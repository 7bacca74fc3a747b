"""A stretch of an object, read as if it were all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.contract import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.contract import Body, Proof, Reader

_CHUNK = 1 << 20


class WindowReader:
    """A `contract.Reader` of the bytes *window* of what *reader* reads."""

    def __init__(self, reader: Reader, window: range) -> None:
        self.uri = reader.uri
        self._reader = reader
        self._window = window

    def fetch(self, span: range) -> Answer:
        start = self._window.start
        wanted = range(start + span.start, start + span.stop)
        return within(self._reader.fetch(wanted), self._window)

    def proof(self, wanted: Callable[[], bool] | None = None) -> Proof | None:
        """Return what proves the whole object: nothing proves a part."""
        return self._reader.proof(wanted)

    def distrust(self) -> None:
        self._reader.distrust()


def within(answer: Answer, window: range) -> Answer:
    """Return *answer* as that of an object that consists of *window*."""
    start = max(answer.span.start, window.start)
    stop = max(start, min(answer.span.stop, window.stop))
    body = answer.body
    if start > answer.span.start or stop < answer.span.stop:
        # The store does not know ranges, or the window is empty.
        body = _Cut(body, start - answer.span.start, stop - start)
    span = range(start - window.start, stop - window.start)
    return answer._replace(span=span, body=body)


class _Cut:
    """*length* bytes of *body* behind the first *skipped* ones."""

    def __init__(self, body: Body, skipped: int, length: int) -> None:
        self._body = body
        self._skipped = skipped
        self._left = length

    def readinto(self, view: memoryview) -> int:
        while self._skipped:
            waste = memoryview(bytearray(min(self._skipped, _CHUNK)))
            count = self._body.readinto(waste)
            if not count:
                return 0
            self._skipped -= count
        count = self._body.readinto(view[: self._left])
        self._left -= count
        return count

    def close(self) -> None:
        self._body.close()
