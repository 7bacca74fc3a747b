"""Random operations under random faults, against a model of what must be there.

A few seconds by default; S3OPEN_SOAK_SECONDS says for how long, S3OPEN_SOAK_SEED which.
"""

from __future__ import annotations

import os
import random
import time
import warnings
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.s3 import retry
from s3open.testing import Fault
from tests.faults.leftovers import is_idle, nothing_left
from tests.stores import open_any
from tests.test_testing_support import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from s3open.testing import S3Server

MIB = 1 << 20
BUCKET = "s3open-test"
SECONDS = float(os.environ.get("S3OPEN_SOAK_SECONDS", "3"))
SEED = int(os.environ.get("S3OPEN_SOAK_SEED", "1"))
KEYS = ["one", "two", "three"]
CONFIG = s3open.Config(part_size=5 * MIB, connections=6, memory=32 * MIB, deadline=20)

# What each request meets, so many of a hundred of them. The last ones are refusals.
WEATHER: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 503},
    {"drop": "before"},
    {"drop": "after"},
    {"cut": 100},
    {"cut": 100_000, "reset": True},
    {"cut_head": 50},
    {"cut_request": 100_000},
    {"flip_request": 200_000},
    {"body": b"<html>not now</html>"},
    {"error_in_200": "InternalError"},
    {"status": 403},
    {"status": 409},
]


class Soak:
    """A program that does this and that, and knows what has to be there.

    *wanted* is what an operation under way would make of its object.
    """

    def __init__(self, server: S3Server, seed: int) -> None:
        self.server = server
        self.random = random.Random(seed)
        self.wanted: bytes | None = None
        self.done = self.failed = 0

    def there(self, key: str) -> bytes | None:
        found = key in self.server.keys(BUCKET)
        return self.server.read(BUCKET, key) if found else None

    def content(self) -> bytes:
        sizes = [0, 10, 5000, 900_000, 6 * MIB, 11 * MIB]
        return self.random.randbytes(
            self.random.choice(sizes) + self.random.randrange(9)
        )

    def step(self) -> None:
        """Do something, and look whether what is there may be there."""
        key = self.random.choice(KEYS)
        doing = self.random.choice([self.read, self.write, self.create, self.append])
        doing = self.random.choice([doing, self.patch])
        before = self.there(key)
        after = before
        try:
            with warnings.catch_warnings():
                # Of uploads that could not be aborted.
                warnings.simplefilter("ignore", RuntimeWarning)
                after = doing(key, before)
        except s3open.S3Error as error:
            self.failed += 1
            self.check_name(key, error)
            self.check(key, {before, self.wanted} if error.ambiguous else {before})
        else:
            self.check(key, {after})
        self.done += 1

    def check(self, key: str, allowed: set[bytes | None]) -> None:
        is_allowed = self.there(key) in allowed
        assert is_allowed, f"step {self.done}: {key}"

    def check_name(self, key: str, error: s3open.S3Error) -> None:
        assert error.filename == f"s3://{BUCKET}/{key}"

    def read(self, key: str, old: bytes | None) -> bytes | None:
        self.wanted = old
        try:
            with self.opened(key, "rb") as file:
                pieces = []
                while piece := file.read(self.random.choice([1000, MIB, -1])):
                    pieces.append(piece)
                    assert len(pieces) < 20_000
                is_right = b"".join(pieces) == old
                assert is_right, f"step {self.done}: read {key}"
        except FileNotFoundError:
            assert old is None
        return old

    def write(self, key: str, old: bytes | None) -> bytes:
        self.wanted = new = self.content()
        with self.opened(key, "wb") as file:
            cut = self.random.randrange(len(new) + 1)
            file.write(new[:cut])
            file.write(new[cut:])
        return new

    def create(self, key: str, old: bytes | None) -> bytes | None:
        self.wanted = new = self.content()
        try:
            with self.opened(key, "xb") as file:
                file.write(new)
        except FileExistsError:
            assert old is not None
            return old
        assert old is None
        return new

    def append(self, key: str, old: bytes | None) -> bytes:
        tail = self.random.randbytes(self.random.randrange(1, 10_000))
        self.wanted = (old or b"") + tail
        with self.opened(key, "ab") as file:
            file.write(tail)
        return self.wanted

    def patch(self, key: str, old: bytes | None) -> bytes | None:
        self.wanted = old
        try:
            with self.opened(key, "r+b") as file:
                assert old is not None
                offset = self.random.randrange(len(old) + 1)
                self.wanted = old[:offset] + b"patch" + old[offset + 5 :]
                file.seek(offset)
                file.write(b"patch")
        except s3open.PublishError:
            # Its upload may be what was not found, after an answer that was lost.
            raise
        except FileNotFoundError:
            assert old is None
        return self.wanted

    def opened(self, key: str, mode: str) -> Any:
        return open_any(f"s3://{BUCKET}/{key}", mode, config=CONFIG)


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    _known_to_honour: None,
) -> Iterator[S3Server]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(retry, "pause", lambda failures: None)
    with nothing_left(s3open_server):
        yield s3open_server


def test_what_is_there_is_what_was_written_whatever_fails(server: S3Server) -> None:
    soak = Soak(server, SEED)
    for number, what in enumerate(WEATHER):
        server.fault(Fault(probability=0.01, seed=number, times=None, **what))
    end = time.monotonic() + SECONDS
    while soak.done < 20 or time.monotonic() < end:
        soak.step()
    until(is_idle)
    assert server.faults_fired > 5
    # Most are not noticed.
    assert soak.failed * 3 < soak.done
