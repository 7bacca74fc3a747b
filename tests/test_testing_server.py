"""The test server as a server: connections, counting, shapes."""

from __future__ import annotations

import http.client
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from s3open.testing import Fault, S3Server, Shape, synthetic_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

GIB = 1024**3
HEAD = b"GET /box/k HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with S3Server(anonymous=True) as server:
        yield server


@pytest.fixture
def server(running: S3Server) -> S3Server:
    running.reset()
    running.create_bucket("box")
    running.put("box", "k", b"data")
    return running


@pytest.fixture
def line(server: S3Server) -> Iterator[socket.socket]:
    address = (server.host, server.port)
    with socket.create_connection(address, timeout=10) as sock:
        yield sock


def read_answer(sock: socket.socket) -> tuple[int, bytes]:
    answer = http.client.HTTPResponse(sock)
    try:
        answer.begin()
        return answer.status, answer.read()
    finally:
        answer.close()


def read_all(sock: socket.socket) -> bytes:
    return b"".join(iter(lambda: sock.recv(65_536), b""))


def test_a_connection_is_used_again(server: S3Server, line: socket.socket) -> None:
    with server.counting() as seen:
        for _ in range(5):
            line.sendall(HEAD)
            assert read_answer(line) == (200, b"data")
        line.sendall(HEAD.replace(b"/k", b"/none"))
        assert read_answer(line)[0] == 404
        line.sendall(HEAD)
        assert read_answer(line) == (200, b"data")
    assert (seen.total, seen.connections) == (7, 1)


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        HEAD.replace(b"HTTP/1.1", b"HTTP/1.0"),
    ],
)
def test_a_connection_ends_when_the_client_wants(
    server: S3Server, line: socket.socket, head: bytes
) -> None:
    line.sendall(head)
    answer = read_all(line)
    assert b"Connection: close\r\n" in answer
    assert answer.endswith(b"\r\n\r\ndata")


@pytest.mark.parametrize(
    "head",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nLong: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
)
def test_what_is_not_http_ends_the_connection(
    server: S3Server, line: socket.socket, head: bytes
) -> None:
    line.sendall(head)
    answer = read_all(line)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"<Code>BadRequest</Code>" in answer


def test_a_path_that_is_none_is_refused(server: S3Server, line: socket.socket) -> None:
    line.sendall(HEAD.replace(b"/box/k", b"box/k"))
    status, body = read_answer(line)
    assert (status, b"InvalidURI" in body) == (400, True)


def test_a_proxys_form_of_the_target_is_understood(
    server: S3Server, line: socket.socket
) -> None:
    line.sendall(HEAD.replace(b"/box/k", b"http://127.0.0.1:80/box/k"))
    assert read_answer(line) == (200, b"data")


def test_empty_lines_before_a_request_are_nothing(
    server: S3Server, line: socket.socket
) -> None:
    line.sendall(b"\r\n\r\n\r\n" + HEAD)
    assert read_answer(line) == (200, b"data")


def test_requests_in_pieces_and_in_one_go(
    server: S3Server, line: socket.socket
) -> None:
    line.sendall(HEAD[:20])
    line.sendall(HEAD[20:] + HEAD)
    assert read_answer(line) == (200, b"data")


def test_a_client_may_leave_at_any_time(server: S3Server) -> None:
    put = b"PUT /box/new HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    chunked = put.replace(b"Content-Length: 100", b"Transfer-Encoding: chunked")
    for text in (b"", b"GE", HEAD, put, put + b"x" * 50, chunked):
        with socket.create_connection((server.host, server.port)) as sock:
            sock.sendall(text)
    with socket.create_connection((server.host, server.port)) as sock:
        sock.sendall(HEAD)
        assert read_answer(sock) == (200, b"data")
    assert server.keys("box") == ["k"]


def test_a_client_waits_for_100_continue(server: S3Server, line: socket.socket) -> None:
    head = b"PUT /box/new HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
    line.sendall(head + b"Expect: 100-continue\r\n\r\n")
    expected = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert line.recv(100) == expected
    line.sendall(b"body")
    assert read_answer(line)[0] == 200
    assert server.read("box", "new") == b"body"


def test_a_refusal_comes_instead_of_100_continue(
    server: S3Server, line: socket.socket
) -> None:
    server.deny("PutObject")
    head = b"PUT /box/new HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
    line.sendall(head + b"Expect: 100-continue\r\n\r\n")
    assert read_answer(line)[0] == 403
    assert line.recv(1) == b""


def test_more_than_5_gib_is_refused_unread(
    server: S3Server, line: socket.socket
) -> None:
    head = b"PUT /box/new HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    line.sendall(head % (5 * GIB + 1))
    status, body = read_answer(line)
    assert (status, b"<Code>EntityTooLarge</Code>" in body) == (400, True)


@pytest.mark.parametrize("text", [b"many", b"-1", b"\xb2"])
def test_a_length_that_is_no_number_is_refused(
    server: S3Server, line: socket.socket, text: bytes
) -> None:
    line.sendall(b"PUT /box/new HTTP/1.1\r\nContent-Length: %s\r\n\r\n" % text)
    assert read_answer(line)[0] == 400


def test_a_put_without_length_is_refused(server: S3Server, line: socket.socket) -> None:
    line.sendall(b"PUT /box/new HTTP/1.1\r\nHost: x\r\n\r\n")
    assert read_answer(line)[0] == 411


def test_bodies_in_chunks(server: S3Server, line: socket.socket) -> None:
    body = synthetic_bytes(range(900_000))
    chunks = [body[:5], body[5:800_000], body[800_000:]]
    line.sendall(
        b"PUT /box/new HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"".join(b"%x;x=y\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
        + b"0\r\nTrailer: ignored\r\n\r\n"
    )
    assert read_answer(line)[0] == 200
    assert server.read("box", "new") == body
    line.sendall(HEAD)
    assert read_answer(line) == (200, b"data")


@pytest.mark.parametrize("size", [b"x", b"-5", b"", b"\xb2"])
def test_a_chunk_of_no_size_is_refused(
    server: S3Server, line: socket.socket, size: bytes
) -> None:
    head = b"PUT /box/new HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    line.sendall(head + size + b"\r\n")
    assert read_answer(line)[0] == 400


def test_large_bodies_both_ways(server: S3Server, line: socket.socket) -> None:
    body = synthetic_bytes(range(20 * 1024**2 + 3))
    head = b"PUT /box/new HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    line.sendall(head % len(body) + body)
    assert read_answer(line)[0] == 200
    line.sendall(HEAD.replace(b"/k", b"/new"))
    assert read_answer(line) == (200, body)


def test_many_connections_at_once(server: S3Server) -> None:
    body = synthetic_bytes(range(300_000))
    server.put("box", "k", body)
    good: list[bool] = []

    def fetch() -> None:
        with socket.create_connection((server.host, server.port)) as sock:
            for _ in range(5):
                sock.sendall(HEAD)
                good.append(read_answer(sock) == (200, body))

    with server.counting() as seen:
        threads = [threading.Thread(target=fetch) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert good == [True] * 80
    assert (seen.connections, seen.bytes_out) == (16, 80 * len(body))


def test_records_tell_what_was_asked(server: S3Server, line: socket.socket) -> None:
    line.sendall(HEAD.replace(b"\r\n\r\n", b"\r\nRange: bytes=1-2\r\n\r\n"))
    assert read_answer(line) == (206, b"at")
    line.sendall(b"PUT /box/new HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")
    read_answer(line)
    line.sendall(b"HEAD /box/new HTTP/1.1\r\nHost: x\r\n\r\n")
    line.recv(10_000)
    get, put, head = server.requests
    assert (get.operation, get.bucket, get.key) == ("GetObject", "box", "k")
    assert (get.range, get.status) == ("bytes=1-2", 206)
    assert (get.bytes_in, get.bytes_out) == (0, 2)
    assert (put.status, put.bytes_in, put.bytes_out) == (200, 3, 0)
    assert (head.operation, head.bytes_out) == ("HeadObject", 0)
    assert get.number < put.number < head.number
    assert get.connection == put.connection == head.connection
    assert server.counts() == {"GetObject": 1, "PutObject": 1, "HeadObject": 1}


def test_counting_covers_its_block_only(server: S3Server, line: socket.socket) -> None:
    line.sendall(HEAD)
    read_answer(line)
    with server.counting() as seen:
        line.sendall(HEAD)
        read_answer(line)
        with server.counting() as inner:
            line.sendall(HEAD)
            read_answer(line)
    line.sendall(HEAD)
    read_answer(line)
    assert (seen.total, seen.bytes_in, seen.bytes_out) == (2, 0, 8)
    assert inner.operations == {"GetObject": 1}
    assert [record.operation for record in inner.records] == ["GetObject"]
    assert server.counts() == {"GetObject": 4}


def test_the_counts_are_exact_when_the_records_are_dropped(
    server: S3Server, line: socket.socket
) -> None:
    with server.counting() as seen:
        for _ in range(110):
            line.sendall(HEAD * 100)
            answers = b""
            while answers.count(b"\r\n\r\ndata") < 100:
                answers += line.recv(65_536)
    assert (seen.total, seen.bytes_out) == (11_000, 44_000)
    assert len(seen.records) == len(server.requests) == 10_000


def test_an_unknown_operation_is_counted(server: S3Server, line: socket.socket) -> None:
    line.sendall(b"GET /box?metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    assert read_answer(line)[0] == 501
    assert server.counts() == {"Unknown": 1}


def test_bytes_nobody_read_are_not_counted(
    server: S3Server, line: socket.socket
) -> None:
    server.synthetic("box", "huge", 1024 * GIB)
    with server.counting() as seen:
        line.sendall(HEAD.replace(b"/k", b"/huge"))
        got = 0
        while got < 65_536:
            got += len(line.recv(65_536))
        line.close()
    assert 65_000 < seen.bytes_out < GIB


def test_latency_and_bandwidth_change_nothing_but_time(
    server: S3Server, line: socket.socket
) -> None:
    body = synthetic_bytes(range(300_000))
    server.shape = Shape(latency=0.01, bandwidth=30e6)
    head = b"PUT /box/new HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    line.sendall(head % len(body) + body)
    assert read_answer(line)[0] == 200
    line.sendall(HEAD.replace(b"/k", b"/new"))
    assert read_answer(line) == (200, body)


def test_a_narrow_line_is_slow(server: S3Server, line: socket.socket) -> None:
    server.synthetic("box", "k", GIB)
    server.shape = Shape(bandwidth=1000)
    line.sendall(HEAD)
    line.recv(1)
    assert server.requests[-1].bytes_out < 100_000


def test_reset_forgets_everything(server: S3Server, line: socket.socket) -> None:
    line.sendall(HEAD)
    read_answer(line)
    server.shape = Shape(latency=1)
    server.deny(None)
    server.add_credentials("other", "secret")
    server.reset()
    assert line.recv(1) == b""
    assert (server.requests, server.shape) == ([], Shape())
    with socket.create_connection((server.host, server.port)) as sock:
        sock.sendall(HEAD)
        assert read_answer(sock)[0] == 404


def test_a_callback_that_fails_is_reported(
    server: S3Server, line: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    server.fault(Fault(before=lambda _: 1 // 0))
    line.sendall(HEAD)
    assert line.recv(1) == b""
    server.disconnect()
    (record,) = caplog.records
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


def test_callbacks_get_the_server(server: S3Server, line: socket.socket) -> None:
    given: list[object] = []
    server.fault(Fault(before=given.append))
    line.sendall(HEAD)
    read_answer(line)
    assert given == [server]
