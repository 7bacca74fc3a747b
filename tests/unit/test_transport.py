"""Who speaks to the store: the wire, or boto3 where somebody needs to see it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Config
from s3open.s3 import clients
from s3open.s3.boto import BotoVerbs
from s3open.s3.patched import is_patched
from s3open.s3.wire.verbs import WireVerbs

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server

pytestmark = pytest.mark.usefixtures("no_credentials")

URI = "s3://bucket/key"
CONFIG = Config(access_key="AKIA", secret_key="secret", region="eu-west-1")


def kind(config: Config = CONFIG, uri: str = URI) -> type:
    return type(clients.verbs_for(config, uri))


@pytest.mark.parametrize("uri", [URI, "s3a://bucket--x/key", "s3://a/b--x-s3/c"])
def test_the_wire_is_usual(uri: str) -> None:
    assert kind(uri=uri) is WireVerbs


@pytest.mark.parametrize(
    "uri",
    [
        "s3://bucket--use1-az4--x-s3/key",
        "S3://bucket--use1-az4--x-s3",
        "s3://arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap/key",
        "s3://arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/a/key",
        "s3://arn:aws:s3-outposts:us-east-1:123456789012:outpost/op/accesspoint/a/key",
    ],
)
def test_boto3_is_taken_where_only_it_knows_how_to_sign(uri: str) -> None:
    assert kind(uri=uri) is BotoVerbs


def test_access_points_take_the_wire() -> None:
    uri = "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/point/key"
    assert kind(uri=uri) is WireVerbs


def test_a_session_may_have_hooks() -> None:
    import boto3

    session = boto3.Session("AKIA", "secret")
    assert kind(Config(session=session, region="eu-west-1")) is BotoVerbs


def test_a_transport_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    session = boto3.Session("AKIA", "secret")
    monkeypatch.setenv("S3OPEN_TRANSPORT", "boto3")
    assert kind() is BotoVerbs
    monkeypatch.setenv("S3OPEN_TRANSPORT", "wire")
    assert kind(Config(session=session, region="eu-west-1")) is WireVerbs
    monkeypatch.setenv("S3OPEN_TRANSPORT", "pigeons")
    with pytest.raises(ValueError, match="boto3 or wire"):
        kind()


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY"])
def test_boto3_speaks_to_proxies(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert kind() is BotoVerbs
    clients._verbs.clear()
    monkeypatch.setenv("no_proxy", "amazonaws.com")
    assert kind() is WireVerbs


def test_boto3_is_taken_while_moto_stands_in_for_aws() -> None:
    import moto

    assert not is_patched()
    with moto.mock_aws():
        assert is_patched()
        assert kind() is BotoVerbs
        import boto3

        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="bucket")
        with s3open.open(URI, "w") as file:
            file.write("seen by moto")
        with s3open.open(URI) as file:
            assert file.read() == "seen by moto"
    assert not is_patched()
    assert kind() is WireVerbs


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("botocore.client.BaseClient", "_make_api_call"),
        ("botocore.httpsession.URLLib3Session", "send"),
        ("botocore.awsrequest", "AWSHTTPConnection"),
    ],
)
def test_botocore_is_patched_where_something_stands_in_for_it(
    place: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Instead: ...

    monkeypatch.setattr(f"{place}.{name}", Instead)
    assert is_patched()


def test_botocore_is_patched_where_a_method_is_wrapped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from functools import wraps

    from botocore.client import BaseClient

    before: Any = BaseClient._make_api_call

    @wraps(before)
    def traced(*arguments: Any) -> Any:
        return before(*arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", traced)
    assert is_patched()


@pytest.mark.parametrize("mode", ["r", "w"])
def test_neither_boto3_nor_botocore_is_imported_where_all_is_told(
    mode: str, s3open_server: S3Server, s3open_bucket: str, tmp_path: Path
) -> None:
    s3open_server.put(s3open_bucket, "key", b"content")
    program = (
        "import sys, s3open\n"
        f"with s3open.open('s3://{s3open_bucket}/key', {mode!r}) as file:\n"
        f"    {'file.read()' if mode == 'r' else 'file.write(str())'}\n"
        "print(*{'boto3', 'botocore', 'urllib3', 'http.client', 'email', 'ssl'}"
        " & sys.modules.keys())\n"
    )
    environment = {**s3open_server.environment(), "HOME": str(tmp_path)}
    environment["PYTHONPATH"] = ":".join(filter(None, sys.path))
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "\n"
