"""Runs workers, in turns, against the server."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.partner import Partner
from benchmarks.peers import takes_part
from benchmarks.server import Traffic
from benchmarks.workloads import APPENDED, PROFILES, Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from benchmarks.server import Server

# Somebody who needs more seconds downloads all of 10 GiB for a byte, or the like.
_LIMIT = 90
_CHANGING = ("append", "patch")


@dataclass(frozen=True)
class Run:
    """One measurement: seconds and peak of one operation, traffic of all."""

    wall: float
    cpu: float
    peak: int
    operations: int
    traffic: Traffic


@dataclass(frozen=True)
class Result:
    """All measurements of one peer at one workload; none where it *failed*."""

    work: Workload
    profile: str
    peer: str
    runs: list[Run] = field(default_factory=list)
    failed: str = ""

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
        """The number of requests for one of what is counted."""
        return self._each(lambda run: sum(run.traffic.requests.values()))

    @property
    def received(self) -> float:
        """Bytes that the server received for one of what is counted."""
        return self._each(lambda run: run.traffic.received)

    @property
    def sent(self) -> float:
        """Bytes that the server sent for one of what is counted."""
        return self._each(lambda run: run.traffic.sent)

    @property
    def fetched(self) -> float:
        """Bytes of objects, of those that were sent."""
        return self._each(lambda run: run.traffic.fetched)

    def _each(self, count: Callable[[Run], int]) -> float:
        each = median(count(run) / run.operations for run in self.runs)
        return each / self.work.count

    def summary(self) -> dict[str, Any]:
        """Return all of it for JSON, medians first."""
        names = ("wall", "cpu", "peak", "requests", "received", "sent", "fetched")
        medians = {name: getattr(self, name) for name in names} if self.runs else {}
        return {**medians, **asdict(self)}

    @classmethod
    def of(cls, summary: dict[str, Any]) -> Result:
        """Return the result that *summary* is of."""
        # JSON has no tuples.
        work: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in summary["work"].items()
        }
        runs = [
            Run(**{**run, "traffic": Traffic(**run["traffic"])})
            for run in summary["runs"]
        ]
        where = (summary["profile"], summary["peer"])
        return cls(Workload(**work), *where, runs, summary["failed"])


class Bench:
    """Runs workers on *cores* against *server*, with local files in *folder*."""

    def __init__(self, server: Server, folder: str, cores: Collection[int]) -> None:
        self._server = server
        self._folder = folder
        self._place = {"folder": folder, "cores": list(cores)}

    def results(
        self,
        plan: Sequence[Workload],
        profiles: Sequence[str],
        names: Sequence[str],
        rounds: int,
    ) -> Iterator[list[Result]]:
        """Measure everything; yield the results of one workload and profile at a time.

        The peers take turns, *rounds* times. The rounds of a workload are close
        together in time, and so are the figures that are compared.
        """
        for work in plan:
            for profile in profiles:
                if profile in work.profiles:
                    self._server.shape(PROFILES[profile])
                    group = self._measured(work, profile, names, rounds)
                    _show_progress("")
                    yield group

    def _measured(
        self, work: Workload, profile: str, names: Sequence[str], rounds: int
    ) -> list[Result]:
        taking = [name for name in names if takes_part(name, work, profile)]
        results = {name: Result(work, profile, name) for name in taking}
        for number in range(1 if work.once else rounds):
            for name, result in results.items():
                if result.failed:
                    continue
                what = f"{number + 1} of {rounds}: {work.name}, {profile}, {name}"
                _show_progress(what)
                try:
                    result.runs.append(self._run(work, name))
                except RuntimeError as error:
                    results[name] = Result(
                        work, profile, name, failed=str(error) or "failed"
                    )
        return list(results.values())

    def _run(self, work: Workload, name: str) -> Run:
        job = {**self._place, "workload": asdict(work), "peer": name}
        if work.action in _CHANGING:
            self._server.make(work.source, work.size)
        environment = {**self._server.environment, "TMPDIR": self._folder}
        with Partner("benchmarks.worker", environment) as partner:
            partner.ask(job, _LIMIT)
            self._server.traffic()
            measured: dict[str, Any] = partner.ask("go", _LIMIT)
        traffic = self._server.traffic()
        if name != "builtin open":
            self._check(work, measured["operations"])
        return Run(**measured, traffic=traffic)

    def _check(self, work: Workload, operations: int) -> None:
        """Raise RuntimeError unless what was to be written is there."""
        expected = {
            "feed": ("written", work.size),
            "rewrite": ("written", work.size),
            "append": (work.source, work.size + APPENDED * operations),
            "patch": (work.source, work.size),
        }.get(work.action)
        if expected and self._server.size(expected[0]) != expected[1]:
            raise RuntimeError(f"{work.name}: the object is not what it should be")


def _show_progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
