"""The layers on top of the raw file, chosen as ``io.open`` chooses them.

The classes are private subclasses of the builtin ones. All they add is that a ``with``
block left by an exception publishes nothing, and neither does the garbage collector;
and that a forked child can use them, whatever the threads of its parent were at.
"""

from __future__ import annotations

import copy
import io
from typing import TYPE_CHECKING, Any, TypeVar, cast

from s3open.files import forked, pickling
from s3open.files.information import bottom
from s3open.files.remote import RemoteFile

if TYPE_CHECKING:
    from io import IOBase as _Base
    from types import TracebackType

    from typing_extensions import Self

    from s3open.files.mode import Mode
else:
    _Base = object  # the classes here are mixed into builtin ones

# One call into Python per buffer: bytes cost nothing here, calls do. (io's 8 KiB would
# be 16 times as many; Python 3.14 has 128 KiB, too.)
BUFFER_SIZE = 128 << 10


class _Transactional(_Base):
    """Tells the raw file how the ``with`` block ends, or that nobody closed it."""

    # Remembered, for the layers may be taken apart within the block.
    _entered: RemoteFile | None = None

    def _bottom(self) -> RemoteFile:
        raise NotImplementedError

    def __enter__(self) -> Self:
        super().__enter__()
        raw = self._bottom_if_any()
        if raw is not None:
            raw.settlement.enter()
            self._entered = raw
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        raw = self._entered
        if raw is None and kind is not None:
            # Called by itself, of a file that nobody has entered: it is told so.
            raw = self._bottom_if_any()
        if raw is not None:
            raw.settlement.leave(failed=kind is not None)
        try:
            self.close()
        finally:
            if raw is not None:
                raw.settle()

    def close(self) -> None:
        # C code closes the raw file whatever has become of the flush before; so flush
        # here, where it can be told.
        raw = self._bottom_if_any()
        if raw is not None and raw.closed:
            # Not even for a lock, which in a forked child nobody may give back.
            return
        try:
            if raw is not None and raw.settlement.writes:
                with raw.settlement.last_write():
                    self.flush()
        finally:
            super().close()

    def __del__(self) -> None:
        raw = self._bottom_if_any()
        if raw is not None:
            raw.finalize(self)

    def __reduce_ex__(self, protocol: object) -> pickling.Reduced:
        # Asking where a writer stands would hand down what it holds.
        raw = self._bottom()
        pickling.check(raw.recipe, self)
        return self._reduced(raw)

    def __copy__(self) -> Self:
        # With a raw file of its own.
        return copy.deepcopy(self)

    def _reduced(self, raw: RemoteFile) -> pickling.Reduced:
        raise NotImplementedError

    def _bottom_if_any(self) -> RemoteFile | None:
        """Return the raw file, None for a layer that was detached or never finished."""
        try:
            return self._bottom()
        except (ValueError, AttributeError):
            return None


class _Buffered(_Transactional):
    buffer_size = BUFFER_SIZE

    def _reduced(self, raw: RemoteFile) -> pickling.Reduced:
        position = cast("io.BufferedRandom", self).tell()
        return _buffered_again, (raw, self.buffer_size, position)

    def _bottom(self) -> RemoteFile:
        return cast("RemoteFile", cast("io.BufferedRandom", self).raw)

    def detach(self) -> io.RawIOBase:
        raw: RemoteFile = super().detach()  # type: ignore[misc]  # BufferedReader's ...
        raw.cover(raw)
        raw.serve_buffer(0)
        return raw

    def renew_lock(self) -> None:
        """Begin anew, in a forked child, where this one stands.

        The builtin class makes a new lock only together with a new buffer. What was
        written into the old one is the parent's to write; what was read ahead is read
        again. Who was in the middle of a read leaves the child somewhere in it.
        """
        raw = self._bottom_if_any()
        # A descriptor's position is the parent's, too: nothing may move it from here.
        if raw is None or raw.closed or raw.is_descriptor:
            return
        if raw.seekable():
            # Asking where it stands takes no lock. In the middle of a seek the two do
            # not go together.
            raw.seek(max(0, self.tell()))
        buffer = cast("io.BufferedRandom", self)
        buffer.__init__(raw, self.buffer_size)  # type: ignore[misc]  # on an instance


class _BufferedReader(_Buffered, io.BufferedReader):
    pass


class _BufferedWriter(_Buffered, io.BufferedWriter):
    pass


class _BufferedRandom(_Buffered, io.BufferedRandom):
    pass


class _TextIOWrapper(_Transactional, io.TextIOWrapper):
    # What nobody tells of a wrapper.
    newline: str | None = None

    # C code looks at it for every line. The builtin property asks layer after layer
    # then, for half of the time that a line takes; here it is just a value, which the
    # raw file sets in the instance when it is closed.
    closed = False

    def reconfigure(self, **options: Any) -> None:
        super().reconfigure(**options)
        self.newline = options.get("newline", self.newline)

    def _reduced(self, raw: RemoteFile) -> pickling.Reduced:
        codec = self.encoding, self.errors, self.newline, self.line_buffering
        return _text_again, (self.buffer, *codec, self.mode, self.tell())

    def _bottom(self) -> RemoteFile:
        return cast("RemoteFile", cast("io.BufferedRandom", self.buffer).raw)

    def detach(self) -> Any:
        buffer = cast("io.BufferedRandom", super().detach())
        cast("RemoteFile", buffer.raw).cover(buffer)
        self.__class__ = _Detached
        return buffer


class _Detached(_TextIOWrapper):
    # Nobody knows any more, which is what the builtin property says.
    closed = io.TextIOWrapper.closed


_AnyBuffer = TypeVar("_AnyBuffer", bound=_Buffered)


def stack(
    raw: RemoteFile,
    mode: Mode,
    buffering: int,
    encoding: str | None,
    errors: str | None,
    newline: str | None,
) -> io.IOBase:
    """Return *raw* below the layers that the arguments of ``io.open`` ask for.

    They have to be valid. Whatever fails closes *raw* and publishes nothing.
    """
    if buffering == 0:
        return raw
    result: io.IOBase = raw
    try:
        size = buffering if buffering > 1 else BUFFER_SIZE
        result = buffer = _buffer(raw, mode, size)
        if not mode.binary:
            result = _text(buffer, encoding, errors, newline, buffering == 1, mode.text)
        raw.cover(result)
    except BaseException:
        raw.settlement.discarded = True
        result.close()
        raise
    return result


def _buffer(raw: Any, mode: Mode, size: int) -> _Buffered:
    kind: type[_BufferedReader | _BufferedWriter | _BufferedRandom] = _BufferedWriter
    if mode.updating:
        kind = _BufferedRandom
    elif mode.reading:
        kind = _BufferedReader
    return _sized(kind(raw, size), size)


def _sized(buffer: _AnyBuffer, size: int) -> _AnyBuffer:
    if size != BUFFER_SIZE:
        buffer.buffer_size = size
    cast("RemoteFile", cast("io.BufferedRandom", buffer).raw).serve_buffer(size)
    forked.watch(buffer)
    return buffer


def _text(
    buffer: Any,
    encoding: str | None,
    errors: str | None,
    newline: str | None,
    lines: bool,
    mode: str,
) -> _TextIOWrapper:
    text = _TextIOWrapper(buffer, encoding, errors, newline, line_buffering=lines)
    setattr(text, "mode", mode)  # noqa: B010  # read-only to types
    if newline is not None:
        text.newline = newline
    return text


def _buffered_again(raw: Any, size: int, position: int) -> _Buffered:
    """Return what was pickled, its *raw* file being there again."""
    raw.seek(position)
    buffer = _sized(_BufferedReader(raw, size), size)
    raw.cover(buffer)
    return buffer


def _text_again(buffer: Any, *arguments: Any) -> _TextIOWrapper:
    *others, position = arguments
    text = _text(buffer, *others)
    text.seek(position)
    bottom(text).cover(text)
    return text
