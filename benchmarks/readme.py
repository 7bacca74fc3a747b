"""The results in Markdown, for the README: a row for each workload, and the targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers import OURS
from benchmarks.report import best_peer, bulk, size_text, time_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.measuring import Result
    from benchmarks.targets import Verdict

# Whom readers know: of the ways of each, the fastest is shown.
_SHOWN = ("boto3", "smart_open", "s3fs", "obstore", "pyarrow")
_HEAD = (
    *("workload", "profile", OURS, "CPU", "peak", "requests", "bytes"),
    *(*_SHOWN, "to the fastest peer"),
)
_WORDS = {True: "met", False: "**missed**", None: "not measured"}


def markdown(
    groups: Sequence[Sequence[Result]], judged: Sequence[Verdict]
) -> Iterator[str]:
    """Yield the lines of both tables. Times of bulk are rates."""
    yield from _table(_HEAD, filter(None, map(_row, groups)))
    yield ""
    rows = (
        (each.target, f"{each.figure:.3g}", _WORDS[each.met])
        for each in judged
        if each.figure is not None
    )
    yield from _table(("target", "measured", ""), rows)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(row)} |"


def _row(group: Sequence[Result]) -> Sequence[str]:
    ours = next((each for each in group if is_plain(each)), None)
    if ours is None:
        return ()
    best = best_peer(group)
    ratio = f"{ours.wall / best.wall:.2f}x ({best.peer})" if best else ""
    return (
        *(ours.work.name, ours.profile, f"**{_speed(ours)}**", time_text(ours.cpu)),
        *(size_text(ours.peak), f"{ours.requests:.4g}"),
        size_text(ours.received + ours.sent),
        *(_fastest(group, package) for package in _SHOWN),
        ratio,
    )


def is_plain(result: Result) -> bool:
    """Whether it is s3open as people use it, or all there is of it."""
    alone = result.work.peers == (result.peer,)
    return bool(result.runs) and (result.peer == OURS or alone)


def _fastest(group: Sequence[Result], package: str) -> str:
    found = best_peer(each for each in group if each.peer.split(" ")[0] == package)
    return _speed(found) if found else ""


def _speed(result: Result) -> str:
    if bulk(result.work):
        return f"{result.work.size / result.wall / 1e6:,.0f} MB/s"
    return time_text(result.wall)
