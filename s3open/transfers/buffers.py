"""Buffers that are used again: touching fresh memory costs more than sending it."""

from __future__ import annotations


class Buffers:
    """Memory for parts. Safe from any thread: lists are, as far as they are used here.

    No more are made than are in use at once.
    """

    def __init__(self) -> None:
        self._free: list[bytearray] = []

    def take(self, size: int) -> memoryview:
        """Return a buffer of *size* bytes, with anything in it."""
        try:
            buffer = self._free.pop()
        except IndexError:
            buffer = bytearray(size)
        if len(buffer) < size:
            buffer = bytearray(size)
        return memoryview(buffer)[:size]

    def give(self, view: memoryview) -> None:
        """Take back what `take` gave, or the front of it."""
        self._free.append(view.obj)  # type: ignore[arg-type]  # what we made it of
