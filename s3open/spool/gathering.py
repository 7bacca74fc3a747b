"""The one way to fill a bytes object in place: BytesIO hands its own out."""

from __future__ import annotations

import errno
import io
from typing import TYPE_CHECKING

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
