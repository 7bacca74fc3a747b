"""Bytes through a socket, with as few calls as will do, each wait bounded.

Python's own timeouts cost a system call for every other one, and wake up for every few
KiB. On a plain socket the kernel keeps the time, and fills memory before it returns.
"""

from __future__ import annotations

# Python imports it when it looks up the first host, and whoever forks meanwhile has a
# child that waits for that for ever (see `forking`). So it is here before.
import encodings.idna  # noqa: F401
import select
import socket
import struct
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

# What is encrypted at once; of a plain socket the kernel takes what it has room for.
_STEP: Final = 256 << 10
_PIECES: Final = 64


class Socket(Protocol):
    """A connected socket; *patience* bounds each wait, TimeoutError is its end."""

    def patience(self, seconds: float) -> None:
        """Wait no longer than this from now on."""

    def receive(self, view: memoryview) -> int:
        """Fill some of *view*; 0 at the end of the stream."""

    def fill(self, view: memoryview) -> int:
        """Fill *view* as far as one call can; 0 at the end of the stream."""

    def arrived(self, view: memoryview) -> int | None:
        """Receive what is there already, None if nothing is; never wait."""

    def send_all(self, data: bytes) -> None:
        """Send *data*, all of it."""

    def send(self, pieces: Sequence[memoryview]) -> int:
        """Send some of *pieces*, none of them empty; return how many bytes."""

    def has_news(self, seconds: float = 0.0) -> bool:
        """Whether there is something to receive, the end of the stream included.

        Or whether there is after so many seconds.
        """

    def wait(self) -> bool:
        """Wait until it can be sent to, or has news; return whether it has."""

    def close(self) -> None:
        """Close it. Idempotent."""


class _Polled:
    """Whether a socket is ready. Its number may be too large for ``select``."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._seconds = 0.0
        self._reads = select.poll()
        self._reads.register(sock, select.POLLIN)
        self._any = select.poll()
        self._any.register(sock, select.POLLIN | select.POLLOUT)

    def has_news(self, seconds: float = 0.0) -> bool:
        return bool(self._reads.poll(seconds * 1000))

    def wait(self) -> bool:
        found = self._any.poll(self._seconds * 1000)
        if not found:
            raise TimeoutError("timed out")
        return found[0][1] != select.POLLOUT

    def close(self) -> None:
        self._sock.close()


class SecureSocket(_Polled):
    """A socket with TLS, and timeouts of Python's."""

    def __init__(self, sock: ssl.SSLSocket) -> None:
        from ssl import SSLWantReadError

        super().__init__(sock)
        # There is something to read at times that is nothing to us.
        self._idle = (BlockingIOError, SSLWantReadError)
        self.receive = self.fill = sock.recv_into
        self.send_all = sock.sendall

    def patience(self, seconds: float) -> None:
        self._seconds = seconds
        self._sock.settimeout(seconds)

    def arrived(self, view: memoryview) -> int | None:
        self._sock.settimeout(0)
        try:
            return self._sock.recv_into(view)
        except self._idle:
            return None
        finally:
            self._sock.settimeout(self._seconds)

    def send(self, pieces: Sequence[memoryview]) -> int:
        return self._sock.send(pieces[0][:_STEP])


class PlainSocket(_Polled):
    """A socket on which the kernel keeps the time."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        sock.settimeout(None)

    def patience(self, seconds: float) -> None:
        self._seconds = seconds
        whole, rest = divmod(max(int(seconds * 1e6), 1), 1_000_000)
        limit = struct.pack("ll", whole, rest)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)

    def receive(self, view: memoryview) -> int:
        try:
            return self._sock.recv_into(view)
        except BlockingIOError as error:
            raise TimeoutError("timed out") from error

    def fill(self, view: memoryview) -> int:
        try:
            return self._sock.recv_into(view, 0, socket.MSG_WAITALL)
        except BlockingIOError as error:
            raise TimeoutError("timed out") from error

    def arrived(self, view: memoryview) -> int | None:
        try:
            return self._sock.recv_into(view, 0, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None

    def send_all(self, data: bytes) -> None:
        try:
            self._sock.sendall(data)
        except BlockingIOError as error:
            raise TimeoutError("timed out") from error

    def send(self, pieces: Sequence[memoryview]) -> int:
        try:
            return self._sock.sendmsg(pieces[:_PIECES], (), socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0


class _Forgotten(socket.socket):
    """Closes itself without a warning: an idle connection is nobody's to close."""

    def __del__(self) -> None:
        self.close()


def connected(host: str, port: int, timeout: float) -> socket.socket:
    """Return a socket that is connected, and sends at once what it is given."""
    made = socket.create_connection((host, port), timeout)
    sock = _Forgotten(made.family, made.type, made.proto, made.detach())
    sock.settimeout(timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock
