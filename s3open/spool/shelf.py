"""The blocks of a spool: as many in memory as its bound allows, others on disk."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import weakref
from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING

from s3open.spool.blocks import BLOCK, Block
from s3open.spool.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterator


class Shelf:
    """Blocks by their number, and the `lock` that whoever touches them holds.

    Who waits for bytes waits for `news`, a condition of that lock.

    *memory* and *disk* are in bytes. With *keep* everything is spilled; without, what
    is not dirty is forgotten.
    """

    def __init__(
        self, memory: int, directory: str | None, *, keep: bool, disk: int | None
    ) -> None:
        self.lock = threading.RLock()
        self._news: threading.Condition | None = None
        self.keep = keep
        self._directory = directory
        self._limit = max(2, memory // BLOCK)
        self.disk = disk
        # In memory, least recently used first. A block that is here counts, wherever
        # else it is; one that is neither here nor spilled is a hole, or missing. An
        # interrupt between any two steps below leaves all of this true.
        self._blocks: OrderedDict[int, Block] = OrderedDict()
        self._spilled: dict[int, Scratch] = {}
        self._scratch: Scratch | None = None
        # What takes room there, also while it is being written.
        self._on_disk: set[int] = set()
        # How often each block is reserved: somebody holds a view of it.
        self._pins: defaultdict[int, int] = defaultdict(int)
        # So many threads write to the temporary file without the lock.
        self._spilling = 0
        _shelves.add(self)

    @property
    def news(self) -> threading.Condition:
        """What tells of bytes that have come. For who holds the lock."""
        if self._news is None:
            self._news = threading.Condition(self.lock)
        return self._news

    @property
    def memory(self) -> int:
        """How many bytes are kept in memory."""
        return self._limit * BLOCK

    @property
    def crowded(self) -> bool:
        """Whether more than half of the memory is in use."""
        return len(self._blocks) * 2 > self._limit

    def spill(self, span: range) -> None:
        """Move the blocks of *span* that nobody uses to the temporary file.

        The disk is written to without the lock.
        """
        for index in range(span.start // BLOCK, -(-span.stop // BLOCK)):
            self._spill_beside(index)

    def _spill_beside(self, index: int) -> None:
        scratch = spilled = None
        try:
            with self.lock:
                block = self._blocks.get(index)
                if block is None or self._pins[index]:
                    return
                self._take_room(index)
                scratch = self._own_scratch()
                # Not a call from here on: an interrupt finds all of it done, or none.
                block.touched = False
                self._pins[index] += 1
                self._spilling += 1
            scratch.write_at(index * BLOCK, block.defined())
            spilled = block
        finally:
            with self.lock:
                if scratch is not None:
                    self._pins[index] -= 1
                    self._spilling -= 1
                    self._end_spill(index, scratch, spilled)

    def _end_spill(self, index: int, scratch: Scratch, block: Block | None) -> None:
        """Let go of *block*, if it was not written to, cut off or closed since."""
        if block is not None and block is self._blocks.get(index) and not block.touched:
            self._spilled[index] = scratch
            self._let_go(index)
        if not self._spilling:
            self.news.notify_all()
            if scratch is not self._scratch:
                scratch.close()

    def renew_lock(self) -> None:
        """Forget which threads hold the lock and reserved memory: a child has none."""
        self.lock = threading.RLock()
        self._news = None
        self._pins.clear()
        self._spilling = 0

    def _forget(self, span: range) -> None:
        """Hear that a block was dropped."""

    def _is_elsewhere(self, index: int) -> bool:
        """Whether a store has all of a block that can be had nowhere else here."""
        return False

    def _leave(self, index: int) -> None:
        """Drop a block that is elsewhere."""

    def _piece(self, index: int, start: int, length: int) -> tuple[int, memoryview]:
        """Return these bytes of a block, reserved if it is in memory; else -1."""
        if index in self._blocks:
            self._pins[index] += 1
            return index, self._blocks[index].solid(start + length)[start:]
        view = memoryview(bytearray(length))
        self._read_block(index, start, view)
        return -1, view

    def _read_block(self, index: int, start: int, view: memoryview) -> None:
        if index in self._blocks:
            self._block(index).read(start, view)
        elif index in self._spilled:
            self._spilled[index].read_at(index * BLOCK + start, view)
        else:
            self._check_here(index)
            view[:] = bytes(len(view))

    def _check_here(self, index: int) -> None:
        """Raise OSError if the bytes of a block were dropped for good."""

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
            self._check_here(index)
            block = Block()
            if index in self._spilled:
                view = block.reserve(0, BLOCK)
                self._spilled[index].read_at(index * BLOCK, view)
                block.extend(BLOCK)
            self._blocks[index] = block
        self._blocks.move_to_end(index)
        return self._blocks[index]

    def _evict_oldest(self) -> bool:
        """Make room for a block; False if all of them are reserved.

        Raises OSError if none can go: the disk is full, or as full as it may be.
        """
        stuck = False
        for index, block in self._blocks.items():
            if self._pins[index]:
                continue
            if not block.dirty or self._fits(index):
                self._evict(index)
                return True
            if self._is_elsewhere(index):
                self._leave(index)
                return True
            stuck = True
        if stuck:
            raise self.full()
        return False

    def _fits(self, index: int) -> bool:
        """Whether a block may go to the temporary file."""
        if self.disk is None or index in self._on_disk:
            return True
        return (len(self._on_disk) + 1) * BLOCK <= self.disk

    def _take_room(self, index: int) -> None:
        """Have room for a block in the temporary file; OSError if there is none."""
        if not self._fits(index):
            raise self.full()
        self._on_disk.add(index)

    def full(self) -> OSError:
        """Return the error for a disk that may not be used any further."""
        import tempfile

        message = f"{os.strerror(errno.ENOSPC)} (Config.disk: {self.disk} bytes)"
        place = self._directory or tempfile.gettempdir()
        return OSError(errno.ENOSPC, message, place)

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
        self._forget(range(index * BLOCK, index * BLOCK + BLOCK))
        self._let_go(index)

    def _spill(self, index: int) -> None:
        self._take_room(index)
        block, scratch = self._blocks[index], self._own_scratch()
        scratch.write_at(index * BLOCK, block.defined())
        self._spilled[index] = scratch
        self._let_go(index)

    def _let_go(self, index: int) -> None:
        block = self._blocks.pop(index)
        block.release(reuse=not self._pins[index])

    def _await_spills(self) -> None:
        """Have nobody write to the temporary file what is about to change."""
        while self._spilling:
            self.news.wait()

    def _cut_blocks(self, size: int) -> None:
        self._await_spills()
        last, start = divmod(size, BLOCK)
        for index in [index for index in self._blocks if index >= last]:
            if index == last and start:
                self._blocks[index].truncate(start)
            else:
                self._let_go(index)
        for index in [index for index in self._spilled if index * BLOCK >= size]:
            del self._spilled[index]
        self._on_disk = {index for index in self._on_disk if index * BLOCK < size}
        if self._scratch is not None:
            self._scratch.truncate(size)

    def _clear(self) -> None:
        while self._blocks:
            self._let_go(next(iter(self._blocks)))
        if self._scratch is None and not self._spilled:
            return
        for scratch in {self._scratch, *self._spilled.values()}:
            # Who still writes closes it: its descriptor must not be another file's.
            if scratch is not None and not self._spilling:
                scratch.close()
        self._spilled.clear()
        self._scratch = None

    def _own_scratch(self) -> Scratch:
        """Return the temporary file of this process; a parent's is only to be read."""
        if self._scratch is None or self._scratch.process != os.getpid():
            self._scratch = Scratch(self._directory)
        return self._scratch


# Those of this process, for a forked child: the lock may be a thread's that it lacks.
_shelves: weakref.WeakSet[Shelf] = weakref.WeakSet()


def _release_locks() -> None:
    for shelf in _shelves:
        shelf.renew_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_release_locks)


def pieces_of(offset: int, length: int) -> Iterator[tuple[int, int, int]]:
    """Yield (block, offset within it, length) for each block that the bytes touch."""
    while length > 0:
        index, start = divmod(offset, BLOCK)
        piece = min(length, BLOCK - start)
        yield index, start, piece
        offset += piece
        length -= piece
