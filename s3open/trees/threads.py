"""Threads of one run, which end with it.

They are not those of `s3.threads`, which the parts of one file are moved on: a task
may wait for these. And not those of ``concurrent.futures``, which take 20 ms to import
and 7 µs a task, and keep a program from ending while a store stalls. They are daemons;
nothing is lost by that, for what did not end was not reported as done.
"""

from __future__ import annotations

import queue
import threading
import time
import weakref
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Item = TypeVar("Item")
Done = TypeVar("Done")

# How long what is under way is waited for when nobody wants it any more: that is what
# a file of moderate size takes. Whoever cannot wait interrupts a second time.
ENDING = 30.0


class Threads(Generic[Item, Done]):
    """Up to *count* threads that call *work*, which raises nothing, for each item.

    What it returns is put into `ended`. To be used by one thread.
    """

    def __init__(self, count: int, work: Callable[[Item], Done]) -> None:
        self.ended: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self._work = work
        self._count = count
        # None says that no more will come; it is for all.
        self._todo: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._stopped = threading.Event()
        # An interrupt may keep `close` from it. No thread has a hold of this object.
        weakref.finalize(self, self._todo.put, None)

    def submit(self, item: Item) -> None:
        """Have the work of *item* done: here, if no thread can be made at all."""
        self._todo.put(item)
        if len(self._threads) == self._count:
            return
        arguments = (self._todo, self.ended, self._work, self._stopped)
        thread = threading.Thread(
            target=_serve, args=arguments, name="s3open-tree", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:
            # There are too many threads, or the program ends.
            if not self._threads:
                self.ended.put(self._work(item))
                self._todo.get()
            return
        self._threads.append(thread)

    def close(self) -> None:
        """Have nothing more begun, and wait for what is under way, but not for ever."""
        self._stopped.set()
        self._todo.put(None)
        last = time.monotonic() + ENDING
        for thread in self._threads:
            thread.join(max(0.0, last - time.monotonic()))


def _serve(
    todo: queue.SimpleQueue[Item | None],
    ended: queue.SimpleQueue[Done],
    work: Callable[[Item], Done],
    stopped: threading.Event,
) -> None:
    while (item := todo.get()) is not None and not stopped.is_set():
        ended.put(work(item))
        # What it holds is not to live on while this one waits.
        del item
    todo.put(None)
