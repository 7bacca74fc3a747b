"""What the peers have in common: their actions, over a file where they have one.

An action that a peer's class does not have is one the peer cannot do, or advises
against. Nothing is imported before it is needed: a peer's memory is its own.
"""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from benchmarks.workloads import (
    APPENDED,
    BUCKET,
    KIB,
    MIB,
    PATCHED,
    SMALL,
    STEP,
    Workload,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Where a zip archive's directory is, and how far its members are from each other.
TAIL = 64 * KIB
MEMBERS = 50
DISTANCE = 1_300_000
# Before reading in order.
RANDOM = 50


class Peer:
    """Somebody who reads and writes objects; *folder* is for local files."""

    COLD = ""
    """A program that reads the small object, import and all; "" if there is none."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def warm(self) -> None:
        """Have modules loaded, a client made, a connection open."""
        for name, arguments in (("read", ["small"]), ("write", ["warm", bytes(SMALL)])):
            if hasattr(self, name):
                getattr(self, name)(*arguments)

    def cold(self, work: Workload) -> None:
        """Run by the worker as a process of its own, from `COLD`."""
        raise NotImplementedError


class Files(Peer):
    """Whatever has an `open`."""

    def open(self, name: str, mode: str) -> IO[Any]:
        raise NotImplementedError

    def read(self, name: str) -> int:
        with self.open(name, "rb") as file:
            return len(file.read())

    def write(self, name: str, body: bytes) -> None:
        with self.open(name, "wb") as file:
            file.write(body)

    def stream(self, work: Workload) -> int:
        with self.open(work.source, "rb") as file:
            return drained(file)

    def feed(self, name: str, work: Workload) -> None:
        step = os.urandom(STEP)
        with self.open(name, "wb") as file:
            for _ in range(work.size // STEP):
                file.write(step)

    def first(self, work: Workload) -> int:
        with self.open(work.source, "rb") as file:
            return len(file.read(1))

    def tail(self, work: Workload) -> int:
        with self.open(work.source, "rb") as file:
            return read_as_zip(file, work)

    def scattered(self, work: Workload) -> int:
        with self.open(work.source, "rb") as file:
            return read_scattered(file, work)


class Recovering:
    """Reads all of it in order, after reads here and there."""

    def prepare(self, work: Workload) -> None:
        if work.action == "recover":
            opened: Callable[..., IO[bytes]] = self.open  # type: ignore[attr-defined]
            self._file = opened(work.source, "rb")
            read_scattered(self._file, replace(work, count=RANDOM))

    def recover(self, work: Workload) -> int:
        with self._file as file:
            file.seek(0)
            return drained(file)


class Text:
    """Lines, by the text mode of an `open`."""

    def lines(self, work: Workload) -> int:
        opened: Callable[..., IO[str]] = self.open  # type: ignore[attr-defined]
        with opened(work.source, "r") as file:
            return counted(file)


class Updating:
    """An `open` with ``w+``: what was written can be gone back to."""

    def rewrite(self, name: str, work: Workload) -> None:
        opened: Callable[..., IO[bytes]] = self.open  # type: ignore[attr-defined]
        with opened(name, "w+b") as file:
            rewrite(file, work)


class Appending:
    """An `open` with ``a``."""

    def append(self, work: Workload) -> None:
        opened: Callable[..., IO[bytes]] = self.open  # type: ignore[attr-defined]
        with opened(work.source, "ab") as file:
            file.write(bytes(APPENDED))


class Patching:
    """An `open` with ``r+``."""

    def patch(self, work: Workload) -> None:
        opened: Callable[..., IO[bytes]] = self.open  # type: ignore[attr-defined]
        with opened(work.source, "r+b") as file:
            file.seek(work.size // 2)
            file.write(bytes(PATCHED))


class Steps(io.RawIOBase):
    """A source of *size* bytes for those who want to read, rather than be given."""

    def __init__(self, size: int) -> None:
        self._step = os.urandom(STEP)
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        self._left -= wanted
        whole, rest = divmod(wanted, STEP)
        return b"".join([self._step] * whole + [self._step[:rest]])

    def readinto(self, buffer: Any, /) -> int:
        data = self.read(min(len(buffer), STEP))
        buffer[: len(data)] = data
        return len(data)


class Sink(io.RawIOBase):
    """Takes bytes in order and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.count += len(data)
        return len(data)


def steps(size: int) -> Iterator[bytes]:
    """Yield *size* bytes."""
    step = os.urandom(STEP)
    for _ in range(size // STEP):
        yield step


def drained(source: Any) -> int:
    """Read *source* to its end in steps; return the number of bytes."""
    total = 0
    while data := source.read(STEP):
        total += len(data)
    return total


def poured(source: Any) -> int:
    """Read *source* to its end into one buffer; return the number of bytes."""
    buffer = bytearray(STEP)
    total = 0
    while count := source.readinto(buffer):
        total += count
    return total


def counted(lines: Any) -> int:
    """Return the number of characters in *lines*, which are ASCII."""
    total = 0
    for line in lines:
        total += len(line)
    return total


def read_as_zip(file: Any, work: Workload) -> int:
    """Read the tail, then members going forwards; return the number of bytes."""
    file.seek(work.size - TAIL)
    total = len(file.read(TAIL))
    for number in range(MEMBERS):
        file.seek(number * DISTANCE)
        total += len(file.read(work.length))
    return total


def read_scattered(file: Any, work: Workload) -> int:
    total = 0
    for offset in work.offsets():
        file.seek(offset)
        total += len(file.read(work.length))
    return total


def rewrite(file: Any, work: Workload) -> None:
    """Write it, read some of it back, and write its beginning again."""
    step = os.urandom(STEP)
    for _ in range(work.size // STEP):
        file.write(step)
    for offset in range(0, work.size, work.size // 8):
        file.seek(offset)
        if file.read(STEP) != step:
            raise RuntimeError("what was read back is not what was written")
    file.seek(0)
    file.write(bytes(SMALL))


def local_source(folder: str, size: int) -> str:
    """Return the path of a local file of *size* bytes, in page cache, made once."""
    path = Path(folder) / f"source-{size}"
    if not path.exists():
        tile = bytes(range(256)) * (MIB // 256)
        with path.open("wb") as file:
            for _ in range(size // MIB):
                file.write(tile)
    return str(path)


def uri(name: str) -> str:
    return f"s3://{BUCKET}/{name}"
