"""The raw file at the bottom of everything that `open` returns for a remote object."""

from __future__ import annotations

import errno
import io
import operator
import os
import sys
import weakref
from typing import TYPE_CHECKING, Any

from s3open import errors
from s3open.files import buffers, ending
from s3open.files.unwinding import leaving_with

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Buffer, Self

    from s3open.files.mode import Mode
    from s3open.reading import Download
    from s3open.spool import Spool
    from s3open.writing import Publication

_SEEK_DATA = getattr(os, "SEEK_DATA", 3)
_SEEK_HOLE = getattr(os, "SEEK_HOLE", 4)


class RemoteFile(io.RawIOBase):
    """Reads and writes a spool; `close` publishes it, once, if it was written.

    Not thread-safe by itself: the buffered layer above has a lock, as over a local raw
    file. The file owns *spool*, *download* and *publication*.
    """

    # Until `cover` is called there is nothing for a finalizer to do.
    _top_class: type[io.IOBase] | None = None

    def __init__(
        self,
        name: str | bytes,
        mode: Mode,
        spool: Spool,
        *,
        download: Download | None = None,
        publication: Publication | None = None,
    ) -> None:
        self.name = name
        self.closefd = True
        self._mode = mode
        self._spool = spool
        self._download = download
        self._publication = publication
        self._read_at = (download or spool).read_at
        self._position = 0
        self._process = os.getpid()
        # Who decides what close() does: see _conclude.
        self._before = sys.exc_info()[1] if publication is not None else None
        self._entered = False
        self._left = False
        self._discarded = False
        self._deferred = False
        self._abandoned = ""
        self._failure: Exception | None = None
        self._interrupted = False
        self.cover(self)
        if publication is not None:
            ending.watch(self)

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
        return True

    def isatty(self) -> bool:
        self._check_open()
        return False

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill *buffer* up to the end of the file; return how much."""
        view = buffers.to_fill(buffer)
        self._check_readable()
        count = self._read_at(self._position, view)
        self._position += count
        return count

    def readall(self) -> bytes:
        """Return everything from the position on."""
        self._check_readable()
        length = max(0, self._spool.size - self._position)
        if not length:
            return b""
        # The one way to fill a bytes object in place: BytesIO hands its own out.
        result = io.BytesIO(bytes(length))
        with result.getbuffer() as view:
            count = self._read_at(self._position, view)
        result.truncate(count)
        self._position += count
        return result.getvalue()

    def write(self, data: Buffer, /) -> int:
        """Write all of *data* into the spool, or nothing."""
        view = buffers.to_take(data)
        self._check_writable()
        if self._process != os.getpid():
            self._refuse_child()
        elif not self._discarded:
            try:
                self._spool.write_at(self._position, view)
            except Exception as error:
                self._failure = error
                raise
            except BaseException:
                self._interrupted = True
                raise
        self._interrupted = False
        # The buffered layer writes again what an interrupt kept from returning: once
        # the position has moved, nothing may happen any more.
        self._position += len(view)
        return len(view)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._check_open()
        position = self._target(operator.index(offset), whence)
        if position < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._position = position
        return position

    def tell(self) -> int:
        self._check_open()
        return self._position

    def truncate(self, size: int | None = None, /) -> int:
        """Cut or extend (with zeros) to *size* bytes; the position stays."""
        self._check_writable()
        size = self._position if size is None else operator.index(size)
        if size < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._spool.truncate(size)
        return size

    def close(self) -> None:
        """Publish what was written, if nothing speaks against it. Idempotent.

        Raises PublishError if that fails; the file is closed all the same.
        """
        if self.closed:
            return
        try:
            self._conclude()
        finally:
            super().close()
            if not self._deferred:
                self._release()

    def __enter__(self) -> Self:
        super().__enter__()
        self.enter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave(failed=kind is not None)
        try:
            self.close()
        finally:
            self.settle()

    def enter(self) -> None:
        """Note that a ``with`` block begins, whose end decides about publication."""
        self._entered = True
        self._before = sys.exc_info()[1]

    def leave(self, *, failed: bool) -> None:
        """Note that the ``with`` block ends; *failed*: by an exception."""
        if failed:
            self.discard()
        self._left = True

    def settle(self) -> None:
        """Do what a close() within the ``with`` block put off."""
        if self._deferred:
            self._deferred = False
            try:
                self._conclude()
            finally:
                self._release()

    def discard(self) -> None:
        """Publish nothing: from now on what is written is dropped, close() abandons."""
        self._discarded = True

    def abandon(self, reason: str) -> None:
        """Have close() keep what was written on this machine, and tell why."""
        self._abandoned = reason

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
        self._dealloc_warn(layer)
        layer.close()

    def close_outermost(self) -> None:
        """Close all layers from the top, as far as they are still on each other."""
        top = self._top()
        try:
            (self if top is None else top).close()
        finally:
            self.close()

    def __del__(self) -> None:
        self.finalize(self)

    def _conclude(self) -> None:
        """Publish, put off, keep or drop what was written."""
        publication = self._publication
        if publication is None or self._discarded or self._process != os.getpid():
            return
        if self._interrupted:
            self._abandoned = "a write was interrupted"
        if self._abandoned:
            publication.abandon(self._abandoned)
        elif self._failure is not None:
            raise publication.failed(self._failure) from self._failure
        elif not self._left and self._is_unwinding():
            # Inside our own block its end decides; else a block of a wrapper fails.
            self._deferred = self._entered
        else:
            publication.publish()

    def _is_unwinding(self) -> bool:
        """Whether an exception is on its way that was not when the file was opened."""
        error = sys.exc_info()[1]
        if error is None or error is self._before:
            return False
        return self._entered or leaving_with()

    def _dealloc_warn(self, source: object) -> None:
        """Hear from the layer above, as ``io.FileIO`` does, that nobody closed it."""
        if self._publication is not None:
            self._abandoned = "it was never closed"
        elif self._process == os.getpid():
            errors.warn(f"unclosed file {source!r}", ResourceWarning, source)

    def _refuse_child(self) -> None:
        if not (self._abandoned or self._discarded):
            raise io.UnsupportedOperation(
                "only the process that opened a file can write to it"
            )

    def _release(self) -> None:
        self._before = None
        if self._download is not None:
            self._download.close()
        self._spool.close()

    def _target(self, offset: int, whence: int) -> int:
        if whence == os.SEEK_SET:
            return offset
        if whence == os.SEEK_CUR:
            return self._position + offset
        if whence == os.SEEK_END:
            return self._spool.size + offset
        if whence in (_SEEK_DATA, _SEEK_HOLE):
            if not 0 <= offset < self._spool.size:
                raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))
            return offset if whence == _SEEK_DATA else self._spool.size
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")

    def _check_readable(self) -> None:
        self._check_open()
        if not self._mode.readable:
            raise io.UnsupportedOperation("File not open for reading")

    def _check_writable(self) -> None:
        self._check_open()
        if not self._mode.writable:
            raise io.UnsupportedOperation("File not open for writing")

    def __repr__(self) -> str:
        if self.closed:
            return "<s3open.RemoteFile [closed]>"
        return f"<s3open.RemoteFile name={self.name!r} mode={self.mode!r}>"

    def __reduce__(self) -> Any:
        raise TypeError(f"cannot pickle {type(self).__name__!r} object")
