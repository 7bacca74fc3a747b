"""``python -m benchmarks``: measure, print a table, write JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks import report
from benchmarks.contenders import installed, takes_part
from benchmarks.partner import Partner, cores
from benchmarks.server import CONTENT, Server
from benchmarks.workloads import MIB, workloads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.workloads import Workload

# Medians do not help where another program runs all the time.
_BUSY = 0.5


def main() -> None:
    options = _parser().parse_args()
    plan = workloads(quick=options.quick)
    names, missing = installed()
    for name in missing:
        print(f"{name}: not installed, left out (pip install 's3open[bench]')")
    rounds = options.rounds or (1 if options.quick else 3)
    synthetic = {item.source: item.size for item in plan if item.steps and item.source}
    server_core, client_core = cores()
    if server_core == client_core:
        print("the server shares its clients' core: times are worth little here")
    about = _about()
    if os.getloadavg()[0] > _BUSY:
        print(f"others use this machine: the load is {os.getloadavg()[0]:.1f}")
    with (
        TemporaryDirectory(prefix="s3open-benchmarks-") as folder,
        Server(server_core, synthetic) as server,
    ):
        _fill(Path(folder), plan)
        bench = _Bench(server, folder, client_core)
        results = bench.results(plan, names, rounds)
        paired = bench.paired(10 if options.quick else 120)
    print(report.table(results))
    print(
        f"\nMedians of operations and of {rounds} rounds; requests and bytes are of one"
    )
    print("operation, the last columns ratios to boto3. In turns, in one process:\n")
    print("\n".join(report.standing(results, paired)))
    if options.json:
        document = {
            "about": about,
            "results": [asdict(result) for result in results],
            "paired": paired,
        }
        Path(options.json).write_text(json.dumps(document, indent=1) + "\n")


class _Bench:
    """Runs workers on *core* against *server*, with local files in *folder*."""

    def __init__(self, server: Server, folder: str, core: int | None) -> None:
        self._server = server
        self._place = {"folder": folder, "core": core}

    def results(
        self, plan: Sequence[Workload], names: Sequence[str], rounds: int
    ) -> list[report.Result]:
        """Measure everything, one contender after the other, then all again."""
        results = [
            report.Result(workload, name, [])
            for workload in plan
            for name in names
            if takes_part(name, workload)
        ]
        runs: list[list[report.Run]] = [[] for _ in results]
        for number in range(rounds):
            for result, done in zip(results, runs, strict=True):
                what = f"{result.workload.name}, {result.contender}"
                _show_progress(f"round {number + 1} of {rounds}: {what}")
                done.append(self._run(result.workload, result.contender))
        _show_progress("")
        return [
            report.Result(result.workload, result.contender, done)
            for result, done in zip(results, runs, strict=True)
        ]

    def paired(self, turns: int) -> dict[str, dict[str, dict[str, float]]]:
        """Return CPU seconds and their ratio, by workload and contender."""
        with Partner("benchmarks.paired", self._server.environment) as partner:
            answer: dict[str, dict[str, dict[str, float]]] = partner.ask(
                {**self._place, "turns": turns}
            )
            return answer

    def _run(self, workload: Workload, contender: str) -> report.Run:
        job = {**self._place, "workload": asdict(workload), "contender": contender}
        with Partner("benchmarks.worker", self._server.environment) as partner:
            partner.ask(job)
            self._server.traffic()
            measured: dict[str, Any] = partner.ask("go")
        return report.Run(**measured, traffic=self._server.traffic())


def _show_progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _fill(folder: Path, plan: Sequence[Workload]) -> None:
    """Write the local files for builtin open; they are in the page cache then."""
    (folder / "small").write_bytes(CONTENT)
    tile = bytes(range(256)) * (MIB // 256)
    for workload in plan:
        if workload.steps and workload.source:
            with (folder / workload.source).open("wb") as file:
                for _ in range(workload.size // MIB):
                    file.write(tile)


def _about() -> dict[str, object]:
    packages = ("boto3", "botocore", "awscrt", "smart_open")
    known = {item.metadata["Name"]: item.version for item in metadata.distributions()}
    return {
        "python": platform.python_version(),
        "machine": platform.platform(),
        "load": os.getloadavg()[0],
        "versions": {name: known[name] for name in packages if name in known},
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="s3open beside builtin open, boto3 and smart_open.",
    )
    parser.add_argument("--json", metavar="FILE", help="write the results there, too")
    parser.add_argument("--quick", action="store_true", help="less of everything")
    parser.add_argument("--rounds", type=int, help="3, or 1 with --quick")
    return parser


if __name__ == "__main__":
    main()
