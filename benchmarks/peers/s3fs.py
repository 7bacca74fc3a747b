"""s3fs: its files, and its calls for whole objects."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

import s3fs

from benchmarks.peers.base import (
    Appending,
    Files,
    Peer,
    Text,
    local_source,
    read_scattered,
)
from benchmarks.workloads import BUCKET, SMALL, Workload

_COLD = f"""
import s3fs
assert len(s3fs.S3FileSystem().cat_file("{BUCKET}/small")) == {SMALL}
"""


class Opened(Appending, Text, Files):
    """``open``; it has no ``r+``."""

    COLD = _COLD

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._store = s3fs.S3FileSystem()

    def open(self, name: str, mode: str) -> IO[Any]:
        self._store.invalidate_cache()
        file: IO[Any] = self._store.open(f"{BUCKET}/{name}", mode)
        return file

    def scattered(self, work: Workload) -> int:
        # Otherwise, it would read on for 50 MiB after each.
        name = f"{BUCKET}/{work.source}"
        with self._store.open(name, "rb", cache_type="none") as file:
            return read_scattered(file, work)


class Calls(Peer):
    """cat_file, pipe_file, get_file, put_file, cat_ranges."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._store = s3fs.S3FileSystem()

    def prepare(self, work: Workload) -> None:
        if work.action == "feed":
            local_source(self.folder, work.size)

    def read(self, name: str) -> int:
        return len(self._store.cat_file(f"{BUCKET}/{name}"))

    def write(self, name: str, body: bytes) -> None:
        self._store.pipe_file(f"{BUCKET}/{name}", body)

    def stream(self, work: Workload) -> int:
        path = Path(self.folder) / f"downloaded-{os.getpid()}"
        self._store.get_file(f"{BUCKET}/{work.source}", str(path))
        size = path.stat().st_size
        path.unlink()
        return size

    def feed(self, name: str, work: Workload) -> None:
        source = local_source(self.folder, work.size)
        self._store.put_file(source, f"{BUCKET}/{name}")

    def first(self, work: Workload) -> int:
        return len(self._store.cat_file(f"{BUCKET}/{work.source}", start=0, end=1))

    def scattered(self, work: Workload) -> int:
        name = f"{BUCKET}/{work.source}"
        return sum(
            len(self._store.cat_file(name, start=start, end=start + work.length))
            for start in work.offsets()
        )

    def ranges(self, work: Workload) -> int:
        starts = work.offsets()
        names = [f"{BUCKET}/{work.source}"] * len(starts)
        stops = [start + work.length for start in starts]
        return sum(map(len, self._store.cat_ranges(names, starts, stops)))
