"""``python -m benchmarks``: measure, print a table, write JSON and a chart.

What was measured before can be shown again, and some of it measured anew.
``python -m benchmarks cli`` does that with the command.
"""

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

from benchmarks import readme, report, targets
from benchmarks.ceiling import ceilings
from benchmarks.chart import chart
from benchmarks.measuring import Bench, Result
from benchmarks.partner import cores
from benchmarks.peers import installed, takes_part
from benchmarks.server import CONTENT, Server, text
from benchmarks.workloads import MIB, PROFILES, TEXT, workloads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.workloads import Workload

# Medians do not help where another program runs all the time.
_BUSY = 0.5


def main() -> None:
    if sys.argv[1:2] == ["cli"]:
        from benchmarks.cli.main import main as commands

        commands(sys.argv[2:])
        return
    options = _parser().parse_args()
    if options.earlier:
        document = _earlier(options.earlier)
        for group in _groups(_results(document)):
            print(report.table(group))
    else:
        document = _measured(options)
    _show(document, options)


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    """Measure, printing each table when it is done; return all of it."""
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
        document: dict[str, Any] = {"about": about, "ceilings": limits, "results": []}
        for group in bench.results(plan, profiles, names, rounds):
            print(report.table(group), flush=True)
            document["results"] += [result.summary() for result in group]
            # Whoever stops it halfway keeps the half.
            _write_json(document, options)
    if options.quick:
        print("Less was done than what the targets are for.")
    return document


def _show(document: dict[str, Any], options: argparse.Namespace) -> None:
    """Print whether the targets are met; write the files that are wanted."""
    results = _results(document)
    judged = targets.verdicts(results)
    print("\nTargets:")
    print("\n".join(targets.lines(judged)))
    if options.svg:
        Path(options.svg).write_text(chart(results))
    if options.markdown:
        lines = readme.markdown(_groups(results), judged)
        Path(options.markdown).write_text("\n".join(lines) + "\n")
    document["targets"] = [asdict(verdict) for verdict in judged]
    _write_json(document, options)


def _write_json(document: dict[str, Any], options: argparse.Namespace) -> None:
    if options.json:
        Path(options.json).write_text(json.dumps(document, indent=1) + "\n")


def _earlier(paths: Sequence[str]) -> dict[str, Any]:
    """Return what was written to *paths*; what was measured again counts alone."""
    documents = [json.loads(Path(path).read_text()) for path in paths]
    found: dict[tuple[str, str], list[Result]] = {}
    for document in documents:
        for group in _groups(_results(document)):
            found[group[0].work.name, group[0].profile] = group
    results = [each.summary() for group in found.values() for each in group]
    return {**documents[0], "results": results}


def _results(document: dict[str, Any]) -> list[Result]:
    return [Result.of(summary) for summary in document["results"]]


def _groups(results: Sequence[Result]) -> list[list[Result]]:
    """Return those of one workload and profile together."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for each in results:
        groups.setdefault((each.work.name, each.profile), []).append(each)
    return list(groups.values())


def _plan(options: argparse.Namespace) -> list[Workload]:
    """Return the workloads wanted: all but the optional ones, or those named."""
    plan = workloads(quick=options.quick)
    named = [work for work in plan if any(name in work.name for name in options.names)]
    if options.names and not named:
        names = "\n  ".join(work.name for work in plan)
        raise SystemExit(f"no workload has that in its name; there are\n  {names}")
    plan = named or plan
    return [work for work in plan if options.all or not work.optional]


def _fill(folder: Path, plan: Sequence[Workload]) -> None:
    """Write the local files for builtin open; they are in the page cache then."""
    (folder / "small").write_bytes(CONTENT)
    tile = bytes(range(256)) * (MIB // 256)
    for work in plan:
        local = "raw" in work.profiles and takes_part("builtin open", work, "raw")
        if not local or work.action not in ("stream", "lines"):
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


def _list(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="s3open beside its peers, on a server of its own.",
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="workloads with that in their names")
    add("--profile", action="append", choices=PROFILES, help="default: all")
    add("--peers", type=_list, default=[], metavar="NAMES", help="default: all")
    add("--quick", action="store_true", help="less of everything")
    add("--all", action="store_true", help="more; one writes 20 GiB to the disk")
    add("--rounds", type=int, help="3, or 1 with --quick")
    add("--cores", choices=("one", "all"), default="one", help="that the peers may use")
    add("--folder", help="where local files go; a disk, not a tmpfs")
    add("--no-ceiling", dest="ceiling", action="store_false", help="skip that")
    add("--json", metavar="FILE", help="write the results there, too")
    add("--svg", metavar="FILE", help="draw a chart there")
    add("--markdown", metavar="FILE", help="write tables there, for a README")
    add(
        "--from",
        action="append",
        dest="earlier",
        metavar="FILE",
        help="measure nothing, show what --json wrote; of several, the last counts",
    )
    return parser


if __name__ == "__main__":
    main()
