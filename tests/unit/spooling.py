"""Spools, as files and downloads use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.spool.blocks import BLOCK, Block

if TYPE_CHECKING:
    from s3open.spool import Spool

# Two blocks of memory: the least there can be.
SMALL = 2 * BLOCK


def leave_bytes_in_the_stock() -> None:
    """Have the next blocks be made of memory that another file wrote on."""
    blocks = [Block() for _ in range(4)]
    for block in blocks:
        block.reserve(0, BLOCK)[:] = b"?" * BLOCK
        block.release()


def write(target: Spool, offset: int, data: bytes) -> None:
    target.write_at(offset, memoryview(data))


def read(source: Spool, offset: int, length: int) -> bytes:
    view = bytearray(b"!" * length)
    return bytes(view[: source.read_at(offset, memoryview(view))])


def receive(target: Spool, content: bytes, span: range) -> None:
    """Put *span* of *content* into *target*, as a download does."""
    position = span.start
    while position < span.stop:
        view = target.reserve(position, span.stop - position)
        view[:] = content[position : position + len(view)]
        target.fill(range(position, position + len(view)))
        position += len(view)
