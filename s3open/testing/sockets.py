"""Bytes of one socket, without copies and at the pace that was ordered.

Raw non-blocking calls with a future for the waits: no transport lies between, and
bodies go straight between the kernel and their place.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s3open.testing.errors import RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD: Final = 64 * 1024
_PIECE: Final = 512 * 1024
_FIRST: Final = 16 << 10
# After so many bytes without a wait, other connections get their turn.
_TURN: Final = 8 * 1024 * 1024
_RESET: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Shape:
    """How slow the way to the server is, from the next request on.

    | field | what it is |
    | --- | --- |
    | *latency* | seconds that pass before each answer |
    | *bandwidth* | bytes per second, each way, of each connection; None: no limit |

        >>> far_away = Shape(latency=0.08, bandwidth=50e6)
    """

    latency: float = 0.0
    bandwidth: float | None = None


class Pace:
    """Spreads bytes over time."""

    def __init__(self) -> None:
        self.bandwidth: float | None = None
        self._due = 0.0

    def piece(self, size: int) -> int:
        """Return how much of *size* to move at once."""
        if self.bandwidth is None:
            return min(size, _PIECE)
        return max(1, min(size, _PIECE, int(self.bandwidth / 200)))

    async def passed(self, count: int) -> None:
        """Wait for as long as *count* bytes take."""
        if self.bandwidth is None:
            return
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now) + count / self.bandwidth
        await asyncio.sleep(self._due - now)


class Wire:
    """One connection: lines and bodies in, bytes out."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray(_HEAD)
        self._view = memoryview(self._buffer)
        self._start = self._stop = 0
        self._since_turn = 0
        self.incoming = Pace()
        self.outgoing = Pace()

    async def head(self) -> bytes | None:
        """Return a request's head without its blank line; None when there is none."""
        while True:
            head = await self._until(b"\r\n\r\n")
            if head is None or head.strip():
                return head and head.lstrip()

    async def line(self) -> bytes:
        """Return the next line without its end."""
        line = await self._until(b"\r\n")
        if line is None:
            raise ConnectionResetError
        return line

    async def receive(self, view: memoryview) -> int:
        """Fill some of *view*, return how much; ConnectionResetError at the end."""
        if self.incoming.bandwidth is not None:
            view = view[: self.incoming.piece(len(view))]
        count = min(len(view), self._stop - self._start)
        if count:
            view[:count] = self._view[self._start : self._start + count]
            self._start += count
        else:
            count = await self._receive(view)
        if not count:
            raise ConnectionResetError
        await self.incoming.passed(count)
        return count

    async def send(self, view: memoryview, sending: Callable[[int], None]) -> None:
        """Send all of *view*.

        *sending* hears of bytes before the other side can have seen them, and, as a
        negative number, of those that did not get through after all.
        """
        start, step = 0, _FIRST
        while start < len(view):
            # Who waits for the first byte is not to wait for many.
            piece = view[start : start + self.outgoing.piece(step)]
            start += len(piece)
            step *= 2
            await self.outgoing.passed(len(piece))
            sending(len(piece))
            sent = 0
            try:
                while sent < len(piece):
                    sent += await self._send(piece[sent:])
            finally:
                if sent < len(piece):
                    sending(sent - len(piece))

    def abort(self) -> None:
        """Close with a reset: what is under way is lost."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._socket.close()

    async def drain(self) -> None:
        """End the stream and let the other side finish its own.

        To close while bytes are coming in would be a reset, which may overtake the
        answer just sent.
        """
        self._socket.shutdown(socket.SHUT_WR)
        scratch = memoryview(bytearray(_HEAD))
        while await self._receive(scratch):
            pass

    async def _until(self, end: bytes) -> bytes | None:
        searched = self._start
        while (found := self._buffer.find(end, searched, self._stop)) < 0:
            size = self._stop - self._start
            self._view[:size] = self._view[self._start : self._stop]
            self._start, self._stop = 0, size
            if size == _HEAD:
                raise RefusalError("BadRequest", "The request head is too long.")
            searched = max(0, size - len(end) + 1)
            count = await self._receive(self._view[size:])
            if not count:
                if size:
                    raise ConnectionResetError
                return None
            self._stop += count
        text = bytes(self._view[self._start : found])
        self._start = found + len(end)
        return text

    async def _receive(self, view: memoryview) -> int:
        while True:
            try:
                count = self._socket.recv_into(view)
            except BlockingIOError:
                await self._wait(self._loop.add_reader, self._loop.remove_reader)
            else:
                await self._turn(count)
                return count

    async def _send(self, view: memoryview) -> int:
        while True:
            try:
                count = self._socket.send(view)
            except BlockingIOError:
                await self._wait(self._loop.add_writer, self._loop.remove_writer)
            else:
                await self._turn(count)
                return count

    async def _wait(
        self, add: Callable[..., object], remove: Callable[[int], object]
    ) -> None:
        ready = self._loop.create_future()
        descriptor = self._socket.fileno()
        add(descriptor, _wake, ready)
        try:
            await ready
        finally:
            remove(descriptor)
        self._since_turn = 0

    async def _turn(self, count: int) -> None:
        self._since_turn += count
        if self._since_turn > _TURN:  # pragma: no cover - a matter of timing
            self._since_turn = 0
            await asyncio.sleep(0)


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():  # pragma: no branch - else cancelled at this moment
        ready.set_result(None)
