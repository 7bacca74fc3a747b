"""The one way to fill a bytes object in place: BytesIO hands its own out."""

from __future__ import annotations

import errno
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from s3open.spool.blocks import BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable


def gathered(span: range, read_at: Callable[[int, memoryview], int]) -> bytes:
    """Return the bytes of *span*, which *read_at* gives, without a copy.

    Raises OSError EIO if it gives less: nothing shorter may pass for the whole.
    """
    result = io.BytesIO(bytes(len(span)))
    # Whoever slices the view releases the slices: an error that is caught may keep the
    # frames that it went through, and a buffer must not go before its views.
    with result.getbuffer() as view:
        count = read_at(span.start, view)
    if count != len(span):
        raise OSError(errno.EIO, f"only {count} of {len(span)} bytes are left")
    return result.getvalue()


class OneByOne(Sequence[memoryview]):
    """The bytes of *span* in pieces, which *read_at* gives when they are asked for."""

    def __init__(self, span: range, read_at: Callable[[int, memoryview], int]) -> None:
        self._read_at = read_at
        self._spans = [
            span[start : start + BLOCK] for start in range(0, len(span), BLOCK)
        ]

    def __len__(self) -> int:
        return len(self._spans)

    @overload
    def __getitem__(self, index: int) -> memoryview: ...

    @overload
    def __getitem__(self, index: slice) -> list[memoryview]: ...

    def __getitem__(self, index: int | slice) -> memoryview | list[memoryview]:
        if isinstance(index, slice):
            return [self._read(span) for span in self._spans[index]]
        return self._read(self._spans[index])

    def _read(self, span: range) -> memoryview:
        return memoryview(gathered(span, self._read_at))
