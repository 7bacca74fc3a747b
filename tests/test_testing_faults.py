"""Everything the test server does wrong when told to."""

from __future__ import annotations

import base64
import http.client
import socket
import struct
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ResponseStreamingError

from s3open.testing import Fault, S3Server
from tests.test_testing_support import client_of, send, until

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = bytes(range(256)) * 1024


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with S3Server(anonymous=True, min_part_size=1) as server:
        yield server


@pytest.fixture
def server(running: S3Server) -> S3Server:
    running.reset()
    running.create_bucket("box")
    running.put("box", "k", DATA)
    return running


@pytest.fixture(scope="module")
def client(running: S3Server) -> Any:
    return client_of(running)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(status=503), (503, "SlowDown")),
        (Fault(status=500), (500, "InternalError")),
        (Fault(code="SlowDown"), (503, "SlowDown")),
        (Fault(status=502, code="BadGateway"), (502, "BadGateway")),
        (Fault(status=599), (599, "InternalError")),
        (
            Fault(code="ConditionalRequestConflict"),
            (409, "ConditionalRequestConflict"),
        ),
    ],
)
def test_an_error_in_place_of_the_deed(
    server: S3Server, fault: Fault, expected: tuple[int, str]
) -> None:
    server.fault(fault)
    reply = send(server, "PUT", "/box/new", b"x")
    assert (reply.status, reply.code) == expected
    assert server.keys("box") == ["k"]
    assert send(server, "PUT", "/box/new", b"x").status == 200


def test_faults_strike_what_they_name(server: S3Server) -> None:
    server.put("box", "other", b"x")
    armed = server.fault(Fault("GetObject", key="k", status=503, times=None))
    assert send(server, "GET", "/box/other").status == 200
    assert send(server, "HEAD", "/box/k").status == 200
    for _ in range(3):
        assert send(server, "GET", "/box/k").status == 503
    assert (armed.fired, server.faults_fired) == (3, 3)
    armed.remove()
    armed.remove()
    assert send(server, "GET", "/box/k").status == 200


def test_faults_wait_for_their_turn(server: S3Server) -> None:
    server.fault(Fault("GetObject", status=503, skip=2, times=2))
    statuses = [send(server, "GET", "/box/k").status for _ in range(6)]
    assert statuses == [200, 200, 503, 503, 200, 200]


def test_faults_of_chance_are_the_same_every_time(server: S3Server) -> None:
    runs = []
    for _ in range(2):
        fault = Fault("GetObject", status=503, times=None, probability=0.5, seed=5)
        with server.faulty(fault) as armed:
            runs.append([send(server, "GET", "/box/k").status for _ in range(20)])
        assert 0 < armed.fired < 20
    assert runs[0] == runs[1]


def test_one_fault_a_request_the_oldest_first(server: S3Server) -> None:
    server.fault(Fault(status=500))
    server.fault(Fault(status=503))
    statuses = [send(server, "GET", "/box/k").status for _ in range(3)]
    assert statuses == [500, 503, 200]


@pytest.mark.parametrize(("drop", "stored"), [("before", False), ("after", True)])
def test_a_dropped_connection(server: S3Server, drop: Any, *, stored: bool) -> None:
    server.fault(Fault("PutObject", drop=drop))
    with pytest.raises(ConnectionError):
        send(server, "PUT", "/box/new", b"x")
    assert ("new" in server.keys("box")) == stored
    assert server.counts()["PutObject"] == 1


@pytest.mark.parametrize("cut", [0, 1, 100_000, len(DATA) - 1])
def test_an_answer_cut_short(server: S3Server, cut: int) -> None:
    server.fault(Fault("GetObject", cut=cut))
    with server.counting() as seen, pytest.raises(http.client.IncompleteRead) as error:
        send(server, "GET", "/box/k")
    assert error.value.partial == DATA[:cut]
    assert seen.bytes_out == cut


def test_a_cut_beyond_the_end_cuts_nothing(server: S3Server) -> None:
    server.fault(Fault("GetObject", cut=len(DATA)))
    assert send(server, "GET", "/box/k").body == DATA


def test_an_answer_ended_by_a_reset(server: S3Server) -> None:
    server.fault(Fault("GetObject", cut=1000, reset=True))
    with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
        send(server, "GET", "/box/k")


def test_boto3_notices_a_cut(server: S3Server, client: Any) -> None:
    server.fault(Fault("GetObject", cut=1000))
    body = client.get_object(Bucket="box", Key="k")["Body"]
    with pytest.raises(ResponseStreamingError):
        body.read()


def test_a_request_cut_short(server: S3Server) -> None:
    server.fault(Fault("PutObject", cut_request=1000))
    with server.counting() as seen, pytest.raises(ConnectionError):
        send(server, "PUT", "/box/new", DATA)
    assert seen.bytes_in == 1000
    assert server.keys("box") == ["k"]


@pytest.mark.parametrize("offset", [0, 70_000, len(DATA) - 1])
def test_a_bit_flipped_on_the_way_out(server: S3Server, offset: int) -> None:
    server.fault(Fault("GetObject", flip=offset))
    body = send(server, "GET", "/box/k").body
    changed = [place for place in range(len(DATA)) if body[place] != DATA[place]]
    assert changed == [offset]
    assert body[offset] ^ DATA[offset] == 1
    assert send(server, "GET", "/box/k").body == DATA


def test_a_small_answer_can_be_spoiled_too(server: S3Server) -> None:
    server.put("box", "small", b"abc")
    server.fault(Fault("GetObject", flip=1))
    assert send(server, "GET", "/box/small").body == b"acc"


def test_a_bit_flipped_on_the_way_in(server: S3Server, client: Any) -> None:
    server.fault(Fault("PutObject", flip_request=2))
    send(server, "PUT", "/box/new", b"abc")
    assert server.read("box", "new") == b"abb"
    server.fault(Fault("PutObject", flip_request=2))
    with pytest.raises(ClientError) as error:
        client.put_object(Bucket="box", Key="other", Body=b"abc")
    assert error.value.response["Error"]["Code"] in {
        "BadDigest",
        "XAmzContentSHA256Mismatch",
    }


def test_an_error_inside_a_success(server: S3Server, client: Any) -> None:
    upload = client.create_multipart_upload(Bucket="box", Key="new")["UploadId"]
    named = {"Bucket": "box", "Key": "new", "UploadId": upload}
    part = client.upload_part(**named, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    server.fault(Fault("CompleteMultipartUpload", error_in_200="InternalError"))
    with pytest.raises(ClientError) as error:
        client.complete_multipart_upload(**named, MultipartUpload=parts)
    assert error.value.response["Error"]["Code"] == "InternalError"
    assert server.requests[-1].status == 200
    assert server.keys("box") == ["k"]
    server.fault(Fault("CopyObject", error_in_200="SlowDown"))
    reply = send(server, "PUT", "/box/copy", x_amz_copy_source="box/k")
    assert (reply.status, reply.code) == (200, "SlowDown")


@pytest.mark.parametrize(
    ("ignored", "headers", "expected"),
    [
        ("range", {"Range": "bytes=0-1"}, 200),
        ("if-match", {"If-Match": "other"}, 200),
        ("if-none-match", {"If-None-Match": "*"}, 200),
        ("nothing", {"If-Match": "other"}, 412),
    ],
)
def test_headers_ignored_for_once(
    server: S3Server, ignored: str, headers: dict[str, str], expected: int
) -> None:
    server.fault(Fault("GetObject", ignore={ignored}))
    reply = send(server, "GET", "/box/k", None, headers)
    assert reply.status == expected
    if expected == 200:
        assert reply.body == DATA
    assert server.requests[-1].headers.keys() >= {name.lower() for name in headers}


def test_parameters_can_be_ignored_as_well(server: S3Server) -> None:
    server.fault(Fault("GetObject", ignore={"partNumber"}))
    assert send(server, "GET", "/box/k?partNumber=9").status == 200


def test_signatures_are_verified_before_headers_are_ignored(
    server: S3Server, client: Any
) -> None:
    server.fault(Fault("GetObject", ignore={"range", "x-amz-checksum-mode"}))
    got = client.get_object(
        Bucket="box", Key="k", Range="bytes=0-1", ChecksumMode="ENABLED"
    )
    assert got["Body"].read() == DATA


def test_a_weak_store_ignores_for_ever() -> None:
    with S3Server(anonymous=True, ignore={"If-None-Match"}) as server:
        server.create_bucket("box")
        for _ in range(2):
            reply = send(server, "PUT", "/box/k", b"x", If_None_Match="*")
            assert reply.status == 200


def test_something_happens_just_before(server: S3Server) -> None:
    def meddle(server: S3Server) -> None:
        server.put("box", "k", b"new")
        # Even through the front door: the callback has a thread of its own.
        assert send(server, "PUT", "/box/other", b"x").status == 200

    server.fault(Fault("GetObject", before=meddle))
    assert send(server, "GET", "/box/k").body == b"new"
    assert server.keys("box") == ["k", "other"]


def test_a_stalled_answer_can_be_given_up(server: S3Server) -> None:
    server.fault(Fault("GetObject", stall=3600))
    connection = http.client.HTTPConnection(server.host, server.port, timeout=0.05)
    connection.request("GET", "/box/k")
    with pytest.raises(socket.timeout):
        connection.getresponse()
    connection.close()
    assert send(server, "GET", "/box/k").body == DATA


def test_an_answer_can_stall_in_the_middle(server: S3Server) -> None:
    server.fault(Fault("GetObject", stall=3600, stall_after=70_000))
    connection = http.client.HTTPConnection(server.host, server.port, timeout=0.05)
    connection.request("GET", "/box/k")
    answer = connection.getresponse()
    assert answer.read(70_000) == DATA[:70_000]
    with pytest.raises(socket.timeout):
        answer.read(1)
    connection.close()
    assert server.requests[-1].bytes_out == 70_000


def test_stalls_and_delays_end(server: S3Server) -> None:
    server.fault(Fault("GetObject", stall=0.001, stall_after=10, delay=0.001))
    assert send(server, "GET", "/box/k").body == DATA


def test_stopping_does_not_wait_for_what_is_stalled() -> None:
    server = S3Server(anonymous=True)
    server.start()
    server.create_bucket("box")
    server.put("box", "k", b"x")
    server.fault(Fault(stall=3600))
    with socket.create_connection((server.host, server.port)) as sock:
        with server.counting() as seen:
            sock.sendall(b"GET /box/k HTTP/1.1\r\nHost: x\r\n\r\n")
            until(lambda: seen.total)
        server.stop()
        assert sock.recv(100) == b""


def test_an_answer_nobody_waits_for_is_not_counted(server: S3Server) -> None:
    sock = socket.create_connection((server.host, server.port))

    def hang_up(_: S3Server) -> None:
        linger = struct.pack("ii", 1, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        sock.close()

    server.put("box", "small", b"abc")
    server.fault(Fault("GetObject", before=hang_up))
    with server.counting() as seen:
        sock.sendall(b"GET /box/small HTTP/1.1\r\nHost: x\r\n\r\n")
        until(lambda: seen.records and seen.records[0].status)
        assert send(server, "HEAD", "/box/k").status == 200
    assert seen.bytes_out == 0


def test_faults_end_with_a_reset(server: S3Server) -> None:
    server.fault(Fault(status=503))
    server.reset()
    assert send(server, "GET", "/").status == 200
    assert server.faults_fired == 0


def test_a_lying_digest_is_found_out(server: S3Server) -> None:
    wrong = base64.b64encode(b"\0\0\0\1").decode()
    with server.faulty(Fault("PutObject", ignore={"checksum"})):
        reply = send(server, "PUT", "/box/new", b"x", x_amz_checksum_crc32=wrong)
        assert reply.status == 200
    reply = send(server, "PUT", "/box/new", b"x", x_amz_checksum_crc32=wrong)
    assert reply.code == "BadDigest"
