"""What is measured, and how slow the way to the store is."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

KIB = 1 << 10
MIB = 1 << 20
GIB = 1 << 30
STEP = MIB
BUCKET = "bench"
SMALL = 4 * KIB
APPENDED = KIB
PATCHED = MIB
TEXT = "text"
# Kept as it is, with its checksum; what else is large is made up, and has none.
SUMMED = "summed"


@dataclass(frozen=True)
class Profile:
    """*latency* passes before each answer, *bandwidth* is that of one connection."""

    name: str
    latency: float
    bandwidth: float | None


PROFILES = {
    "raw": Profile("raw", 0.0, None),
    # What S3 gives a connection within its region.
    "s3like": Profile("s3like", 0.020, 80e6),
}


@dataclass(frozen=True)
class Workload:
    """*operations* times the same *action*, which is a method of the peers.

    An operation is *count* of what is counted, on *threads* if there are any: wall and
    CPU time, requests and bytes are given for one of them. *source* is the object that
    is read or changed, of *size* bytes; *length* is that of a single read. What is
    *optional* is done where asked for; *once*, because memory is no matter of luck.
    """

    name: str
    action: str
    size: int
    source: str = ""
    operations: int = 1
    count: int = 1
    threads: int = 0
    length: int = 0
    profiles: tuple[str, ...] = ("s3like",)
    optional: bool = False
    once: bool = False
    peers: tuple[str, ...] = field(default=())

    def offsets(self) -> list[int]:
        """Return where to read, in the order of the reads: the same for all peers."""
        end = self.size - self.length
        generator = random.Random(0)
        return [generator.randrange(end) for _ in range(self.count)]


_BOTH = ("raw", "s3like")
# Of the others it is known after 512 MiB.
_BY_STEPS = ("s3open", "s3open streaming", "smart_open", "obstore")


def workloads(*, quick: bool) -> list[Workload]:
    """Return what to measure, much less of it where *quick*."""
    return [*_large(quick=quick), *_scattered(quick=quick), *_small(quick=quick)]


def _large(*, quick: bool) -> Iterator[Workload]:
    large = 64 * MIB if quick else 512 * MIB
    text = 32 * MIB if quick else 256 * MIB
    yield Workload("sequential read", "stream", large, "large", profiles=_BOTH)
    yield Workload(
        "sequential read, verified",
        "stream",
        large,
        SUMMED,
        profiles=_BOTH,
        peers=("s3open", "s3open unverified"),
    )
    yield Workload("sequential write", "feed", large, profiles=_BOTH)
    yield Workload("write, seek back, read back", "rewrite", large, profiles=_BOTH)
    yield Workload("lines", "lines", text, TEXT, profiles=("raw",))
    yield from _memory(quick=quick)


def _memory(*, quick: bool) -> Iterator[Workload]:
    """Yield what is much larger than what a file may take of memory."""
    size = 256 * MIB if quick else 2 * GIB
    raw = ("raw",)
    yield Workload(
        "memory, read", "stream", size, "huge", profiles=raw, peers=_BY_STEPS
    )
    yield Workload("memory, write", "feed", size, profiles=raw, peers=_BY_STEPS)
    if quick:
        return
    yield Workload(
        "memory, read 20 GiB",
        "stream",
        20 * GIB,
        "20-gib",
        profiles=raw,
        once=True,
        peers=("s3open",),
    )
    # The one needs no disk, the other all of 20 GiB on it.
    for peer, optional in (("s3open streaming", False), ("s3open", True)):
        yield Workload(
            "memory, write 20 GiB" + (" to spill" if optional else ""),
            "feed",
            20 * GIB,
            profiles=raw,
            optional=optional,
            once=True,
            peers=(peer,),
        )


def _scattered(*, quick: bool) -> Iterator[Workload]:
    changed = 64 * MIB if quick else 256 * MIB
    reads = 40 if quick else 200
    yield Workload("first byte of 10 GiB", "first", 10 * GIB, "10-gib", 11)
    yield Workload(
        "zip-like: tail, then 50 reads",
        "tail",
        GIB,
        "1-gib",
        length=4 * KIB,
    )
    for length in (4 * KIB, 64 * KIB):
        yield Workload(
            f"random reads of {length // KIB} KiB",
            "scattered",
            GIB,
            "1-gib",
            count=reads,
            length=length,
            optional=length == 4 * KIB,
        )
    yield Workload(
        "ranges of 64 KiB at once",
        "ranges",
        GIB,
        "1-gib",
        count=reads,
        length=64 * KIB,
    )
    yield Workload(
        "sequential read after random reads",
        "recover",
        GIB,
        "1-gib",
        length=64 * KIB,
    )
    # Three times each: the first one finds out what the store honours.
    yield Workload("append 1 KiB", "append", changed, "appended", 3)
    yield Workload("patch 1 MiB", "patch", changed, "patched", 3)


def _small(*, quick: bool) -> Iterator[Workload]:
    number = 50 if quick else 500
    for action in ("read", "write"):
        yield Workload(
            f"{action} 4 KiB", action, SMALL, "small", number, profiles=("raw",)
        )
    for action in ("read", "write"):
        yield Workload(
            f"{action} 4 KiB, 32 threads",
            action,
            SMALL,
            "small",
            3 if quick else 10,
            count=320,
            threads=32,
            profiles=_BOTH,
        )
    yield Workload("cold start", "cold", SMALL, "small", 3, profiles=("raw",))
