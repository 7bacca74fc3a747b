"""Work that a thread of the pool does, or whoever waits for it."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from s3open.s3 import threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_Result = TypeVar("_Result")

# Told whenever any job ends. Its lock is entered by itself: an interrupt within
# Condition.__enter__ would leave it locked for ever.
_lock = threading.RLock()
_ended = threading.Condition(_lock)


class Job(Generic[_Result]):
    """The result of *work*, once it is done. Thread-safe.

    A thread of the pool does it, from now on or, if it is not *started*, from `start`
    on: who must not lose sight of it notes it before that. But nothing depends on a
    thread being free: who asks for the `result` before one was does the work himself.
    If he is interrupted then, it is still to be done.
    """

    def __init__(self, work: Callable[[], _Result], *, started: bool = True) -> None:
        self._work: Callable[[], _Result] | None = work
        # The thread that does it, or has done it.
        self._owner: int | None = None
        self._done = False
        self._result: list[_Result] = []
        self._error: BaseException | None = None
        if started:
            self.start()

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._done

    @property
    def claimed(self) -> bool:
        """Whether another thread does it, or anyone has done it."""
        return self._done or self._owner not in (None, threading.get_ident())

    @property
    def failed(self) -> bool:
        """Whether it has ended by an error."""
        return self._error is not None

    def start(self) -> None:
        """Have it done by a thread, as soon as one is free."""
        threads.submit(self._run_if_unclaimed)

    def result(self) -> _Result:
        """Return what the work returned, or raise what it raised."""
        self.settle()
        if self._error is not None:
            raise self._error
        return self._result[0]

    def settle(self) -> None:
        """Return when it has ended, well or not."""
        if self._claim():
            try:
                self._do()
            except BaseException:
                self._owner = None
                raise
        with _lock:
            _ended.wait_for(lambda: self._done)

    def cancel(self) -> None:
        """Return when it has ended, or will never begin."""
        if self._claim():
            self._end()
        self.settle()

    def _claim(self) -> bool:
        """Whether it is the caller who is to do it.

        An interrupt may have kept him from it, after he had claimed it before.
        """
        with _lock:
            if self._owner is None:
                self._owner = threading.get_ident()
            return self._owner == threading.get_ident() and not self._done

    def _do(self) -> None:
        assert self._work is not None
        try:
            self._result = [self._work()]
        except Exception as error:
            self._error = error
        self._end()

    def _run_if_unclaimed(self) -> None:
        if not self._claim():
            return
        try:
            self._do()
        except BaseException as error:
            # Whoever waits is to hear of it; the thread goes on.
            self._error = error
            self._end()

    def _end(self) -> None:
        with _lock:
            self._done = True
            # It may hold the bytes of a part.
            self._work = None
            _ended.notify_all()


def wait_for_room(jobs: Iterable[Job[Any]], limit: int) -> None:
    """Return when fewer than *limit* of *jobs* are under way."""
    while len(running := [job for job in jobs if not job.done]) >= limit:
        with _lock:
            if any(job.claimed for job in running):
                _ended.wait_for(lambda: any(job.done for job in running))
                continue
        # All threads are busy with others, or there are none.
        running[0].settle()


def _renew_lock() -> None:
    """Forget who holds the lock: a forked child lacks the thread."""
    global _lock, _ended
    _lock = threading.RLock()
    _ended = threading.Condition(_lock)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
