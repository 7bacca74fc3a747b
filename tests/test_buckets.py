"""Buckets on every store: made, found, looked into, configured, removed."""

from __future__ import annotations

import errno
import json
import secrets
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Bucket, FileSystem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.service.information import Upload
    from tests.stores import S3Store


@pytest.fixture
def bucket(s3: S3Store) -> Bucket:
    """The test's own bucket."""
    return Bucket(s3.bucket)


@pytest.fixture
def fresh(s3: S3Store) -> Iterator[Bucket]:
    """A bucket that is not there, and is removed in the end."""
    made = Bucket(f"fresh-{secrets.token_hex(6)}")
    yield made
    made.delete(force=True, missing_ok=True)


def test_a_bucket_is_made_found_and_removed(fresh: Bucket) -> None:
    assert not fresh.exists()
    assert fresh.create() is fresh
    assert fresh.exists()
    (fresh / "key").write_text("text")
    assert s3open.read_text(f"{fresh}/key") == "text"
    (fresh / "key").unlink()
    fresh.delete()
    assert not fresh.exists()


def test_what_is_not_there_says_so(s3: S3Store, fresh: Bucket) -> None:
    with pytest.raises(FileNotFoundError):
        fresh.delete()
    fresh.delete(missing_ok=True)
    fresh.delete(force=True, missing_ok=True)
    with pytest.raises(FileNotFoundError):
        fresh.delete(force=True)
    with pytest.raises(FileNotFoundError):
        fresh.location()
    with pytest.raises(FileNotFoundError):
        fresh.info()
    with pytest.raises(FileNotFoundError):
        list(fresh.objects())
    with pytest.raises(FileNotFoundError):
        list(fresh.uploads())
    if s3.kind != "moto":
        with pytest.raises(FileNotFoundError):
            fresh.policy()


def test_a_bucket_of_one_s_own_is_made_once(bucket: Bucket) -> None:
    with pytest.raises(FileExistsError) as caught:
        bucket.create()
    assert caught.value.filename == bucket.uri
    assert bucket.create(exist_ok=True) == bucket


def test_a_bucket_of_somebody_else_s_is_there_already(
    s3: S3Store, bucket: Bucket, other: tuple[FileSystem, str]
) -> None:
    fs, _ = other
    theirs = fs.bucket(s3.bucket)
    assert theirs.exists()
    with pytest.raises(FileExistsError):
        theirs.create()


def test_a_versioned_bucket_keeps_versions(fresh: Bucket) -> None:
    fresh.create(versioned=True)
    assert fresh.versioning() is True
    for text in ("one", "two"):
        (fresh / "key").write_text(text)
    (fresh / "key").unlink()
    found = list(fresh.versions())
    assert [each.deleted for each in found] == [True, False, False]
    assert {each.uri for each in found} == {f"{fresh}/key"}


def test_versioning_begins_and_is_suspended(bucket: Bucket) -> None:
    assert bucket.versioning() is None
    bucket.set_versioning(True)
    assert bucket.versioning() is True
    bucket.set_versioning(False)
    assert bucket.versioning() is False


def test_what_is_in_a_bucket_keeps_it_from_being_deleted(
    s3: S3Store, fresh: Bucket
) -> None:
    fresh.create(versioned=True)
    (fresh / "a" / "key").write_text("text")
    (fresh / "a" / "key").unlink()
    s3.client.create_multipart_upload(Bucket=fresh.name, Key="pending")
    with pytest.raises(OSError, match="force") as caught:
        fresh.delete()
    assert caught.value.errno == errno.ENOTEMPTY
    fresh.delete(force=True)
    assert not fresh.exists()


def test_an_empty_bucket_may_be_forced_out_too(fresh: Bucket) -> None:
    fresh.create().delete(force=True)
    assert not fresh.exists()


def test_the_buckets_of_the_account_are_listed(s3: S3Store, bucket: Bucket) -> None:
    found = {each.name: each for each in FileSystem().buckets()}
    mine = found[s3.bucket]
    assert mine.created is not None
    assert mine.created.tzinfo is not None
    age = datetime.now(timezone.utc) - mine.created
    assert abs(age) < timedelta(minutes=10)
    assert mine.owner is not None
    assert mine.owner.id == s3.client.list_buckets()["Owner"]["ID"]
    # moto has them in the order in which they were made.
    assert s3.kind == "moto" or list(found) == sorted(found)
    assert [each.name for each in FileSystem().buckets(s3.bucket)] == [s3.bucket]
    assert list(FileSystem().buckets("no-such-bucket")) == []


def test_buckets_of_one_region_are_listed(s3: S3Store, bucket: Bucket) -> None:
    fs = FileSystem()
    here = bucket.location()
    assert s3.bucket in {each.name for each in fs.buckets(s3.bucket, region=here)}
    if s3.kind != "ceph":
        assert list(fs.buckets(s3.bucket, region="ap-south-1")) == []


def test_a_bucket_is_where_it_was_made(s3: S3Store, fresh: Bucket) -> None:
    if s3.kind == "ceph":
        pytest.skip("it has one place only")
    fresh.create(region="eu-central-1")
    assert fresh.location() == "eu-central-1"


def test_the_old_name_of_ireland_is_understood(s3: S3Store, fresh: Bucket) -> None:
    if s3.kind == "ceph":
        pytest.skip("it has one place only")
    fresh.create(region="EU")
    assert fresh.location() == "eu-west-1"


def test_objects_are_listed_with_what_they_have_in_common(
    s3: S3Store, bucket: Bucket
) -> None:
    for key in ("a", "a-b", "a-c", "d/e", "d/f"):
        s3.put(key, b"12345")
    assert [each.name for each in bucket.objects()] == ["a", "a-b", "a-c", "d/e", "d/f"]
    assert [each.name for each in bucket.objects("a")] == ["a", "a-b", "a-c"]
    assert [each.name for each in bucket.objects(delimiter="/")] == [
        *("a", "a-b", "a-c", "d/")
    ]
    assert [each.name for each in bucket.objects("", "-")] == ["a", "a-", "d/e", "d/f"]
    assert [each.name for each in bucket.objects(start_after="a-c")] == ["d/e", "d/f"]
    first = next(bucket.objects(owner=True))
    assert (first.uri, first.size) == (f"{bucket}/a", 5)
    # moto's objects belong to somebody else than its buckets.
    if s3.kind != "moto":
        owner = s3.client.list_buckets()["Owner"]
        assert first.owner == (owner.get("DisplayName") or owner["ID"])


def test_pages_of_a_bucket_follow_each_other(s3: S3Store, bucket: Bucket) -> None:
    for key in ("a", "b/1", "b/2", "c"):
        s3.put(key, b"")
    page = bucket.page(delimiter="/", max_keys=2)
    assert [each.name for each in page.entries] == ["a"]
    assert page.common_prefixes == [f"{bucket}/b/"]
    assert page.is_truncated
    rest = bucket.page(delimiter="/", max_keys=2, token=page.next_token)
    assert [each.uri for each in rest.entries] == [f"{bucket}/c"]
    assert not rest.is_truncated
    marked = bucket.page("b/", start_after="b/1")
    assert [each.name for each in marked.entries] == ["b/2"]


def test_versions_are_listed_by_prefix_and_delimiter(
    s3: S3Store, bucket: Bucket
) -> None:
    bucket.set_versioning(True)
    for key in ("a/1", "a/1", "b"):
        s3.put(key, b"")
    assert [each.name for each in bucket.versions("a/")] == ["a/1", "a/1"]
    assert [each.name for each in bucket.versions(delimiter="/")] == ["a/", "b"]
    assert all(each.version_id for each in bucket.versions())


def test_uploads_are_listed_looked_into_and_aborted(
    s3: S3Store, bucket: Bucket
) -> None:
    upload = s3.client.create_multipart_upload(Bucket=s3.bucket, Key="a b+c%20/é")
    upload_id = upload["UploadId"]
    s3.client.upload_part(
        Bucket=s3.bucket,
        Key="a b+c%20/é",
        UploadId=upload_id,
        PartNumber=3,
        Body=b"123",
    )
    s3.client.create_multipart_upload(Bucket=s3.bucket, Key="b")
    [found] = bucket.uploads("a")
    assert (found.uri, found.upload_id) == (f"{bucket}/a b+c%20/é", upload_id)
    assert found.begun.tzinfo is not None
    assert {number: part.size for number, part in found.parts().items()} == {3: 3}
    found.abort()
    found.abort()
    with pytest.raises(FileNotFoundError):
        found.parts()
    assert s3.pending_uploads() == ["b"]
    aborted: list[Upload] = []
    # To moto all of them began in 2010.
    if s3.kind != "moto":
        assert bucket.abort_uploads(older_than=timedelta(days=1)) == 0
    assert bucket.abort_uploads("a") == 0
    assert bucket.abort_uploads(on_abort=aborted.append) == 1
    assert [each.uri for each in aborted] == [f"{bucket}/b"]
    assert s3.pending_uploads() == []


POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::BUCKET/secret/*",
        }
    ],
}
CORS = [
    {
        "AllowedMethods": ["GET"],
        "AllowedOrigins": ["https://example.com"],
        "MaxAgeSeconds": 60,
    }
]
LIFECYCLE = [
    {
        "ID": "tidy",
        "Filter": {"Prefix": "tmp/"},
        "Status": "Enabled",
        "Expiration": {"Days": 7},
    }
]
WEBSITE = {
    "IndexDocument": {"Suffix": "index.html"},
    "ErrorDocument": {"Key": "error.html"},
}
BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": False,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": False,
}
ENCRYPTION = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
VALUES: dict[str, Any] = {
    "policy": POLICY,
    "cors": CORS,
    "lifecycle": LIFECYCLE,
    "tags": {"team": "blue", "cost centre": "1&2"},
    "website": WEBSITE,
    "encryption": ENCRYPTION,
    "ownership": "BucketOwnerPreferred",
    "public_access_block": BLOCK,
}
# What Ceph 16.2 does not have, or only if it is set up so.
NOT_ON_CEPH = ("website", "encryption", "ownership")


@pytest.mark.parametrize("name", VALUES)
def test_a_setting_is_set_and_removed(s3: S3Store, bucket: Bucket, name: str) -> None:
    if s3.kind == "ceph" and name in NOT_ON_CEPH:
        pytest.skip("it does not have this setting")
    value = json.loads(json.dumps(VALUES[name]).replace("BUCKET", s3.bucket))
    get, put = getattr(bucket, name), getattr(bucket, f"set_{name}")
    nothing: list[Any] = [None]
    if name == "ownership":
        # Who made the bucket has one, on some stores.
        nothing.append("BucketOwnerEnforced")
    if s3.kind == "ceph":
        # It tells of what was never said that nothing is blocked.
        nothing.append(dict.fromkeys(BLOCK, False))
    put(None)
    assert get() in nothing
    put(value)
    found = get()
    if name == "encryption":
        found = [
            {k: v for k, v in each.items() if k != "BucketKeyEnabled"} for each in found
        ]
        found = [
            {k: v for k, v in each.items() if k != "BlockedEncryptionTypes"}
            for each in found
        ]
    assert found == value
    put(None)
    assert get() in nothing


def test_settings_may_be_said_in_short(s3: S3Store, bucket: Bucket) -> None:
    text = json.dumps(POLICY).replace("BUCKET", s3.bucket)
    bucket.set_policy(text)
    assert bucket.policy() == json.loads(text)
    bucket.set_tags({"a": "b"})
    bucket.set_tags({})
    assert bucket.tags() is None
    bucket.set_cors([])
    assert bucket.cors() is None
    if s3.kind == "ceph":
        return
    bucket.set_public_access_block(True)
    assert bucket.public_access_block() == dict.fromkeys(BLOCK, True)
    bucket.set_encryption("AES256")
    found = bucket.encryption()
    assert found is not None
    assert found[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_locks_are_there_from_the_beginning(fresh: Bucket, bucket: Bucket) -> None:
    assert bucket.object_lock() is None
    bucket.set_object_lock(None)
    assert bucket.object_lock() is None
    fresh.create(object_lock=True, tags={"a": "b"})
    assert fresh.versioning() is True
    assert fresh.tags() == {"a": "b"}
    assert fresh.object_lock() == {}
    fresh.set_object_lock({"Mode": "GOVERNANCE", "Days": 3})
    found = fresh.object_lock() or {}
    assert {**found, "Years": 0} == {"Mode": "GOVERNANCE", "Days": 3, "Years": 0}
    fresh.set_object_lock(None)
    assert fresh.object_lock() == {}


def test_all_settings_are_told_at_once(s3: S3Store, bucket: Bucket) -> None:
    bucket.set_versioning(True)
    bucket.set_tags({"a": "b"})
    found = bucket.info()
    assert (found.name, found.versioning, found.tags) == (s3.bucket, True, {"a": "b"})
    assert found.region == bucket.location()
    assert (found.policy, found.cors, found.lifecycle) == (None, None, None)
    assert "tags" not in found.denied
