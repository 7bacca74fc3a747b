"""Owners, ACLs and logging on the test server, asked by boto3 and by plain HTTP."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from s3open.testing import S3Server
from tests.test_testing_support import client_of, code, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
AT = {"Bucket": "box", "Key": "key"}


@pytest.fixture(scope="module")
def _server() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def server(_server: S3Server) -> S3Server:
    _server.reset()
    _server.add_credentials("other", "secret", owner="other")
    _server.create_bucket("box")
    _server.put("box", "key", b"content")
    return _server


@pytest.fixture
def client(server: S3Server) -> Any:
    return client_of(server)


@pytest.fixture
def stranger(server: S3Server) -> Any:
    """Another account."""
    return client_of(server, aws_access_key_id="other", aws_secret_access_key="secret")


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ClientError) as error:
        call()
    return code(error)


def grants(answer: Any) -> list[tuple[str, str]]:
    return [
        (each["Grantee"].get("ID") or each["Grantee"]["URI"], each["Permission"])
        for each in answer["Grants"]
    ]


DENIED = (403, "AccessDenied")


def test_nothing_is_a_strangers_to_use(client: Any, stranger: Any) -> None:
    client.create_bucket(Bucket="theirs")
    upload = client.create_multipart_upload(**AT)["UploadId"]
    source = {"CopySource": AT}
    client_calls: list[Callable[[], object]] = [
        lambda: stranger.get_object(**AT),
        lambda: stranger.get_object(Bucket="box", Key="none"),
        lambda: stranger.put_object(**AT, Body=b""),
        lambda: stranger.delete_object(**AT),
        lambda: stranger.get_object_tagging(**AT),
        lambda: stranger.get_object_attributes(**AT, ObjectAttributes=["ETag"]),
        lambda: stranger.get_object_acl(**AT),
        lambda: stranger.put_object_acl(**AT, ACL="private"),
        lambda: stranger.list_objects_v2(Bucket="box"),
        lambda: stranger.list_object_versions(Bucket="box"),
        lambda: stranger.list_parts(**AT, UploadId=upload),
        lambda: stranger.get_bucket_acl(Bucket="box"),
        lambda: stranger.put_bucket_acl(Bucket="box", ACL="private"),
        lambda: stranger.get_bucket_location(Bucket="box"),
        lambda: stranger.put_bucket_versioning(
            Bucket="box", VersioningConfiguration={"Status": "Enabled"}
        ),
        lambda: stranger.get_bucket_logging(Bucket="box"),
        lambda: stranger.delete_bucket(Bucket="box"),
    ]
    for call in client_calls:
        assert refusal(call) == DENIED
    stranger.create_bucket(Bucket="own")
    copied = refusal(lambda: stranger.copy_object(Bucket="own", Key="k", **source))
    assert copied == DENIED
    missing = refusal(lambda: stranger.get_object(Bucket="none", Key="key"))
    assert missing == (404, "NoSuchBucket")
    assert refusal(lambda: client.list_objects_v2(Bucket="own")) == DENIED


def test_what_is_granted_is_allowed_and_no_more(client: Any, stranger: Any) -> None:
    client.put_object_acl(**AT, GrantRead='id="other"')
    assert stranger.get_object(**AT)["Body"].read() == b"content"
    assert refusal(lambda: stranger.get_object_acl(**AT)) == DENIED
    stranger.create_bucket(Bucket="own")
    stranger.copy_object(Bucket="own", Key="k", CopySource=AT)
    client.put_object_acl(**AT, GrantReadACP="id=other", GrantWriteACP="id=other")
    assert refusal(lambda: stranger.get_object(**AT)) == DENIED
    assert grants(stranger.get_object_acl(**AT)) == [
        ("other", "READ_ACP"),
        ("other", "WRITE_ACP"),
    ]
    stranger.put_object_acl(**AT, ACL="private")
    assert refusal(lambda: stranger.get_object_acl(**AT)) == DENIED


def test_a_bucket_is_opened_to_those_with_credentials(
    server: S3Server, client: Any, stranger: Any
) -> None:
    client.put_bucket_acl(
        Bucket="box", GrantWrite=f'uri="{AUTHENTICATED}"', GrantRead="id=other"
    )
    stranger.put_object(Bucket="box", Key="theirs", Body=b"1")
    assert stranger.list_objects_v2(Bucket="box")["KeyCount"] == 2
    assert send(server, "PUT", "/box/new", b"").code == "AccessDenied"
    # The tags of one's own object are one's own.
    tags = {"TagSet": [{"Key": "a", "Value": "1"}]}
    theirs = {"Bucket": "box", "Key": "theirs"}
    stranger.put_object_tagging(**theirs, Tagging=tags)
    assert refusal(lambda: client.get_object(**theirs)) == DENIED
    client.get_object_tagging(**theirs)
    client.delete_object(**theirs)
    missing = refusal(lambda: stranger.get_object(**theirs))
    assert missing == (404, "NoSuchKey")


def test_public_grants_admit_the_unsigned(server: S3Server, client: Any) -> None:
    assert send(server, "GET", "/box/key").code == "AccessDenied"
    client.put_object_acl(**AT, ACL="public-read")
    assert send(server, "GET", "/box/key").body == b"content"
    assert send(server, "HEAD", "/box/key").status == 200
    for target in ("/box", "/box/key?acl", "/box/none", "/none/key", "/"):
        assert send(server, "GET", target).code == "AccessDenied"
    client.put_bucket_acl(Bucket="box", ACL="public-read-write")
    assert send(server, "GET", "/box").status == 200
    assert send(server, "GET", "/box/none").code == "NoSuchKey"
    assert send(server, "PUT", "/box/new", b"new").status == 200
    assert send(server, "PUT", "/another").code == "AccessDenied"
    client.put_object_acl(**AT, ACL="authenticated-read")
    assert send(server, "GET", "/box/key").code == "AccessDenied"


def test_acls_are_given_when_something_is_made(server: S3Server, client: Any) -> None:
    client.put_object(Bucket="box", Key="put", Body=b"1", ACL="public-read")
    client.copy_object(Bucket="box", Key="copy", CopySource=AT, ACL="public-read")
    client.copy_object(
        Bucket="box", Key="plain", CopySource={"Bucket": "box", "Key": "put"}
    )
    at = {"Bucket": "box", "Key": "parts"}
    upload = client.create_multipart_upload(**at, ACL="public-read")["UploadId"]
    part = client.upload_part(**at, UploadId=upload, PartNumber=1, Body=b"1")
    client.complete_multipart_upload(
        **at,
        UploadId=upload,
        MultipartUpload={"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]},
    )
    readable = [
        key
        for key in ("put", "copy", "plain", "parts")
        if send(server, "GET", f"/box/{key}").status == 200
    ]
    assert readable == ["put", "copy", "parts"]
    client.create_bucket(
        Bucket="open", ACL="public-read", ObjectOwnership="ObjectWriter"
    )
    assert send(server, "GET", "/open").status == 200


def test_canned_acls_are_what_they_are_called(client: Any, stranger: Any) -> None:
    own = [("other", "FULL_CONTROL")]
    client.put_bucket_acl(Bucket="box", ACL="public-read-write")
    at = {"Bucket": "box", "Key": "theirs"}
    for canned, more in {
        "private": [],
        "aws-exec-read": [],
        "bucket-owner-read": [("s3open", "READ")],
        "bucket-owner-full-control": [("s3open", "FULL_CONTROL")],
        "public-read-write": [(EVERYONE, "READ"), (EVERYONE, "WRITE")],
    }.items():
        stranger.put_object(**at, Body=b"", ACL=canned)
        assert grants(stranger.get_object_acl(**at)) == own + more
    client.put_bucket_acl(Bucket="box", ACL="log-delivery-write")
    logs = "http://acs.amazonaws.com/groups/s3/LogDelivery"
    assert grants(client.get_bucket_acl(Bucket="box"))[1:] == [
        (logs, "WRITE"),
        (logs, "READ_ACP"),
    ]


def test_owners_are_listed(server: S3Server, client: Any, stranger: Any) -> None:
    server.create_bucket("modern", ownership="BucketOwnerEnforced")
    server.create_bucket("preferred", ownership="BucketOwnerPreferred")
    client.put_bucket_acl(Bucket="box", ACL="public-read-write")
    client.put_bucket_acl(Bucket="preferred", ACL="public-read-write")
    stranger.put_object(Bucket="box", Key="theirs", Body=b"")
    giving = "bucket-owner-full-control"
    stranger.put_object(Bucket="preferred", Key="given", Body=b"", ACL=giving)
    stranger.put_object(Bucket="preferred", Key="theirs", Body=b"")
    stranger.create_multipart_upload(Bucket="box", Key="half")

    def owners(bucket: str) -> dict[str, str]:
        answer = client.list_objects_v2(Bucket=bucket, FetchOwner=True)
        return {each["Key"]: each["Owner"]["ID"] for each in answer["Contents"]}

    assert owners("box") == {"key": "s3open", "theirs": "other"}
    assert owners("preferred") == {"given": "s3open", "theirs": "other"}
    versions = client.list_object_versions(Bucket="box")["Versions"]
    assert [each["Owner"]["ID"] for each in versions] == ["s3open", "other"]
    (upload,) = client.list_multipart_uploads(Bucket="box")["Uploads"]
    assert upload["Owner"]["ID"] == upload["Initiator"]["ID"] == "other"
    stranger.create_bucket(Bucket="own", ObjectOwnership="ObjectWriter")
    stranger.put_bucket_versioning(
        Bucket="own", VersioningConfiguration={"Status": "Enabled"}
    )
    server.put("own", "key", b"")
    stranger.delete_object(Bucket="own", Key="key")
    listed = stranger.list_object_versions(Bucket="own")
    told = [*listed["Versions"], *listed["DeleteMarkers"]]
    assert [each["Owner"]["ID"] for each in told] == ["other", "other"]


def test_disabled_acls_are_refused(server: S3Server, client: Any) -> None:
    server.create_bucket("modern", ownership="BucketOwnerEnforced")
    at = {"Bucket": "modern", "Key": "key"}
    client.put_object(**at, Body=b"", ACL="bucket-owner-full-control")
    unsupported = (400, "AccessControlListNotSupported")
    calls: list[Callable[[], object]] = [
        lambda: client.put_object(**at, Body=b"", ACL="public-read"),
        lambda: client.put_object(**at, Body=b"", GrantRead="id=other"),
        lambda: client.create_multipart_upload(**at, ACL="private"),
        lambda: client.put_object_acl(**at, ACL="private"),
        lambda: client.put_bucket_acl(Bucket="modern", ACL="private"),
    ]
    for call in calls:
        assert refusal(call) == unsupported
    assert grants(client.get_object_acl(**at)) == [("s3open", "FULL_CONTROL")]
    made = refusal(
        lambda: client.create_bucket(
            Bucket="new", ACL="public-read", ObjectOwnership="BucketOwnerEnforced"
        )
    )
    assert made == (400, "InvalidBucketAclWithObjectOwnership")
    made = refusal(lambda: client.create_bucket(Bucket="new", ACL="public-read"))
    assert made == (400, "InvalidBucketAclWithObjectOwnership")
    client.create_bucket(Bucket="today")
    told = refusal(lambda: client.put_bucket_acl(Bucket="today", ACL="private"))
    assert told == unsupported
    odd = refusal(lambda: client.create_bucket(Bucket="new", ObjectOwnership="Mine"))
    assert odd == (400, "InvalidArgument")
    assert refusal(lambda: client.head_bucket(Bucket="new"))[0] == 404


def test_public_acls_can_be_blocked(server: S3Server, client: Any) -> None:
    client.put_object_acl(**AT, ACL="public-read")

    def block(name: str) -> None:
        told = f"<PublicAccessBlockConfiguration><{name}>true</{name}>"
        with server._state.lock:
            settings = server._state.store.buckets["box"].settings
            settings["publicAccessBlock"] = (
                f"{told}</PublicAccessBlockConfiguration>".encode()
            )

    block("BlockPublicAcls")
    assert send(server, "GET", "/box/key").status == 200
    for acl in ("public-read", "authenticated-read"):
        assert refusal(partial(client.put_object_acl, **AT, ACL=acl)) == DENIED
    assert refusal(lambda: client.put_object(**AT, ACL="public-read")) == DENIED
    client.put_bucket_acl(Bucket="box", ACL="private")
    block("IgnorePublicAcls")
    assert send(server, "GET", "/box/key").status == 403


def policy(owner: str = "s3open", **grant: Any) -> dict[str, Any]:
    grantee = {"Type": "CanonicalUser", "ID": "other", **grant.pop("grantee", {})}
    return {
        "Owner": {"ID": owner},
        "Grants": [{"Grantee": grantee, "Permission": "READ", **grant}],
    }


def test_documents_are_checked(server: S3Server, client: Any) -> None:
    def put(**given: Any) -> Callable[[], object]:
        return lambda: client.put_object_acl(**AT, **given)

    client.put_object_acl(**AT, AccessControlPolicy=policy())
    assert grants(client.get_object_acl(**AT)) == [("other", "READ")]
    many = policy()
    many["Grants"] *= 101
    mail = {"Type": "AmazonCustomerByEmail", "EmailAddress": "a@b.c"}
    group = {"Type": "Group", "URI": "http://somewhere"}
    for call, why in (
        (put(AccessControlPolicy=policy("other")), DENIED),
        (put(AccessControlPolicy=policy(Permission="LOOK")), "MalformedACLError"),
        (put(AccessControlPolicy=policy(grantee={"ID": ""})), "MalformedACLError"),
        (put(AccessControlPolicy=many), "MalformedACLError"),
        (put(AccessControlPolicy={"Owner": {"ID": "s3open"}}), "MalformedACLError"),
        (
            put(AccessControlPolicy=policy(grantee=mail)),
            "UnresolvableGrantByEmailAddress",
        ),
        (put(GrantRead="emailAddress=a@b.c"), "UnresolvableGrantByEmailAddress"),
        (put(AccessControlPolicy=policy(grantee=group)), "InvalidArgument"),
        (put(GrantRead="other"), "InvalidArgument"),
        (put(ACL="public"), "InvalidArgument"),
        (put(ACL="private", GrantRead="id=other"), "InvalidRequest"),
        (put(), "MissingSecurityHeader"),
        (put(ACL="private", AccessControlPolicy=policy()), "UnexpectedContent"),
    ):
        assert refusal(call) == (why if isinstance(why, tuple) else (400, why))
    assert grants(client.get_object_acl(**AT)) == [("other", "READ")]
    missing = refusal(lambda: client.get_object_acl(Bucket="box", Key="none"))
    assert missing == (404, "NoSuchKey")


def test_logging_is_kept(server: S3Server, client: Any, stranger: Any) -> None:
    def put(enabled: dict[str, Any] | None, bucket: str = "box") -> None:
        status = {"LoggingEnabled": enabled} if enabled else {}
        client.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=status)

    server.create_bucket("logs")
    server.create_bucket("far", "eu-west-1")
    stranger.create_bucket(Bucket="theirs")
    enabled = {"TargetBucket": "logs", "TargetPrefix": "a/"}
    put(enabled)
    assert client.get_bucket_logging(Bucket="box")["LoggingEnabled"] == enabled
    for name in ("none", "far", "theirs"):
        call = refusal(partial(put, {**enabled, "TargetBucket": name}))
        assert call == (400, "InvalidTargetBucketForLogging")
    assert client.get_bucket_logging(Bucket="box")["LoggingEnabled"] == enabled
    put(None)
    assert "LoggingEnabled" not in client.get_bucket_logging(Bucket="box")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a/>",
        b"<BucketLoggingStatus><LoggingEnabled/></BucketLoggingStatus>",
        b"<BucketLoggingStatus><LoggingEnabled><TargetBucket>box</TargetBucket>"
        b"</LoggingEnabled></BucketLoggingStatus>",
    ],
)
def test_what_says_nothing_of_logs_is_malformed(server: S3Server, body: bytes) -> None:
    server.bucket_anonymous("box", allowed=True)
    assert send(server, "PUT", "/box?logging", body).code == "MalformedXML"


def test_a_server_for_the_unsigned_lets_them_do_everything() -> None:
    with S3Server(anonymous=True) as server:
        assert send(server, "PUT", "/box").status == 200
        assert send(server, "PUT", "/box/key", b"1").status == 200
        assert send(server, "GET", "/box/key?acl").status == 200
        assert send(server, "GET", "/").status == 200
        # So may the server's own account.
        assert client_of(server).get_object(**AT)["Body"].read() == b"1"
