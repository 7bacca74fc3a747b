"""An object's bytes into a file, in ranges side by side, each with its checksum."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from s3open import checksums, errors, tracing
from s3open.s3 import retry
from s3open.s3.jobs import Job, wait_for_room
from s3open.transfers.buffers import Buffers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from s3open.config import Config
    from s3open.contract import Answer, Reader
    from s3open.transfers.landing import Landing

# One read, and one write. What is as small is still in the cache of a core when it is
# written, and goes to pages of memory that were free just now: large ones take twice as
# long on virtual machines whose host has yet to find them.
_PIECE = 32 << 10


class _Arriving:
    """A range: what is still to come of it, and the CRC of what has."""

    def __init__(self, span: range) -> None:
        self.rest = span
        self.crc = 0


class Receiving:
    """The way of what *reader* reads to *landing*. For one thread, which uses others.

    Args:
        algorithm: of the checksums, a key of `checksums.WIDTH`.
        note: is told of each range that is there.
        entries: what was noted earlier; it is compared with what is there.
    """

    def __init__(
        self,
        reader: Reader,
        landing: Landing,
        config: Config,
        algorithm: str,
        *,
        note: Callable[[dict[str, object]], None] | None = None,
        entries: Iterable[Mapping[str, object]] = (),
    ) -> None:
        # Told how many bytes have come, or were there, by several threads.
        self.moved: Callable[[int], object] | None = None
        self._reader = reader
        self._landing = landing
        self._config = config
        self._algorithm = algorithm
        self._note = note
        self._noted = {(each.get("start"), each.get("stop")): each for each in entries}
        self._buffers = Buffers()
        self._stopped = False

    def fetch(
        self, spans: Iterable[range], first: Answer | None = None
    ) -> list[tuple[int, int]]:
        """Have all of *spans* in the file; return the CRC and the length of each.

        *first* is the answer that brings the first of them; it is closed.
        """
        made: list[Job[int]] = []
        running: list[Job[int]] = []
        lengths: list[int] = []
        room = min(self._config.connections, max(1, self._config.memory // _PIECE))
        try:
            for span in spans:
                wait_for_room(running, room)
                for job in running:
                    if job.failed:
                        job.result()
                running = [job for job in running if not job.done]
                answer = first if not made else None
                job = Job(partial(self._have, span, answer), started=False)
                made.append(job)
                running.append(job)
                lengths.append(len(span))
                job.start()
            return list(zip([job.result() for job in made], lengths, strict=True))
        except BaseException:
            self._stopped = True
            for job in running:
                job.cancel()
            raise
        finally:
            if first is not None:
                first.body.close()

    def _have(self, span: range, answer: Answer | None) -> int:
        """Return the CRC of *span*, which is in the file then."""
        noted = self._noted.get((span.start, span.stop))
        if noted is not None:
            crc = self._crc_there(span)
            if noted.get("crc") == checksums.encode(self._algorithm, crc):
                self._tell(len(span))
                return crc
        crc = self._fetch(span, answer)
        if self._note is not None:
            told = checksums.encode(self._algorithm, crc)
            self._note({"start": span.start, "stop": span.stop, "crc": told})
        return crc

    def _fetch(self, span: range, answer: Answer | None) -> int:
        """Fetch *span*; a body that breaks off is gone on with where it broke."""
        arriving, failures = _Arriving(span), 0
        buffer = self._buffers.take(_PIECE)
        try:
            while arriving.rest:
                before = arriving.rest
                try:
                    self._receive(arriving, answer or self._asked(before), buffer)
                except errors.S3Error as error:
                    failures = failures + 1 if arriving.rest == before else 1
                    if not error.retryable or failures >= self._config.attempts:
                        raise
                    tracing.retried("GetObject", self._reader.uri)
                    retry.pause(failures)
                answer = None
        finally:
            self._buffers.give(buffer)
        return arriving.crc

    def _receive(self, arriving: _Arriving, answer: Answer, buffer: memoryview) -> None:
        try:
            while rest := arriving.rest:
                if self._stopped:
                    raise errors.S3Error.at(
                        self._reader.uri, "it was stopped, for another range failed"
                    )
                room = buffer[: len(rest)]
                count = answer.body.readinto(room)
                if not count:
                    raise errors.S3ConnectionError.at(
                        self._reader.uri, "the answer ended early"
                    )
                self._landing.write_at(rest.start, room[:count])
                arriving.crc = checksums.crc(
                    self._algorithm, room[:count], arriving.crc
                )
                arriving.rest = rest[count:]
                self._tell(count)
        finally:
            answer.body.close()

    def _tell(self, count: int) -> None:
        if self.moved is not None:
            self.moved(count)

    def _asked(self, span: range) -> Answer:
        answer = self._reader.fetch(span)
        if answer.span.start != span.start:
            answer.body.close()
            raise errors.S3Error.at(
                self._reader.uri, "the store answered with another range"
            )
        return answer

    def _crc_there(self, span: range) -> int:
        buffer = self._buffers.take(_PIECE)
        crc = 0
        try:
            for start in range(span.start, span.stop, _PIECE):
                view = buffer[: span.stop - start]
                count = self._landing.read_at(start, view)
                crc = checksums.crc(self._algorithm, view[:count], crc)
        finally:
            self._buffers.give(buffer)
        return crc
