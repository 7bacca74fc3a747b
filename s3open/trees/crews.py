"""Who does the work: threads of this process, or whatever an executor has.

Of an executor no more is used than all of them have: ``submit``, and what a future
tells when it is done. So it may be a pool of processes, or a cluster.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from s3open.forking import unforked
from s3open.trees.lots import Landed, Lot, perform
from s3open.trees.threads import ENDING, Threads

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future
    from typing import TypeAlias

    Factory: TypeAlias = Callable[[], Executor]

# After so long without a result an executor is asked whether it is still there: a
# cluster that was shut down need not tell those who wait.
_SILENCE = 60.0
# So many pools in a row may break before they have done anything.
_BARREN = 10


class Own:
    """Up to *count* threads."""

    def __init__(self, count: int) -> None:
        self._threads: Threads[Lot[Any, Any], Landed] = Threads(count, _performed)
        self._ended = self._threads.ended
        self.begin = self._threads.submit
        self.close = self._threads.close

    def landed(self, *, wait: bool) -> Landed | None:
        return self._ended.get() if wait or not self._ended.empty() else None


def _performed(lot: Lot[Any, Any]) -> Landed:
    return Landed(lot, perform(lot))


class Hired:
    """The workers of an executor that is given, or of those that a factory makes.

    What was made here is shut down when the work is done, and replaced if it breaks.
    """

    def __init__(self, executor: Executor | Factory) -> None:
        self._factory: Factory | None = None
        self._executor: Executor | None = None
        if hasattr(executor, "submit") and not isinstance(executor, type):
            self._executor = cast("Executor", executor)
        elif callable(executor):
            self._factory = executor
        else:
            raise TypeError(f"neither an executor nor what makes one: {executor!r}")
        self._under_way: dict[Future[list[Any]], Lot[Any, Any]] = {}
        self._ended: queue.SimpleQueue[Future[list[Any]] | Landed] = queue.SimpleQueue()
        self._barren = 0
        self._probe: Future[list[Any]] | None = None

    def begin(self, lot: Lot[Any, Any]) -> None:
        if self._executor is None:
            self._make()
        try:
            future = self._submit(lot)
        except Exception as error:
            self._ended.put(Landed(lot, [], error, refused=True))
            return
        self._under_way[future] = lot
        future.add_done_callback(self._ended.put)

    def landed(self, *, wait: bool) -> Landed | None:
        while wait or not self._ended.empty():
            try:
                ended = self._ended.get(timeout=_SILENCE)
            except queue.Empty:
                self._ask()
                continue
            if isinstance(ended, Landed):
                return ended
            lot = self._under_way.pop(ended, None)
            if lot is not None:
                return self._outcome(lot, ended)
        return None

    def close(self) -> None:
        if self._probe is not None:
            self._probe.cancel()
        waiting = [each for each in self._under_way if not each.cancel()]
        last = time.monotonic() + ENDING
        while any(not each.done() for each in waiting):
            try:
                self._ended.get(timeout=max(0.0, last - time.monotonic()))
            except queue.Empty:
                break
        self._under_way.clear()
        # One that has broken may be long in ending, and owes nothing.
        self._leave(wait=not self._barren and all(each.done() for each in waiting))

    def _submit(self, lot: Lot[Any, Any]) -> Future[list[Any]]:
        assert self._executor is not None
        try:
            return self._executor.submit(perform, lot)
        except Exception as error:
            if self._factory is None or not losses_of(error):
                raise
            if self._barren >= _BARREN:
                raise
        self._leave(wait=False)
        self._make()
        return self._executor.submit(perform, lot)

    def _make(self) -> None:
        assert self._factory is not None
        self._barren += 1
        self._executor = self._factory()

    def _leave(self, *, wait: bool) -> None:
        """Shut down what was made here."""
        if self._factory is not None and self._executor is not None:
            self._executor.shutdown(wait=wait, cancel_futures=True)

    def _outcome(self, lot: Lot[Any, Any], future: Future[list[Any]]) -> Landed:
        try:
            results = future.result()
        except Exception as error:
            return Landed(lot, [], error)
        self._barren = 0
        return Landed(lot, results)

    def _ask(self) -> None:
        """Give up what is under way if the executor takes nothing more."""
        assert self._executor is not None
        if self._probe is not None:
            self._probe.cancel()
        try:
            self._probe = self._executor.submit(perform, Lot(len, []))
        except Exception as error:
            for lot in self._under_way.values():
                self._ended.put(Landed(lot, [], error))
            self._under_way.clear()


def losses_of(error: BaseException) -> int:
    """Return how many workers have died by what *error* says, or were taken away."""
    with unforked:
        from concurrent import futures

    if isinstance(error, (futures.BrokenExecutor, futures.CancelledError)):
        return 1
    dask = sys.modules.get("distributed")
    # Dask has had four workers try it before it says so; 2 is all but the last try.
    return 2 if isinstance(error, getattr(dask, "KilledWorker", ())) else 0


def processes(count: int) -> Factory:
    """Return what makes pools of *count* processes, which leave Ctrl-C to this one."""
    return partial(_pool, count)


def _pool(count: int) -> Executor:
    with unforked:
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

    # A fork need not import anything, but other threads would not survive it.
    alone = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if alone else "spawn")
    return ProcessPoolExecutor(count, context, initializer=_leave_interrupts)


def _leave_interrupts() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
