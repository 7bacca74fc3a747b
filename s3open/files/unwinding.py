"""Whether a ``with`` block is being left by an exception, right now.

A wrapper (TextIOWrapper, gzip, ExitStack, contextlib.closing) that is left by an
exception closes the file below it as if all were well. What tells the difference is
that somewhere up the stack the interpreter is at the instruction that hands an
exception to an ``__exit__``.
"""

from __future__ import annotations

import dis
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

_HANDING_OVER: Final = dis.opmap.get("WITH_EXCEPT_START")


def leaving_with() -> bool:
    """Whether a caller is inside an ``__exit__`` that was given an exception."""
    if _HANDING_OVER is None:  # pragma: no cover  # not CPython
        return True
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # public but in name
    while frame is not None:
        if frame.f_lasti >= 0 and frame.f_code.co_code[frame.f_lasti] == _HANDING_OVER:
            return True
        frame = frame.f_back
    return False
