"""A file's bytes: as many in memory as its bound allows, the rest in a temporary file.

What was written is kept. What was fetched is dropped when it falls out of memory, for
it can be fetched again; once the spool is told to `keep`, it is spilled instead.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING

from s3open.config import MAX_OBJECT_SIZE
from s3open.spans import RangeSet
from s3open.spool.blocks import BLOCK, Block
from s3open.spool.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterator


class Spool:
    """The bytes 0 to *size* of a file, each present or still missing.

    Present bytes that were never written (holes) are zero. Threads may fetch into it
    while one thread reads, or reads and writes; each call takes the `lock`, a condition
    for whoever waits for bytes.

    Args:
        size: bytes of the file; all of them are missing at first.
        memory: bytes to keep in memory, rounded down to blocks of 1 MiB, two at least.
        directory: where the temporary file goes, if one is needed.
        keep: drop nothing, spill it all.
        shared: the program writes while bytes are being fetched.

    *changed* says whether anything was written, *dropped* what was fetched and is gone.
    """

    def __init__(
        self,
        size: int = 0,
        *,
        memory: int,
        directory: str | None = None,
        keep: bool = False,
        shared: bool = False,
    ) -> None:
        self.lock = threading.Condition()
        self.shared = shared
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
        # How often each block is reserved: somebody holds a view of it.
        self._pins: Counter[int] = Counter()
        _spools.add(self)

    @property
    def memory(self) -> int:
        """How many bytes are kept in memory."""
        return self._limit * BLOCK

    def altered(self) -> list[range]:
        """Return, in order, what may differ from what was fetched, or would be.

        Who wrote to the descriptor has not said where: then it is everything.
        """
        return [range(self.size)] if self._foreign else self.written()

    def written(self) -> list[range]:
        """Return, in order, what is present and was not fetched: writes, and holes."""
        with self.lock:
            return [
                gap
                for run in self.present
                for gap in self._fetched.gaps(
                    range(run.start, min(run.stop, self.size))
                )
            ]

    def read_at(self, offset: int, view: memoryview) -> int:
        """Fill the front of *view* with the bytes at *offset* and return how many.

        Stops at the first missing byte and at the end of the file.
        """
        with self.lock:
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
        with self.lock:
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

    def gap(self, start: int, stop: int) -> range:
        """Return what is missing from *start* on, up to *stop*; empty if it is here."""
        with self.lock:
            present, end = self.present.run(start, stop)
        return range(start, start if present else end)

    def reserve(self, offset: int, length: int) -> memoryview:
        """Return memory for up to *length* missing bytes at *offset*, of one block.

        Bytes put there count only when `fill` says so: first the bytes, then the mark.
        Not for a `shared` spool, where the program might write to the same memory.
        """
        index, start = divmod(offset, BLOCK)
        with self.lock:
            # Another thread may be about to put bytes in front of these.
            view = self._block(index).reserve(
                start, min(length, BLOCK - start), clear=False
            )
            self._pins[index] += 1
        return view

    def fill(self, span: range) -> None:
        """Take the bytes that were put into reserved memory for *span* as present.

        An empty one just gives the memory back.
        """
        index, start = divmod(span.start, BLOCK)
        with self.lock:
            if span:
                self._blocks[index].extend(start + len(span))
                self._fetched.add(span)
                self.present.add(span)
            self._pins[index] -= 1

    def take(self, offset: int, data: memoryview) -> None:
        """Copy what was fetched, as far as it is missing still."""
        with self.lock:
            arrived = range(offset, min(offset + len(data), self.size))
            for gap in list(self.present.gaps(arrived)):
                for index, start, length in _pieces(gap.start, len(gap)):
                    position = index * BLOCK + start - offset
                    block = self._block(index)
                    view = block.reserve(start, length)
                    view[:] = data[position : position + length]
                    block.extend(start + length)
                self._fetched.add(gap)
                self.present.add(gap)

    def skip(self, span: range) -> None:
        """Note that *span* was fetched past the spool: it would have to come again."""
        with self.lock:
            self.dropped.add(span)

    def leave_behind(self, indexes: range) -> None:
        """Drop what was fetched of these blocks, now: the reader has gone on."""
        with self.lock:
            for index in indexes:
                if index in self._blocks and not (
                    self.keep or self._pins[index] or self._blocks[index].dirty
                ):
                    self._evict(index)

    def descriptor(self) -> int:
        """Move everything into the temporary file and return its descriptor.

        Nothing may be missing. What is written to the descriptor counts from the next
        `reload` on.
        """
        with self.lock:
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
        with self.lock:
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
        """Give memory and disk back. Idempotent; the spool must not be used after.

        Who still fetches into reserved memory does no harm: it is not used again.
        """
        with self.lock:
            self._close()

    def _close(self) -> None:
        self.present = RangeSet()
        while self._blocks:
            index, block = self._blocks.popitem()
            block.release(reuse=not self._pins[index])
        for scratch in {self._scratch, *self._spilled.values()}:
            if scratch is not None:
                scratch.close()
        self._spilled.clear()
        self._scratch = None

    def renew_lock(self) -> None:
        """Forget which threads hold the lock and reserved memory: a child has none."""
        self.lock = threading.Condition()
        self._pins.clear()

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
            while len(self._blocks) >= self._limit and self._evict_oldest():
                pass
            block = Block()
            if index in self._spilled:
                view = block.reserve(0, BLOCK)
                self._spilled[index].read_at(index * BLOCK, view)
                block.extend(BLOCK)
            self._blocks[index] = block
        self._blocks.move_to_end(index)
        return self._blocks[index]

    def _evict_oldest(self) -> bool:
        """Make room for a block; False if all of them are reserved."""
        for index in self._blocks:
            if not self._pins[index]:
                self._evict(index)
                return True
        return False

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


# Those of this process, for a forked child: the lock may be a thread's that it lacks.
_spools: weakref.WeakSet[Spool] = weakref.WeakSet()


def _release_locks() -> None:
    for spool in _spools:
        spool.renew_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_release_locks)


def _pieces(offset: int, length: int) -> Iterator[tuple[int, int, int]]:
    """Yield (block, offset within it, length) for each block that the bytes touch."""
    while length > 0:
        index, start = divmod(offset, BLOCK)
        piece = min(length, BLOCK - start)
        yield index, start, piece
        offset += piece
        length -= piece
