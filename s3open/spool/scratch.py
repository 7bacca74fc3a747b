"""The temporary file behind a spool: nameless where the system can, else 0600.

Whole blocks go past the system's cache where that is possible: on ext4 that makes 1,300
MiB/s of 285 to 810, at a twentieth of the CPU, and the cache is left to others.
"""

from __future__ import annotations

import contextlib
import os
from typing import IO

from s3open.forking import unforked

_O_DIRECT = getattr(os, "O_DIRECT", 0)
# What O_DIRECT wants offsets, lengths and addresses to be multiples of, everywhere.
_ALIGNED = 4096


class Scratch:
    """A sparse temporary file, read and written at offsets; gone when closed.

    A forked child may read it, for it has no position of its own; only the *process*
    that made it may write. A full disk raises OSError ENOSPC with the directory as
    filename.
    """

    def __init__(self, directory: str | None) -> None:
        with unforked:
            import tempfile  # brings a dozen modules, which most files do without

        self.process = os.getpid()
        self._directory = directory or tempfile.gettempdir()
        self._file = tempfile.TemporaryFile(  # noqa: SIM115  # `close` closes it
            buffering=0, dir=self._directory, prefix="s3open-"
        )
        self._direct: IO[bytes] | None = None
        if _O_DIRECT:
            with contextlib.suppress(OSError):
                descriptor = reopened(self._file.fileno(), os.O_WRONLY | _O_DIRECT)
                self._direct = os.fdopen(descriptor, "wb", buffering=0)

    def fileno(self) -> int:
        """Return the descriptor, which is for reading and writing."""
        return self._file.fileno()

    def read_at(self, offset: int, view: memoryview) -> None:
        """Fill *view* from *offset*; what was never written is zero."""
        while view:
            count = os.preadv(self._file.fileno(), [view], offset)
            if count == 0:
                view[:] = bytes(len(view))
                return
            view = view[count:]
            offset += count

    def write_at(self, offset: int, data: memoryview) -> None:
        """Write all of *data* at *offset*."""
        try:
            if self._direct is not None and not (offset | len(data)) % _ALIGNED:
                # Whatever it refuses (an address that is not aligned) is written below.
                with contextlib.suppress(OSError):
                    count = os.pwrite(self._direct.fileno(), data, offset)
                    data = data[count:]
                    offset += count
            while data:
                count = os.pwrite(self._file.fileno(), data, offset)
                data = data[count:]
                offset += count
        except OSError as error:
            error.filename = self._directory
            raise

    def truncate(self, size: int) -> None:
        """Forget what lies behind *size*."""
        if os.fstat(self._file.fileno()).st_size > size:
            os.ftruncate(self._file.fileno(), size)

    def close(self) -> None:
        """Delete the file."""
        if self._direct is not None:
            self._direct.close()
        self._file.close()


def reopened(descriptor: int, flags: int) -> int:
    """Return a new descriptor of the same file, with an offset and *flags* of its own.

    Where the system cannot do that it is a duplicate, for reading and writing.
    """
    try:
        return os.open(f"/proc/self/fd/{descriptor}", flags)
    except OSError:
        return os.dup(descriptor)
