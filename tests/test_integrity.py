"""Bytes that are not those that were stored, or written: never silently."""

from __future__ import annotations

import errno
import os
import random
import threading
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import checksums, tracing
from s3open.reading import pace
from s3open.testing import Fault
from tests.fakes import pattern
from tests.stores import open_any

if TYPE_CHECKING:
    from s3open.testing import S3Server

MIB = 1 << 20
# Larger than the first answer, several blocks and parts, and nothing is even.
LONG = pattern(17 * MIB + 4321)
SHORT = pattern(5000)

pytestmark = pytest.mark.usefixtures(
    "_each_transport", "_known_to_honour", "_private_recovery"
)


@pytest.fixture
def server(s3open_server: S3Server, s3open_bucket: str) -> S3Server:
    s3open_server.put(s3open_bucket, "short", SHORT)
    s3open_server.put(s3open_bucket, "long", LONG)
    tracing.checks.clear()
    return s3open_server


@pytest.fixture
def _side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have several connections used, however fast one is."""
    monkeypatch.setattr(pace, "_FAST", float("inf"))


def uri(key: str) -> str:
    return f"s3://s3open-test/{key}"


def flip_in(server: S3Server, start: int, *, times: int | None = 1) -> None:
    """Have a bit flipped in every answer, or in the first few."""
    server.fault(Fault(operation="GetObject", flip=start, times=times))


def read_by(step: int, key: str, **options: Any) -> bytes:
    found = []
    with open_any(uri(key), "rb", **options) as file:
        while piece := file.read(step):
            found.append(piece)
    return b"".join(found)


@pytest.mark.parametrize("key", ["short", "long"])
@pytest.mark.parametrize("step", [-1, 999_983, MIB])
def test_what_was_read_to_its_end_was_verified(
    server: S3Server, key: str, step: int
) -> None:
    content = {"short": SHORT, "long": LONG}[key]
    assert read_by(step, key) == content
    assert tracing.checks == {"verified": 1}


@pytest.mark.usefixtures("_side_by_side")
@pytest.mark.parametrize("step", [-1, 65_521, 3 * MIB])
def test_so_was_what_came_over_many_connections(server: S3Server, step: int) -> None:
    assert read_by(step, "long") == LONG
    assert tracing.checks == {"verified": 1}


@pytest.mark.parametrize("memory", [2 * MIB, 128 * MIB])
def test_so_was_what_was_read_in_any_order(server: S3Server, memory: int) -> None:
    config = s3open.Config(memory=memory)
    starts = list(range(0, len(LONG), 500_009))
    random.Random(3).shuffle(starts)
    with open_any(uri("long"), "rb", buffering=0, config=config) as file:
        for start in starts:
            file.seek(start)
            assert file.read(500_009) == LONG[start : start + 500_009]
    assert tracing.checks["unverifiable"] == 0
    assert tracing.checks.total() == 1


def test_ranges_that_are_all_there_is_are_verified(server: S3Server) -> None:
    ranges = [(start, 700_001) for start in range(0, len(LONG), 700_001)]
    random.Random(4).shuffle(ranges)
    with open_any(uri("long"), "rb", buffering=0) as file:
        found = file.read_ranges(ranges)
    assert found == [LONG[start : start + length] for start, length in ranges]
    assert tracing.checks == {"verified": 1}


def test_the_checksum_is_asked_for_beside_the_second_request(server: S3Server) -> None:
    came = threading.Event()
    server.fault(Fault(operation="HeadObject", before=lambda _server: came.set()))
    config = s3open.Config(connections=1)
    with s3open.open(uri("long"), "rb", config=config) as file:
        assert len(file.read(MIB + 1)) == MIB + 1
        assert came.wait(30)
        assert file.read() == LONG[MIB + 1 :]
    assert tracing.checks == {"verified": 1}


def test_a_checksum_that_cannot_be_asked_for_is_no_error(server: S3Server) -> None:
    server.deny("HeadObject")
    assert read_by(-1, "long") == LONG
    assert tracing.checks == {"unverifiable": 1}
    with pytest.raises(PermissionError):
        open_any(uri("long"), "rb", verify="always")


def test_who_reads_in_part_cannot_verify(server: S3Server) -> None:
    flip_in(server, 3, times=None)
    with s3open.open(uri("long"), "rb") as file:
        file.seek(10 * MIB)
        assert len(file.read(10)) == 10
    with s3open.open(uri("long"), "rb", byte_range=(5, 50)) as file:
        assert len(file.read()) == 45
    assert tracing.checks == {"partial": 2}


@pytest.mark.parametrize(("key", "asked"), [("short", 2), ("long", 3)])
def test_a_flipped_bit_is_fetched_again_if_nobody_has_seen_it(
    server: S3Server, key: str, asked: int
) -> None:
    flip_in(server, 1234)
    alone = s3open.Config(connections=1)
    with server.counting() as seen:
        assert read_by(-1, key, config=alone) == {"short": SHORT, "long": LONG}[key]
    assert seen.operations["GetObject"] == asked
    assert tracing.checks == {"verified": 1}


@pytest.mark.parametrize("key", ["short", "long"])
def test_bits_that_stay_flipped_are_an_error(server: S3Server, key: str) -> None:
    content = {"short": SHORT, "long": LONG}[key]
    flip_in(server, 1234, times=None)
    with (
        s3open.open(uri(key), "rb") as file,
        pytest.raises(s3open.IntegrityError) as caught,
    ):
        file.read()
    error = caught.value
    assert error.errno == errno.EIO
    assert isinstance(error, OSError)
    assert error.where == error.filename == uri(key)
    right = checksums.encode("crc64nvme", checksums.crc("crc64nvme", content))
    assert error.expected == right
    assert error.received not in (None, right)
    assert right in str(error)


@pytest.mark.parametrize("connections", [1, 32])
@pytest.mark.parametrize("offset", [0, MIB - 1])
@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.usefixtures("_side_by_side")
def test_the_end_is_not_reported_after_a_flipped_bit(
    server: S3Server, connections: int, offset: int, number: int
) -> None:
    config = s3open.Config(connections=connections)
    server.fault(Fault(operation="GetObject", flip=offset, skip=number))
    got = 0
    with s3open.open(uri("long"), "rb", config=config) as file:
        with pytest.raises(s3open.IntegrityError):
            while piece := file.read(100_003):
                got += len(piece)
        # Nor later.
        with pytest.raises(s3open.IntegrityError):
            file.read()
    assert got < len(LONG)


def test_straight_from_the_socket_to_the_caller(server: S3Server) -> None:
    config = s3open.Config(memory=2 * MIB, connections=1)
    for number in (0, 1):
        server.fault(Fault(operation="GetObject", flip=1 << 19, skip=number))
        room = bytearray(len(LONG))
        with open_any(uri("long"), "rb", buffering=0, config=config) as file:
            assert file.readinto(memoryview(room)[:10]) == 10
            with pytest.raises(s3open.IntegrityError):
                file.readinto(memoryview(room)[10:])
    assert tracing.checks == {}


def test_what_comes_again_is_compared(server: S3Server) -> None:
    config = s3open.Config(memory=2 * MIB, connections=1)
    with s3open.open(uri("long"), "rb", config=config) as file:
        assert file.read() == LONG
        file.seek(0)
        flip_in(server, 100)
        with pytest.raises(s3open.IntegrityError, match="twice"):
            file.read()


def test_text_is_verified_before_its_last_line(server: S3Server) -> None:
    text = "".join(f"{number}\n" for number in range(400_000))
    server.put("s3open-test", "text", text.encode())
    with s3open.open(uri("text"), encoding="ascii") as file:
        assert file.read() == text
    server.fault(Fault(operation="GetObject", flip=1 << 19, skip=1))
    lines: list[str] = []
    with (
        s3open.open(uri("text"), encoding="ascii") as file,
        pytest.raises(s3open.IntegrityError),
    ):
        lines.extend(file)
    assert 0 < len(lines) < 400_000


def test_a_descriptor_and_a_path_are_of_verified_bytes(server: S3Server) -> None:
    with s3open.open(uri("long"), "rb") as file:
        assert os.pread(file.fileno(), len(LONG), 0) == LONG
    flip_in(server, 77, times=None)
    with (
        s3open.open(uri("long"), "rb") as file,
        pytest.raises(s3open.IntegrityError),
    ):
        file.fileno()
    with pytest.raises(s3open.IntegrityError), s3open.local(uri("long")):
        pass


def test_off_verifies_nothing_and_asks_for_nothing(server: S3Server) -> None:
    flip_in(server, 1234, times=2)
    config = s3open.Config(verify="off", connections=1)
    with server.counting() as seen:
        assert read_by(-1, "short", verify="off") != SHORT
        assert read_by(-1, "long", config=config) != LONG
    assert seen.operations == {"GetObject": 3}
    assert tracing.checks == {}


def test_verify_has_to_be_one_of_three(server: S3Server) -> None:
    with pytest.raises(ValueError, match="verify is 'auto', 'always' or 'off'"):
        open_any(uri("short"), verify="never")
    with pytest.raises(ValueError, match="verify has to be one of"):
        s3open.Config(verify="never")
