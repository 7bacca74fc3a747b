"""Where signed URLs lead to, and what is refused; nothing is sent but where told."""

from __future__ import annotations

import base64
import json
import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config as BotoConfig

import s3open
from s3open import FileSystem
from s3open.testing import Fault
from tests.unit.answering import Answering

if TYPE_CHECKING:
    from s3open.testing import S3Server

KEYS: Any = {"access_key": "AKIA", "secret_key": "secret"}
AWS = "amazonaws.com"


@pytest.fixture(autouse=True)
def _nobody_is_asked(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    if "s3open_server" not in request.fixturenames:
        monkeypatch.setattr("s3open.s3.clients.is_aws", lambda endpoint: False)


@pytest.fixture
def asked(
    s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch, _each_transport: None
) -> S3Server:
    """A server that is taken for AWS, with a bucket elsewhere."""
    monkeypatch.setattr("s3open.s3.clients.is_aws", lambda endpoint: True)
    s3open_server.create_bucket("far-away", region="eu-west-1")
    return s3open_server


def of_region(url: str) -> str:
    return parse_qs(urlsplit(url).query)["X-Amz-Credential"][0].split("/")[2]


def client(region: str = "eu-west-1", **settings: Any) -> Any:
    return boto3.client(
        "s3",
        region_name=region,
        aws_access_key_id="AKIA",
        aws_secret_access_key="secret",
        config=BotoConfig(**settings),
    )


ACCESS_POINT = "arn:aws:s3:us-west-2:123456789012:accesspoint:mine"
PLACES = [
    ("s3://", f"s3.eu-west-1.{AWS}", "/", "eu-west-1"),
    ("s3://bucket", f"bucket.s3.eu-west-1.{AWS}", "/", "eu-west-1"),
    ("s3://bucket/a b", f"bucket.s3.eu-west-1.{AWS}", "/a%20b", "eu-west-1"),
    ("s3://my.bucket/a", f"s3.eu-west-1.{AWS}", "/my.bucket/a", "eu-west-1"),
    ("s3://my.bucket", f"s3.eu-west-1.{AWS}", "/my.bucket/", "eu-west-1"),
    (
        f"s3://{ACCESS_POINT}/a",
        f"mine-123456789012.s3-accesspoint.us-west-2.{AWS}",
        "/a",
        "us-west-2",
    ),
]


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize(("uri", "host", "path", "region"), PLACES)
def test_a_url_leads_to_the_region_s_own_host(
    uri: str, host: str, path: str, region: str, own: bool
) -> None:
    reached = FileSystem(client=client()) if own else None
    url = (reached or FileSystem(region="eu-west-1", **KEYS)).presign(uri)
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", host, path)
    assert of_region(url) == region


@pytest.mark.parametrize(
    ("settings", "host", "path"),
    [
        ({"s3": {"addressing_style": "path"}}, f"s3.eu-west-1.{AWS}", "/bucket/key"),
        (
            {"s3": {"use_accelerate_endpoint": True}},
            f"bucket.s3-accelerate.{AWS}",
            "/key",
        ),
        (
            {"use_dualstack_endpoint": True},
            f"bucket.s3.dualstack.eu-west-1.{AWS}",
            "/key",
        ),
        ({"signature_version": "s3"}, f"bucket.s3.eu-west-1.{AWS}", "/key"),
    ],
)
def test_a_client_of_ones_own_says_where(
    settings: dict[str, Any], host: str, path: str
) -> None:
    url = FileSystem(client=client(**settings)).presign("s3://bucket/key")
    parts = urlsplit(url)
    assert (parts.netloc, parts.path) == (host, path)
    # Never by version 2, whatever it would sign with itself.
    assert parse_qs(parts.query)["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


@pytest.mark.parametrize(
    ("region", "settings", "host"),
    [
        ("us-east-1", {}, f"bucket.s3.sa-east-1.{AWS}"),
        ("us-west-2", {}, f"bucket.s3.sa-east-1.{AWS}"),
        (
            "us-west-2",
            {"use_dualstack_endpoint": True},
            f"bucket.s3.dualstack.sa-east-1.{AWS}",
        ),
        (
            "us-east-1",
            {"s3": {"use_accelerate_endpoint": True}},
            f"bucket.s3-accelerate.{AWS}",
        ),
        ("us-east-1", {"s3": {"addressing_style": "path"}}, f"s3.sa-east-1.{AWS}"),
    ],
)
def test_a_client_s_bucket_is_signed_for_where_it_is(
    region: str, settings: dict[str, Any], host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("s3open.s3.clients.is_aws", lambda endpoint: True)
    monkeypatch.setattr(
        "s3open.s3.boto.BotoVerbs.region_of", lambda verbs, at: "sa-east-1"
    )
    url = FileSystem(client=client(region, **settings)).presign("s3://bucket/key")
    assert (urlsplit(url).netloc, of_region(url)) == (host, "sa-east-1")


def test_a_client_is_used_by_others_meanwhile(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("bucket")
    s3open_server.put("bucket", "key", b"text")
    own = boto3.client(
        "s3",
        endpoint_url=s3open_server.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=s3open_server.access_key,
        aws_secret_access_key=s3open_server.secret_key,
    )
    reached = FileSystem(client=own)
    sizes: list[int] = []
    failed: list[BaseException] = []

    def look() -> None:
        try:
            for _ in range(20):
                found = own.head_object(Bucket="bucket", Key="key")
                sizes.append(found["ContentLength"])
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        reached.presign("s3://bucket/key")
    for thread in threads:
        thread.join()
    assert failed == []
    assert sizes == [4] * 60
    assert own.head_object(Bucket="bucket", Key="key")["ContentLength"] == 4


def test_a_client_without_credentials_signs_nothing() -> None:
    import botocore

    for settings in ({"signature_version": botocore.UNSIGNED}, {}):
        session = boto3.Session(region_name="eu-west-1")
        own = session.client("s3", config=BotoConfig(**settings))
        with pytest.raises(PermissionError):
            FileSystem(client=own).presign("s3://bucket/key")


def test_a_region_is_asked_for_once(asked: S3Server) -> None:
    with asked.counting() as seen:
        urls = [s3open.presign(f"s3://far-away/{n}") for n in range(3)]
        urls += [s3open.presign("s3://far-away"), s3open.public_url("s3://far-away/k")]
    assert {of_region(url) for url in urls[:-1]} == {"eu-west-1"}
    # By who signs, and by who does not; boto3 asks again there.
    assert {record.operation for record in seen.records} == {"HeadBucket"}
    assert seen.total <= 4


def test_nobody_is_asked_where_a_new_bucket_or_the_account_is(asked: S3Server) -> None:
    asked.create_bucket("far-off", region="eu-west-1")
    with asked.counting() as seen:
        assert of_region(s3open.presign("s3://far-off", "PUT")) == "us-east-1"
        assert of_region(s3open.presign("s3://")) == "us-east-1"
        s3open.public_url("s3://far-away/key", base="https://cdn.example")
    assert seen.total == 0


@pytest.mark.parametrize(
    "fault",
    [
        Fault("HeadBucket", status=503, times=9),
        Fault("HeadBucket", drop="after", times=9),
    ],
)
def test_a_bucket_that_does_not_tell_is_asked_again(
    asked: S3Server, fault: Fault
) -> None:
    with asked.faulty(fault):
        before = of_region(s3open.presign("s3://far-away/key"))
    # 503 tells it as well.
    assert before in ("us-east-1", "eu-west-1")
    assert of_region(s3open.presign("s3://far-away/key")) == "eu-west-1"
    s3open.presign("s3://no-such-bucket/key")


@pytest.mark.parametrize("asks", [False, True])
def test_a_proxy_is_asked_where_aws_is_and_no_other_store(
    asks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Answering([[b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"]]) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setattr("s3open.s3.clients.is_aws", lambda endpoint: asks)
        # Clients are kept, with the proxy that they were made with.
        store = FileSystem(
            endpoint_url=f"http://{asks}.example".lower(), region="eu-west-1", **KEYS
        )
        url = store.presign("s3://bucket/key")
    assert url.startswith(f"http://{asks}.example/bucket/key?".lower())
    # One that does not tell is taken to be where it is looked for.
    assert of_region(url) == "eu-west-1"
    lines = [each.line for each in proxy.asked]
    assert lines == ["HEAD http://true.example/bucket HTTP/1.1"] * asks


def test_public_urls_need_no_credentials() -> None:
    found = FileSystem(region="eu-west-1").public_url(
        "s3://bucket/a b?", version_id="v"
    )
    assert found == f"https://bucket.s3.eu-west-1.{AWS}/a%20b%3F?versionId=v"
    found = FileSystem(client=client()).public_url("s3://bucket/a")
    assert found == f"https://bucket.s3.eu-west-1.{AWS}/a"


@pytest.mark.parametrize(
    "bucket",
    [
        "data--use1-az5--x-s3",
        "arn:aws:s3::123456789012:accesspoint:mine.mrap",
    ],
)
def test_other_signatures_are_not_made(bucket: str) -> None:
    reached = FileSystem(region="us-east-1", **KEYS)
    for sign in (reached.presign, reached.presign_post, reached.public_url):
        with pytest.raises(ValueError, match="no URL is made for"):
            sign(f"s3://{bucket}/key")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"headers": {"Host": "other"}}, "said already: 'Host'"),
        ({"headers": {"A": "1", "a": "2"}}, "said already: 'a'"),
        ({"headers": {"a b": "1"}}, "not a header"),
        ({"headers": {"a": "1\r\nb: 2"}}, "not a header"),
        ({"headers": {"a": "é"}}, "not a header"),
        ({"headers": {"x-amz-meta-a": "1"}, "metadata": {"A": "2"}}, None),
        ({"metadata": {"a": "é"}}, "printable ASCII"),
        ({"metadata": {"a": "x" * 2048}}, "2 KB"),
        ({"metadata": {"a": "b"}, "method": "GET"}, "metadata is for PUT"),
        ({"query": {"X-Amz-Expires": "1"}}, "said already: 'X-Amz-Expires'"),
        ({"query": {"versionId": "1"}, "version_id": "2"}, "said already: 'versionId'"),
        ({"method": "get"}, "method has to be one of"),
        ({"expires": float("nan")}, "NaN"),
        ({"expires": float("inf")}, "7 days at most"),
        ({"expires": datetime.max.replace(tzinfo=timezone.utc)}, "7 days at most"),
    ],
)
def test_what_cannot_be_signed_is_refused(
    options: dict[str, Any], said: str | None
) -> None:
    reached = FileSystem(region="us-east-1", **KEYS)
    if said is None:
        assert reached.presign("s3://bucket/key", "PUT", **options)
        return
    options = {"method": "PUT", **options}
    with pytest.raises(ValueError, match=said):
        reached.presign("s3://bucket/key", **options)


def test_requesters_pay_by_the_url() -> None:
    reached = FileSystem(region="us-east-1", requester_pays=True, **KEYS)
    query = parse_qs(urlsplit(reached.presign("s3://bucket/key")).query)
    assert query["x-amz-request-payer"] == ["requester"]
    assert "requester" not in reached.presign("s3://")


def test_a_body_that_is_signed_is_the_body(s3open_server: S3Server) -> None:
    import hashlib

    from tests.test_signed_contract import used

    s3open_server.create_bucket("bucket")
    sent = {"x-amz-content-sha256": hashlib.sha256(b"text").hexdigest()}
    url = s3open.presign("s3://bucket/key", "PUT", headers=sent)
    assert used(url, "PUT", b"else", sent).status == 400
    assert used(url, "PUT", b"text", sent).status == 200


def test_the_end_of_a_role_is_heeded() -> None:
    from botocore.credentials import RefreshableCredentials

    end = datetime.now(timezone.utc) + timedelta(minutes=30)
    session = boto3.Session(region_name="us-east-1")
    session._session._credentials = RefreshableCredentials(
        "AKIA", "secret", "token", end, dict, "role"
    )
    reached = FileSystem(session=session)
    url = reached.presign("s3://bucket/key", expires=end - timedelta(seconds=1))
    assert parse_qs(urlsplit(url).query)["X-Amz-Security-Token"] == ["token"]
    for sign in (
        lambda: reached.presign("s3://bucket/key", expires=3600),
        lambda: reached.presign_post("s3://bucket/key", expires=3600),
    ):
        with pytest.raises(ValueError, match="credentials expire before that"):
            sign()


def test_a_form_says_what_may_be_in_it() -> None:
    reached = FileSystem(region="eu-west-1", session_token="token", **KEYS)
    url, fields = reached.presign_post(
        "s3://bucket/in/${filename}.bak",
        fields={"acl": "private"},
        conditions=[["starts-with", "$Content-Type", "image/"]],
        max_size=10,
    )
    assert url == f"https://bucket.s3.eu-west-1.{AWS}/"
    assert (fields["key"], fields["x-amz-security-token"]) == (
        "in/${filename}.bak",
        "token",
    )
    policy = json.loads(base64.b64decode(fields["policy"]))
    conditions = policy["conditions"]
    assert {"bucket": "bucket"} in conditions
    assert ["starts-with", "$key", "in/"] in conditions
    assert {"acl": "private"} in conditions
    assert conditions[-2:] == [
        ["starts-with", "$Content-Type", "image/"],
        ["content-length-range", 0, 10],
    ]
    # Every field is allowed but for those that S3 wants no leave for.
    named = {next(iter(each)) for each in conditions if isinstance(each, dict)}
    assert fields.keys() - named == {"key", "policy", "x-amz-signature"}


@pytest.mark.parametrize("name", ["key", "Policy", "X-Amz-Date", "file", "bucket"])
def test_a_form_s_own_fields_are_not_said(name: str) -> None:
    reached = FileSystem(region="us-east-1", **KEYS)
    with pytest.raises(ValueError, match="has that field already"):
        reached.presign_post("s3://bucket/key", fields={name: "x"})


def test_forms_are_for_files_of_s3() -> None:
    reached = FileSystem(region="us-east-1", **KEYS)
    with pytest.raises(IsADirectoryError):
        reached.presign_post("s3://bucket/folder/")
    with pytest.raises(ValueError, match="not on S3"):
        reached.presign_post("/folder/file")
    with pytest.raises(ValueError, match="max_size"):
        reached.presign_post("s3://bucket/key", max_size=-1)


def test_what_stands_in_for_aws_is_asked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from moto import mock_aws

    monkeypatch.setattr("s3open.s3.clients.is_aws", lambda endpoint: True)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        place = {"LocationConstraint": "eu-west-1"}
        own = boto3.client("s3", region_name="eu-west-1")
        own.create_bucket(Bucket="stand-in", CreateBucketConfiguration=place)
        elsewhere = boto3.client("s3", region_name="us-east-1")
        for reached in (FileSystem(), FileSystem(client=elsewhere)):
            url = reached.presign("s3://stand-in/key")
            assert urlsplit(url).netloc == f"stand-in.s3.eu-west-1.{AWS}"
            assert of_region(url) == "eu-west-1"
