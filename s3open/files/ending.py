"""The end of the program: what is still open for writing is kept, not lost.

Nothing is published then, for it may be half, and no thread can be started any more.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import sys
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
        # One that fails, warnings that are errors, or an impatient user, must not lose
        # the others.
        try:
            raw.end("the program ended before it was closed")
        except BaseException:
            sys.excepthook(*sys.exc_info())


def close_above(file: io.IOBase) -> None:
    """Close what the program has stacked on *file*: it may hold the last bytes.

    Nothing but the garbage collector knows what that is (io.TextIOWrapper, gzip).
    """
    _close_above(file, {id(file)})


def _close_above(file: io.IOBase, seen: set[int]) -> None:
    for layer in _holders(file):
        if id(layer) not in seen:
            # What a layer itself holds is below it, or a part of it.
            seen |= {id(layer), *map(id, _held(layer))}
            with contextlib.suppress(Exception):
                _close_above(layer, seen)
                layer.close()


def _holders(file: io.IOBase) -> list[io.IOBase]:
    found = gc.get_referrers(file)
    # Python objects hold it in their dict.
    for holder in [each for each in found if isinstance(each, dict)]:
        found += gc.get_referrers(holder)
    return [each for each in found if isinstance(each, io.IOBase)]


def _held(layer: io.IOBase) -> list[io.IOBase]:
    held: list[io.IOBase] = []
    waiting: list[object] = [layer]
    while waiting:
        for each in gc.get_referents(waiting.pop()):
            if isinstance(each, dict) and each.get("__name__") is None:
                waiting.append(each)
            elif isinstance(each, io.IOBase) and all(each is not one for one in held):
                held.append(each)
                waiting.append(each)
    return held
