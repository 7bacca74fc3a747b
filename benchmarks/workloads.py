"""What is measured."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20
STEP = MIB
BUCKET = "bench"
SMALL = 4 << 10


@dataclass(frozen=True)
class Workload:
    """*operations* times the same: a whole object of *size* read, or written.

    *source* is the object, or the local file, that is read. One with *steps* moves
    1 MiB at a time, the others all at once.
    """

    name: str
    size: int
    operations: int = 1
    writing: bool = False
    steps: bool = True
    source: str = ""


def workloads(*, quick: bool) -> list[Workload]:
    """Return what to measure, much less of it where *quick*."""
    operations = 50 if quick else 300
    large, huge = (32 * MIB, 128 * MIB) if quick else (256 * MIB, 1024 * MIB)
    return [
        Workload("read 4 KiB", SMALL, operations, steps=False, source="small"),
        Workload("write 4 KiB", SMALL, operations, writing=True, steps=False),
        Workload(f"read {large // MIB} MiB", large, source="large"),
        Workload(f"write {large // MIB} MiB", large, writing=True),
        Workload(f"read {huge // MIB} MiB", huge, source="huge"),
    ]
