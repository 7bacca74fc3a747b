"""Files open for writing, whatever layer is on top, and what became of them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import s3open
from s3open import Config
from s3open.files import RemoteFile

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeStore

URI = "s3://b/k"
# By the top of their layers.
LAYERS = ["raw", "binary", "updating", "text"]

_MODES = {"raw": "wb", "binary": "wb", "updating": "w+b", "text": "w"}


def opened(layer: str, config: Config | None = None) -> Any:
    """Open a file for writing, with *layer* on top."""
    return s3open.open(
        URI,
        _MODES[layer],
        0 if layer == "raw" else -1,
        "latin-1" if layer == "text" else None,
        config=config,
    )


def put(file: Any, data: bytes) -> None:
    """Write *data*, whatever layer is on top."""
    text = isinstance(file, io.TextIOBase)
    file.write(data.decode("latin-1") if text else data)


def flushed(file: Any, data: bytes) -> None:
    """Write *data* down to the spool."""
    put(file, data)
    file.flush()


def bottom(file: Any) -> RemoteFile:
    """Return the raw file below *file*."""
    while not isinstance(file, RemoteFile):
        file = file.buffer if isinstance(file, io.TextIOWrapper) else file.raw
    return file


def write_and_leave(file: Any, data: bytes, error: BaseException) -> None:
    """Leave the with block of *file* by *error*."""
    with file:
        put(file, data)
        raise error


def published(store: FakeStore) -> bytes | None:
    """Return what the object is, None if there is none."""
    return store.objects["k"].body if "k" in store.objects else None


def kept(state: Path) -> list[bytes]:
    """Return the contents of the recovery files."""
    return [path.read_bytes() for path in sorted(state.rglob("*.data"))]
