"""Work for threads, which nobody has to be there for."""

from __future__ import annotations

import contextlib
import gc
import threading
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from s3open.s3 import jobs, threads
from s3open.s3.jobs import Job, wait_for_room
from tests.unit.interrupting import interrupts

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """No thread is ever free; what they were to do is listed."""
    tasks: list[Callable[[], None]] = []
    monkeypatch.setattr(threads, "submit", tasks.append)
    return tasks


def test_a_thread_does_it() -> None:
    done = threading.Event()

    def work() -> int:
        done.set()
        return threading.get_ident()

    job = Job(work)
    assert done.wait(10)
    assert job.result() != threading.get_ident()
    assert job.done
    assert not job.failed


def test_one_that_is_not_started_waits_until_it_is(
    no_threads: list[Callable[[], None]],
) -> None:
    job = Job(lambda: 7, started=False)
    assert no_threads == []
    job.start()
    (task,) = no_threads
    task()
    assert job.done
    assert job.result() == 7


@pytest.mark.usefixtures("no_threads")
def test_who_asks_does_it_where_no_thread_is_free() -> None:
    job = Job(threading.get_ident)
    assert not job.claimed
    assert not job.done
    assert job.result() == threading.get_ident()
    assert job.result() == threading.get_ident()


def test_it_is_done_once(no_threads: list[Callable[[], None]]) -> None:
    done: list[int] = []
    job = Job(lambda: done.append(1))
    job.settle()
    for task in no_threads:
        task()
    job.settle()
    assert done == [1]


@pytest.mark.parametrize("error", [OSError("broken"), SystemExit(3)])
def test_what_it_raises_in_a_thread_is_raised_to_whoever_asks(
    error: BaseException,
) -> None:
    def fail() -> None:
        raise error

    job = Job(fail)
    thread = threading.Thread(target=job._run_if_unclaimed)
    thread.start()
    thread.join()
    job.settle()
    assert job.failed
    for _ in range(2):
        with pytest.raises(type(error)) as raised:
            job.result()
        assert raised.value is error


def test_a_cancelled_one_never_begins(no_threads: list[Callable[[], None]]) -> None:
    done: list[int] = []
    job = Job(lambda: done.append(1))
    job.cancel()
    job.cancel()
    for task in no_threads:
        task()
    assert job.done
    assert not job.failed
    assert done == []


def test_cancelling_waits_for_one_that_has_begun() -> None:
    begun, gate = threading.Event(), threading.Event()
    done: list[int] = []

    def work() -> None:
        begun.set()
        gate.wait(10)
        done.append(1)

    job = Job(work)
    assert begun.wait(10)
    assert job.claimed
    cancelling = threading.Thread(target=job.cancel)
    cancelling.start()
    assert done == []
    gate.set()
    cancelling.join(10)
    assert done == [1]


def test_what_it_works_on_is_let_go_when_it_has_ended() -> None:
    class Body:
        pass

    body = Body()
    known = weakref.ref(body)
    job = Job(lambda body=body: 1)  # type: ignore[misc]
    cancelled = Job(lambda body=body: 1)  # type: ignore[misc]
    del body
    job.settle()
    cancelled.cancel()
    gc.collect()
    assert known() is None


def test_an_interrupt_anywhere_leaves_it_to_be_done(
    no_threads: list[Callable[[], None]],
) -> None:
    for interrupt in interrupts():
        job = Job(lambda: 7, started=False)
        with contextlib.suppress(KeyboardInterrupt), interrupt:
            job.start()
            job.result()
        assert job.result() == 7, interrupt.where
        no_threads.clear()


@pytest.mark.usefixtures("no_threads")
def test_an_interrupt_of_the_work_is_raised_and_the_work_done_later() -> None:
    strikes = [KeyboardInterrupt(), KeyboardInterrupt()]

    def work() -> int:
        if strikes:
            raise strikes.pop()
        return 7

    job = Job(work)
    with pytest.raises(KeyboardInterrupt):
        job.result()
    with pytest.raises(KeyboardInterrupt):
        job.settle()
    assert not job.failed
    other: list[int] = []
    thread = threading.Thread(target=lambda: other.append(job.result()))
    thread.start()
    thread.join(10)
    assert other == [7]


def test_an_interrupt_anywhere_leaves_it_to_be_cancelled(
    no_threads: list[Callable[[], None]],
) -> None:
    for interrupt in interrupts():
        job = Job(lambda: 7)
        with contextlib.suppress(KeyboardInterrupt), interrupt:
            job.result()
        job.cancel()
        assert job.done, interrupt.where
        for task in no_threads:
            task()


def test_an_interrupt_while_waiting_does_not_keep_others_from_ending() -> None:
    for interrupt in interrupts():
        gate = threading.Event()
        job = Job(lambda gate=gate: gate.wait(10))  # type: ignore[misc]
        thread = threading.Thread(target=job._run_if_unclaimed)
        thread.start()
        gate.set()
        with contextlib.suppress(KeyboardInterrupt), interrupt:
            job.settle()
        thread.join(10)
        assert not thread.is_alive(), interrupt.where
        assert job.result(), interrupt.where


def test_there_is_room_when_fewer_are_under_way() -> None:
    gates = [threading.Event() for _ in range(3)]
    ours = [Job(lambda gate=gate: gate.wait(10)) for gate in gates]  # type: ignore[misc]
    workers = [threading.Thread(target=job._run_if_unclaimed) for job in ours]
    for worker in workers:
        worker.start()
    wait_for_room(ours, 4)
    waiting = threading.Thread(target=lambda: wait_for_room(ours, 3))
    waiting.start()
    # Any will do, not only the oldest.
    gates[1].set()
    waiting.join(10)
    assert not waiting.is_alive()
    assert [job.done for job in ours] == [False, True, False]
    for gate in gates:
        gate.set()
    for worker in workers:
        worker.join(10)


@pytest.mark.usefixtures("no_threads")
def test_where_there_are_no_threads_room_is_made_by_working() -> None:
    order: list[int] = []
    ours: list[Job[Any]] = [
        Job(lambda number=number: order.append(number))  # type: ignore[misc]
        for number in range(5)
    ]
    wait_for_room(ours, 3)
    assert order == [0, 1, 2]


@pytest.mark.usefixtures("no_threads")
def test_an_interrupt_anywhere_does_not_keep_room_from_being_made() -> None:
    for interrupt in interrupts():
        ours: list[Job[int]] = [Job(lambda: 1) for _ in range(3)]
        with contextlib.suppress(KeyboardInterrupt), interrupt:
            wait_for_room(ours, 1)
        wait_for_room(ours, 1)
        assert all(job.done for job in ours), interrupt.where


def test_a_fork_forgets_who_holds_the_lock() -> None:
    from tests.unit.forking import in_child

    holding, gate = threading.Event(), threading.Event()

    def hold() -> None:
        with jobs._lock:
            holding.set()
            gate.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(10)
    try:
        assert in_child(lambda: Job(lambda: 7).result()) == 7
    finally:
        gate.set()
        thread.join()
