"""What s3open is to reach, and whether it has, by the results of one run."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from benchmarks.peers import OURS
from benchmarks.report import best_peer
from benchmarks.workloads import GIB, KIB, MIB, PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from benchmarks.measuring import Result

    Measure = Callable[[Result], float]

_FILES = ("smart_open", "pyarrow", "obstore", "obstore file", "s3fs", "megfile")
_ANY = ("any peer",)
_SPILLED = "20 GiB to spill"
_wall: Measure = attrgetter("wall")
_cpu: Measure = attrgetter("cpu")


@dataclass(frozen=True)
class Target:
    """At most *limit*, or that many *times* faster than all of *than*.

    With *than*, it is the ratio to the least of theirs that counts.
    """

    workload: str
    profile: str
    what: str
    limit: float
    measure: Measure = _wall
    than: tuple[str, ...] = ()
    times: bool = False


@dataclass(frozen=True)
class Verdict:
    """The figure that a target was measured at; None where it was not."""

    target: str
    figure: float | None
    met: bool | None


def _per_gb(result: Result) -> float:
    return result.cpu / result.work.size * 1e9


def _requests(result: Result) -> float:
    return result.requests


def _mib(result: Result) -> float:
    return (result.sent + result.received) / MIB


def _down(result: Result) -> float:
    return result.fetched / MIB


def _up_kib(result: Result) -> float:
    return result.received / KIB


def _peak(result: Result) -> float:
    return result.peak / MIB


def _excess(result: Result) -> float:
    """Return how much more was moved than was asked for."""
    return (result.sent + result.received) / result.work.length


def _trips(result: Result) -> float:
    """Return the round trips that are left when the transfer's time is taken away."""
    profile = PROFILES[result.profile]
    assert profile.bandwidth is not None
    transfer = (result.sent + result.received) / profile.bandwidth
    return (result.wall - transfer) / profile.latency


def _targets() -> Iterator[Target]:
    read, write = "sequential read", "sequential write"
    yield Target(read, "s3like", "time, to the fastest peer's", 0.5, than=_ANY)
    for peer in ("smart_open", "s3fs"):
        yield Target(read, "s3like", "times faster", 15, than=(peer,), times=True)
    yield Target(read, "s3like", "CPU s/GB", 0.4, _per_gb)
    yield Target(read, "raw", "time, to the fastest file's", 1, than=_FILES)
    bare = ("boto3 bare stream",)
    yield Target(read, "raw", "time, to a bare stream's", 1.5, than=bare)
    unverified = (f"{OURS} unverified",)
    for profile in PROFILES:
        for name in (f"{read}, verified", write):
            yield Target(name, profile, "time, to its", 1.05, than=unverified)
    again = "write, seek back, read back"
    yield Target(write, "s3like", "time, to the fastest peer's", 0.8, than=_ANY)
    yield Target(write, "s3like", "CPU s/GB", 0.7, _per_gb)
    yield Target(write, "raw", "time, to the fastest peer's", 1, than=_ANY)
    yield Target(again, "s3like", "time, to the fastest peer's", 0.8, than=_ANY)
    yield Target(again, "s3like", "CPU s/GB", 0.7, _per_gb)
    yield Target(again, "raw", "time, to the fastest peer's", 1, than=_ANY)
    yield from _scattered()
    yield from _small()
    for peer in ("boto3", "smart_open"):
        yield Target("cold start", "raw", "time, to its", 0.25, than=(peer,))


def _scattered() -> Iterator[Target]:
    first, bare = "first byte of 10 GiB", ("bare http.client",)
    yield Target(first, "s3like", "requests", 1, _requests)
    yield Target(first, "s3like", "time, to a bare GET's", 1.1, than=bare)
    yield Target(first, "s3like", "MiB moved", 2, _mib)
    reads = "random reads of 64 KiB"
    yield Target(reads, "s3like", "bytes moved for one asked for", 2, _excess)
    yield Target(reads, "s3like", "requests each", 1.02, _requests)
    yield Target(reads, "s3like", "time, to the fastest peer's", 1, than=_ANY)
    tail = "zip-like: tail, then 50 reads"
    yield Target(tail, "s3like", "time, to pyarrow's", 1, than=("pyarrow",))
    yield Target(tail, "s3like", "MiB moved", 16, _mib)
    for name, down, up in (("append 1 KiB", 0, 64), ("patch 1 MiB", 16, 16 * KIB)):
        yield Target(name, "s3like", "MiB downloaded", down, _down)
        yield Target(name, "s3like", "KiB uploaded", up, _up_kib)
        yield Target(name, "s3like", "round trips beside the transfer", 10, _trips)
    yield Target("append 1 KiB", "s3like", "time, to s3fs's", 1, than=("s3fs",))
    for name in ("read", "read 20 GiB", "write", "write 20 GiB", f"write {_SPILLED}"):
        yield Target(f"memory, {name}", "raw", "MiB over the start", 200, _peak)


def _small() -> Iterator[Target]:
    slow = ("boto3", "smart_open")
    for action in ("read", "write"):
        name = f"{action} 4 KiB"
        yield Target(name, "raw", "time, to bare obstore's", 1.4, than=("obstore",))
        for peer in slow:
            yield Target(name, "raw", "times faster", 6, than=(peer,), times=True)
        name = f"{name}, 32 threads"
        for peer in slow:
            yield Target(name, "raw", "times faster", 6, than=(peer,), times=True)
        # Level is what differs by less than two runs of the same do.
        level = "time, to obstore's"
        yield Target(name, "s3like", level, 1.1, than=("obstore",))
    yield Target("lines", "raw", "time, to the fastest peer's", 1, than=_ANY)
    local = ("builtin open",)
    yield Target("lines", "raw", "time, to a local file's", 2, than=local)


def verdicts(results: Sequence[Result]) -> list[Verdict]:
    """Return one for every target."""
    found = {(each.work.name, each.profile, each.peer): each for each in results}
    return [*judged(_targets(), results), *_between(found)]


def judged(targets: Iterable[Target], results: Sequence[Result]) -> list[Verdict]:
    """Return one for each of *targets*."""
    found = {(each.work.name, each.profile, each.peer): each for each in results}

    def theirs(target: Target) -> list[float]:
        where = (target.workload, target.profile)
        if target.than == _ANY:
            group = [
                each for each in results if (each.work.name, each.profile) == where
            ]
            best = best_peer(group)
            return [target.measure(best)] if best else []
        rows = [found.get((*where, peer)) for peer in target.than]
        return [target.measure(row) for row in rows if row and row.runs]

    def ours(target: Target) -> Result | None:
        # Some of it, a stream does alone.
        rows = (
            found.get((target.workload, target.profile, name))
            for name in (OURS, f"{OURS} streaming")
        )
        return next(filter(None, rows), None)

    return [_verdict(target, ours(target), theirs) for target in targets]


def _verdict(
    target: Target, ours: Result | None, theirs: Callable[[Target], list[float]]
) -> Verdict:
    sign = ">=" if target.times else "<="
    than = f" ({target.than[0]})" if target.times or len(target.than) == 1 else ""
    text = (
        f"{target.workload}, {target.profile}: "
        f"{target.what}{than} {sign} {target.limit:g}"
    )
    if ours is None or not ours.runs:
        return Verdict(text, None, None)
    figure = target.measure(ours)
    if target.than:
        others = theirs(target)
        if not others:
            return Verdict(text, None, None)
        figure = min(others) / figure if target.times else figure / min(others)
    met = figure >= target.limit if target.times else figure <= target.limit
    return Verdict(text, figure, met)


def _between(found: dict[tuple[str, str, str], Result]) -> Iterator[Verdict]:
    """Judge s3open's own workloads beside each other."""
    single = found.get(("random reads of 64 KiB", "s3like", OURS))
    many = found.get(("ranges of 64 KiB at once", "s3like", OURS))
    text = "ranges at once, s3like: times faster than one by one >= 8"
    yield _own(text, single and single.runs and single.wall, many, 8)
    # From 512 MiB to 1 GiB; what is lost at the start weighs the less.
    plain = found.get(("sequential read", "s3like", OURS))
    after = found.get(("sequential read after random reads", "s3like", OURS))
    pace = plain and plain.runs and plain.wall / plain.work.size * GIB
    yield _own("after random reads, s3like: to full speed >= 0.9", pace, after, 0.9)


def _own(text: str, reference: object, result: Result | None, limit: float) -> Verdict:
    if not isinstance(reference, float) or result is None or not result.runs:
        return Verdict(text, None, None)
    figure = reference / result.wall
    return Verdict(text, figure, figure >= limit)


def lines(judged: Sequence[Verdict]) -> Iterator[str]:
    """Yield a line for each."""
    width = max(len(each.target) for each in judged)
    words = {True: "met", False: "MISSED", None: "not measured"}
    for each in judged:
        figure = "" if each.figure is None else f"{each.figure:.3g}"
        yield f"{each.target:<{width}}  {figure:>8}  {words[each.met]}"
