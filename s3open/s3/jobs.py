"""Work that a thread of the pool does, or whoever waits for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from s3open.s3 import threads

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")


class Job(Generic[_Result]):
    """The result of *work*, once it is done. Thread-safe.

    Nothing depends on a thread being free: who asks for the `result` before one was
    does the work himself.
    """

    def __init__(self, work: Callable[[], _Result]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._claimed = False
        self._done = threading.Event()
        self._result: list[_Result] = []
        self._error: BaseException | None = None
        threads.submit(self._run_if_unclaimed)

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._done.is_set()

    @property
    def failed(self) -> bool:
        """Whether it has ended by an error."""
        return self._error is not None

    def result(self) -> _Result:
        """Return what the work returned, or raise what it raised."""
        self._run_if_unclaimed()
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._result[0]

    def settle(self) -> None:
        """Return when it has ended, well or not."""
        self._run_if_unclaimed()
        self._done.wait()

    def cancel(self) -> None:
        """Return when it has ended, or will never begin."""
        if self._claim():
            self._done.set()
        self._done.wait()

    def _claim(self) -> bool:
        with self._lock:
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
            self._done.set()
