"""A file's bytes: as many in memory as its bound allows, the rest in a temporary file.

What was written is kept. What was fetched is dropped when it falls out of memory, for
it can be fetched again; once the spool is told to `keep`, it is spilled instead.
"""

from __future__ import annotations

import contextlib
import os
from collections import OrderedDict
from typing import TYPE_CHECKING

from s3open.config import MAX_OBJECT_SIZE
from s3open.spans import RangeSet
from s3open.spool.blocks import BLOCK, Block
from s3open.spool.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterator


class Spool:
    """The bytes 0 to *size* of a file, each present or still missing.

    Present bytes that were never written (holes) are zero. Not thread-safe.

    Args:
        size: bytes of the file; all of them are missing at first.
        memory: bytes to keep in memory, rounded down to blocks of 1 MiB, two at least.
        directory: where the temporary file goes, if one is needed.
        keep: drop nothing, spill it all.

    *changed* says whether anything was written, *dropped* what was fetched and is gone.
    """

    def __init__(
        self,
        size: int = 0,
        *,
        memory: int,
        directory: str | None = None,
        keep: bool = False,
    ) -> None:
        self.size = size
        self.keep = keep
        self.changed = False
        self.present = RangeSet()
        self.dropped = RangeSet()
        self._fetched = RangeSet()
        self._directory = directory
        self._limit = max(2, memory // BLOCK)
        # In memory, least recently used first. A block that is here counts, wherever
        # else it is; one that is neither here nor spilled is a hole, or missing. An
        # interrupt between any two steps below leaves all of this true.
        self._blocks: OrderedDict[int, Block] = OrderedDict()
        self._spilled: dict[int, Scratch] = {}
        self._scratch: Scratch | None = None
        self._torn = False
        self._foreign = False

    def altered(self) -> list[range]:
        """Return, in order, what may differ from what was fetched, or would be.

        Who wrote to the descriptor has not said where: then it is everything.
        """
        return [range(self.size)] if self._foreign else self.written()

    def written(self) -> list[range]:
        """Return, in order, what is present and was not fetched: writes, and holes."""
        return [
            gap
            for run in self.present
            for gap in self._fetched.gaps(range(run.start, min(run.stop, self.size)))
        ]

    def read_at(self, offset: int, view: memoryview) -> int:
        """Fill the front of *view* with the bytes at *offset* and return how many.

        Stops at the first missing byte and at the end of the file.
        """
        inside, end = self.present.run(offset, min(offset + len(view), self.size))
        if not inside or end <= offset:
            return 0
        done = 0
        for index, start, length in _pieces(offset, end - offset):
            self._read_block(index, start, view[done : done + length])
            done += length
        return done

    def write_at(self, offset: int, data: memoryview) -> None:
        """Write *data* at *offset*, behind the end too; what lies between is zero.

        If it fails (no memory, disk full) nothing counts as written, and writing the
        same again is safe.
        """
        self._mend()
        self._torn = True
        done = 0
        for index, start, length in _pieces(offset, len(data)):
            self._write_block(index, start, data[done : done + length])
            done += length
        if data:
            self._fetched.remove(range(offset, offset + len(data)))
            # From the old end: a hole that a write behind the end leaves is zeros.
            self.present.add(range(min(offset, self.size), offset + len(data)))
            self.size = max(self.size, offset + len(data))
            self.changed = True
        self._torn = False

    def reserve(self, offset: int, length: int) -> memoryview:
        """Return memory for up to *length* missing bytes at *offset*, of one block.

        Bytes put there count only when `fill` says so: first the bytes, then the mark.
        """
        index, start = divmod(offset, BLOCK)
        return self._block(index).reserve(start, min(length, BLOCK - start))

    def fill(self, span: range) -> None:
        """Take the bytes that were put into reserved memory for *span* as present."""
        index, start = divmod(span.start, BLOCK)
        self._blocks[index].extend(start + len(span))
        self._fetched.add(span)
        self.present.add(span)

    def descriptor(self) -> int:
        """Move everything into the temporary file and return its descriptor.

        Nothing may be missing. What is written to the descriptor counts from the next
        `reload` on.
        """
        scratch = self._own_scratch()
        for index in list(self._blocks):
            self._spill(index)
        os.ftruncate(scratch.fileno(), self.size)
        return scratch.fileno()

    def reload(self) -> None:
        """Take what the temporary file now holds as the file, and as changed."""
        scratch = self._own_scratch()
        self.size = os.fstat(scratch.fileno()).st_size
        self.changed = self._foreign = True
        self._spilled = dict.fromkeys(range(-(-self.size // BLOCK)), scratch)
        self._fetched.remove(range(self.size, MAX_OBJECT_SIZE))
        self.present = RangeSet()
        self.present.add(range(self.size))

    def truncate(self, size: int) -> None:
        """Cut or extend (with zeros) to *size* bytes."""
        self._mend()
        if size == self.size:
            return
        self.changed = True
        if size > self.size:
            self.present.add(range(self.size, size))
        else:
            self.present.remove(range(size, self.size))
            self._cut(size)
        self.size = size

    def close(self) -> None:
        """Give memory and disk back. Idempotent; the spool must not be used after."""
        self.present = RangeSet()
        while self._blocks:
            self._blocks.popitem()[1].release()
        for scratch in {self._scratch, *self._spilled.values()}:
            if scratch is not None:
                scratch.close()
        self._spilled.clear()
        self._scratch = None

    def _read_block(self, index: int, start: int, view: memoryview) -> None:
        if index in self._blocks:
            self._block(index).read(start, view)
        elif index in self._spilled:
            self._spilled[index].read_at(index * BLOCK + start, view)
        else:
            view[:] = bytes(len(view))

    def _write_block(self, index: int, start: int, data: memoryview) -> None:
        if index in self._spilled and index not in self._blocks:
            self._spilled[index].write_at(index * BLOCK + start, data)
        else:
            block = self._block(index)
            block.dirty = True
            block.reserve(start, len(data))[:] = data
            block.extend(start + len(data))

    def _block(self, index: int) -> Block:
        """Return the block in memory, made if need be, as the most recently used."""
        if index not in self._blocks:
            while len(self._blocks) >= self._limit:
                self._evict(next(iter(self._blocks)))
            block = Block()
            if index in self._spilled:
                view = block.reserve(0, BLOCK)
                self._spilled[index].read_at(index * BLOCK, view)
                block.extend(BLOCK)
            self._blocks[index] = block
        self._blocks.move_to_end(index)
        return self._blocks[index]

    def _evict(self, index: int) -> None:
        block = self._blocks[index]
        if block.dirty:
            self._spill(index)
            return
        # What was fetched is only spilled to spare a request: a full disk is no reason
        # to fail.
        if self.keep:
            with contextlib.suppress(OSError):
                self._spill(index)
                return
        self._drop(range(index * BLOCK, index * BLOCK + BLOCK))
        del self._blocks[index]
        block.release()

    def _spill(self, index: int) -> None:
        block, scratch = self._blocks[index], self._own_scratch()
        scratch.write_at(index * BLOCK, block.defined())
        self._spilled[index] = scratch
        del self._blocks[index]
        block.release()

    def _drop(self, span: range) -> None:
        """Forget what was fetched of *span*; holes in it stay present, and zero."""
        position = span.start
        while position < span.stop:
            fetched, end = self._fetched.run(position, span.stop)
            if fetched:
                self.present.remove(range(position, end))
                self.dropped.add(range(position, end))
            position = end
        self._fetched.remove(span)

    def _mend(self) -> None:
        """Forget what a write that did not finish has left behind the end."""
        if self._torn:
            self._cut(self.size)
            self._torn = False

    def _cut(self, size: int) -> None:
        last, start = divmod(size, BLOCK)
        self._fetched.remove(range(size, self.size))
        for index in [index for index in self._blocks if index >= last]:
            if index == last and start:
                self._blocks[index].truncate(start)
            else:
                self._blocks.pop(index).release()
        for index in [index for index in self._spilled if index * BLOCK >= size]:
            del self._spilled[index]
        if self._scratch is not None:
            self._scratch.truncate(size)

    def _own_scratch(self) -> Scratch:
        """Return the temporary file of this process; a parent's is only to be read."""
        if self._scratch is None or self._scratch.process != os.getpid():
            self._scratch = Scratch(self._directory)
        return self._scratch


def _pieces(offset: int, length: int) -> Iterator[tuple[int, int, int]]:
    """Yield (block, offset within it, length) for each block that the bytes touch."""
    while length > 0:
        index, start = divmod(offset, BLOCK)
        piece = min(length, BLOCK - start)
        yield index, start, piece
        offset += piece
        length -= piece
