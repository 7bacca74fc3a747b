"""obstore: its calls, its files, and its calls on many connections."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import obstore
from obstore.store import S3Store

from benchmarks.peers.base import (
    DISTANCE,
    MEMBERS,
    TAIL,
    Peer,
    drained,
    read_as_zip,
    read_scattered,
    steps,
)
from benchmarks.workloads import BUCKET, MIB, SMALL, STEP, Workload

_THREADS = 32
_PART = 8 * MIB


def _store() -> Any:
    return S3Store(
        BUCKET,
        region=os.environ["AWS_DEFAULT_REGION"],
        endpoint=os.environ["AWS_ENDPOINT_URL"],
        client_options={"allow_http": True},
    )


class Calls(Peer):
    """get, put, get_range, get_ranges."""

    COLD = f"""
import os, obstore
from obstore.store import S3Store
store = S3Store(
    "{BUCKET}",
    region=os.environ["AWS_DEFAULT_REGION"],
    endpoint=os.environ["AWS_ENDPOINT_URL"],
    client_options={{"allow_http": True}},
)
assert len(obstore.get(store, "small").bytes()) == {SMALL}
"""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._store = _store()

    def read(self, name: str) -> int:
        return len(obstore.get(self._store, name).bytes())

    def write(self, name: str, body: bytes) -> None:
        obstore.put(self._store, name, body)

    def stream(self, work: Workload) -> int:
        chunks = obstore.get(self._store, work.source).stream(min_chunk_size=STEP)
        return sum(map(len, chunks))

    def feed(self, name: str, work: Workload) -> None:
        obstore.put(self._store, name, steps(work.size))

    def first(self, work: Workload) -> int:
        return len(obstore.get_range(self._store, work.source, start=0, length=1))

    def tail(self, work: Workload) -> int:
        store, name = self._store, work.source
        start = work.size - TAIL
        total = len(obstore.get_range(store, name, start=start, length=TAIL))
        for number in range(MEMBERS):
            start = number * DISTANCE
            part = obstore.get_range(store, name, start=start, length=work.length)
            total += len(part)
        return total

    def scattered(self, work: Workload) -> int:
        store, name, length = self._store, work.source, work.length
        return sum(
            len(obstore.get_range(store, name, start=start, length=length))
            for start in work.offsets()
        )

    def ranges(self, work: Workload) -> int:
        starts = work.offsets()
        parts = obstore.get_ranges(
            self._store, work.source, starts=starts, lengths=[work.length] * len(starts)
        )
        return sum(map(len, parts))


class Files(Peer):
    """open_reader and open_writer."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._store = _store()

    def read(self, name: str) -> int:
        return len(obstore.open_reader(self._store, name).read())

    def write(self, name: str, body: bytes) -> None:
        with obstore.open_writer(self._store, name) as file:
            file.write(body)

    def stream(self, work: Workload) -> int:
        return drained(obstore.open_reader(self._store, work.source))

    def feed(self, name: str, work: Workload) -> None:
        with obstore.open_writer(self._store, name) as file:
            for step in steps(work.size):
                file.write(step)

    def first(self, work: Workload) -> int:
        return len(obstore.open_reader(self._store, work.source).read(1))

    def tail(self, work: Workload) -> int:
        return read_as_zip(obstore.open_reader(self._store, work.source), work)

    def scattered(self, work: Workload) -> int:
        return read_scattered(obstore.open_reader(self._store, work.source), work)

    def lines(self, work: Workload) -> int:
        file = obstore.open_reader(self._store, work.source)
        total = 0
        while line := file.readline():
            total += len(bytes(line).decode())
        return total


class Many(Peer):
    """get_range on 32 threads, parts in order; put with 32 parts at a time."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._store = _store()

    def warm(self) -> None:
        obstore.get_range(self._store, "small", start=0, length=1)

    def stream(self, work: Workload) -> int:
        def part(start: int) -> int:
            length = min(_PART, work.size - start)
            got = obstore.get_range(
                self._store, work.source, start=start, length=length
            )
            return len(got)

        with ThreadPoolExecutor(_THREADS) as pool:
            return sum(pool.map(part, range(0, work.size, _PART)))

    def feed(self, name: str, work: Workload) -> None:
        obstore.put(
            self._store,
            name,
            steps(work.size),
            chunk_size=_PART,
            max_concurrency=_THREADS,
        )
