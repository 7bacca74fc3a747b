"""Tasks that are done by processes, and by executors that break."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from concurrent.futures.process import BrokenProcessPool
from itertools import count
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest

from s3open.trees import crews
from s3open.trees.crews import processes
from s3open.trees.executing import run
from s3open.trees.lots import Batch, Lot
from tests.unit import workers
from tests.unit.workers import Deadly, deadly, failing, squared, tries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A fork with threads of pytest's own is fine here.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(2, get_context("fork"))


@pytest.fixture
def given() -> Iterator[ProcessPoolExecutor]:
    with pool() as executor:
        yield executor


@pytest.mark.parametrize("batch", [1, 16, Batch(16, threads=4)])
def test_processes_do_it(given: ProcessPoolExecutor, batch: int | Batch[int]) -> None:
    results = dict(run(range(100), squared, executor=given, workers=2, batch=batch))
    assert results == {number: number * number for number in range(100)}
    # It is left as it was.
    assert given.submit(squared, 3).result() == 9


def test_they_are_other_processes(given: ProcessPoolExecutor) -> None:
    results = run(range(10), workers.process, executor=given, workers=2)
    assert os.getpid() not in {result for _, result in results}


def test_errors_come_back_as_they_are_or_as_something_that_says_the_same(
    given: ProcessPoolExecutor,
) -> None:
    results = dict(run(range(9), failing, executor=given, workers=2, batch=2))
    for number, error in results.items():
        if number % 3 == 0:
            assert type(error) is FileNotFoundError
            assert error.filename == str(number)
        elif number % 3 == 1:
            assert type(error) is OSError
            assert (error.errno, error.strerror) == (5, "broken")
        else:
            assert error == number


def test_work_that_cannot_be_sent_fails_by_task(given: ProcessPoolExecutor) -> None:
    results = dict(run(range(5), lambda task: task, executor=given, workers=2, batch=3))
    assert len(results) == 5
    for error in results.values():
        assert isinstance(error, (pickle.PicklingError, AttributeError, TypeError))


def test_a_task_that_cannot_be_sent_fails_and_no_other(
    given: ProcessPoolExecutor,
) -> None:
    tasks: list[Any] = [1, 2, threading.Lock(), 3]
    results = run(tasks, squared, executor=given, workers=2, batch=4)
    by_name = {repr(task): result for task, result in results}
    assert (by_name["1"], by_name["2"], by_name["3"]) == (1, 4, 9)
    assert isinstance(by_name[repr(tasks[2])], TypeError)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("batch", [1, 3])
def test_tasks_of_a_worker_that_dies_are_tried_again(
    tmp_path: Path, times: int, batch: int
) -> None:
    tasks = [Deadly(number, str(tmp_path)) for number in range(30)]
    tasks[7] = Deadly(7, str(tmp_path), times)
    results = run(tasks, deadly, executor=pool, workers=2, batch=batch)
    assert sorted(result for _, result in results) == list(range(30))  # type: ignore[type-var]
    assert tries(tmp_path, 7) == times + 1


def test_a_task_that_kills_every_worker_fails_and_no_other(tmp_path: Path) -> None:
    tasks = [Deadly(number, str(tmp_path)) for number in range(30)]
    tasks[7], tasks[8] = Deadly(7, str(tmp_path), 99), Deadly(8, str(tmp_path), 99)
    results = dict(run(tasks, deadly, executor=pool, workers=2, batch=3))
    for number in (7, 8):
        assert isinstance(results.pop(tasks[number]), BrokenProcessPool)
        assert tries(tmp_path, number) <= 3
    assert sorted(results.values()) == [n for n in range(30) if n not in (7, 8)]  # type: ignore[type-var]


def test_a_pool_that_was_given_and_breaks_fails_every_task_once(
    given: ProcessPoolExecutor, tmp_path: Path
) -> None:
    tasks = [Deadly(number, str(tmp_path), 99) for number in range(300)]
    told = list(run(iter(tasks), deadly, executor=given, workers=2))
    assert sorted(task for task, _ in told) == tasks
    assert all(isinstance(error, BrokenProcessPool) for _, error in told)


def test_pools_that_never_do_anything_are_not_made_for_ever() -> None:
    made = []

    def factory() -> Executor:
        made.append(Breaking())
        return made[-1]

    told = list(run(range(1000), squared, executor=factory, workers=2))
    assert len(told) == 1000
    assert all(isinstance(error, BrokenExecutor) for _, error in told)
    assert len(made) <= 10


class Breaking(Executor):
    """Takes one task and breaks."""

    def __init__(self) -> None:
        self.broken = False

    def submit(self, function: Any, /, *args: Any, **_: Any) -> Any:
        if self.broken:
            raise BrokenExecutor("broken before")
        self.broken = True
        future: Future[Any] = Future()
        future.set_exception(BrokenExecutor("broken"))
        return future


def test_a_factory_that_fails_is_told_at_once() -> None:
    def factory() -> Executor:
        raise ConnectionRefusedError("no cluster")

    with pytest.raises(ConnectionRefusedError):
        list(run(range(9), squared, executor=factory, workers=2))


def test_an_executor_that_was_shut_down_fails_every_task() -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    told = list(run(range(9), squared, executor=executor, workers=2))
    assert [task for task, _ in told] == list(range(9))
    assert {type(error) for _, error in told} == {RuntimeError}


class Manual(Executor):
    """A cluster: its futures are done when the test says so."""

    def __init__(self) -> None:
        self.futures: queue.SimpleQueue[tuple[Future[Any], Any]] = queue.SimpleQueue()
        self.gone = False

    def submit(self, function: Any, /, *args: Any, **_: Any) -> Any:
        if self.gone:
            raise ConnectionError("the client is closed")
        future: Future[Any] = Future()
        self.futures.put((future, lambda: function(*args)))
        return future


def test_what_others_cancel_is_tried_again() -> None:
    # As Dask does when the scheduler is started again.
    executor = Manual()

    def serve() -> None:
        future, _ = executor.futures.get()
        future.cancel()
        future, call = executor.futures.get()
        future.set_result(call())

    thread = threading.Thread(target=serve)
    thread.start()
    assert list(run([3], squared, executor=executor, workers=2)) == [(3, 9)]
    thread.join()


def test_what_is_cancelled_always_fails() -> None:
    class Cancelling(Manual):
        def submit(self, *_: Any, **__: Any) -> Any:
            future: Future[Any] = Future()
            future.cancel()
            return future

    ((task, error),) = run([3], squared, executor=Cancelling(), workers=2)
    assert task == 3
    assert isinstance(error, CancelledError)


def test_a_cluster_that_is_gone_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "_SILENCE", 0.01)
    executor = Manual()
    asked = []

    class Going(Manual):
        def submit(self, function: Any, lot: Lot[Any, Any], /, **_: Any) -> Any:  # type: ignore[override]
            asked.append(lot)
            if len(asked) > 4:
                raise ConnectionError("the client is closed")
            return executor.submit(function, lot)

    told = dict(run(range(2), squared, executor=Going(), workers=2))
    assert {type(error) for error in told.values()} == {ConnectionError}
    assert set(told) == {0, 1}
    # Two questions came in vain, and none is left open.
    futures = [executor.futures.get_nowait()[0] for _ in range(4)]
    assert [future.cancelled() for future in futures] == [False, False, True, True]


def test_a_task_may_kill_four_workers_of_dask_before_the_last_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class KilledWorker(Exception):
        pass

    class Dask:
        pass

    Dask.KilledWorker = KilledWorker  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "distributed", Dask)

    class Killing(Manual):
        calls = 0

        def submit(self, *_: Any, **__: Any) -> Any:
            Killing.calls += 1
            future: Future[Any] = Future()
            future.set_exception(KilledWorker("it"))
            return future

    ((_, error),) = run([3], squared, executor=Killing(), workers=2)
    assert isinstance(error, KilledWorker)
    assert Killing.calls == 2


def test_who_stops_early_has_what_is_not_begun_cancelled() -> None:
    executor = Manual()
    results = run(count(), squared, executor=executor, workers=2)

    def serve() -> None:
        future, call = executor.futures.get()
        future.set_result(call())

    thread = threading.Thread(target=serve)
    thread.start()
    assert next(results) == (0, 0)
    thread.join()
    results.close()
    left = []
    while not executor.futures.empty():
        left.append(executor.futures.get()[0])
    assert left
    assert all(future.cancelled() for future in left)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_our_own_processes_leave_an_interrupt_to_this_one(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = 1 if method == "fork" else 2
    monkeypatch.setattr(threading, "active_count", lambda: alone)
    with processes(1)() as executor:
        left = executor.submit(signal.getsignal, signal.SIGINT).result()
        assert left == signal.SIG_IGN
        assert executor._mp_context.get_start_method() == method  # type: ignore[attr-defined]


def test_a_lot_that_is_interrupted_begins_nothing_more(
    given: ProcessPoolExecutor,
) -> None:
    tasks = range(4)
    results = dict(run(tasks, workers.interrupted, executor=given, workers=2, batch=4))
    assert results.pop(0) == 0
    assert {type(error) for error in results.values()} == {KeyboardInterrupt}


INTERRUPTED = """
from s3open.trees.crews import processes
from s3open.trees.executing import run
from tests.unit.workers import whoami
from itertools import count
import sys
if __name__ == "__main__":
    if sys.argv[1] == "threads":
        executor = None
    else:
        executor = processes(2)
    told, seen = False, set()
    for _, result in run(count(), whoami, executor=executor, workers=2):
        # (A worker that was only just forked does not ignore it yet.)
        seen.add(result)
        if len(seen) == 2 and not told:
            told = True
            print("ready", flush=True)
"""


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_an_interrupt_from_the_terminal_ends_all(kind: str) -> None:
    # Every process of the group gets it, as a terminal does it.
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, kind],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        os.killpg(program.pid, signal.SIGINT)
        # It ends only when nobody has its output open any more.
        _, told = program.communicate(timeout=60)
    assert program.returncode == -signal.SIGINT
    assert told.count("Traceback") == 1
    assert told.endswith("KeyboardInterrupt\n")


def test_a_forked_child_does_not_wait_for_threads_that_it_lacks() -> None:
    results = run(count(), squared, workers=2)
    next(results)
    child = os.fork()
    if child == 0:
        try:
            list(results)
        except RuntimeError:
            os._exit(17)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 17
    results.close()
