"""One measurement: one peer, one workload, one fresh process."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.partner import answer, pin, question
from benchmarks.peers import kind
from benchmarks.workloads import SMALL, Workload

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.peers.base import Peer

WRITTEN = "written"
_ZIP = 50 * SMALL + (64 << 10)
# Operations are not begun after so many seconds of them.
_PATIENCE = 1
_STATUS = Path("/proc/self/status")
_REFERENCES = Path("/proc/self/clear_refs")


def _work(job: Any) -> None:
    pin(job["cores"])
    work = Workload(**{**job["workload"], "profiles": (), "peers": ()})
    if work.action == "cold":
        _cold(job["peer"], work)
        return
    peer = kind(job["peer"])(job["folder"])
    # The client is made, a connection is open, modules are loaded.
    _warm(peer, work)
    operate = _operation(peer, work)
    answer("ready")
    if question() is None:
        return
    gc.collect()
    before = _memory("VmRSS")
    _forget_peak()
    walls: list[float] = []
    cpus: list[float] = []
    while len(walls) < work.operations and sum(walls) < _PATIENCE:
        wall, cpu = time.perf_counter(), time.process_time()
        operate()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    peak = max(0, _memory("VmHWM") - before)
    answer(
        {
            "wall": median(walls) / work.count,
            "cpu": median(cpus) / work.count,
            "peak": peak,
            "operations": len(walls),
        }
    )


def _warm(peer: Peer, work: Workload) -> None:
    if hasattr(peer, "prepare"):
        peer.prepare(work)
    peer.warm()


def _operation(peer: Peer, work: Workload) -> Callable[[], object]:
    action = getattr(peer, work.action)
    if work.action in ("feed", "rewrite"):
        return lambda: action(WRITTEN, work)
    if work.action in ("read", "write"):
        return _small(action, work)
    if work.action in ("append", "patch"):
        return lambda: action(work)
    expected = {
        "stream": work.size,
        "lines": work.size,
        "recover": work.size,
        "first": 1,
        "tail": _ZIP,
        "scattered": work.length * work.count,
        "ranges": work.length * work.count,
    }[work.action]

    def checked() -> None:
        count = action(work)
        if count != expected:
            raise RuntimeError(f"{work.name}: {count}, not {expected}")

    return checked


def _small(action: Callable[..., Any], work: Workload) -> Callable[[], object]:
    body = bytes(work.size)

    def once(number: int) -> None:
        if work.action == "write":
            action(f"{WRITTEN}-{number % 100}", body)
        elif action(work.source) != work.size:
            raise RuntimeError(f"{work.name}: not all of it")

    if not work.threads:
        return lambda: once(0)
    pool = ThreadPoolExecutor(work.threads)

    def share(thread: int) -> None:
        for number in range(thread, work.count, work.threads):
            once(number)

    # The threads are there, and their connections, as far as they come by that.
    list(pool.map(once, range(work.threads)))
    return lambda: list(pool.map(share, range(work.threads)))


def _cold(name: str, work: Workload) -> None:
    """Measure processes of their own, from their start to their end."""
    command = [sys.executable, "-c", kind(name).COLD]
    subprocess.run(command, check=True)
    answer("ready")
    if question() is None:
        return
    walls, cpus, peaks = [], [], []
    for _ in range(work.operations):
        start = time.perf_counter()
        process = subprocess.Popen(command)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        walls.append(time.perf_counter() - start)
        if status:
            raise RuntimeError(f"{name} failed")
        cpus.append(usage.ru_utime + usage.ru_stime)
        peaks.append(usage.ru_maxrss * 1024)
    answer(
        {
            "wall": median(walls),
            "cpu": median(cpus),
            "peak": median(peaks),
            "operations": len(walls),
        }
    )


def _memory(field: str) -> int:
    """Return a number of bytes that Linux keeps about this process, else 0."""
    if not _STATUS.exists():
        return 0
    for line in _STATUS.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return 0


def _forget_peak() -> None:
    """Have VmHWM begin anew: the imports are not to count."""
    if _REFERENCES.exists():
        _REFERENCES.write_text("5")


if __name__ == "__main__":
    _work(question())
