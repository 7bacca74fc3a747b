"""What the commands have to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.workloads import GIB, KIB, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOTH = ("raw", "s3like")
_RAW = ("raw",)

# Where the files are: below the bucket, and below the local folder.
FEW, LARGE, MANY, GONE, ONE = "few/", "large/", "many/", "gone/", "one/"


def workloads(scale: float) -> Iterator[Workload]:
    """Yield what is measured, *scale* times as much of it as the targets are for.

    *count* files have *size* bytes together, in the folder *source*.
    """
    small, many, unchanged = (_number(n, scale) for n in (3_000, 100_000, 10_000))
    bytes_of_small = small * 4 * KIB
    large = max(16 << 20, int(GIB * scale))
    yield _work(f"copy {small:,} x 4 KiB down", "down", bytes_of_small, FEW, small)
    yield _work(f"copy {small:,} x 4 KiB up", "up", bytes_of_small, FEW, small)
    name = f"{large / GIB:g} GiB"
    only = ("s3like",)
    yield _work(f"copy {name} down", "down", large, LARGE, 1, profiles=only)
    yield _work(f"copy {name} up", "up", large, LARGE, 1, profiles=only)
    size = unchanged * KIB
    yield _work(f"sync {unchanged:,} unchanged", "sync", size, "sync/", unchanged)
    yield _work(f"ls of {many:,}", "ls", many * KIB, MANY, many)
    yield _work(f"rm -r of {unchanged:,}", "rm", size, GONE, unchanged)
    yield _work("start-up: --help", "help", KIB, "", 1, 10, profiles=_RAW)
    yield _work("start-up: ls of one", "ls", KIB, ONE, 1, 5, profiles=_RAW)


def _number(full: int, scale: float) -> int:
    return max(10, int(full * scale))


def _work(  # noqa: PLR0913 - what a workload is
    name: str,
    action: str,
    size: int,
    source: str,
    files: int,
    operations: int = 1,
    profiles: tuple[str, ...] = _BOTH,
) -> Workload:
    # `count` stays 1: it is the whole command that is given, not a file.
    return Workload(
        name, action, size, source, operations, length=files, profiles=profiles
    )


def files(work: Workload) -> int:
    """Return how many files there are."""
    return work.length
