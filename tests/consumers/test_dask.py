"""Tasks that a cluster of Dask's does: two worker processes on this machine.

Skipped where Dask is not installed, unless S3OPEN_TEST_CONSUMERS=1 demands all.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from s3open.trees import crews
from s3open.trees.executing import run
from s3open.trees.lots import Batch
from tests.consumers.clusters import cluster, distributed
from tests.unit import workers
from tests.unit.workers import Deadly, deadly, failing, paused, squared, tries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What it does not close at its end is not ours.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with cluster() as client:
        yield client


@pytest.mark.parametrize("batch", [1, 16, Batch(16, threads=4)])
def test_a_cluster_does_it(client: Any, batch: int | Batch[int]) -> None:
    executor = client.get_executor()
    results = dict(run(range(200), squared, executor=executor, workers=4, batch=batch))
    assert results == {number: number * number for number in range(200)}


def test_both_processes_do_it(client: Any) -> None:
    executor = client.get_executor()
    used = {
        result for _, result in run(range(50), workers.process, executor=executor,
                                    workers=4)
    }  # fmt: skip
    assert len(used) == 2
    assert os.getpid() not in used


def test_the_same_tasks_are_done_again_by_the_next_run(
    client: Any, tmp_path: Path
) -> None:
    # Dask would know the results of the same function and arguments.
    tasks = [Deadly(number, str(tmp_path)) for number in range(10)]
    for times in (1, 2):
        executor = client.get_executor()
        assert len(list(run(tasks, deadly, executor=executor, workers=4))) == 10
        assert {tries(tmp_path, number) for number in range(10)} == {times}


def test_errors_come_back(client: Any) -> None:
    results = dict(run(range(9), failing, executor=client.get_executor(), workers=4))
    for number, error in results.items():
        if number % 3 == 2:
            assert error == number
        else:
            assert isinstance(error, OSError)
            assert error.filename == str(number)


def test_what_a_dead_worker_did_another_does(client: Any, tmp_path: Path) -> None:
    tasks = [Deadly(number, str(tmp_path)) for number in range(40)]
    tasks[7] = Deadly(7, str(tmp_path), 1)
    executor = client.get_executor()
    results = run(tasks, deadly, executor=executor, workers=4, batch=4)
    assert sorted(result for _, result in results) == list(range(40))  # type: ignore[type-var]
    assert tries(tmp_path, 7) == 2


def test_a_task_that_kills_every_worker_fails_and_no_other(
    client: Any, tmp_path: Path
) -> None:
    tasks = [Deadly(number, str(tmp_path)) for number in range(20)]
    tasks[7] = Deadly(7, str(tmp_path), 99)
    results = dict(run(tasks, deadly, executor=client.get_executor(), workers=4))
    assert isinstance(results.pop(tasks[7]), distributed.KilledWorker)
    assert sorted(results.values()) == [n for n in range(20) if n != 7]  # type: ignore[type-var]


def test_who_stops_early_leaves_it_fit_for_more(client: Any) -> None:
    executor = client.get_executor()
    results = run(range(1000), paused, executor=executor, workers=4)
    next(results)
    results.close()
    assert dict(run([3], squared, executor=executor, workers=4)) == {3: 9}


def test_a_client_that_is_closed_meanwhile_is_found_out(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crews, "_SILENCE", 1.0)
    with distributed.Client(client.cluster.scheduler_address) as another:
        executor = another.get_executor()
        results = run(range(8), paused, executor=executor, workers=1, ahead=2)
        told = [next(results)]
        another.close()
        told += results
    assert sorted(task for task, _ in told) == list(range(8))
    assert isinstance(told[-1][1], Exception)
