"""A server that says what it is told to, whatever HTTP has to say about it."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from s3open.s3.wire import address
from s3open.s3.wire.settings import Settings
from s3open.s3.wire.signer import Credentials
from s3open.s3.wire.tls import context
from s3open.s3.wire.verbs import WireVerbs

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence
    from types import TracebackType

    from typing_extensions import Self


@dataclass
class Asked:
    """A request as it came; *connection* counts from 0."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass
class Says:
    """What is answered: *interim* behind the head of a request, *answer* behind all.

    *early*: without reading the body. *silent*: nothing more, until the client is gone.
    """

    answer: bytes = b""
    interim: bytes = b""
    early: bool = False
    silent: bool = False


@dataclass
class Answering:
    """Answers each connection in turn by its list, and closes it behind the last.

    Bytes stand for `Says` of them. If it is *deaf*, it does not say that it wants a
    body to who asks.
    """

    script: Sequence[Sequence[Says | bytes]]
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    deaf: bool = False

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Who still waits for a connection gets one that ends at once.
        self._closing = True
        with socket.socket() as last:
            last.connect_ex(("127.0.0.1", self.port))
        for thread in self._threads:
            thread.join(timeout=10)
            assert not thread.is_alive()
        self._listener.close()

    _closing = False

    def _accept(self) -> None:
        for number, answers in enumerate(self.script):
            sock, _ = self._listener.accept()
            if self._closing:
                sock.close()
                return
            # One after the other would wait for clients that keep two.
            thread = threading.Thread(target=self._serve, args=(sock, number, answers))
            self._threads.append(thread)
            thread.start()

    def _serve(
        self, sock: socket.socket, number: int, answers: Sequence[Says | bytes]
    ) -> None:
        try:
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
            with sock, sock.makefile("rb") as incoming:
                for answer in answers:
                    says = Says(answer) if isinstance(answer, bytes) else answer
                    if not self._exchange(sock, incoming, number, says):
                        break
        except OSError:
            sock.close()  # The client did not like what it heard.

    def _exchange(
        self, sock: socket.socket, incoming: Any, number: int, says: Says
    ) -> bool:
        line = incoming.readline()
        if not line:
            return False
        headers = {}
        while (header := incoming.readline().strip()) != b"":
            name, _, value = header.decode().partition(":")
            headers[name] = value.strip()
        if "expect" in headers and not says.early and not self.deaf:
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        sock.sendall(says.interim)
        size = int(headers.get("content-length", "0"))
        body = b"" if says.early else incoming.read(size)
        self.asked.append(Asked(line.decode().strip(), headers, body, number))
        sock.sendall(says.answer)
        if says.early or says.silent:
            sock.shutdown(socket.SHUT_WR) if says.early else None
            while incoming.read(1 << 16):
                pass
            return False
        return True

    def settings(self, **changes: Any) -> Settings:
        """Return settings that lead here."""
        scheme = "http" if self.tls is None else "https"
        endpoint = f"{scheme}://127.0.0.1:{self.port}"

        def place(bucket: str, region: str | None) -> address.Address:
            return address.resolved(endpoint, bucket, region or "us-east-1", named=True)

        given: dict[str, Any] = {
            "endpoint": endpoint,
            "credentials": lambda: Credentials("AKIA", "secret"),
            "address": place,
            "tls": lambda: context(None),
            "timeouts": (10.0, 10.0),
            "checksums": True,
        }
        return Settings(**{**given, **changes})

    def verbs(self, **changes: Any) -> WireVerbs:
        """Return verbs that speak to it."""
        return WireVerbs(self.settings(**changes))


def ok(body: bytes = b"", *headers: str, status: str = "200 OK") -> bytes:
    """Return an answer with *body* and its length."""
    return reply(body, f"Content-Length: {len(body)}", *headers, status=status)


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return an answer with *body* and no more headers than those given."""
    lines = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *headers))
    return lines.encode() + b"\r\n" + body


def error(code: str, status: str, *headers: str, more: str = "") -> bytes:
    """Return an answer that tells of an error."""
    document = f"<Error><Code>{code}</Code><Message>No.</Message>{more}</Error>"
    return ok(document.encode(), *headers, status=status)
