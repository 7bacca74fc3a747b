"""The end of the program: what is still open for writing is kept, not lost.

Nothing is published then, for it may be half, and no thread can be started any more.
"""

from __future__ import annotations

import atexit
import contextlib
import weakref
from functools import cache
from typing import Protocol


class Unfinished(Protocol):
    """What a raw file open for writing offers for its end."""

    def end(self, reason: str) -> None: ...


_open: weakref.WeakSet[Unfinished] = weakref.WeakSet()


def watch(raw: Unfinished) -> None:
    """Look after *raw*, which is open for writing, until it is closed or gone."""
    _open.add(raw)
    _register()


@cache
def _register() -> None:
    # Once: atexit never gives back what it took for a handler.
    atexit.register(_keep_all)


def _keep_all() -> None:
    for raw in list(_open):
        # A layer that fails must not keep other files from being kept.
        with contextlib.suppress(OSError, ValueError):
            raw.end("the program ended before it was closed")
