"""What is known without botocore is what botocore would have said."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

from s3open import Config
from s3open.s3.sessions import make_client, make_session
from s3open.s3.wire import address, inquiry, settings
from s3open.s3.wire.signer import Scope

pytestmark = pytest.mark.usefixtures("no_credentials")

KEYS: dict[str, Any] = {"access_key": "AKIA", "secret_key": "secret"}
REGIONS = [
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "eu-central-1",
    "eu-south-2",
    "ap-northeast-3",
    "sa-east-1",
    "ca-west-1",
    "me-south-1",
    "af-south-1",
    "il-central-1",
    "mx-central-1",
    "us-gov-west-1",
    "cn-north-1",
    "cn-northwest-1",
]
STORES = [
    "http://localhost:9000",
    "http://127.0.0.1:9000/",
    "https://minio.example",
    "https://minio.example:443",
    "http://minio.example:80",
    "https://store.example/s3/path",
    "https://store.example/s3/path/",
    "https://s3.eu-central-1.amazonaws.com",
    "https://s3.amazonaws.com",
]
BUCKETS = [
    "bucket",
    "my-bucket-2",
    "with.dots",
    "Upper",
    "under_score",
    "192.168.0.1",
    "xn--punycode",
    "a" * 63,
]


@lru_cache
def session() -> Any:
    """Return a session that has read botocore's files once for all tests."""
    import boto3

    return boto3.Session("AKIA", "secret")


def places(config: Config, bucket: str) -> tuple[address.Address, address.Address]:
    """Return where *bucket* is, as we know it, and as botocore does."""
    ours = settings.from_environment(config)
    assert ours is not None
    client = session().client(
        "s3", region_name=config.region, endpoint_url=config.endpoint_url
    )
    inquiry.for_nothing_else(client)
    theirs = inquiry._place(client, bucket)
    return ours.address(bucket, None), theirs


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("bucket", ["bucket", "with.dots"])
def test_aws_is_found_in_each_region(region: str, bucket: str) -> None:
    ours, theirs = places(Config(region=region, **KEYS), bucket)
    assert ours == theirs


@pytest.mark.parametrize("bucket", BUCKETS)
@pytest.mark.parametrize("url", [None, *STORES])
def test_a_bucket_is_found(bucket: str, url: str | None) -> None:
    ours, theirs = places(Config(region="eu-west-1", endpoint_url=url, **KEYS), bucket)
    assert ours == theirs


@pytest.mark.parametrize(
    "region", ["us-iso-east-1", "eusc-de-east-1", "aws-global", "nonsense", "us-east"]
)
def test_botocore_is_asked_about_other_regions(region: str) -> None:
    assert settings.from_environment(Config(region=region, **KEYS)) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret@store.example",
        "https://store.example?x=y",
        "https://[::1]:9000",
        "ftp://store.example",
        "https://bucket.s3-accelerate.amazonaws.com",
        "nonsense",
    ],
)
def test_botocore_is_asked_about_odd_stores(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
    assert settings.from_environment(Config(region="eu-west-1", **KEYS)) is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_PROFILE", "default"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
        ("AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", "legacy"),
        ("AWS_SOMETHING_NEW", "x"),
        ("AWS_REQUEST_CHECKSUM_CALCULATION", "sometimes"),
        ("https_proxy", "http://127.0.0.1:1"),
        ("ALL_PROXY", "http://127.0.0.1:1"),
    ],
)
def test_botocore_is_asked_about_other_variables(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(region="eu-west-1", **KEYS)
    assert settings.from_environment(config) is not None
    monkeypatch.setenv(variable, value)
    assert settings.from_environment(config) is None


@pytest.mark.parametrize(
    "config",
    [
        Config(region="eu-west-1"),
        Config(**KEYS),
        Config(profile="default", region="eu-west-1", **KEYS),
    ],
)
def test_botocore_is_asked_about_what_is_missing(config: Config) -> None:
    assert settings.from_environment(config) is None


@pytest.mark.parametrize(
    ("options", "bucket", "host", "region"),
    [
        ({"use_dualstack_endpoint": True}, "b-1", "b-1.s3.dualstack.eu-west-1", None),
        ({"use_fips_endpoint": True}, "b-1", "b-1.s3-fips.us-east-1", "us-east-1"),
        ({"s3": {"addressing_style": "path"}}, "b-1", "s3.eu-west-1", None),
        (
            {},
            "arn:aws:s3:eu-north-1:123456789012:accesspoint/point",
            "point-123456789012.s3-accesspoint.eu-north-1",
            "eu-north-1",
        ),
    ],
)
def test_botocore_finds_what_needs_rules_of_its_own(
    options: dict[str, object], bucket: str, host: str, region: str | None
) -> None:
    import boto3
    from botocore.config import Config as BotoConfig

    region = region or "eu-west-1"
    session = boto3.Session("AKIA", "secret", region_name=region)
    client = session.client(
        "s3",
        config=BotoConfig(
            s3=options.pop("s3", {"use_arn_region": True}),
            **options,
        ),
    )
    asked = inquiry.ask(session, client, lambda _: client)
    found = asked.address(bucket, None)
    assert found.host == f"{host}.amazonaws.com"
    assert found.scope.region == region
    assert found.peer.secure


def test_botocore_knows_another_region_s_place() -> None:
    config = Config(region="eu-west-1", **KEYS)
    asked = inquiry.ask(
        make_session(config, "s3://b/k"),
        make_client(config, "s3://b/k"),
        lambda region: make_client(Config(region=region, **KEYS), "s3://b/k"),
    )
    assert asked.address("bucket", None).host == "bucket.s3.eu-west-1.amazonaws.com"
    there = asked.address("bucket", "eu-north-1")
    assert there.host == "bucket.s3.eu-north-1.amazonaws.com"
    assert there.scope.region == "eu-north-1"
    credentials = asked.credentials()
    assert credentials is not None
    assert credentials.secret_key == "secret"


def test_an_unknown_region_that_a_store_names_is_an_error() -> None:
    ours = settings.from_environment(Config(region="eu-west-1", **KEYS))
    assert ours is not None
    with pytest.raises(ValueError, match="unknown region"):
        ours.address("bucket", "nowhere")


def test_places_that_no_request_goes_to_are_refused() -> None:
    with pytest.raises(ValueError, match="not the URL of a store"):
        address.at("mailto:somebody", "/", Scope("eu-west-1"))


def test_ports_and_literals_are_told_as_they_have_to_be() -> None:
    scope = Scope("eu-west-1")
    found = address.at("http://[::1]:9000", "/", scope)
    assert (found.host, found.peer.host) == ("[::1]:9000", "::1")
    assert found.is_private
    assert not address.at("http://store.example", "/", scope).is_private
    assert address.at("https://store.example", "/", scope).is_private


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, True), ("when_supported", True), ("when_required", False)],
)
def test_checksums_are_sent_as_botocore_would_send_them(
    value: str | None, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is not None:
        monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", value)
    config = Config(region="eu-west-1", **KEYS)
    ours = settings.from_environment(config)
    made = make_session(config, "s3://b/k"), make_client(config, "s3://b/k")
    asked = inquiry.ask(*made, lambda _: made[1])
    assert ours is not None
    assert ours.checksums is asked.checksums is expected
    assert ours.timeouts == asked.timeouts
    assert ours.credentials() == asked.credentials()


def test_who_is_anonymous_has_no_credentials() -> None:
    config = Config(region="eu-west-1", anonymous=True)
    ours = settings.from_environment(config)
    client = make_client(config, "s3://b/k")
    asked = inquiry.ask(make_session(config, "s3://b/k"), client, lambda _: client)
    assert ours is not None
    assert ours.credentials() is None
    assert asked.credentials() is None
    assert ours.address("b-1", None) == asked.address("b-1", None)
