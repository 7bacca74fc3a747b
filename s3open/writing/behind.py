"""Parts that are uploaded while the program goes on writing.

A part is sealed when writing has gone past its end, and sent by a thread. Who goes back
and writes into it again has it sent again, under the same number, before the object is
published. A program that writes faster than the store takes it waits.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

from s3open import errors
from s3open.config import MAX_PARTS
from s3open.s3.jobs import Job, wait_for_room
from s3open.writing import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.contract import Part, Writer
    from s3open.spool import Spool

# How often parts double: 10,000 of them have to do for a file whose end nobody knows.
# From 5 MiB parts, that is 26 TiB (S3's 48.8 TiB takes parts of 5 GiB from the first).
_DOUBLED_EACH = 500


def following(spans: list[range], part_size: int, largest: int) -> range:
    """Return where the next part lies, behind *spans*, of a file of unknown length.

    Parts begin with *part_size* and grow up to *largest*, in bytes.
    """
    start = spans[-1].stop if spans else 0
    size = min(part_size << len(spans) // _DOUBLED_EACH, largest)
    return range(start, start + size)


def spans(part_size: int, largest: int) -> Iterator[range]:
    """Yield where all parts of such a file lie."""
    made: list[range] = []
    while True:
        made.append(following(made, part_size, largest))
        yield made[-1]


class WriteBehind:
    """The upload of *spool*, begun before its end is known. For one thread at a time.

    Args:
        part_size: bytes of the first parts.
        largest: bytes that a part may have at most.
        at_once: how many parts to have under way at most.
        keeps: whether what is sent is kept, for the program may go back to it.
    """

    def __init__(
        self,
        spool: Spool,
        writer: Writer,
        part_size: int,
        largest: int,
        at_once: int,
        *,
        keeps: bool = True,
    ) -> None:
        self.keeps = keeps
        self._spool = spool
        self._writer = writer
        self._part_size = part_size
        self._at_once = at_once
        self._largest = max(part_size, largest)
        self._spans = [following([], part_size, self._largest)]
        # So many parts are sealed; the next one is being written. An interrupt between
        # any two steps below leaves parts to be sent again, but none unsent.
        self._sealed = 0
        self._jobs: dict[int, Job[Part]] = {}
        self._written_again: set[int] = set()
        self._stopped = False
        self.upload_id: str | None = None

    def wrote(self, span: range) -> None:
        """Note that the program has written *span*; send what it has gone past.

        Raises what an upload in the background raised.
        """
        if span.start < self._open.start:
            self._mark(span)
        if not self.keeps:
            # An interrupt has the program write *span* once more, over what would be
            # gone by then: only what earlier writes have filled is sent.
            while self._open.stop <= span.start:
                if self._sealed + 1 >= self._writer.max_parts:
                    raise self._too_large()
                self._seal()
            return
        # Who writes far behind the end may come back to fill what lies between.
        while span.start <= self._open.stop < span.stop and not self._stopped:
            if self._sealed + 1 < self._writer.max_parts:
                self._seal()
                continue
            # The last one that there may be, and the file goes on behind it: all of it
            # has to be sent again, in larger ones.
            self._stopped = True
            if self._spool.disk is not None:
                raise self._too_large()

    def _too_large(self) -> OSError:
        parts = f"in {self._writer.max_parts} parts of what fits into memory"
        return OSError(errno.EFBIG, f"{os.strerror(errno.EFBIG)} ({parts})")

    def cut(self, size: int) -> None:
        """Note that everything from *size* on is new, if only zeros."""
        self._mark(range(size, max(size, self._open.start)))

    def stop(self) -> None:
        """Send nothing more before the end: nobody says any more what is written."""
        self._stopped = True
        self.cut(0)

    def publish(self) -> None:
        """Publish the whole file, or nothing. Raises what the writer raises."""
        size = self._spool.size
        try:
            fits = size > self._part_size and (
                self._parts(size) <= self._writer.max_parts
            )
            if fits or self.needed:
                try:
                    self._complete(size)
                except errors.S3Error as error:
                    # Stores exist that take no part twice, and want all that they took
                    # (``rclone serve s3``).
                    refused = error.status == 501 or error.code == "InvalidPart"
                    if not refused or error.ambiguous or not self.keeps or self.needed:
                        raise
                else:
                    return
            self.discard()
            if size > self._part_size:
                parts.upload(self._spool, self._writer, self._part_size)
                return
            with self._spool.pieces(range(size)) as body:
                self._writer.put(body, self._spool.take_sum(range(size)))
        except BaseException:
            self.fail()
            raise

    @property
    def needed(self) -> bool:
        """Whether the upload has what is nowhere else."""
        return self.keeps and bool(self._spool.left)

    def fail(self) -> None:
        """Abort what was begun, unless it has what is nowhere else. Idempotent."""
        if not self.needed:
            self.discard()
        self._end_jobs()

    def sent(self) -> dict[str, object]:
        """Return what the upload has, if that is nowhere else, for a recovery file."""
        if not self.needed:
            return {}
        found = [
            {
                "number": number,
                "start": self._spans[number - 1].start,
                "stop": self._spans[number - 1].stop,
                "etag": job.result().etag,
            }
            for number, job in sorted(self._jobs.items())
            if self._spool.is_sent(self._spans[number - 1])
        ]
        return {"upload": self.upload_id, "parts": found}

    def discard(self) -> None:
        """Abort what was begun. Idempotent."""
        self._end_jobs()
        upload, self.upload_id = self.upload_id, None
        if upload is not None:
            parts.abort(self._writer, upload)

    def _end_jobs(self) -> None:
        for job in self._jobs.values():
            job.cancel()

    @property
    def _open(self) -> range:
        return self._spans[self._sealed]

    def _parts(self, size: int) -> int:
        """Return how many parts *size* bytes make as they grow."""
        while self._spans[-1].stop < size and len(self._spans) <= MAX_PARTS:
            self._grow()
        return sum(span.start < size for span in self._spans)

    def _grow(self) -> None:
        self._spans.append(following(self._spans, self._part_size, self._largest))

    def _complete(self, size: int) -> None:
        while self._open.start < size:
            self._seal()
        numbers = range(1, self._parts(size) + 1)
        for number in numbers:
            again = number in self._written_again and not self._spool.is_sent(
                self._spans[number - 1]
            )
            if again or number not in self._jobs:
                self._send(number)
        made = [self._jobs[number].result() for number in numbers]
        assert self.upload_id is not None
        self._writer.complete(self.upload_id, made)
        self.upload_id = None

    def _mark(self, span: range) -> None:
        for number, sealed in enumerate(self._spans[: self._sealed], start=1):
            if sealed.start < span.stop and span.start < sealed.stop:
                self._written_again.add(number)

    def _seal(self) -> None:
        if self.upload_id is None:
            self.upload_id = self._writer.begin()
        if len(self._spans) == self._sealed + 1:
            self._grow()
        self._sealed += 1
        self._send(self._sealed)

    def _send(self, number: int) -> None:
        if number in self._jobs:
            # One request at a time for each number: the later one has to win.
            self._jobs[number].settle()
        # Two parts have to fit beside those on their way: the one that is written, and
        # one that may be read back.
        fitting = self._spool.memory // len(self._spans[number - 1]) - 2
        wait_for_room(self._jobs.values(), max(1, min(self._at_once, fitting)))
        for other, job in self._jobs.items():
            # One that was written to, or cut, meanwhile will be sent again.
            if job.failed and other != number and other not in self._written_again:
                job.result()
        # Known before it starts: none that is on its way may be forgotten.
        job = Job(lambda: self._put(number), started=False)
        self._jobs[number] = job
        self._written_again.discard(number)
        job.start()

    def _put(self, number: int) -> Part:
        upload, span = self.upload_id, self._spans[number - 1]
        assert upload is not None
        span = range(span.start, min(span.stop, self._spool.size))
        with self._spool.sending(span), self._spool.pieces(span) as body:
            crc = self._spool.take_sum(span)
            part = self._writer.put_part(upload, number, body, crc)
        if not self.keeps:
            self._spool.release(span)
        elif self._spool.crowded:
            # A full disk is told when there is no memory left, either.
            with contextlib.suppress(OSError):
                self._spool.spill(span)
        return part
