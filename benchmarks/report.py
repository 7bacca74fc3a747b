"""The results as a table, and how they stand to the targets of the project."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.contenders import BASELINE
from benchmarks.workloads import MIB

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.server import Traffic
    from benchmarks.workloads import Workload

# In CPU, of s3open to bare boto3; in bytes above the start.
TARGET_SMALL_READ = 1.15
TARGET_PEAK = 200 * MIB


@dataclass(frozen=True)
class Run:
    """One measurement: seconds of its median operation, traffic of all of them."""

    wall: float
    cpu: float
    peak: int
    traffic: Traffic


@dataclass(frozen=True)
class Result:
    """All measurements of one contender at one workload."""

    workload: Workload
    contender: str
    runs: Sequence[Run]

    @property
    def wall(self) -> float:
        return median(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        return median(run.cpu for run in self.runs)

    @property
    def peak(self) -> int:
        return int(median(run.peak for run in self.runs))

    @property
    def requests(self) -> float:
        total = median(sum(run.traffic.requests.values()) for run in self.runs)
        return total / self.workload.operations

    @property
    def bytes(self) -> float:
        total = median(run.traffic.received + run.traffic.sent for run in self.runs)
        return total / self.workload.operations


_HEAD = ("", "wall", "CPU", "peak", "requests", "bytes", "wall", "CPU")


def table(results: Sequence[Result]) -> str:
    """Return the table; the last two columns are ratios to bare boto3."""
    rows: list[tuple[str, ...]] = [_HEAD]
    base: Result | None = None
    shown: Workload | None = None
    for result in results:
        if result.workload != shown:
            shown = result.workload
            base = _find(results, shown.name, BASELINE)
            rows += [("",) * len(_HEAD), (shown.name, *("",) * (len(_HEAD) - 1))]
        rows.append(_row(result, base))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = map(str.rjust, others, widths[1:])
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join(lines)


def standing(
    results: Sequence[Result], paired: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> Iterator[str]:
    """Yield a line for each ratio within one process, and for each target."""
    for workload, contenders in paired.items():
        base = _time(contenders[BASELINE]["cpu"])
        for name, measured in contenders.items():
            if name != BASELINE:
                yield (
                    f"{name}, {workload}: {_time(measured['cpu'])} of CPU, "
                    f"{measured['ratio']:.2f} times boto3's {base}"
                )
    reads = paired["read 4 KiB"].items()
    ratio = max(measured["ratio"] for name, measured in reads if name != BASELINE)
    yield _verdict(
        f"CPU of a small read {ratio:.2f}, at most {TARGET_SMALL_READ:.2f}",
        met=ratio <= TARGET_SMALL_READ,
    )
    huge = max((item.workload for item in results), key=lambda item: item.size)
    ours = _find(results, huge.name, "s3open")
    if ours is not None:
        peak = max(run.peak for run in ours.runs)
        yield _verdict(
            f"peak of {huge.name} {_size(peak)}, at most {_size(TARGET_PEAK)}",
            met=peak <= TARGET_PEAK,
        )


def _verdict(what: str, *, met: bool) -> str:
    return f"target: {what}: {'met' if met else 'MISSED'}"


def _find(results: Sequence[Result], workload: str, contender: str) -> Result | None:
    for result in results:
        if (result.workload.name, result.contender) == (workload, contender):
            return result
    return None


def _row(result: Result, base: Result | None) -> tuple[str, ...]:
    local = result.contender == "builtin open"
    return (
        f"  {result.contender}",
        _time(result.wall),
        _time(result.cpu),
        _size(result.peak),
        "-" if local else f"{result.requests:.4g}",
        "-" if local else _size(result.bytes),
        _ratio(result.wall, base.wall if base else None),
        _ratio(result.cpu, base.cpu if base else None),
    )


def _ratio(value: float, base: float | None) -> str:
    return f"{value / base:.2f}x" if base else ""


def _time(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if seconds * factor >= 1:
            return f"{seconds * factor:#.3g}".rstrip(".") + f" {unit}"
    return f"{seconds * 1e6:.0f} us"


def _size(count: float) -> str:
    for unit, factor in (("MiB", MIB), ("KiB", 1 << 10)):
        if count >= factor:
            return f"{count / factor:,.1f} {unit}"
    return f"{count:.0f} B"
