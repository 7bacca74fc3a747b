"""Multipart uploads to the test server."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from s3open.testing import S3Server, synthetic_bytes
from tests.test_testing_support import Upload, client_of, code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIB = 1024**2
GIB = 1024**3
WITHOUT_CHECKSUMS = {"request_checksum_calculation": "when_required"}


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with S3Server(min_part_size=5) as server:
        yield server


@pytest.fixture
def server(running: S3Server) -> S3Server:
    running.reset()
    running.create_bucket("box")
    return running


@pytest.fixture(scope="module")
def client(running: S3Server) -> Any:
    return client_of(running, settings=WITHOUT_CHECKSUMS)


def test_the_parts_become_the_object(server: S3Server, client: Any) -> None:
    upload = Upload(client, ContentType="text/x", Metadata={"m": "1"}, Tagging="t=1")
    bodies = [b"first", b"second", b"3"]
    for number, body in zip((2, 5, 10_000), bodies, strict=True):
        upload.part(number, body)
    assert server.keys("box") == []
    done = upload.complete()
    digests = b"".join(hashlib.md5(body).digest() for body in bodies)
    assert done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-3"'
    assert server.read("box", "k") == b"firstsecond3"
    stored = server.head("box", "k")
    assert (stored.content_type, stored.metadata) == ("text/x", {"m": "1"})
    assert stored.tags == {"t": "1"}
    assert server.uploads("box") == []


def test_ranges_cross_parts(server: S3Server, client: Any) -> None:
    upload = Upload(client)
    for number, body in enumerate((b"01234", b"56789", b"abc"), 1):
        upload.part(number, body)
    upload.complete()
    got = client.get_object(Bucket="box", Key="k", Range="bytes=3-11")
    assert got["Body"].read() == b"3456789ab"


def test_parts_can_be_read_by_their_number(server: S3Server, client: Any) -> None:
    upload = Upload(client)
    for number, body in ((3, b"01234"), (7, b"56789"), (9, b"a")):
        upload.part(number, body)
    upload.complete()
    got = client.get_object(Bucket="box", Key="k", PartNumber=2)
    assert got["Body"].read() == b"56789"
    assert got["ContentRange"] == "bytes 5-9/11"
    head = client.head_object(Bucket="box", Key="k", PartNumber=1)
    assert (head["PartsCount"], head["ContentLength"]) == (3, 5)
    with pytest.raises(ClientError) as error:
        client.get_object(Bucket="box", Key="k", PartNumber=4)
    assert code(error) == (416, "InvalidPartNumber")
    with pytest.raises(ClientError) as error:
        client.get_object(Bucket="box", Key="k", PartNumber=1, Range="bytes=0-1")
    assert code(error) == (400, "InvalidRequest")


def test_a_part_uploaded_again_replaces_itself(server: S3Server, client: Any) -> None:
    upload = Upload(client)
    upload.part(1, b"wrong")
    upload.parts.clear()
    upload.part(1, b"right")
    upload.complete()
    assert server.read("box", "k") == b"right"


def test_small_parts_are_refused_unless_last(server: S3Server, client: Any) -> None:
    upload = Upload(client)
    upload.part(1, b"1234")
    upload.part(2, b"5")
    with pytest.raises(ClientError) as error:
        upload.complete()
    assert code(error) == (400, "EntityTooSmall")
    upload.part(3, b"12345")
    upload.part(4, b"")
    upload.parts = upload.parts[2:]
    upload.complete()
    assert server.read("box", "k") == b"12345"


def test_s3_wants_parts_of_5_mib() -> None:
    with S3Server() as server:
        server.create_bucket("box")
        upload = Upload(client_of(server, settings=WITHOUT_CHECKSUMS))
        upload.part(1, bytes(5 * MIB))
        upload.part(2, bytes(5 * MIB - 1))
        upload.part(3, b"")
        with pytest.raises(ClientError) as error:
            upload.complete()
        assert code(error) == (400, "EntityTooSmall")
        upload.parts.pop()
        upload.complete()


@pytest.mark.parametrize("number", [0, 10_001])
def test_part_numbers_have_limits(server: S3Server, client: Any, number: int) -> None:
    with pytest.raises(ClientError) as error:
        Upload(client).part(number, b"x")
    assert code(error) == (400, "InvalidArgument")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([{"PartNumber": 2, "ETag": "e"}], "InvalidPart"),
        ([{"PartNumber": 1, "ETag": "e"}], "InvalidPart"),
        (
            [{"PartNumber": 2, "ETag": "e"}, {"PartNumber": 1, "ETag": "e"}],
            "InvalidPartOrder",
        ),
        (
            [{"PartNumber": 1, "ETag": "e"}, {"PartNumber": 1, "ETag": "e"}],
            "InvalidPartOrder",
        ),
        ([], "MalformedXML"),
    ],
)
def test_parts_named_wrongly_are_refused(
    server: S3Server, client: Any, parts: list[dict[str, Any]], expected: str
) -> None:
    upload = Upload(client)
    upload.part(1, b"12345")
    upload.parts = parts
    with pytest.raises(ClientError) as error:
        upload.complete()
    assert code(error) == (400, expected)
    assert len(server.uploads("box")) == 1


def test_the_list_of_parts_has_to_be_one(server: S3Server, client: Any) -> None:
    upload = Upload(client)
    upload.parts = [{"PartNumber": 1}]
    with pytest.raises(ClientError) as error:
        upload.complete()
    assert code(error) == (400, "MalformedXML")


def test_what_is_over_is_over(server: S3Server, client: Any) -> None:
    completed, aborted = Upload(client), Upload(client)
    completed.part(1, b"x")
    completed.complete()
    client.abort_multipart_upload(**aborted.named)
    calls: list[Callable[[], object]] = [
        completed.complete,
        lambda: completed.part(2, b"x"),
        lambda: aborted.part(1, b"x"),
        lambda: client.list_parts(**aborted.named),
        lambda: client.abort_multipart_upload(**aborted.named),
        lambda: client.list_parts(Bucket="box", Key="other", UploadId="x"),
    ]
    for call in calls:
        with pytest.raises(ClientError) as error:
            call()
        assert code(error) == (404, "NoSuchUpload")


def test_an_upload_belongs_to_its_key(server: S3Server, client: Any) -> None:
    named = {**Upload(client).named, "Key": "other"}
    with pytest.raises(ClientError) as error:
        client.upload_part(**named, PartNumber=1, Body=b"x")
    assert code(error) == (404, "NoSuchUpload")


def test_the_size_of_the_object_is_verified(server: S3Server, client: Any) -> None:
    upload = Upload(client)
    upload.part(1, b"01234")
    with pytest.raises(ClientError) as error:
        upload.complete(MpuObjectSize=6)
    assert code(error) == (400, "InvalidRequest")
    upload.complete(MpuObjectSize=5)


def test_parts_are_copied(server: S3Server, client: Any) -> None:
    server.put("box", "source", b"0123456789")
    upload = Upload(client)
    for number, span in ((1, "bytes=5-9"), (2, None)):
        more = {"CopySourceRange": span} if span else {}
        copied = client.upload_part_copy(
            **upload.named, PartNumber=number, CopySource="box/source", **more
        )
        etag = copied["CopyPartResult"]["ETag"]
        upload.parts.append({"PartNumber": number, "ETag": etag})
    upload.complete()
    assert server.read("box", "k") == b"567890123456789"


@pytest.mark.parametrize("span", ["bytes=5-10", "bytes=5-", "bytes=-5", "bytes=6-5"])
def test_a_part_is_copied_from_an_exact_range_only(
    server: S3Server, client: Any, span: str
) -> None:
    server.put("box", "source", b"0123456789")
    with pytest.raises(ClientError) as error:
        client.upload_part_copy(
            **Upload(client).named,
            PartNumber=1,
            CopySource="box/source",
            CopySourceRange=span,
        )
    assert code(error) == (400, "InvalidArgument")


def test_synthetic_parts_cost_nothing(server: S3Server, client: Any) -> None:
    size = 15 * GIB
    server.synthetic("box", "source", size, seed=3)
    upload = Upload(client)
    for number in (1, 2, 3):
        start = (number - 1) * 5 * GIB
        copied = client.upload_part_copy(
            **upload.named,
            PartNumber=number,
            CopySource="box/source",
            CopySourceRange=f"bytes={start}-{start + 5 * GIB - 1}",
        )
        etag = copied["CopyPartResult"]["ETag"]
        upload.parts.append({"PartNumber": number, "ETag": etag})
    upload.complete()
    got = client.get_object(
        Bucket="box", Key="k", Range=f"bytes={10 * GIB - 4}-{10 * GIB + 3}"
    )
    span = range(10 * GIB - 4, 10 * GIB + 4)
    assert got["Body"].read() == synthetic_bytes(span, seed=3)
    assert server.head("box", "k").size == size


def test_parts_are_listed_page_by_page(server: S3Server, client: Any) -> None:
    upload = Upload(client, ChecksumAlgorithm="CRC32", StorageClass="STANDARD_IA")
    for number in (5, 1, 3):
        upload.part(number, b"12345"[:number])
    pages = list(
        client.get_paginator("list_parts").paginate(
            **upload.named, PaginationConfig={"PageSize": 2}
        )
    )
    found = [[part["PartNumber"] for part in page["Parts"]] for page in pages]
    assert found == [[1, 3], [5]]
    assert pages[0]["ChecksumAlgorithm"] == "CRC32"
    assert pages[0]["StorageClass"] == "STANDARD_IA"
    part = pages[1]["Parts"][0]
    assert (part["Size"], part["ChecksumCRC32"]) == (5, "y/U6HA==")


def test_uploads_are_listed_page_by_page(server: S3Server, client: Any) -> None:
    begun = []
    for key in ("b", "a b", "a b", "other", "a"):
        answer = client.create_multipart_upload(Bucket="box", Key=key)
        begun.append((key, answer["UploadId"]))
    pages = client.get_paginator("list_multipart_uploads").paginate(
        Bucket="box", PaginationConfig={"PageSize": 2}
    )
    found = [(one["Key"], one["UploadId"]) for page in pages for one in page["Uploads"]]
    order = {upload_id: place for place, (_, upload_id) in enumerate(begun)}
    assert found == sorted(begun, key=lambda one: (one[0], order[one[1]]))
    answer = client.list_multipart_uploads(Bucket="box", KeyMarker="other")
    assert "Uploads" not in answer
    answer = client.list_multipart_uploads(Bucket="box", Prefix="a ")
    assert [one["Key"] for one in answer["Uploads"]] == ["a b", "a b"]
    assert [one.key for one in server.uploads("box")] == [key for key, _ in begun]


def test_opaque_etags_work_all_the_same() -> None:
    with S3Server(md5_etags=False, min_part_size=1) as server:
        server.create_bucket("box")
        client = client_of(server, settings=WITHOUT_CHECKSUMS)
        etags = {
            client.put_object(Bucket="box", Key="o", Body=b"x")["ETag"]
            for _ in range(2)
        }
        assert len(etags | {f'"{hashlib.md5(b"x").hexdigest()}"'}) == 3
        upload = Upload(client)
        upload.part(1, b"1")
        upload.part(2, b"2")
        assert upload.complete()["ETag"].endswith('-2"')
        assert server.read("box", "k") == b"12"
