"""The raw file where there is no buffered layer above, hence no lock."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from s3open.files import buffers, forked
from s3open.files.remote import RemoteFile

if TYPE_CHECKING:
    from typing_extensions import Buffer


class UnbufferedFile(RemoteFile):
    """A raw file that threads may share: each byte is read or written once."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._lock = threading.RLock()
        super().__init__(*arguments, **options)
        forked.watch(self)

    def renew_lock(self) -> None:
        """Forget, in a forked child, who was at work."""
        self._lock = threading.RLock()

    def readinto(self, buffer: Buffer, /) -> int:
        with self._lock:
            return super().readinto(buffer)

    def readall(self) -> bytes:
        with self._lock:
            return super().readall()

    def write(self, data: Buffer, /) -> int:
        with self._lock:
            view = buffers.to_take(data)
            done = super().write(view)
            while done < len(view):
                done += super().write(view[done:])
            return done

    def seek(self, offset: int, whence: int = 0, /) -> int:
        with self._lock:
            return super().seek(offset, whence)

    def truncate(self, size: int | None = None, /) -> int:
        with self._lock:
            return super().truncate(size)

    def close(self) -> None:
        with self._lock:
            super().close()
