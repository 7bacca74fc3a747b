"""Files of every size, and of more than one part."""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING

import pytest

from s3open import Config
from tests.stores import MIB, open_any

if TYPE_CHECKING:
    from tests.stores import S3Store, Store

PART = 5 * MIB
CONFIG = Config(part_size=PART, memory=2 * MIB)
SMALL = [0, 1, 2, 8191, 8192, 8193, 128 * 1024, MIB - 1, MIB, MIB + 1]
LARGE = [PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 12_345]


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def digest(data: bytes) -> str:
    """Return what is compared in place of megabytes, which pytest would print."""
    return hashlib.blake2b(data).hexdigest()


@pytest.mark.parametrize("size", SMALL + LARGE)
def test_a_file_of_any_size_comes_out_as_it_went_in(store: Store, size: int) -> None:
    wanted = content(size)
    with open_any(store.name("file"), "wb", config=CONFIG) as out:
        assert out.write(wanted) == size
    assert digest(store.read("file")) == digest(wanted)
    with open_any(store.name("file"), "rb", config=CONFIG) as file:
        assert digest(file.read()) == digest(wanted)
        assert file.tell() == size
    assert store.pending_uploads() == []


@pytest.mark.parametrize("mode", ["xb", "w+b"])
def test_other_modes_write_in_parts_as_well(store: Store, mode: str) -> None:
    wanted = content(PART + 1)
    with open_any(store.name("file"), mode, config=CONFIG) as out:
        for start in range(0, len(wanted), 777_777):
            out.write(wanted[start : start + 777_777])
    assert digest(store.read("file")) == digest(wanted)


def test_text_of_more_than_one_part(store: Store) -> None:
    line = "Zwölf Boxkämpfer €\n" * 1000
    with open_any(store.name("f"), "w", encoding="utf-16", config=CONFIG) as out:
        for _ in range(150):
            out.write(line)
    with open_any(store.name("f"), encoding="utf-16", config=CONFIG) as file:
        assert sum(1 for each in file if each == "Zwölf Boxkämpfer €\n") == 150_000
    assert digest(store.read("f")) == digest((line * 150).encode("utf-16"))


def test_steps_of_a_mebibyte_read_a_large_file(store: Store) -> None:
    wanted = content(9 * MIB + 7)
    with open_any(store.put("file", wanted), "rb", config=CONFIG) as file:
        pieces = list(iter(lambda: file.read(MIB), b""))
    assert [len(piece) for piece in pieces] == [MIB] * 9 + [7]
    assert digest(b"".join(pieces)) == digest(wanted)


def test_a_large_file_is_read_into_one_buffer(store: Store) -> None:
    wanted = content(5 * MIB + 1)
    name = store.put("file", wanted)
    for buffering in (-1, 0):
        target = bytearray(6 * MIB)
        with open_any(name, "rb", buffering, config=CONFIG) as file:
            assert file.readinto(target) == len(wanted)
        assert digest(bytes(target[: len(wanted)])) == digest(wanted)
        assert not any(target[len(wanted) :])


def test_steps_of_a_byte_read_a_small_file(store: Store) -> None:
    wanted = content(3000)
    with open_any(store.put("file", wanted), "rb", 0) as file:
        assert b"".join(iter(lambda: file.read(1), b"")) == wanted
        assert file.tell() == 3000


def test_a_large_file_can_be_read_backwards(store: Store) -> None:
    wanted = content(6 * MIB)
    step = 256 * 1024
    with open_any(store.put("file", wanted), "rb", config=CONFIG) as file:
        pieces = []
        for start in range(len(wanted) - step, -1, -step):
            file.seek(start)
            pieces.append(file.read(step))
    assert digest(b"".join(reversed(pieces))) == digest(wanted)


def test_what_fell_out_of_memory_is_found_again_twice(store: Store) -> None:
    wanted = content(5 * MIB)
    with open_any(store.put("file", wanted), "rb", config=CONFIG) as file:
        for _ in range(3):
            assert digest(file.read()) == digest(wanted)
            file.seek(0)


def test_the_head_of_a_large_file_can_be_written_last(store: Store) -> None:
    wanted = content(2 * PART + 3)
    with open_any(store.name("file"), "wb", config=CONFIG) as out:
        out.write(bytes(100))
        out.write(wanted[100:])
        out.seek(0)
        out.write(wanted[:100])
        assert out.tell() == 100
        out.seek(PART - 50)
        out.write(wanted[PART - 50 : PART + 50])
    assert digest(store.read("file")) == digest(wanted)


def test_a_large_hole_is_zeros_for_readers_too(store: Store) -> None:
    with open_any(store.name("file"), "w+b", config=CONFIG) as out:
        out.seek(PART + 17)
        out.write(b"end")
        out.seek(PART - 1)
        assert out.read() == bytes(18) + b"end"
    assert digest(store.read("file")) == digest(bytes(PART + 17) + b"end")


def test_a_large_file_can_be_cut_down_to_one_part(store: Store) -> None:
    wanted = content(PART + 100)
    with open_any(store.name("file"), "wb", config=CONFIG) as out:
        out.write(wanted)
        out.truncate(1000)
        out.seek(2000)
        out.write(b"x")
    assert store.read("file") == wanted[:1000] + bytes(1000) + b"x"
    assert store.pending_uploads() == []


def test_large_files_are_uploaded_in_parts_of_the_size_asked_for(s3: S3Store) -> None:
    with open_any(s3.name("large"), "wb", config=CONFIG) as out:
        out.write(content(2 * PART + 1))
    assert s3.head("large")["ETag"].strip('"').endswith("-3")
    with open_any(s3.name("small"), "wb", config=CONFIG) as out:
        out.write(content(PART))
    assert "-" not in s3.head("small")["ETag"]
