"""Runs the programs, in turns, and looks at what they have done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from threading import Timer
from typing import TYPE_CHECKING

from benchmarks.cli.programs import PROGRAMS, environment, takes_part
from benchmarks.cli.work import files
from benchmarks.measuring import Result, Run
from benchmarks.partner import pin
from benchmarks.workloads import PROFILES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import IO

    from benchmarks.server import Server
    from benchmarks.workloads import Workload

# Who needs more seconds is not waited for.
_LIMIT = 300
# What was touched less than a minute before it was uploaded is looked into by s3open,
# as clocks differ: by its MD5, which this server's ETags are not. Most files are older.
_AGE = 61
UP = "up/"


class Trials:
    """Runs programs on *cores* against *server*, with local files in *folder*."""

    def __init__(self, server: Server, folder: Path, cores: Collection[int]) -> None:
        self._server = server
        self._folder = folder
        self._cores = list(cores)
        home = folder / "home"
        home.mkdir()
        self._environment = {
            **_inherited(),
            **environment(server.environment, str(home)),
        }

    def results(
        self,
        plan: Sequence[Workload],
        profiles: Sequence[str],
        names: Sequence[str],
        rounds: int,
    ) -> Iterator[list[Result]]:
        """Measure everything; yield the results of one workload and profile at a time.

        The programs take turns, so that their rounds are close together in time.
        """
        for work in plan:
            for profile in profiles:
                if profile in work.profiles:
                    yield self._measured(work, profile, names, rounds)

    def _measured(
        self, work: Workload, profile: str, names: Sequence[str], rounds: int
    ) -> list[Result]:
        taking = [name for name in names if takes_part(name, work.action)]
        results = {name: Result(work, profile, name) for name in taking}
        self._server.shape(PROFILES["raw"])
        self._prepare(work)
        for number in range(rounds):
            for name, result in results.items():
                if result.failed:
                    continue
                if sys.stderr.isatty():
                    told = f"{number + 1} of {rounds}: {work.name}, {profile}, {name}"
                    print(f"\r\033[K{told}", end="\r", file=sys.stderr, flush=True)
                try:
                    result.runs.append(self._run(work, profile, name, number))
                except RuntimeError as error:
                    results[name] = Result(work, profile, name, failed=str(error))
        self._clean()
        return list(results.values())

    def _prepare(self, work: Workload) -> None:
        """Have the files there that are the same for all."""
        if work.action in ("down", "ls"):
            self._server.fill(work.source, files(work), work.size)
        if work.action in ("up", "sync"):
            _write_files(self._folder / work.source, files(work), work.size)
        if work.action == "sync":
            time.sleep(_AGE)

    def _clean(self) -> None:
        for each in self._folder.iterdir():
            if each.name != "home":
                shutil.rmtree(each)
        self._server.drop("")

    def _run(self, work: Workload, profile: str, name: str, number: int) -> Run:
        remote = work.source.rstrip("/")
        local = self._folder / remote
        if work.action == "down":
            local = self._folder / "down"
            shutil.rmtree(local, ignore_errors=True)
            local.mkdir()
        elif work.action == "up":
            remote = UP.rstrip("/")
            self._server.drop(UP)
        elif work.action == "rm":
            self._server.fill(work.source, files(work), work.size)
        elif work.action == "sync":
            # What each finds unchanged is what it has uploaded itself.
            remote = name.replace(" ", "-")
            if number == 0:
                self._execute(name, work.action, remote, str(local))
        self._server.shape(PROFILES[profile])
        self._server.traffic()
        runs = [
            self._execute(name, work.action, remote, str(local))
            for _ in range(work.operations)
        ]
        traffic = self._server.traffic()
        self._server.shape(PROFILES["raw"])
        self._check(work, remote, local, runs[-1][-1])
        walls, cpus, peaks, _ = zip(*runs, strict=True)
        return Run(
            median(walls), median(cpus), int(median(peaks)), work.operations, traffic
        )

    def _execute(
        self, name: str, action: str, remote: str, local: str
    ) -> tuple[float, float, int, int]:
        """Run a command; return seconds, CPU seconds, peak, and how much it printed.

        Raises RuntimeError if it fails, or takes too long.
        """
        command = PROGRAMS[name].command(action, remote, local)
        with TemporaryFile() as out, TemporaryFile() as complaints:
            start = time.perf_counter()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=complaints,
                env=self._environment,
                preexec_fn=lambda: pin(self._cores),
            )
            timer = Timer(_LIMIT, process.kill)
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode == -signal.SIGKILL:
                raise RuntimeError(f"stopped after {_LIMIT} s")
            if process.returncode:
                raise RuntimeError(_last_line(complaints) or f"ended with {status}")
            cpu = usage.ru_utime + usage.ru_stime
            return wall, cpu, usage.ru_maxrss * 1024, _count_lines(out)

    def _check(self, work: Workload, remote: str, local: Path, lines: int) -> None:
        """Raise RuntimeError unless what was to be done is done."""
        expected = files(work), work.size
        if work.action == "down":
            found = _count_files(local)
        elif work.action in ("up", "sync"):
            found = self._server.told(f"{remote}/")
        elif work.action == "rm":
            expected, found = (0, 0), self._server.told(work.source)
        elif work.action == "ls":
            found = lines, work.size
        else:
            return
        if found != expected:
            raise RuntimeError(f"files, bytes: {found}, not {expected}")


def _inherited() -> dict[str, str]:
    """Return the environment, without what could lead the programs elsewhere."""
    prefixes = ("AWS_", "S3_", "RCLONE_", "S3OPEN_")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(prefixes) and name != "PYTHONDONTWRITEBYTECODE"
    }


def _write_files(folder: Path, count: int, size: int) -> None:
    folder.mkdir()
    each = size // count
    tile = bytes(range(256)) * 4096
    # Older than what is uploaded in the same second: that it was changed since could
    # not be told.
    old = time.time() - 3600
    for number in range(count):
        path = folder / f"{number:06d}"
        with path.open("wb") as file:
            for start in range(0, each, len(tile)):
                file.write(tile[: each - start])
        os.utime(path, (old, old))


def _count_files(folder: Path) -> tuple[int, int]:
    sizes = [each.stat().st_size for each in folder.rglob("*") if each.is_file()]
    return len(sizes), sum(sizes)


def _count_lines(file: IO[bytes]) -> int:
    file.seek(0)
    return sum(1 for _ in file)


def _last_line(file: IO[bytes]) -> str:
    file.seek(0)
    lines = file.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
