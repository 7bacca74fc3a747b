"""Listings, deletions and copies by boto3: what it hides, and what it takes for one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from s3open import errors
from s3open.config import Config
from s3open.contract import ALWAYS, IF_ABSENT, Attributes, Doomed, Entry
from s3open.location import Location
from s3open.s3.boto import BotoVerbs
from s3open.s3.clients import boto_for
from tests.fakes import Bag

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing import S3Server

AT = Location("b", "k", "s3://b/k")
NOW = datetime(2026, 1, 2, tzinfo=timezone.utc)


class Members(dict[str, object]):
    """What an operation of boto3's takes: whatever it is given."""

    def __contains__(self, name: object) -> bool:
        return name != "VersionId"


class Client:
    """A boto3 client that answers *answer*, whatever is asked."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answer = answer
        shape = Bag(input_shape=Bag(members=Members()))
        self.meta = Bag(
            config=Bag(request_checksum_calculation="when_supported"),
            endpoint_url="https://s3.amazonaws.com",
            method_to_api_mapping={"copy_object": "CopyObject"},
            service_model=Bag(operation_model=lambda _: shape),
        )

    def __getattr__(self, operation: str) -> Any:
        def call(**asked: Any) -> dict[str, Any]:
            self.asked.append(asked)
            return self._answer

        return call


def asked(ask: Callable[[BotoVerbs], Any], **answer: Any) -> tuple[Any, Any]:
    client = Client(answer)
    return ask(BotoVerbs(client)), client.asked[0]


def version(key: str, number: int, age: int = 0, *, latest: bool = False) -> Any:
    moment = NOW - timedelta(seconds=age)
    return {
        "Key": key,
        "VersionId": f"v{number}",
        "IsLatest": latest,
        "LastModified": moment,
        "ETag": '"e"',
        "Size": 1,
    }


def test_versions_and_delete_markers_come_together_again() -> None:
    page, _ = asked(
        lambda verbs: verbs.list_versions(AT),
        IsTruncated=False,
        Versions=[version("a", 1, 5), version("b", 3, latest=True), version("b", 1, 9)],
        DeleteMarkers=[version("a", 2, latest=True), version("b", 2, 9)],
    )
    assert [(each.name, each.version_id) for each in page.entries] == [
        *(("a", "v2"), ("a", "v1"), ("b", "v3"), ("b", "v2"), ("b", "v1")),
    ]
    assert page.entries[0] == Entry(
        "a", None, NOW, '"e"', version_id="v2", latest=True, deleted=True
    )


@pytest.mark.parametrize("marker", ["a b", "a+b"])
def test_where_the_next_page_begins_may_have_been_decoded_too_often(
    marker: str,
) -> None:
    """Ceph 16.2 does not encode it, botocore decodes it all the same."""
    page, _ = asked(
        lambda verbs: verbs.list_versions(AT),
        IsTruncated=True,
        Versions=[version("a+b", 1)],
        NextKeyMarker=marker,
        NextVersionIdMarker="v1",
    )
    assert page.token == "a+b\0v1"
    _, given = asked(
        lambda verbs: verbs.list_versions(AT, token=page.token, max_keys=5),
        IsTruncated=False,
    )
    assert (given["KeyMarker"], given["VersionIdMarker"]) == ("a+b", "v1")
    assert given["MaxKeys"] == 5


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda v: v.list_objects(AT), {}),
        (lambda v: v.list_objects(AT), {"IsTruncated": True}),
        (lambda v: v.list_versions(AT), {}),
        (lambda v: v.list_versions(AT), {"IsTruncated": True}),
        (lambda v: v.delete_objects(AT, [Doomed("k")]), {}),
        (lambda v: v.copy_object(AT, AT, None, ALWAYS), {}),
        (lambda v: v.copy_object(AT, AT, None, ALWAYS), {"CopyObjectResult": {}}),
        (
            lambda v: v.delete_object(AT),
            {"ResponseMetadata": {"HTTPHeaders": {"content-length": "7"}}},
        ),
    ],
)
def test_what_no_store_says_is_taken_for_no_success(
    ask: Callable[[BotoVerbs], Any], answer: dict[str, Any]
) -> None:
    with pytest.raises(errors.S3ServerError) as caught:
        asked(ask, **answer)
    assert caught.value.retryable


def test_a_copy_is_asked_for_what_it_is_to_be() -> None:
    given = Attributes("a/b", {"c": "d"}, {"StorageClass": "GLACIER"})
    settings = {"StorageClass": "STANDARD", "ACL": "private", "VersionId": "v"}
    made, sent = asked(
        lambda verbs: verbs.copy_object(
            AT, AT, given, IF_ABSENT, if_match='"s"', settings=settings
        ),
        CopyObjectResult={"ETag": "e", "LastModified": NOW},
        VersionId="v9",
    )
    assert sent == {
        "Bucket": "b",
        "Key": "k",
        "CopySource": {"Bucket": "b", "Key": "k", "VersionId": "v"},
        "CopySourceIfMatch": '"s"',
        "IfNoneMatch": "*",
        "MetadataDirective": "REPLACE",
        "TaggingDirective": "REPLACE",
        "ContentType": "a/b",
        "Metadata": {"c": "d"},
        "StorageClass": "GLACIER",
        "ACL": "private",
    }
    assert (made.etag, made.version_id, made.last_modified) == ('"e"', "v9", NOW)


@pytest.mark.parametrize("wanted", ["when_supported", "when_required"])
def test_deletions_are_sent_with_the_digest_that_all_stores_know(
    s3open_server: S3Server,
    s3open_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    wanted: str,
) -> None:
    monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", wanted)
    place = Location(s3open_bucket, "", f"s3://{s3open_bucket}")
    verbs = boto_for(Config(), place.uri)
    with s3open_server.counting() as seen:
        assert verbs.delete_objects(place, [Doomed("a")]) == {}
    (record,) = seen.records
    assert "content-md5" in record.headers
    assert not [name for name in record.headers if "checksum" in name]


def test_directory_buckets_know_other_digests_only() -> None:
    from s3open.s3.sessions import _add_md5

    params: dict[str, Any] = {
        "url": "https://b--x-s3.x/?delete",
        "body": b"",
        "headers": {},
    }
    _add_md5(params, Bag(http_checksum={"requestChecksumRequired": True}))
    assert params["headers"] == {}
