"""Which libraries and modules work with our files: those that the other tests run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.consumers import heavy
from tests.consumers.test_every_mode import CONSUMERS
from tests.consumers.test_paths import CONSUMERS as PATH_CONSUMERS

if TYPE_CHECKING:
    from collections.abc import Iterable

STANDARD = {
    *("array", "base64", "bz2", "configparser", "csv", "email", "gzip", "json"),
    *("lzma", "marshal", "mmap", "os", "pickle", "plistlib", "print", "shutil"),
    *("sqlite3", "subprocess", "tarfile", "wave", "xml", "zipfile"),
}
LIBRARIES = {
    *("cbor2", "cloudpickle", "docx", "fastavro", "h5netcdf", "h5py", "imageio"),
    *("joblib", "lxml", "msgpack", "numpy", "openpyxl", "orjson", "pandas", "Pillow"),
    *("pyarrow", "pypdf", "safetensors", "soundfile", "tifffile", "tomli_w"),
    *("xarray", "xlsxwriter", "yaml", "zarr", "zstandard"),
}
# These run where they are, and are asked of nobody.
HEAVY = {"polars", "scipy", "torch"}


def names(consumers: Iterable[object]) -> set[str]:
    found = {str(each).partition("-")[0].partition(" ")[0] for each in consumers}
    return {"os" if name == "descriptor" else name for name in found}


def test_it_has_thirty_and_more_libraries_and_modules() -> None:
    by_path = {each.name.partition(" ")[0] for each in PATH_CONSUMERS}
    run = names(CONSUMERS) | by_path
    assert run - HEAVY == STANDARD | LIBRARIES
    assert names(heavy.ALL) == HEAVY
    assert len(LIBRARIES) >= 25
    assert len(STANDARD | LIBRARIES | HEAVY) >= 50
