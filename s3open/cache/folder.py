"""The folder of a cache: what is in it, by object, and what goes when it is full."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from s3open.cache import entry as entries
from s3open.cache.entry import Entry, Version

if TYPE_CHECKING:
    from collections.abc import Iterator

# So much of the bound may be added before it is looked at again.
_SHARE = 20
# What is left after something had to go, in tenths.
_LEFT = 9


class Usage(NamedTuple):
    """What a cache holds: *entries*, and *size* in bytes on the disk."""

    entries: int
    size: int


class _Used(NamedTuple):
    time: float
    size: int
    journal: Path


class Cache:
    """A cache in *folder*. Thread-safe, and safe among processes.

    *bound* is in bytes on the disk. It may be exceeded by a twentieth, for each process
    that reads, until that is noticed.
    """

    def __init__(self, folder: str, bound: int) -> None:
        self._folder = Path(folder)
        self._bound = bound
        self._lock = threading.Lock()
        # Nobody knows what is there.
        self._added = bound

    def find(self, place: tuple[str, ...]) -> Entry | None:
        """Return what is known of *place*, the newest; None if nothing is."""
        for journal in self._journals(place):
            with contextlib.suppress(OSError):
                found = Entry(journal)
                found.touch()
                return found
            # Damaged, or half deleted.
            with contextlib.suppress(OSError):
                entries.remove(journal)
        return None

    def make(self, place: tuple[str, ...], version: Version) -> Entry:
        """Return the entry of *version*, a new one if there is none.

        What was known of others of its place is forgotten.
        """
        name = hashlib.sha256(repr(version).encode()).hexdigest()[:32]
        journal = self._of(place) / f"{name}.journal"
        for other in self._journals(place):
            if other != journal:
                entries.remove(other)
        entries.create(journal, version)
        return Entry(journal)

    def forget(self, place: tuple[str, ...]) -> None:
        """Delete what is known of *place*."""
        for journal in self._journals(place):
            entries.remove(journal)

    def added(self, count: int) -> None:
        """Note that *count* bytes have come, and delete what has to go for them."""
        with self._lock:
            self._added += count
            if self._added < self._bound // _SHARE:
                return
            self._added = 0
        self._sweep()

    def usage(self) -> Usage:
        """Look through all of it."""
        used = list(self._used())
        return Usage(len(used), sum(each.size for each in used))

    def clear(self) -> Usage:
        """Delete everything; return what that was. Who reads from it reads on."""
        used = list(self._used())
        for each in used:
            entries.remove(each.journal)
        self._tidy()
        return Usage(len(used), sum(each.size for each in used))

    def _of(self, place: tuple[str, ...]) -> Path:
        name = hashlib.sha256("\0".join(place).encode()).hexdigest()
        return self._folder / name[:2] / name[2:40]

    def _journals(self, place: tuple[str, ...]) -> list[Path]:
        with contextlib.suppress(OSError):
            return sorted(
                self._of(place).glob("*.journal"),
                key=lambda journal: journal.stat().st_mtime,
                reverse=True,
            )
        return []

    def _used(self) -> Iterator[_Used]:
        for journal in self._folder.glob("??/*/*.journal"):
            with contextlib.suppress(OSError):
                found = journal.stat()
                blocks = entries.data_of(journal).stat().st_blocks + found.st_blocks
                yield _Used(found.st_mtime, blocks * 512, journal)

    def _sweep(self) -> None:
        with contextlib.suppress(OSError), self._alone():
            used = sorted(self._used())
            total = sum(each.size for each in used)
            if total <= self._bound:
                return
            for each in used:
                if total <= self._bound * _LEFT // 10:
                    break
                entries.remove(each.journal)
                total -= each.size
            self._tidy()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others from sweeping; BlockingIOError where somebody is at it."""
        path = self._folder / "lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        finally:
            os.close(descriptor)

    def _tidy(self) -> None:
        """Remove folders that are empty, and data that no journal tells of."""
        for data in self._folder.glob("??/*/*.data"):
            if not data.with_suffix(".journal").exists():
                with contextlib.suppress(OSError):
                    data.unlink()
        for pattern in ("??/*", "??"):
            for folder in self._folder.glob(pattern):
                with contextlib.suppress(OSError):
                    folder.rmdir()


def opened(folder: str, bound: int) -> Cache:
    """Return the cache in *folder*, the same for all of this process."""
    return _opened(os.path.abspath(os.path.expanduser(folder)), bound, os.getpid())


@lru_cache(maxsize=16)
def _opened(folder: str, bound: int, process: int) -> Cache:
    # Of another process it may be in the middle of something.
    return Cache(folder, bound)
