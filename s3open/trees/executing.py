"""Any number of tasks, done side by side by whoever is there to do them.

Tasks are taken from their iterator no sooner than they can be begun, and results are
given on as they come: a billion of them needs no more memory than a thousand.
"""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, Generic

from s3open.trees.crews import Hired, Own, losses_of
from s3open.trees.lots import Batch, Crew, Landed, Lot, Result, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from concurrent.futures import Executor
    from typing import TypeAlias

    from s3open.trees.crews import Factory

    Results: TypeAlias = Generator[tuple[Task, Result | BaseException], None, None]

# So many workers may die with a task before it is the task's fault.
_TRIES = 3


def run(
    tasks: Iterable[Task],
    work: Callable[[Task], Result],
    *,
    executor: Executor | Factory | None = None,
    workers: int,
    ahead: int | None = None,
    batch: int | Batch[Task] = 1,
) -> Results[Task, Result]:
    """Yield each of *tasks* with what *work* returned for it, or raised, as they end.

    With a foreign executor tasks may be done twice (by a worker that dies, and by the
    one that does its work again), so they have to be such that it does no harm. Work,
    tasks and results are pickled unless the workers are threads.

    What the iterator of tasks raises is raised here, when all that was begun has ended.
    Whoever stops early (``close()`` of this iterator, Ctrl-C) has what is not begun
    cancelled, and waits for what is under way, half a minute at most. (A cluster goes
    on with what it has begun.) Tasks are only taken while the results are: a consumer
    that pauses lets up to *ahead* of them come in.

    Args:
        tasks: taken by the thread that takes the results.
        work: what is called for each, by any thread. If it has a method ``stop``, that
            is called when somebody stops early, before anything is waited for.
        executor: None has threads do it, in this thread if *workers* is 1. A function
            that returns an executor is better than an executor: where a worker's death
            breaks a whole pool, another can be made.
        workers: how many tasks are worth being done at once.
        ahead: how many may be under way, or ended and not yet yielded; by default as
            many as keep all workers busy.
        batch: how many are sent to a worker together; small ones cost more to send
            to another process than to do.
    """
    chosen: Batch[Task] = Batch(batch) if isinstance(batch, int) else batch
    if min(workers, chosen.size, chosen.threads, ahead or 1) < 1:
        raise ValueError("workers, ahead and batch have to be positive")
    if executor is None and workers == 1:
        return _here(tasks, work)
    crew: Crew = Own(workers) if executor is None else Hired(executor)
    limit = ahead or 4 * workers * chosen.size
    return _Run(tasks, work, crew, limit, chosen).results()


def _here(
    tasks: Iterable[Task], work: Callable[[Task], Result]
) -> Results[Task, Result]:
    for task in tasks:
        result: Result | Exception
        try:
            result = work(task)
        except Exception as error:
            result = error
        yield task, result


class _Run(Generic[Task, Result]):
    """One run: *limit* tasks are under way at most."""

    def __init__(
        self,
        tasks: Iterable[Task],
        work: Callable[[Task], Result],
        crew: Crew,
        limit: int,
        batch: Batch[Task],
    ) -> None:
        self._tasks = iter(tasks)
        self._work = work
        self._crew = crew
        self._limit = limit
        self._batch = batch
        self._process = os.getpid()
        self._under_way = 0
        # Why there are no more tasks, if that is not the end of them.
        self._broken: Exception | None = None
        # What was lost, with its losses. A pool that breaks takes all tasks with it
        # that are under way, so the guilty one is told by being alone the last time.
        self._lost: deque[tuple[Task, int]] = deque()
        self._suspects: deque[Task] = deque()
        self._alone = False

    def results(self) -> Results[Task, Result]:
        """Do it all."""
        try:
            while True:
                begun = self._begin()
                if not begun and not self._under_way:
                    break
                if os.getpid() != self._process:
                    raise RuntimeError("a forked child lacks the threads of this run")
                # While there is room for more nobody waits.
                landed = self._crew.landed(wait=not begun)
                if landed is not None:
                    yield from self._settled(landed)
        except BaseException:
            if os.getpid() == self._process:
                getattr(self._work, "stop", bool)()
            raise
        finally:
            if os.getpid() == self._process:
                self._crew.close()
        if self._broken is not None:
            raise self._broken

    def _begin(self) -> bool:
        """Begin a lot, and return whether there was one, and room for it."""
        if self._under_way and (self._alone or self._under_way >= self._limit):
            return False
        self._alone = False
        if self._lost:
            task, losses = self._lost.popleft()
            self._send([task], losses)
            return True
        if self._suspects:
            if self._under_way:
                return False
            self._alone = True
            self._send([self._suspects.popleft()], _TRIES - 1)
            return True
        tasks = self._next_tasks()
        if tasks:
            self._send(tasks)
        return bool(tasks)

    def _next_tasks(self) -> list[Task]:
        """Return the next lot, no larger than there is room for."""
        left = min(self._batch.size, self._limit - self._under_way)
        tasks: list[Task] = []
        try:
            while left > 0:
                task = next(self._tasks)
                tasks.append(task)
                left -= self._batch.weight(task) if self._batch.weight else 1
        except StopIteration:
            self._tasks = iter(())
        except Exception as error:
            self._tasks = iter(())
            self._broken = error
        return tasks

    def _send(self, tasks: list[Task], losses: int = 0) -> None:
        self._under_way += len(tasks)
        self._crew.begin(Lot(self._work, tasks, self._batch.threads, losses))

    def _settled(self, landed: Landed) -> Results[Task, Result]:
        """Yield what has come of a lot, unless it is to be tried again."""
        lot, results, error, refused = landed
        self._under_way -= len(lot.tasks)
        if error is None:
            yield from zip(lot.tasks, results, strict=True)
            return
        losses = lot.losses + losses_of(error)
        again = losses > lot.losses or len(lot.tasks) > 1
        if refused or not again or losses >= _TRIES:
            for task in lot.tasks:
                yield task, error
        elif losses == _TRIES - 1:
            self._suspects += lot.tasks
        else:
            self._lost += [(task, losses) for task in lot.tasks]
