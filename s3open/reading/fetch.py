"""One span of an object on its way into the spool, on a thread of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open import errors

if TYPE_CHECKING:
    from s3open.contract import Body, Reader
    from s3open.reading.verification import Verification
    from s3open.spool import Spool

# What is only read over is thrown away in pieces of this size, at most.
_PIECE = 256 << 10


def receive(
    body: Body, spool: Spool, span: range, verification: Verification | None = None
) -> int:
    """Move what one read of *body* gives into *spool*; return how much, 0 at the end.

    *span* is not empty and says which bytes come; no more than it has are taken.
    *verification* hears of them before anybody can read them.
    """
    with spool.lock:
        present, end = spool.present.run(span.start, span.stop)
        direct = not present and not spool.shared
        if direct:
            view = spool.reserve(span.start, end - span.start)
    if not direct:
        # What is here already may be newer than what arrives.
        view = memoryview(bytearray(min(end - span.start, _PIECE)))
        count = body.readinto(view)
        if verification is not None:
            verification.received(span.start, view[:count])
        spool.take(span.start, view[:count])
        return count
    count = 0
    try:
        count = body.readinto(view)
        if verification is not None:
            with view[:count] as arrived:
                verification.received(span.start, arrived)
    finally:
        spool.fill(range(span.start, span.start + count))
    return count


class Fetch:
    """The bytes from *position* to *stop*, once `run` has come to them.

    It belongs to whoever claims it: a thread of the pool, or the reader itself. Its
    state is guarded by the lock of the spool.
    """

    def __init__(
        self,
        reader: Reader,
        spool: Spool,
        span: range,
        verification: Verification | None = None,
    ) -> None:
        self.start = self.position = span.start
        self.stop = span.stop
        self.ended = False
        self.error: BaseException | None = None
        # The reader waits until it has come so far.
        self.awaited = span.stop
        self._reader = reader
        self._spool = spool
        self._verification = verification
        self._claimed = False
        self._cancelled = False

    def claim(self) -> bool:
        """Whether the caller is the first to ask, and hence is the one to `run` it."""
        with self._spool.lock:
            mine = not self._claimed and not self._cancelled
            self._claimed = self._claimed or mine
        return mine

    def run_if_unclaimed(self) -> None:
        """Do what a thread of the pool does."""
        if self.claim():
            self.run()

    def run(self) -> None:
        """Fetch all of it, unless it is cancelled. Errors are kept in `error`.

        A body that ends early just ends it: whoever needs the rest asks for it.
        """
        try:
            self._fetch()
        except BaseException as error:
            self.error = error
        finally:
            with self._spool.lock:
                self.ended = True
                self._spool.news.notify_all()

    def cancel(self) -> None:
        """Have it end soon; what has come is kept."""
        self._cancelled = True

    def _fetch(self) -> None:
        answer = self._reader.fetch(range(self.position, self.stop))
        try:
            if answer.span.start != self.position:
                raise errors.S3Error.at(
                    self._reader.uri, "the store answered with another range"
                )
            while self.position < self.stop and not self._cancelled:
                rest = range(self.position, self.stop)
                count = receive(answer.body, self._spool, rest, self._verification)
                if not count:
                    break
                with self._spool.lock:
                    self.position += count
                    if self.position >= self.awaited:
                        self._spool.news.notify_all()
        finally:
            answer.body.close()
