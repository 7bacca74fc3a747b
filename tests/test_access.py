"""ACLs on every store that speaks S3, and what a second user makes of them."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

import s3open
from s3open import ACL, Bucket, FileSystem, Grant, errors
from s3open.testing import Fault
from tests.stores import MIB

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing import S3Server
    from tests.stores import S3Store


def anonymous_status(s3: S3Store, path: str) -> int:
    """Return what somebody without credentials is answered."""
    url = urlsplit(s3.endpoint.url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def permissions(acl: ACL, grantee: str) -> set[str]:
    return {each.permission for each in acl.grants if each.grantee == grantee}


def test_an_object_belongs_to_who_has_written_it(s3: S3Store) -> None:
    name = s3.put("key", b"content")
    acl = s3open.acl(name)
    said = s3.client.get_object_acl(Bucket=s3.bucket, Key="key")
    assert acl.owner.id == said["Owner"]["ID"]
    assert permissions(acl, acl.owner.id) == {"FULL_CONTROL"}
    assert s3open.S3Path(name).acl() == acl
    assert Bucket(s3.bucket).acl().owner == acl.owner


def test_a_canned_acl_is_set_and_taken_back(s3: S3Store) -> None:
    name, bucket = s3.put("key", b"content"), Bucket(s3.bucket)
    before = s3open.acl(name)
    assert anonymous_status(s3, f"/{s3.bucket}/key") == 403 or s3.kind == "moto"
    s3open.set_acl(name, "public-read")
    assert permissions(s3open.acl(name), Grant.EVERYONE) == {"READ"}
    assert anonymous_status(s3, f"/{s3.bucket}/key") == 200
    assert FileSystem(anonymous=True).read_bytes(name) == b"content"
    s3open.set_acl(name, "private")
    assert s3open.acl(name) == before
    bucket.set_acl("public-read-write")
    found = permissions(bucket.acl(), Grant.EVERYONE)
    # moto tells the first of a grantee's permissions.
    assert found == ({"READ"} if s3.kind == "moto" else {"READ", "WRITE"})
    assert anonymous_status(s3, f"/{s3.bucket}") == 200
    bucket.set_acl("private")
    assert permissions(bucket.acl(), Grant.EVERYONE) == set()


@pytest.mark.parametrize(
    "form", [lambda acl: acl, ACL.xml, lambda acl: acl.xml().encode(), ACL.for_boto]
)
def test_an_acl_is_given_in_every_form(
    s3: S3Store, form: Callable[[ACL], object]
) -> None:
    name, bucket = s3.put("key", b""), Bucket(s3.bucket)
    acl = s3open.acl(name).granting(Grant(Grant.EVERYONE, "READ"))
    s3open.set_acl(name, form(acl))  # type: ignore[arg-type]
    # moto gives an object its bucket's ACL, whatever the document says.
    assert set(s3open.acl(name).grants) == set(acl.grants) or s3.kind == "moto"
    acl = bucket.acl().granting(Grant(Grant.EVERYONE, "READ"))
    bucket.set_acl(form(acl))  # type: ignore[arg-type]
    assert set(bucket.acl().grants) == set(acl.grants)


def test_each_version_has_an_acl_of_its_own(s3: S3Store) -> None:
    if s3.kind == "moto":
        pytest.skip("its versions have one ACL")
    s3.client.put_bucket_versioning(
        Bucket=s3.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    name = s3.name("key")
    ids = [
        s3.client.put_object(Bucket=s3.bucket, Key="key", Body=body)["VersionId"]
        for body in (b"old", b"new")
    ]
    s3open.set_acl(name, "public-read", version_id=ids[0])
    assert permissions(s3open.acl(name), Grant.EVERYONE) == set()
    old = s3open.acl(name, version_id=ids[0])
    assert permissions(old, Grant.EVERYONE) == {"READ"}


def test_what_is_not_there_has_no_acl(s3: S3Store) -> None:
    for call in (s3open.acl, lambda name: s3open.set_acl(name, "private")):
        with pytest.raises(FileNotFoundError):
            call(s3.name("none"))
        with pytest.raises(FileNotFoundError):
            call("s3://no-such-bucket-of-anybody/key")
    with pytest.raises(FileNotFoundError, match="no-such-bucket-of-anybody"):
        Bucket("no-such-bucket-of-anybody").acl()


def test_another_user_may_do_what_is_granted_until_it_is_taken_away(
    s3: S3Store, other: tuple[FileSystem, str]
) -> None:
    fs, user = other
    name = s3.put("key", b"content")
    private = s3open.acl(name)
    reading: list[Callable[[], object]] = [
        lambda: fs.read_bytes(name),
        lambda: fs.acl(name),
        lambda: fs.set_acl(name, private),
    ]

    def allowed() -> list[bool]:
        return [is_allowed(call) for call in reading]

    assert allowed() == [False, False, False]
    s3open.set_acl(name, private.granting(Grant(user, "READ")))
    assert allowed() == [True, False, False]
    s3open.set_acl(name, private.granting(Grant(user, "READ_ACP")))
    assert allowed() == [False, True, False]
    s3open.set_acl(name, private.granting(Grant(user, "FULL_CONTROL")))
    # The last one takes from itself what it was granted.
    assert allowed() == [True, True, True]
    assert allowed() == [False, False, False]


def is_allowed(call: Callable[[], object]) -> bool:
    try:
        call()
    except PermissionError:
        return False
    return True


def test_another_user_may_list_and_write_where_that_is_granted(
    s3: S3Store, other: tuple[FileSystem, str]
) -> None:
    fs, user = other
    mine, bucket = s3.put("mine", b"content"), Bucket(s3.bucket)
    theirs = s3.name("theirs")
    private = bucket.acl()

    def allowed() -> list[bool]:
        calls: list[Callable[[], object]] = [
            lambda: list(fs.ls(bucket)),
            lambda: fs.write_bytes(theirs, b"theirs"),
        ]
        return [is_allowed(call) for call in calls]

    assert allowed() == [False, False]
    bucket.set_acl(private.granting(Grant(user, "READ")))
    assert allowed() == [True, False]
    bucket.set_acl(private.granting(Grant(user, "WRITE")))
    assert allowed() == [False, True]
    assert fs.acl(theirs).owner.id == user
    assert not is_allowed(lambda: fs.read_bytes(mine))
    # Also in one's own bucket, what somebody else has written is theirs.
    if s3.kind != "ceph":
        assert not is_allowed(lambda: s3open.read_bytes(theirs))
    fs.set_acl(theirs, "bucket-owner-full-control")
    assert s3open.read_bytes(theirs) == b"theirs"
    bucket.set_acl(private)
    assert allowed() == [False, False]


def test_owners_are_told_in_listings(
    s3: S3Store, other: tuple[FileSystem, str]
) -> None:
    fs, user = other
    s3.put("mine", b"")
    bucket = Bucket(s3.bucket)
    bucket.set_acl("public-read-write")
    fs.write_bytes(s3.name("theirs"), b"")
    answer = s3.client.list_objects_v2(Bucket=s3.bucket, FetchOwner=True)
    owners = {each["Key"]: each["Owner"]["ID"] for each in answer["Contents"]}
    assert owners == {"mine": bucket.acl().owner.id, "theirs": user}
    page = s3open.list_page(bucket, owner=True)
    assert len({entry.owner for entry in page.entries}) == 2


@pytest.mark.parametrize("size", [1, 6 * MIB])
def test_an_acl_given_at_writing_is_there(s3: S3Store, size: int) -> None:
    name = s3.name("key")
    fs = FileSystem(part_size=5 * MIB)
    with fs.open(name, "wb", acl="public-read") as file:
        file.write(bytes(size))
    assert permissions(s3open.acl(name), Grant.EVERYONE) == {"READ"}
    s3open.cp(name, s3.name("copy"))
    assert permissions(s3open.acl(s3.name("copy")), Grant.EVERYONE) == set()


@pytest.mark.usefixtures("_each_transport")
def test_where_acls_are_disabled_it_is_said_what_to_do(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("modern", ownership="BucketOwnerEnforced")
    s3open_server.put("modern", "key", b"")
    calls: list[Callable[[], object]] = [
        lambda: s3open.set_acl("s3://modern/key", "public-read"),
        lambda: s3open.set_acl("s3://modern/key", s3open.acl("s3://modern/key")),
        lambda: Bucket("modern").set_acl("public-read"),
    ]
    for call in calls:
        with pytest.raises(errors.S3Error, match="lists are disabled") as caught:
            call()
        assert caught.value.code == "AccessControlListNotSupported"
        assert caught.value.status == 400
        assert str(caught.value.filename).startswith("s3://modern")
        assert caught.value.request_id
    # What is as it is anyway is no error.
    with s3open.open("s3://modern/key", "wb", acl="bucket-owner-full-control"):
        pass
    assert [each.permission for each in Bucket("modern").acl().grants] == [
        "FULL_CONTROL"
    ]


def test_each_is_one_request_that_is_sent_again_if_need_be(
    s3open_server: S3Server,
) -> None:
    s3open_server.create_bucket("box")
    s3open_server.put("box", "key", b"")
    bucket, name = Bucket("box"), "s3://box/key"
    calls: dict[str, Callable[[], object]] = {
        "GetObjectAcl": lambda: s3open.acl(name),
        "PutObjectAcl": lambda: s3open.set_acl(name, "private"),
        "GetBucketAcl": bucket.acl,
        "PutBucketAcl": lambda: bucket.set_acl("private"),
        "GetBucketLogging": bucket.logging,
        "PutBucketLogging": lambda: bucket.set_logging(None),
    }
    for operation, call in calls.items():
        with s3open_server.counting() as seen:
            call()
        assert seen.operations == {operation: 1}
        for fault in (
            Fault(operation, status=503, times=1),
            Fault(operation, drop="after", times=1),
        ):
            with s3open_server.faulty(fault), s3open_server.counting() as seen:
                call()
            assert seen.operations == {operation: 2}
        with s3open_server.faulty(Fault(operation, status=403)):
            with pytest.raises(PermissionError, match=f"s3:{operation} is needed"):
                call()


EMPTY = b"<BucketLoggingStatus><LoggingEnabled/></BucketLoggingStatus>"


@pytest.mark.parametrize("body", [b"", b"<html/>", b"<html>log in", EMPTY])
@pytest.mark.parametrize("operation", ["GetObjectAcl", "GetBucketAcl"])
def test_an_answer_of_somebody_else_is_no_acl(
    s3open_server: S3Server, operation: str, body: bytes
) -> None:
    s3open_server.create_bucket("box")
    s3open_server.put("box", "key", b"")
    fs = FileSystem(attempts=1)
    with s3open_server.faulty(Fault(operation, body=body, times=None)):
        with pytest.raises(errors.S3Error):
            fs.acl("s3://box/key")
            fs.bucket("box").acl()


@pytest.mark.parametrize("body", [b"<html>log in", EMPTY])
def test_an_answer_of_somebody_else_says_nothing_of_logs(
    s3open_server: S3Server, body: bytes
) -> None:
    s3open_server.create_bucket("box")
    with s3open_server.faulty(Fault("GetBucketLogging", body=body, times=None)):
        with pytest.raises(errors.S3Error):
            Bucket("box", attempts=1).logging()


def test_who_may_not_make_it_public_learns_of_both_reasons(
    s3open_server: S3Server,
) -> None:
    s3open_server.create_bucket("box")
    s3open_server.put("box", "key", b"")
    s3open_server.deny("PutObjectAcl")
    s3open_server.deny("PutBucketAcl")
    with pytest.raises(PermissionError, match=r"s3:PutObjectAcl .* to be blocked"):
        s3open.S3Path("s3://box/key").set_acl("public-read")
    with pytest.raises(PermissionError, match=r"s3:PutBucketAcl .* to be blocked"):
        Bucket("box").set_acl("public-read")
    with pytest.raises(PermissionError, match="s3:PutObjectVersionAcl"):
        s3open.set_acl("s3://box/key", "private", version_id="null")


def test_bad_arguments_are_refused_before_any_request(s3open_server: S3Server) -> None:
    calls: list[tuple[type[Exception], Callable[[], object]]] = [
        (ValueError, lambda: s3open.acl("/tmp/file")),
        (ValueError, lambda: s3open.set_acl("/tmp/file", "private")),
        (IsADirectoryError, lambda: s3open.acl("s3://box")),
        (ValueError, lambda: s3open.set_acl("s3://box/key", "publicread")),
        (ValueError, lambda: s3open.set_acl("s3://box/key", "log-delivery-write")),
        (ValueError, lambda: Bucket("box").set_acl("bucket-owner-read")),
        (ValueError, lambda: Bucket("box").set_logging("<a/>")),
    ]
    for kind, call in calls:
        with pytest.raises(kind):
            call()
    assert s3open_server.requests == []
