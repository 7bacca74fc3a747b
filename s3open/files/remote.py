"""The raw file at the bottom of everything that `open` returns for a remote object."""

from __future__ import annotations

import copy
import errno
import io
import os
import weakref
from typing import TYPE_CHECKING, Any, Protocol

from s3open import errors
from s3open.config import MAX_OBJECT_SIZE, MIB
from s3open.files import buffers, ending, numbers, pickling
from s3open.files.settlement import Settlement
from s3open.spool import gathered, reopened

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from typing_extensions import Buffer, Self

    from s3open.contract import ObjectInfo
    from s3open.files.mode import Mode
    from s3open.location import Location
    from s3open.reading import Download
    from s3open.spool import Spool
    from s3open.writing import Publication


class Describe(Protocol):
    """Tells of an object; of its *checksum*, too, if that is wanted."""

    def __call__(self, *, checksum: bool) -> ObjectInfo: ...


# So many ranges are asked for side by side.
_AT_ONCE = 64


class RemoteFile(io.RawIOBase):
    """Reads and writes a spool; `close` publishes it, once, if it was written.

    Not thread-safe by itself: the buffered layer above has a lock, as over a local raw
    file. The file owns *spool*, *download* and *publication*. *describe* tells of the
    object at *place* as it was when the file was opened.
    """

    # Until `cover` is called there is nothing for a finalizer to do.
    _top_class: type[io.IOBase] | None = None
    recipe: pickling.Recipe | None = None

    def __init__(
        self,
        name: str | bytes,
        mode: Mode,
        spool: Spool,
        *,
        place: Location,
        describe: Describe,
        download: Download | None = None,
        publication: Publication | None = None,
    ) -> None:
        self.name = name
        self.place = place
        self.describe = describe
        self.closefd = True
        # Of a pipe there is no position. Set when the layers stand: a codec's mark is
        # only written by layers that can seek.
        self.streaming = False
        self._mode = mode
        self._spool = spool
        self._download = download
        self.settlement = Settlement(publication)
        self._read_at = (download or spool).read_at
        self._hasty = 0
        self._end = spool.size  # of what is known to be written; only "a" looks at it
        self._position = self._end if mode.appending else 0
        self._file: io.FileIO | None = None
        self._process = os.getpid()
        self.cover(self)
        if publication is not None:
            ending.watch(self)

    @property
    def size(self) -> int:
        """Bytes of the file as it is now, without what layers above still hold."""
        return self._spool.size

    def serve_buffer(self, size: int) -> None:
        """Give reads of *size* bytes at most fewer, where more take longer to come."""
        self._hasty = size if self._download is not None else 0

    @property
    def is_descriptor(self) -> bool:
        """Whether `fileno` was asked for."""
        return self._file is not None

    @property
    def mode(self) -> str:
        """The mode as ``io.FileIO`` words it."""
        return self._mode.raw

    def readable(self) -> bool:
        self._check_open()
        return self._mode.readable

    def writable(self) -> bool:
        self._check_open()
        return self._mode.writable

    def seekable(self) -> bool:
        self._check_open()
        return not self.streaming

    def isatty(self) -> bool:
        self._check_open()
        return False

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill *buffer* up to the end of the file; return how much."""
        view = buffers.to_fill(buffer)
        self._check_readable()
        if self._file is not None:
            return self._file.readinto(view)
        read = self._read_at
        if len(view) <= self._hasty and self._download is not None:
            read = self._download.read_some
        count = read(self._position, view)
        self._position += count
        return count

    def read(self, size: int | None = -1, /) -> bytes | None:
        # RawIOBase lacks the None that FileIO takes.
        return super().read(-1 if size is None else size)

    def readall(self) -> bytes:
        """Return everything from the position on."""
        self._check_readable()
        if self._file is not None:
            return self._file.readall()
        rest = range(self._position, self._spool.size)
        data = gathered(rest, self._read_at) if rest else b""
        self._position += len(data)
        return data

    def prefetch(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Have *ranges*, (offset, length) each, fetched, side by side.

        As far as memory allows; ranges that are near each other go by one request. It
        is a hint: what cannot be fetched is told when it is read. Not thread-safe.
        """
        self._check_readable()
        spans = [numbers.span(offset, length) for offset, length in ranges]
        if self._download is not None and self._file is None:
            self._download.prefetch(spans)

    def read_ranges(self, ranges: Iterable[tuple[int, int]]) -> list[bytes]:
        """Return the bytes of *ranges*, (offset, length) each, fetched side by side.

        They are cut at the end of the file. The position stays. Not thread-safe.
        """
        self._check_readable()
        spans = [numbers.span(offset, length) for offset, length in ranges]
        if self._file is not None:
            return [os.pread(self.fileno(), len(span), span.start) for span in spans]
        found = []
        for number, span in enumerate(spans):
            if self._download is not None and not number % _AT_ONCE:
                self._download.prefetch(spans[number : number + _AT_ONCE])
            there = span[: max(0, self._spool.size - span.start)]
            found.append(gathered(there, self._read_at) if there else b"")
        return found

    def write(self, data: Buffer, /) -> int:
        """Write all of *data* into the spool, or nothing; 1 MiB of it to a pipe."""
        view = buffers.to_take(data)
        view = view[:MIB] if self.streaming else view
        length = len(view)
        self._check_writable()
        if self._file is not None:
            return self._file.write(view)
        if not length:
            return 0
        # As O_APPEND has it: wherever the position is, what is written goes to the end.
        start = self._end if self._mode.appending else self._position
        end = start + length
        self._check_size(end)
        if self.settlement.takes_writes():
            try:
                self._spool.write_at(start, view)
                self.settlement.changed(range(start, end))
            except BaseException as error:
                self.settlement.wrote(error)
                raise
            self.settlement.wrote(None)
        # The buffered layer writes again what an interrupt kept from returning: once
        # the position has moved, nothing may happen any more, not even a call.
        self._position = self._end = end
        return length

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._check_open()
        self._check_position()
        if self._file is not None:
            return self._file.seek(offset, whence)
        here, size = self._position, self._spool.size
        self._position = position = numbers.sought(offset, whence, here, size)
        return position

    def tell(self) -> int:
        self._check_open()
        self._check_position()
        return self._position if self._file is None else self._file.tell()

    def truncate(self, size: int | None = None, /) -> int:
        """Cut or extend (with zeros) to *size* bytes; the position stays."""
        self._check_writable()
        self._check_position()
        if self._file is not None:
            return self._file.truncate(size)
        size = self._position if size is None else numbers.c_long(size)
        if size < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._check_size(size)
        if self.settlement.takes_writes():
            try:
                before = self._spool.size
                self._spool.truncate(size)
                self.settlement.cut(min(before, size))
            except BaseException as error:
                self.settlement.wrote(error)
                raise
        self._end = size
        return size

    def fileno(self) -> int:
        """Return a descriptor, as that of a local file; all bytes are fetched for it.

        From now on the file *is* the descriptor: its offset counts, and `close`
        publishes what it holds then, whoever wrote it.
        """
        self._check_open()
        if self.streaming:
            raise io.UnsupportedOperation("fileno")
        if self._file is None:
            self._file = self._to_file()
        return self._file.fileno()

    def _to_file(self) -> io.FileIO:
        self.settlement.lose_track()
        self._spool.keep = True
        step = memoryview(bytearray(MIB))
        for offset in range(0, self._spool.size, MIB):
            self._read_at(offset, step)
        descriptor = reopened(self._spool.descriptor(), self._mode.flags)
        file = io.FileIO(descriptor, self._mode.raw.replace("x", "w"))
        file.seek(self._position)
        return file

    def close(self) -> None:
        """Publish what was written, if nothing speaks against it. Idempotent.

        Raises PublishError if that fails; the file is closed all the same.
        """
        if self.closed:
            return
        try:
            if self._file is not None and self.settlement.writes:
                self._spool.reload()
            self.settlement.conclude()
        except BaseException as error:
            self.settlement.rescue(error)
            raise
        finally:
            super().close()
            top = self._top()
            if isinstance(top, io.TextIOWrapper):
                # It does not ask: see the class of ours.
                top.__dict__["closed"] = True
            self._release()

    def __enter__(self) -> Self:
        super().__enter__()
        self.settlement.enter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.settlement.leave(failed=kind is not None)
        try:
            self.close()
        finally:
            self.settle()

    def settle(self) -> None:
        """Do what a close() within the ``with`` block put off."""
        if self.settlement.deferred:
            try:
                self.settlement.conclude()
            except BaseException as error:
                self.settlement.rescue(error)
                raise
            finally:
                self._release()

    def abandon(self, reason: str) -> None:
        """Have close() keep what was written on this machine, and tell why."""
        self.settlement.abandon(reason)

    def cover(self, top: io.IOBase) -> None:
        """Note that *top* is the outermost layer: what was written last is there."""
        self._top = weakref.ref(top)
        self._top_class = type(top)

    def finalize(self, layer: io.IOBase) -> None:
        """Close *layer*, which the garbage collector has found open.

        Where it finds a whole stack at once it comes to the layers in any order. Only
        the outermost can hand down what was written last, so the others wait for it.
        """
        if self.closed or type(layer) is not self._top_class:
            return
        try:
            self._dealloc_warn(layer)
        finally:
            layer.close()

    def end(self, reason: str) -> None:
        """Close all layers from the top; what was written is kept, for *reason*."""
        self.abandon(reason)
        top = self._top() or self
        try:
            ending.close_above(top)
            top.close()
        finally:
            self.close()
            self.settle()

    def __del__(self) -> None:
        self.finalize(self)
        if self.settlement.deferred:
            self.end("the block it was closed in was never left")

    def _dealloc_warn(self, source: object) -> None:
        """Hear from the layer above, as ``io.FileIO`` does, that nobody closed it."""
        if self.settlement.writes:
            self.abandon("it was never closed")
        kept = self.settlement.writes and not self.settlement.publishes_unclosed
        if not kept and self._process == os.getpid():
            errors.warn(f"unclosed file {source!r}", ResourceWarning, source)

    def _release(self) -> None:
        if self.settlement.deferred:
            return
        if self._file is not None:
            self._file.close()
        if self._download is not None:
            self._download.close()
        self._spool.close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")

    def _check_position(self) -> None:
        if self.streaming:
            raise OSError(errno.ESPIPE, os.strerror(errno.ESPIPE))

    def _check_readable(self) -> None:
        self._check_open()
        if not self._mode.readable:
            raise io.UnsupportedOperation("File not open for reading")

    def _check_writable(self) -> None:
        self._check_open()
        if not self._mode.writable:
            raise io.UnsupportedOperation("File not open for writing")

    def _check_size(self, size: int) -> None:
        if size > MAX_OBJECT_SIZE:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), self.name)

    def __repr__(self) -> str:
        if self.closed:
            return "<s3open.RemoteFile [closed]>"
        return f"<s3open.RemoteFile name={self.name!r} mode={self.mode!r}>"

    def __reduce__(self) -> Any:
        return pickling.reduced(self.recipe, self)

    def __copy__(self) -> Self:
        return copy.deepcopy(self)
