"""Many processes append to one object while requests fail: all lines, once each.

The full size is 20 processes with 100 lines each: S3OPEN_TEST_APPENDERS=20x100.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open.testing import Fault

if TYPE_CHECKING:
    from s3open.testing import S3Server

BUCKET = "s3open-test"
URI = f"s3://{BUCKET}/log"
PROCESSES, LINES = map(int, os.environ.get("S3OPEN_TEST_APPENDERS", "4x20").split("x"))

FAULTS = [
    Fault(status=500, probability=0.03, seed=1, times=None),
    Fault(status=503, probability=0.02, seed=2, times=None),
    Fault(drop="before", probability=0.02, seed=3, times=None),
    Fault(drop="after", probability=0.03, seed=4, times=None),
    Fault(cut=10, reset=True, probability=0.02, seed=5, times=None),
    Fault(cut_head=30, probability=0.02, seed=6, times=None),
]


def append(name: str, number: int, *, alike: bool) -> None:
    """Append so many lines, one file for each."""
    for line in range(LINES):
        text = "the same line\n" if alike else f"process {number}, line {line}\n"
        with s3open.open(name, "a") as file:
            file.write(text)


@pytest.mark.parametrize("alike", [False, True], ids=["different", "identical"])
def test_every_line_is_there_once_whatever_requests_fail(
    s3open_server: S3Server, s3open_bucket: str, *, alike: bool
) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [
        spawn.Process(target=append, args=(URI, number), kwargs={"alike": alike})
        for number in range(PROCESSES)
    ]
    with ExitStack() as faults:
        armed = [faults.enter_context(s3open_server.faulty(each)) for each in FAULTS]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    assert sum(each.fired for each in armed) > LINES
    found = s3open_server.read(BUCKET, "log").decode().splitlines()
    if alike:
        assert found == ["the same line"] * (PROCESSES * LINES)
        return
    assert Counter(found) == Counter(
        f"process {number}, line {line}"
        for number in range(PROCESSES)
        for line in range(LINES)
    )
    for number in range(PROCESSES):
        own = [line for line in found if line.startswith(f"process {number},")]
        assert own == [f"process {number}, line {line}" for line in range(LINES)]
