"""Errors that are kept, or sent to another process, long after they were raised."""

from __future__ import annotations

import errno
import pickle
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_GENERATOR = 0x20  # inspect.CO_GENERATOR, whose module is dear


def portable(error: BaseException) -> BaseException:
    """Return *error*, or one that says the same where it does not survive a pickle.

    A class whose constructor has other arguments than it passes on cannot be made
    again, which a pool of processes finds out too late: it takes it for a dead worker.
    """
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:
        copy = None
    if type(copy) is type(error):
        return error
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, OSError):
        name = error.filename if isinstance(error.filename, str) else None
        number = error.errno if isinstance(error.errno, int) else errno.EIO
        return OSError(number, error.strerror or said, name)
    return RuntimeError(said)


def forget_frames(error: BaseException) -> None:
    """Drop the local variables that the tracebacks of *error* hold.

    A buffer of some MiB may be among them. Where it was raised can still be told.
    """
    for each in _chain(error):
        traceback = each.__traceback__
        while traceback is not None:
            frame = traceback.tb_frame
            # Clearing that of a generator ends it, which may have more to yield.
            if not frame.f_code.co_flags & _GENERATOR:
                # One that is still running knows itself what it needs.
                with suppress(RuntimeError):
                    frame.clear()
            traceback = traceback.tb_next


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield *error* and what led to it, each once."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            left += [each.__cause__, each.__context__]
