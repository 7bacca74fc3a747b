"""Libraries that take a path and nothing else: `s3open.local` gives them one."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import s3open
from tests.consumers.arrays import h5py, numpy
from tests.consumers.consumer import NEW, OLD, Library
from tests.consumers.media import tifffile
from tests.consumers.tables import frame, pandas

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.consumers.conftest import Place

tensors = Library("safetensors.numpy")
safetensors = Library("safetensors")


class PathConsumer(NamedTuple):
    """How a library makes a file of numbers, changes it, and gives it back."""

    name: str
    write: Callable[[str, list[int]], object]
    change: Callable[[str], object]
    read: Callable[[str], object]


def write_database(path: str, numbers: list[int]) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table numbers (n)")
        rows = [(number,) for number in numbers[::10]]
        connection.executemany("insert into numbers values (?)", rows)


def change_database(path: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("delete from numbers where n % 7 = 0")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("vacuum")


def read_database(path: str) -> object:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute("select n from numbers").fetchall()


def change_hdf(path: str) -> None:
    with h5py.File(path, "r+") as tree:
        tree["a"][5:10] = 0
        tree["more"] = [1]


def write_hdf(path: str, numbers: list[int]) -> None:
    with h5py.File(path, "w") as tree:
        tree["a"] = numbers


def read_hdf(path: str) -> object:
    with h5py.File(path, "r") as tree:
        return {name: found[:].tolist() for name, found in tree.items()}


def change_map(path: str) -> None:
    memory = numpy.memmap(path, "i4", "r+")
    memory[1000:] += 1
    memory.flush()


def write_tensors(path: str, numbers: list[int]) -> None:
    tensors.save_file({"a": numpy.array(numbers)}, path)


def read_tensors(path: str) -> object:
    with safetensors.safe_open(path, "numpy") as found:
        return found.keys(), found.get_slice("a")[10:20].tolist()


def change_tiff(path: str) -> None:
    memory = tifffile.memmap(path)
    memory[3] = 7
    memory.flush()


CONSUMERS = [
    PathConsumer("sqlite3", write_database, change_database, read_database),
    PathConsumer("h5py", write_hdf, change_hdf, read_hdf),
    PathConsumer(
        "numpy memmap",
        lambda path, numbers: numpy.array(numbers, "i4").tofile(path),
        change_map,
        lambda path: numpy.memmap(path, "i4", "r").tolist(),
    ),
    PathConsumer(
        "safetensors",
        write_tensors,
        lambda path: write_tensors(path, NEW[:100]),
        read_tensors,
    ),
    PathConsumer(
        "tifffile memmap",
        lambda path, numbers: tifffile.imwrite(
            path, numpy.array(numbers, "u2").reshape(100, -1), datetime=False
        ),
        change_tiff,
        lambda path: tifffile.imread(path).tolist(),
    ),
    PathConsumer(
        "pandas parquet",
        lambda path, numbers: frame(numbers).to_parquet(path),
        lambda path: frame(NEW[:100]).to_parquet(path),
        lambda path: pandas.read_parquet(path).to_dict("list"),
    ),
]


@pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda each: each.name)
@pytest.mark.parametrize("update", ["r+", "a"])
@pytest.mark.parametrize("create", ["w", "x"])
def test_a_path_is_written_changed_and_read_as_one_of_this_machine(
    here: Place, there: Place, consumer: Any, create: str, update: str
) -> None:
    consumer.write(here.name, OLD)
    with s3open.local(there.name, create) as path:
        consumer.write(path, OLD)
    with s3open.local(there.name) as path:
        assert consumer.read(path) == consumer.read(here.name)

    before = consumer.read(here.name)
    consumer.change(here.name)
    with s3open.local(there.name, update) as path:
        consumer.change(path)
    with s3open.local(there.name) as path:
        assert consumer.read(path) == consumer.read(here.name) != before
