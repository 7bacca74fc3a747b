"""A few tasks that are sent to a worker together, and what the worker does with them.

What is here runs on the other side, too: in another process, or on another machine.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from s3open.trees.failures import portable
from s3open.trees.threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Batch(Generic[Task]):
    """How tasks are put together for workers that are dear to reach.

    A lot is full when its tasks weigh *size* together, each of them what *weight* says,
    or 1. A worker does *threads* tasks of a lot at once: it mostly waits for a store.
    """

    size: int = 1
    threads: int = 1
    weight: Callable[[Task], int] | None = None


@dataclass(eq=False, slots=True)
class Lot(Generic[Task, Result]):
    """Tasks that are under way together, to be done by *work*.

    *losses* counts the workers that have died with them; *process* is where it was
    made.
    """

    work: Callable[[Task], Result]
    tasks: list[Task]
    threads: int = 1
    losses: int = 0
    process: int = field(default_factory=os.getpid)
    token: str = ""

    def __dask_tokenize__(self) -> str:
        """Tell Dask that this is no other lot, or it may return another's results."""
        if not self.token:
            self.token = secrets.token_hex(16)
        return self.token


class Landed(NamedTuple):
    """How a lot has ended: by the results of its tasks, or by an error of its own.

    *refused*: no worker will ever take it.
    """

    lot: Lot[Any, Any]
    results: list[Any]
    error: BaseException | None = None
    refused: bool = False


class Crew(Protocol):
    """Those who do the work."""

    def begin(self, lot: Lot[Any, Any]) -> None:
        """Have *lot* done; it lands in any case."""

    def landed(self, *, wait: bool) -> Landed | None:
        """Return one that has landed, or None where nobody is to *wait* for it."""

    def close(self) -> None:
        """Have nothing more begun, and wait for what is under way."""


def tried(work: Callable[[Task], Result], task: Task) -> Result | BaseException:
    """Return the result of *work*, or what it raised."""
    try:
        return work(task)
    except BaseException as error:
        return error


def perform(lot: Lot[Any, Any]) -> list[Any]:
    """Return what `tried` returns of each task of *lot*."""
    results = _side_by_side(lot) if lot.threads > 1 else _one_by_one(lot)
    if lot.process == os.getpid():
        return results
    return [
        portable(result) if isinstance(result, BaseException) else result
        for result in results
    ]


def _one_by_one(lot: Lot[Any, Any]) -> list[Any]:
    results: list[Any] = []
    for task in lot.tasks:
        result = tried(lot.work, task)
        if isinstance(result, BaseException) and not isinstance(result, Exception):
            # Ctrl-C, which this process was sent as well: nothing more is begun.
            return results + [result] * (len(lot.tasks) - len(results))
        results.append(result)
    return results


def _side_by_side(lot: Lot[Any, Any]) -> list[Any]:
    def work(number: int) -> tuple[int, Any]:
        return number, tried(lot.work, lot.tasks[number])

    numbers = range(len(lot.tasks))
    threads = Threads(min(lot.threads, len(numbers)), work)
    try:
        for number in numbers:
            threads.submit(number)
        results = dict(threads.ended.get() for _ in numbers)
    finally:
        threads.close()
    return [results[number] for number in numbers]
