"""Every kind of operation, each with what it has to leave behind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import s3open
from s3open.testing import S3Server, synthetic_bytes
from tests.stores import open_any

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing.store import StoredObject

MIB = 1 << 20
BUCKET = "s3open-test"
KEY = "file"
URI = f"s3://{BUCKET}/{KEY}"
PART = 5 * MIB

SMALL = b"".join(b"line %d\n" % number for number in range(500))
LARGE = synthetic_bytes(range(12 * MIB + 5))
TAIL = b"the tail\n"
WHOLE = synthetic_bytes(range(11 * MIB + 3), seed=3)
PATCH = b"the patch\n"


class StoppedError(Exception):
    """What leaves a ``with`` block in the middle."""


@dataclass(frozen=True)
class Operation:
    """Something a program does with one file.

    Attributes:
        run: does it, with these settings of a `Config`; returns what was read.
        old: what is there before, None for nothing.
        after: what it leaves behind, of what was there; it writes nothing if None.
        settings: of its `Config`.
        unknown: the store's way with conditions is not known before.
        variant: of another one: only some kinds of faults are tried.
        stopped: it ends by a `StoppedError` where nothing goes wrong.
        written: what a recovery file holds at least.
    """

    run: Callable[..., bytes | None]
    old: bytes | None = None
    after: Callable[[bytes | None], bytes | None] | None = None
    unknown: bool = False
    variant: bool = False
    stopped: bool = False
    written: bytes = b""

    def prepare(self, server: S3Server) -> None:
        """Have there what is there before."""
        remove(server)
        if self.old is not None:
            server._publish(BUCKET, stored(self.old))


@cache
def stored(content: bytes) -> StoredObject:
    """Return an object of *content*, which is hashed once."""
    with S3Server() as server:
        server.create_bucket(BUCKET)
        server.put(BUCKET, KEY, content)
        return server.head(BUCKET, KEY)


def remove(server: Any) -> None:
    if KEY in server.keys(BUCKET):
        server.delete(BUCKET, KEY)


def read_binary(config: s3open.Config) -> bytes:
    with s3open.open(URI, "rb", config=config) as file:
        return file.read()


def read_text(config: s3open.Config) -> bytes:
    with s3open.open(URI, config=config, encoding="ascii", newline="") as file:
        return "".join(file).encode()


def read_on(config: s3open.Config) -> bytes:
    """Read in steps, then the rest at once: one connection, then several."""
    with s3open.open(URI, "rb", config=config) as file:
        return b"".join([file.read(MIB), file.read(MIB), file.read()])


def read_alone(config: s3open.Config) -> bytes:
    """Read over one connection, with hardly any memory."""
    import dataclasses

    config = dataclasses.replace(config, connections=1, memory=2 * MIB)
    with s3open.open(URI, "rb", config=config) as file:
        return b"".join([file.read(3 * MIB), file.read()])


def read_ranges(config: s3open.Config) -> bytes:
    """Read ranges side by side, and what lies between them."""
    with open_any(URI, "rb", config=config, buffering=0) as file:
        middle, end = file.read_ranges([(5 * MIB, 100), (11 * MIB, 2 * MIB)])
        start = file.read(5 * MIB)
        file.seek(5 * MIB + 100)
        return b"".join([start, middle, file.read(6 * MIB - 100), end])


def writing(mode: str, *pieces: bytes, **options: Any) -> Callable[..., None]:
    """Return what writes *pieces* one after the other."""

    def write(config: s3open.Config) -> None:
        with open_any(URI, mode, config=config, **options) as file:
            for piece in pieces:
                file.write(piece if "b" in mode else piece.decode())

    return write


def write_and_go_back(config: s3open.Config) -> None:
    with s3open.open(URI, "wb", config=config) as file:
        file.write(WHOLE)
        file.seek(MIB)
        file.write(PATCH)


def write_and_stop(config: s3open.Config) -> None:
    with s3open.open(URI, "wb", config=config) as file:
        file.write(WHOLE)
        raise StoppedError


def patching(offset: int) -> Callable[..., None]:
    def patch(config: s3open.Config) -> None:
        with s3open.open(URI, "r+b", config=config) as file:
            file.seek(offset)
            file.write(PATCH)

    return patch


def replaced_by(content: bytes) -> Callable[[bytes | None], bytes]:
    return lambda _: content


def patched(offset: int) -> Callable[[bytes | None], bytes]:
    def after(old: bytes | None) -> bytes:
        front = (old or b"")[:offset].ljust(offset, b"\0")
        return front + PATCH + (old or b"")[offset + len(PATCH) :]

    return after


def appended(old: bytes | None) -> bytes:
    return (old or b"") + TAIL


def untouched(old: bytes | None) -> bytes | None:
    return old


_PIECES = (WHOLE[: 6 * MIB], WHOLE[6 * MIB :])
_WENT_BACK = WHOLE[:MIB] + PATCH + WHOLE[MIB + len(PATCH) :]

OPERATIONS = {
    "read small": Operation(read_binary, SMALL),
    "read small text": Operation(read_text, SMALL, variant=True),
    "read large": Operation(read_on, LARGE),
    "read large alone": Operation(read_alone, LARGE, variant=True),
    "read ranges": Operation(read_ranges, LARGE, variant=True),
    "write small": Operation(
        writing("wb", SMALL), b"old", replaced_by(SMALL), written=SMALL
    ),
    "write small text": Operation(
        writing("w", SMALL, newline=""),
        b"old",
        replaced_by(SMALL),
        written=SMALL,
        variant=True,
    ),
    "write large": Operation(
        writing("wb", *_PIECES), b"old", replaced_by(WHOLE), written=WHOLE
    ),
    "write large, go back": Operation(
        write_and_go_back, b"old", replaced_by(_WENT_BACK), variant=True
    ),
    "write large, stream": Operation(
        writing("wb", *_PIECES, streaming=True),
        b"old",
        replaced_by(WHOLE),
        variant=True,
    ),
    "write large, stop": Operation(write_and_stop, b"old", untouched, stopped=True),
    "create small": Operation(
        writing("xb", SMALL), None, replaced_by(SMALL), written=SMALL
    ),
    "create small, unknown store": Operation(
        writing("xb", SMALL),
        None,
        replaced_by(SMALL),
        unknown=True,
        written=SMALL,
        variant=True,
    ),
    "create large": Operation(
        writing("xb", *_PIECES), None, replaced_by(WHOLE), written=WHOLE
    ),
    "append to nothing": Operation(writing("ab", TAIL), None, appended, written=TAIL),
    "append small": Operation(writing("ab", TAIL), SMALL, appended, written=TAIL),
    "append small text": Operation(
        writing("a", TAIL, newline=""), SMALL, appended, written=TAIL, variant=True
    ),
    "append small, unknown store": Operation(
        writing("ab", TAIL), SMALL, appended, unknown=True, written=TAIL, variant=True
    ),
    "append large": Operation(writing("ab", TAIL), LARGE, appended, written=TAIL),
    "append large, unknown store": Operation(
        writing("ab", TAIL), LARGE, appended, unknown=True, written=TAIL, variant=True
    ),
    "patch small": Operation(patching(7), SMALL, patched(7), written=PATCH),
    "patch large": Operation(patching(6 * MIB), LARGE, patched(6 * MIB), written=PATCH),
}
