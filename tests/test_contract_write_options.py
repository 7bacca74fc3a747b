"""The options for writing: each arrives at the store, in every way of writing."""

from __future__ import annotations

import base64
import io
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Config
from s3open.files import signature
from s3open.stores import attributes, options
from tests.stores import MIB, open_any

if TYPE_CHECKING:
    from s3open.testing import S3Server
    from tests.stores import S3Store, Store

PARTS = Config(part_size=5 * MIB)
SIZES = pytest.mark.parametrize("size", [10, 5 * MIB + 1], ids=["small", "in parts"])
MOMENT = datetime(2031, 2, 3, 4, 5, 6, tzinfo=timezone.utc)
SECRET = bytes(range(32))
SSE_C = "x-amz-server-side-encryption-customer-"


@SIZES
@pytest.mark.parametrize("mode", ["wb", "xb", "ab"])
def test_what_is_asked_for_is_kept(s3: S3Store, mode: str, size: int) -> None:
    given: dict[str, Any] = {
        "content_encoding": "identity",
        "content_language": "de",
        "content_disposition": 'attachment; filename="a.txt"',
        "cache_control": "max-age=60",
        "expires": MOMENT,
        "storage_class": "REDUCED_REDUNDANCY" if s3.kind != "ceph" else "STANDARD",
        "tags": {"color": "a/b: 5+5=10", "em_p-t.y@": ""},
    }
    with open_any(s3.name("key"), mode, config=PARTS, **given) as file:
        file.write(bytes(size))
    head = s3.head("key")
    assert head["ContentEncoding"] == "identity"
    assert head["ContentLanguage"] == "de"
    assert head["ContentDisposition"] == 'attachment; filename="a.txt"'
    assert head["CacheControl"] == "max-age=60"
    assert head["Expires"] == MOMENT
    assert head.get("StorageClass", "STANDARD") == given["storage_class"]
    assert tags(s3) == given["tags"]


def tags(s3: S3Store) -> dict[str, str]:
    answer = s3.client.get_object_tagging(Bucket=s3.bucket, Key="key")
    return {tag["Key"]: tag["Value"] for tag in answer.get("TagSet", [])}


def test_tags_may_be_of_any_script(s3open_server: S3Server, s3open_bucket: str) -> None:
    with s3open.open(f"s3://{s3open_bucket}/key", "w", tags={"größe": "κ 5"}) as file:
        file.write("x")
    assert s3open_server.head(s3open_bucket, "key").tags == {"größe": "κ 5"}


@pytest.mark.parametrize("mode", ["r+b", "ab"])
def test_an_update_keeps_what_is_not_given(s3: S3Store, mode: str) -> None:
    given: dict[str, Any] = {
        "content_type": "text/x-old",
        "content_language": "de",
        "cache_control": "no-store",
        "metadata": {"color": "red"},
        "tags": {"color": "red"},
    }
    with s3open.open(s3.name("key"), "wb", **given) as file:
        file.write(b"old")
    with open_any(s3.name("key"), mode, cache_control="max-age=1") as file:
        file.write(b"new")
    head = s3.head("key")
    assert head["ContentType"] == "text/x-old"
    assert head["ContentLanguage"] == "de"
    assert head["CacheControl"] == "max-age=1"
    assert head["Metadata"]["color"] == "red"
    assert tags(s3) == {"color": "red"}


@pytest.mark.parametrize("mode", ["r+b", "ab"])
def test_an_update_can_empty_metadata_and_tags(s3: S3Store, mode: str) -> None:
    with s3open.open(
        s3.name("key"), "wb", metadata={"color": "red"}, tags={"color": "red"}
    ) as file:
        file.write(b"old")
    with open_any(s3.name("key"), mode, metadata={}, tags={}) as file:
        file.write(b"new")
    assert "color" not in s3.head("key")["Metadata"]
    assert tags(s3) == {}


class TestTagsThatCannotBeRead:
    @pytest.fixture(autouse=True)
    def uri(self, s3open_server: S3Server, s3open_bucket: str) -> str:
        s3open_server.put(s3open_bucket, "key", b"old", x_amz_tagging="color=red")
        s3open_server.deny("GetObjectTagging")
        return f"s3://{s3open_bucket}/key"

    def test_are_dropped_with_a_warning(
        self, uri: str, s3open_server: S3Server
    ) -> None:
        file = s3open.open(uri, "a")
        file.write("new")
        with pytest.warns(RuntimeWarning, match="loses its tags"):
            file.close()
        assert s3open_server.head("s3open-test", "key").tags == {}

    @pytest.mark.usefixtures("_private_recovery")
    def test_are_an_error_if_they_are_required(
        self, uri: str, s3open_server: S3Server
    ) -> None:
        file = s3open.open(uri, "a", keep_tags="require")
        file.write("new")
        with pytest.raises(PermissionError):
            file.close()
        assert s3open_server.read("s3open-test", "key") == b"old"
        assert s3open_server.head("s3open-test", "key").tags == {"color": "red"}

    @pytest.mark.parametrize("given", [{"keep_tags": "drop"}, {"tags": {"a": "b"}}])
    def test_are_not_asked_for_if_nobody_wants_them(
        self, uri: str, s3open_server: S3Server, given: dict[str, Any]
    ) -> None:
        with s3open_server.counting() as seen, open_any(uri, "a", **given) as file:
            file.write("new")
        assert "GetObjectTagging" not in seen.operations
        tags = s3open_server.head("s3open-test", "key").tags
        assert tags == given.get("tags", {})


@SIZES
def test_headers_that_other_stores_lack_arrive_too(
    s3open_server: S3Server, size: int
) -> None:
    s3open_server.create_bucket("locked", lock=True)
    with (
        s3open_server.counting() as seen,
        s3open.open(
            "s3://locked/key",
            "wb",
            acl="bucket-owner-full-control",
            sse_kms_key_id="my-key",
            bucket_key_enabled=True,
            website_redirect="/elsewhere",
            object_lock_mode="GOVERNANCE",
            object_lock_retain_until=MOMENT,
            object_lock_legal_hold=True,
            extra_args={"ExpectedBucketOwner": "111122223333"},
            config=PARTS,
        ) as file,
    ):
        file.write(bytes(size))
    first = seen.records[0].headers
    assert first["x-amz-acl"] == "bucket-owner-full-control"
    assert first["x-amz-server-side-encryption"] == "aws:kms"
    assert first["x-amz-server-side-encryption-aws-kms-key-id"] == "my-key"
    assert first["x-amz-server-side-encryption-bucket-key-enabled"] == "true"
    assert first["x-amz-website-redirect-location"] == "/elsewhere"
    assert first["x-amz-object-lock-mode"] == "GOVERNANCE"
    assert first["x-amz-object-lock-retain-until-date"] == "2031-02-03T04:05:06Z"
    assert first["x-amz-object-lock-legal-hold"] == "ON"
    for request in seen.records:
        assert request.headers["x-amz-expected-bucket-owner"] == "111122223333"


def test_grants_arrive(s3open_server: S3Server, s3open_bucket: str) -> None:
    grants = {"read": 'id="1"', "full_control": 'id="2", id="3"'}
    with s3open_server.counting() as seen:
        s3open.open(f"s3://{s3open_bucket}/key", "wb", grants=grants).close()
    headers = seen.records[0].headers
    assert headers["x-amz-grant-read"] == 'id="1"'
    assert headers["x-amz-grant-full-control"] == 'id="2", id="3"'


@SIZES
@pytest.mark.usefixtures("_known_to_honour")
def test_a_customers_key_goes_with_every_request(
    s3open_server: S3Server, s3open_bucket: str, size: int
) -> None:
    uri = f"s3://{s3open_bucket}/key"
    with s3open_server.counting() as seen:
        with s3open.open(uri, "xb", sse_customer_key=SECRET, config=PARTS) as file:
            file.write(bytes(size))
        with s3open.open(uri, "rb", sse_customer_key=SECRET) as reader:
            assert reader.read() == bytes(size)
        with s3open.open(uri, "r+b", sse_customer_key=SECRET, config=PARTS) as update:
            update.write(b"x")
    operations = seen.operations.keys()
    assert {"HeadObject", "GetObject"} < operations
    if size > MIB:
        assert {
            "CreateMultipartUpload",
            "UploadPart",
            "CompleteMultipartUpload",
        } < operations
    else:
        assert "PutObject" in operations
    for request in seen.records:
        if request.operation != "GetObjectTagging":
            secret = base64.b64encode(SECRET).decode()
            assert request.headers[f"{SSE_C}key"] == secret
            assert request.headers[f"{SSE_C}algorithm"] == "AES256"
            assert request.headers[f"{SSE_C}key-md5"]


@pytest.mark.usefixtures("_known_to_honour")
def test_a_new_encryption_replaces_all_of_the_old_one(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    uri = f"s3://{s3open_bucket}/key"
    s3open.open(uri, "wb", sse_kms_key_id="my-key").close()
    with s3open_server.counting() as seen:
        with s3open.open(uri, "ab", sse="AES256") as file:
            file.write(b"x")
    headers = seen.records[-1].headers
    assert headers["x-amz-server-side-encryption"] == "AES256"
    assert "x-amz-server-side-encryption-aws-kms-key-id" not in headers


BAD: list[tuple[type[Exception], dict[str, Any]]] = [
    (TypeError, {"content_type": b"text/plain"}),
    (TypeError, {"content_encoding": 1}),
    (ValueError, {"content_disposition": "attachment; filename=ä"}),
    (ValueError, {"cache_control": "a\nb"}),
    (TypeError, {"expires": "tomorrow"}),
    (TypeError, {"metadata": "color=red"}),
    (TypeError, {"tags": [("color", "red")]}),
    (TypeError, {"tags": {"color": 1}}),
    (ValueError, {"tags": {"": "red"}}),
    (ValueError, {"tags": {"color": "red & blue"}}),
    (ValueError, {"tags": {"x" * 129: "red"}}),
    (ValueError, {"tags": {"color": "x" * 257}}),
    (ValueError, {"tags": {str(number): "" for number in range(11)}}),
    (ValueError, {"keep_tags": "maybe"}),
    (ValueError, {"acl": "publicread"}),
    (TypeError, {"grants": 'id="1"'}),
    (TypeError, {"grants": {"read": ["1"]}}),
    (ValueError, {"grants": {"write": 'id="1"'}}),
    (ValueError, {"grants": {"read": 'id="1"'}, "acl": "private"}),
    (ValueError, {"sse": "AES256", "sse_kms_key_id": "my-key"}),
    (TypeError, {"sse_customer_key": "0" * 32}),
    (ValueError, {"sse_customer_key": bytes(31)}),
    (ValueError, {"sse_customer_key": SECRET, "sse": "AES256"}),
    (TypeError, {"bucket_key_enabled": "yes"}),
    (ValueError, {"website_redirect": "elsewhere"}),
    (ValueError, {"object_lock_mode": "GOVERNANCE"}),
    (ValueError, {"object_lock_retain_until": MOMENT}),
    (ValueError, {"object_lock_mode": "x", "object_lock_retain_until": MOMENT}),
    (TypeError, {"object_lock_legal_hold": "ON"}),
    (TypeError, {"extra_args": [1]}),
    (ValueError, {"extra_args": {"Bucket": "other"}}),
    (ValueError, {"extra_args": {"Nonsense": 1}}),
    (ValueError, {"extra_args": {"StorageClass": "A"}, "storage_class": "B"}),
    (ValueError, {"extra_args": {"ContentType": "a/b"}, "content_type": "c/d"}),
    (TypeError, {"extra_args": {"Metadata": {"color": 1}}}),
    (ValueError, {"on_error": "keep"}),
    (ValueError, {"on_unclosed": "discard"}),
    (TypeError, {"no_such_option": 1}),
]


@pytest.mark.parametrize(("kind", "given"), BAD, ids=lambda value: str(value)[:60])
@pytest.mark.parametrize("mode", ["w", "rb", "a+"])
def test_what_cannot_be_is_refused_before_any_request(
    s3open_server: S3Server, mode: str, kind: type[Exception], given: dict[str, Any]
) -> None:
    with s3open_server.counting() as seen, pytest.raises(kind) as caught:
        open_any("s3://bucket/key", mode, **given)
    assert caught.type is kind
    assert any(name in str(caught.value) for name in [*given, "metadata"])
    assert not seen.operations


def test_options_for_writing_do_nothing_to_local_files_and_readers(
    store: Store,
) -> None:
    name = store.put("file", b"content")
    with s3open.open(name, "rb", tags={"a": "b"}, storage_class="X") as file:
        assert file.read() == b"content"
    if store.kind == "local":
        with s3open.open(name, "wb", tags={"a": "b"}, on_error="publish") as local:
            assert type(local) is io.BufferedWriter


def test_extra_args_are_what_botocore_knows() -> None:
    import botocore.session

    model = botocore.session.get_session().get_service_model("s3")
    shapes = [
        model.operation_model(name).input_shape.members.keys()
        for name in ("PutObject", "CreateMultipartUpload")
    ]
    # Newer than the oldest botocore that will do.
    recent = {name for name in attributes.EXTRA if "EventHold" in name}
    assert attributes.EXTRA - recent <= shapes[0] & shapes[1]


def test_the_names_are_those_that_the_types_and_the_documentation_have() -> None:
    text = Path(signature.__file__).read_text()
    for name in options.NAMES:
        assert f"        {name}: " in text
        # Python 3.13 takes the indentation away.
        assert f" {name}: " in str(open_any.__doc__)
