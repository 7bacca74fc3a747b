"""The way of an object's bytes into its spool, as far as the program reads.

One answer is open at a time and is read only as far as somebody asks, so the caller has
its bytes as soon as they have arrived. A body that breaks off is taken up again at the
missing byte, of the same version of the object.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from s3open import errors
from s3open.reading import readahead
from s3open.s3 import retry

if TYPE_CHECKING:
    from s3open.contract import Answer, Body, Reader
    from s3open.spool import Spool

# Reading on over bytes that nobody asked for is cheaper than a request up to here: S3
# sends this much in about the time that a new answer takes (20 ms at 80 MB/s).
_SKIP = 1 << 20

# One read of a body: each costs some 45 us, whatever it brings.
_LEAST = 64 << 10


class Download:
    """Fills the gaps of *spool* from *reader*, on demand. Not thread-safe.

    Args:
        spool: as large as the object; the file may grow behind it later.
        first: the answer that opened the file; the download closes it.
        attempts: how often to go on without a byte of progress.
    """

    def __init__(
        self, reader: Reader, spool: Spool, first: Answer | None, attempts: int
    ) -> None:
        self._reader = reader
        self._size = spool.size
        self._spool = spool
        self._attempts = attempts
        self._body: Body | None = first.body if first else None
        self._arriving = first.span if first else range(0)
        self._request = readahead.Request(self._arriving)
        self._whole = False
        self._process = os.getpid()

    @property
    def size(self) -> int:
        """Bytes of the file, which may have grown or shrunk."""
        return self._spool.size

    def read_at(self, offset: int, view: memoryview) -> int:
        """Fill *view* from *offset*, up to the end of the file; return how much."""
        done = 0
        stop = min(offset + len(view), self._spool.size)
        while offset + done < stop:
            count = self._spool.read_at(offset + done, view[done:])
            if count == 0:
                _, end = self._spool.present.run(offset + done, stop)
                self._advance(range(offset + done, end))
            done += count
        return done

    def close(self) -> None:
        """Let go of the connection. Idempotent."""
        body, self._body = self._body, None
        # A child that was forked off shares the socket: its bytes are the parent's.
        if body is not None and self._process == os.getpid():
            body.close()

    def _advance(self, gap: range) -> None:
        """Bring bytes into the spool until the first one of *gap* is there."""
        failures, furthest = 0, -1
        while not self._spool.present.run(gap.start, gap.stop)[0]:
            try:
                if self._receive(self._aim(gap), gap):
                    continue
                error: errors.S3Error = errors.S3ConnectionError.at(
                    self._reader.uri, "the answer ended early"
                )
            except errors.S3Error as caught:
                error = caught
                if not error.retryable:
                    self.close()
                    raise
            except BaseException:
                # Interrupted: nobody knows how far the body was read.
                self.close()
                raise
            if self._arriving.start > furthest:
                failures, furthest = 0, self._arriving.start
            failures += 1
            self.close()
            if failures >= self._attempts:
                raise error
            retry.pause(failures)

    def _aim(self, gap: range) -> Body:
        """Return an open body that comes to the start of *gap* before long."""
        ahead = gap.start - self._arriving.start
        if (
            self._body is not None
            and self._process == os.getpid()
            and 0 <= ahead < len(self._arriving)
            and (ahead <= _SKIP or self._whole)
        ):
            return self._body
        self.close()
        self._process = os.getpid()
        if self._spool.dropped.run(gap.start, gap.stop)[0]:
            self._spool.keep = True
        self._request = readahead.follow(self._request, gap)
        start, stop = gap.start, min(self._request.span.stop, self._size)
        answer = self._reader.fetch(range(start, stop))
        self._body, self._arriving = answer.body, answer.span
        # A store that ignores ranges would start from the beginning again and again.
        self._whole = answer.span.start != start
        if self._whole and answer.span.start != 0:
            raise errors.S3Error.at(
                self._reader.uri, "the store answered with another range"
            )
        return answer.body

    def _receive(self, body: Body, gap: range) -> int:
        """Move what one read of *body* gives into the spool; return how much."""
        # A read waits until it is full: who wants few bytes must not wait for many.
        wanted = max(gap.stop - self._arriving.start, _LEAST)
        span = self._arriving[:wanted]
        present, end = self._spool.present.run(span.start, span.stop)
        if present:
            # What is here already may be newer than what arrives.
            view = memoryview(bytearray(min(end - span.start, _SKIP)))
        else:
            view = self._spool.reserve(span.start, end - span.start)
        count = body.readinto(view)
        if count and not present:
            self._spool.fill(range(span.start, span.start + count))
        self._arriving = self._arriving[count:]
        if not self._arriving:
            self.close()
        return count
