"""Who asked for what, and how many bytes it took."""

from __future__ import annotations

import threading
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from s3open.testing.request import Request

_RECORDS: Final = 10_000  # remembered one by one; the sums go on for ever


@dataclass(eq=False)
class Record:
    """One request, in the list from its first moment on.

    *number* counts requests in the order they arrived, *connection* connections.
    *status* is 0 until the answer begins. The bytes are those of bodies, as they went
    over the socket.
    """

    number: int
    connection: int
    operation: str
    bucket: str
    key: str
    range: str | None
    headers: Mapping[str, str] = field(repr=False)
    status: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    tallies: list[Tally] = field(default_factory=list, repr=False)


class Tally:
    """Sums over requests: of all, or of those that came during a `counting` block.

    *total* is their number, *bytes_in* and *bytes_out* are the bytes of their bodies.
    They go on growing while answers to them are under way, even after the block.
    """

    def __init__(self, lock: threading.Lock) -> None:
        self.total = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self._lock = lock
        self._operations: Counter[str] = Counter()
        self._connections: set[int] = set()
        self._records: deque[Record] = deque(maxlen=_RECORDS)

    @property
    def operations(self) -> Counter[str]:
        """The number of requests by operation."""
        with self._lock:
            return self._operations.copy()

    @property
    def connections(self) -> int:
        """The number of connections they came over."""
        return len(self._connections)

    @property
    def records(self) -> list[Record]:
        """The last 10,000 requests, oldest first."""
        with self._lock:
            return list(self._records)

    def add(self, record: Record) -> None:
        """Count a request; the lock must be held."""
        self.total += 1
        self._operations[record.operation] += 1
        self._connections.add(record.connection)
        self._records.append(record)
        record.tallies.append(self)


class Counters:
    """All tallies of a server; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tallies = [Tally(self._lock)]
        self._numbers = 0

    @property
    def all(self) -> Tally:
        """The tally of all requests since the start or the last reset."""
        return self._tallies[0]

    def reset(self) -> None:
        """Forget all requests; blocks that count go on counting."""
        with self._lock:
            self._tallies[0] = Tally(self._lock)

    @contextmanager
    def counting(self) -> Iterator[Tally]:
        """Count what arrives during the block."""
        tally = Tally(self._lock)
        with self._lock:
            self._tallies.append(tally)
        try:
            yield tally
        finally:
            with self._lock:
                self._tallies.remove(tally)

    def started(self, request: Request, connection: int) -> Record:
        with self._lock:
            self._numbers += 1
            record = Record(
                self._numbers,
                connection,
                request.operation,
                request.bucket,
                request.key,
                request.headers.get("range"),
                request.headers,
            )
            for tally in self._tallies:
                tally.add(record)
        return record

    def received(self, record: Record, count: int) -> None:
        with self._lock:
            record.bytes_in += count
            for tally in record.tallies:
                tally.bytes_in += count

    def sent(self, record: Record, count: int) -> None:
        with self._lock:
            record.bytes_out += count
            for tally in record.tallies:
                tally.bytes_out += count
