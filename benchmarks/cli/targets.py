"""What the command is to reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.targets import Target
from benchmarks.workloads import MIB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.measuring import Result

_S5CMD = ("s5cmd", "s5cmd tuned")
_AWS = ("aws-cli",)
_RCLONE = ("rclone", "rclone tuned")
# What Python and its modules take, and a page of a listing.
_FLAT = 64


def _requests(result: Result) -> float:
    return result.requests


def _deletions(result: Result) -> float:
    each = [run.traffic.requests.get("DeleteObjects", 0) for run in result.runs]
    return max(each) / result.runs[0].operations


def _peak(result: Result) -> float:
    return result.peak / MIB


def targets() -> Iterator[Target]:
    """Yield them all; they are for the whole of the workloads."""
    for way in ("down", "up"):
        small, large = f"copy 3,000 x 4 KiB {way}", f"copy 1 GiB {way}"
        yield _ahead(small, "s3like", _S5CMD)
        yield _ahead(small, "s3like", _RCLONE)
        yield _times(small, "raw", _S5CMD, 0.8)
        yield _times(small, "raw", _AWS, 5)
        yield _ahead(large, "s3like", _S5CMD)
        yield _ahead(large, "s3like", _AWS)
        yield _ahead(large, "s3like", _RCLONE)
    sync, ls, rm = "sync 10,000 unchanged", "ls of 100,000", "rm -r of 10,000"
    for profile in ("raw", "s3like"):
        yield Target(sync, profile, "requests", 11, _requests)
        yield _ahead(sync, profile, _AWS)
        yield _ahead(sync, profile, _S5CMD)
        yield _times(ls, profile, _AWS, 3)
        yield Target(ls, profile, "MiB of memory", _FLAT, _peak)
        yield Target(rm, profile, "delete requests", 10, _deletions)
        yield _ahead(rm, profile, _AWS)
    yield Target("start-up: --help", "raw", "s", 0.1)
    yield Target("start-up: ls of one", "raw", "s", 0.35)


def _ahead(workload: str, profile: str, than: tuple[str, ...]) -> Target:
    return _times(workload, profile, than, 1)


def _times(workload: str, profile: str, than: tuple[str, ...], limit: float) -> Target:
    return Target(workload, profile, "times faster", limit, than=than, times=True)
