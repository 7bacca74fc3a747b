"""What is done with an open file, and what came of it."""

from __future__ import annotations

import itertools
import os
import random
from typing import TYPE_CHECKING, Any

from tests.stores import outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# An operation is its name and its argument.
Operation = tuple[str, Any]


class Hand:
    """Does operations on a file, or on what is left of it once layers are detached."""

    def __init__(self, file: Any) -> None:
        self.file = file
        # The lowest layer: closed when the file is, whatever was detached before.
        self.raw = file
        for layer in ("buffer", "raw"):
            self.raw = getattr(self.raw, layer, self.raw)
        # What `tell` said. Of text it is opaque: nothing but `seek` understands it.
        self._places: list[int] = []

    def outcomes(self, operations: list[Operation]) -> Iterator[object]:
        """Do *operations*; yield what each returns or raises."""
        for operation in operations:
            yield outcome(self._perform, *operation)

    def _perform(self, name: str, argument: Any) -> object:
        if name == "mark":
            self._places.append(self.file.tell())
            return self._places[-1]
        if name == "return":
            if self._places:
                self.file.seek(self._places[argument % len(self._places)])
            return None
        if name == "detach":
            self.file = self.file.detach()
            return None
        return OPERATIONS[name](self.file, argument)


def randbytes(size: int) -> bytes:
    """Return *size* bytes, always the same ones."""
    return random.Random(size).randbytes(size)


def _write_at(file: Any, where: tuple[int, int]) -> object:
    offset, size = where
    file.seek(offset)
    return file.write(randbytes(size))


def _read_at(file: Any, where: tuple[int, int]) -> object:
    offset, size = where
    return file.seek(offset), file.read(size), file.tell()


def _cut(file: Any, eighths: int) -> object:
    """Cut a part off; the position stays at the old end, so that a hole may follow."""
    return file.truncate(file.seek(0, os.SEEK_END) * eighths // 8)


def _readinto(file: Any, size: int, method: str = "readinto") -> object:
    buffer = bytearray(size)
    return getattr(file, method)(buffer), bytes(buffer)


def _attributes(file: Any, _: object) -> object:
    asked = ("readable", "writable", "seekable", "isatty")
    had = ("mode", "encoding", "errors", "line_buffering", "write_through")
    return (
        file.closed,
        *(getattr(file, name, None) for name in had),
        *(outcome(getattr(file, name)) for name in asked),
    )


# From the first of those that ask for it on, the file is a descriptor.
OPERATIONS: dict[str, Callable[[Any, Any], object]] = {
    "read": lambda file, size: file.read(size),
    "read all": lambda file, _: file.read(),
    "read1": lambda file, size: file.read1(size),
    "readinto": _readinto,
    "readinto1": lambda file, size: _readinto(file, size, "readinto1"),
    "peek": lambda file, size: file.peek(size),
    "readline": lambda file, size: file.readline(size),
    "readlines": lambda file, hint: file.readlines(hint),
    "iterate": lambda file, count: list(itertools.islice(file, count)),
    "write": lambda file, data: file.write(data),
    "write random": lambda file, size: file.write(randbytes(size)),
    "write at": _write_at,
    "read at": _read_at,
    "writelines": lambda file, lines: file.writelines(lines),
    "seek": lambda file, target: file.seek(*target),
    "tell": lambda file, _: file.tell(),
    "truncate": lambda file, size: file.truncate(size),
    "cut": _cut,
    "flush": lambda file, _: file.flush(),
    "close": lambda file, _: file.close(),
    "newlines": lambda file, _: file.newlines,
    "reconfigure": lambda file, options: file.reconfigure(**options),
    "attributes": _attributes,
    "descriptor": lambda file, _: file.fileno() >= 0,
    "os.read": lambda file, size: os.read(file.fileno(), size),
    "os.write": lambda file, data: os.write(file.fileno(), data),
    "os.lseek": lambda file, target: os.lseek(file.fileno(), *target),
    "os.fstat": lambda file, _: os.fstat(file.fileno()).st_size,
    "os.ftruncate": lambda file, size: os.ftruncate(file.fileno(), size),
}
