"""Fixed pieces of memory, recycled.

Touching fresh memory costs 0.5 to 1.0 s of CPU per GB, a recycled block next to
nothing; so blocks come from, and go back to, a small stock of the process. They are
page-aligned.
"""

from __future__ import annotations

import mmap
import sys
from collections import deque

BLOCK = 1 << 20

_stock: deque[mmap.mmap] = deque(maxlen=64)


class Block:
    """`BLOCK` bytes, of which the first *used* are defined; the others count as zero.

    It is *dirty* once something was written into it that can be had nowhere else, and
    *touched* by whatever changes what is defined. Not thread-safe.
    """

    __slots__ = ("_memory", "_view", "dirty", "touched", "used")

    def __init__(self) -> None:
        try:
            self._memory = _stock.pop()
        except IndexError:
            self._memory = _fresh()
        self._view = memoryview(self._memory)
        self.used = 0
        self.dirty = False
        self.touched = False

    def defined(self) -> memoryview:
        """Return a view of the bytes that are defined."""
        return self._view[: self.used]

    def read(self, offset: int, view: memoryview) -> None:
        """Fill *view* from *offset*."""
        end = offset + len(view)
        known = max(0, min(end, self.used) - offset)
        view[:known] = self._view[offset : offset + known]
        if known < len(view):
            view[known:] = bytes(len(view) - known)

    def reserve(self, offset: int, length: int, *, clear: bool = True) -> memoryview:
        """Return a view to write into; bytes count from the next `extend` on.

        Without *clear* what lies between has to be somebody's who will do the same.
        """
        if clear and offset > self.used:
            self._view[self.used : offset] = bytes(offset - self.used)
        return self._view[offset : offset + length]

    def solid(self, length: int) -> memoryview:
        """Return a view of the first *length* bytes, all defined from now on."""
        self.reserve(length, 0)
        self.extend(length)
        return self._view[:length]

    def extend(self, end: int) -> None:
        """Take the bytes up to *end* as defined."""
        self.touched = True
        self.used = max(self.used, end)

    def truncate(self, end: int) -> None:
        """Forget the bytes from *end* on."""
        self.touched = True
        self.used = min(self.used, end)

    def release(self, *, reuse: bool = True) -> None:
        """Give the memory back; the block must not be used any more.

        Not to be reused is what somebody may still write to.
        """
        self._view.release()
        if reuse:
            _stock.append(self._memory)


def _fresh() -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, BLOCK)
    # Python's default would share the memory with a forked child.
    return mmap.mmap(-1, BLOCK, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
