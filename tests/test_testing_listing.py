"""Buckets of the test server and their listings."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from s3open.testing import S3Server
from tests.test_testing_support import client_of, code

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with S3Server(anonymous=True) as server:
        yield server


@pytest.fixture
def server(running: S3Server) -> S3Server:
    running.reset()
    running.create_bucket("box")
    return running


@pytest.fixture(scope="module")
def client(running: S3Server) -> Any:
    return client_of(running)


def get(server: S3Server, path: str) -> tuple[int, ElementTree.Element]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        root = ElementTree.fromstring(answer.read())
        for node in root.iter():
            node.tag = node.tag.rpartition("}")[2]
        return answer.status, root
    finally:
        connection.close()


def test_buckets_come_and_go(server: S3Server, client: Any) -> None:
    client.create_bucket(Bucket="new")
    assert [one["Name"] for one in client.list_buckets()["Buckets"]] == ["box", "new"]
    assert client.head_bucket(Bucket="new")["BucketRegion"] == "us-east-1"
    client.delete_bucket(Bucket="new")
    for call in (client.head_bucket, client.delete_bucket):
        with pytest.raises(ClientError) as error:
            call(Bucket="new")
        assert code(error)[0] == 404


def test_a_bucket_may_be_elsewhere(server: S3Server, client: Any) -> None:
    client.create_bucket(
        Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    server.create_bucket("near")
    assert client.get_bucket_location(Bucket="near")["LocationConstraint"] is None
    server.bucket_anonymous("far", allowed=True)
    far = next(one for one in client.list_buckets()["Buckets"] if one["Name"] == "far")
    assert far["BucketRegion"] == "eu-west-1"


def test_a_bucket_exists_once(server: S3Server, client: Any) -> None:
    elsewhere = {"LocationConstraint": "eu-west-1"}
    with pytest.raises(ClientError) as error:
        client.create_bucket(Bucket="box", CreateBucketConfiguration=elsewhere)
    assert code(error) == (409, "BucketAlreadyOwnedByYou")


def test_bucket_names_have_rules(server: S3Server, client: Any) -> None:
    with pytest.raises(ClientError) as error:
        client.create_bucket(Bucket="Capital")
    assert code(error) == (400, "InvalidBucketName")


def test_a_bucket_with_anything_in_it_stays(server: S3Server, client: Any) -> None:
    server.create_bucket("old", versioned=True)
    server.put("old", "k", b"x")
    server.delete("old", "k")
    with pytest.raises(ClientError) as error:
        client.delete_bucket(Bucket="old")
    assert code(error) == (409, "BucketNotEmpty")


def test_keys_are_listed_in_the_order_of_their_bytes(
    server: S3Server, client: Any
) -> None:
    keys = ["a", "B", "é", "z", "￿", "𝄞", "a/b", "a b", "a\x01", "~"]
    for key in keys:
        server.put("box", key, b"")
    expected = sorted(keys, key=str.encode)
    for call in (client.list_objects_v2, client.list_objects):
        assert [one["Key"] for one in call(Bucket="box")["Contents"]] == expected
    assert server.keys("box") == expected


def test_an_entry_tells_about_its_object(server: S3Server, client: Any) -> None:
    etag = server.put("box", "k", b"data", x_amz_storage_class="STANDARD_IA")
    answer = client.list_objects_v2(Bucket="box", FetchOwner=True)
    (entry,) = answer["Contents"]
    assert (entry["Size"], entry["ETag"]) == (4, f'"{etag}"')
    assert entry["StorageClass"] == "STANDARD_IA"
    assert entry["ChecksumAlgorithm"] == ["CRC64NVME"]
    assert entry["Owner"]["ID"]
    assert answer["KeyCount"] == 1


def test_without_encoding_the_text_is_escaped(server: S3Server) -> None:
    server.put("box", '<a> & "b" + c%20\r\n', b"")
    _, root = get(server, "/box?list-type=2")
    assert root.findtext("Contents/Key") == '<a> & "b" + c%20\r\n'
    _, root = get(server, "/box?list-type=2&encoding-type=url&prefix=%3Ca%3E")
    assert root.findtext("Contents/Key") == "%3Ca%3E+%26+%22b%22+%2B+c%2520%0D%0A"
    assert root.findtext("Prefix") == "%3Ca%3E"
    assert root.findtext("EncodingType") == "url"


@pytest.mark.parametrize(
    "path",
    [
        "/box?list-type=2&max-keys=many",
        "/box?list-type=2&encoding-type=base64",
        "/box?list-type=2&continuation-token=%21",
        "/box?uploads&versions",
    ],
)
def test_parameters_that_make_no_sense_are_refused(server: S3Server, path: str) -> None:
    status, root = get(server, path)
    assert (status, root.findtext("Code")) == (400, "InvalidArgument")


def test_no_page_has_more_than_1000_keys(server: S3Server, client: Any) -> None:
    for number in range(1005):
        server.put("box", f"{number:04}", b"")
    page = client.list_objects_v2(Bucket="box", MaxKeys=5000)
    assert (page["KeyCount"], page["IsTruncated"]) == (1000, True)
    rest = client.list_objects_v2(
        Bucket="box", ContinuationToken=page["NextContinuationToken"]
    )
    assert [one["Key"] for one in rest["Contents"]] == [
        f"{number:04}" for number in range(1000, 1005)
    ]
    none = client.list_objects_v2(Bucket="box", MaxKeys=0)
    assert (none["KeyCount"], none["IsTruncated"]) == (0, False)


def test_common_prefixes_stand_for_their_keys(server: S3Server, client: Any) -> None:
    for key in ("a", "b/", "b/1", "b/c/2", "b0", "d/e/f"):
        server.put("box", key, b"")
    answer = client.list_objects_v2(Bucket="box", Delimiter="/")
    assert [one["Key"] for one in answer["Contents"]] == ["a", "b0"]
    assert [one["Prefix"] for one in answer["CommonPrefixes"]] == ["b/", "d/"]
    answer = client.list_objects_v2(Bucket="box", Delimiter="/", Prefix="b/")
    assert [one["Key"] for one in answer["Contents"]] == ["b/", "b/1"]
    assert [one["Prefix"] for one in answer["CommonPrefixes"]] == ["b/c/"]
    answer = client.list_objects_v2(Bucket="box", StartAfter="b/1")
    assert [one["Key"] for one in answer["Contents"]] == ["b/c/2", "b0", "d/e/f"]


def test_the_last_of_all_prefixes_ends_the_listing(
    server: S3Server, client: Any
) -> None:
    last = "\U0010ffff"
    for key in ("a", last + "a", last + "b"):
        server.put("box", key, b"")
    answer = client.list_objects_v2(Bucket="box", Delimiter=last)
    assert [one["Key"] for one in answer["Contents"]] == ["a"]
    assert [one["Prefix"] for one in answer["CommonPrefixes"]] == [last]


def expected_listing(keys: set[str], prefix: str, delimiter: str) -> list[str]:
    found = set()
    for key in keys:
        if key.startswith(prefix):
            end = key.find(delimiter, len(prefix)) if delimiter else -1
            found.add(key if end < 0 else key[: end + len(delimiter)])
    return sorted(found, key=str.encode)


KEYS = st.text(st.sampled_from("a/b\U0010ffff"), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None, database=None)
@given(
    keys=st.sets(KEYS, max_size=12),
    hidden=st.sets(KEYS, max_size=3),
    prefix=st.sampled_from(["", "a", "a/", "b", "/"]),
    delimiter=st.sampled_from(["", "/", "a", "ab", "\U0010ffff"]),
    size=st.integers(1, 4),
)
def test_pages_put_together_are_the_listing(
    running: S3Server,
    client: Any,
    keys: set[str],
    hidden: set[str],
    prefix: str,
    delimiter: str,
    size: int,
) -> None:
    running.reset()
    running.create_bucket("box", versioned=True)
    for key in keys | hidden:
        running.put("box", key, b"")
    for key in hidden:
        running.delete("box", key)
    wanted = expected_listing(keys - hidden, prefix, delimiter)
    for name in ("list_objects_v2", "list_objects"):
        entries: list[str] = []
        pages = client.get_paginator(name).paginate(
            Bucket="box",
            Prefix=prefix,
            Delimiter=delimiter,
            PaginationConfig={"PageSize": size},
        )
        for page in pages:
            found = [one["Key"] for one in page.get("Contents", ())]
            found += [one["Prefix"] for one in page.get("CommonPrefixes", ())]
            assert len(found) <= size
            entries += sorted(found, key=str.encode)
        assert entries == wanted


def test_versions_are_listed_page_by_page(server: S3Server, client: Any) -> None:
    server.create_bucket("old", versioned=True)
    for key in ("a", "b", "b", "b", "c/1", "c/2", "d"):
        server.put("old", key, b"")
    server.delete("old", "b")
    for size in (1, 2, 3, 10):
        pages = client.get_paginator("list_object_versions").paginate(
            Bucket="old", PaginationConfig={"PageSize": size}
        )
        versions, markers = [], []
        for page in pages:
            versions += [one["Key"] for one in page.get("Versions", ())]
            markers += [
                (one["Key"], one["IsLatest"]) for one in page.get("DeleteMarkers", ())
            ]
        assert versions == ["a", "b", "b", "b", "c/1", "c/2", "d"]
        assert markers == [("b", True)]
    pages = client.get_paginator("list_object_versions").paginate(
        Bucket="old", Delimiter="/", PaginationConfig={"PageSize": 1}
    )
    rolled = [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", ())]
    assert rolled == ["c/"]
    answer = client.list_object_versions(Bucket="old", Delimiter="/", Prefix="c")
    assert [one["Prefix"] for one in answer["CommonPrefixes"]] == ["c/"]


def test_many_objects_are_deleted_at_once(server: S3Server, client: Any) -> None:
    keys = ["a", "b/c", "<&>", "kept", "line\nfeed"]
    etags = {key: server.put("box", key, b"") for key in keys}
    server.deny("DeleteObject", "box", "kept")
    answer = client.delete_objects(
        Bucket="box",
        Delete={
            "Objects": [
                {"Key": "a", "ETag": etags["a"]},
                {"Key": "b/c", "ETag": "other"},
                {"Key": "<&>"},
                {"Key": "kept"},
                {"Key": "never was"},
                {"Key": "line\nfeed"},
            ]
        },
    )
    deleted = [one["Key"] for one in answer["Deleted"]]
    assert deleted == ["a", "<&>", "never was", "line\nfeed"]
    errors = [(one["Key"], one["Code"]) for one in answer["Errors"]]
    assert errors == [("b/c", "PreconditionFailed"), ("kept", "AccessDenied")]
    assert server.keys("box") == ["b/c", "kept"]


def test_a_quiet_deletion_tells_of_errors_only(server: S3Server, client: Any) -> None:
    server.put("box", "a", b"")
    named = [{"Key": "a"}]
    answer = client.delete_objects(
        Bucket="box", Delete={"Objects": named, "Quiet": True}
    )
    assert "Deleted" not in answer
    assert server.keys("box") == []


def test_versions_are_deleted_in_numbers_too(server: S3Server, client: Any) -> None:
    server.create_bucket("old", versioned=True)
    server.put("old", "a", b"")
    version_id = server.head("old", "a").version_id
    hidden = client.delete_objects(Bucket="old", Delete={"Objects": [{"Key": "a"}]})
    assert hidden["Deleted"][0]["DeleteMarker"] is True
    named = [{"Key": "a", "VersionId": version_id}]
    gone = client.delete_objects(Bucket="old", Delete={"Objects": named})
    assert gone["Deleted"] == named
    with pytest.raises(KeyError):
        server.read("old", "a", version_id)


def test_documents_that_are_none_are_refused(server: S3Server, client: Any) -> None:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    connection.request("PUT", "/box?versioning", b"<Status>Enabled")
    assert b"<Code>MalformedXML</Code>" in connection.getresponse().read()
    connection.close()
    with pytest.raises(ClientError) as error:
        client.delete_objects(Bucket="box", Delete={"Objects": [{"Key": "k"}] * 1001})
    assert code(error) == (400, "MalformedXML")
    with pytest.raises(ClientError) as error:
        client.put_bucket_versioning(
            Bucket="box", VersioningConfiguration={"Status": "Perhaps"}
        )
    assert code(error) == (400, "MalformedXML")
