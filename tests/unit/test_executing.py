"""Any number of tasks, done side by side: laziness, failures, the end of it."""

from __future__ import annotations

import resource
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from s3open.trees import threads
from s3open.trees.executing import run
from s3open.trees.failures import forget_frames
from s3open.trees.lots import Batch
from tests.unit.interrupting import interrupts
from tests.unit.workers import squared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3open.trees.crews import Factory

# Who can do it in this process.
CREWS: list[Any] = [
    pytest.param((1, None), id="here"),
    pytest.param((4, None), id="threads"),
    pytest.param((4, lambda: ThreadPoolExecutor(4)), id="factory"),
]
# Whatever is to happen happens long before.
LATEST = 60


def names() -> list[str]:
    return sorted(each.name for each in threading.enumerate())


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = names()
    yield
    assert names() == before


@pytest.fixture(params=CREWS)
def crew(request: pytest.FixtureRequest) -> dict[str, Any]:
    workers, executor = request.param
    return {"workers": workers, "executor": executor}


def test_every_task_comes_with_its_result(crew: dict[str, Any]) -> None:
    results = dict(run(range(1000), squared, **crew))
    assert results == {number: number * number for number in range(1000)}


def test_no_tasks_are_no_results(crew: dict[str, Any]) -> None:
    assert list(run([], squared, **crew)) == []


@pytest.mark.parametrize("batch", [7, Batch(7), Batch(7, threads=3)])
def test_tasks_go_in_lots(crew: dict[str, Any], batch: int | Batch[int]) -> None:
    results = dict(run(range(1000), squared, batch=batch, **crew))
    assert results == {number: number * number for number in range(1000)}


def test_a_lot_is_full_by_weight() -> None:
    lots: list[list[int]] = []

    class Spy(ThreadPoolExecutor):
        def submit(self, function: Any, lot: Any, /) -> Any:  # type: ignore[override]
            lots.append(lot.tasks)
            return super().submit(function, lot)

    batch: Batch[int] = Batch(10, weight=lambda task: task)
    with Spy(1) as executor:
        list(run([1, 2, 3, 9, 50, 1, 1], squared, executor=executor, workers=1,
                 batch=batch))  # fmt: skip
    assert lots == [[1, 2, 3, 9], [50], [1, 1]]


def test_what_a_task_raises_comes_as_its_result(crew: dict[str, Any]) -> None:
    def work(number: int) -> float:
        return 1 / number

    results = dict(run(range(3), work, **crew))
    assert isinstance(results.pop(0), ZeroDivisionError)
    assert results == {1: 1.0, 2: 0.5}


def test_what_a_task_raises_is_the_error_itself_in_the_same_process(
    crew: dict[str, Any],
) -> None:
    error = OSError("that one")

    def work(_: int) -> None:
        raise error

    assert list(run([1], work, **crew)) == [(1, error)]


@pytest.mark.parametrize("ahead", [1, 5, 64])
def test_no_more_tasks_are_taken_than_may_be_under_way(
    ahead: int, crew: dict[str, Any]
) -> None:
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        for number in range(1, 1001):
            taken = number
            yield number

    for got, _ in enumerate(run(tasks(), squared, ahead=ahead, **crew)):
        assert taken - got <= ahead


def test_many_are_under_way_at_once() -> None:
    together = threading.Barrier(8)

    def work(_: int) -> int:
        return together.wait(LATEST)

    assert {result for _, result in run(range(8), work, workers=8)} == set(range(8))
    tasks: Batch[int] = Batch(8, threads=8)
    results = run(range(8), work, workers=1, executor=Lonely, batch=tasks)
    assert {result for _, result in results} == set(range(8))


def Lonely() -> ThreadPoolExecutor:  # noqa: N802  # it stands for a class
    return ThreadPoolExecutor(1)


def test_results_come_in_the_order_in_which_they_end() -> None:
    gate = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            gate.wait(LATEST)
        return number

    results = run(range(100), work, workers=2)
    seen = []
    for number, _ in results:
        seen.append(number)
        if len(seen) == 7:
            gate.set()
    assert sorted(seen) == list(range(100))
    assert 0 not in seen[:7]


def test_one_worker_needs_no_thread() -> None:
    for _, result in run(range(3), lambda _: threading.get_ident(), workers=1):
        assert result == threading.get_ident()


def test_there_are_as_many_threads_as_workers_and_no_more_than_tasks() -> None:
    for workers, tasks, most in ((3, 50, 3), (50, 3, 3)):
        used = {result for _, result in run(range(tasks), whoami, workers=workers)}
        assert len(used) <= most


def whoami(_: int) -> int:
    return threading.get_ident()


def test_a_listing_that_fails_ends_it_when_what_was_begun_has_ended(
    crew: dict[str, Any],
) -> None:
    def tasks() -> Iterator[int]:
        yield from range(10)
        raise PermissionError("listing")

    seen = []
    with pytest.raises(PermissionError, match="listing"):
        for task, _ in run(tasks(), squared, batch=4, **crew):
            seen.append(task)
    assert sorted(seen) == list(range(10))


@pytest.mark.parametrize("size", [1, 4])
def test_who_stops_early_has_nothing_more_begun(
    crew: dict[str, Any], size: int
) -> None:
    begun: list[int] = []
    results = run(count(), lambda task: begun.append(task), batch=size, **crew)
    next(results)
    results.close()
    assert len(begun) <= 4 * 4 * size


def test_who_stops_early_waits_for_what_is_under_way() -> None:
    begun, gate = threading.Event(), threading.Event()
    ended: list[int] = []

    def work(number: int) -> int:
        if number == 1:
            begun.set()
            gate.wait(LATEST)
            ended.append(number)
        # The first one ends when the second is under way.
        begun.wait(LATEST)
        return number

    results = run(range(2), work, workers=2)
    assert next(results) == (0, 0)
    threading.Timer(0.01, gate.set).start()
    results.close()
    assert ended == [1]


def test_who_stops_early_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "ENDING", 0.0)
    monkeypatch.setattr("s3open.trees.crews.ENDING", 0.0)
    made: list[Callable[[], ThreadPoolExecutor] | None] = [
        None,
        lambda: ThreadPoolExecutor(2),
    ]
    for executor in made:
        begun, gate = threading.Event(), threading.Event()

        def work(
            number: int, begun: threading.Event = begun, gate: threading.Event = gate
        ) -> bool:
            if number == 0:
                return begun.wait(LATEST)
            begun.set()
            return gate.wait(LATEST)

        before = threading.enumerate()
        results = run(range(3), work, executor=executor, workers=2)
        next(results)
        results.close()
        gate.set()
        for thread in threading.enumerate():
            if thread not in before:
                thread.join(LATEST)


@pytest.mark.parametrize("where", ["consumer", "tasks", "work"])
def test_an_interrupt_ends_it(where: str) -> None:
    def tasks() -> Iterator[int]:
        yield from range(10)
        if where == "tasks":
            raise KeyboardInterrupt
        yield from count(10)

    def work(number: int) -> int:
        if where == "work" and number == 3:
            raise KeyboardInterrupt
        return number

    def consume(workers: int) -> None:
        for number, _ in run(tasks(), work, workers=workers):
            if where == "consumer" and number == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        consume(1)
    if where != "work":
        # (Only the main thread is ever interrupted.)
        with pytest.raises(KeyboardInterrupt):
            consume(4)


def test_an_interrupt_at_any_moment_leaves_no_thread() -> None:
    struck = 0
    for interrupt in interrupts():
        try:
            with interrupt:
                list(run(range(3), squared, workers=2))
        except KeyboardInterrupt as error:
            forget_frames(error)
            struck += 1
        for thread in threading.enumerate():
            if thread.name == "s3open-tree":
                thread.join(LATEST)
                assert not thread.is_alive(), interrupt.where
    assert struck > 30


def test_where_no_thread_can_be_made_it_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    results = run(range(50), lambda _: threading.get_ident(), workers=4)
    assert {result for _, result in results} == {threading.get_ident()}


def test_fewer_threads_than_wanted_do_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start
    started: list[threading.Thread] = []

    def start_one(thread: threading.Thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_one)
    assert len(list(run(range(50), squared, workers=4))) == 50


def test_what_cannot_be_is_refused_at_once() -> None:
    none: Batch[int] = Batch(1, threads=0)
    wrong: list[dict[str, Any]] = [
        {"workers": 0},
        {"workers": 1, "ahead": -1},
        {"workers": 1, "batch": 0},
        {"workers": 1, "batch": none},
    ]
    for each in wrong:
        with pytest.raises(ValueError, match="positive"):
            run([], squared, **each)
    with pytest.raises(TypeError, match="neither an executor"):
        run([], squared, workers=1, executor=7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("workers", "batch"), [(1, 1), (4, 8)], ids=["here", "threads"]
)
def test_a_million_tasks_need_no_memory(workers: int, batch: int) -> None:
    results = run(iter(range(1_000_000)), squared, workers=workers, batch=batch)
    for _ in range(1000):
        next(results)
    before = _peak()
    done = 1000 + sum(1 for _ in results)
    assert done == 1_000_000
    assert _peak() - before < 4 << 20


def _peak() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def test_nothing_is_imported_for_threads() -> None:
    # Checked where nobody else has imported it.
    import subprocess

    code = """
import sys
from s3open.trees.executing import run
assert len(list(run(range(9), abs, workers=3))) == 9
assert "concurrent.futures" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_class_of_executors_makes_one() -> None:
    factory: Factory = ThreadPoolExecutor
    assert len(list(run(range(9), squared, executor=factory, workers=2))) == 9
