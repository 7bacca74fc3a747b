"""Whether a ``with`` block is being left by an exception, right now.

A wrapper (TextIOWrapper, gzip, ExitStack, contextlib.closing) that is left by an
exception closes the file below it as if all were well. What tells the difference is
that somewhere up the stack the interpreter is at the instruction that hands an
exception to an ``__exit__``, or waits for the ``__aexit__`` that was given one.
"""

from __future__ import annotations

import contextlib
import dis
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

_HANDING_OVER: Final = dis.opmap.get("WITH_EXCEPT_START")
_EXIT_STACKS: Final = (
    contextlib.ExitStack.__exit__.__code__,
    contextlib.AsyncExitStack.__aexit__.__code__,
)
# The instructions of an ``await``, of all versions.
_WAITING: Final = {
    dis.opmap[name]
    for name in (
        "CACHE",
        "EXTENDED_ARG",
        "GET_AWAITABLE",
        "JUMP_BACKWARD_NO_INTERRUPT",
        "LOAD_CONST",
        "RESUME",
        "SEND",
        "YIELD_FROM",
        "YIELD_VALUE",
    )
    if name in dis.opmap
}


def blocks_failing() -> int:
    """Return how many callers are inside an ``__exit__`` that was given an exception.

    Where that cannot be told (not CPython) it is one for any exception on its way.
    """
    if _HANDING_OVER is None:  # pragma: no cover  # not CPython
        return int(sys.exc_info()[1] is not None)
    count = 0
    suppressed = False
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # public but in name
    while frame is not None:
        code, at = frame.f_code.co_code, frame.f_lasti
        while at > 0 and code[at] in _WAITING:
            at -= 2
        count += at >= 0 and code[at] == _HANDING_OVER and not suppressed
        suppressed = _has_suppressed(frame)
        frame = frame.f_back
    return count


def _has_suppressed(frame: FrameType) -> bool:
    """Whether *frame* is an ExitStack that goes on as if nothing had happened.

    One of its inner blocks has swallowed the exception that it was given.
    """
    return frame.f_code in _EXIT_STACKS and frame.f_locals.get("exc_details") == (
        None,
        None,
        None,
    )
