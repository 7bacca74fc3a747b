"""Ctrl-C at every moment at which it can strike, one after the other."""

from __future__ import annotations

import dis
import gc
import sys
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

# The instructions after which the interpreter looks whether a signal has come in; it
# looks when a function begins, too.
_CHECKED = {
    dis.opmap[name]
    for name in (
        "CALL",
        "CALL_KW",
        "CALL_FUNCTION",
        "CALL_FUNCTION_KW",
        "CALL_FUNCTION_EX",
        "CALL_METHOD",
        "JUMP_BACKWARD",
    )
    if name in dis.opmap
}


class Interrupt:
    """Ctrl-C at the *number*-th moment, counted from 1, at which it can strike s3open.

    A context manager. Those moments are when a function of the package begins, and
    behind each call it makes; `struck` says whether there were so many, `where` at
    which line.
    """

    def __init__(self, number: int) -> None:
        self.struck = False
        self.where = "nowhere"
        self._left = number
        self._last: dict[FrameType, int] = {}
        self._code: dict[CodeType, bytes] = {}

    def __enter__(self) -> Interrupt:
        # What strikes a finalizer of something else is lost there, as Python has it.
        self._collected = gc.isenabled()
        gc.disable()
        self._before = sys.gettrace()
        sys.settrace(self._enter_function)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)
        self._last.clear()
        if self._collected:
            gc.enable()

    def _enter_function(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_globals.get("__name__", "").startswith("s3open."):
            return None
        frame.f_trace_opcodes = True
        self._strike(frame)
        return self._step

    def _step(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "opcode":
            code = self._code.setdefault(frame.f_code, frame.f_code.co_code)
            if self._last.get(frame) in _CHECKED:
                self._strike(frame)
            self._last[frame] = code[frame.f_lasti]
        elif event == "return":
            self._last.pop(frame, None)
        return self._step

    def _strike(self, frame: FrameType) -> None:
        self._left -= 1
        if self._left == 0:
            self.struck = True
            self.where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
            raise KeyboardInterrupt(self.where)


def interrupts() -> Iterator[Interrupt]:
    """Yield an `Interrupt` for every moment, until one comes too late to strike."""
    for number in count(1):
        interrupt = Interrupt(number)
        yield interrupt
        if not interrupt.struck:
            return
