"""Single small requests of s3open and of boto3 in turns, in one process.

What s3open adds to a request is less than what two processes differ by. Here both use
the same interpreter, the same core and the same moment, a few requests each at a time.
"""

from __future__ import annotations

import time
from operator import truediv
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.contenders import BASELINE, Boto, Files
from benchmarks.partner import answer, pin, question
from benchmarks.workloads import BUCKET, SMALL

if TYPE_CHECKING:
    from collections.abc import Callable

_TURN = 5
_WARM = 10


def _work(job: Any) -> None:
    pin(job["core"])
    reads, writes = _reads(), _writes()
    answer({"read 4 KiB": _cpu(reads, job), "write 4 KiB": _cpu(writes, job)})


def _reads() -> dict[str, Callable[[], object]]:
    import boto3

    import s3open

    boto = Boto(boto3.client("s3"))
    ours = Files(f"s3://{BUCKET}/", lambda name, mode: s3open.open(name, mode))

    def text() -> None:
        with s3open.open(f"s3://{BUCKET}/small", encoding="utf-8") as file:
            file.read()

    return {
        BASELINE: lambda: boto.read("small"),
        "s3open": lambda: ours.read("small"),
        "s3open, text": text,
    }


def _writes() -> dict[str, Callable[[], object]]:
    import boto3

    import s3open

    body = bytes(SMALL)
    boto = Boto(boto3.client("s3"))
    ours = Files(f"s3://{BUCKET}/", lambda name, mode: s3open.open(name, mode))

    def text() -> None:
        with s3open.open(f"s3://{BUCKET}/written", "w", encoding="utf-8") as file:
            file.write("x" * SMALL)

    return {
        BASELINE: lambda: boto.write("written", body),
        "s3open": lambda: ours.write("written", body),
        "s3open, text": text,
    }


def _cpu(
    actions: dict[str, Callable[[], object]], job: Any
) -> dict[str, dict[str, float]]:
    """Return CPU seconds of one request and the ratio to the baseline, by action.

    The ratio is the median of each turn's: the machine's speed changes in between.
    """
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(-_WARM, job["turns"]):
        for name, action in actions.items():
            start = time.process_time()
            for _ in range(_TURN):
                action()
            if turn >= 0:
                seconds[name].append((time.process_time() - start) / _TURN)
    return {
        name: {
            "cpu": median(values),
            "ratio": median(map(truediv, values, seconds[BASELINE])),
        }
        for name, values in seconds.items()
    }


if __name__ == "__main__":
    _work(question())
