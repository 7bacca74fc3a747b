"""Blocks of memory: recycled, and never with another file's bytes in them."""

import os

import pytest

from s3open.spool import blocks
from s3open.spool.blocks import BLOCK, Block
from tests.unit.forking import in_child


def block_of(data: bytes, offset: int = 0) -> Block:
    block = Block()
    block.reserve(offset, len(data))[:] = data
    block.extend(offset + len(data))
    return block


def content(block: Block, offset: int = 0, length: int = BLOCK) -> bytes:
    view = bytearray(b"?" * length)
    block.read(offset, memoryview(view))
    return bytes(view)


@pytest.fixture(autouse=True)
def dirty_stock() -> None:
    """Have the next blocks be made of memory that another file wrote on."""
    for block in [block_of(b"secret" * (BLOCK // 6)) for _ in range(4)]:
        block.release()


def test_a_new_block_is_all_zero() -> None:
    block = Block()
    assert content(block) == bytes(BLOCK)
    assert bytes(block.defined()) == b""


def test_what_was_written_is_read_and_the_rest_is_zero() -> None:
    block = block_of(b"abc", offset=10)
    assert content(block, 0, 20) == bytes(10) + b"abc" + bytes(7)
    assert bytes(block.defined()) == bytes(10) + b"abc"
    assert content(block, 12, 2) == b"c\0"
    assert content(block, BLOCK - 3, 3) == bytes(3)


def test_a_gap_behind_the_defined_bytes_becomes_zero() -> None:
    block = block_of(b"abc")
    block.reserve(1000, 3)[:] = b"def"
    block.extend(1003)
    assert content(block, 0, 1010) == b"abc" + bytes(997) + b"def" + bytes(7)


def test_reserved_bytes_do_not_count_until_they_are_extended_to() -> None:
    block = block_of(b"abc")
    block.reserve(3, 10)[:] = b"0123456789"
    assert content(block, 0, 6) == b"abc" + bytes(3)
    block.extend(5)
    assert content(block, 0, 8) == b"abc01" + bytes(3)


def test_a_write_over_defined_bytes_forgets_none_of_them() -> None:
    block = block_of(b"abcdef")
    block.reserve(1, 2)[:] = b"XY"
    block.extend(3)
    assert bytes(block.defined()) == b"aXYdef"


def test_what_was_truncated_does_not_come_back() -> None:
    block = block_of(b"abcdef")
    block.truncate(2)
    block.truncate(4)
    assert content(block, 0, 6) == b"ab" + bytes(4)
    block.reserve(5, 1)[:] = b"!"
    block.extend(6)
    assert content(block, 0, 6) == b"ab" + bytes(3) + b"!"


def test_a_block_is_made_of_the_memory_of_a_released_one() -> None:
    before = len(blocks._stock)
    block = Block()
    assert len(blocks._stock) == before - 1
    block.release()
    assert len(blocks._stock) == before


def test_the_stock_is_bounded() -> None:
    for block in [Block() for _ in range(70)]:
        block.release()
    assert len(blocks._stock) == 64


def test_a_block_is_aligned_to_pages() -> None:
    ctypes = pytest.importorskip("ctypes")
    block = Block()
    first = ctypes.c_char.from_buffer(block.reserve(0, BLOCK))
    assert ctypes.addressof(first) % os.sysconf("SC_PAGE_SIZE") == 0
    del first


def test_a_forked_child_has_memory_of_its_own() -> None:
    block = block_of(b"parent")

    def overwrite() -> bytes:
        block.reserve(0, 6)[:] = b"child!"
        return content(block, 0, 6)

    assert in_child(overwrite) == b"child!"
    assert content(block, 0, 6) == b"parent"
