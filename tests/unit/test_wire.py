"""The wire, and servers that answer oddly, late, too early, or not at all."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

import pytest

from s3open import checksums, errors
from s3open.contract import ALWAYS, Attributes, Part
from s3open.location import Location
from tests.unit.answering import Answering, Says, error, ok, reply
from tests.unit.forking import in_child

if TYPE_CHECKING:
    from s3open.s3.wire.verbs import WireVerbs

AT = Location("bucket", "key", "s3://bucket/key")
RANGE = "Content-Range: bytes 0-9/10"
TEN = b"0123456789"
TAKEN = ok(b"", 'ETag: "e"')
OBJECT = ok(TEN, RANGE, 'ETag: "e"', status="206 Partial Content")


def read(verbs: WireVerbs, size: int = 10, *, step: int = 1 << 20) -> bytes:
    """Return what one GET fetches, in reads of *step* bytes."""
    answer = verbs.get_object(AT, range(size))
    data = b""
    room = memoryview(bytearray(step))
    while count := answer.body.readinto(room):
        data += room[:count]
    answer.body.close()
    return data


def put(verbs: WireVerbs, *pieces: bytes) -> None:
    verbs.put_object(AT, pieces, Attributes(), ALWAYS)


def put_error(verbs: WireVerbs, *pieces: bytes) -> errors.S3Error:
    with pytest.raises(errors.S3Error) as caught:
        put(verbs, *pieces)
    return caught.value


def read_error(verbs: WireVerbs) -> errors.S3Error:
    with pytest.raises(errors.S3Error) as caught:
        read(verbs)
    return caught.value


def test_a_get_is_what_it_has_to_be() -> None:
    with Answering([[OBJECT]]) as server:
        found = server.verbs().get_object(AT, range(10), if_match='"e"')
        found.body.close()
    assert (found.span, found.info.size, found.info.etag) == (range(10), 10, '"e"')
    (asked,) = server.asked
    assert asked.line == "GET /bucket/key HTTP/1.1"
    assert asked.headers["range"] == "bytes=0-9"
    assert asked.headers["if-match"] == '"e"'
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIA")
    assert "content-length" not in asked.headers


@pytest.mark.parametrize("step", [1, 3, 10, 100])
@pytest.mark.parametrize(
    "answer",
    [
        OBJECT,
        reply(TEN, RANGE),
        reply(TEN, RANGE, "Connection: close"),
        b"HTTP/1.0 200 OK\r\n" + RANGE.encode() + b"\r\n\r\n" + TEN,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OBJECT,
        reply(
            b"3\r\n012\r\n6;name=x\r\n345678\r\n01\r\n9\r\n0\r\nTrailer: x\r\n\r\n",
            RANGE,
            "Transfer-Encoding: chunked",
        ),
        b"HTTP/1.1 206\r\ncontent-RANGE:bytes 0-9/10\r\nContent-length:10\r\n\r\n"
        + TEN,
    ],
    ids=["length", "close", "told", "1.0", "interim", "chunked", "bare"],
)
def test_a_body_is_read_whichever_way_it_ends(answer: bytes, step: int) -> None:
    with Answering([[answer]]) as server:
        assert read(server.verbs(), step=step) == TEN


def test_memory_is_filled_by_one_call() -> None:
    content = bytes(range(256)) * 4096
    answer = ok(content, f"Content-Range: bytes 0-{len(content) - 1}/{len(content)}")
    with Answering([[answer]]) as server:
        body = server.verbs().get_object(AT, range(len(content))).body
        room = bytearray(len(content))
        assert body.readinto(memoryview(room)[:700_000]) == 700_000
        assert body.readinto(memoryview(room)[700_000:]) == len(content) - 700_000
        assert body.readinto(memoryview(bytearray(1))) == 0
    assert room == content


def test_no_more_is_read_than_the_answer_said() -> None:
    answer = ok(TEN, "Content-Range: bytes 0-3/10")
    with Answering([[answer]]) as server:
        assert read(server.verbs()) == b"0123"


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"0123", "Content-Length: 10", RANGE),
        reply(b"2\r\n01\r\n8\r\n23", "Transfer-Encoding: chunked", RANGE),
        reply(b"2\r\n01\r\n2\r\n23\r\n", "Transfer-Encoding: chunked", RANGE),
        reply(b"0123", RANGE),
    ],
)
def test_a_body_that_breaks_off_just_ends(answer: bytes) -> None:
    with Answering([[answer]]) as server:
        assert read(server.verbs()) == b"0123"


@pytest.mark.parametrize(
    "answer",
    [
        reply(TEN, 'ETag: "e"'),
        reply(b"0\r\n\r\n", 'ETag: "e"', "Transfer-Encoding: chunked"),
        ok(TEN, "Content-Range: bytes 0-9/*"),
        ok(TEN, "Content-Range: nonsense"),
        ok(TEN, 'ETag: "e"', status="206 Partial Content"),
    ],
)
def test_an_answer_that_does_not_say_what_it_is_is_an_error(answer: bytes) -> None:
    with Answering([[answer]]) as server:
        assert "how long the object is" in str(read_error(server.verbs()))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"hello\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"x" * 70_000 + b"\r\n\r\n",
        reply(TEN, RANGE, "Content-Length: -10"),
        reply(TEN, RANGE, "Content-Length: 10", "Content-Length: 11"),
        reply(b"-1\r\n", RANGE, "Transfer-Encoding: chunked"),
    ],
)
def test_what_is_no_http_is_a_connection_error(answer: bytes) -> None:
    with Answering([[answer]]) as server:
        failed = read_error(server.verbs())
    assert isinstance(failed, ConnectionError)
    assert (failed.retryable, failed.ambiguous) == (True, True)
    assert failed.filename == AT.uri


def test_a_long_head_is_read() -> None:
    many = [f"x-amz-meta-{number}: {'v' * 1000}" for number in range(40)]
    with Answering([[ok(TEN, RANGE, *many)] * 2]) as server:
        verbs = server.verbs()
        assert read(verbs) == TEN
        found = verbs.get_object(AT, range(10))
        assert found.info.metadata["39"] == "v" * 1000
        found.body.close()


def test_a_silent_server_is_a_timeout() -> None:
    with Answering([[Says(silent=True)]]) as server:
        failed = read_error(server.verbs(timeouts=(10.0, 0.05)))
    assert isinstance(failed, TimeoutError)
    assert failed.ambiguous


def test_what_came_before_a_timeout_is_not_lost() -> None:
    answer = reply(b"0123", "Content-Length: 10", RANGE)
    with Answering([[Says(answer, silent=True)]]) as server:
        body = server.verbs(timeouts=(10.0, 0.05)).get_object(AT, range(10)).body
        room = memoryview(bytearray(10))
        assert body.readinto(room) == 4
        for _ in range(2):
            with pytest.raises(errors.S3TimeoutError):
                body.readinto(room)


def test_fifty_requests_take_one_connection() -> None:
    with Answering([[OBJECT, TAKEN] * 25]) as server:
        verbs = server.verbs()
        for _ in range(25):
            assert read(verbs) == TEN
            put(verbs, b"x")
    assert {asked.connection for asked in server.asked} == {0}


@pytest.mark.parametrize(
    "odd",
    [
        error("NoSuchKey", "404 Not Found"),
        ok(b"x" * 60_000, "Content-Range: bytes 0-59999/60000"),
        reply(b"a\r\n0123456789\r\n0\r\n\r\n", RANGE, "Transfer-Encoding: chunked"),
    ],
)
def test_a_connection_is_kept_behind_what_is_short(odd: bytes) -> None:
    with Answering([[odd, OBJECT]]) as server:
        verbs = server.verbs()
        with contextlib.suppress(FileNotFoundError):
            verbs.get_object(AT, range(10)).body.close()
        assert read(verbs) == TEN
    assert [asked.connection for asked in server.asked] == [0, 0]


def test_a_connection_is_dropped_where_much_is_unread() -> None:
    much = ok(bytes(300_000), "Content-Range: bytes 0-299999/300000")
    with Answering([[much], [OBJECT]]) as server:
        verbs = server.verbs()
        verbs.get_object(AT, range(10)).body.close()
        assert read(verbs) == TEN
    assert [asked.connection for asked in server.asked] == [0, 1]


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_a_connection_that_was_closed_meanwhile_is_replaced(size: int) -> None:
    # Without an answer, as if both had crossed on their way.
    with Answering([[TAKEN, b""], [TAKEN]]) as server:
        verbs = server.verbs()
        put(verbs, b"x")
        put(verbs, b"x" * size)
    assert [asked.connection for asked in server.asked] == [0, 0, 1]
    assert server.asked[-1].body == b"x" * size


def test_a_request_is_not_sent_again_when_an_answer_had_begun() -> None:
    with Answering([[OBJECT, b"HTTP/1.1 200"], [OBJECT]]) as server:
        verbs = server.verbs()
        read(verbs)
        assert put_error(verbs, b"x").ambiguous
    assert len(server.asked) == 2


def test_nor_when_the_connection_was_new() -> None:
    with Answering([[b""], [OBJECT]]) as server:
        assert put_error(server.verbs(), b"x").ambiguous
    assert len(server.asked) == 1


def test_an_error_behind_a_replaced_connection_may_hide_a_success() -> None:
    with Answering([[OBJECT, b""], [error("PreconditionFailed", "412 No")]]) as server:
        verbs = server.verbs()
        read(verbs)
        failed = put_error(verbs, b"x")
    assert (failed.status, failed.ambiguous) == (412, True)


def test_who_cannot_be_reached_was_sent_nothing() -> None:
    with Answering([]) as server:
        verbs = server.verbs()
    failed = put_error(verbs, b"x")
    assert isinstance(failed, ConnectionError)
    assert not failed.ambiguous
    assert f"127.0.0.1:{server.port}" in str(failed)


@pytest.mark.parametrize("count", [0, 1, 100, 5000])
def test_pieces_arrive_as_one_body(count: int) -> None:
    pieces = [bytes([number % 256]) * 1000 for number in range(count)]
    with Answering([[Says(TAKEN, interim=b"HTTP/1.1 100 Continue\r\n\r\n")]]) as server:
        put(server.verbs(), *pieces, b"", b"end")
    (asked,) = server.asked
    assert asked.body == b"".join(pieces) + b"end"
    crc = checksums.encode("crc64nvme", checksums.crc("crc64nvme", asked.body))
    assert asked.headers["x-amz-checksum-crc64nvme"] == crc
    assert "x-amz-checksum-crc64nvme" in asked.headers["authorization"]
    assert asked.headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"


def test_an_error_that_comes_before_the_body_ends_is_read() -> None:
    answer = error("AccessDenied", "403 Forbidden")
    with Answering([[Says(answer, early=True)], [OBJECT]]) as server:
        verbs = server.verbs()
        failed = put_error(verbs, *[bytes(1 << 20)] * 64)
        assert read(verbs) == TEN
    assert (failed.code, failed.status) == ("AccessDenied", 403)


def test_a_success_that_comes_before_the_body_ends_is_none() -> None:
    with Answering([[Says(TAKEN, early=True)]]) as server:
        failed = put_error(server.verbs(), bytes(64 << 20))
    assert isinstance(failed, ConnectionError)
    assert failed.ambiguous


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (ok(b"<Error><Code>InternalError</Code></Error>"), "InternalError"),
        (ok(b"<Completed"), ""),
        (ok(), ""),
    ],
)
def test_an_error_in_a_success_is_an_error(answer: bytes, code: str) -> None:
    with Answering([[answer, answer]]) as server:
        verbs = server.verbs()
        for ask in (
            lambda: verbs.complete_multipart_upload(AT, "u", [Part("e", 1)], ALWAYS),
            lambda: verbs.upload_part_copy(AT, "u", 1, range(5), if_match='"e"'),
        ):
            with pytest.raises(errors.S3ServerError) as caught:
                ask()
            assert caught.value.code == code
            assert caught.value.retryable


def test_an_upload_in_parts() -> None:
    created = b'<InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><UploadId>u&amp;1'
    copied = b'<CopyPartResult><ETag>"c"</ETag></CopyPartResult>'
    crc = checksums.crc("crc64nvme", b"abc")
    echo = f"x-amz-checksum-crc64nvme: {checksums.encode('crc64nvme', crc)}"
    script = [
        ok(created + b"</UploadId></InitiateMultipartUploadResult>"),
        ok(b"", 'ETag: "p"', echo),
        ok(copied),
        ok(b"<CompleteMultipartUploadResult/>"),
        error("NoSuchUpload", "404 Not Found"),
        ok(b"", status="204 No Content"),
    ]
    with Answering([script]) as server:
        verbs = server.verbs()
        upload = verbs.create_multipart_upload(AT, Attributes("text/x", {"a": "b"}))
        parts = [
            verbs.upload_part(AT, upload, 1, [b"ab", b"c"]),
            verbs.upload_part_copy(AT, upload, 2, range(3, 9), if_match='"e"'),
        ]
        verbs.complete_multipart_upload(AT, upload, parts, ALWAYS)
        assert not verbs.upload_exists(AT, upload)
        verbs.abort_multipart_upload(AT, upload)
    assert upload == "u&1"
    assert parts == [Part('"p"', 3, crc), Part('"c"', 6)]
    lines = [asked.line.partition(" HTTP")[0] for asked in server.asked]
    assert lines == [
        "POST /bucket/key?uploads=",
        "PUT /bucket/key?partNumber=1&uploadId=u%261",
        "PUT /bucket/key?partNumber=2&uploadId=u%261",
        "POST /bucket/key?uploadId=u%261",
        "GET /bucket/key?max-parts=1&uploadId=u%261",
        "DELETE /bucket/key?uploadId=u%261",
    ]
    assert server.asked[0].headers["x-amz-meta-a"] == "b"
    assert server.asked[2].headers["x-amz-copy-source"] == "bucket/key"
    assert b"<PartNumber>2</PartNumber>" in server.asked[3].body


def test_credentials_of_a_session_are_signed_with_their_token() -> None:
    from s3open.s3.wire.signer import Credentials

    with Answering([[OBJECT]]) as server:
        read(server.verbs(credentials=lambda: Credentials("A", "S", "token")))
    headers = server.asked[0].headers
    assert headers["x-amz-security-token"] == "token"
    assert "x-amz-security-token" in headers["authorization"]


def test_who_is_anonymous_signs_nothing() -> None:
    with Answering([[OBJECT]]) as server:
        read(server.verbs(credentials=lambda: None))
    assert not {"authorization", "x-amz-date"} & server.asked[0].headers.keys()


def test_checksums_are_left_out_where_they_are_not_wanted() -> None:
    root = b"InitiateMultipartUploadResult"
    created = ok(b"<%s><UploadId>u</UploadId></%s>" % (root, root))
    with Answering([[TAKEN, created]]) as server:
        verbs = server.verbs(checksums=False)
        put(verbs, b"x")
        verbs.create_multipart_upload(AT, Attributes())
    for asked in server.asked:
        assert not [name for name in asked.headers if "checksum" in name]


def test_a_body_is_signed_where_others_may_change_it() -> None:
    import hashlib

    from s3open.s3.wire.connection import Peer

    with Answering([[TAKEN]]) as server:
        settings = server.settings()

        def place(bucket: str, region: str | None) -> Any:
            # Every address of this machine, which does not look like it.
            found = settings.address(bucket, region)
            return found._replace(peer=Peer("0.0.0.0", server.port, False))

        put(server.verbs(address=place), b"a", b"b")
    digest = hashlib.sha256(b"ab").hexdigest()
    assert server.asked[0].headers["x-amz-content-sha256"] == digest


def test_a_child_leaves_the_parent_s_connection_to_the_parent() -> None:
    with Answering([[OBJECT, OBJECT], [OBJECT]]) as server:
        verbs = server.verbs()
        read(verbs)
        assert in_child(lambda: read(verbs)) == TEN
        read(verbs)
    assert [asked.connection for asked in server.asked] == [0, 1, 0]


def test_threads_share_the_verbs() -> None:
    found: list[bytes] = []

    def work(verbs: WireVerbs) -> None:
        found.extend([read(verbs) for _ in range(12)])

    with Answering([[OBJECT] * 100] * 8) as server:
        arguments = (server.verbs(),)
        threads = [threading.Thread(target=work, args=arguments) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Else the server waits for more.
        del arguments
        threads.clear()
        del thread
    assert found == [TEN] * 96
