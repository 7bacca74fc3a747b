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
    poured,
    uri,
)
from benchmarks.workloads import BUCKET, SMALL, Workload


class S3open(Appending, Patching, Recovering, Updating, Text, Files):
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


class Pouring(Peer):
    """The same file, read into a buffer of the caller's."""

    def stream(self, work: Workload) -> int:
        with s3open.open(uri(work.source), "rb") as file:
            return poured(file)
