"""The body of one answer, whichever way it says how long it is."""

from __future__ import annotations

import re
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from s3open.s3.wire.connection import BrokenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.s3.wire.connection import Connection, Head

# So much of an answer is read so that its connection can be used again, if it comes
# at once: more costs more time than a new connection does.
_DRAINED: Final = 64 << 10
_PATIENCE: Final = 0.05

# A document without a length is read in pieces of this.
_STEP: Final = 64 << 10

_SIZE: Final = re.compile(rb"[0-9A-Fa-f]{1,15}")
_BODILESS: Final = frozenset({204, 304})


class Payload:
    """Reads what follows *head*; `close` gives the connection to *release*.

    Not thread-safe. All methods raise OSError; a body that breaks off just ends.
    """

    def __init__(
        self,
        connection: Connection,
        head: Head,
        release: Callable[[Connection], None],
        *,
        bodiless: bool = False,
    ) -> None:
        self._connection: Connection | None = connection
        self._release = release
        self._chunked = False
        self._left = 0  # of the body, or of the chunk
        self._failure: OSError | None = None
        self._hasty = False
        self.length: int | None = 0
        if not (bodiless or head.status in _BODILESS):
            self._measure(head)
        if not (self._left or self._chunked):
            self._finish()

    def readinto(self, view: memoryview) -> int:
        """Fill *view* and return how much; less only at the end.

        Or before an error, which is raised the next time: what came is not lost.
        """
        if self._failure is not None:
            raise self._failure
        filled = self._some(view)
        if filled and filled < len(view):
            filled += self._more(view[filled:])
        return filled

    def _more(self, view: memoryview) -> int:
        """Fill *view* as far as bytes come, but not for longer than one timeout.

        An answer that trickles is given up: another connection may be faster.
        """
        connection = self._connection
        if connection is None:
            return 0
        end = time.monotonic() + connection.timeout
        filled = 0
        try:
            while filled < len(view) and (count := self._some(view[filled:])):
                filled += count
                if filled < len(view) and time.monotonic() > end:
                    self._drop()
                    raise TimeoutError("the answer comes too slowly")
        except OSError as error:
            self._failure = error
        return filled

    def _some(self, view: memoryview) -> int:
        connection = self._connection
        if connection is None:
            return 0
        if not self._left and not self._next_chunk(connection):
            return 0
        left = self._left
        try:
            count = connection.readinto(view if len(view) <= left else view[:left])
        except BaseException:
            self._drop()
            raise
        self._left = left - count
        if not count and view:
            self._drop()
        elif count == left and not self._chunked:
            self._finish()
        return count

    def whole(self, limit: int) -> bytes:
        """Return all of it, no more than *limit* bytes.

        It may trickle for as long as it likes: S3 sends blanks while it copies.
        """
        data = bytearray()
        room = memoryview(bytearray(min(limit, self.length or _STEP)))
        while len(data) < limit and (count := self._some(room[: limit - len(data)])):
            data += room[:count]
        self.close()
        return bytes(data)

    def close(self) -> None:
        """Read what little is left and has come, else drop the connection."""
        connection = self._connection
        if connection is None:
            return
        if self._left <= _DRAINED and connection.ours:
            left = _DRAINED
            waste = memoryview(bytearray(left))
            self._hasty = True
            with suppress(OSError):
                connection.patience(_PATIENCE)
                while left and (count := self._some(waste[:left])):
                    left -= count
        self._drop()

    def _measure(self, head: Head) -> None:
        """Find out how the body ends."""
        assert self._connection is not None
        length = head.headers.get("content-length")
        if "chunked" in head.headers.get("transfer-encoding", "").lower():
            self._chunked, self.length = True, None
        elif length is None:
            # Where the connection does.
            self._left, self.length = sys.maxsize, None
            self._connection.keep = False
        elif length.isascii() and length.isdigit():
            self._left = self.length = int(length)
        else:
            self._drop()
            raise BrokenError("the answer has no length")

    def _next_chunk(self, connection: Connection) -> bool:
        """Read the size of the next chunk; return False behind the last one."""
        try:
            line = connection.readline() or connection.readline()
            size = line.partition(b";")[0].strip()
            if not _SIZE.fullmatch(size):
                raise ValueError(line)
            self._left = int(size, 16)
            if not self._left:
                while connection.readline():
                    pass  # Trailers.
        except BrokenError:
            self._drop()
            return False
        except ValueError as error:
            self._drop()
            raise BrokenError("the answer is not HTTP") from error
        except BaseException:
            self._drop()
            raise
        if not self._left:
            self._finish()
        return self._left > 0

    def _finish(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            if self._hasty:
                connection.rest()
            self._release(connection)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
