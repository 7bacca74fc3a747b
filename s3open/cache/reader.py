"""A reader that looks into the cache first, and puts into it what it had to ask for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from s3open import contract
from s3open.cache.entry import STRETCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.cache.entry import Entry
    from s3open.cache.folder import Cache


class CachingReader:
    """A `contract.Reader` of what *reader* reads, by way of *entry* of *cache*.

    A disk that fails, or is full, is no reason for a read to fail: then it goes on
    without. *place* is what the entry is of.
    """

    def __init__(
        self,
        reader: contract.Reader,
        info: contract.ObjectInfo,
        cache: Cache,
        place: tuple[str, ...],
        entry: Entry,
    ) -> None:
        self.uri = reader.uri
        self._reader = reader
        self._info = info
        self._cache = cache
        self._place = place
        self._entry = entry
        self._works = True
        self._process = os.getpid()

    @property
    def _usable(self) -> bool:
        """Whether to use the cache: a forked child has locks that nobody gives back."""
        return self._works and self._process == os.getpid()

    def fetch(self, span: range) -> contract.Answer:
        if self._usable:
            present, end = self._entry.run(span.start, span.stop)
            if present:
                kept = range(span.start, end)
                return contract.Answer(self._info, kept, _Kept(self, kept))
            # What is here already need not come.
            span = range(span.start, end)
        return self.caching(self._reader.fetch(span))

    def caching(self, answer: contract.Answer) -> contract.Answer:
        """Return *answer*, which is kept as it is read."""
        if not self._usable:
            return answer
        return answer._replace(body=_Fresh(self, answer))

    def proof(self, wanted: Callable[[], bool] | None = None) -> contract.Proof | None:
        return self._reader.proof(wanted)

    def distrust(self) -> None:
        """Forget all that is kept: it is not what was stored."""
        self._works = False
        try:
            self._cache.forget(self._place)
        except OSError:
            return

    def kept(self, offset: int) -> bytes | None:
        """Return what is kept from *offset* on; None if it is damaged."""
        try:
            return self._entry.read(offset)
        except OSError:
            return None

    def keep(self, offset: int, data: bytearray) -> None:
        """Keep *data*, as far as the disk takes it."""
        if not self._usable:
            return
        try:
            self._entry.write(offset, data)
            self._cache.added(len(data))
        except OSError:
            self._works = False

    def again(self, span: range) -> contract.Body:
        """Return the body of *span*, asked for: what was kept of it is damaged."""
        return self.caching(self._reader.fetch(span)).body

    def __del__(self) -> None:
        self._entry.close()


class _Kept:
    """A body out of the cache, up to where it turns out to be damaged."""

    def __init__(self, reader: CachingReader, span: range) -> None:
        self._reader = reader
        self._rest = span
        self._data = memoryview(b"")
        self._body: contract.Body | None = None

    def readinto(self, view: memoryview) -> int:
        if self._body is None and not len(self._data) and self._rest:
            data = self._reader.kept(self._rest.start)
            if data is None:
                self._body = self._reader.again(self._rest)
            else:
                self._data = memoryview(data)[: len(self._rest)]
        if self._body is not None:
            count = self._body.readinto(view[: len(self._rest)])
        else:
            count = min(len(view), len(self._data))
            view[:count] = self._data[:count]
            self._data = self._data[count:]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        if self._body is not None:
            self._body.close()


class _Fresh:
    """A body from the store; what is read of it is kept, stretch by stretch."""

    def __init__(self, reader: CachingReader, answer: contract.Answer) -> None:
        self._reader = reader
        self._body = answer.body
        self._start = answer.span.start
        self._stop = answer.span.stop
        self._data = bytearray()

    def readinto(self, view: memoryview) -> int:
        count = self._body.readinto(view)
        done = 0
        while done < count:
            # Stretches end where the next one would begin, whoever reads what.
            here = self._start + len(self._data)
            room = min(STRETCH - here % STRETCH, max(1, self._stop - here))
            piece = view[done : min(count, done + room)]
            self._data += piece
            done += len(piece)
            if len(piece) == room:
                self._keep()
        return count

    def _keep(self) -> None:
        data, start = self._data, self._start
        self._data, self._start = bytearray(), start + len(data)
        if data:
            self._reader.keep(start, data)

    def close(self) -> None:
        self._keep()
        self._body.close()
