"""The one way to fill a bytes object in place: BytesIO hands its own out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def gathered(span: range, read_at: Callable[[int, memoryview], int]) -> bytes:
    """Return the bytes of *span*, as far as *read_at* has them, without a copy."""
    result = io.BytesIO(bytes(len(span)))
    with result.getbuffer() as view:
        count = read_at(span.start, view)
    result.truncate(count)
    return result.getvalue()
