"""What is uploaded: a file of this machine, or whatever can be read as one."""

from __future__ import annotations

import errno
import io
import os
import stat
from typing import IO, TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from typing_extensions import Self

# Of what has no end, or does not say where it is.
_FOR_EVER = 1 << 62
_CHUNK = 1 << 20


class Source(Protocol):
    """Bytes to be uploaded.

    *size* is their number, None if it is not known. *in_order*: they have to be asked
    for one after the other, by one thread.
    """

    size: int | None
    in_order: bool

    def fill(self, offset: int, view: memoryview) -> int:
        """Fill *view* from *offset*, up to the end; return how much."""

    def check(self) -> None:
        """Raise OSError ESTALE if it is not what it was at the beginning."""


class FileSource:
    """The bytes from *start* to *end* of the file at *path*. Safe from any thread.

    *path* may be a descriptor, which is left open. *window* is what was asked for.
    Raises FileNotFoundError, PermissionError and the like.
    """

    in_order = False

    def __init__(self, path: str | int, start: int, end: int | None) -> None:
        self._name = path
        self._start = start
        self.window = (start, end)
        self._file = io.FileIO(path, "rb", closefd=isinstance(path, str))
        status = os.fstat(self._file.fileno())
        self._before = _signature(status)
        stop = status.st_size if end is None else min(end, status.st_size)
        self.size: int | None = max(0, stop - start)

    @property
    def identity(self) -> list[int]:
        """What tells whether it is the same file, and has the same bytes."""
        return [*self._before, self._start, self.size or 0]

    def fill(self, offset: int, view: memoryview) -> int:
        done = 0
        descriptor = self._file.fileno()
        while count := os.preadv(
            descriptor, [view[done:]], self._start + offset + done
        ):
            done += count
        return done

    def check(self) -> None:
        if _signature(os.fstat(self._file.fileno())) != self._before:
            message = "the file was changed while it was being uploaded"
            raise OSError(errno.ESTALE, message, self._name)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class OpenSource:
    """The bytes from *start* to *end* of an open binary *file*. For one thread.

    Of one that can seek they are counted from its beginning; of a pipe and the like
    from where it is.
    """

    in_order = True

    def __init__(self, file: IO[bytes], start: int, end: int | None) -> None:
        self._file = file
        self._seeking = file.seekable()
        self._start = start
        self._left = _FOR_EVER if end is None else max(0, end - start)
        self.size: int | None = None
        if self._seeking:
            self.size = max(0, min(file.seek(0, io.SEEK_END) - start, self._left))
            file.seek(start)
        else:
            self._skip(start)

    def fill(self, offset: int, view: memoryview) -> int:
        view = view[: self._left]
        done = 0
        while done < len(view) and (data := _read(self._file, len(view) - done)):
            view[done : done + len(data)] = data
            done += len(data)
        self._left -= done
        return done

    def check(self) -> None:
        """Nobody can tell."""

    def _skip(self, count: int) -> None:
        while count and (data := _read(self._file, min(count, _CHUNK))):
            count -= len(data)


def is_regular(path: str) -> bool:
    """Whether *path* is a file whose bytes can be read at any place, in any order."""
    return stat.S_ISREG(os.stat(path).st_mode)


def plain(file: object) -> io.FileIO | None:
    """Return what reads the file below *file*, None if it is not builtin's alone.

    (A descriptor may be that of something else: gzip's has the compressed bytes.)
    """
    raw: object = file
    if isinstance(file, (io.BufferedReader, io.BufferedRandom)):
        raw = file.raw if type(file).__module__ in ("io", "_io") else None
    if type(raw) is io.FileIO and stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
        return raw
    return None


def _read(file: Any, count: int) -> bytes:
    data = file.read(count)
    if data is None:
        raise BlockingIOError(errno.EAGAIN, "it is in non-blocking mode")
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"upload needs a binary file: read() gave {type(data)!r}")
    return bytes(data)


def _signature(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
