"""The threads that requests run on beside the program's own: one bounded pool.

They are daemons, unlike those of ``concurrent.futures``: a program that ends does not
wait for a store that stalls. Nothing is lost by that, for what a program has not waited
for it has not closed.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Of one process, for all its files; a file uses `Config.connections` at most.
LIMIT = 64


class Pool:
    """Runs tasks on up to *limit* threads, made when needed. Thread-safe."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._count = 0

    def submit(self, task: Callable[[], None]) -> None:
        """Have *task* run, which raises nothing, when a thread is free.

        At the end of the program there may never be one: whoever needs the task done
        has to be ready to do it himself.
        """
        self._tasks.put(task)
        if self._idle.acquire(blocking=False):
            return
        with self._lock:
            if self._count >= self._limit:
                return
            self._count += 1
        thread = threading.Thread(target=self._work, name="s3open", daemon=True)
        with contextlib.suppress(RuntimeError):
            # No thread can be started any more.
            thread.start()

    def _work(self) -> None:
        while True:
            try:
                task = self._tasks.get_nowait()
            except queue.Empty:
                self._idle.release()
                task = self._tasks.get()
            task()
            # What it holds, buffers among it, is not to live on while this one waits.
            del task


_pool = Pool()


def submit(task: Callable[[], None]) -> None:
    """Have *task* run by a thread of this process; see `Pool.submit`."""
    _pool.submit(task)


def _forget() -> None:
    """Leave the parent's threads to the parent: a forked child has none."""
    global _pool
    _pool = Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
