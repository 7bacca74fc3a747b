"""Legal holds, retention, and what is done with what they keep."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Retention, errors
from s3open.s3 import retry
from s3open.testing import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3open.testing import S3Server
    from tests.stores import S3Store

KEY = "s3://locked/key"
LATER = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=2)
DAY = timedelta(days=1)


@pytest.fixture
def server(s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    monkeypatch.setattr(retry, "pause", lambda _: None)
    s3open_server.create_bucket("locked", lock=True)
    s3open_server.create_bucket("box", versioned=True)
    s3open_server.put("locked", "key", b"12345")
    s3open_server.put("box", "key", b"12345")
    return s3open_server


@pytest.fixture
def locked(s3: S3Store) -> Iterator[str]:
    """A file in a bucket with object lock, on every store; freed in the end."""
    bucket = f"{s3.bucket}-locked"
    s3.client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    s3.client.put_object(Bucket=bucket, Key="key", Body=b"12345")
    uri = f"s3://{bucket}/key"
    yield uri
    found = s3.client.list_object_versions(Bucket=bucket).get("Versions", [])
    for entry in found:
        s3open.set_legal_hold(uri, False, version_id=entry["VersionId"])
    s3open.rm(uri, versions=True, bypass_governance=True, missing_ok=True)
    s3.client.delete_bucket(Bucket=bucket)


def version_of(uri: str) -> str:
    found = s3open.stat(uri).version_id
    assert found is not None
    return found


# --- on every store ---------------------------------------------------------


def test_a_legal_hold_keeps_a_version(locked: str) -> None:
    assert s3open.legal_hold(locked) is False
    s3open.set_legal_hold(locked, True)
    assert s3open.legal_hold(locked) is True
    version = version_of(locked)
    with pytest.raises(PermissionError):
        s3open.rm(locked, version_id=version)
    s3open.set_legal_hold(locked, False)
    assert s3open.legal_hold(locked) is False
    s3open.rm(locked, version_id=version)
    assert not s3open.exists(locked)


def test_a_retention_keeps_a_version_until_it_is_bypassed(
    locked: str, s3: S3Store
) -> None:
    if s3.kind == "moto":
        pytest.skip("this store does not tell of retentions")
    assert s3open.retention(locked) is None
    s3open.set_retention(locked, "GOVERNANCE", LATER)
    assert s3open.retention(locked) == Retention("GOVERNANCE", LATER)
    version = version_of(locked)
    with pytest.raises(PermissionError):
        s3open.rm(locked, version_id=version)
    s3open.set_retention(locked, "GOVERNANCE", LATER + DAY)
    with pytest.raises(PermissionError):
        s3open.set_retention(locked, "GOVERNANCE", LATER)
    s3open.set_retention(locked, "GOVERNANCE", LATER, bypass_governance=True)
    found = s3open.retention(locked, version_id=version)
    assert found == Retention("GOVERNANCE", LATER)
    s3open.rm(locked, version_id=version, bypass_governance=True)
    assert not s3open.exists(locked)


def test_without_object_lock_it_is_an_error(s3: S3Store) -> None:
    uri = s3.put("key", b"x")
    asks: list[Callable[[], None]] = [
        lambda: s3open.set_legal_hold(uri, True),
        lambda: s3open.set_retention(uri, "GOVERNANCE", LATER),
    ]
    for ask in asks:
        with pytest.raises(errors.S3Error) as caught:
            ask()
        assert caught.value.status in (400, 404, 409)


# --- on our own server ------------------------------------------------------


@pytest.mark.usefixtures("_each_transport")
def test_locks_are_given_at_writing_and_seen(server: S3Server) -> None:
    given: dict[str, Any] = {
        "object_lock_mode": "COMPLIANCE",
        "object_lock_retain_until": LATER,
        "object_lock_legal_hold": True,
    }
    s3open.write_bytes(KEY, b"new", **given)
    assert s3open.legal_hold(KEY)
    assert s3open.retention(KEY) == Retention("COMPLIANCE", LATER)
    with s3open.open(KEY, "ab", **given) as file:
        file.write(b"er")
    assert s3open.legal_hold(KEY)
    first = [each.version_id for each in s3open.versions(KEY)][-1]
    assert not s3open.legal_hold(KEY, version_id=first)


def test_what_nobody_can_shorten_stays(server: S3Server) -> None:
    s3open.set_retention(KEY, "COMPLIANCE", LATER)
    version = version_of(KEY)
    for bypass in (False, True):
        with pytest.raises(PermissionError):
            s3open.set_retention(KEY, None, None, bypass_governance=bypass)
        with pytest.raises(PermissionError):
            s3open.rm(KEY, version_id=version, bypass_governance=bypass)
    # It is hidden, which takes nothing away.
    s3open.rm(KEY)
    assert s3open.restore(KEY) == 1


def test_a_retention_is_taken_away(server: S3Server) -> None:
    s3open.set_retention(KEY, "GOVERNANCE", LATER.astimezone().replace(tzinfo=None))
    assert s3open.retention(KEY) == Retention("GOVERNANCE", LATER)
    s3open.set_retention(KEY, None, None, bypass_governance=True)
    assert s3open.retention(KEY) is None


@pytest.mark.usefixtures("_each_transport")
def test_many_versions_go_past_governance_with_one_request(server: S3Server) -> None:
    for _ in range(3):
        s3open.write_bytes(KEY, b"x")
        s3open.set_retention(KEY, "GOVERNANCE", LATER)
    with pytest.raises(s3open.TreeError):
        s3open.rm("s3://locked/", recursive=True, versions=True)
    assert len(list(s3open.versions(KEY))) == 3
    with server.counting() as seen:
        s3open.rm("s3://locked/", recursive=True, versions=True, bypass_governance=True)
    assert seen.operations == {"ListObjectVersions": 1, "DeleteObjects": 1}
    assert not s3open.exists(KEY)


def test_what_is_copied_onto_itself_is_not_locked(server: S3Server) -> None:
    s3open.set_legal_hold(KEY, True)
    s3open.set_metadata(KEY, {"a": "b"})
    assert not s3open.legal_hold(KEY)


@pytest.mark.parametrize(
    ("operation", "ask"),
    [
        ("GetObjectLegalHold", lambda: s3open.legal_hold(KEY)),
        ("PutObjectLegalHold", lambda: s3open.set_legal_hold(KEY, True)),
        ("GetObjectRetention", lambda: s3open.retention(KEY)),
        (
            "PutObjectRetention",
            lambda: s3open.set_retention(KEY, "GOVERNANCE", LATER),
        ),
    ],
)
@pytest.mark.parametrize("change", [{"status": 503}, {"drop": "after"}])
def test_each_is_one_request_and_outlives_a_failure(
    server: S3Server,
    operation: str,
    ask: Callable[[], object],
    change: dict[str, Any],
) -> None:
    with server.counting() as seen:
        ask()
    assert seen.operations == {operation: 1}
    with server.faulty(Fault(operation, times=1, **change)) as armed:
        ask()
    assert armed.fired == 1
    server.deny(operation)
    with pytest.raises(PermissionError, match=f"s3:{operation} is needed"):
        ask()


def test_what_keeps_nothing_says_so(server: S3Server) -> None:
    for ask in (
        lambda: s3open.legal_hold("s3://box/key"),
        lambda: s3open.retention("s3://box/key"),
    ):
        with pytest.raises(errors.S3Error, match="Object Lock"):
            ask()
    with pytest.raises(FileNotFoundError):
        s3open.legal_hold("s3://locked/nothing")


@pytest.mark.parametrize(
    ("kind", "ask"),
    [
        (ValueError, lambda: s3open.set_retention(KEY, "FOREVER", LATER)),
        (ValueError, lambda: s3open.set_retention(KEY, "GOVERNANCE", None)),
        (ValueError, lambda: s3open.set_retention(KEY, None, LATER)),
        (
            ValueError,
            lambda: s3open.set_retention(KEY, "GOVERNANCE", LATER - 3 * DAY),
        ),
        (TypeError, lambda: s3open.set_retention(KEY, "GOVERNANCE", "later")),  # type: ignore[arg-type]
        (TypeError, lambda: s3open.set_legal_hold(KEY, "OFF")),  # type: ignore[arg-type]
        (IsADirectoryError, lambda: s3open.legal_hold("s3://locked")),
        (ValueError, lambda: s3open.legal_hold("/tmp/none")),
        (ValueError, lambda: s3open.rm("/tmp/none", bypass_governance=True)),
    ],
)
def test_what_cannot_be_is_refused_before_any_request(
    server: S3Server, kind: type[Exception], ask: Callable[[], Any]
) -> None:
    with server.counting() as seen, pytest.raises(kind):
        ask()
    assert seen.total == 0
