"""Recovery files, found again: what each holds, and where that belongs.

What a description says is checked before it is used, and no path is taken from it: the
bytes are those of the file beside it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from s3open import errors
from s3open.writing import recovery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CONDITIONS = ("always", "absent", "match", "unchanged", "append")


@dataclass(frozen=True, slots=True)
class Kept:
    """One recovery file, as it was described; see `described` for most of it.

    *data* is where the bytes are, *written* where among them the program has written,
    in order.
    """

    data: Path
    uri: str
    reason: str
    time: datetime
    size: int
    written: tuple[range, ...]
    condition: str
    ambiguous: bool
    """Whether it may have been published all the same."""
    etag: str | None
    base_size: int
    bom: bytes
    upload: str | None
    """The multipart upload that was begun with it and costs storage still."""
    endpoint: str | None
    about: Mapping[str, Any]
    """All of the description."""

    @property
    def whole(self) -> bool:
        """Whether all bytes are here, and not only those that were written."""
        return self.written == ((range(self.size),) if self.size else ())


def read(data: Path) -> Kept:
    """Return what is said of *data*.

    Raises FileNotFoundError if nothing is, ValueError if it makes no sense.
    """
    path = data.with_suffix(".json")
    with _opened(path) as file:
        text = file.read()
    try:
        found = json.loads(text)
        return _parsed(data, found)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} describes no recovery file: {error!r}") from error


def found() -> list[Kept]:
    """Return all recovery files, the oldest first. Warns of those that are damaged."""
    kept = []
    folder = recovery.directory()
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        try:
            each = read(path.with_suffix(".data"))
            each.data.lstat()
            kept.append(each)
        except FileNotFoundError:
            continue  # Somebody has just published it.
        except (OSError, ValueError) as error:
            errors.warn(str(error), RuntimeWarning)
    return sorted(kept, key=lambda each: (each.time, each.data))


def undescribed() -> list[Path]:
    """Return the data that nothing is said of: somebody died, or is, writing it."""
    folder = recovery.directory()
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in (".data", ".new") and not path.with_suffix(".json").exists()
    )


@contextlib.contextmanager
def claimed(data: Path) -> Iterator[IO[bytes]]:
    """Give the bytes of *data* to one process at a time.

    Raises BlockingIOError where another one has it, FileNotFoundError if it is gone.
    """
    with _opened(data) as file:
        _lock(file)
        yield file


def check(kept: Kept, data: IO[bytes]) -> None:
    """Raise ValueError if *data* cannot be what *kept* describes."""
    if os.fstat(data.fileno()).st_size != kept.size:
        raise ValueError(f"{kept.data} is damaged: it had {kept.size} bytes")


def mark(kept: Kept, *, ambiguous: bool) -> None:
    """Note whether *kept* may have been published; for who has `claimed` it."""
    about = json.loads(kept.data.with_suffix(".json").read_bytes())
    recovery.describe(kept.data, json.dumps({**about, "ambiguous": ambiguous}))


def _parsed(data: Path, found: Mapping[str, Any]) -> Kept:
    size, condition = _count(found["size"]), found["condition"]
    edges = [_count(edge) for pair in found["written"] for edge in pair]
    if edges != sorted(edges) or [size, *edges][-1] > size:
        raise ValueError(f"written: {found['written']!r}")
    if condition not in CONDITIONS:
        raise ValueError(f"condition: {condition!r}")
    written = tuple(range(start, stop) for start, stop in found["written"])
    etag, base_size = _text(found.get("etag")), _count(found.get("base_size", 0))
    first = written[0].start if written else base_size
    if condition == "append" and min(size, first) < base_size:
        # More was done than to append: cut, say.
        condition = "absent" if etag is None else "unchanged"
    return Kept(
        data,
        str(found["uri"]),
        str(found["reason"]),
        datetime.fromisoformat(found["time"].replace("Z", "+00:00")),
        size,
        written,
        condition,
        bool(found.get("ambiguous", False)),
        etag,
        base_size,
        bytes.fromhex(found.get("bom", "")),
        _text(found.get("upload")),
        _text(found.get("endpoint")),
        found,
    )


def _count(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"not a number of bytes: {value!r}")
    return value


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _opened(path: Path) -> IO[bytes]:
    # A link may lead to what is none of the recipient's business.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    return os.fdopen(descriptor, "rb")


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        message = "another process is publishing it"
        raise BlockingIOError(errno.EAGAIN, message, file.name) from error
