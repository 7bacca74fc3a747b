"""Settings as headers, and headers as what they say: as botocore has them."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest

from s3open import Config, contract
from s3open.contract import ALWAYS, Attributes, Condition
from s3open.location import Location
from s3open.s3 import clients
from s3open.s3.wire import headers

if TYPE_CHECKING:
    from s3open.s3.verbs import Verbs
    from s3open.testing import S3Server

OPERATIONS = {
    "get_object": "GetObject",
    "head_object": "HeadObject",
    "get_object_tags": "GetObjectTagging",
    "put_object_tags": "PutObjectTagging",
    "upload_part": "UploadPart",
    "upload_part_copy": "UploadPartCopy",
    "complete_multipart_upload": "CompleteMultipartUpload",
    "list_objects": "ListObjectsV2",
    "list_versions": "ListObjectVersions",
    "delete_object": "DeleteObject",
    "delete_objects": "DeleteObjects",
    "copy_object": "CopyObject",
}
# Told by arguments of their own.
OURS = {"Bucket", "Key", "Range", "UploadId", "PartNumber", "CopySource"}
OURS |= {"Metadata", "ContentLength", "CopySourceRange", "CopySourceIfMatch"}
OURS |= {"Delimiter", "EncodingType", "Prefix", "MaxKeys", "KeyMarker"}
OURS |= {"VersionIdMarker", "ContinuationToken", "StartAfter", "FetchOwner"}
# By verb: what is told by arguments, or of no use.
OTHERS = {
    "list_objects": {"OptionalObjectAttributes"},
    "list_versions": {"OptionalObjectAttributes"},
    "delete_objects": {"ChecksumAlgorithm"},
    "copy_object": {"IfMatch", "IfNoneMatch"},
    "put_object_tags": {"ChecksumAlgorithm", "ContentMD5"},
}


@lru_cache
def model() -> Any:
    import botocore.session

    return botocore.session.Session().get_service_model("s3")


def members(operation: str) -> dict[str, tuple[str, str]]:
    """Return where botocore puts what an operation takes, by its name."""
    shape = model().operation_model(operation).input_shape
    return {
        name: (member.serialization["location"], member.serialization["name"].lower())
        for name, member in shape.members.items()
        if member.serialization.get("location") in ("header", "querystring")
        and name not in OURS
    }


def example(operation: str, name: str) -> Any:
    """Return a value of the type that *name* has."""
    shape = model().operation_model(operation).input_shape.members[name]
    return {
        "boolean": True,
        "integer": 7,
        "long": 7,
        "timestamp": datetime.datetime(
            2026, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc
        ),
    }.get(shape.type_name, "text")


@pytest.mark.parametrize("verb", OPERATIONS)
def test_each_setting_goes_where_botocore_puts_it(verb: str) -> None:
    operation = OPERATIONS[verb]
    for name, (place, target) in members(operation).items():
        if name.startswith("Checksum") and verb == "upload_part":
            continue  # Of each part, hence its own.
        if name in OTHERS.get(verb, ()):
            continue
        found, query = headers.requested({name: example(operation, name)}, verb)
        expected = target if place == "header" else None
        names = [key for key in found if not key.endswith("-key-md5")]
        if name.endswith("KeyMD5"):
            names = list(found)
        assert names == ([expected] if expected else []), name
        assert [key.lower() for key, _ in query] == ([] if expected else [target])


@pytest.mark.parametrize("operation", ["PutObject", "CreateMultipartUpload"])
def test_each_attribute_goes_where_botocore_puts_it(operation: str) -> None:
    for name, (place, target) in members(operation).items():
        if name == "WriteOffsetBytes":
            continue  # Of directory buckets, which boto3 speaks to.
        if (name, operation) == ("ChecksumAlgorithm", "PutObject"):
            continue  # Tells botocore what to compute.
        given = Attributes(settings={name: example(operation, name)})
        assert place == "header"
        assert target in headers.attributes(given), name


def test_what_an_operation_does_not_know_is_left_out() -> None:
    given = {"VersionId": "v", "StorageClass": "GLACIER"}
    assert headers.requested(given, "upload_part") == ({}, [])


def test_values_are_written_as_s3_wants_them() -> None:
    there = datetime.timezone(datetime.timedelta(hours=2))
    moment = datetime.datetime(2026, 11, 5, 1, 2, 3, tzinfo=there)
    given = {
        "Expires": moment,
        "ObjectLockRetainUntilDate": moment,
        "BucketKeyEnabled": False,
        "SSECustomerKey": b"k" * 32,
    }
    assert headers.attributes(Attributes("text/x", {"Colour": "red"}, given)) == {
        "expires": "Wed, 04 Nov 2026 23:02:03 GMT",
        "x-amz-object-lock-retain-until-date": "2026-11-04T23:02:03Z",
        "x-amz-server-side-encryption-bucket-key-enabled": "false",
        "x-amz-server-side-encryption-customer-key": (
            "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
        ),
        "x-amz-server-side-encryption-customer-key-md5": "mT2HRsMGJ5IX5C+0rreZ8Q==",
        "content-type": "text/x",
        "x-amz-meta-colour": "red",
    }


@pytest.mark.parametrize(
    "given",
    [
        Attributes(settings={"Nonsense": "x"}),
        Attributes(settings={"CacheControl": "a\r\nx-amz-acl: public-read"}),
        Attributes(settings={"CacheControl": 1.5}),
        Attributes(content_type="a\nb"),
        Attributes(metadata={"a": "b\0"}),
        Attributes(metadata={"a\r": "b"}),
    ],
)
def test_what_no_header_can_be_is_refused(given: Attributes) -> None:
    with pytest.raises(ValueError, match=r"unknown|single line|cannot be"):
        headers.attributes(given)


def test_conditions() -> None:
    assert headers.condition(ALWAYS) == {}
    assert headers.condition(Condition(absent=True)) == {"if-none-match": "*"}
    assert headers.condition(Condition(etag='"e"')) == {"if-match": '"e"'}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wed, 25 Nov 2026 20:20:48 GMT", (2026, 11, 25, 20, 20, 48)),
        ("Wed, 25 Nov 2026 20:20:48 +0000", (2026, 11, 25, 20, 20, 48)),
        ("2026-11-25T20:20:48Z", (2026, 11, 25, 20, 20, 48)),
        ("2026-11-25T20:20:48", (2026, 11, 25, 20, 20, 48)),
        ("soon", None),
        ("", None),
    ],
)
def test_moments(text: str, expected: tuple[int, ...] | None) -> None:
    found = headers.moment(text)
    assert (found and found.timetuple()[:6]) == expected
    assert found is None or found.tzinfo is not None


def test_both_transports_say_the_same_of_an_object(
    s3open_server: S3Server, s3open_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = Location(s3open_bucket, "a key", f"s3://{s3open_bucket}/a key")
    kept = {
        "CacheControl": "no-cache",
        "ContentDisposition": "inline",
        "ContentEncoding": "x",
        "ContentLanguage": "de",
        "Expires": datetime.datetime(2030, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
        "StorageClass": "STANDARD_IA",
        "WebsiteRedirectLocation": "/other",
    }
    attributes = Attributes("text/x", {"colour": "red"}, kept)
    found: list[contract.ObjectInfo] = []
    for transport in ("wire", "boto3"):
        monkeypatch.setenv("S3OPEN_TRANSPORT", transport)
        verbs: Verbs = clients.verbs_for(Config(), at.uri)
        if not found:
            verbs.put_object(at, [b"con", b"tent"], attributes, ALWAYS)
        found.append(verbs.head_object(at, settings={"ChecksumMode": "ENABLED"}))
        answer = verbs.get_object(at, range(3), settings={"ChecksumMode": "ENABLED"})
        answer.body.close()
        assert answer.span == range(3)
        found.append(answer.info)
    assert found[:2] == found[2:]
    whole, part = found[:2]
    assert whole.settings == {**kept, "ServerSideEncryption": "AES256"}
    assert whole.checksum is not None
    assert part.checksum is None
    assert (whole.size, part.size) == (7, 7)
    assert whole.metadata == {"colour": "red"}
