"""What an object is given after it was written: in place, or by a copy onto itself."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import errors
from s3open.s3 import duplication, endpoint, retry
from s3open.s3.boto import BotoVerbs
from s3open.testing import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from s3open.testing import S3Server
    from tests.stores import S3Store

MOMENT = datetime(2031, 2, 3, 4, 5, 6, tzinfo=timezone.utc)
SECRET, OTHER = bytes(range(32)), bytes(range(32, 64))
KEY = "s3://box/key"


@pytest.fixture
def server(s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    known = (s3open_server.endpoint_url, endpoint.COPY_WHOLE)
    monkeypatch.setitem(endpoint._known, known, endpoint.Honours.YES)
    monkeypatch.setattr(retry, "pause", lambda _: None)
    s3open_server.create_bucket("box", versioned=True)
    return s3open_server


def described(server: S3Server) -> tuple[Any, ...]:
    found = server.head("box", "key")
    own = {k: v for k, v in found.metadata.items() if not k.startswith("s3open")}
    return bytes(found.content), own, found.tags, found.content_type


# --- on every store ---------------------------------------------------------


def test_tags_are_told_replaced_and_removed(s3: S3Store) -> None:
    uri = s3.put("key", b"x")
    assert s3open.tags(uri) == {}
    s3open.set_tags(uri, {"color": "a/b: 5+5=10", "em_p-t.y@": ""})
    assert s3open.tags(uri) == {"color": "a/b: 5+5=10", "em_p-t.y@": ""}
    s3open.set_tags(uri, {"other": "1"})
    assert s3open.tags(uri) == {"other": "1"}
    assert s3.client.get_object_tagging(Bucket=s3.bucket, Key="key")["TagSet"] == [
        {"Key": "other", "Value": "1"}
    ]
    s3open.set_tags(uri, {})
    assert s3open.tags(uri) == {}


def test_tags_of_a_missing_file_are_file_not_found(s3: S3Store) -> None:
    with pytest.raises(FileNotFoundError):
        s3open.tags(s3.name("nothing"))
    with pytest.raises(FileNotFoundError):
        s3open.set_tags(s3.name("nothing"), {"a": "b"})


def test_tags_of_a_version_are_its_own(s3: S3Store) -> None:
    s3.client.put_bucket_versioning(
        Bucket=s3.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    uri = s3.put("key", b"1")
    first = s3open.stat(uri).version_id
    s3.put("key", b"2")
    s3open.set_tags(uri, {"is": "old"}, version_id=first)
    assert s3open.tags(uri) == {}
    assert s3open.tags(uri, version_id=first) == {"is": "old"}


def test_metadata_is_replaced_and_all_else_kept(s3: S3Store) -> None:
    uri = s3.name("key")
    s3open.write_bytes(
        uri,
        b"12345",
        content_type="text/x-one",
        cache_control="max-age=60",
        metadata={"old": "1"},
        tags={"color": "red"},
    )
    s3open.set_metadata(uri, {"new": "2", "spaced": "in side"})
    found = s3open.stat(uri)
    assert found.metadata == {"new": "2", "spaced": "in side"}
    assert found.content_type == "text/x-one"
    assert found.settings["CacheControl"] == "max-age=60"
    assert s3open.tags(uri) == {"color": "red"}
    assert s3.read("key") == b"12345"


def test_what_is_told_of_the_bytes_is_replaced_and_metadata_kept(s3: S3Store) -> None:
    uri = s3.name("key")
    s3open.write_bytes(uri, b"12345", metadata={"own": "1"}, cache_control="no-cache")
    s3open.set_metadata(
        uri,
        content_type="text/x-two",
        content_encoding="identity",
        content_language="de",
        content_disposition="attachment",
        expires=MOMENT,
    )
    found, head = s3open.stat(uri), s3.head("key")
    assert found.metadata == {"own": "1"}
    assert found.content_type == "text/x-two"
    assert head["CacheControl"] == "no-cache"
    assert head["ContentEncoding"] == "identity"
    assert head["ContentLanguage"] == "de"
    assert head["ContentDisposition"] == "attachment"
    assert head["Expires"] == MOMENT


def test_metadata_values_come_back_without_blanks_around_them(s3: S3Store) -> None:
    uri = s3.put("&=//%# ++++", b"x")
    s3open.set_metadata(uri, {"tag": "  on and off  "})
    assert s3open.stat(uri).metadata == {"tag": "on and off"}


def test_a_storage_class_is_another_one(s3: S3Store) -> None:
    if s3.kind == "ceph":
        pytest.skip("this store has one storage class")
    uri = s3.name("key")
    s3open.write_bytes(uri, b"x", metadata={"own": "1"}, tags={"color": "red"})
    s3open.set_storage_class(uri, "STANDARD_IA")
    found = s3open.stat(uri)
    assert found.storage_class == "STANDARD_IA"
    assert found.metadata == {"own": "1"}
    assert s3open.tags(uri) == {"color": "red"}
    s3open.set_metadata(uri, {})
    assert s3open.stat(uri).storage_class == "STANDARD_IA"


def test_encryption_is_asked_for_once(s3: S3Store) -> None:
    if s3.kind == "ceph":
        pytest.skip("this store has no keys to encrypt by")
    uri = s3.name("key")
    s3open.write_bytes(uri, b"x", metadata={"own": "1"}, tags={"color": "red"})
    assert s3open.encrypt(uri, "aws:kms")
    assert not s3open.encrypt(uri, "aws:kms")
    assert s3.head("key")["ServerSideEncryption"] == "aws:kms"
    assert s3open.encrypt(uri)
    assert not s3open.encrypt(uri)
    assert s3.head("key")["ServerSideEncryption"] == "AES256"
    assert s3open.stat(uri).metadata == {"own": "1"}
    assert s3open.tags(uri) == {"color": "red"}
    assert s3.read("key") == b"x"


def test_who_may_do_what_is_kept_if_it_is_wanted(s3: S3Store) -> None:
    if s3.kind != "ceph":
        pytest.skip("ACLs are disabled in its buckets, or it forgets groups")
    uri = s3.name("key")

    def grants() -> int:
        answer = s3.client.get_object_acl(Bucket=s3.bucket, Key="key")
        return len(answer["Grants"])

    s3open.write_bytes(uri, b"x", acl="public-read")
    assert grants() == 2
    s3open.set_metadata(uri, {"a": "1"}, preserve_acl=True)
    assert grants() == 2
    s3open.set_metadata(uri, {"a": "2"})
    assert grants() == 1
    s3open.set_metadata(uri, {"a": "3"}, acl="public-read")
    assert grants() == 2
    assert s3open.stat(uri).metadata == {"a": "3"}


# --- on our own server ------------------------------------------------------


@pytest.mark.usefixtures("_each_transport")
@pytest.mark.parametrize(
    ("requests", "ask"),
    [
        ({"GetObjectTagging": 1}, lambda: s3open.tags(KEY)),
        ({"PutObjectTagging": 1}, lambda: s3open.set_tags(KEY, {"a": "b"})),
        ({"DeleteObjectTagging": 1}, lambda: s3open.set_tags(KEY, {})),
        (
            {"HeadObject": 1, "GetObjectTagging": 1, "CopyObject": 1},
            lambda: s3open.set_metadata(KEY, {"a": "b"}),
        ),
        ({"HeadObject": 1}, lambda: s3open.set_storage_class(KEY, "STANDARD")),
        (
            {"HeadObject": 1, "GetObjectTagging": 1, "CopyObject": 1},
            lambda: s3open.set_storage_class(KEY, "GLACIER"),
        ),
        ({"HeadObject": 1}, lambda: s3open.encrypt(KEY)),
        (
            {"HeadObject": 1, "GetObjectTagging": 1, "CopyObject": 1},
            lambda: s3open.encrypt(KEY, "aws:kms"),
        ),
    ],
)
def test_it_costs(
    server: S3Server, requests: dict[str, int], ask: Callable[[], Any]
) -> None:
    server.put("box", "key", b"12345")
    with server.counting() as seen:
        ask()
    assert seen.operations == requests


@pytest.mark.usefixtures("_each_transport")
def test_a_redirect_is_set_and_kept(server: S3Server) -> None:
    server.put("box", "key", b"")
    s3open.set_metadata(KEY, website_redirect="/elsewhere")
    s3open.set_metadata(KEY, {"a": "b"})
    found = server.head("box", "key")
    assert found.about.headers["x-amz-website-redirect-location"] == "/elsewhere"


@pytest.mark.usefixtures("_each_transport")
@pytest.mark.parametrize("lost", [False, True])
def test_settings_outlive_a_lost_answer_and_a_busy_store(
    server: S3Server, lost: bool
) -> None:
    server.put("box", "key", b"12345", x_amz_meta_old="1", x_amz_tagging="color=red")
    asks: dict[str, Callable[[], object]] = {
        "GetObjectTagging": lambda: s3open.tags(KEY),
        "PutObjectTagging": lambda: s3open.set_tags(KEY, {"color": "blue"}),
        "HeadObject": lambda: s3open.set_metadata(KEY, {"a": "1"}),
        "CopyObject": lambda: s3open.set_metadata(KEY, {"a": "2"}),
    }
    for operation, ask in asks.items():
        fault = Fault(operation, status=503, times=1)
        if lost:
            fault = Fault(operation, drop="after", times=1)
        with server.faulty(fault) as armed:
            ask()
        assert armed.fired == 1
    assert described(server)[:3] == (b"12345", {"a": "2"}, {"color": "blue"})


@pytest.mark.usefixtures("_each_transport")
@pytest.mark.parametrize("options", [{}, {"sse_customer_key": SECRET}])
def test_an_acl_is_read_before_and_given_after(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    server.put("box", "key", b"12345")
    asked: list[tuple[str, str, dict[str, Any]]] = []
    policy = {"Owner": {"ID": "me"}, "Grants": [{"Permission": "READ"}]}

    def ask(self: Any, operation: str, at: Any, **arguments: Any) -> Any:
        asked.append((operation, server.head("box", "key").version_id, arguments))
        return {**policy, "ResponseMetadata": {}}

    monkeypatch.setattr(BotoVerbs, "ask_of_object", ask)
    before = server.head("box", "key").version_id
    assert s3open.encrypt(KEY, **(options or {"sse": "aws:kms"}), preserve_acl=True)
    after = server.head("box", "key").version_id
    assert asked == [
        ("get_object_acl", before, {}),
        ("put_object_acl", after, {"AccessControlPolicy": policy}),
    ]


@pytest.mark.usefixtures("_each_transport")
def test_who_writes_meanwhile_is_not_overwritten(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("box", "key", b"old")
    whole = duplication._Copy.whole

    def later(self: Any, *given: Any) -> Any:
        server.put("box", "key", b"other")
        return whole(self, *given)

    monkeypatch.setattr(duplication._Copy, "whole", later)
    with pytest.raises(errors.ObjectChangedError):
        s3open.set_metadata(KEY, {"a": "b"})
    assert described(server)[:2] == (b"other", {})


@pytest.mark.usefixtures("_each_transport")
def test_what_is_large_is_copied_in_parts(server: S3Server) -> None:
    size = (5 << 30) + 1
    server.synthetic("box", "key", size)
    s3open.set_tags(KEY, {"color": "red"})
    with server.counting() as seen:
        s3open.set_metadata(KEY, {"a": "b"}, content_type="text/x-large")
    assert {"CompleteMultipartUpload", "UploadPartCopy"} < seen.operations.keys()
    found = server.head("box", "key")
    assert (found.size, found.tags, found.content_type) == (
        size,
        {"color": "red"},
        "text/x-large",
    )
    assert s3open.stat(KEY).metadata == {"a": "b"}


@pytest.mark.usefixtures("_each_transport")
def test_the_tags_of_others_are_not_lost_silently(server: S3Server) -> None:
    server.put("box", "key", b"x", x_amz_tagging="color=red")
    server.deny("GetObjectTagging")
    with pytest.raises(PermissionError):
        s3open.set_metadata(KEY, {"a": "b"})
    assert described(server)[1:3] == ({}, {"color": "red"})
    s3open.set_metadata(KEY, {"a": "b"}, keep_tags="drop")
    assert described(server)[1:3] == ({"a": "b"}, {})


@pytest.mark.usefixtures("_each_transport")
def test_a_customers_key_encrypts_and_is_needed_from_then_on(server: S3Server) -> None:
    server.put("box", "key", b"12345", x_amz_meta_own="1")
    assert s3open.encrypt(KEY, sse_customer_key=SECRET)
    assert not s3open.encrypt(KEY, sse_customer_key=SECRET)
    assert s3open.read_bytes(KEY, sse_customer_key=SECRET) == b"12345"
    with pytest.raises(ValueError, match=r"."):
        s3open.read_bytes(KEY)
    with pytest.raises(PermissionError):
        s3open.read_bytes(KEY, sse_customer_key=OTHER)
    with pytest.raises(ValueError, match=r"."):
        s3open.encrypt(KEY)
    with pytest.raises(PermissionError):
        s3open.set_metadata(KEY, {}, sse_customer_key=OTHER)
    s3open.set_metadata(KEY, {"new": "2"}, sse_customer_key=SECRET)
    assert described(server)[:2] == (b"12345", {"new": "2"})
    s3open.set_storage_class(KEY, "STANDARD_IA", sse_customer_key=SECRET)
    assert s3open.read_bytes(KEY, sse_customer_key=SECRET) == b"12345"


@pytest.mark.usefixtures("_each_transport")
def test_a_status_is_told_to_who_has_the_key(server: S3Server) -> None:
    s3open.write_bytes(KEY, b"12345", sse_customer_key=SECRET)
    assert s3open.stat(KEY, sse_customer_key=SECRET).size == 5
    with pytest.raises(ValueError, match=r"."):
        s3open.stat(KEY)
    with pytest.raises(PermissionError):
        s3open.stat(KEY, sse_customer_key=OTHER)
    with pytest.raises(ValueError, match="32 bytes"):
        s3open.stat(KEY, sse_customer_key=b"short")


@pytest.mark.usefixtures("_each_transport")
def test_what_is_large_is_encrypted_in_parts(server: S3Server) -> None:
    server.synthetic("box", "key", (5 << 30) + 1)
    s3open.set_tags(KEY, {"color": "red"})
    assert s3open.encrypt(KEY, sse_customer_key=SECRET)
    assert s3open.stat(KEY, sse_customer_key=SECRET).size == (5 << 30) + 1
    assert s3open.tags(KEY) == {"color": "red"}


@pytest.mark.usefixtures("_each_transport")
def test_a_customers_key_is_found_again_after_a_lost_answer(server: S3Server) -> None:
    server.put("box", "key", b"12345")
    with server.faulty(Fault("CopyObject", drop="after", times=1)) as armed:
        assert s3open.encrypt(KEY, sse_customer_key=SECRET)
    assert armed.fired == 1
    assert s3open.read_bytes(KEY, sse_customer_key=SECRET) == b"12345"
    server.put("box", "key", b"12345")
    server.deny("CopyObject")
    with pytest.raises(PermissionError):
        s3open.encrypt(KEY, sse_customer_key=SECRET)


@pytest.mark.usefixtures("_each_transport")
def test_a_key_of_kms_is_compared_as_the_store_names_it(server: S3Server) -> None:
    server.put("box", "key", b"12345")
    arn = "arn:aws:kms:us-east-1:1:key/abc"
    assert s3open.encrypt(KEY, "aws:kms", sse_kms_key_id=arn)
    assert not s3open.encrypt(KEY, "aws:kms", sse_kms_key_id=arn)
    assert not s3open.encrypt(KEY, "aws:kms", sse_kms_key_id="abc")
    assert not s3open.encrypt(KEY, "aws:kms")
    assert s3open.encrypt(KEY, "aws:kms", sse_kms_key_id="def")
    assert s3open.encrypt(KEY, "aws:kms", bucket_key_enabled=True)
    assert not s3open.encrypt(KEY, "aws:kms", bucket_key_enabled=True)
    assert s3open.encrypt(KEY)
    kept = server.head("box", "key").about.headers
    assert [name for name in kept if "kms" in name] == []


def test_no_secret_is_in_an_error(server: S3Server) -> None:
    server.put("box", "key", b"12345")
    server.deny("CopyObject")
    with pytest.raises(PermissionError) as caught:
        s3open.encrypt(KEY, sse_customer_key=SECRET)
    told = repr(caught.value) + str(caught.value.__dict__)
    assert base64.b64encode(SECRET).decode() not in told
    digest = hashlib.md5(SECRET, usedforsecurity=False).digest()
    assert base64.b64encode(digest).decode() not in told


@pytest.mark.parametrize(
    ("kind", "ask"),
    [
        (ValueError, lambda: s3open.set_tags(KEY, {str(n): "" for n in range(11)})),
        (TypeError, lambda: s3open.set_tags(KEY, {"a": 1})),  # type: ignore[dict-item]
        (ValueError, lambda: s3open.set_metadata(KEY, {"a b": "1"})),
        (TypeError, lambda: s3open.set_metadata(KEY, version_id="1")),
        (TypeError, lambda: s3open.set_metadata(KEY, storage_class="GLACIER")),
        (ValueError, lambda: s3open.set_metadata(KEY, website_redirect="no")),
        (ValueError, lambda: s3open.set_storage_class(KEY, "")),
        (
            ValueError,
            lambda: s3open.encrypt(KEY, preserve_acl=True, acl="private"),
        ),
        (ValueError, lambda: s3open.encrypt(KEY, "aws:kms", sse_customer_key=SECRET)),
        (ValueError, lambda: s3open.encrypt(KEY, sse_customer_key=b"short")),
        (ValueError, lambda: s3open.encrypt(KEY, "AES256", sse_kms_key_id="k")),
        (IsADirectoryError, lambda: s3open.tags("s3://box")),
        (IsADirectoryError, lambda: s3open.set_metadata("s3://box", {})),
        (ValueError, lambda: s3open.tags("/tmp/none")),
    ],
)
def test_what_cannot_be_is_refused_before_any_request(
    server: S3Server, kind: type[Exception], ask: Callable[[], Any]
) -> None:
    with server.counting() as seen, pytest.raises(kind):
        ask()
    assert seen.total == 0


def test_what_is_missing_is_file_not_found(server: S3Server) -> None:
    for ask in (
        lambda: s3open.set_metadata(KEY, {}),
        lambda: s3open.set_storage_class(KEY, "GLACIER"),
        lambda: s3open.encrypt(KEY),
        lambda: s3open.encrypt(KEY, sse_customer_key=SECRET),
    ):
        with pytest.raises(FileNotFoundError):
            ask()


def test_a_path_has_tags(server: S3Server, tmp_path: Path) -> None:
    server.put("box", "key", b"x")
    path = s3open.S3Path(KEY)
    path.set_tags({"a": "b"})
    assert path.tags() == {"a": "b"}
