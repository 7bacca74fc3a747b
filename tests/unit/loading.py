"""A data loader as PyTorch's: worker processes that are asked for items by number."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING, Any

import s3open

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from s3open import FileSystem


class Records:
    """The records, *size* bytes each, of one object that is open all the time."""

    def __init__(self, uri: str, size: int, buffering: int = -1) -> None:
        self._file = s3open.open(uri, "rb", buffering)
        self._size = size

    def __len__(self) -> int:
        return s3open.info(self._file).size // self._size

    def __getitem__(self, number: int) -> bytes:
        self._file.seek(number * self._size)
        return bytes(self._file.read(self._size))

    def close(self) -> None:
        self._file.close()


class Objects:
    """Many small objects, each opened when it is asked for."""

    def __init__(self, there: FileSystem, prefix: str, count: int) -> None:
        self._there = there
        self._prefix = prefix
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> bytes:
        with self._there.open(f"{self._prefix}{number}", "rb") as file:
            return file.read()

    def close(self) -> None:
        pass


def load(dataset: Any, order: Iterable[int], workers: int, method: str) -> list[bytes]:
    """Return the items of *dataset* in *order*, fetched by *workers* processes."""
    context: Any = multiprocessing.get_context(method)
    order = list(order)
    asked, answered = context.Queue(), context.Queue()
    processes = [
        context.Process(target=_work, args=(dataset, asked, answered))
        for _ in range(workers)
    ]
    for process in processes:
        process.start()
    for place, number in enumerate(order):
        asked.put((place, number))
    for _ in processes:
        asked.put(None)
    items = dict(_taken(answered, len(order)))
    for process in processes:
        process.join(30)
        assert process.exitcode == 0
    return [items[place] for place in range(len(order))]


def _taken(answered: Any, count: int) -> Iterator[tuple[int, bytes]]:
    for _ in range(count):
        yield answered.get(timeout=30)


def _work(dataset: Any, asked: Any, answered: Any) -> None:
    while (job := asked.get()) is not None:
        place, number = job
        answered.put((place, dataset[number]))
    dataset.close()
