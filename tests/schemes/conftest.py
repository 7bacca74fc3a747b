"""Servers of other schemes, on loopback, each with a folder of its own."""

from __future__ import annotations

import contextlib
import http.server
import threading
import warnings
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that have read enough just go."""


class Web:
    """Serves *files* over HTTP; *ranges* and *lengths* say what it can do.

    *asked* has method, path, range and condition of each request; *cut* ends the next
    body after so many bytes.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.etags: dict[str, str] = {}
        self.ranges = self.lengths = True
        self.asked: list[tuple[str, str | None]] = []
        self.cut: int | None = None
        self.status: int | None = None
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                web.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self.uri = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, asked: http.server.BaseHTTPRequestHandler) -> None:
        path = unquote(asked.path)
        wanted = asked.headers.get("Range")
        self.asked.append((path, wanted))
        data, etag = self.files.get(path), self.etags.get(path)
        if self.status or data is None:
            _refuse(asked, self.status or 404)
        elif asked.headers.get("If-Match") not in (None, "*", etag):
            _refuse(asked, 412)
        else:
            self._send(asked, data, etag, wanted if self.ranges else None)

    def _send(
        self,
        asked: http.server.BaseHTTPRequestHandler,
        data: bytes,
        etag: str | None,
        wanted: str | None,
    ) -> None:
        start = int((wanted or "=0-").partition("=")[2].partition("-")[0])
        body = data[start:]
        headers = {"ETag": etag} if etag else {}
        if self.ranges:
            headers["Accept-Ranges"] = "bytes"
        if wanted:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        if self.lengths:
            headers["Content-Length"] = str(len(body))
        cut, self.cut = self.cut, None
        if cut is not None or not self.lengths:
            asked.close_connection = True
        asked.send_response(206 if wanted else 200)
        for name, value in headers.items():
            asked.send_header(name, value)
        asked.end_headers()
        # Who has read enough may have gone.
        with contextlib.suppress(OSError):
            asked.wfile.write(body[:cut])


def _refuse(asked: http.server.BaseHTTPRequestHandler, status: int) -> None:
    asked.send_response(status)
    asked.send_header("Content-Length", "0")
    asked.end_headers()


@pytest.fixture
def web() -> Iterator[Web]:
    pytest.importorskip("smart_open.http")
    pytest.importorskip("requests")
    server = Web()
    yield server
    server.close()


@pytest.fixture
def ftp(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Give the URI of a folder on an FTP server, and that folder."""
    pytest.importorskip("pyftpdlib")
    with warnings.catch_warnings():
        # Of the modules that it stands on.
        warnings.simplefilter("ignore", DeprecationWarning)
        from pyftpdlib.authorizers import DummyAuthorizer
        from pyftpdlib.handlers import FTPHandler
        from pyftpdlib.servers import ThreadedFTPServer

    folder = tmp_path / "ftp"
    folder.mkdir()

    class Handler(FTPHandler):  # type: ignore[misc]  # of a library without types
        authorizer = DummyAuthorizer()
        auth_failed_timeout = 0

    Handler.authorizer.add_user("user", "secret", str(folder), perm="elradfmw")
    server = ThreadedFTPServer(("127.0.0.1", 0), Handler)
    done = threading.Event()

    def serve() -> None:
        # Closed by the thread that polls it: closed by another, it may fail there.
        while not done.is_set():
            server.serve_forever(timeout=0.01, blocking=False)
        server.close_all()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"ftp://user:secret@127.0.0.1:{server.address[1]}", folder
    done.set()
    thread.join()
