"""Objects of the test server: keys, metadata, ranges."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from s3open.testing import S3Server, synthetic_bytes
from tests.test_testing_support import client_of, code, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GIB = 1024**3


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


def test_what_is_put_is_got(server: S3Server, client: Any) -> None:
    put = client.put_object(Bucket="box", Key="k", Body=b"hello")
    got = client.get_object(Bucket="box", Key="k")
    assert got["Body"].read() == b"hello"
    assert put["ETag"] == got["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'
    assert got["ContentType"] == "binary/octet-stream"
    assert server.read("box", "k") == b"hello"


@pytest.mark.parametrize(
    "key",
    [
        "a//b",
        "./x",
        "../x",
        "a/./b/../c",
        "? # % + & = ;",
        "%2F%41",
        "line\nfeed\rreturn\ttab",
        "\x01\x1f",
        "ünïcödé ☃ 𝄞",
        "/leading",
        "trailing/",
        "//",
        "~*'()!$@:,",
        "k" * 1024,
    ],
)
def test_keys_are_kept_to_the_byte(server: S3Server, client: Any, key: str) -> None:
    client.put_object(Bucket="box", Key=key, Body=b"1")
    assert server.keys("box") == [key]
    assert client.get_object(Bucket="box", Key=key)["Body"].read() == b"1"
    listed = client.list_objects_v2(Bucket="box")["Contents"]
    assert [one["Key"] for one in listed] == [key]
    client.delete_object(Bucket="box", Key=key)
    assert server.keys("box") == []


def test_a_key_of_more_than_1024_bytes_is_refused(
    server: S3Server, client: Any
) -> None:
    with pytest.raises(ClientError) as error:
        client.put_object(Bucket="box", Key="ü" * 513, Body=b"")
    assert code(error) == (400, "KeyTooLongError")


def test_a_path_that_is_not_utf_8_is_refused(server: S3Server) -> None:
    assert b"<Code>InvalidURI</Code>" in send(server, "GET", "/box/%ff").body


def test_an_error_is_a_document_with_identity(server: S3Server) -> None:
    reply = send(server, "GET", "/box/a%20b")
    assert reply.status == 404
    assert reply.headers["content-type"] == "application/xml"
    for text in (
        b"<Code>NoSuchKey</Code>",
        b"<Key>a b</Key>",
        b"<Resource>/box/a%20b</Resource>",
        f"<RequestId>{reply.headers['x-amz-request-id']}</RequestId>".encode(),
        f"<HostId>{reply.headers['x-amz-id-2']}</HostId>".encode(),
    ):
        assert text in reply.body


def test_a_head_has_no_body_even_for_an_error(server: S3Server) -> None:
    reply = send(server, "HEAD", "/box/none")
    assert (reply.status, reply.body) == (404, b"")


def test_a_missing_bucket_is_another_error(server: S3Server, client: Any) -> None:
    calls: list[Callable[[], object]] = [
        lambda: client.get_object(Bucket="gone", Key="k"),
        lambda: client.put_object(Bucket="gone", Key="k", Body=b"x"),
        lambda: client.list_objects_v2(Bucket="gone"),
    ]
    for call in calls:
        with pytest.raises(ClientError) as error:
            call()
        assert code(error) == (404, "NoSuchBucket")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/box?inventory"),
        ("PUT", "/box?metrics"),
        ("GET", "/box/k?torrent"),
        ("POST", "/box/k?select"),
        ("POST", "/box/k"),
        ("PATCH", "/box/k"),
        ("DELETE", "/"),
    ],
)
def test_other_operations_are_not_implemented(
    server: S3Server, method: str, path: str
) -> None:
    server.put("box", "k", b"x")
    reply = send(server, method, path)
    assert (reply.status, b"NotImplemented" in reply.body) == (501, True)
    assert server.keys("box") == ["k"]


def test_metadata_comes_back(server: S3Server, client: Any) -> None:
    about = {
        "CacheControl": "no-store",
        "ContentDisposition": "inline",
        "ContentEncoding": "gzip",
        "ContentLanguage": "de",
        "ContentType": "text/x-thing",
        "StorageClass": "STANDARD_IA",
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": "key-1",
        "WebsiteRedirectLocation": "/other",
    }
    client.put_object(
        Bucket="box",
        Key="k",
        Metadata={"One": "1", "two": "zwei"},
        Tagging="a=1&b=2",
        Expires="Wed, 21 Oct 2026 07:28:00 GMT",
        **about,
    )
    for answer in (
        client.head_object(Bucket="box", Key="k"),
        client.get_object(Bucket="box", Key="k"),
    ):
        assert {name: answer[name] for name in about} == about
        assert answer["Metadata"] == {"one": "1", "two": "zwei"}
        assert answer["TagCount"] == 2
        assert answer["ExpiresString"] == "Wed, 21 Oct 2026 07:28:00 GMT"
    assert server.head("box", "k").metadata == {"one": "1", "two": "zwei"}


def test_a_reader_may_override_headers(server: S3Server, client: Any) -> None:
    server.put("box", "k", b"x", content_type="text/plain")
    got = client.get_object(
        Bucket="box", Key="k", ResponseContentType="text/html", ResponseExpires="0"
    )
    assert got["ContentType"] == "text/html"


def test_metadata_of_more_than_2_kilobytes_is_refused(
    server: S3Server, client: Any
) -> None:
    client.put_object(Bucket="box", Key="k", Metadata={"k": "v" * 2047})
    with pytest.raises(ClientError) as error:
        client.put_object(Bucket="box", Key="k", Metadata={"k": "v" * 2048})
    assert code(error) == (400, "MetadataTooLarge")


def test_tags_can_be_changed(server: S3Server, client: Any) -> None:
    server.put("box", "k", b"x")
    tags = [{"Key": "a", "Value": "<1>"}, {"Key": "b", "Value": ""}]
    client.put_object_tagging(Bucket="box", Key="k", Tagging={"TagSet": tags})
    assert client.get_object_tagging(Bucket="box", Key="k")["TagSet"] == tags
    client.delete_object_tagging(Bucket="box", Key="k")
    assert client.get_object_tagging(Bucket="box", Key="k")["TagSet"] == []


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([("k", "1"), ("k", "2")], "InvalidTag"),
        ([("k" * 129, "1")], "InvalidTag"),
        ([(str(number), "") for number in range(11)], "BadRequest"),
    ],
)
def test_impossible_tags_are_refused(
    server: S3Server, client: Any, tags: list[tuple[str, str]], expected: str
) -> None:
    server.put("box", "k", b"x")
    tag_set = [{"Key": key, "Value": value} for key, value in tags]
    with pytest.raises(ClientError) as error:
        client.put_object_tagging(Bucket="box", Key="k", Tagging={"TagSet": tag_set})
    assert code(error) == (400, expected)


def test_archived_objects_cannot_be_read(server: S3Server, client: Any) -> None:
    server.put("box", "k", b"x", x_amz_storage_class="DEEP_ARCHIVE")
    assert client.head_object(Bucket="box", Key="k")["StorageClass"] == "DEEP_ARCHIVE"
    with pytest.raises(ClientError) as error:
        client.get_object(Bucket="box", Key="k")
    assert code(error) == (403, "InvalidObjectState")


@pytest.mark.parametrize(
    ("text", "expected", "content_range"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=7-99", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
        ("bytes=0-9", b"0123456789", "bytes 0-9/10"),
    ],
)
def test_ranges(
    server: S3Server, text: str, expected: bytes, content_range: str
) -> None:
    server.put("box", "k", b"0123456789")
    reply = send(server, "GET", "/box/k", Range=text)
    assert (reply.status, reply.body) == (206, expected)
    assert reply.headers["Content-Range"] == content_range
    head = send(server, "HEAD", "/box/k", Range=text)
    assert head.status == 206
    assert head.headers["Content-Length"] == str(len(expected))


@pytest.mark.parametrize("text", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(server: S3Server, text: str) -> None:
    server.put("box", "k", b"0123456789")
    reply = send(server, "GET", "/box/k", Range=text)
    assert reply.status == 416
    assert reply.headers["Content-Range"] == "bytes */10"
    assert b"<Code>InvalidRange</Code>" in reply.body
    assert b"<ActualObjectSize>10</ActualObjectSize>" in reply.body


@pytest.mark.parametrize("text", ["bytes=0-", "bytes=0-0", "bytes=-1"])
def test_no_range_of_an_empty_object_can_be_had(server: S3Server, text: str) -> None:
    server.put("box", "k", b"")
    assert send(server, "GET", "/box/k", Range=text).status == 416


@pytest.mark.parametrize(
    "text", ["bytes=a-b", "bytes=4-2", "bytes=-", "bytes=0-1,3-4", "lines=1-2"]
)
def test_a_range_nobody_understands_is_none(server: S3Server, text: str) -> None:
    server.put("box", "k", b"0123456789")
    reply = send(server, "GET", "/box/k", Range=text)
    assert (reply.status, reply.body) == (200, b"0123456789")


def test_the_only_part_of_an_empty_object_is_all_of_it(server: S3Server) -> None:
    server.put("box", "k", b"")
    assert send(server, "GET", "/box/k?partNumber=1").status == 200


def test_attributes(server: S3Server, client: Any) -> None:
    client.put_object(
        Bucket="box", Key="k", Body=b"123456789", ChecksumAlgorithm="CRC32C"
    )
    names = ["ETag", "Checksum", "ObjectSize", "StorageClass", "ObjectParts"]
    answer = client.get_object_attributes(Bucket="box", Key="k", ObjectAttributes=names)
    assert (answer["ObjectSize"], answer["StorageClass"]) == (9, "STANDARD")
    assert answer["ETag"] == "25f9e794323b453885f5181f1b624d0b"
    assert answer["Checksum"]["ChecksumCRC32C"] == "4waSgw=="
    assert "ObjectParts" not in answer
    with pytest.raises(ClientError) as error:
        client.get_object_attributes(Bucket="box", Key="k", ObjectAttributes=["Colour"])
    assert code(error) == (400, "InvalidArgument")


def test_synthetic_objects_follow_from_their_offsets(
    server: S3Server, client: Any
) -> None:
    size = 48 * 1024 * GIB
    server.synthetic("box", "huge", size, seed=7)
    assert client.head_object(Bucket="box", Key="huge")["ContentLength"] == size
    for span in (
        range(0, 100),
        range(3 * 1024**2 - 5, 5 * 1024**2 + 7),
        range(size - 1000, size),
    ):
        text = f"bytes={span.start}-{span.stop - 1}"
        got = client.get_object(Bucket="box", Key="huge", Range=text)["Body"].read()
        assert got == synthetic_bytes(span, seed=7)


def test_synthetic_content_tells_offsets_and_seeds_apart() -> None:
    start = synthetic_bytes(range(0, 64))
    for offset in (1, 1024**2, 8 * 1024**2, 5 * GIB):
        assert synthetic_bytes(range(offset, offset + 64)) != start
    assert synthetic_bytes(range(0, 64), seed=1) != start
    whole = synthetic_bytes(range(0, 5_000_000))
    assert synthetic_bytes(range(4_100_000, 4_300_000)) == whole[4_100_000:4_300_000]


def test_an_object_on_a_bucket_host_is_the_same(server: S3Server) -> None:
    server.put("box", "a//b", b"x")
    for host in ("box.localhost:1234", "box.s3.localhost"):
        assert send(server, "GET", "/a//b", Host=host).body == b"x"
    for host in ("localhost", "s3.localhost:1"):
        assert send(server, "GET", "/box/a//b", Host=host).body == b"x"


def test_direct_access_speaks_python(server: S3Server) -> None:
    etag = server.put("box", "k", b"data", x_amz_meta_m="1")
    stored = server.head("box", "k")
    assert (stored.etag, stored.size, stored.metadata) == (etag, 4, {"m": "1"})
    assert "4 bytes" in repr(stored)
    server.delete("box", "k")
    for call in (server.read, server.head, server.delete):
        with pytest.raises(KeyError):
            call("box", "k")
    with pytest.raises(KeyError):
        server.keys("nowhere")
    for name in ("box", "No", "a", "a..b"):
        with pytest.raises(ValueError, match=name):
            server.create_bucket(name)


def test_last_modified_is_a_date_of_http(server: S3Server) -> None:
    server.put("box", "k", b"")
    stored = server.head("box", "k")
    expected = formatdate(stored.modified, usegmt=True)
    assert send(server, "HEAD", "/box/k").headers["Last-Modified"] == expected
