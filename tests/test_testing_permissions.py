"""Who may do what on the test server, whatever he signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from s3open.testing import S3Server
from tests.test_testing_support import client_of, code, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def server(running: S3Server) -> S3Server:
    running.reset()
    running.create_bucket("box")
    return running


@pytest.fixture(scope="module")
def client(running: S3Server) -> Any:
    return client_of(running)


def test_strangers_are_refused(server: S3Server) -> None:
    server.put("box", "k", b"x")
    reply = send(server, "GET", "/box/k")
    assert (reply.status, reply.code) == (403, "AccessDenied")
    server.bucket_anonymous("box", allowed=True)
    assert send(server, "GET", "/box/k").body == b"x"


def test_session_tokens_belong_to_their_key(server: S3Server) -> None:
    server.add_credentials("temporary", "secret", "token")
    keys = {"aws_access_key_id": "temporary", "aws_secret_access_key": "secret"}
    client_of(server, **keys, aws_session_token="token").list_buckets()
    for token, expected in (("other", "InvalidToken"), (None, "InvalidAccessKeyId")):
        with pytest.raises(ClientError) as error:
            client_of(server, **keys, aws_session_token=token).list_buckets()
        assert code(error)[1] == expected
    server.add_credentials("temporary", "secret", "token", expired=True)
    with pytest.raises(ClientError) as error:
        client_of(server, **keys, aws_session_token="token").list_buckets()
    assert code(error) == (400, "ExpiredToken")


def test_the_unsigned_are_redirected_to_the_region(server: S3Server) -> None:
    server.create_bucket("far", region="eu-west-1")
    server.bucket_anonymous("far", allowed=True)
    reply = send(server, "GET", "/far/k")
    assert (reply.status, reply.code) == (301, "PermanentRedirect")
    assert reply.headers["x-amz-bucket-region"] == "eu-west-1"


def test_denials(server: S3Server, client: Any) -> None:
    for key in ("open", "closed/k"):
        server.put("box", key, b"x")
    server.deny("GetObject", "box", "closed/")
    client.get_object(Bucket="box", Key="open")
    client.copy_object(Bucket="box", Key="k", CopySource="box/open")
    client.head_object(Bucket="box", Key="closed/k")
    with pytest.raises(ClientError) as error:
        client.get_object(Bucket="box", Key="closed/k")
    assert code(error) == (403, "AccessDenied")
    with pytest.raises(ClientError) as error:
        client.copy_object(Bucket="box", Key="k", CopySource="box/closed/k")
    assert code(error) == (403, "AccessDenied")
    server.deny(None)
    with pytest.raises(ClientError) as error:
        client.list_buckets()
    assert code(error) == (403, "AccessDenied")


def test_a_denied_head_of_a_bucket_still_tells_the_region(
    server: S3Server, client: Any
) -> None:
    server.deny("HeadBucket")
    with pytest.raises(ClientError) as error:
        client.head_bucket(Bucket="box")
    headers = error.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert (code(error)[0], headers["x-amz-bucket-region"]) == (403, "us-east-1")


def test_without_listing_what_is_missing_is_denied(
    server: S3Server, client: Any
) -> None:
    server.put("box", "k", b"x")
    server.bucket_listing("box", allowed=False)
    client.get_object(Bucket="box", Key="k")
    calls: list[Callable[[], object]] = [
        lambda: client.get_object(Bucket="box", Key="none"),
        lambda: client.head_object(Bucket="box", Key="none"),
        lambda: client.list_objects_v2(Bucket="box"),
        lambda: client.head_bucket(Bucket="box"),
    ]
    for call in calls:
        with pytest.raises(ClientError) as error:
            call()
        assert code(error)[0] == 403


def test_a_denied_upload_leaves_the_next_request_alone(
    server: S3Server, client: Any
) -> None:
    server.deny("PutObject", "box", "closed")
    for _ in range(3):
        with pytest.raises(ClientError):
            client.put_object(Bucket="box", Key="closed", Body=b"GET " * 100_000)
        client.put_object(Bucket="box", Key="open", Body=b"x")
