"""From a file of this machine to another, as if one of them were on S3."""

from __future__ import annotations

import errno
import os
from datetime import datetime, timezone
from typing import IO, TYPE_CHECKING, Any

from s3open.files import Info
from s3open.transfers.landing import Landing

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.transfers.sources import Source

_CHUNK = 1 << 20


def copy(source: Source, target: str, *, overwrite: bool) -> Info:
    """Have *target* be all of *source*, at once in the end."""
    landing = Landing(target)
    try:
        size = pumped(source, landing.write_at)
        source.check()
        landing.publish(size, overwrite=overwrite)
    finally:
        landing.close()
    return described(target)


def poured(source: Source, file: IO[bytes]) -> int:
    """Write all of *source* to *file*, where that is; return how many bytes."""
    return pumped(source, lambda _, view: write_all(file, view))


def pumped(source: Source, write: Callable[[int, memoryview], object]) -> int:
    """Give all of *source* to *write*, with its offset; return how many bytes."""
    buffer = memoryview(bytearray(_CHUNK))
    offset = 0
    while count := source.fill(offset, _within(source, offset, buffer)):
        write(offset, buffer[:count])
        offset += count
    return offset


def write_all(file: Any, view: memoryview) -> None:
    """Write all of *view*; raw files may take less at once."""
    while view:
        count: int | None = file.write(view)
        if count is None:
            raise BlockingIOError(errno.EAGAIN, "it is in non-blocking mode")
        view = view[count:]


def described(path: str) -> Info:
    """Return what is known of the file at *path*."""
    status = os.stat(path)
    modified = datetime.fromtimestamp(status.st_mtime, timezone.utc)
    return Info(path, "", "", status.st_size, last_modified=modified)


def _within(source: Source, offset: int, view: memoryview) -> memoryview:
    """Return the front of *view* that does not reach behind the end of *source*."""
    return view if source.size is None else view[: source.size - offset]
