"""``python -m benchmarks cli``: the command beside s5cmd, aws-cli and rclone."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks import report
from benchmarks import targets as judging
from benchmarks.cli.programs import installed
from benchmarks.cli.running import Trials
from benchmarks.cli.targets import targets
from benchmarks.cli.work import workloads
from benchmarks.measuring import Result
from benchmarks.partner import cores
from benchmarks.server import Server
from benchmarks.workloads import PROFILES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def main(arguments: Sequence[str]) -> None:
    """Measure, print tables and verdicts, and write JSON if that is wanted."""
    options = _parser().parse_args(arguments)
    results: list[Result] = []
    if options.earlier:
        for path in options.earlier:
            document = json.loads(Path(path).read_text())
            results += [Result.of(summary) for summary in document["results"]]
    else:
        for group in _measured(options):
            print(report.table(group), flush=True)
            results += group
            _write(options, results)
        if options.scale != 1:
            print("The targets are for --scale 1.")
    verdicts = judging.judged(targets(), results)
    print("\nTargets:")
    print("\n".join(judging.lines(verdicts)))
    _write(options, results, [asdict(verdict) for verdict in verdicts])


def _measured(options: argparse.Namespace) -> Iterator[list[Result]]:
    plan = [
        work
        for work in workloads(options.scale)
        if not options.names or any(name in work.name for name in options.names)
    ]
    if not plan:
        known = "\n  ".join(work.name for work in workloads(options.scale))
        raise SystemExit(f"no workload has that in its name; there are\n  {known}")
    names, missing = installed(options.peers)
    for name in missing:
        print(f"{name}: not installed, left out (pip install 's3open[bench]')")
    print(f"load: {os.getloadavg()[0]:.1f}")
    server_cores, client_cores = cores()
    if options.cores == "all":
        client_cores = [*server_cores, *client_cores]
    with (
        TemporaryDirectory(prefix="s3open-bench-", dir=options.folder) as folder,
        Server(server_cores, []) as server,
    ):
        trials = Trials(server, Path(folder), client_cores)
        profiles = options.profile or list(PROFILES)
        yield from trials.results(plan, profiles, names, options.rounds)


def _write(
    options: argparse.Namespace, results: list[Result], verdicts: Any = None
) -> None:
    if options.json:
        document = {
            "results": [each.summary() for each in results],
            "targets": verdicts,
        }
        Path(options.json).write_text(json.dumps(document, indent=1) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks cli", description=__doc__
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="workloads with that in their names")
    add("--profile", action="append", choices=PROFILES, help="default: all")
    add("--peers", type=lambda text: text.split(","), default=[], help="default: all")
    add("--scale", type=float, default=1.0, help="how much of everything; 1 is all")
    add("--rounds", type=int, default=3, help="default: 3")
    add("--cores", choices=("one", "all"), default="one", help="that they may use")
    add("--folder", help="where local files go")
    add("--json", metavar="FILE", help="write the results there, too")
    add(
        "--from",
        action="append",
        dest="earlier",
        metavar="FILE",
        help="measure nothing, show what --json wrote",
    )
    return parser
