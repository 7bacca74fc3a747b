"""A source's bytes into a store: by one request up to one part, side by side above."""

from __future__ import annotations

import errno
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from s3open import checksums
from s3open.s3.jobs import Job, wait_for_room
from s3open.transfers.buffers import Buffers
from s3open.writing.behind import spans as growing
from s3open.writing.parts import abort, grown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from s3open.config import Config
    from s3open.contract import ObjectInfo, Part
    from s3open.stores.objects import S3Writer
    from s3open.transfers.sources import Source

    Moved: TypeAlias = Callable[[int], object]


class Step(NamedTuple):
    """A part to be sent; *view* has its bytes if they had to be read in order."""

    number: int
    span: range
    view: memoryview | None


def send(
    source: Source, writer: S3Writer, config: Config, moved: Moved | None = None
) -> ObjectInfo:
    """Publish all of *source*, or nothing. Raises what *writer* raises.

    *moved* is told the bytes of each part that is sent.
    """
    sending = Sending(source, writer, config, moved)
    if source.size is not None and source.size <= config.part_size:
        return sending.whole(source.size)
    steps = sending.steps(spans(source.size, config, writer.max_parts))
    if source.size is None:
        first = next(steps)
        if first.view is not None and len(first.view) < len(first.span):
            return writer.put([first.view])
        steps = chain([first], steps)
    upload = writer.begin()
    try:
        return sending.in_parts(upload, steps)
    except BaseException:
        abort(writer, upload)
        raise


def spans(size: int | None, config: Config, max_parts: int) -> Iterator[range]:
    """Yield where the parts 1, 2, ... of *size* bytes lie, which may be unknown."""
    if size is None:
        largest = max(config.part_size, config.memory // 4)
        yield from growing(config.part_size, largest)
        return
    step = grown(config.part_size, size, max_parts)
    for start in range(0, size, step):
        yield range(start, min(start + step, size))


class Sending:
    """The way of *source* to *writer*. For one thread, which uses others."""

    def __init__(
        self,
        source: Source,
        writer: S3Writer,
        config: Config,
        moved: Moved | None = None,
    ) -> None:
        self._moved = moved
        self._source = source
        self._writer = writer
        self._config = config
        self._buffers = Buffers()
        self._known: Mapping[int, Part] = {}
        self._noted: Mapping[object, Mapping[str, object]] = {}
        self._note: Callable[[dict[str, object]], None] | None = None

    def go_on(
        self,
        known: Mapping[int, Part],
        entries: Iterable[Mapping[str, object]],
        note: Callable[[dict[str, object]], None],
    ) -> None:
        """Send no part that the store has already.

        *known* are those that it lists, *entries* what was noted of them when they were
        sent; *note* is told of those that are sent now.
        """
        self._known = known
        self._noted = {entry.get("part"): entry for entry in entries}
        self._note = note

    def whole(self, size: int) -> ObjectInfo:
        """Publish *size* bytes by one request."""
        return self._writer.put([self._filled(range(size))])

    def steps(self, spans: Iterable[range]) -> Iterator[Step]:
        """Yield the parts at *spans*, as far as there are bytes, the first in any case.

        What has to be read in order is read when it is asked for.
        """
        for number, span in enumerate(spans, start=1):
            if not self._source.in_order:
                yield Step(number, span, None)
                continue
            view = self._filled(span)
            if view or number == 1:
                yield Step(number, span, view)
            if len(view) < len(span):
                return

    def in_parts(self, upload: str, steps: Iterable[Step]) -> ObjectInfo:
        """Publish *steps* as the parts of *upload*.

        Raises OSError ESTALE if the source changes meanwhile.
        """
        made: list[Job[Part]] = []
        running: list[Job[Part]] = []
        try:
            for step in steps:
                # One part more may have been read already.
                fitting = self._config.memory // len(step.span) - 1
                room = max(1, min(self._config.connections, fitting))
                wait_for_room(running, room)
                for job in running:
                    if job.failed:
                        job.result()
                running = [job for job in running if not job.done]
                job = Job(partial(self._send, upload, step), started=False)
                made.append(job)
                running.append(job)
                job.start()
            parts = [job.result() for job in made]
        except BaseException:
            for job in running:
                job.cancel()
            raise
        self._source.check()
        return self._writer.complete(upload, parts)

    def _send(self, upload: str, step: Step) -> Part:
        view = self._filled(step.span) if step.view is None else step.view
        part = self._sent(upload, step, view)
        if self._moved is not None:
            self._moved(part.size)
        return part

    def _sent(self, upload: str, step: Step, view: memoryview) -> Part:
        try:
            if self._note is None:
                return self._writer.put_part(upload, step.number, [view])
            algorithm = checksums.own()
            value = checksums.crc(algorithm, view)
            crc = checksums.encode(algorithm, value)
            part = self._there(step.number, len(view), crc)
            if part is None:
                part = self._writer.put_part(upload, step.number, [view], value)
                self._note({"part": step.number, "etag": part.etag, "crc": crc})
            return part
        finally:
            self._buffers.give(view)

    def _there(self, number: int, size: int, crc: str) -> Part | None:
        """Return the part as the store has it, if it has *size* bytes with this *crc*.

        What a store says of checksums is believed; where it says nothing, it still has
        the ETag of what was sent then.
        """
        part = self._known.get(number)
        if part is None or part.size != size:
            return None
        if part.crc is not None:
            return part if checksums.encode(checksums.own(), part.crc) == crc else None
        noted = self._noted.get(number, {})
        same = (noted.get("etag"), noted.get("crc")) == (part.etag, crc)
        return part if same else None

    def _filled(self, span: range) -> memoryview:
        """Return the bytes of *span*, fewer only at an end that nobody knew."""
        view = self._buffers.take(len(span))
        count = self._source.fill(span.start, view)
        if self._source.size is not None and count != len(span):
            raise OSError(
                errno.ESTALE, f"only {count} of {len(span)} bytes are left to upload"
            )
        return view[:count]
