"""Gzip on the way: what is uploaded with Content-Encoding ``gzip``.

The same bytes come out whenever the same file is packed: no time and no name in it.
"""

from __future__ import annotations

import errno
import gzip
import io
import os
import zlib
from collections import deque

# As the command gzip; 31 says that there is gzip's head.
_LEVEL = 6
_BITS = 31
_CHUNK = 1 << 20


def packed(data: bytes) -> bytes:
    """Return *data* in gzip's format."""
    return gzip.compress(data, _LEVEL, mtime=0)


class Packed:
    """What is in the file at *path*, packed as it is read; it cannot seek."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = io.FileIO(path, "rb")
        self._before = _signature(self._file.fileno())
        self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _BITS)
        self._ready: deque[bytes] = deque()
        self._ended = False

    def seekable(self) -> bool:
        return False

    def read(self, count: int) -> bytes:
        """Return up to *count* packed bytes, none at the end.

        Raises OSError ESTALE, in place of the last ones, if the file was changed.
        """
        while not self._ready and not self._ended:
            data = self._file.read(_CHUNK)
            if data:
                self._put(self._packer.compress(data))
            else:
                self._check()
                self._put(self._packer.flush())
                self._ended = True
        if not self._ready:
            return b""
        first = self._ready.popleft()
        if len(first) > count:
            self._ready.appendleft(first[count:])
        return first[:count]

    def _check(self) -> None:
        if _signature(self._file.fileno()) != self._before:
            message = "the file was changed while it was being uploaded"
            raise OSError(errno.ESTALE, message, self._path)

    def close(self) -> None:
        self._file.close()

    def _put(self, data: bytes) -> None:
        if data:
            self._ready.append(data)


def _signature(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_size, status.st_mtime_ns
