"""PyTorch: what is saved, and data sets whose workers fork or are spawned.

It weighs too much to be installed for this alone: these run where it is.
"""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING, Any

import pytest

import s3open

if TYPE_CHECKING:
    from s3open.testing import S3Server
    from tests.consumers.conftest import Place

torch = pytest.importorskip("torch")
data = pytest.importorskip("torch.utils.data")

SAMPLES, WIDTH = 64, 256
STARTS = ["fork", "spawn"]
# Pickled, they say where they are from: a spawned worker imports this module.
Dataset: Any = data.Dataset
IterableDataset: Any = data.IterableDataset


def sample(number: int) -> bytes:
    return bytes([number]) * WIDTH


class Lazy(Dataset):  # type: ignore[misc]
    """Opens its file in the process that reads it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._file: Any = None

    def __len__(self) -> int:
        return SAMPLES

    def __getitem__(self, index: int) -> tuple[int, Any]:
        if self._file is None:
            self._file = s3open.open(self._name, "rb")
        self._file.seek(index * WIDTH)
        content = bytearray(self._file.read(WIDTH))
        return os.getpid(), torch.frombuffer(content, dtype=torch.uint8)


class Eager(Lazy):
    """Opens it once: it is forked, or pickled, along with the data set."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._file = s3open.open(name, "rb")
        # It has been used, and is somewhere.
        self._file.read(WIDTH + 1)

    def close(self) -> None:
        self._file.close()


class Lines(IterableDataset):  # type: ignore[misc]
    """Each worker reads the files that are its own."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def __iter__(self) -> Any:
        worker = data.get_worker_info()
        for name in self._names[worker.id :: worker.num_workers]:
            with s3open.open(name) as file:
                yield from (line.rstrip() for line in file)


def check(loaded: Any) -> None:
    processes, seen = set(), []
    for process, content in loaded:
        processes |= set(process.tolist())
        seen += [bytes(each.tolist()) for each in content]
    assert seen == [sample(number) for number in range(SAMPLES)]
    assert len(processes) == 2
    assert os.getpid() not in processes


def loader(dataset: Any, start: str, **options: Any) -> Any:
    return data.DataLoader(
        dataset,
        num_workers=2,
        multiprocessing_context=start,
        timeout=60,
        **options,
    )


@pytest.fixture
def samples(there: Place) -> str:
    there.put(b"".join(map(sample, range(SAMPLES))))
    return there.name


@pytest.mark.parametrize("start", STARTS)
def test_workers_open_what_they_read(samples: str, start: str) -> None:
    check(loader(Lazy(samples), start, batch_size=8))


@pytest.mark.parametrize("start", STARTS)
def test_a_file_that_is_open_goes_along(samples: str, start: str) -> None:
    dataset = Eager(samples)
    try:
        check(loader(dataset, start, batch_size=8))
        # It is where it was, here.
        assert dataset._file.read(1) == sample(1)[:1]
    finally:
        dataset.close()


def test_workers_that_stay_read_again(samples: str, s3open_server: S3Server) -> None:
    loaded = loader(Lazy(samples), "fork", batch_size=8, persistent_workers=True)
    check(loaded)
    with s3open_server.counting() as tally:
        check(loaded)
    # Their files are open still, and what was read is there.
    assert tally.operations["HeadObject"] == 0
    assert tally.bytes_out <= SAMPLES * WIDTH * 2


def test_many_files_are_shared_out(s3open_server: S3Server, s3open_bucket: str) -> None:
    for number in range(6):
        s3open_server.put(s3open_bucket, f"{number}.txt", b"%d\n" % number * 3)
    names = sorted(s3open.glob(f"s3://{s3open_bucket}/*.txt"))
    loaded = loader(Lines(names), "fork", batch_size=None)
    assert sorted(loaded) == [str(number) for number in range(6) for _ in range(3)]


def test_a_checkpoint_is_replaced_as_a_whole(there: Place) -> None:
    model = torch.nn.Linear(64, 64)
    with s3open.open(there.name, "wb") as file:
        torch.save(model.state_dict(), file)
    kept = there.read()

    class Unwilling:
        def __reduce__(self) -> Any:
            raise pickle.PicklingError("half-way")

    with pytest.raises(pickle.PicklingError):
        with s3open.open(there.name, "wb") as file:
            torch.save({"model": model.state_dict(), "more": Unwilling()}, file)
    assert there.read() == kept
    other = torch.nn.Linear(64, 64)
    with s3open.open(there.name, "rb") as found:
        other.load_state_dict(torch.load(found))
    assert torch.equal(other.weight, model.weight)


def test_a_checkpoint_is_mapped_where_it_was_spooled(there: Place) -> None:
    tensors = {"a": torch.arange(100_000), "b": torch.zeros(3)}
    with s3open.open(there.name, "wb") as file:
        torch.save(tensors, file)
    with s3open.local(there.name) as path:
        found = torch.load(path, mmap=True)
        assert torch.equal(found["a"], tensors["a"])
        del found
