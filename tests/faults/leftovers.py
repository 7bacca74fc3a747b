"""What an operation may leave behind on this machine: nothing, but for idle threads."""

from __future__ import annotations

import gc
import os
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from s3open.s3 import clients, threads
from s3open.s3.threads import Pool
from tests.test_testing_support import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.testing import S3Server

# The pool of this process, and what the server in it runs on.
_ALLOWED = ("s3open", "asyncio_", "s3open-test-")


# Threads that another test has left at work, for a store that is gone perhaps.
_busy_before: set[int | None] = set()


@contextmanager
def only_new() -> Iterator[None]:
    """Have the collector look at what is made from now on, and at nothing before.

    Other tests have imported libraries with a million objects, which takes it half a
    second, each time that `nothing_left` asks it.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def begin() -> None:
    """Note which threads of the pool are busy with what came before."""
    _busy_before.clear()
    _busy_before.update(_busy())


def is_idle() -> bool:
    """Whether no thread of the pool does anything any more."""
    return threads._pool._tasks.empty() and not _busy() - _busy_before


def _busy() -> set[int | None]:
    frames = sys._current_frames()
    return {
        thread.ident
        for thread in threading.enumerate()
        if thread.name == _ALLOWED[0]
        and thread.ident in frames
        and frames[thread.ident].f_code is not Pool._work.__code__
    }


def strange_threads() -> list[str]:
    return [
        thread.name
        for thread in threading.enumerate()
        if not (
            thread.name == _ALLOWED[0] or thread.name.startswith(tuple(_ALLOWED[1:]))
        )
    ]


def descriptors(*, sockets: bool) -> list[str]:
    """Return what this process has open; *sockets* among it, or not."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        # The one of the listing itself is closed by now.
        with suppress(FileNotFoundError):
            target = os.readlink(f"/proc/self/fd/{number}")
            if sockets or not target.startswith("socket:"):
                found.append(target)
    return sorted(found)


def forget_connections(server: S3Server) -> None:
    """Close all connections, on both sides."""
    clients._verbs.clear()
    server.disconnect()


def are_gone(count: int) -> bool:
    """Whether no more than *count* descriptors are open any more."""
    if len(descriptors(sockets=True)) <= count:
        return True
    gc.collect()
    return False


@contextmanager
def nothing_left(server: S3Server) -> Iterator[None]:
    """Assert that threads and descriptors are in the end as they were before."""
    forget_connections(server)
    before = strange_threads(), descriptors(sockets=True)
    yield
    until(is_idle)
    forget_connections(server)
    until(lambda: are_gone(len(before[1])))
    assert strange_threads() == before[0]
