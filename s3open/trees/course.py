"""How many files are gone through: who does it, and who is told what became of each.

Everything here happens in the thread of the caller, so what he is told is told in turn.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s3open.config import SIDE_BY_SIDE
from s3open.trees.carrying import Carrying
from s3open.trees.events import Event
from s3open.trees.executing import run
from s3open.trees.lots import Batch
from s3open.trees.progress import bar
from s3open.trees.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor

    from s3open.trees.events import Action
    from s3open.trees.progress import Progress
    from s3open.trees.tasks import Outcome, Task, Work

# Threads of this machine.
WORKERS = SIDE_BY_SIDE
# What is sent to another process at once: so many small files, or so many bytes.
_LOT = 32
_LOT_BYTES = 16 << 20
# A worker elsewhere has a core, and a store to wait for.
_THREADS = 8


@dataclass(frozen=True)
class Course:
    """What the caller wants of a run besides its work.

    Args:
        executor: who does it: any executor, or a function that makes one (so that one
            whose workers have died can be replaced); None has threads of ours do it.
        workers: how many files at once; None is `WORKERS`.
        on_event: is told what became of each file, in the caller's thread.
        progress: whether there is a bar on stderr; None is on a terminal.
        report: where it is counted. Failures are not raised then: they are in it.
    """

    executor: Executor | Callable[[], Executor] | None = None
    workers: int | None = None
    on_event: Callable[[Event], None] | None = None
    progress: bool | Progress | None = None
    report: Report | None = None


class Telling:
    """What is told of a run, as it goes. For one thread; a context manager."""

    def __init__(self, course: Course, title: str) -> None:
        self.report = course.report if course.report is not None else Report()
        self._raises = course.report is None
        self._on_event = course.on_event
        self._bar = bar(course.progress, label=title)
        # A bar that is there already may be for more than this.
        self._closes = course.progress in (None, True, False)

    def __enter__(self) -> Telling:
        return self

    def __exit__(self, *_: object) -> None:
        if self._closes:
            self._bar.close()

    @property
    def progress(self) -> Progress:
        """What is told of the bytes of large files while they are moved."""
        return self._bar

    def expecting(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """Yield *tasks*, counted as what is still to come."""
        expect = self._bar.expect
        for task in tasks:
            expect(task.size)
            yield task
        self._bar.all_expected()

    def tell(
        self,
        action: Action,
        source: str,
        target: str | None = None,
        size: int | None = None,
        error: BaseException | None = None,
    ) -> None:
        """Count one file, and tell of it."""
        event = Event(action, source, target, size, error)
        self.report.add(event)
        self._bar.add(size or 0)
        self._bar.ended()
        if self._on_event is not None:
            with self._bar.aside():
                self._on_event(event)

    def take_back(self, counted: int) -> None:
        """Take bytes back that were told while a file was moved: it is told of now."""
        if counted:
            self._bar.add(-counted)

    def removed(self, name: str, size: int | None, error: BaseException | None) -> None:
        """Tell that *name* was removed, or why not."""
        action: Action = "remove" if error is None else "fail"
        self.tell(action, name, size=size, error=error)

    def finished(self) -> Report:
        """Return the report; raise what failed, if nobody else looks there."""
        if self._raises:
            self.report.raise_for_failures()
        return self.report


def outcomes(
    work: Work, tasks: Iterable[Task], course: Course
) -> Iterator[tuple[Task, Outcome | BaseException]]:
    """Yield what becomes of each of *tasks*, as they end."""
    carrying = Carrying(work)
    if course.executor is not None and not _is_of_threads(course.executor):
        # Once, and not as the error of every file.
        pickle.dumps(carrying)
        lot = Batch(_LOT, _THREADS, _weight)
    else:
        lot = Batch()
    return run(
        tasks,
        carrying,
        executor=course.executor,
        workers=course.workers or WORKERS,
        batch=lot,
    )


def _weight(task: Task) -> int:
    return 1 + (task.size or 0) * _LOT // _LOT_BYTES


def _is_of_threads(executor: object) -> bool:
    from concurrent.futures import ThreadPoolExecutor

    return isinstance(executor, ThreadPoolExecutor)


def taken(options: dict[str, Any]) -> Course:
    """Return what *options* say of the course, and take it out of them."""
    names = ("executor", "workers", "on_event", "progress", "report")
    return Course(**{name: options.pop(name) for name in names if name in options})
