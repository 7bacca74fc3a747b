"""What is asked outside the data path: by whom, how often, and what a refusal says."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from s3open import Config, errors
from s3open.location import Location
from s3open.s3 import clients, denials
from s3open.s3.boto import BotoVerbs
from s3open.s3.clients import boto_for
from tests.fakes import Bag
from tests.unit.test_boto import META, Failing, refused

if TYPE_CHECKING:
    from s3open.testing import S3Server

URI = "s3://b"
AT = Location("b", "", URI)
ACCOUNT = Location("", "", "s3://")


class Client:
    """A boto3 client that notes what it is asked; its credentials expire after that."""

    def __init__(self, *, expired: bool = False) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.expired = expired
        member = Bag(input_shape=Bag(members={"VersionId": None}))
        self.meta = Bag(
            config=META.config,
            endpoint_url=META.endpoint_url,
            method_to_api_mapping={"get_object_acl": "GetObjectAcl"},
            service_model=Bag(operation_model=lambda _: member),
        )

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> dict[str, Any]:
            self.asked.append((operation, arguments))
            if self.expired:
                raise refused("ExpiredToken", 400)
            return {"Answer": operation}

        return call


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, no_credentials: None) -> list[Client]:
    """Make no real clients; list those that were made."""
    found: list[Client] = []

    def make_client(config: Config, uri: str) -> Client:
        found.append(Client())
        return found[-1]

    monkeypatch.setattr(clients, "make_client", make_client)
    return found


@pytest.mark.parametrize("transport", ["wire", "boto3"])
def test_a_configuration_has_one_client(
    made: list[Client], monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    monkeypatch.setenv("S3OPEN_TRANSPORT", transport)
    first = boto_for(Config(region="eu-west-1"), URI)
    assert boto_for(Config(region="eu-west-1"), "s3://other") is first
    assert boto_for(Config(region="eu-west-2"), URI) is not first
    monkeypatch.setenv("AWS_PROFILE", "other")
    assert boto_for(Config(region="eu-west-1"), URI) is not first
    assert len(made) == 3


def test_the_data_path_over_boto3_shares_it(
    made: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3OPEN_TRANSPORT", "boto3")
    assert clients.verbs_for(Config(), URI) is boto_for(Config(), URI)
    assert len(made) == 1


def test_a_client_that_is_given_is_asked_itself(made: list[Client]) -> None:
    client = Client()
    verbs = boto_for(Config(client=client), URI)
    assert verbs.ask("get_bucket_acl", AT) == {"Answer": "get_bucket_acl"}
    assert client.asked == [("get_bucket_acl", {"Bucket": "b"})]
    assert made == []


def test_each_has_its_own_patience_and_all_have_one_client(made: list[Client]) -> None:
    usual, hasty = Config(), Config(deadline=1, attempts=2)
    assert boto_for(usual, URI).patience.deadline == usual.deadline
    assert boto_for(hasty, URI).patience.deadline == 1
    assert boto_for(hasty, URI).patience.attempts == 2
    assert boto_for(usual, URI).patience.attempts == usual.attempts
    assert len(made) == 1


def test_expired_credentials_are_looked_for_once_by_all(made: list[Client]) -> None:
    usual, hasty = boto_for(Config(), URI), boto_for(Config(attempts=2), URI)
    made[0].expired = True
    for verbs in (hasty, usual, boto_for(Config(), URI)):
        assert verbs.ask("get_bucket_acl", AT) == {"Answer": "get_bucket_acl"}
    assert [len(each.asked) for each in made] == [1, 3]


def test_who_was_late_takes_what_others_have_found(made: list[Client]) -> None:
    verbs = boto_for(Config(), URI)
    held, old = verbs._held, verbs._client
    assert held.renewed(old)
    assert held.renewed(old)
    assert len(made) == 2


@pytest.mark.usefixtures("no_credentials")
def test_what_the_user_has_given_is_all_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Client(expired=True)
    monkeypatch.setattr(clients, "make_client", lambda *_: client)
    verbs = boto_for(Config(access_key="A", secret_key="S"), URI)
    with pytest.raises(errors.S3Error) as caught:
        verbs.ask("get_bucket_acl", AT)
    assert caught.value.code == "ExpiredToken"
    assert len(client.asked) == 1


def test_a_bucket_an_object_and_the_account_are_asked() -> None:
    client = Client()
    verbs = BotoVerbs(client, requester_pays=True)
    verbs.ask("put_bucket_acl", AT, ACL="private")
    verbs.ask("list_buckets", ACCOUNT, Prefix="a")
    at = Location("b", "k", "s3://b/k")
    settings = {"VersionId": "v", "SSECustomerKey": "unknown to it"}
    verbs.ask_of_object("get_object_acl", at, settings)
    verbs.ask_of_object("put_object_acl", at, ACL="private")
    payer = {"Bucket": "b", "Key": "k", "RequestPayer": "requester"}
    assert client.asked == [
        ("put_bucket_acl", {"Bucket": "b", "ACL": "private"}),
        ("list_buckets", {"Prefix": "a"}),
        ("get_object_acl", {**payer, "VersionId": "v"}),
        ("put_object_acl", {**payer, "ACL": "private"}),
    ]


def test_the_account_is_asked_at_a_store(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("box")
    answer = boto_for(Config(), "s3://").ask("list_buckets", ACCOUNT)
    assert [each["Name"] for each in answer["Buckets"]] == ["box"]


@pytest.mark.parametrize("wanted", ["when_supported", "when_required"])
def test_configurations_are_sent_with_the_digest_that_all_stores_know(
    s3open_server: S3Server,
    s3open_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    wanted: str,
) -> None:
    monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", wanted)
    at = Location(s3open_bucket, "", f"s3://{s3open_bucket}")
    verbs = boto_for(Config(), at.uri)
    with s3open_server.counting() as seen:
        verbs.ask(
            "put_bucket_versioning", at, VersioningConfiguration={"Status": "Enabled"}
        )
        with pytest.raises(errors.S3Error):
            verbs.ask("put_bucket_policy", at, Policy="{}")
        verbs.ask("get_bucket_versioning", at)
    put, policy, get = seen.records
    digest = hashlib.md5(b"{}", usedforsecurity=False).digest()
    assert policy.headers["content-md5"] == base64.b64encode(digest).decode()
    assert "content-md5" in put.headers
    assert "content-md5" not in get.headers
    for record in seen.records:
        assert not [name for name in record.headers if "checksum" in name]


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("put_bucket_policy", "s3:PutBucketPolicy"),
        ("get_bucket_cors", "s3:GetBucketCORS"),
        ("delete_bucket_lifecycle", "s3:PutLifecycleConfiguration"),
        ("get_public_access_block", "s3:GetBucketPublicAccessBlock"),
        ("list_buckets", "s3:ListAllMyBuckets"),
        ("create_bucket", "s3:CreateBucket"),
        ("get_object_legal_hold", "s3:GetObjectLegalHold"),
    ],
)
def test_a_denial_of_anything_says_what_is_needed(
    operation: str, permission: str
) -> None:
    verbs = BotoVerbs(Failing(refused("AccessDenied", 403)))
    with pytest.raises(PermissionError) as caught:
        verbs.ask(operation, AT)
    text = f"these credentials may not do that: {permission} is needed"
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("get_object_acl", "s3:GetObjectVersionAcl"),
        ("put_object_tagging", "s3:PutObjectVersionTagging"),
        ("get_object_retention", "s3:GetObjectRetention"),
        ("put_object_legal_hold", "s3:PutObjectLegalHold"),
        ("get_object", "s3:GetObjectVersion"),
    ],
)
def test_a_version_needs_another_permission_where_s3_has_one(
    operation: str, permission: str
) -> None:
    assert f"{permission} " in denials.advice(operation, versioned=True).replace(
        ")", " "
    )


def test_permissions_are_of_operations_that_there_are() -> None:
    import boto3

    known = boto3.client("s3", region_name="us-east-1").meta.method_to_api_mapping
    assert denials._PERMISSIONS.keys() - known.keys() == {
        "upload_exists",
        "get_object_tags",
        "put_object_tags",
    }
