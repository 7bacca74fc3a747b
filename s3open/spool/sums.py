"""The CRCs of what a program writes, taken when it writes it.

What is sent later, from memory or a disk, has to have the same. Of each block as much
is known as was written in order from its beginning on.
"""

from __future__ import annotations

from s3open import checksums
from s3open.spool.blocks import BLOCK


class Sums:
    """How many bytes of each block were written in order, and their CRC.

    Not thread-safe.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int]] = {}

    def wrote(self, index: int, start: int, data: memoryview) -> None:
        """Note that *data* were written to block *index*, from *start* on."""
        length, value = (0, 0) if not start else self._known.get(index, (0, 0))
        if start == length:
            value = checksums.crc(checksums.own(), data, value)
            self._known[index] = (start + len(data), value)
        elif start < length:
            del self._known[index]

    def cut(self, size: int) -> None:
        """Note that what lies behind *size* is gone."""
        for index in [index for index in self._known if (index + 1) * BLOCK > size]:
            if index * BLOCK + self._known[index][0] > size:
                del self._known[index]

    def clear(self) -> None:
        """Know nothing any more."""
        self._known.clear()

    def take(self, span: range) -> int | None:
        """Return the CRC of *span*, None if it is not known; and forget it."""
        index, start = divmod(span.start, BLOCK)
        if not start and len(span) <= BLOCK:
            length, value = self._known.pop(index, (0, 0))
            return value if length == len(span) else None
        whole = not start
        pieces = []
        for start in range(span.start, span.stop, BLOCK):
            length, value = self._known.pop(start // BLOCK, (0, 0))
            whole = whole and length == min(BLOCK, span.stop - start)
            pieces.append((value, length))
        return checksums.combined(checksums.own(), pieces) if whole else None
