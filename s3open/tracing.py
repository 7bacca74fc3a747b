"""What this process asks of stores, counted while somebody looks.

One list of those who look, for the whole process: which thread a request is made in
says nothing about who caused it.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(slots=True)
class Sums:
    """What some requests took.

    *requests* is their number, *retries* how many were made again, *failures* how many
    were not answered, or by an error; *bytes_in* and *bytes_out* the bytes of objects
    that came and went, *seconds* the time until their answers began.
    """

    requests: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    retries: int = 0
    failures: int = 0
    seconds: float = 0.0

    def add(self, other: Sums) -> None:
        """Add what *other* has."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Trace:
    """What was asked of stores, and what came, as far as it has. Thread-safe.

    Attributes:
        verbs: the number of requests by HTTP's verb, such as ``GET``.
        unverified: how often bytes that were read could not be compared with a
            checksum: there was none, or not all bytes were read.
    """

    def __init__(self) -> None:
        self.verbs: Counter[str] = Counter()
        self.unverified = 0
        self._sums: dict[tuple[str, str], Sums] = {}

    def __repr__(self) -> str:
        return f"<Trace {self.total} {dict(self.operations)}>"

    @property
    def total(self) -> Sums:
        """What all requests took."""
        return self._grouped(lambda operation, file: "").get("", Sums())

    @property
    def requests(self) -> int:
        """How many there were."""
        return self.total.requests

    @property
    def bytes_in(self) -> int:
        """How many bytes of objects came."""
        return self.total.bytes_in

    @property
    def bytes_out(self) -> int:
        """How many bytes of objects were sent."""
        return self.total.bytes_out

    @property
    def retries(self) -> int:
        """How many requests were made again, for one that failed."""
        return self.total.retries

    @property
    def failures(self) -> int:
        """How many were not answered, or by an error."""
        return self.total.failures

    @property
    def operations(self) -> Counter[str]:
        """The number of requests by operation, by S3's name: ``GetObject``."""
        return _requests(self.by_operation)

    @property
    def files(self) -> Counter[str]:
        """The number of requests by what they were about, its URI."""
        return _requests(self.by_file)

    @property
    def by_operation(self) -> dict[str, Sums]:
        """What requests took, by operation."""
        return self._grouped(lambda operation, file: operation)

    @property
    def by_file(self) -> dict[str, Sums]:
        """What requests took, by what they were about."""
        return self._grouped(lambda operation, file: file)

    def _grouped(self, group: Callable[[str, str], str]) -> dict[str, Sums]:
        found: dict[str, Sums] = {}
        with _lock:
            for key, sums in self._sums.items():
                found.setdefault(group(*key), Sums()).add(sums)
        return found

    def _of(self, operation: str, file: str) -> Sums:
        return self._sums.setdefault((operation, file), Sums())


def _requests(groups: dict[str, Sums]) -> Counter[str]:
    return Counter({name: sums.requests for name, sums in groups.items()})


_lock = threading.Lock()

# Replaced, never changed: who reads it needs no lock.
_traces: tuple[Trace, ...] = ()

# What became of reads, of all of this process: "verified"; "partial", for not all bytes
# were read; "unverifiable", for there was nothing to verify them by.
checks: Counter[str] = Counter()


@contextmanager
def trace() -> Iterator[Trace]:
    """Count what is asked of stores, and what comes, while a ``with`` block runs.

    All requests of this process, of all threads; not those of other processes. Several
    may look at once, one inside the other. What was begun before the block ends, and
    ends after it, is counted as far as it was. Some 350 bytes are kept for each file
    and operation.

    What boto3 does by itself, as following a bucket into its region, is not seen, nor
    are the bytes of listings and other documents.
    """
    global _traces
    found = Trace()
    with _lock:
        _traces = (*_traces, found)
    try:
        yield found
    finally:
        with _lock:
            _traces = tuple(each for each in _traces if each is not found)


def is_watched() -> bool:
    """Whether anybody looks."""
    return bool(_traces)


def asked(
    operation: str, file: str, verb: str, status: int | None, sent: int, seconds: float
) -> None:
    """Count a request; *status* is None where no answer came, *sent* bytes went."""
    failed = status is None or status >= 400
    took = Sums(1, 0, sent, 0, failed, seconds)
    with _lock:
        for each in _traces:
            each.verbs[verb] += 1
            each._of(operation, file).add(took)  # noqa: SLF001  # of this module


def received(operation: str, file: str, count: int) -> None:
    """Count bytes of an object that came."""
    if _traces:
        with _lock:
            for each in _traces:
                each._of(operation, file).bytes_in += count  # noqa: SLF001


def retried(operation: str, file: str) -> None:
    """Count a request that is made again."""
    if _traces:
        with _lock:
            for each in _traces:
                each._of(operation, file).retries += 1  # noqa: SLF001


def checked(outcome: str) -> None:
    """Count a read by what became of its verification, see `checks`."""
    checks[outcome] += 1
    if outcome != "verified" and _traces:
        with _lock:
            for each in _traces:
                each.unverified += 1


def _forget() -> None:
    """Leave a lock that another thread of the parent may hold to the parent."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
