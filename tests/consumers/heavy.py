"""What weighs too much to be installed for its tests alone: they run where it is.

polars, scipy and torch are; `tests.consumers.test_torch` has more of the last.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from tests.consumers.consumer import Consumer, Library

numpy = Library("numpy")
polars = Library("polars", heavy=True)
wavfile = Library("scipy.io.wavfile", heavy=True)
torch = Library("torch", heavy=True)


def polar(numbers: list[int]) -> Any:
    return polars.DataFrame({"n": numbers, "text": [f"é{n}" for n in numbers]})


def rows(found: Any) -> object:
    return found.to_dict(as_series=False)


def write_sound(file: Any, numbers: list[int]) -> None:
    wavfile.write(file, 8000, numpy.array(numbers, "u2").astype("i2"))


def read_sound(file: Any) -> object:
    rate, samples = wavfile.read(file)
    return rate, samples.tolist()


def write_tensors(file: Any, numbers: list[int]) -> None:
    torch.save({"a": torch.tensor(numbers), "b": torch.zeros(3)}, file)


def read_tensors(file: Any) -> object:
    return {name: found.tolist() for name, found in torch.load(file).items()}


ALL = [
    Consumer(
        "polars parquet",
        lambda file, numbers: polar(numbers).write_parquet(file),
        lambda file: rows(polars.read_parquet(file)),
    ),
    Consumer(
        "polars csv",
        lambda file, numbers: polar(numbers).write_csv(file),
        lambda file: rows(polars.read_csv(file)),
    ),
    Consumer(
        "polars ipc",
        lambda file, numbers: polar(numbers).write_ipc(file),
        lambda file: rows(polars.read_ipc(file)),
    ),
    Consumer("scipy", write_sound, read_sound),
    Consumer("torch", write_tensors, read_tensors),
]
# One line for each that is missing would be no news.
CONSUMERS = [each for each in ALL if find_spec(str(each).partition("-")[0])]
