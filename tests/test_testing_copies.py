"""Copies and versions of objects on the test server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from s3open.testing import S3Server, synthetic_bytes
from tests.test_testing_support import client_of, code, send

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def test_a_copy_takes_everything_along(server: S3Server, client: Any) -> None:
    server.put("box", "a/ü +", b"data", content_type="text/x", x_amz_meta_m="1")
    done = client.copy_object(
        Bucket="box", Key="copy", CopySource={"Bucket": "box", "Key": "a/ü +"}
    )
    got = client.get_object(Bucket="box", Key="copy")
    assert got["Body"].read() == b"data"
    assert (got["ContentType"], got["Metadata"]) == ("text/x", {"m": "1"})
    assert done["CopyObjectResult"]["ETag"] == got["ETag"]


def test_a_copy_may_replace_what_is_said(server: S3Server, client: Any) -> None:
    server.put("box", "a", b"data", content_type="text/x", x_amz_tagging="t=1")
    client.copy_object(
        Bucket="box",
        Key="a",
        CopySource="box/a",
        MetadataDirective="REPLACE",
        Metadata={"new": "1"},
        TaggingDirective="REPLACE",
        Tagging="u=2",
    )
    stored = server.head("box", "a")
    assert (stored.metadata, stored.tags) == ({"new": "1"}, {"u": "2"})
    assert stored.content_type == "binary/octet-stream"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"CopySource": "box/a"}, (400, "InvalidRequest")),
        ({"CopySource": "box"}, (400, "InvalidArgument")),
        ({"CopySource": "box/none"}, (404, "NoSuchKey")),
        ({"CopySource": "none/a"}, (404, "NoSuchBucket")),
        ({"CopySource": "box/huge"}, (400, "InvalidRequest")),
        ({"CopySource": "box/cold"}, (403, "InvalidObjectState")),
    ],
)
def test_copies_that_cannot_be(
    server: S3Server,
    client: Any,
    arguments: dict[str, str],
    expected: tuple[int, str],
) -> None:
    server.put("box", "a", b"data")
    server.put("box", "cold", b"data", x_amz_storage_class="GLACIER")
    server.synthetic("box", "huge", 5 * GIB + 1)
    with pytest.raises(ClientError) as error:
        client.copy_object(Bucket="box", Key="a", **arguments)
    assert code(error) == expected


def test_copies_know_their_checksum(server: S3Server, client: Any) -> None:
    client.put_object(
        Bucket="box", Key="a", Body=b"123456789", ChecksumAlgorithm="CRC32C"
    )
    kept = client.copy_object(Bucket="box", Key="b", CopySource="box/a")
    made = client.copy_object(
        Bucket="box", Key="c", CopySource="box/a", ChecksumAlgorithm="SHA1"
    )
    assert kept["CopyObjectResult"]["ChecksumCRC32C"] == "4waSgw=="
    assert made["CopyObjectResult"]["ChecksumSHA1"] == "98O8HYCOBHMq32eZZczDTKeuNEE="


def test_a_copy_needs_no_checksum(server: S3Server, client: Any) -> None:
    server.synthetic("box", "a", 10)
    copied = client.copy_object(Bucket="box", Key="b", CopySource="box/a")
    assert not [name for name in copied["CopyObjectResult"] if "Checksum" in name]
    assert server.read("box", "b") == synthetic_bytes(range(10))
    entries = client.list_objects_v2(Bucket="box")["Contents"]
    assert not [one for one in entries if "ChecksumAlgorithm" in one]
    answer = client.get_object_attributes(
        Bucket="box", Key="b", ObjectAttributes=["Checksum", "ObjectSize"]
    )
    assert answer["ObjectSize"] == 10
    assert "Checksum" not in answer


def test_a_copy_with_an_unknown_checksum_is_refused(server: S3Server) -> None:
    server.put("box", "a", b"data")
    headers = {"x-amz-copy-source": "/box/a", "x-amz-checksum-algorithm": "MD4"}
    assert b"InvalidRequest" in send(server, "PUT", "/box/b", None, headers).body


def test_a_copy_tells_the_version_it_is_of(server: S3Server, client: Any) -> None:
    server.create_bucket("old", versioned=True)
    server.put("old", "a", b"1")
    first = server.head("old", "a").version_id
    server.put("old", "a", b"2")
    source = {"Bucket": "old", "Key": "a", "VersionId": first}
    copied = client.copy_object(Bucket="old", Key="a", CopySource=source)
    assert copied["CopySourceVersionId"] == first
    assert server.read("old", "a") == b"1"


def test_versions_are_kept(server: S3Server, client: Any) -> None:
    client.put_bucket_versioning(
        Bucket="box", VersioningConfiguration={"Status": "Enabled"}
    )
    assert client.get_bucket_versioning(Bucket="box")["Status"] == "Enabled"
    first = client.put_object(Bucket="box", Key="k", Body=b"1")["VersionId"]
    second = client.put_object(Bucket="box", Key="k", Body=b"2")["VersionId"]
    got = client.get_object(Bucket="box", Key="k", VersionId=first)
    assert (got["Body"].read(), got["VersionId"]) == (b"1", first)
    assert client.get_object(Bucket="box", Key="k")["VersionId"] == second
    assert server.read("box", "k", first) == b"1"


def test_a_delete_hides_and_its_own_deletion_brings_back(
    server: S3Server, client: Any
) -> None:
    server.create_bucket("old", versioned=True)
    server.put("old", "k", b"1")
    gone = client.delete_object(Bucket="old", Key="k")
    assert gone["DeleteMarker"] is True
    with pytest.raises(ClientError) as error:
        client.get_object(Bucket="old", Key="k")
    assert code(error) == (404, "NoSuchKey")
    headers = error.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-delete-marker"] == "true"
    with pytest.raises(ClientError) as error:
        client.get_object(Bucket="old", Key="k", VersionId=gone["VersionId"])
    assert code(error) == (405, "MethodNotAllowed")
    back = client.delete_object(Bucket="old", Key="k", VersionId=gone["VersionId"])
    assert back["DeleteMarker"] is True
    assert client.get_object(Bucket="old", Key="k")["Body"].read() == b"1"


def test_an_unknown_version_is_its_own_error(server: S3Server, client: Any) -> None:
    server.put("box", "k", b"1")
    with pytest.raises(ClientError) as error:
        client.get_object(Bucket="box", Key="k", VersionId="nope")
    assert code(error) == (404, "NoSuchVersion")
    client.delete_object(Bucket="box", Key="k", VersionId="nope")
    assert server.keys("box") == ["k"]


def test_suspended_versioning_overwrites_the_null_version_only(
    server: S3Server, client: Any
) -> None:
    server.create_bucket("old", versioned=True)
    first = client.put_object(Bucket="old", Key="k", Body=b"1")["VersionId"]
    client.put_bucket_versioning(
        Bucket="old", VersioningConfiguration={"Status": "Suspended"}
    )
    client.put_object(Bucket="old", Key="k", Body=b"2")
    client.put_object(Bucket="old", Key="k", Body=b"3")
    listed = client.list_object_versions(Bucket="old")["Versions"]
    assert [one["VersionId"] for one in listed] == ["null", first]
    assert server.read("old", "k") == b"3"
    client.delete_object(Bucket="old", Key="k")
    assert server.keys("old") == []
    assert server.read("old", "k", first) == b"1"


def test_deleting_what_is_not_there_is_fine(server: S3Server, client: Any) -> None:
    client.delete_object(Bucket="box", Key="none")
