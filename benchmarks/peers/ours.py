"""s3open."""

from __future__ import annotations

from typing import IO, Any, Literal

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
from benchmarks.workloads import BUCKET, SMALL, Workload

_SUMMED = "summed"


class Summed:
    """Reads what was stored with its checksum, as what s3open writes is."""

    VERIFY: Literal["auto", "off"] = "auto"

    def prepare(self, work: Workload) -> None:
        if work.action == "verify":
            with s3open.open(uri(_SUMMED), "wb") as file:
                for step in steps(work.size):
                    file.write(step)
        else:
            super().prepare(work)  # type: ignore[misc]

    def verify(self, _work: Workload) -> int:
        with s3open.open(uri(_SUMMED), "rb", verify=self.VERIFY) as file:
            return drained(file)


class S3open(Summed, Appending, Patching, Recovering, Updating, Text, Files):
    COLD = f"""
import s3open
with s3open.open("s3://{BUCKET}/small", "rb") as file:
    assert len(file.read()) == {SMALL}
"""

    def open(self, name: str, mode: str) -> IO[Any]:
        file: IO[Any] = s3open.open(uri(name), mode)
        return file

    def ranges(self, work: Workload) -> int:
        spans = [(offset, work.length) for offset in work.offsets()]
        with s3open.open(uri(work.source), "rb") as file:
            raw: Any = file.raw
            return sum(map(len, raw.read_ranges(spans)))


class _Warmed(Peer):
    def warm(self) -> None:
        S3open(self.folder).warm()


class Unverified(Summed, _Warmed):
    """The same file, and nothing is summed."""

    VERIFY: Literal["auto", "off"] = "off"

    def prepare(self, work: Workload) -> None:
        if work.action == "verify":
            super().prepare(work)

    def feed(self, name: str, work: Workload) -> None:
        with s3open.open(uri(name), "wb", verify="off") as file:
            for step in steps(work.size):
                file.write(step)


class Streaming(_Warmed):
    """What is written in order, and not kept on this machine."""

    def feed(self, name: str, work: Workload) -> None:
        with s3open.open(uri(name), "wb", streaming=True) as file:
            for step in steps(work.size):
                file.write(step)


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
