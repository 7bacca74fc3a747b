"""The results as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.peers import REFERENCES, is_ours
from benchmarks.workloads import KIB, MIB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.measuring import Result
    from benchmarks.workloads import Workload

_HEAD = ("wall", "rate", "CPU", "per GB", "peak", "req.", "bytes", "to best")
_FIRST = 38
_WIDTH = 10


def best_peer(results: Iterable[Result]) -> Result | None:
    """Return the fastest of those that are neither ours nor only references."""
    peers = [
        result
        for result in results
        if result.runs and not is_ours(result.peer) and result.peer not in REFERENCES
    ]
    return min(peers, key=lambda result: result.wall, default=None)


def table(group: Sequence[Result]) -> str:
    """Return the table of one workload and profile.

    The last column is the ratio to the fastest peer's time.
    """
    if not group:
        return ""
    best = best_peer(group)
    title = f"{group[0].work.name} ({group[0].profile})"
    rows = [(title, *_HEAD), *(_row(result, best) for result in group)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    lines = []
    for first, *others in rows:
        cells = map(str.rjust, others, [max(width, _WIDTH) for width in widths[1:]])
        lines.append("  ".join([first.ljust(max(widths[0], _FIRST)), *cells]).rstrip())
    return "\n".join([*lines, ""])


def ceiling_lines(ceilings: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield "What a bare socket client gets from the server:"
    for item in ceilings:
        yield (
            f"  {item['profile']:<7} {item['connections']:>3} connections "
            f"{item['direction']}  {item['rate'] / 1e6:6,.0f} MB/s  "
            f"{item['cpu']:.2f} CPU s/GB"
        )


def _row(result: Result, best: Result | None) -> tuple[str, ...]:
    if not result.runs:
        reason = result.failed.splitlines()[-1][:40] if result.failed else "not run"
        return (f"  {result.peer}: {reason}", *("",) * len(_HEAD))
    work = result.work
    local = result.peer == "builtin open"
    return (
        f"  {result.peer}",
        time_text(result.wall),
        f"{work.size / result.wall / 1e6:,.0f} MB/s" if bulk(work) else "",
        time_text(result.cpu),
        f"{result.cpu / work.size * 1e9:.2f}" if bulk(work) else "",
        size_text(result.peak),
        "-" if local else f"{result.requests:.4g}",
        "-" if local else size_text(result.received + result.sent),
        f"{result.wall / best.wall:.2f}x" if best else "",
    )


def bulk(work: Workload) -> bool:
    """Whether it is the rate that tells something."""
    return work.action in ("stream", "feed", "rewrite", "lines", "recover")


def time_text(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if seconds * factor >= 1:
            return f"{seconds * factor:#.3g}".rstrip(".") + f" {unit}"
    return f"{seconds * 1e6:.0f} us"


def size_text(count: float) -> str:
    for unit, factor in (("MiB", MIB), ("KiB", KIB)):
        if count >= factor:
            return f"{count / factor:,.1f} {unit}"
    return f"{count:.0f} B"
