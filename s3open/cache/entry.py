"""One version of one object, as far as it was read: a file of bytes, and a journal.

The data stands where it stands in the object. The journal says which stretches are
here, each with its CRC, and is only added to: first the bytes, then the line that makes
them count. So who is killed, or writes at the same time, leaves nothing that is taken
for bytes it is not.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import threading
import zlib
from typing import TYPE_CHECKING, NamedTuple

from s3open.spans import RangeSet

if TYPE_CHECKING:
    from pathlib import Path

# What is checked, and read, at once.
STRETCH = 1 << 20
# Where it begins, its length, its CRC, and the CRC of these.
_RECORD = struct.Struct("<QIII")


class Version(NamedTuple):
    """What tells one version of an object from others."""

    etag: str
    size: int
    version_id: str | None


class _Stretch(NamedTuple):
    start: int
    length: int
    crc: int

    @property
    def stop(self) -> int:
        return self.start + self.length


class Entry:
    """An open entry. Thread-safe; whatever fails on the disk raises OSError.

    *journal* is its path; the data lies beside it. It has to exist: see `create`.
    """

    def __init__(self, journal: Path) -> None:
        self._lock = threading.Lock()
        self._present = RangeSet()
        self._stretches: dict[int, _Stretch] = {}
        self._journal = os.open(journal, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        try:
            self._data = os.open(data_of(journal), os.O_RDWR | os.O_CLOEXEC)
        except BaseException:
            os.close(self._journal)
            raise
        try:
            self.version = self._load()
        except BaseException:
            self.close()
            raise

    def _load(self) -> Version:
        with open(self._journal, "rb", closefd=False) as file:
            file.seek(0)
            header = file.readline()
            records = file.read()
        try:
            version = Version(**json.loads(header))
        except (ValueError, TypeError) as error:
            raise OSError(f"no journal of a cache: {error}") from error
        good = 0
        for packed in _RECORD.iter_unpack(
            records[: len(records) // _RECORD.size * _RECORD.size]
        ):
            start, length, crc, own = packed
            if own != zlib.crc32(_RECORD.pack(start, length, crc, 0)):
                break
            good += _RECORD.size
            self._note(_Stretch(start, length, crc))
        if good < len(records):
            # Torn: what is added begins where records do. What others add meanwhile may
            # be cut off, and comes again.
            os.ftruncate(self._journal, len(header) + good)
        return version

    def _note(self, found: _Stretch) -> None:
        self._stretches[found.start] = found
        self._present.add(range(found.start, found.stop))

    @property
    def is_whole(self) -> bool:
        """Whether all bytes are here."""
        with self._lock:
            return self._present.run(0, self.version.size) == (True, self.version.size)

    def run(self, start: int, stop: int) -> tuple[bool, int]:
        """Return whether the byte at *start* is here, and up to where that holds."""
        with self._lock:
            return self._present.run(start, stop)

    def read(self, offset: int) -> bytes | None:
        """Return the bytes from *offset* to the end of a stretch; None if damaged."""
        with self._lock:
            found = self._around(offset)
        if found is None:
            return None
        data = os.pread(self._data, found.length, found.start)
        if len(data) != found.length or zlib.crc32(data) != found.crc:
            with self._lock:
                self._stretches.pop(found.start, None)
                self._present.remove(range(found.start, found.stop))
            return None
        return data[offset - found.start :]

    def _around(self, offset: int) -> _Stretch | None:
        found = self._stretches.get(offset)
        if found is not None:
            return found
        around = (each for each in self._stretches.values() if each.start <= offset)
        return next((each for each in around if offset < each.stop), None)

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Keep *data*, the bytes at *offset*; a stretch at most."""
        done = 0
        while done < len(data):
            done += os.pwrite(self._data, memoryview(data)[done:], offset + done)
        made = _Stretch(offset, len(data), zlib.crc32(data))
        own = zlib.crc32(_RECORD.pack(*made, 0))
        os.write(self._journal, _RECORD.pack(*made, own))
        with self._lock:
            self._note(made)

    def touch(self) -> None:
        """Note that it was used just now."""
        os.utime(self._journal)

    def close(self) -> None:
        for descriptor in (self._journal, self._data):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def data_of(journal: Path) -> Path:
    """Return where the bytes are that *journal* tells of."""
    return journal.with_suffix(".data")


def create(journal: Path, version: Version) -> None:
    """Make an empty entry of *version*; one that is there already is fine."""
    home, *folders = list(journal.parents)[3::-1]
    home.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        folder.mkdir(mode=0o700, exist_ok=True)
    new = journal.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
    os.close(os.open(data_of(journal), flags, 0o600))
    descriptor = os.open(new, flags | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(json.dumps(version._asdict()).encode() + b"\n")
        # Whole, or not there.
        with contextlib.suppress(FileExistsError):
            os.link(new, journal)
    finally:
        os.unlink(new)


def remove(journal: Path) -> None:
    """Delete an entry; who has it open reads on."""
    for path in (journal, data_of(journal)):
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
