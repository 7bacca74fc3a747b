"""Work that a thread of the pool does, or whoever waits for it."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from s3open.s3 import threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_Result = TypeVar("_Result")

# Told whenever any job ends.
_ended = threading.Condition()


class Job(Generic[_Result]):
    """The result of *work*, once it is done. Thread-safe.

    Nothing depends on a thread being free: who asks for the `result` before one was
    does the work himself.
    """

    def __init__(self, work: Callable[[], _Result]) -> None:
        self._work = work
        self._claimed = False
        self._done = False
        self._result: list[_Result] = []
        self._error: BaseException | None = None
        threads.submit(self._run_if_unclaimed)

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._done

    @property
    def claimed(self) -> bool:
        """Whether somebody does it, or has done it."""
        return self._claimed

    @property
    def failed(self) -> bool:
        """Whether it has ended by an error."""
        return self._error is not None

    def result(self) -> _Result:
        """Return what the work returned, or raise what it raised."""
        self.settle()
        if self._error is not None:
            raise self._error
        return self._result[0]

    def settle(self) -> None:
        """Return when it has ended, well or not."""
        self._run_if_unclaimed()
        with _ended:
            _ended.wait_for(lambda: self._done)

    def cancel(self) -> None:
        """Return when it has ended, or will never begin."""
        if self._claim():
            self._end()
        self.settle()

    def _claim(self) -> bool:
        with _ended:
            mine = not self._claimed
            self._claimed = True
        return mine

    def _run_if_unclaimed(self) -> None:
        if not self._claim():
            return
        try:
            self._result.append(self._work())
        except BaseException as error:
            self._error = error
        finally:
            self._end()

    def _end(self) -> None:
        with _ended:
            self._done = True
            _ended.notify_all()


def wait_for_room(jobs: Iterable[Job[Any]], limit: int) -> None:
    """Return when fewer than *limit* of *jobs* are under way."""
    while len(running := [job for job in jobs if not job.done]) >= limit:
        with _ended:
            if any(job.claimed for job in running):
                _ended.wait_for(lambda: any(job.done for job in running))
                continue
        # All threads are busy with others, or there are none.
        running[0].settle()


def _renew_lock() -> None:
    """Forget who holds the lock: a forked child lacks the thread."""
    global _ended
    _ended = threading.Condition()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
