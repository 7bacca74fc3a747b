"""The way of an object's bytes into its spool, as far as the program reads.

The reader receives them itself from one answer, which is read only as far as somebody
asks, so he has his bytes as soon as they have arrived. Where he goes on and several
connections bring more than one, threads fetch the parts in front of him (`Ahead`). A
body that breaks off is taken up again at the missing byte, of the same version.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from s3open import checksums, errors
from s3open.reading import readahead
from s3open.reading.ahead import Ahead
from s3open.reading.fetch import receive
from s3open.reading.pace import Pace
from s3open.s3 import retry
from s3open.spool import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from s3open.contract import Answer, Body, Reader
    from s3open.reading.verification import Verification
    from s3open.spool import Spool

# Reading on over bytes that nobody asked for is cheaper than a request up to here: S3
# sends this much in about the time that a new answer takes (20 ms at 80 MB/s).
_SKIP = 1 << 20

# One read of a body: each costs some 45 us, whatever it brings. The first one is not to
# wait for many bytes.
_LEAST, _SOON = 64 << 10, 16 << 10

# From here on a read goes from the socket to where the caller wants it, without a stop.
_LARGE = 256 << 10

# So many bytes stay in a processor's cache while they are summed.
_WARM = 512 << 10

# Several connections are worth their threads from a window of so many bytes on; of a
# read that is as large it is known that all of it is wanted.
_SEVERAL = 2 << 20
_WHOLE = 8 << 20

# So many blocks stay behind a reader who goes on, for he may look back a little.
_BEHIND, _STEP = 4, 16


class Download:
    """Fills the gaps of *spool* from *reader*, on demand. For one thread at a time.

    Args:
        spool: as large as the object; the file may grow behind it later.
        first: the answer that opened the file; the download closes it.
        patience: how long to go on without a byte of progress.
        connections: how many requests to have under way at most.
        verification: hears of all bytes, and speaks up before the end of the file.
    """

    def __init__(
        self,
        reader: Reader,
        spool: Spool,
        first: Answer | None,
        patience: retry.Patience,
        connections: int = 1,
        verification: Verification | None = None,
    ) -> None:
        self._reader = reader
        self._size = spool.size
        self._spool = spool
        self._patience = patience
        self._body: Body | None = first.body if first else None
        self._arriving = first.span if first else range(0)
        self._request = readahead.Request(self._arriving)
        self._whole = False
        self._clock = (0, 0.0)
        if len(self._arriving) > readahead.FIRST:
            # The store ignores ranges.
            connections = 1
        self._pace = Pace(connections, spool.memory)
        self._verification = verification
        self._ahead = Ahead(reader, spool, self._pace, self._size, verification)
        self._told = self._retried = False
        self._behind = 0
        self._process = os.getpid()
        if verification is not None and first is not None:
            try:
                verification.asked(self._arriving)
            except BaseException:
                self._close_body()
                raise

    @property
    def size(self) -> int:
        """Bytes of the file, which may have grown or shrunk."""
        return self._spool.size

    def read_at(self, offset: int, view: memoryview) -> int:
        """Fill *view* from *offset*, up to the end of the file; return how much.

        Raises IntegrityError if all bytes have come, and are not what was stored.
        """
        return self._verified(offset, view, self._fill(offset, view))

    def read_some(self, offset: int, view: memoryview) -> int:
        """Do what `read_at` does, but leave *view* half empty sooner than wait long."""
        return self._verified(offset, view, self._fill(offset, view, some=True))

    def _fill(self, offset: int, view: memoryview, *, some: bool = False) -> int:
        stop = min(offset + len(view), self._spool.size)
        done = self._whole_file(view) if not offset and self._is_small(stop) else 0
        hasty = False
        while offset + done < stop:
            with view[done:] as rest:
                count = self._spool.read_at(offset + done, rest)
                if not count:
                    gap = self._spool.gap(offset + done, stop)
                    hasty = hasty or (some and self._takes_long(gap.start))
                    if hasty:
                        if done:
                            break
                        gap = gap[:_SOON]
                    count = self._advance(gap, rest)
            done += count
            self._move_on(offset + done)
        return done

    def _verified(self, offset: int, view: memoryview, done: int) -> int:
        """Return *done*, unless the bytes turn out to be wrong.

        While the program was told none of them they are fetched once more.
        """
        verification = self._verification
        if verification is None:
            return done
        if verification.in_order and not self._spool.changed:
            with view[:done] as data:
                verification.read(offset, data)
            if offset + done >= self._size:
                self._catch_up(verification)
        try:
            verification.settle()
        except errors.IntegrityError:
            self._reader.distrust()
            if self._told or self._retried or self._spool.shared:
                raise
            self._retried = True
            self._let_go()
            self._spool.start_again()
            verification.restart()
            return self.read_at(offset, view)
        self._told = self._told or done > 0
        return done

    def _catch_up(self, verification: Verification) -> None:
        """Read what the program did not read in order: it is here, or comes again."""
        room = memoryview(bytearray(_WARM))
        while behind := verification.behind:
            count = self._fill(behind.start, room[: len(behind)])
            verification.read(behind.start, room[:count])

    def prefetch(self, spans: Iterable[range]) -> None:
        """Have threads fetch what is missing of *spans*, as far as memory allows.

        Near ones are fetched by one request. It is a hint: what fails is told when it
        is read.
        """
        if self._process != os.getpid():
            self._leave_to_parent()
        self._ahead.prefetch(spans)

    def close(self) -> None:
        """Let go of the connections. Idempotent."""
        self._let_go()
        if self._verification is not None:
            self._verification.close()

    def _let_go(self) -> None:
        self._ahead.close()
        self._close_body()

    def _close_body(self) -> None:
        body, self._body = self._body, None
        # A child that was forked off shares the socket: its bytes are the parent's.
        if body is not None and self._process == os.getpid():
            body.close()

    def _is_small(self, stop: int) -> bool:
        """Whether the whole file comes with the first answer, and is wanted at once."""
        return (
            self._body is not None
            and len(self._arriving) == self._size == stop <= _LEAST
            and not self._spool.changed
            and self._process == os.getpid()
        )

    def _whole_file(self, view: memoryview) -> int:
        """Do what `_advance` does for a small file, in a third of the time."""
        assert self._body is not None
        with view[: self._size] as whole:
            try:
                count = self._body.readinto(whole)
                with whole[:count] as arrived:
                    if self._verification is None:
                        pass
                    elif count == self._size:
                        self._verification.received_all(arrived)
                    else:
                        self._verification.received(0, arrived)
                    self._spool.take(0, arrived)
            except errors.S3Error:
                # As if nothing had come.
                self._close_body()
                return 0
            except BaseException:
                self._let_go()
                raise
        self._received(count, 0.0)
        return count

    def _move_on(self, position: int) -> None:
        """Drop what lies behind *position*, and fetch in front of it."""
        index = position // BLOCK - _BEHIND
        # A jump leaves nothing behind: what lies between may have been fetched before.
        if 0 < index - self._behind <= _STEP and self._size > self._spool.memory:
            self._spool.leave_behind(range(self._behind, index))
        self._behind = max(0, index)
        self._ahead.reached(position)

    def _advance(self, gap: range, view: memoryview) -> int:
        """Bring bytes until the first one of *gap* is in the spool, or in *view*.

        Returns how many went to the front of *view*.
        """
        if self._process != os.getpid():
            self._leave_to_parent()
        tries, furthest = None, -1
        while self._spool.gap(gap.start, gap.stop):
            try:
                count = self._bring(gap, view)
            except errors.S3Error as error:
                if not error.retryable:
                    self._let_go()
                    raise
                if tries is None or self._arriving.start > furthest:
                    furthest = self._arriving.start
                    tries = retry.Tries(self._patience)
                self._close_body()
                if tries.failed(error):
                    raise
            except BaseException:
                # Interrupted: nobody knows how far the body was read.
                self._let_go()
                raise
            else:
                if count:
                    return count
                continue
            tries.pause()
        return 0

    def _bring(self, gap: range, view: memoryview) -> int:
        """Bring some bytes, and return how many went to the front of *view*.

        Raises S3ConnectionError if none came.
        """
        if self._ahead.covers(gap.start):
            self._ahead.wait(gap)
            return 0
        if not self._spool.gap(gap.start, gap.stop):
            # A thread has just brought it.
            return 0
        body = self._aim(gap)
        if body is None:
            return 0
        direct = (
            gap.start == self._arriving.start
            and len(gap) >= _LARGE
            and self._size > self._spool.memory
            and not (self._spool.keep or self._spool.shared)
        )
        if self._verification is not None and self._is_fresh:
            # To load what sums takes longer than many bytes: no sign of a slow link.
            checksums.prepare(len(self._arriving))
        since = time.monotonic()
        if direct:
            with view[: min(len(gap), len(self._arriving))] as front:
                count = self._receive(body, front, gap.start)
            self._spool.skip(range(gap.start, gap.start + count))
        else:
            # A read waits until it is full: who wants few bytes must not wait for many.
            least = _SOON if self._is_fresh else _LEAST
            wanted = max(gap.stop - self._arriving.start, least)
            span = self._arriving[:wanted]
            count = receive(body, self._spool, span, self._verification)
        if not count:
            raise errors.S3ConnectionError.at(
                self._reader.uri, "the answer ended early"
            )
        self._received(count, time.monotonic() - since)
        return count if direct else 0

    def _receive(self, body: Body, view: memoryview, start: int) -> int:
        """Fill *view*, the bytes from *start* on, from *body*; return how much came."""
        if self._verification is None:
            return body.readinto(view)
        done = 0
        try:
            while done < len(view):
                # What was received is summed before it leaves the processor's cache.
                wanted = min(len(view) - done, _WARM)
                with view[done : done + wanted] as piece:
                    count = body.readinto(piece)
                    with piece[:count] as arrived:
                        self._verification.received(start + done, arrived)
                done += count
                if count < wanted:
                    break
        except errors.S3Error:
            if not done:
                raise
        except BaseException:
            self._verification.lost(range(start, start + done))
            raise
        return done

    def _leave_to_parent(self) -> None:
        self._body = None
        if self._verification is not None:
            self._verification.leave_to_parent()
        self._ahead.forget()
        self._process = os.getpid()

    @property
    def _is_fresh(self) -> bool:
        """Whether nothing of the body has been received yet."""
        start = self._request.span.start
        return self._body is not None and self._arriving.start == start

    def _takes_long(self, offset: int) -> bool:
        """Whether *offset* takes a request, or has only just been asked for."""
        if self._body is not None and offset in self._arriving:
            return self._is_fresh
        return not self._ahead.covers(offset)

    def _aim(self, gap: range) -> Body | None:
        """Return an open body that comes to the start of *gap* before long.

        None if threads fetch it from now on.
        """
        skipped = gap.start - self._arriving.start
        if (
            self._body is not None
            and 0 <= skipped < len(self._arriving)
            and (skipped <= _SKIP or self._whole)
        ):
            return self._body
        self._close_body()
        self._ahead.cancel()
        if self._spool.dropped.run(gap.start, gap.stop)[0]:
            self._spool.keep = True
        goes_on = gap.start == self._request.span.stop
        unread = len(self._arriving)
        self._request = readahead.follow(self._request, gap, self._size, unread)
        if (
            self._pace.pays
            and not self._whole
            and (len(gap) >= _WHOLE or (goes_on and self._request.window >= _SEVERAL))
        ):
            self._ahead.start(gap, all_out=len(gap) >= _WHOLE)
            return None
        start, stop = gap.start, min(self._request.span.stop, self._size)
        since = time.monotonic()
        if self._verification is not None:
            self._verification.asked(range(start, stop))
        answer = self._reader.fetch(range(start, stop))
        self._clock = (0, time.monotonic() - since)
        if self._verification is not None:
            self._verification.answered(answer)
        self._body, self._arriving = answer.body, answer.span
        # A store that ignores ranges would start from the beginning again and again.
        self._whole = answer.span.start != start
        if self._whole and answer.span.start != 0:
            raise errors.S3Error.at(
                self._reader.uri, "the store answered with another range"
            )
        return answer.body

    def _received(self, count: int, seconds: float) -> None:
        self._arriving = self._arriving[count:]
        before, waited = self._clock
        self._clock = (before + count, waited + seconds)
        if not self._arriving:
            self._pace.alone(*self._clock)
            self._close_body()
