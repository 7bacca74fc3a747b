"""Something done in a forked child, and what came of it."""

from __future__ import annotations

import os
import pickle
import signal
import traceback
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def in_child(
    action: Callable[[], object], *, meanwhile: Callable[[], object] = bool
) -> Any:
    """Return what *action* returns, or raise what it raises, in a forked child.

    The parent does *meanwhile*.
    """
    receiving, sending = os.pipe()
    with warnings.catch_warnings():
        # Servers of other tests may run on threads; the child touches none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        try:
            # One that hangs is a failure, too.
            signal.alarm(60)
            os.close(receiving)
            _answer(sending, action)
        finally:
            os._exit(0)
    os.close(sending)
    meanwhile()
    with os.fdopen(receiving, "rb") as pipe:
        content = pipe.read()
    os.waitpid(child, 0)
    raised, result = pickle.loads(content)
    if raised:
        raise AssertionError(result)
    return result


def _answer(pipe: int, action: Callable[[], object]) -> None:
    try:
        answer = (False, action())
    except BaseException:  # the parent hears of it
        answer = (True, traceback.format_exc())
    with os.fdopen(pipe, "wb") as file:
        pickle.dump(answer, file)
