"""One measurement: one contender, one workload, one fresh process."""

from __future__ import annotations

import resource
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.contenders import make
from benchmarks.partner import answer, pin, question
from benchmarks.workloads import SMALL, Workload

if TYPE_CHECKING:
    from benchmarks.contenders import Contender

_TARGET = "written"
# Linux counts it in KiB, macOS in bytes.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def _work(job: Any) -> None:
    pin(job["core"])
    workload = Workload(**job["workload"])
    contender = make(job["contender"], job["folder"])
    # The client is made, a connection is open, modules are loaded.
    contender.read("small")
    contender.write(_TARGET, bytes(SMALL))
    answer("ready")
    if question() is None:
        return
    before = _peak()
    walls, cpus = [], []
    for _ in range(workload.operations):
        wall, cpu = time.perf_counter(), time.process_time()
        _operate(contender, workload)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    answer({"wall": median(walls), "cpu": median(cpus), "peak": _peak() - before})


def _operate(contender: Contender, workload: Workload) -> None:
    if workload.writing and workload.steps:
        contender.write_in_steps(_TARGET, workload.size)
    elif workload.writing:
        contender.write(_TARGET, bytes(workload.size))
    elif workload.steps:
        _check(contender.read_in_steps(workload.source), workload)
    else:
        _check(contender.read(workload.source), workload)


def _check(count: int, workload: Workload) -> None:
    if count != workload.size:
        raise RuntimeError(f"{workload.source}: {count} bytes, not {workload.size}")


def _peak() -> int:
    """Return the most memory this process has had at any time, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


if __name__ == "__main__":
    _work(question())
