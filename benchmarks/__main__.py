"""``python -m benchmarks``: measure, print a table, write JSON and a chart."""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks import report, targets
from benchmarks.ceiling import ceilings
from benchmarks.chart import chart
from benchmarks.measuring import Bench
from benchmarks.partner import cores
from benchmarks.peers import installed
from benchmarks.server import Server, text
from benchmarks.workloads import MIB, PROFILES, TEXT, workloads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measuring import Result
    from benchmarks.workloads import Workload

# Medians do not help where another program runs all the time.
_BUSY = 0.5


def main() -> None:
    options = _parser().parse_args()
    plan = _plan(options)
    names, missing = installed(options.peers)
    for name in missing:
        print(f"{name}: not installed, left out (pip install 's3open[bench]')")
    server_cores, client_cores = cores()
    if server_cores == client_cores:
        print("the server shares its clients' core: times are worth little here")
    if options.cores == "all":
        client_cores = [*server_cores, *client_cores]
    about = _about()
    if os.getloadavg()[0] > _BUSY:
        print(f"others use this machine: the load is {os.getloadavg()[0]:.1f}")
    with (
        TemporaryDirectory(prefix="s3open-bench-", dir=options.folder) as folder,
        Server(server_cores, plan) as server,
    ):
        _fill(Path(folder), plan)
        limits = list(ceilings(server, client_cores)) if options.ceiling else []
        print("\n".join(report.ceiling_lines(limits)), end="\n\n")
        rounds = options.rounds or (1 if options.quick else 3)
        profiles = options.profile or list(PROFILES)
        bench = Bench(server, folder, client_cores)
        results: list[Result] = []
        for group in bench.results(plan, profiles, names, rounds):
            print(report.table(group), flush=True)
            results += group
    judged = targets.verdicts(results)
    print("\nTargets" + (", of much smaller workloads" if options.quick else "") + ":")
    print("\n".join(targets.lines(judged)))
    if options.svg:
        Path(options.svg).write_text(chart(results))
    if options.json:
        document = {
            "about": about,
            "ceilings": limits,
            "results": [result.summary() for result in results],
            "targets": [asdict(verdict) for verdict in judged],
        }
        Path(options.json).write_text(json.dumps(document, indent=1) + "\n")


def _plan(options: argparse.Namespace) -> list[Workload]:
    """Return the workloads wanted: all but the optional ones, or those named."""
    plan = workloads(quick=options.quick)
    if not options.only:
        return [work for work in plan if options.huge or not work.optional]
    return [
        work
        for work in plan
        if any(wanted in work.name for wanted in options.only)
        and (options.huge or not work.optional)
    ]


def _fill(folder: Path, plan: Sequence[Workload]) -> None:
    """Write the local files for builtin open; they are in the page cache then."""
    tile = bytes(range(256)) * (MIB // 256)
    for work in plan:
        local = work.action in ("stream", "lines", "read") and "raw" in work.profiles
        if not local or work.optional:
            continue
        with (folder / work.source).open("wb") as file:
            if work.source == TEXT:
                file.write(text(work.size))
            else:
                for start in range(0, work.size, MIB):
                    file.write(tile[: work.size - start])


def _about() -> dict[str, object]:
    packages = (
        *("awscrt", "boto3", "cloudpathlib", "megfile", "obstore", "pyarrow"),
        *("s3fs", "smart_open"),
    )
    known = {item.metadata["Name"]: item.version for item in metadata.distributions()}
    return {
        "python": platform.python_version(),
        "machine": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "versions": {name: known[name] for name in packages if name in known},
    }


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="s3open beside its peers, on a server of its own.",
    )
    add = parser.add_argument
    add("--profile", action="append", choices=PROFILES, help="default: all")
    add("--only", type=_names, metavar="NAMES", help="workloads with that in the name")
    add("--peers", type=_names, default=[], metavar="NAMES", help="default: all")
    add("--quick", action="store_true", help="less of everything")
    add("--huge", action="store_true", help="20 GiB, too")
    add("--rounds", type=int, help="3, or 1 with --quick")
    add("--cores", choices=("one", "all"), default="one", help="that the peers may use")
    add("--folder", help="where local files go; a disk, not a tmpfs")
    add("--no-ceiling", dest="ceiling", action="store_false", help="skip that")
    add("--json", metavar="FILE", help="write the results there, too")
    add("--svg", metavar="FILE", help="draw a chart there")
    return parser


if __name__ == "__main__":
    main()
