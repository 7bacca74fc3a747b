"""Servers of other schemes, on loopback, each with a folder of its own."""

from __future__ import annotations

import http.server
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.uri = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, asked: http.server.BaseHTTPRequestHandler) -> None:
        wanted = asked.headers.get("Range")
        self.asked.append((asked.path, wanted))
        data = self.files.get(asked.path)
        if self.status or data is None:
            asked.send_response(self.status or 404)
            asked.send_header("Content-Length", "0")
            asked.end_headers()
            return
        etag = self.etags.get(asked.path)
        condition = asked.headers.get("If-Match")
        if condition not in (None, "*", etag):
            asked.send_response(412)
            asked.send_header("Content-Length", "0")
            asked.end_headers()
            return
        body = data
        if wanted and self.ranges:
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            body = data[start:]
            asked.send_response(206)
            asked.send_header(
                "Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}"
            )
        else:
            asked.send_response(200)
        if self.ranges:
            asked.send_header("Accept-Ranges", "bytes")
        if etag:
            asked.send_header("ETag", etag)
        if self.lengths:
            asked.send_header("Content-Length", str(len(body)))
        else:
            asked.send_header("Connection", "close")
            asked.close_connection = True
        asked.end_headers()
        cut, self.cut = self.cut, None
        if cut is not None:
            asked.wfile.write(body[:cut])
            asked.wfile.flush()
            asked.close_connection = True
            return
        try:
            asked.wfile.write(body)
        except OSError:
            asked.close_connection = True


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
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import ThreadedFTPServer

    folder = tmp_path / "ftp"
    folder.mkdir()

    class Handler(FTPHandler):  # type: ignore[misc]  # of a library without types
        authorizer = DummyAuthorizer()

    Handler.authorizer.add_user("user", "secret", str(folder), perm="elradfmw")
    server = ThreadedFTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"timeout": 0.01})
    thread.start()
    yield f"ftp://user:secret@127.0.0.1:{server.address[1]}", folder
    server.close_all()
    thread.join()
