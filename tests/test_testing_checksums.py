"""Checksums sent to the test server, in headers and in trailers."""

from __future__ import annotations

import base64
import hashlib
import http.client
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum

from s3open.testing import S3Server
from tests.test_testing_support import client_of, send

if TYPE_CHECKING:
    from collections.abc import Iterator

# The check values of the catalogue of CRCs, for these nine digits.
DIGITS = b"123456789"
SUMS = {
    "crc32": "y/Q5Jg==",
    "crc32c": "4waSgw==",
    "crc64nvme": "rosUhgp5mIg=",
    "sha1": base64.b64encode(hashlib.sha1(DIGITS).digest()).decode(),
    "sha256": base64.b64encode(hashlib.sha256(DIGITS).digest()).decode(),
}
MD5 = base64.b64encode(hashlib.md5(DIGITS).digest()).decode()
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with S3Server(anonymous=True, min_part_size=1) as server:
        yield server


@pytest.fixture
def server(running: S3Server) -> S3Server:
    running.reset()
    running.create_bucket("box")
    return running


@pytest.fixture(scope="module")
def client(running: S3Server) -> Any:
    return client_of(running)


@pytest.mark.parametrize("algorithm", SUMS)
def test_a_right_checksum_is_kept_and_told(server: S3Server, algorithm: str) -> None:
    header = f"x-amz-checksum-{algorithm}"
    put = send(server, "PUT", "/box/k", DIGITS, {header: SUMS[algorithm]})
    assert (put.status, put.headers[header]) == (200, SUMS[algorithm])
    for method in ("GET", "HEAD"):
        asked = {"x-amz-checksum-mode": "ENABLED"}
        reply = send(server, method, "/box/k", headers=asked)
        assert reply.headers[header] == SUMS[algorithm]
        assert reply.headers["x-amz-checksum-type"] == "FULL_OBJECT"


@pytest.mark.parametrize("algorithm", SUMS)
def test_a_wrong_checksum_is_refused(server: S3Server, algorithm: str) -> None:
    headers = {f"x-amz-checksum-{algorithm}": SUMS[algorithm]}
    reply = send(server, "PUT", "/box/k", b"other", headers)
    assert (reply.status, reply.code) == (400, "BadDigest")
    assert server.keys("box") == []


@pytest.mark.parametrize(
    "headers",
    [
        {"x-amz-checksum-crc32": "no base64!"},
        {"x-amz-checksum-crc32": SUMS["crc64nvme"]},
        {"x-amz-checksum-crc32": SUMS["crc32"], "x-amz-checksum-sha1": SUMS["sha1"]},
        {"x-amz-sdk-checksum-algorithm": "CRC32"},
        {"x-amz-trailer": "x-amz-checksum-md4"},
    ],
)
def test_checksums_that_make_no_sense_are_refused(
    server: S3Server, headers: dict[str, str]
) -> None:
    reply = send(server, "PUT", "/box/k", DIGITS, headers)
    assert (reply.status, reply.code) == (400, "InvalidRequest")


@pytest.mark.parametrize(
    ("md5", "expected"),
    [
        (MD5, (200, "")),
        (base64.b64encode(bytes(16)).decode(), (400, "BadDigest")),
        ("short", (400, "InvalidDigest")),
        ("no base64!", (400, "InvalidDigest")),
    ],
)
def test_content_md5(server: S3Server, md5: str, expected: tuple[int, str]) -> None:
    reply = send(server, "PUT", "/box/k", DIGITS, {"Content-MD5": md5})
    assert (reply.status, reply.code) == expected


def test_without_a_checksum_there_is_crc64nvme(server: S3Server) -> None:
    reply = send(server, "PUT", "/box/k", DIGITS)
    assert reply.headers["x-amz-checksum-crc64nvme"] == SUMS["crc64nvme"]
    server.put("box", "direct", DIGITS)
    checksum = server.head("box", "direct").checksum
    assert checksum is not None
    assert checksum.value == SUMS["crc64nvme"]


def test_checksums_are_told_for_whole_objects_that_ask(server: S3Server) -> None:
    server.put("box", "k", DIGITS)
    asked = {"x-amz-checksum-mode": "ENABLED"}
    name = "x-amz-checksum-crc64nvme"
    assert name not in send(server, "GET", "/box/k").headers
    assert name in send(server, "GET", "/box/k", headers=asked).headers
    ranged = {**asked, "Range": "bytes=0-7"}
    assert name not in send(server, "GET", "/box/k", headers=ranged).headers


def test_a_range_that_is_all_of_the_object_has_its_checksum(server: S3Server) -> None:
    send(server, "PUT", "/box/k", b"0123456789")
    asked = {"x-amz-checksum-mode": "ENABLED"}
    whole = send(server, "GET", "/box/k", headers=asked)
    for text, told in (("0-9", True), ("0-99", True), ("1-9", False), ("0-8", False)):
        ranged = {**asked, "range": f"bytes={text}"}
        reply = send(server, "GET", "/box/k", headers=ranged)
        found = reply.headers.get("x-amz-checksum-crc64nvme")
        assert reply.status == 206
        assert found == (whole.headers["x-amz-checksum-crc64nvme"] if told else None)


def test_boto3_finds_its_checksums_right(server: S3Server, client: Any) -> None:
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        client.put_object(
            Bucket="box", Key="k", Body=DIGITS, ChecksumAlgorithm=algorithm
        )
        got = client.get_object(Bucket="box", Key="k", ChecksumMode="ENABLED")
        assert got["Body"].read() == DIGITS
        assert got[f"Checksum{algorithm}"] == SUMS[algorithm.lower()]


def trailing(checksum: type[Crc32Checksum] = Crc32Checksum) -> AwsChunkedWrapper:
    name = "x-amz-checksum-crc32"
    return AwsChunkedWrapper(
        BytesIO(DIGITS * 5000),
        checksum_cls=checksum,
        checksum_name=name,
        chunk_size=16_384,
    )


STREAMED = {
    "x-amz-content-sha256": UNSIGNED_TRAILER,
    "x-amz-decoded-content-length": "45000",
    "x-amz-trailer": "x-amz-checksum-crc32",
    "Content-Encoding": "aws-chunked,gzip",
}


def test_botocores_trailers_are_understood(server: S3Server) -> None:
    reply = send(server, "PUT", "/box/k", trailing().read(), STREAMED)
    assert reply.status == 200
    assert server.read("box", "k") == DIGITS * 5000
    assert server.head("box", "k").about.headers == {"content-encoding": "gzip"}
    checksum = server.head("box", "k").checksum
    assert checksum is not None
    assert checksum.algorithm == "crc32"


def test_trailers_may_come_in_http_chunks(server: S3Server) -> None:
    headers = {**STREAMED, "Transfer-Encoding": "chunked"}
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    connection.request("PUT", "/box/k", iter(trailing()), headers, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    assert server.read("box", "k") == DIGITS * 5000


class WrongChecksum(Crc32Checksum):  # type: ignore[misc, unused-ignore]  # no types
    def digest(self) -> bytes:
        return b"nope"


def test_a_wrong_trailer_is_refused(server: S3Server) -> None:
    body = trailing(WrongChecksum).read()
    reply = send(server, "PUT", "/box/k", body, STREAMED)
    assert (reply.status, reply.code) == (400, "BadDigest")
    assert server.keys("box") == []


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (b"9\r\n123456789\r\n0\r\n\r\n", {}, "MalformedTrailerError"),
        (b"9\r\n123456789\r\n", {}, "IncompleteBody"),
        (b"9\r\n12345", {}, "IncompleteBody"),
        (b"9\r\n123456789--0\r\n\r\n", {}, "IncompleteBody"),
        (b"-9\r\n123456789\r\n0\r\n\r\n", {}, "IncompleteBody"),
        (b"x\r\n123456789\r\n0\r\n\r\n", {}, "IncompleteBody"),
        (b"9;colour=red\r\n123456789\r\n0\r\n\r\n", {}, "IncompleteBody"),
        (
            b"9\r\n123456789\r\n0\r\n\r\n",
            {"x-amz-decoded-content-length": "8"},
            "IncompleteBody",
        ),
        (
            b"4\r\n1234\r\n5\r\n56789\r\n0\r\n\r\n",
            {},
            "InvalidChunkSizeError",
        ),
    ],
)
def test_broken_chunks_are_refused(
    server: S3Server, body: bytes, headers: dict[str, str], expected: str
) -> None:
    usual = {**STREAMED, "x-amz-decoded-content-length": "9", **headers}
    assert send(server, "PUT", "/box/k", body, usual).code == expected


def test_lengths_of_streams_are_numbers(server: S3Server) -> None:
    headers = {**STREAMED, "x-amz-decoded-content-length": "many"}
    assert send(server, "PUT", "/box/k", b"", headers).code == "InvalidArgument"


def test_a_streamed_body_has_to_tell_its_length(server: S3Server) -> None:
    headers = {"x-amz-content-sha256": UNSIGNED_TRAILER}
    reply = send(server, "PUT", "/box/k", b"0\r\n\r\n", headers)
    assert (reply.status, reply.code) == (411, "MissingContentLength")


def test_a_large_body_is_verified_too(server: S3Server) -> None:
    body = DIGITS * 500_000
    digest = hashlib.sha256(body).digest()
    headers = {"x-amz-checksum-sha256": base64.b64encode(digest).decode()}
    assert send(server, "PUT", "/box/k", body, headers).status == 200
    wrong = send(server, "PUT", "/box/k", body[:-1] + b"!", headers)
    assert wrong.code == "BadDigest"
    assert server.read("box", "k") == body


def test_deleting_many_needs_a_checksum(server: S3Server) -> None:
    body = b"<Delete><Object><Key>k</Key></Object></Delete>"
    assert send(server, "POST", "/box?delete", body).code == "InvalidRequest"
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    headers = {"Content-MD5": md5}
    assert send(server, "POST", "/box?delete", body, headers).status == 200


def test_bodies_not_kept_are_verified_all_the_same() -> None:
    with S3Server(anonymous=True, keep_bodies=False) as server:
        server.create_bucket("box")
        header = "x-amz-checksum-crc32"
        for path, body, headers in (
            ("/box/k", DIGITS, {header: SUMS["crc32"]}),
            ("/box/k", trailing().read(), STREAMED),
        ):
            assert send(server, "PUT", path, body, headers).status == 200
        wrong = send(server, "PUT", "/box/k", b"x", {header: SUMS["crc32"]})
        assert wrong.code == "BadDigest"
        assert server.head("box", "k").size == 45_000
        assert server.head("box", "k").content.synthetic


def upload_of_one_part(server: S3Server) -> bytes:
    """Return the answer to the completion of a small multipart upload."""
    begun = send(server, "POST", "/box/parts?uploads").body.decode()
    upload = begun.partition("<UploadId>")[2].partition("</UploadId>")[0]
    target = f"/box/parts?uploadId={upload}"
    part = send(server, "PUT", f"{target}&partNumber=1", DIGITS)
    assert not [name for name in part.headers if "checksum" in name]
    named = (
        f"<Part><PartNumber>1</PartNumber><ETag>{part.headers['ETag']}</ETag></Part>"
    )
    document = f"<CompleteMultipartUpload>{named}</CompleteMultipartUpload>"
    answer = send(server, "POST", target, document.encode())
    assert answer.status == 200
    return answer.body


def test_a_server_without_checksums_ignores_them() -> None:
    with S3Server(anonymous=True, ignore={"checksum"}) as server:
        server.create_bucket("box")
        headers = {"x-amz-checksum-crc32": "wrong"}
        put = send(server, "PUT", "/box/k", DIGITS, headers)
        asked = {"x-amz-checksum-mode": "ENABLED"}
        got = send(server, "GET", "/box/k", headers=asked)
        assert (put.status, got.body) == (200, DIGITS)
        copy = {"x-amz-copy-source": "box/k"}
        copied = send(server, "PUT", "/box/copy", headers=copy)
        document = b"<Delete><Object><Key>copy</Key></Object></Delete>"
        assert send(server, "POST", "/box?delete", document).status == 200
        assert b"Checksum" not in copied.body + upload_of_one_part(server)
        for reply in (put, got, copied):
            assert not [name for name in reply.headers if "checksum" in name]
