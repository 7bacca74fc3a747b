"""The caller's buffers as plain views, refused in the words of ``io.FileIO``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer


def to_take(data: Buffer) -> memoryview:
    """Return the bytes of *data*, to be read."""
    try:
        return _flat(memoryview(data))
    except TypeError:
        kind = type(data).__name__
        message = f"a bytes-like object is required, not {kind!r}"
        raise TypeError(message) from None


def to_fill(buffer: Buffer) -> memoryview:
    """Return the bytes of *buffer*, to be written."""
    try:
        view = memoryview(buffer)
    except TypeError:
        view = None
    if view is None or view.readonly:
        kind = type(buffer).__name__
        raise TypeError(
            f"readinto() argument must be read-write bytes-like object, not {kind}"
        )
    return _flat(view)


def _flat(view: memoryview) -> memoryview:
    if not view.c_contiguous:
        raise BufferError("memoryview: underlying buffer is not C-contiguous")
    # An empty view with several dimensions cannot be cast.
    return view.cast("B") if view.nbytes else memoryview(bytearray())
