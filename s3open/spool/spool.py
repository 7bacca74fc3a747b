"""A file's bytes: as many in memory as its bound allows, the rest in a temporary file.

What was written is kept. What was fetched is dropped when it falls out of memory, for
it can be fetched again; once the spool is told to `keep`, it is spilled instead.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from s3open.config import MAX_OBJECT_SIZE
from s3open.spans import RangeSet
from s3open.spool.blocks import BLOCK
from s3open.spool.gathering import OneByOne
from s3open.spool.sent import Parts
from s3open.spool.shelf import Shelf, pieces_of
from s3open.spool.sums import Sums

if TYPE_CHECKING:
    from collections.abc import Iterator


class Spool(Shelf):
    """The bytes 0 to *size* of a file, each present or still missing.

    Present bytes that were never written (holes) are zero. Threads may fetch into it
    while one thread reads, or reads and writes; each call takes the `lock`.

    Args:
        size: bytes of the file; all of them are missing at first.
        memory: bytes to keep in memory, rounded down to blocks of 1 MiB, two at least.
        directory: where the temporary file goes, if one is needed.
        disk: bytes that it may have, None for all there is. Beyond, what a store has
            (`sending`) is left to it, and reading or writing it raises OSError ENOSPC.
        keep: drop nothing, spill it all.
        shared: the program writes while bytes are being fetched.

    *changed* says whether anything was written, *dropped* what was fetched and is gone.
    *summing* has CRCs taken of what is written.
    """

    def __init__(
        self,
        size: int = 0,
        *,
        memory: int,
        directory: str | None = None,
        disk: int | None = None,
        keep: bool = False,
        shared: bool = False,
    ) -> None:
        super().__init__(memory, directory, keep=keep, disk=disk)
        self.shared = shared
        self.size = size
        self.changed = False
        self.summing = False
        self.present = RangeSet()
        self.dropped = RangeSet()
        self._fetched = RangeSet()
        # What a store has, unless it was written to since; what only a store has.
        self._sending = Parts()
        self._sent = Parts()
        self.left = Parts()
        self._reach = size  # of what is here, while it is being written, too
        self._sums = Sums()
        self._torn = False
        self._foreign = False

    def altered(self) -> list[range]:
        """Return, in order, what may differ from what was fetched, or would be.

        Who wrote to the descriptor has not said where: then it is everything.
        """
        return [range(self.size)] if self._foreign else self.written()

    def written(self) -> list[range]:
        """Return, in order, what is present and was not fetched: writes, and holes.

        What was left to a store is not among it.
        """
        here = RangeSet()
        with self.lock:
            for run in self.present:
                for gap in self._fetched.gaps(
                    range(run.start, min(run.stop, self.size))
                ):
                    here.add(gap)
            for part in self.left.over(range(self.size)):
                here.remove(part)
        return list(here)

    def read_at(self, offset: int, view: memoryview) -> int:
        """Fill the front of *view* with the bytes at *offset* and return how many.

        Stops at the first missing byte and at the end of the file.
        """
        with self.lock:
            inside, end = self.present.run(offset, min(offset + len(view), self.size))
            if not inside or end <= offset:
                return 0
            done = 0
            for index, start, length in pieces_of(offset, end - offset):
                with view[done : done + length] as piece:
                    self._read_block(index, start, piece)
                done += length
            return done

    def write_at(self, offset: int, data: memoryview) -> None:
        """Write *data* at *offset*, behind the end too; what lies between is zero.

        If it fails (no memory, disk full) nothing counts as written, and writing the
        same again is safe.
        """
        with self.lock:
            self._mend()
            if self._sending or self._sent or self.left:
                self._touch(range(offset, offset + len(data)))
            self._torn = True
            self._reach = max(self._reach, offset + len(data))
            done = 0
            for index, start, length in pieces_of(offset, len(data)):
                self._write_block(index, start, data[done : done + length])
                if self.summing:
                    self._sums.wrote(index, start, data[done : done + length])
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

    def gaps(self, span: range) -> list[range]:
        """Return, in order, what is missing of *span*."""
        with self.lock:
            return list(self.present.gaps(span))

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
                for index, start, length in pieces_of(gap.start, len(gap)):
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

    @contextlib.contextmanager
    def sending(self, span: range) -> Iterator[None]:
        """Take *span* as the store's when the block ends, if it is as it was then."""
        with self.lock:
            self._sending.add(span)
        try:
            yield
        except BaseException:
            with self.lock:
                self._sending.remove(span)
            raise
        with self.lock:
            if self._sending.remove(span):
                self._sent.add(span)

    def is_sent(self, span: range) -> bool:
        """Whether a store has *span*, as it is now."""
        with self.lock:
            position = span.start
            for part in sorted(
                (*self._sent.over(span), *self.left.over(span)),
                key=attrgetter("start"),
            ):
                if part.start > position:
                    return False
                position = part.stop
            return position >= span.stop

    def release(self, span: range) -> None:
        """Forget *span*, which a store has: nobody will ask for it."""
        with self.lock:
            self.left.add(span)
            for index, _, _ in pieces_of(span.start, len(span)):
                # One that another part begins or ends in may be needed for that still.
                if (
                    index in self._blocks
                    and not self._pins[index]
                    and self.left.cover(self._span_of(index))
                ):
                    self._let_go(index)

    def start_again(self) -> None:
        """Have everything missing that was fetched."""
        with self.lock:
            for span in list(self._fetched):
                self.present.remove(span)
            self._fetched = RangeSet()
            self.dropped = RangeSet()

    def leave_behind(self, indexes: range) -> None:
        """Drop what was fetched of these blocks, now: the reader has gone on."""
        with self.lock:
            for index in indexes:
                if index in self._blocks and not (
                    self.keep or self._pins[index] or self._blocks[index].dirty
                ):
                    self._evict(index)

    @contextlib.contextmanager
    def pieces(self, span: range) -> Iterator[Sequence[memoryview]]:
        """Give the bytes of *span*, which are all present, in pieces, without a copy.

        They stay in memory for so long, or are read one by one where they are too many.
        What the program writes meanwhile may be seen.
        """
        if len(span) > self.memory // 2:
            yield OneByOne(span, self.read_at)
            return
        with self.lock:
            found = [self._piece(*where) for where in pieces_of(span.start, len(span))]
        try:
            yield [view for _, view in found]
        finally:
            with self.lock:
                for index, _ in found:
                    self._pins[index] -= index >= 0

    def descriptor(self) -> int:
        """Move everything into the temporary file and return its descriptor.

        Nothing may be missing. What is written to the descriptor counts from the next
        `reload` on.
        """
        with self.lock:
            if self.disk is not None and self.size > self.disk:
                raise self.full()
            # Nobody says any more what is written.
            self._sending, self._sent = Parts(), Parts()
            self._await_spills()
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
        self._sums.clear()
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
            self._touch(range(min(size, self.size), max(size, self.size)), cut=size)
            self.changed = True
            self._reach = max(self._reach, size)
            if size > self.size:
                self.present.add(range(self.size, size))
            else:
                self.present.remove(range(size, self.size))
                self._cut(size)
            self.size = size

    def _forget(self, span: range) -> None:
        """Forget what was fetched of *span*; holes in it stay present, and zero."""
        position = span.start
        while position < span.stop:
            fetched, end = self._fetched.run(position, span.stop)
            if fetched:
                self.present.remove(range(position, end))
                self.dropped.add(range(position, end))
            position = end
        self._fetched.remove(span)

    def _span_of(self, index: int) -> range:
        return range(index * BLOCK, min(index * BLOCK + BLOCK, self._reach))

    def _is_elsewhere(self, index: int) -> bool:
        return self.is_sent(self._span_of(index))

    def _leave(self, index: int) -> None:
        span = self._span_of(index)
        for part in self._sent.over(span):
            self._sent.remove(part)
            self.release(part)
        if index in self._blocks:
            self._let_go(index)

    def _check_here(self, index: int) -> None:
        if self.left and self.left.over(self._span_of(index)):
            raise self.full()

    def _touch(self, span: range, *, cut: int | None = None) -> None:
        """Hear that *span* is about to be written, or that the file ends at *cut*.

        Raises OSError if it is part of what only a store has: that is sent in parts.
        """
        for part in self.left.over(span):
            if cut is None or part.start < cut:
                raise self.full()
        self._sending.remove(span)
        self._sent.remove(span)
        if cut is not None:
            self.left.remove(span)

    def _mend(self) -> None:
        """Forget what a write that did not finish has left behind the end."""
        if self._torn:
            self._cut(self.size)
            self._torn = False

    def take_sum(self, span: range) -> int | None:
        """Return the CRC of *span* as it was written, once; None if it is not known."""
        with self.lock:
            return self._sums.take(span)

    def _cut(self, size: int) -> None:
        self._reach = size
        self._sums.cut(size)
        self._fetched.remove(range(size, self.size))
        self._cut_blocks(size)

    def close(self) -> None:
        """Give memory and disk back. Idempotent; the spool must not be used after.

        Who still fetches into reserved memory does no harm: it is not used again.
        """
        with self.lock:
            self.present = RangeSet()
            self._clear()
