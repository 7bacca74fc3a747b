"""Whether a body is wanted is asked before it is sent, where it may be in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import s3open
from s3open import errors
from s3open.contract import ALWAYS, Attributes
from s3open.location import Location
from s3open.s3 import clients
from s3open.s3.wire import connection
from s3open.s3.wire.tls import context
from tests.unit import certificates
from tests.unit.answering import Answering, Says, error, ok, reply

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.s3.wire.verbs import WireVerbs
    from s3open.testing import S3Server

ETAG = 'ETag: "e"'
DONE = ok(b"", ETAG)
LARGE = bytes(range(256)) * 4096
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def put(verbs: WireVerbs, bucket: str = "bucket", body: bytes = LARGE) -> None:
    at = Location(bucket, "key", f"s3://{bucket}/key")
    verbs.put_object(at, [body], Attributes(), ALWAYS)


def asks(server: Answering) -> list[bool]:
    return [asked.headers.get("expect") == "100-continue" for asked in server.asked]


def test_a_bucket_is_asked_once() -> None:
    with Answering([[DONE] * 4]) as server:
        verbs = server.verbs()
        put(verbs)
        put(verbs)
        put(verbs, "other")
        put(verbs, "other")
    assert asks(server) == [True, False, True, False]
    assert {asked.body for asked in server.asked} == {LARGE}
    assert {asked.connection for asked in server.asked} == {0}
    assert "expect" not in server.asked[0].headers["authorization"]


def test_a_small_body_is_not_worth_a_question() -> None:
    with Answering([[DONE] * 2]) as server:
        verbs = server.verbs()
        put(verbs, body=b"small")
        put(verbs)
    assert asks(server) == [False, False]


def test_parts_follow_an_upload_that_was_begun() -> None:
    begun = ok(
        b"<InitiateMultipartUploadResult><UploadId>u</UploadId>"
        b"</InitiateMultipartUploadResult>"
    )
    at = Location("bucket", "key", "s3://bucket/key")
    with Answering([[begun, DONE]]) as server:
        verbs = server.verbs()
        upload = verbs.create_multipart_upload(at, Attributes())
        verbs.upload_part(at, upload, 1, [LARGE])
    assert asks(server) == [False, False]


def test_who_does_not_know_the_question_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "_LEAVE", 0.01)
    with Answering([[DONE] * 2], deaf=True) as server:
        verbs = server.verbs()
        put(verbs)
        put(verbs, "other")
    assert asks(server) == [True, False]
    assert [asked.body for asked in server.asked] == [LARGE, LARGE]


def test_who_minds_the_question_gets_the_body_without() -> None:
    refusal = Says(error("X", "417 Expectation Failed"), early=True)
    with Answering([[refusal], [DONE, DONE]]) as server:
        verbs = server.verbs()
        put(verbs)
        put(verbs, "other")
    assert asks(server) == [True, False, False]
    assert server.asked[1].body == LARGE


def test_who_minds_what_was_not_asked_is_an_error() -> None:
    answer = error("X", "417 Expectation Failed")
    with Answering([[answer]]) as server, pytest.raises(errors.S3Error) as caught:
        put(server.verbs(), body=b"small")
    assert caught.value.status == 417
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "interim", [b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n", CONTINUE * 2]
)
def test_other_answers_in_between_do_not_matter(interim: bytes) -> None:
    with Answering([[Says(DONE, interim=interim), DONE]]) as server:
        verbs = server.verbs()
        put(verbs)
        put(verbs)
    assert [asked.body for asked in server.asked] == [LARGE, LARGE]
    assert {asked.connection for asked in server.asked} == {0}


def test_a_success_that_comes_without_the_body_is_none() -> None:
    early = Says(DONE, early=True)
    with Answering([[early]]) as server, pytest.raises(ConnectionError):
        put(server.verbs())


def test_a_connection_that_was_closed_meanwhile_is_replaced() -> None:
    # The second request meets its end only when it asks.
    with Answering([[DONE, Says(early=True)], [DONE]]) as server:
        verbs = server.verbs()
        put(verbs, body=b"small")
        put(verbs, "other")
    assert asks(server) == [False, True, True]
    assert server.asked[2].body == LARGE


def test_a_connection_that_breaks_is_an_error_as_without() -> None:
    with Answering([[Says(early=True)]]) as server:
        with pytest.raises(ConnectionError) as caught:
            put(server.verbs())
    assert isinstance(caught.value, errors.S3Error)
    assert caught.value.retryable


def test_an_answer_that_breaks_off_is_an_error() -> None:
    with Answering([[Says(b"HTTP/1.1 100 Cont", early=True)]]) as server:
        with pytest.raises(ConnectionError):
            put(server.verbs())


def test_it_is_asked_through_tls(tmp_path: Path) -> None:
    certificate = certificates.make(tmp_path / "certificate.pem")
    secure = certificates.secure(certificate)
    with Answering([[DONE, DONE]], tls=secure) as server:
        verbs = server.verbs(tls=lambda: context(str(certificate)))
        put(verbs)
        put(verbs, "other")
    assert asks(server) == [True, True]
    assert [asked.body for asked in server.asked] == [LARGE, LARGE]


def test_a_region_that_is_wrong_costs_no_body() -> None:
    elsewhere = Says(
        reply(
            b"<Error><Code>PermanentRedirect</Code></Error>",
            "x-amz-bucket-region: eu-north-1",
            "Connection: close",
            status="301 Moved",
        ),
        early=True,
    )
    with Answering([[elsewhere], [DONE]]) as server:
        put(server.verbs())
    assert asks(server) == [True, True]
    assert server.asked[1].body == LARGE


@pytest.mark.usefixtures("_each_transport", "_known_to_honour")
def test_what_is_refused_is_not_sent(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    clients._forget()
    s3open_server.deny("PutObject")
    store = s3open.FileSystem(requester_pays=True)
    uri = f"s3://{s3open_bucket}/key"
    with s3open_server.counting() as seen, pytest.raises(s3open.AccessDenied):
        store.write_bytes(uri, LARGE)
    assert seen.bytes_in == 0
    assert seen.records[0].headers["expect"] == "100-continue"


@pytest.mark.parametrize("transport", ["wire", "boto3"])
@pytest.mark.usefixtures("_known_to_honour")
def test_what_is_taken_is_asked_for_once(
    s3open_server: S3Server,
    s3open_bucket: str,
    transport: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("S3OPEN_TRANSPORT", transport)
    clients._forget()
    store = s3open.FileSystem(requester_pays=True)
    uri = f"s3://{s3open_bucket}/key"
    with s3open_server.counting() as seen, s3open.trace() as trace:
        for _ in range(3):
            store.write_bytes(uri, LARGE)
    assert s3open_server.read(s3open_bucket, "key") == LARGE
    expects = [each.headers.get("expect") for each in seen.records]
    # botocore does so each time.
    later = "100-continue" if transport == "boto3" else None
    assert expects == ["100-continue", later, later]
    assert trace.bytes_out == 3 * len(LARGE)
