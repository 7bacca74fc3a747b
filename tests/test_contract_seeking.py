"""Where a file is: seek, tell, truncate, and the holes that they leave."""

from __future__ import annotations

import errno
import io
import os
import random
from typing import TYPE_CHECKING

import pytest

from s3open import Config
from tests.stores import MIB, builtin_any, open_any, outcome

if TYPE_CHECKING:
    from tests.stores import LocalStore, S3Store, Store

DIGITS = b"0123456789"
BUFFERINGS = [-1, 0, 4]
MODES = ["rb", "wb", "w+b"]
NOWHERE: list[tuple[int, ...]] = [
    (-1,),
    (-1, 0),
    (-99, 1),
    (-99, 2),
    (0, 9),
    (0, -1),
    (-5, 7),
    (1 << 70,),
    (1 << 70, 1),
]


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_seek_goes_from_the_start_the_position_or_the_end(
    store: Store, buffering: int
) -> None:
    with open_any(store.put("file", DIGITS), "rb", buffering) as file:
        assert file.seek(3) == file.tell() == 3
        assert file.seek(2, os.SEEK_CUR) == file.tell() == 5
        assert file.read(1) == b"5"
        assert file.seek(-2, os.SEEK_CUR) == file.tell() == 4
        assert file.seek(-1, os.SEEK_END) == file.tell() == 9
        assert file.read() == b"9"
        assert file.seek(0, os.SEEK_END) == 10
        assert file.seek(0) == 0
        assert file.read() == DIGITS


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_there_is_nothing_to_read_behind_the_end(store: Store, buffering: int) -> None:
    with open_any(store.put("file", DIGITS), "rb", buffering) as file:
        assert file.seek(100) == file.tell() == 100
        assert file.read() == file.read(1) == file.readline() == b""
        assert file.readinto(bytearray(1)) == 0
        assert file.tell() == 100
        assert file.seek(-95, os.SEEK_CUR) == 5
        assert file.read() == b"56789"
        assert file.seek(90, os.SEEK_END) == 100


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_seeking_nowhere_fails_as_builtin_and_moves_nothing(
    store: Store, twin: LocalStore, mode: str, buffering: int
) -> None:
    for each in (store, twin):
        each.put("file", DIGITS)
    with (
        open_any(store.name("file"), mode, buffering) as ours,
        builtin_any(twin.name("file"), mode, buffering) as builtin,
    ):
        for file in (ours, builtin):
            if mode != "rb":
                file.write(DIGITS)
            file.seek(4)
        for target in NOWHERE:
            assert outcome(ours.seek, *target) == outcome(builtin.seek, *target)
            assert ours.tell() == builtin.tell() == 4


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_a_seek_before_the_start_is_an_invalid_argument(
    store: Store, buffering: int
) -> None:
    with open_any(store.put("file", DIGITS), "rb", buffering) as file:
        with pytest.raises(OSError, match="Invalid argument") as caught:
            file.seek(-1)
        assert caught.value.errno == errno.EINVAL


def test_positions_may_be_larger_than_any_file(store: Store) -> None:
    with open_any(store.put("file", DIGITS), "rb") as file:
        assert file.seek(1 << 40) == 1 << 40
        assert file.read() == b""


@pytest.mark.parametrize("mode", ["wb", "w+b"])
@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_a_hole_is_filled_with_zeros(store: Store, mode: str, buffering: int) -> None:
    with open_any(store.name("file"), mode, buffering) as file:
        file.write(b"start")
        file.seek(10)
        file.write(b"end")
        assert file.tell() == 13
    assert store.read("file") == b"start\0\0\0\0\0end"


@pytest.mark.parametrize("mode", ["wb", "w+b"])
def test_a_file_may_begin_with_a_hole(store: Store, mode: str) -> None:
    with open_any(store.name("file"), mode) as file:
        file.seek(3)
        file.write(b"x")
    assert store.read("file") == b"\0\0\0x"


@pytest.mark.parametrize("mode", ["wb", "w+b"])
@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_seeking_behind_the_end_alone_writes_nothing(
    store: Store, mode: str, buffering: int
) -> None:
    with open_any(store.name("file"), mode, buffering) as file:
        file.write(b"start")
        file.seek(100)
        file.write(b"")
    assert store.read("file") == b"start"


@pytest.mark.parametrize("mode", ["wb", "w+b"])
@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_what_was_written_can_be_overwritten(
    store: Store, mode: str, buffering: int
) -> None:
    with open_any(store.name("file"), mode, buffering) as file:
        file.write(DIGITS)
        file.seek(2)
        file.write(b"ab")
        file.seek(-1, os.SEEK_END)
        file.write(b"yz")
        assert file.tell() == 11
    assert store.read("file") == b"01ab45678yz"


@pytest.mark.parametrize("mode", ["wb", "w+b"])
@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_truncate_cuts_at_the_position_and_leaves_it(
    store: Store, mode: str, buffering: int
) -> None:
    with open_any(store.name("file"), mode, buffering) as file:
        file.write(DIGITS)
        file.seek(4)
        assert file.truncate() == 4
        assert file.tell() == 4
        file.write(b"!")
    assert store.read("file") == b"0123!"


@pytest.mark.parametrize("mode", ["wb", "w+b"])
@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_truncate_to_a_size_leaves_the_position_behind_the_end(
    store: Store, mode: str, buffering: int
) -> None:
    with open_any(store.name("file"), mode, buffering) as file:
        file.write(DIGITS)
        assert file.truncate(3) == 3
        assert file.tell() == 10
        file.write(b"!")
    assert store.read("file") == b"012\0\0\0\0\0\0\0!"


@pytest.mark.parametrize("mode", ["wb", "w+b"])
@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_truncate_extends_with_zeros(store: Store, mode: str, buffering: int) -> None:
    with open_any(store.name("file"), mode, buffering) as file:
        file.write(b"ab")
        assert file.truncate(5) == 5
        assert file.tell() == 2
    assert store.read("file") == b"ab\0\0\0"


def test_what_was_cut_off_does_not_come_back(store: Store) -> None:
    with open_any(store.name("file"), "w+b") as file:
        file.write(b"secret" * 100)
        file.truncate(3)
        file.truncate(10)
        file.seek(0)
        assert file.read() == b"sec" + bytes(7)
        file.seek(12)
        file.write(b".")
    assert store.read("file") == b"sec" + bytes(9) + b"."


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 300_000])
def test_truncate_can_be_seen_by_reading_back(store: Store, size: int) -> None:
    with open_any(store.name("file"), "w+b") as file:
        file.write(DIGITS)
        file.truncate(size)
        assert file.seek(0, os.SEEK_END) == size
        file.seek(0)
        assert file.read() == (DIGITS + bytes(size))[:size]


@pytest.mark.parametrize("mode", ["r", "rb"])
def test_a_reader_cannot_truncate(store: Store, mode: str) -> None:
    name = store.put("file", DIGITS)
    with open_any(name, mode) as file, pytest.raises(io.UnsupportedOperation):
        file.truncate(0)
    assert store.read("file") == DIGITS


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "shift_jis"]
)
def test_a_text_file_goes_back_to_where_it_said_it_was(
    store: Store, encoding: str
) -> None:
    lines = [f"line {number}\n" for number in range(50)]
    name = store.put("file", "".join(lines).encode(encoding))
    with open_any(name, encoding=encoding) as file:
        places = []
        while True:
            places.append(file.tell())
            if not file.readline():
                break
        for place, line in reversed(list(zip(places, lines, strict=False))):
            file.seek(place)
            assert file.readline() == line


@pytest.mark.parametrize(
    "target", [(-1, 0), (1, 1), (-1, 1), (1, 2), (-1, 2), (0, 9), (0, 3)]
)
def test_a_text_file_refuses_to_go_by_counting_characters(
    store: Store, twin: LocalStore, target: tuple[int, int]
) -> None:
    with (
        open_any(store.put("file", DIGITS), encoding="utf-8") as ours,
        builtin_any(twin.put("file", DIGITS), encoding="utf-8") as builtin,
    ):
        assert outcome(ours.seek, *target) == outcome(builtin.seek, *target)
        assert ours.read() == builtin.read()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_text_file_can_be_truncated_and_rewritten(
    store: Store, twin: LocalStore, encoding: str
) -> None:
    for opener, each in ((open_any, store), (builtin_any, twin)):
        with opener(each.name("file"), "w+", encoding=encoding) as file:
            file.write("first\n")
            place = file.tell()
            file.write("second\n")
            file.seek(place)
            file.truncate()
            file.write("zweite Zeile äöü\n")
            file.seek(0)
            assert file.read() == "first\nzweite Zeile äöü\n"
            file.seek(0)
            file.truncate(0)
            file.write("anew")
    assert store.read("file") == twin.read("file")


@pytest.mark.skipif(not hasattr(os, "SEEK_HOLE"), reason="the system has no SEEK_HOLE")
@pytest.mark.parametrize("mode", ["rb", "w+b"])
def test_a_file_without_holes_is_data_to_its_end(store: Store, mode: str) -> None:
    store.put("file", DIGITS)
    with open_any(store.name("file"), mode) as file:
        if mode == "w+b":
            file.write(DIGITS)
        assert file.seek(3, os.SEEK_DATA) == 3
        assert file.seek(3, os.SEEK_HOLE) == 10
        with pytest.raises(OSError, match="No such device or address") as caught:
            file.seek(10, os.SEEK_DATA)
        assert caught.value.errno == errno.ENXIO


def test_a_reader_with_little_memory_finds_everything_again(store: Store) -> None:
    content = random.Random(1).randbytes(5 * MIB + 12_345)
    name = store.put("file", content)
    rng = random.Random(2)
    with open_any(name, "rb", config=Config(memory=2 * MIB)) as file:
        for _ in range(60):
            start = rng.randrange(len(content) + 1000)
            length = rng.choice([1, 100, 70_000, 1_500_000])
            file.seek(start)
            assert file.read(length) == content[start : start + length]
        file.seek(0)
        assert file.read() == content


def test_a_writer_with_little_memory_keeps_everything(store: Store) -> None:
    content = bytearray()
    rng = random.Random(3)
    config = Config(memory=2 * MIB)
    with open_any(store.name("file"), "w+b", config=config) as file:
        for _ in range(60):
            start = rng.randrange(4 * MIB)
            piece = rng.randbytes(rng.choice([1, 100, 70_000, 1_200_000]))
            content.extend(bytes(max(0, start - len(content))))
            content[start : start + len(piece)] = piece
            file.seek(start)
            file.write(piece)
            back = rng.randrange(len(content))
            file.seek(back)
            assert file.read(50_000) == content[back : back + 50_000]
        file.seek(0)
        assert file.read() == content
    assert store.read("file") == content


@pytest.mark.parametrize("way", ["write", "truncate"])
def test_a_file_cannot_grow_past_what_s3_can_hold(s3: S3Store, way: str) -> None:
    most = 10_000 * (5 << 30)
    name = s3.put("file", b"old")
    file = open_any(name, "w+b", 0)
    file.write(b"start")
    file.seek(most)
    with pytest.raises(OSError, match="File too large") as caught:
        file.write(b"x") if way == "write" else file.truncate(most + 1)
    assert caught.value.errno == errno.EFBIG
    assert file.seek(0, os.SEEK_END) == 5
    with pytest.raises(ZeroDivisionError), file:  # and publish nothing
        raise ZeroDivisionError
    assert s3.read("file") == b"old"
