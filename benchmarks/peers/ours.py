"""s3open."""

from __future__ import annotations

from typing import IO, Any

import s3open
from benchmarks.peers.base import (
    Appending,
    Files,
    Patching,
    Peer,
    Recovering,
    Text,
    Updating,
    drained,
    poured,
    read_scattered,
    steps,
    uri,
)
from benchmarks.workloads import BUCKET, MIB, SMALL, Workload


class S3open(Appending, Patching, Recovering, Updating, Text, Files):
    COLD = f"""
import s3open
with s3open.open("s3://{BUCKET}/small", "rb") as file:
    assert len(file.read()) == {SMALL}
"""

    def warm(self) -> None:
        super().warm()
        # Only what is larger loads what sums: 25 ms, once for a process.
        self.write("warm", bytes(MIB))

    def open(self, name: str, mode: str) -> IO[Any]:
        file: IO[Any] = s3open.open(uri(name), mode)
        return file

    def ranges(self, work: Workload) -> int:
        spans = [(offset, work.length) for offset in work.offsets()]
        with s3open.open(uri(work.source), "rb") as file:
            raw: Any = file.raw
            return sum(map(len, raw.read_ranges(spans)))


def _write(file: IO[bytes], work: Workload) -> None:
    for step in steps(work.size):
        file.write(step)


class _Warmed(Peer):
    def warm(self) -> None:
        S3open(self.folder).warm()


class Unverified(_Warmed):
    """The same file, and nothing is summed."""

    def stream(self, work: Workload) -> int:
        with s3open.open(uri(work.source), "rb", verify="off") as file:
            return drained(file)

    def feed(self, name: str, work: Workload) -> None:
        with s3open.open(uri(name), "wb", verify="off") as file:
            _write(file, work)


class Streaming(_Warmed):
    """What is written in order, and not kept on this machine."""

    def feed(self, name: str, work: Workload) -> None:
        with s3open.open(uri(name), "wb", streaming=True) as file:
            _write(file, work)


class Prefetching(_Warmed):
    """Tells the file what will be read, then reads it as ever."""

    def ranges(self, work: Workload) -> int:
        with s3open.open(uri(work.source), "rb") as file:
            raw: Any = file.raw
            raw.prefetch([(offset, work.length) for offset in work.offsets()])
            return read_scattered(file, work)


class Pouring(_Warmed):
    """The same file, read into a buffer of the caller's."""

    def stream(self, work: Workload) -> int:
        with s3open.open(uri(work.source), "rb") as file:
            return poured(file)
