"""One connection to a store: what is sent, and how an answer begins.

HTTP/1.1 as far as S3 speaks it. The standard library's client spends most of the time
of a small request in a parser made for mail; this one reads a head in one piece.
Every wait is bounded by a timeout. Not thread-safe.
"""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from s3open.s3.wire import sockets

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from s3open.contract import Pieces
    from s3open.s3.wire.sockets import Socket

# A head and an object of 4 KiB; what comes behind goes where it belongs directly.
_BUFFER: Final = 16 << 10
# S3 allows 2 KB of metadata; what sends more than this is no S3.
MAX_HEAD: Final = 64 << 10
# Up to here head and body leave with one call.
_SMALL: Final = 64 << 10
# As others wait for leave to send a body; who does not know of that says nothing.
# https://www.rfc-editor.org/rfc/rfc9110.html#section-10.1.1
_LEAVE: Final = 1.0
# Name and value, without the blanks around it.
_FIELD: Final = re.compile(r"([^:\r\n]*):[ \t]*((?:[^\r\n]*[^\s])?)[ \t]*\r\n")


class Peer(NamedTuple):
    """Where connections go to."""

    host: str
    port: int
    secure: bool


class Head(NamedTuple):
    """How an answer begins; *headers* by their names in lower case."""

    status: int
    reason: str
    headers: Mapping[str, str]


class BrokenError(ConnectionError):
    """The other side closed the connection, or does not speak HTTP.

    *silent* says that nothing of an answer had come.
    """

    def __init__(self, message: str, *, silent: bool = False) -> None:
        super().__init__(message)
        self.silent = silent


class Connection:
    """A connection over *sock*, ours alone; *timeout* bounds each wait."""

    def __init__(self, peer: Peer, sock: Socket, timeout: float) -> None:
        sock.patience(timeout)
        self.peer = peer
        self._sock = sock
        self.timeout = timeout
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._start = self._stop = 0
        self._ended = False
        self._process = os.getpid()
        self.keep = True
        self.used = False
        self.heard = True
        self.idle_since = 0.0

    @property
    def ours(self) -> bool:
        """Whether this process made it: a child shares the parent's sockets."""
        return self._process == os.getpid()

    def close(self) -> None:
        """Close it. Idempotent."""
        self.keep = False
        self._sock.close()

    def is_quiet(self) -> bool:
        """Whether nothing came while it was idle: neither bytes nor its end."""
        if self._start != self._stop:
            return False
        return not (self._sock.has_news() and self._take_news())

    def exchange(
        self, head: bytes, body: Pieces, size: int, *, asking: bool = False
    ) -> Head:
        """Send a request and return how the answer begins.

        With *asking* the head asks whether to send the body (``expect``), which is done
        once the other side says so, or nothing for a second; `heard` tells that then.

        Whatever goes wrong, an answer that has come is preferred to the error. Raises
        OSError; of those a BrokenError says whether nothing at all had come.
        """
        self._start = self._stop = 0
        self.heard = whole = True
        try:
            if asking:
                self._sock.send_all(head)
                whole = self._is_welcome() and self._send(b"", body)
            elif size <= _SMALL:
                self._sock.send_all(b"".join((head, *body)) if size else head)
            else:
                whole = self._send(head, body)
        except TimeoutError:
            raise
        except OSError:
            # What the other side said before it hung up may be here already.
            whole = False
        self.keep = whole
        answer = self._receive()
        self.used = True
        if not whole and answer.status < 300:
            raise BrokenError("the store answered before it had everything")
        return answer

    def readinto(self, view: memoryview) -> int:
        """Fill *view* as far as one call can; 0 when the other side ended."""
        buffered = self._stop - self._start
        if not buffered:
            return self._sock.fill(view)
        count = min(buffered, len(view))
        view[:count] = self._view[self._start : self._start + count]
        self._start += count
        return count

    def readline(self) -> bytes:
        """Return the next line without its end."""
        end = self._find(b"\r\n")
        line = bytes(self._buffer[self._start : end])
        self._start = end + 2
        return line

    def patience(self, seconds: float) -> None:
        """Wait no longer than this from now on, for what is left of an answer."""
        self._sock.patience(seconds)

    def rest(self) -> None:
        """Be as patient as before."""
        self._sock.patience(self.timeout)

    def _is_welcome(self) -> bool:
        """Whether to send the body; False if the answer is here without it."""
        end = time.monotonic() + min(_LEAVE, self.timeout)
        while (left := end - time.monotonic()) > 0 and self._sock.has_news(left):
            # What came may be nothing to us: tickets of TLS.
            if self._take_news():
                found = self._find(b"\r\n\r\n")
                if not self._buffer.startswith(b"HTTP/1.1 1", self._start):
                    return False
                self._start = found + 4
                return True
        self.heard = False
        return True

    def _send(self, head: bytes, body: Pieces) -> bool:
        """Send *head* and *body*; return False when an answer came before its end."""
        pieces = [memoryview(piece).cast("B") for piece in (head, *body) if len(piece)]
        first = 0
        while first < len(pieces):
            if self._sock.wait() and self._take_news() and not self._is_interim():
                return False
            sent = self._sock.send(pieces[first:] if first else pieces)
            while sent:
                piece = pieces[first]
                if sent < len(piece):
                    pieces[first] = piece[sent:]
                    break
                sent -= len(piece)
                first += 1
        return True

    def _take_news(self) -> bool:
        """Whether something came, or the end; it is in the buffer then."""
        try:
            count = self._sock.arrived(self._view[self._stop :])
        except OSError:
            count = 0
        if count is None:
            return False
        self._stop += count
        self._ended = not count
        return True

    def _is_interim(self) -> bool:
        """Whether all that came are interim answers (100), which ask to go on."""
        while not self._ended and self._start < self._stop:
            end = self._buffer.find(b"\r\n\r\n", self._start, self._stop)
            if end < 0 or not self._buffer.startswith(b"HTTP/1.1 1", self._start):
                return False
            self._start = end + 4
        return not self._ended

    def _receive(self) -> Head:
        while True:
            end = self._find(b"\r\n\r\n")
            text = str(self._view[self._start : end + 2], "latin-1")
            self._start = end + 4
            head = self._parsed(text)
            # 100 Continue and its like are not the answer yet.
            if head.status >= 200:
                return head

    def _parsed(self, text: str) -> Head:
        line, _, rest = text.partition("\r\n")
        version, _, status = line.partition(" ")
        status, _, reason = status.partition(" ")
        if version not in ("HTTP/1.1", "HTTP/1.0") or not _is_number(status):
            raise BrokenError("the answer is not HTTP")
        fields = _FIELD.findall(rest)
        headers = {name.lower(): value for name, value in fields}
        if len(headers) < rest.count("\n"):
            headers = _joined(fields, rest)
        option = headers.get("connection", "").lower()
        if option != "keep-alive" and ("close" in option or version == "HTTP/1.0"):
            self.keep = False
        return Head(int(status), reason, headers)

    def _find(self, mark: bytes) -> int:
        """Return where *mark* is in the buffer, once it has come."""
        end = self._buffer.find(mark, self._start, self._stop)
        while end < 0:
            # It may be split between two receptions.
            seen = max(self._start, self._stop - len(mark) + 1)
            if self._stop == len(self._buffer):
                seen = self._make_room(seen)
            count = self._more()
            self._stop += count
            end = self._buffer.find(mark, seen, self._stop)
        return end

    def _make_room(self, seen: int) -> int:
        """Enlarge the buffer, or move what is left to its start; return new *seen*."""
        if self._stop - self._start >= MAX_HEAD:
            raise BrokenError("the head of the answer is too large")
        rest = self._buffer[self._start : self._stop]
        seen -= self._start
        self._start, self._stop = 0, len(rest)
        self._buffer = rest + bytes(max(_BUFFER, len(rest)))
        self._view = memoryview(self._buffer)
        return seen

    def _more(self) -> int:
        silent = self._stop == 0
        try:
            count = self._sock.receive(self._view[self._stop :])
        except TimeoutError:
            raise
        except OSError as error:
            raise BrokenError(str(error), silent=silent) from error
        if not count:
            raise BrokenError("the store closed the connection", silent=silent)
        return count


def connect(
    peer: Peer, tls: ssl.SSLContext | None, timeouts: tuple[float, float]
) -> Connection:
    """Return a new connection; *timeouts* are those to connect and to read."""
    sock = sockets.connected(peer.host, peer.port, timeouts[0])
    if tls is None:
        return Connection(peer, sockets.PlainSocket(sock), timeouts[1])
    try:
        secure = tls.wrap_socket(sock, server_hostname=peer.host)
    except BaseException:
        sock.close()
        raise
    return Connection(peer, sockets.SecureSocket(secure), timeouts[1])


def _joined(fields: list[tuple[str, str]], text: str) -> dict[str, str]:
    """Return *fields* of *text*, those of the same name made one."""
    if len(fields) < text.count("\n"):
        raise BrokenError("the answer is not HTTP")
    headers: dict[str, str] = {}
    for name, value in fields:
        name = name.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
