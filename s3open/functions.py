"""The functions next to `open`: what is known of a file, and a file as a path."""

from __future__ import annotations

import io
import os
import re
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from s3open.config import Config
from s3open.files import Info, about, bottom
from s3open.opening import open as _open

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    _Signature: TypeAlias = tuple[int, int, int]

__all__ = ["discard", "info", "local"]

# Extensions of a key, as far as they are harmless in a file's name.
_EXTENSIONS = re.compile(r"(?:\.[A-Za-z0-9_-]{1,16}){1,3}$")


def info(file: IO[Any], *, checksum: bool = False) -> Info:
    """Return what is known of the object that *file* has open.

    Costs no request, but one HEAD where an empty object was opened for reading, or
    where the *checksum* is wanted that the store keeps of what a file only reads.
    Raises TypeError for a file that `open` did not return, or a local one, and
    ObjectChangedError where a HEAD finds another object.
    """
    return about(bottom(file), checksum=checksum)


def discard(file: IO[Any]) -> None:
    """Have ``close()`` publish nothing of *file*: the old object stays as it is.

    Raises TypeError for a file that `open` did not return, or a local one.
    """
    bottom(file).settlement.discarded = True


@contextmanager
def local(
    uri: str | os.PathLike[str], mode: str = "r", **options: Any
) -> Iterator[str]:
    """Give the path of a local copy of *uri*, for libraries that want a name.

    The copy has the key's extension and lies in a folder of its own, readable by the
    user alone, which is gone in the end. In the modes ``r+``, ``a``, ``w`` and ``x`` it
    is published when the block ends, all of it or nothing: in ``r+`` and ``a`` if it
    was changed, and if nobody else changed the object (ObjectChangedError); not at all
    if an exception leaves the block (but with ``on_error="publish"``). In ``w`` and
    ``x`` the path does not exist before the block creates it; if it does not, an empty
    object is published.

    Args:
        uri: as for `open`.
        mode: ``r``, ``r+``, ``a``, ``w`` or ``x``, with ``b`` or ``t`` or neither.
        options: the keyword-only options of `open`.
    """
    import tempfile

    letters = mode.replace("b", "").replace("t", "")
    if letters not in ("r", "r+", "a", "w", "x"):
        raise ValueError(f"invalid mode: {mode!r}")
    # An append has to begin with what is there.
    opened = {"r": "rb", "r+": "r+b", "a": "a+b"}.get(letters, letters + "b")
    extensions = _EXTENSIONS.search(os.fspath(uri).rpartition("/")[2])
    name = "object" + (extensions[0] if extensions else "")
    config = options.get("config")
    place = config.temp_dir if isinstance(config, Config) else None
    with (
        tempfile.TemporaryDirectory(prefix="s3open-", dir=place) as folder,
        _open(uri, opened, **options) as file,
    ):
        path = os.path.join(folder, name)
        before = None
        if letters in ("r", "r+", "a"):
            file.seek(0)
            with io.open(path, "wb") as copy:
                _copy(file, copy)
            before = _signature(path)
        try:
            yield path
        except BaseException:
            if options.get("on_error") == "publish" and letters != "r":
                _take(file, path, before)
            raise
        if letters != "r":
            _take(file, path, before)


def _take(file: IO[Any], path: str, before: _Signature | None) -> None:
    """Have *file* be what is at *path*, if that was changed."""
    if os.path.exists(path) and _signature(path) != before:
        file.seek(0)
        file.truncate()
        with io.open(path, "rb") as copy:
            _copy(copy, file)


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    while data := source.read(1 << 20):
        target.write(data)


def _signature(path: str) -> _Signature:
    status = os.stat(path)
    return status.st_mtime_ns, status.st_size, status.st_ino
