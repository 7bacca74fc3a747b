"""The server's buckets: where they are, whose, and what is kept of their settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from s3open.testing import S3Server
from tests.test_testing_support import client_of, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with S3Server(anonymous=True) as server:
        yield server


@pytest.fixture
def server(running: S3Server) -> S3Server:
    running.reset()
    running.create_bucket("box")
    return running


@pytest.fixture
def client(server: S3Server) -> Any:
    return client_of(server)


def refused(call: Callable[..., object], **arguments: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer: Any = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def placed(client: Any, name: str, where: str) -> Callable[[], object]:
    return lambda: client.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": where}
    )


def test_places_are_spelled_as_s3_spells_them(server: S3Server, client: Any) -> None:
    placed(client, "old", "EU")()
    placed(client, "far", "ap-south-1")()
    found = client.get_bucket_location(Bucket="old")
    assert found["LocationConstraint"] == "EU"
    assert client.head_bucket(Bucket="old")["BucketRegion"] == "eu-west-1"
    assert client.head_bucket(Bucket="far")["BucketRegion"] == "ap-south-1"
    for where in ("us-east-1", "moon", "EU-west"):
        call = placed(client, "new", where)
        assert refused(call) == (400, "InvalidLocationConstraint")


def test_a_server_elsewhere_makes_buckets_there_only() -> None:
    with S3Server(region="eu-west-1") as server:
        client = client_of(server, region_name="eu-west-1")
        placed(client, "here", "EU")()
        call = placed(client, "there", "ap-south-1")
        assert refused(call) == (400, "IllegalLocationConstraintException")
        client.create_bucket(Bucket="plain")
        assert refused(client.create_bucket, Bucket="plain") == (
            409,
            "BucketAlreadyOwnedByYou",
        )


def test_in_the_oldest_region_a_bucket_may_be_made_twice(
    server: S3Server, client: Any
) -> None:
    server.put("box", "key", b"x")
    client.create_bucket(Bucket="box")
    assert server.keys("box") == ["key"]
    assert refused(placed(client, "box", "eu-west-1")) == (
        409,
        "BucketAlreadyOwnedByYou",
    )


def test_everybody_sees_his_own_buckets(server: S3Server, client: Any) -> None:
    server.add_credentials("other", "other-secret", owner="other")
    theirs = client_of(
        server, aws_access_key_id="other", aws_secret_access_key="other-secret"
    )
    theirs.create_bucket(Bucket="theirs")
    assert refused(theirs.create_bucket, Bucket="box") == (409, "BucketAlreadyExists")
    for one, owner, names in (
        (theirs, "other", ["theirs"]),
        (client, "s3open", ["box"]),
    ):
        found = one.list_buckets()
        assert found["Owner"]["ID"] == owner
        assert [each["Name"] for each in found["Buckets"]] == names


def test_buckets_are_listed_by_pages_prefix_and_region(
    server: S3Server, client: Any
) -> None:
    for name in ("one", "two", "three"):
        server.create_bucket(name, "eu-west-1" if name == "two" else None)
    first = client.list_buckets(MaxBuckets=2)
    assert [each["Name"] for each in first["Buckets"]] == ["box", "one"]
    rest = client.list_buckets(
        MaxBuckets=2, ContinuationToken=first["ContinuationToken"]
    )
    assert [each["Name"] for each in rest["Buckets"]] == ["three", "two"]
    assert "ContinuationToken" not in rest
    found = client.list_buckets(Prefix="t", BucketRegion="eu-west-1")
    assert [each["Name"] for each in found["Buckets"]] == ["two"]
    assert found["Prefix"] == "t"
    for number in (10_001, 20_000):
        assert refused(client.list_buckets, MaxBuckets=number) == (
            400,
            "InvalidArgument",
        )


def test_ownership_is_the_owner_s_unless_a_test_made_the_bucket(
    server: S3Server, client: Any
) -> None:
    def ownership(name: str) -> str:
        found = client.get_bucket_ownership_controls(Bucket=name)
        return str(found["OwnershipControls"]["Rules"][0]["ObjectOwnership"])

    client.create_bucket(Bucket="new")
    client.create_bucket(Bucket="open", ObjectOwnership="BucketOwnerPreferred")
    assert [ownership(name) for name in ("box", "new", "open")] == [
        *("ObjectWriter", "BucketOwnerEnforced", "BucketOwnerPreferred")
    ]
    client.delete_bucket_ownership_controls(Bucket="new")
    assert refused(ownership, name="new") == (404, "OwnershipControlsNotFoundError")
    odd = {"Bucket": "odd", "ObjectOwnership": "mine"}
    assert refused(client.create_bucket, **odd) == (400, "InvalidArgument")
    rules = {"Rules": [{"ObjectOwnership": "mine"}]}
    put = client.put_bucket_ownership_controls
    assert refused(put, Bucket="box", OwnershipControls=rules) == (400, "MalformedXML")


def test_locks_need_versions_and_keep_them(server: S3Server, client: Any) -> None:
    locked = {"ObjectLockEnabled": "Enabled"}
    lock = client.put_object_lock_configuration
    wanted = {"Bucket": "box", "ObjectLockConfiguration": locked}
    assert refused(lock, **wanted) == (409, "InvalidBucketState")
    client.put_bucket_versioning(
        Bucket="box", VersioningConfiguration={"Status": "Enabled"}
    )
    lock(**wanted)
    found = client.get_object_lock_configuration(Bucket="box")
    assert found["ObjectLockConfiguration"] == locked
    suspended = {"Status": "Suspended"}
    assert refused(
        client.put_bucket_versioning, Bucket="box", VersioningConfiguration=suspended
    ) == (409, "InvalidBucketState")


def test_versions_may_need_a_device(server: S3Server, client: Any) -> None:
    def put(mfa_delete: str, **more: str) -> None:
        wanted = {"Status": "Enabled", "MFADelete": mfa_delete}
        client.put_bucket_versioning(
            Bucket="box", VersioningConfiguration=wanted, **more
        )

    assert refused(put, mfa_delete="Enabled") == (403, "AccessDenied")
    put("Enabled", MFA="serial 123456")
    assert client.get_bucket_versioning(Bucket="box")["MFADelete"] == "Enabled"
    assert refused(put, mfa_delete="Disabled") == (403, "AccessDenied")
    put("Disabled", MFA="serial 123456")
    assert "MFADelete" not in client.get_bucket_versioning(Bucket="box")
    body = b"<V><Status>Enabled</Status><MfaDelete>Maybe</MfaDelete></V>"
    reply = send(server, "PUT", "/box?versioning", body)
    assert (reply.status, b"MalformedXML" in reply.body) == (400, True)


def test_who_pays_and_speed_have_defaults(server: S3Server, client: Any) -> None:
    assert client.get_bucket_request_payment(Bucket="box")["Payer"] == "BucketOwner"
    client.put_bucket_request_payment(
        Bucket="box", RequestPaymentConfiguration={"Payer": "Requester"}
    )
    assert client.get_bucket_request_payment(Bucket="box")["Payer"] == "Requester"
    speed = client.get_bucket_accelerate_configuration(Bucket="box")
    assert "Status" not in speed
    reply = send(server, "DELETE", "/box?requestPayment")
    assert reply.status == 501


@pytest.mark.parametrize(
    ("subresource", "body", "code"),
    [
        ("cors", b"<Other/>", b"MalformedXML"),
        ("cors", b"<", b"MalformedXML"),
        ("tagging", b"{}", b"MalformedXML"),
        ("object-lock", b"<ObjectLockConfiguration/>", b"MalformedXML"),
        ("ownershipControls", b"<Other/>", b"MalformedXML"),
        ("policy", b"<Policy/>", b"MalformedPolicy"),
        ("policy", b"[]", b"MalformedPolicy"),
        ("policy", b"{}", b"MalformedPolicy"),
    ],
)
def test_what_is_of_another_kind_is_refused_and_not_kept(
    server: S3Server, subresource: str, body: bytes, code: bytes
) -> None:
    reply = send(server, "PUT", f"/box?{subresource}", body)
    assert (reply.status, code in reply.body) == (400, True)
    reply = send(server, "GET", f"/box?{subresource}")
    assert reply.status == (200 if subresource == "ownershipControls" else 404)


def test_settings_of_a_bucket_that_is_not_there(server: S3Server) -> None:
    for subresource in ("cors", "policy", "object-lock", "ownershipControls"):
        for method in ("GET", "PUT"):
            reply = send(server, method, f"/gone?{subresource}")
            assert (reply.status, b"NoSuchBucket" in reply.body) == (404, True)


def test_settings_go_with_their_bucket(server: S3Server, client: Any) -> None:
    client.put_bucket_tagging(
        Bucket="box", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}
    )
    client.delete_bucket(Bucket="box")
    client.create_bucket(Bucket="box")
    assert refused(client.get_bucket_tagging, Bucket="box") == (
        404,
        "NoSuchTagSet",
    )
