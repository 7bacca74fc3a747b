"""Libraries whose own ``with`` block, inside ours, is left by an exception.

They finish their file on the way out, as if nothing had happened; some even close ours.
"""

from __future__ import annotations

import contextlib
import wave
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from tests.consumers.arrays import h5py, joblib, numpy
from tests.consumers.consumer import NEW, OLD, as_bytes
from tests.consumers.media import soundfile, tifffile
from tests.consumers.tables import arrow, frame, pandas, parquet, pyarrow

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.consumers.conftest import Place


class ProgramError(Exception):
    """What a program fails with."""


def in_wave(file: Any) -> None:
    with wave.open(file, "wb") as sound:
        sound.setparams((2, 2, 8000, 0, "NONE", ""))
        sound.writeframes(as_bytes(NEW))
        raise ProgramError


def in_descriptor(file: Any) -> None:
    numpy.array(NEW).tofile(file)
    raise ProgramError


def in_hdf(file: Any) -> None:
    file.truncate(0)  # h5py takes what is there for a tree
    with h5py.File(file, "w") as tree:
        tree["half"] = NEW
        raise ProgramError


def in_parquet(file: Any) -> None:
    with parquet.ParquetWriter(file, arrow(NEW).schema) as writer:
        writer.write_table(arrow(NEW))
        raise ProgramError


def in_ipc(file: Any) -> None:
    with pyarrow.PythonFile(file, "w") as sink:
        with pyarrow.ipc.new_file(sink, arrow(NEW).schema) as writer:
            writer.write_table(arrow(NEW))
            raise ProgramError


def in_excel(file: Any) -> None:
    with pandas.ExcelWriter(file, engine="openpyxl") as book:
        frame(NEW[:10]).to_excel(book, sheet_name="half")
        raise ProgramError


def in_tiff(file: Any) -> None:
    with tifffile.TiffWriter(file) as tiff:
        tiff.write(numpy.array(NEW).reshape(200, 200))
        raise ProgramError


def in_sound(file: Any) -> None:
    with soundfile.SoundFile(file, "w", 8000, 2, format="FLAC") as sound:
        sound.write(numpy.zeros((1000, 2)))
        raise ProgramError


def in_joblib(file: Any) -> None:
    class Unwilling:
        def __reduce__(self) -> Any:
            raise ProgramError

    joblib.dump([numpy.array(NEW), Unwilling()], file)


BLOCKS = [
    in_wave,
    in_descriptor,
    in_hdf,
    in_parquet,
    in_ipc,
    in_excel,
    in_tiff,
    in_sound,
    in_joblib,
]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("mode", ["wb", "w+b", "r+b"])
def test_an_exception_in_a_librarys_block_publishes_nothing(
    there: Place, block: Callable[[Any], None], mode: str
) -> None:
    there.put(as_bytes(OLD))
    with pytest.raises(ProgramError), s3open.open(there.name, mode) as file:
        block(file)
    assert there.read() == as_bytes(OLD)


def closing(file: Any) -> None:
    with contextlib.closing(file):
        file.write(b"new")


def python_file(file: Any) -> None:
    with pyarrow.PythonFile(file, "w") as sink:
        sink.write(b"new")


@pytest.mark.parametrize("consumer", [closing, python_file])
def test_what_a_consumer_closes_is_published_whatever_comes_after(
    there: Place, consumer: Callable[[Any], None]
) -> None:
    there.put(b"old")
    with pytest.raises(ProgramError), s3open.open(there.name, "wb") as file:
        consumer(file)
        raise ProgramError
    assert there.read() == b"new"
