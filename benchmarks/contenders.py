"""Who competes, each by the calls that its documentation advises.

Nothing is imported before it is needed: a contender's memory is its own.
"""

from __future__ import annotations

import io
import os
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Any, Protocol

from benchmarks.workloads import BUCKET, STEP

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.workloads import Workload

BASELINE = "boto3"


class Contender(Protocol):
    """Reads and writes objects by name; what reads returns the number of bytes."""

    def read(self, name: str) -> int: ...

    def write(self, name: str, body: bytes) -> None: ...

    def read_in_steps(self, name: str) -> int: ...

    def write_in_steps(self, name: str, size: int) -> None: ...


class Files:
    """Whatever has an `open`: *opened* takes a name and a mode."""

    def __init__(self, prefix: str, opened: Callable[[str, str], IO[Any]]) -> None:
        self._prefix = prefix
        self._open = opened

    def read(self, name: str) -> int:
        with self._open(self._prefix + name, "rb") as file:
            return len(file.read())

    def write(self, name: str, body: bytes) -> None:
        with self._open(self._prefix + name, "wb") as file:
            file.write(body)

    def read_in_steps(self, name: str) -> int:
        with self._open(self._prefix + name, "rb") as file:
            return _drained(file)

    def write_in_steps(self, name: str, size: int) -> None:
        step = os.urandom(STEP)
        with self._open(self._prefix + name, "wb") as file:
            for _ in range(size // STEP):
                file.write(step)


class Boto:
    """A bare boto3 client, and its own transfer for what is written in steps."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def read(self, name: str) -> int:
        return len(self._client.get_object(Bucket=BUCKET, Key=name)["Body"].read())

    def write(self, name: str, body: bytes) -> None:
        self._client.put_object(Bucket=BUCKET, Key=name, Body=body)

    def read_in_steps(self, name: str) -> int:
        return _drained(self._client.get_object(Bucket=BUCKET, Key=name)["Body"])

    def write_in_steps(self, name: str, size: int) -> None:
        self._client.upload_fileobj(Steps(size), BUCKET, name)


class BotoWhole(Boto):
    """The same, with the whole object in memory."""

    def read_in_steps(self, name: str) -> int:
        return self.read(name)

    def write_in_steps(self, name: str, size: int) -> None:
        body = io.BytesIO()
        step = os.urandom(STEP)
        for _ in range(size // STEP):
            body.write(step)
        self.write(name, body.getvalue())


class Steps(io.RawIOBase):
    """A source of *size* bytes for those who want to read, rather than be given."""

    def __init__(self, size: int) -> None:
        self._step = os.urandom(STEP)
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        self._left -= wanted
        whole, rest = divmod(wanted, STEP)
        return b"".join([self._step] * whole + [self._step[:rest]])


def _drained(source: Any) -> int:
    total = 0
    while data := source.read(STEP):
        total += len(data)
    return total


def _builtin(folder: str) -> Contender:
    return Files(f"{folder}/", lambda name, mode: io.open(name, mode))


def _boto(_: str) -> Contender:
    import boto3

    return Boto(boto3.client("s3"))


def _boto_whole(_: str) -> Contender:
    import boto3

    return BotoWhole(boto3.client("s3"))


def _smart_open(_: str) -> Contender:
    import boto3
    import smart_open

    # Without it, every file would get a client of its own.
    options = {"client": boto3.client("s3")}
    return Files(
        f"s3://{BUCKET}/",
        lambda name, mode: smart_open.open(name, mode, transport_params=options),
    )


def _s3open(_: str) -> Contender:
    import s3open

    return Files(f"s3://{BUCKET}/", lambda name, mode: s3open.open(name, mode))


_MAKERS: dict[str, Callable[[str], Contender]] = {
    "builtin open": _builtin,
    BASELINE: _boto,
    "boto3, whole": _boto_whole,
    "smart_open": _smart_open,
    "s3open": _s3open,
}

_MODULES = {"smart_open": "smart_open"}


def make(name: str, folder: str) -> Contender:
    """Return the contender *name*; local files go to *folder*."""
    return _MAKERS[name](folder)


def installed() -> tuple[list[str], list[str]]:
    """Return who can compete, and who is missing."""
    missing = [name for name, module in _MODULES.items() if find_spec(module) is None]
    return [name for name in _MAKERS if name not in missing], missing


def takes_part(name: str, workload: Workload) -> bool:
    """Whether *workload* is something else for *name* than for its neighbour."""
    return workload.steps or name != "boto3, whole"
