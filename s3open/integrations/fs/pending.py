"""Files that are published later, and files below a codec of fsspec's."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any
from weakref import ref

from s3open.files import bottom

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self


def postpone(file: IO[Any]) -> None:
    """Have *file*, open for writing, be published by its ``commit()`` only.

    ``close()`` ends the writing; ``discard()`` drops what was written. A file that is
    neither is kept on this machine in the end, as one that nobody closed.
    """
    raw, top = bottom(file), ref(file)
    raw.settlement.postponed = True

    def commit() -> None:
        raw.settlement.postponed = False
        held = top()
        if held is not None:
            held.close()
        raw.settle()

    def discard() -> None:
        if not raw.closed or raw.settlement.deferred:
            raw.settlement.discarded = True
            commit()

    file.commit = commit  # type: ignore[attr-defined]  # what fsspec asks for
    file.discard = discard  # type: ignore[attr-defined]  # likewise


class Coded(io.BufferedIOBase):
    """A codec over a file of ours: closed, and aborted, together."""

    def __init__(self, codec: Any, file: IO[Any]) -> None:
        self._codec = codec
        self._file = file

    def readable(self) -> bool:
        return bool(self._codec.readable())

    def writable(self) -> bool:
        return bool(self._codec.writable())

    def seekable(self) -> bool:
        return bool(self._codec.seekable())

    def read(self, size: int | None = -1, /) -> bytes:
        found: bytes = self._codec.read(-1 if size is None else size)
        return found

    def read1(self, size: int = -1, /) -> bytes:
        reads = getattr(self._codec, "read1", self._codec.read)
        found: bytes = reads(size)
        return found

    def write(self, data: Any, /) -> int:
        count: int = self._codec.write(data)
        return count

    def seek(self, offset: int, whence: int = 0, /) -> int:
        position: int = self._codec.seek(offset, whence)
        return position

    def tell(self) -> int:
        position: int = self._codec.tell()
        return position

    def flush(self) -> None:
        if not self.closed:
            self._codec.flush()

    def close(self) -> None:
        if self.closed:
            return
        try:
            super().close()
            self._codec.close()
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        self._file.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.close()
        finally:
            self._file.__exit__(kind, error, trace)
