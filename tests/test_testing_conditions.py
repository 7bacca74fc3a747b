"""Conditional requests to the test server."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from s3open.testing import Fault, S3Server
from tests.test_testing_support import client_of, code, send

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD = "Wed, 21 Oct 2015 07:28:00 GMT"
NEW = "Fri, 21 Oct 2095 07:28:00 GMT"


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


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"If-Match": '"{etag}"'}, 200),
        ({"If-Match": "{etag}"}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": '"other", "{etag}"'}, 200),
        ({"If-Match": '"other"'}, 412),
        ({"If-None-Match": '"{etag}"'}, 304),
        ({"If-None-Match": "{etag}"}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": OLD}, 200),
        ({"If-Modified-Since": NEW}, 304),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Unmodified-Since": OLD}, 412),
        ({"If-Unmodified-Since": NEW}, 200),
        ({"If-Match": "{etag}", "If-Unmodified-Since": OLD}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": NEW}, 200),
        ({"If-None-Match": "{etag}", "If-Modified-Since": OLD}, 304),
        ({"If-Match": '"other"', "Range": "bytes=99-"}, 412),
        ({"If-Match": "{etag}", "Range": "bytes=99-"}, 416),
    ],
)
def test_conditions_of_reading(
    server: S3Server, method: str, headers: dict[str, str], expected: int
) -> None:
    etag = server.put("box", "k", b"data")
    filled = {name: text.replace("{etag}", etag) for name, text in headers.items()}
    assert send(server, method, "/box/k", None, filled).status == expected


def test_a_304_tells_the_etag(server: S3Server, client: Any) -> None:
    etag = server.put("box", "k", b"data")
    with pytest.raises(ClientError) as error:
        client.get_object(Bucket="box", Key="k", IfNoneMatch=etag)
    headers = error.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["etag"] == f'"{etag}"'
    assert "content-length" not in headers


def test_if_none_match_keeps_what_is_there(server: S3Server, client: Any) -> None:
    client.put_object(Bucket="box", Key="k", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError) as error:
        client.put_object(Bucket="box", Key="k", Body=b"2", IfNoneMatch="*")
    assert code(error) == (412, "PreconditionFailed")
    assert server.read("box", "k") == b"1"


def test_if_none_match_takes_a_delete_marker_for_nothing(
    server: S3Server, client: Any
) -> None:
    server.create_bucket("old", versioned=True)
    server.put("old", "k", b"1")
    server.delete("old", "k")
    client.put_object(Bucket="old", Key="k", Body=b"2", IfNoneMatch="*")
    assert server.read("old", "k") == b"2"


@pytest.mark.parametrize("quoted", [True, False])
def test_if_match_replaces_what_it_names(
    server: S3Server, client: Any, *, quoted: bool
) -> None:
    etag = server.put("box", "k", b"1")
    wanted = f'"{etag}"' if quoted else etag
    client.put_object(Bucket="box", Key="k", Body=b"2", IfMatch=wanted)
    with pytest.raises(ClientError) as error:
        client.put_object(Bucket="box", Key="k", Body=b"3", IfMatch=wanted)
    assert code(error) == (412, "PreconditionFailed")
    assert server.read("box", "k") == b"2"


def test_if_match_of_nothing_is_not_found(server: S3Server, client: Any) -> None:
    with pytest.raises(ClientError) as error:
        client.put_object(Bucket="box", Key="k", Body=b"1", IfMatch="e")
    assert code(error) == (404, "NoSuchKey")


@pytest.mark.parametrize("headers", [{"If-None-Match": '"e"'}, {"If-Match": "*"}])
def test_conditions_s3_does_not_offer_are_refused(
    server: S3Server, headers: dict[str, str]
) -> None:
    assert send(server, "PUT", "/box/k", b"x", headers).status == 501
    assert server.keys("box") == []


def begin(client: Any, key: str) -> dict[str, Any]:
    upload_id = client.create_multipart_upload(Bucket="box", Key=key)["UploadId"]
    named = {"Bucket": "box", "Key": key, "UploadId": upload_id}
    part = client.upload_part(PartNumber=1, Body=b"part", **named)
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    return {**named, "MultipartUpload": {"Parts": parts}}


def test_conditions_of_completing(server: S3Server, client: Any) -> None:
    etag = server.put("box", "k", b"1")
    upload = begin(client, "k")
    for condition in ({"IfNoneMatch": "*"}, {"IfMatch": "other"}):
        with pytest.raises(ClientError) as error:
            client.complete_multipart_upload(**upload, **condition)
        assert code(error) == (412, "PreconditionFailed")
    assert server.read("box", "k") == b"1"
    client.complete_multipart_upload(**upload, IfMatch=etag)
    assert server.read("box", "k") == b"part"


def test_completing_if_match_of_nothing_is_not_found(
    server: S3Server, client: Any
) -> None:
    with pytest.raises(ClientError) as error:
        client.complete_multipart_upload(**begin(client, "k"), IfMatch="e")
    assert code(error) == (404, "NoSuchKey")
    assert len(server.uploads("box")) == 1


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"CopySourceIfMatch": "{etag}"}, True),
        ({"CopySourceIfMatch": "other"}, False),
        ({"CopySourceIfNoneMatch": "other"}, True),
        ({"CopySourceIfNoneMatch": "{etag}"}, False),
        ({"CopySourceIfModifiedSince": OLD}, True),
        ({"CopySourceIfModifiedSince": NEW}, False),
        ({"CopySourceIfUnmodifiedSince": NEW}, True),
        ({"CopySourceIfUnmodifiedSince": OLD}, False),
        ({"IfNoneMatch": "*"}, False),
        ({"IfMatch": "{etag}"}, True),
        ({"IfMatch": "other"}, False),
    ],
)
def test_conditions_of_copying(
    server: S3Server, client: Any, condition: dict[str, str], *, holds: bool
) -> None:
    etag = server.put("box", "source", b"data")
    server.put("box", "target", b"data")
    filled = {name: text.replace("{etag}", etag) for name, text in condition.items()}
    arguments = {"Bucket": "box", "Key": "target", "CopySource": "box/source"}
    if holds:
        client.copy_object(**arguments, **filled)
        return
    with pytest.raises(ClientError) as error:
        client.copy_object(**arguments, **filled)
    assert code(error) == (412, "PreconditionFailed")


def test_a_part_is_copied_only_from_the_object_meant(
    server: S3Server, client: Any
) -> None:
    etag = server.put("box", "source", b"data")
    upload_id = client.create_multipart_upload(Bucket="box", Key="k")["UploadId"]
    arguments = {
        "Bucket": "box",
        "Key": "k",
        "UploadId": upload_id,
        "PartNumber": 1,
        "CopySource": "box/source",
    }
    client.upload_part_copy(**arguments, CopySourceIfMatch=etag)
    server.put("box", "source", b"changed")
    with pytest.raises(ClientError) as error:
        client.upload_part_copy(**arguments, CopySourceIfMatch=etag)
    assert code(error) == (412, "PreconditionFailed")


def test_conditions_of_deleting(server: S3Server, client: Any) -> None:
    etag = server.put("box", "k", b"1")
    with pytest.raises(ClientError) as error:
        client.delete_object(Bucket="box", Key="k", IfMatch="other")
    assert code(error) == (412, "PreconditionFailed")
    client.delete_object(Bucket="box", Key="k", IfMatch=etag)
    with pytest.raises(ClientError) as error:
        client.delete_object(Bucket="box", Key="k", IfMatch="*")
    assert code(error) == (404, "NoSuchKey")


def test_a_delete_marker_does_not_match(server: S3Server, client: Any) -> None:
    server.create_bucket("old", versioned=True)
    server.put("old", "k", b"1")
    client.delete_object(Bucket="old", Key="k", IfMatch="*")
    with pytest.raises(ClientError) as error:
        client.delete_object(Bucket="old", Key="k", IfMatch="*")
    assert code(error) == (412, "PreconditionFailed")


def test_of_racing_creators_exactly_one_wins(server: S3Server) -> None:
    racers = 8
    together = threading.Barrier(racers)
    statuses: list[int] = []

    def race() -> None:
        together.wait()
        headers = {"If-None-Match": "*"}
        reply = send(server, "PUT", "/box/k", b"x" * 100_000, headers)
        statuses.append(reply.status)

    threads = [threading.Thread(target=race) for _ in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [412] * (racers - 1)


def test_a_condition_is_judged_at_the_end_of_the_body(
    server: S3Server, client: Any
) -> None:
    def overtake(running: S3Server) -> None:
        running.put("box", "k", b"first")

    with (
        server.faulty(Fault("PutObject", before=overtake)),
        pytest.raises(ClientError) as error,
    ):
        client.put_object(Bucket="box", Key="k", Body=b"second", IfNoneMatch="*")
    assert code(error) == (412, "PreconditionFailed")
    assert server.read("box", "k") == b"first"
