"""The server's locks, archive, customers' keys and devices, over plain HTTP."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.test_testing_support import client_of, code

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing import S3Server

LATER = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=2)
LOCKED: dict[str, Any] = {"Bucket": "locked", "Key": "key"}
IN_BOX: dict[str, Any] = {"Bucket": "box", "Key": "key"}
SECRET, OTHER = bytes(range(32)), bytes(range(32, 64))
DENIED = (403, "AccessDenied")


@pytest.fixture
def server(s3open_server: S3Server) -> S3Server:
    s3open_server.create_bucket("locked", lock=True)
    s3open_server.create_bucket("box", versioned=True)
    s3open_server.put("locked", "key", b"12345")
    s3open_server.put("box", "key", b"12345")
    return s3open_server


@pytest.fixture
def client(server: S3Server) -> Any:
    return client_of(server)


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ClientError) as error:
        call()
    return code(error)


def keyed(secret: bytes, prefix: str = "") -> dict[str, str]:
    return {
        f"{prefix}SSECustomerAlgorithm": "AES256",
        f"{prefix}SSECustomerKey": base64.b64encode(secret).decode(),
        f"{prefix}SSECustomerKeyMD5": base64.b64encode(
            hashlib.md5(secret, usedforsecurity=False).digest()
        ).decode(),
    }


# --- locks ------------------------------------------------------------------


def test_a_bucket_is_made_with_locks(server: S3Server, client: Any) -> None:
    client.create_bucket(Bucket="made", ObjectLockEnabledForBucket=True)
    version = client.put_object(Bucket="made", Key="key", Body=b"")["VersionId"]
    at = {"Bucket": "made", "Key": "key"}
    client.put_object_legal_hold(**at, LegalHold={"Status": "ON"})
    assert refusal(lambda: client.delete_object(**at, VersionId=version)) == DENIED
    client.delete_object(**at)


def test_a_legal_hold_is_on_off_or_was_never_said(client: Any) -> None:
    assert refusal(lambda: client.get_object_legal_hold(**LOCKED)) == (
        404,
        "NoSuchObjectLockConfiguration",
    )
    assert "ObjectLockLegalHoldStatus" not in client.head_object(**LOCKED)
    for status in ("ON", "OFF"):
        client.put_object_legal_hold(**LOCKED, LegalHold={"Status": status})
        found = client.get_object_legal_hold(**LOCKED)["LegalHold"]
        assert found == {"Status": status}
        told = client.head_object(**LOCKED)
        assert told["ObjectLockLegalHoldStatus"] == status
    assert refusal(
        lambda: client.put_object_legal_hold(**LOCKED, LegalHold={"Status": "MAYBE"})
    ) == (400, "MalformedXML")


def test_a_retention_may_be_extended_not_shortened(client: Any) -> None:
    def retain(mode: str, until: datetime, **more: Any) -> Any:
        told = {"Mode": mode, "RetainUntilDate": until}
        return client.put_object_retention(**LOCKED, Retention=told, **more)

    bypass = {"BypassGovernanceRetention": True}
    assert refusal(lambda: client.get_object_retention(**LOCKED)) == (
        404,
        "NoSuchObjectLockConfiguration",
    )
    retain("GOVERNANCE", LATER)
    retain("GOVERNANCE", LATER + timedelta(days=1))
    assert refusal(lambda: retain("GOVERNANCE", LATER)) == DENIED
    assert refusal(lambda: retain("COMPLIANCE", LATER)) == DENIED
    retain("COMPLIANCE", LATER, **bypass)
    found = client.get_object_retention(**LOCKED)["Retention"]
    assert found == {"Mode": "COMPLIANCE", "RetainUntilDate": LATER}
    assert refusal(lambda: retain("GOVERNANCE", LATER, **bypass)) == DENIED
    retain("COMPLIANCE", LATER + timedelta(days=1))
    told = client.head_object(**LOCKED)
    assert told["ObjectLockMode"] == "COMPLIANCE"
    assert told["ObjectLockRetainUntilDate"] == LATER + timedelta(days=1)


@pytest.mark.parametrize(
    ("retention", "expected"),
    [
        ({"Mode": "GOVERNANCE"}, (400, "MalformedXML")),
        ({"Mode": "X", "RetainUntilDate": LATER}, (400, "MalformedXML")),
        (
            {"Mode": "GOVERNANCE", "RetainUntilDate": LATER - timedelta(days=9)},
            (400, "InvalidArgument"),
        ),
    ],
)
def test_what_is_no_retention_is_refused(
    client: Any, retention: dict[str, Any], expected: tuple[int, str]
) -> None:
    def ask() -> Any:
        return client.put_object_retention(**LOCKED, Retention=retention)

    assert refusal(ask) == expected


def test_a_bucket_without_locks_locks_nothing(client: Any) -> None:
    expected = (400, "InvalidRequest")
    asks: list[Callable[[], object]] = [
        lambda: client.get_object_legal_hold(**IN_BOX),
        lambda: client.get_object_retention(**IN_BOX),
        lambda: client.put_object(**IN_BOX, ObjectLockLegalHoldStatus="ON"),
        lambda: client.create_multipart_upload(
            **IN_BOX, ObjectLockLegalHoldStatus="ON"
        ),
    ]
    assert [refusal(ask) for ask in asks] == [expected] * len(asks)


def test_what_is_new_is_locked_as_the_bucket_says(
    server: S3Server, client: Any
) -> None:
    server._state.store.buckets["locked"].settings["object-lock"] = (
        b"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
        b"<DefaultRetention><Mode>COMPLIANCE</Mode><Days>3</Days></DefaultRetention>"
        b"</Rule></ObjectLockConfiguration>"
    )
    client.put_object(**LOCKED, Body=b"new")
    found = client.get_object_retention(**LOCKED)["Retention"]
    assert found["Mode"] == "COMPLIANCE"
    assert LATER < found["RetainUntilDate"] < LATER + timedelta(days=2)


def test_what_comes_in_parts_and_by_copies_is_locked(client: Any) -> None:
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": LATER}
    upload = client.create_multipart_upload(**LOCKED, **lock)["UploadId"]
    at = {**LOCKED, "UploadId": upload}
    part = client.upload_part(**at, PartNumber=1, Body=b"x")
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    client.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})
    assert client.get_object_retention(**LOCKED)["Retention"]["Mode"] == "GOVERNANCE"
    copy = {"Bucket": "locked", "Key": "copy"}
    client.copy_object(**copy, CopySource=LOCKED, ObjectLockLegalHoldStatus="ON")
    assert client.get_object_legal_hold(**copy)["LegalHold"]["Status"] == "ON"
    assert refusal(lambda: client.get_object_retention(**copy))[0] == 404


def test_what_is_locked_stays_when_many_are_deleted(client: Any) -> None:
    version = client.head_object(**LOCKED)["VersionId"]
    client.put_object_legal_hold(**LOCKED, LegalHold={"Status": "ON"})
    doomed = [{"Key": "key", "VersionId": version}, {"Key": "none", "VersionId": "x"}]
    answer = client.delete_objects(Bucket="locked", Delete={"Objects": doomed})
    assert [each["Code"] for each in answer["Errors"]] == ["AccessDenied"]
    assert [each["Key"] for each in answer["Deleted"]] == ["none"]


# --- the archive ------------------------------------------------------------


def test_what_is_archived_comes_back_for_a_while(server: S3Server, client: Any) -> None:
    client.put_object(**IN_BOX, Body=b"cold", StorageClass="GLACIER")
    restore: dict[str, Any] = {
        "Days": 2,
        "GlacierJobParameters": {"Tier": "Bulk"},
    }

    def ask() -> Any:
        return client.restore_object(**IN_BOX, RestoreRequest=restore)

    assert "Restore" not in client.head_object(**IN_BOX)
    assert ask()["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert client.head_object(**IN_BOX)["Restore"] == 'ongoing-request="true"'
    assert refusal(ask) == (409, "RestoreAlreadyInProgress")
    assert refusal(lambda: client.get_object(**IN_BOX)) == (403, "InvalidObjectState")
    assert server.finish_restores("box") == 1
    assert server.finish_restores("box") == 0
    assert client.get_object(**IN_BOX)["Body"].read() == b"cold"
    told = client.head_object(**IN_BOX)["Restore"]
    assert told.startswith('ongoing-request="false", expiry-date="')
    assert ask()["ResponseMetadata"]["HTTPStatusCode"] == 200
    server.head("box", "key").restored = 1.0
    assert "Restore" not in client.head_object(**IN_BOX)
    assert refusal(lambda: client.get_object(**IN_BOX)) == (403, "InvalidObjectState")
    assert ask()["ResponseMetadata"]["HTTPStatusCode"] == 202


def test_what_is_not_archived_is_not_restored(client: Any) -> None:
    def ask(**restore: Any) -> Any:
        return client.restore_object(**IN_BOX, RestoreRequest=restore)

    assert refusal(lambda: ask(Days=1)) == (403, "InvalidObjectState")
    assert refusal(ask) == (400, "MalformedXML")
    tier = {"Tier": "Soon"}
    expected = (400, "MalformedXML")
    assert refusal(lambda: ask(Days=1, GlacierJobParameters=tier)) == expected


# --- customers' keys --------------------------------------------------------


def test_a_customers_key_is_needed_to_read(client: Any) -> None:
    client.put_object(**IN_BOX, Body=b"x", **keyed(SECRET))
    reads: list[Callable[..., Any]] = [
        client.get_object,
        client.head_object,
        lambda **given: client.get_object_attributes(
            **given, ObjectAttributes=["ETag"]
        ),
    ]
    for read in reads:
        assert refusal(partial(read, **IN_BOX))[0] == 400
        assert refusal(partial(read, **IN_BOX, **keyed(OTHER)))[0] == 403
        read(**IN_BOX, **keyed(SECRET))
    told = client.head_object(**IN_BOX, **keyed(SECRET))
    assert told["SSECustomerAlgorithm"] == "AES256"
    assert "ServerSideEncryption" not in told


def test_a_customers_key_is_needed_to_copy(client: Any) -> None:
    client.put_object(**IN_BOX, Body=b"x", **keyed(SECRET))
    copy = {"Bucket": "box", "Key": "copy", "CopySource": IN_BOX}
    source = keyed(SECRET, "CopySource")
    assert refusal(lambda: client.copy_object(**copy)) == (400, "InvalidRequest")
    wrong = keyed(OTHER, "CopySource")
    assert refusal(lambda: client.copy_object(**copy, **wrong)) == DENIED
    client.copy_object(**copy, **source)
    assert client.get_object(Bucket="box", Key="copy")["Body"].read() == b"x"


def test_a_key_for_what_has_none_is_refused(server: S3Server, client: Any) -> None:
    server.put("box", "plain", b"x")
    at = {"Bucket": "box", "Key": "plain"}
    assert refusal(lambda: client.get_object(**at, **keyed(SECRET))) == (
        400,
        "InvalidRequest",
    )


# --- devices ----------------------------------------------------------------


def test_a_version_goes_only_with_the_code_of_a_device(
    server: S3Server, client: Any
) -> None:
    server.mfa_device("box", "serial 123456")
    version = client.head_object(**IN_BOX)["VersionId"]
    at = {**IN_BOX, "VersionId": version}
    assert refusal(lambda: client.delete_object(**at)) == DENIED
    assert refusal(lambda: client.delete_object(**at, MFA="serial 1")) == DENIED
    client.delete_object(**IN_BOX)
    client.delete_object(**at, MFA="serial 123456")
    server.mfa_device("box", None)
    marker = client.list_object_versions(Bucket="box")["DeleteMarkers"][0]
    client.delete_object(**IN_BOX, VersionId=marker["VersionId"])
