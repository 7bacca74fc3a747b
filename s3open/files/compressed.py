"""Files whose bytes are compressed on their way: a codec between two io layers.

What is returned are builtin ``io`` classes, over the codec, over a file that `open`
returned. A ``with`` block that is left by an exception is told to that file, the
innermost writer, so nothing is published; and so is a codec that could not finish.
"""

from __future__ import annotations

import contextlib
import io
import os
from typing import IO, TYPE_CHECKING, Any, cast

from s3open.files.information import bottom
from s3open.files.layers import BUFFER_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import IOBase as _Base
    from types import TracebackType
    from typing import TypeAlias

    from typing_extensions import Buffer, Self

    from s3open.files.mode import Mode

    Layers: TypeAlias = tuple[int, str | None, str | None, str | None]
else:
    _Base = object  # the class here is mixed into builtin ones


class _Shield:
    """The inner file as the codec sees it: codecs that close it must not publish it."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def close(self) -> None:
        pass

    def fileno(self) -> int:
        # What a codec would do with it goes past the buffers.
        raise io.UnsupportedOperation("fileno")


class _Codec(io.RawIOBase):
    """What is compressed, as a raw file; *raw* is the file with the compressed bytes.

    *begin* makes the codec of it. Not thread-safe by itself, as any raw file.
    """

    def __init__(
        self, inner: IO[bytes], begin: Callable[[Any], Any], mode: Mode
    ) -> None:
        self.raw = inner
        self.name = inner.name
        self.mode = mode.raw
        self._reads = mode.reading
        # Written are bytes from here on: who appends text is not at its beginning.
        self._position = inner.tell() if mode.appending else 0
        # A codec's mark is only written by layers that can seek.
        self.stands = False
        self._codec = begin(_Shield(inner))

    def readable(self) -> bool:
        return self._reads

    def writable(self) -> bool:
        return not self._reads

    def seekable(self) -> bool:
        return bool(self._codec.seekable()) if self._reads else not self.stands

    def readinto(self, buffer: Buffer, /) -> int:
        return int(self._codec.readinto(buffer))

    def readall(self) -> bytes:
        return bytes(self._codec.read())

    def write(self, data: Buffer, /) -> int:
        count = int(self._codec.write(data))
        self._position += count
        return count

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if not self._reads:
            raise io.UnsupportedOperation("seek")
        return int(self._codec.seek(offset, whence))

    def tell(self) -> int:
        return int(self._codec.tell()) if self._reads else self._position

    def discard(self) -> None:
        """Have nothing published; a local file has what it has."""
        with contextlib.suppress(TypeError):
            bottom(self.raw).settlement.discarded = True

    def finish(self) -> None:
        """Have the codec write its end."""
        try:
            self._codec.close()
        except BaseException:
            self.discard()
            raise

    def close(self) -> None:
        if self.closed:
            return
        try:
            self.finish()
        finally:
            try:
                self.raw.close()
            finally:
                super().close()

    def leave(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it at the end of a ``with`` block, as that ends."""
        try:
            if kind is None:
                self.finish()
            else:
                # What there is may be wanted all the same (on_error="publish").
                with contextlib.suppress(Exception):
                    self._codec.close()
        except BaseException as failure:
            kind, error, trace = type(failure), failure, failure.__traceback__
            raise
        finally:
            try:
                self.raw.__exit__(kind, error, trace)
            finally:
                super().close()

    def __del__(self) -> None:
        # Whether it is published is for the file below to say, which nobody closed.
        with contextlib.suppress(Exception):
            self._codec.close()


class _Compressed(_Base):
    """Hands the end of a ``with`` block down to the file below the codec."""

    def _bottom(self) -> _Codec:
        raise NotImplementedError

    def __enter__(self) -> Self:
        super().__enter__()
        self._bottom().raw.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        codec = self._bottom()
        if codec.closed:
            codec.raw.__exit__(kind, error, trace)
            return
        try:
            if kind is None:
                self.flush()
            else:
                with contextlib.suppress(Exception):
                    self.flush()
        except BaseException as failure:
            kind, error, trace = type(failure), failure, failure.__traceback__
            raise
        finally:
            codec.leave(kind, error, trace)
            self.close()

    def close(self) -> None:
        # The layers close what is below whatever has become of the flush before.
        codec = self._bottom_if_any()
        try:
            if codec is not None and not codec.closed:
                try:
                    self.flush()
                except BaseException:
                    codec.discard()
                    raise
        finally:
            super().close()

    def __del__(self) -> None:
        # Flushed, but not closed: that is for who has opened it.
        codec = self._bottom_if_any()
        if codec is not None and not codec.closed:
            with contextlib.suppress(Exception):
                self.flush()

    def _bottom_if_any(self) -> _Codec | None:
        try:
            return self._bottom()
        except (ValueError, AttributeError):
            return None


class _Buffered(_Compressed):
    def _bottom(self) -> _Codec:
        return cast("_Codec", cast("io.BufferedReader", self).raw)


class _BufferedReader(_Buffered, io.BufferedReader):
    pass


class _BufferedWriter(_Buffered, io.BufferedWriter):
    pass


class _TextIOWrapper(_Compressed, io.TextIOWrapper):
    def _bottom(self) -> _Codec:
        return cast("_Codec", cast("io.BufferedReader", self.buffer).raw)


def compressed(
    inner: IO[bytes],
    mode: Mode,
    begin: Callable[[Any], Any],
    layers: Layers,
) -> io.IOBase:
    """Return the layers over *inner* that the arguments of ``io.open`` ask for.

    *inner* has the compressed bytes; *begin* makes a codec over it. *layers* are
    buffering, encoding, errors and newline. Whatever fails closes it, and publishes
    nothing.
    """
    try:
        codec = _Codec(inner, begin, mode)
    except BaseException as error:
        with inner:
            raise error
    top = _stack(codec, mode, *layers)
    codec.stands = True
    return top


def _stack(
    codec: _Codec,
    mode: Mode,
    buffering: int,
    encoding: str | None,
    errors: str | None,
    newline: str | None,
) -> io.IOBase:
    if buffering == 0:
        return codec
    size = buffering if buffering > 1 else BUFFER_SIZE
    kind: Any = _BufferedReader if mode.reading else _BufferedWriter
    buffer = kind(codec, size)
    if mode.binary:
        return cast("io.IOBase", buffer)
    text = _TextIOWrapper(
        buffer, encoding, errors, newline, line_buffering=buffering == 1
    )
    setattr(text, "mode", mode.text)  # noqa: B010  # read-only to types
    return text


def extension(name: str | bytes | None, compression: str) -> str:
    """Return the file extension that says how *name* is compressed; "" if it is not."""
    if compression != "infer":
        return "." + compression.lower().removeprefix(".")
    return os.path.splitext(os.fsdecode(name or ""))[1].lower()
