"""What is asked of the store for buckets, and what becomes of it when it fails."""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Bucket, Config, FileSystem
from s3open.s3 import administration
from s3open.testing import Fault, S3Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BOX = Bucket("box")
NEW = Bucket("new")


@pytest.fixture
def server(s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    monkeypatch.setattr("s3open.s3.retry.pause", lambda failures: None)
    s3open_server.create_bucket("box")
    s3open_server.put("box", "key", b"12345")
    return s3open_server


@contextlib.contextmanager
def failing(server: S3Server, *faults: Fault) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for fault in faults:
            stack.enter_context(server.faulty(fault))
        yield


SIMPLE: list[tuple[str, str, str]] = [
    ("policy", "BucketPolicy", "BucketPolicy"),
    ("cors", "BucketCors", "BucketCors"),
    ("lifecycle", "BucketLifecycleConfiguration", "BucketLifecycle"),
    ("tags", "BucketTagging", "BucketTagging"),
    ("website", "BucketWebsite", "BucketWebsite"),
    ("encryption", "BucketEncryption", "BucketEncryption"),
    ("ownership", "BucketOwnershipControls", "BucketOwnershipControls"),
    ("public_access_block", "PublicAccessBlock", "PublicAccessBlock"),
]
VALUES: dict[str, Any] = {
    "policy": {"Statement": [{"Effect": "Deny"}]},
    "cors": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}],
    "lifecycle": [{"ID": "x", "Status": "Disabled", "Prefix": ""}],
    "tags": {"a": "b"},
    "website": {"IndexDocument": {"Suffix": "index.html"}},
    "encryption": "AES256",
    "ownership": "ObjectWriter",
    "public_access_block": True,
}


@pytest.mark.parametrize(("name", "operation", "deletion"), SIMPLE)
def test_a_setting_costs_one_request(
    server: S3Server, name: str, operation: str, deletion: str
) -> None:
    put = getattr(BOX, f"set_{name}")
    with server.counting() as seen:
        put(VALUES[name])
        assert getattr(BOX, name)() is not None
        put(None)
    assert seen.operations == {
        f"Put{operation}": 1,
        f"Get{operation}": 1,
        f"Delete{deletion}": 1,
    }


@pytest.mark.parametrize(("name", "operation", "deletion"), SIMPLE)
def test_a_setting_is_asked_for_again_and_denied_by_its_name(
    server: S3Server, name: str, operation: str, deletion: str
) -> None:
    put = getattr(BOX, f"set_{name}")
    with failing(
        server,
        Fault(f"Put{operation}", status=503, times=1),
        Fault(f"Get{operation}", drop="after", times=1),
        Fault(f"Delete{deletion}", drop="after", times=1),
    ):
        put(VALUES[name])
        assert getattr(BOX, name)() is not None
        put(None)
    server.deny(f"Get{operation}")
    server.deny(f"Put{operation}")
    for call in (getattr(BOX, name), lambda: put(VALUES[name])):
        with pytest.raises(PermissionError, match=r"s3:(Get|Put)\w+ is needed"):
            call()


def test_what_checks_a_configuration_is_what_all_stores_know(server: S3Server) -> None:
    with server.counting() as seen:
        BOX.set_lifecycle(VALUES["lifecycle"])
        BOX.set_tags({"a": "b"})
    for record in seen.records:
        assert "content-md5" in record.headers


COSTS: list[tuple[str, dict[str, int], Callable[[], object]]] = [
    ("buckets", {"ListBuckets": 1}, lambda: list(FileSystem().buckets())),
    ("bucket", {}, lambda: FileSystem().bucket("box")),
    ("create", {"HeadBucket": 1, "CreateBucket": 1}, NEW.create),
    ("create, there", {"HeadBucket": 1}, lambda: BOX.create(exist_ok=True)),
    (
        "create, elsewhere",
        {"HeadBucket": 1, "CreateBucket": 1},
        lambda: NEW.create("eu-west-1"),
    ),
    (
        "create, versioned",
        {"HeadBucket": 1, "CreateBucket": 1, "PutBucketVersioning": 1},
        lambda: NEW.create(versioned=True),
    ),
    (
        "create, all",
        {"HeadBucket": 1, "CreateBucket": 1, "PutBucketTagging": 1},
        lambda: NEW.create(tags={"a": "b"}, ownership="ObjectWriter", object_lock=True),
    ),
    ("delete, missing", {"DeleteBucket": 1}, lambda: NEW.delete(missing_ok=True)),
    (
        "delete, forced",
        {
            "ListMultipartUploads": 1,
            "ListObjectVersions": 1,
            "DeleteObjects": 1,
            "DeleteBucket": 1,
        },
        lambda: BOX.delete(force=True),
    ),
    ("exists", {"HeadBucket": 1}, BOX.exists),
    ("location", {"HeadBucket": 1}, BOX.location),
    ("objects", {"ListObjectsV2": 1}, lambda: list(BOX.objects())),
    ("page", {"ListObjectsV2": 1}, BOX.page),
    ("versions", {"ListObjectVersions": 1}, lambda: list(BOX.versions())),
    ("uploads", {"ListMultipartUploads": 1}, lambda: list(BOX.uploads())),
    ("abort_uploads", {"ListMultipartUploads": 1}, BOX.abort_uploads),
    ("versioning", {"GetBucketVersioning": 1}, BOX.versioning),
    ("set", {"PutBucketVersioning": 1}, lambda: BOX.set_versioning(True)),
    ("object_lock", {"GetObjectLockConfiguration": 1}, BOX.object_lock),
    (
        "object_lock, none",
        {"GetObjectLockConfiguration": 1},
        lambda: BOX.set_object_lock(None),
    ),
]


@pytest.mark.parametrize(
    ("cost", "call"), [row[1:] for row in COSTS], ids=[row[0] for row in COSTS]
)
def test_each_asks_for_so_much(
    server: S3Server, cost: dict[str, int], call: Callable[[], object]
) -> None:
    with server.counting() as seen:
        call()
    assert seen.operations == cost


def test_all_settings_are_asked_for_once(server: S3Server) -> None:
    with server.counting() as seen:
        found = BOX.info()
    assert set(seen.operations.values()) == {1}
    assert seen.operations["HeadBucket"] == 1
    assert len(seen.operations) >= 11
    assert (found.region, found.ownership) == ("us-east-1", "ObjectWriter")
    assert (found.policy, found.object_lock, found.versioning) == (None, None, None)


def test_what_may_not_be_asked_for_is_told_apart(server: S3Server) -> None:
    server.deny("GetBucketPolicy")
    with failing(
        server,
        Fault("GetBucketWebsite", status=501, code="NotImplemented"),
        Fault("GetBucketEncryption", status=405, code="MethodNotAllowed"),
    ):
        found = BOX.info()
    assert {"policy", "website", "encryption"} <= set(found.denied)
    assert "cors" not in found.denied
    assert found.policy is None


def test_a_failure_of_one_setting_is_one_of_all(server: S3Server) -> None:
    with (
        server.faulty(Fault("GetBucketCors", status=400, code="InvalidRequest")),
        pytest.raises(s3open.S3Error),
    ):
        BOX.info()


def test_a_store_that_takes_a_setting_for_a_listing_does_not_know_it(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from s3open.testing import operations

    for name in ("GetBucketEncryption", "GetBucketWebsite"):
        monkeypatch.setitem(
            operations._OPERATIONS, name, operations._OPERATIONS["ListObjectsV2"]
        )
    for call in (BOX.encryption, BOX.website):
        with pytest.raises(s3open.S3Error, match="does not know") as caught:
            call()
        assert caught.value.code == "NotImplemented"
    assert {"encryption", "website"} <= set(BOX.info().denied)


@pytest.mark.parametrize("drop", ["before", "after"])
def test_an_answer_that_is_lost_makes_or_removes_no_bucket_twice(
    s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch, drop: Any
) -> None:
    monkeypatch.setattr("s3open.s3.retry.pause", lambda failures: None)
    with failing(
        s3open_server,
        Fault("CreateBucket", drop=drop, times=1),
        Fault("DeleteBucket", drop=drop, times=1),
    ):
        # Where a second request is an error, other than in the oldest region.
        NEW.create("eu-west-1")
        assert NEW.exists()
        NEW.delete()
        assert not NEW.exists()


def test_a_bucket_that_was_there_before_is_no_lost_answer(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on AWS in another region than the oldest: nobody looks before.
    monkeypatch.setattr(administration, "takes_own_for_new", lambda *_: False)
    server.create_bucket("new", "eu-west-1")
    with pytest.raises(FileExistsError, match="yours already"):
        NEW.create("eu-west-1")
    assert NEW.create("eu-west-1", exist_ok=True) == NEW


def test_a_lost_answer_and_503_are_made_up_for(server: S3Server) -> None:
    server.create_bucket("versions", versioned=True)
    with failing(
        server,
        Fault("ListBuckets", status=503, times=1),
        Fault("HeadBucket", drop="after", times=1),
        Fault("GetBucketVersioning", drop="after", times=1),
        Fault("PutBucketVersioning", status=500, times=1),
        Fault("ListMultipartUploads", status=503, times=1),
    ):
        assert [each.name for each in FileSystem().buckets()] == ["box", "versions"]
        assert BOX.location() == "us-east-1"
        assert BOX.versioning() is None
        BOX.set_versioning(True)
        assert BOX.abort_uploads() == 0
    assert BOX.versioning() is True


@pytest.fixture
def three(server: S3Server) -> S3Server:
    import boto3

    client: Any = boto3.client("s3")
    for key in ("a", "b", "c"):
        client.create_multipart_upload(Bucket="box", Key=key)
    return server


def test_one_upload_that_cannot_be_aborted_keeps_no_other(three: S3Server) -> None:
    fault = Fault("AbortMultipartUpload", key="b", status=403)
    with three.faulty(fault), pytest.raises(s3open.TreeError) as caught:
        BOX.abort_uploads()
    assert caught.value.errno == errno.EACCES
    assert [name for name, _ in caught.value.failed] == ["s3://box/b"]
    assert [upload.key for upload in three.uploads("box")] == ["b"]


def test_uploads_are_listed_page_by_page(
    three: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("s3open.testing.upload_listing.MAX_UPLOADS", 1)
    with three.counting() as seen:
        assert BOX.abort_uploads() == 3
    assert seen.operations["ListMultipartUploads"] == 3


def test_buckets_are_listed_page_by_page(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("s3open.s3.administration._PAGE", 2)
    for name in ("one", "two", "three", "four"):
        server.create_bucket(name, "eu-west-1" if name == "two" else None)
    with server.counting() as seen:
        found = list(FileSystem().buckets())
    assert seen.operations == {"ListBuckets": 3}
    assert [each.name for each in found] == ["box", "four", "one", "three", "two"]
    assert [each.region for each in found][-2:] == ["us-east-1", "eu-west-1"]
    with server.counting() as seen:
        listed = FileSystem().buckets(region="eu-west-1")
        assert [each.name for each in listed] == ["two"]
    assert seen.operations == {"ListBuckets": 1}


def test_a_store_that_knows_no_pages_prefixes_or_regions_is_asked_all_the_same(
    s3open_server: S3Server,
) -> None:
    known = ["max-buckets", "prefix", "bucket-region"]
    for name in ("one", "two"):
        s3open_server.create_bucket(name, "eu-west-1" if name == "two" else None)
    with s3open_server.faulty(Fault("ListBuckets", ignore=known)):
        fs = FileSystem()
        assert [each.name for each in fs.buckets("o")] == ["one"]
        assert [each.name for each in fs.buckets(region="EU")] == ["two"]


def test_an_account_may_have_one_bucket_or_none(s3open_server: S3Server) -> None:
    assert list(FileSystem().buckets()) == []
    s3open_server.create_bucket("one")
    [found] = FileSystem().buckets()
    assert (found.name, found.region) == ("one", "us-east-1")
    assert found.owner == ("s3open", "s3open")


def test_who_may_not_list_buckets_is_told_what_is_needed(server: S3Server) -> None:
    server.deny("ListBuckets")
    with pytest.raises(PermissionError, match="s3:ListAllMyBuckets"):
        list(FileSystem().buckets())


def test_where_a_bucket_is_is_told_even_to_strangers(server: S3Server) -> None:
    server.create_bucket("far", "eu-west-1")
    server.deny("HeadBucket")
    assert Bucket("far").location() == "eu-west-1"
    assert Bucket("far").exists()
    with pytest.raises(PermissionError, match="s3:ListBucket"):
        Bucket("nowhere").location()


def test_a_store_that_does_not_tell_where_a_bucket_is_is_asked_for_that(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from s3open.testing import operations
    from s3open.testing.request import Answer

    Bucket("ireland").create("EU")
    monkeypatch.setitem(
        operations._OPERATIONS, "HeadBucket", lambda state, request: Answer(200)
    )
    assert Bucket("box").location() == "us-east-1"
    with server.counting() as seen:
        assert Bucket("ireland").location() == "eu-west-1"
    assert seen.operations["GetBucketLocation"] == 1


def test_a_bucket_whose_region_nobody_tells_is_there(server: S3Server) -> None:
    with server.faulty(Fault("HeadBucket", status=301, code="PermanentRedirect")):
        assert BOX.exists()


def test_a_client_of_one_s_own_reaches_buckets(server: S3Server) -> None:
    import boto3

    client: Any = boto3.client("s3")
    bucket = Bucket("mine", client=client)
    bucket.create("eu-west-1")
    assert bucket.location() == "eu-west-1"
    assert "mine" in {each.name for each in FileSystem(client=client).buckets()}
    bucket.delete(force=True)


BAD: list[tuple[str, Callable[[], object]]] = [
    ("acl", lambda: NEW.create(acl="everybody")),
    ("ownership", lambda: NEW.create(ownership="mine")),
    ("ownership", lambda: BOX.set_ownership("mine")),
    ("mfa_delete needs mfa", lambda: BOX.set_versioning(True, mfa_delete=True)),
    ("Expecting", lambda: BOX.set_policy("{")),
    ("JSON object", lambda: BOX.set_policy("[]")),
    ("dict or its JSON", lambda: BOX.set_policy(7)),  # type: ignore[arg-type]
    ("list of dicts", lambda: BOX.set_cors({})),  # type: ignore[arg-type]
    ("list of dicts", lambda: BOX.set_lifecycle("[]")),  # type: ignore[arg-type]
    ("not a dict", lambda: BOX.set_tags(["a"])),  # type: ignore[arg-type]
    ("IndexDocument", lambda: BOX.set_website({})),
    ("encryption", lambda: BOX.set_encryption("rot13")),
    ("public_access", lambda: BOX.set_public_access_block({"All": True})),
    ("lacks", lambda: BOX.set_public_access_block({"BlockPublicAcls": True})),
    ("a bool", lambda: BOX.set_versioning("off")),  # type: ignore[arg-type]
    ("Unknown parameter", lambda: BOX.set_cors([{"Nonsense": 1}])),
]


@pytest.mark.parametrize(("told", "call"), BAD)
def test_what_cannot_be_is_told_before_anything_is_asked(
    server: S3Server, told: str, call: Callable[[], object]
) -> None:
    with server.counting() as seen, pytest.raises((ValueError, TypeError), match=told):
        call()
    assert seen.operations == {}


def test_the_device_s_code_is_sent_and_never_logged(
    server: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "s3open")
    BOX.set_versioning(True, mfa_delete=True, mfa="serial 123456")
    with pytest.raises(PermissionError) as caught:
        BOX.set_versioning(False)
    assert "123456" not in str(caught.value)
    with pytest.raises(PermissionError):
        BOX.set_versioning(True, mfa_delete=False, mfa="serial 654321")
    BOX.set_versioning(True, mfa_delete=False, mfa="serial 123456")
    BOX.set_versioning(False)
    assert BOX.versioning() is False
    assert "put_bucket_versioning" in caplog.text or "PutBucketV" in caplog.text
    assert "123456" not in caplog.text


def test_a_bucket_keeps_its_configuration(server: S3Server) -> None:
    config = Config(part_size=6 << 20)
    bucket = FileSystem(config).bucket("s3://box")
    assert (bucket / "key").read_bytes() == b"12345"
    assert [each.uri for each in bucket.objects()] == ["s3://box/key"]
    assert bucket.config is config
