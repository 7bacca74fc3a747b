"""fsspec's storage options, and what they mean here."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TYPE_CHECKING, Any

import boto3
import botocore
import pytest
from botocore.config import Config as BotoConfig

import s3open
from s3open import Config
from s3open.integrations.storage_options import NAMES, parsed, read

if TYPE_CHECKING:
    from s3open.testing import S3Server

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("options", "config"),
    [
        ({}, Config()),
        ({"key": "k", "secret": "s"}, Config(access_key="k", secret_key="s")),
        ({"username": "k", "password": "s"}, Config(access_key="k", secret_key="s")),
        (
            {"key": "k", "secret": "s", "token": "t"},
            Config(access_key="k", secret_key="s", session_token="t"),
        ),
        ({"anon": True, "key": "k", "secret": "s"}, Config(anonymous=True)),
        ({"anon": False, "key": None}, Config()),
        (
            {"config_kwargs": {"signature_version": botocore.UNSIGNED}},
            Config(anonymous=True),
        ),
        ({"config_kwargs": {"signature_version": "s3v4"}}, Config()),
        (
            {"profile": "p", "requester_pays": 1},
            Config(profile="p", requester_pays=True),
        ),
        (
            {"client_kwargs": {"endpoint_url": "http://a", "region_name": "r"}},
            Config(endpoint_url="http://a", region="r"),
        ),
        (
            {"endpoint_url": "http://b", "client_kwargs": {"endpoint_url": "http://a"}},
            Config(endpoint_url="http://b"),
        ),
        (
            {"client_kwargs": {"aws_access_key_id": "k", "aws_secret_access_key": "s"}},
            Config(access_key="k", secret_key="s"),
        ),
        ({"default_block_size": 1}, Config(part_size=5 << 20)),
        ({"default_block_size": 50 << 20}, Config(part_size=50 << 20)),
        (
            {"max_concurrency": 3, "memory": 8 << 20},
            Config(connections=3, memory=8 << 20),
        ),
        (
            {"s3_additional_kwargs": {"RequestPayer": "requester"}},
            Config(requester_pays=True),
        ),
        (
            {"endpoint_url": "http://a", "use_ssl": False},
            Config(endpoint_url="http://a"),
        ),
        ({"client_kwargs": {"verify": True, "api_version": "2006-03-01"}}, Config()),
        (
            {
                "version_aware": True,
                "asynchronous": True,
                "default_fill_cache": False,
                "default_cache_type": "none",
                "cache_regions": True,
                "fixed_upload_size": True,
                "local_expiry_check": True,
                "use_listings_cache": False,
                "skip_instance_cache": True,
            },
            Config(),
        ),
    ],
)
def test_options_mean_what_they_mean_to_s3fs(
    options: dict[str, Any], config: Config
) -> None:
    assert parsed(options) == (config, {})


def test_nothing_means_nothing() -> None:
    assert parsed(None) == (Config(), {})
    assert read({"version_aware": True}).version_aware


def test_what_is_written_is_given_boto3s_names() -> None:
    more = {"ServerSideEncryption": "aws:kms", "ACL": "private"}
    assert parsed({"s3_additional_kwargs": more})[1] == {"extra_args": more}
    assert parsed({"s3_additional_kwargs": {"ACL": None}})[1] == {}


@pytest.mark.parametrize(
    "given",
    [
        {"SSECustomerKey": KEY},
        {
            "SSECustomerKey": base64.b64encode(KEY).decode(),
            "SSECustomerKeyMD5": base64.b64encode(hashlib.md5(KEY).digest()).decode(),
        },
    ],
)
def test_a_customers_key_is_taken_as_boto3_takes_it(given: dict[str, Any]) -> None:
    more = {"SSECustomerAlgorithm": "AES256", **given}
    assert parsed({"s3_additional_kwargs": more})[1] == {"sse_customer_key": KEY}


def test_a_configuration_of_botocore_is_made_once_for_equal_words() -> None:
    words = {"connect_timeout": 3, "s3": {"addressing_style": "virtual"}}
    one = parsed({"config_kwargs": words})[0]
    assert one == parsed({"config_kwargs": {**words}})[0]
    assert one.client_config.connect_timeout == 3
    given = BotoConfig(read_timeout=7)
    both = parsed({"client_kwargs": {"config": given}, "config_kwargs": words})[0]
    assert both.client_config.read_timeout == 7
    assert both.client_config.s3 == {"addressing_style": "virtual"}
    assert parsed({"client_kwargs": {"config": given}})[0].client_config is given


def test_a_configuration_of_botocore_may_say_that_nobody_signs() -> None:
    unsigned = BotoConfig(signature_version=botocore.UNSIGNED)
    options: dict[str, Any] = {"client_kwargs": {"config": unsigned}}
    assert parsed(options)[0].anonymous
    options["config_kwargs"] = {"signature_version": "s3v4"}
    assert not parsed(options)[0].anonymous


def test_a_session_of_boto3_is_taken() -> None:
    session = boto3.Session()
    assert parsed({"session": session})[0].session is session


@pytest.mark.parametrize(
    "options",
    [
        {"keys": "k"},
        {"client_kwargs": {"regionname": "r"}},
        {"config_kwargs": {"connect_timeouts": 3}},
        {"session": object()},
        {"default_block_size": "5MB"},
    ],
)
def test_what_is_no_option_is_told(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        parsed(options)


@pytest.mark.parametrize(
    "options",
    [
        {"key": "k", "username": "k", "secret": "s"},
        {"key": "k"},
        {"connections": 3, "max_concurrency": 4},
        {"s3_additional_kwargs": {"Body": b""}},
        {"s3_additional_kwargs": {"SSECustomerKey": "short"}},
    ],
)
def test_what_an_option_cannot_be_is_told(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parsed(options)
    assert "short" not in str(caught.value)


def test_plain_http_has_to_be_in_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    with pytest.raises(ValueError, match="http://"):
        parsed({"use_ssl": False})
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://a")
    assert parsed({"use_ssl": False})[0] == Config()


def test_whom_to_believe_makes_a_client(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    options = {"client_kwargs": {"verify": os.devnull}, "memory": 8 << 20}
    for verify in (False, os.devnull):
        options = {"client_kwargs": {"verify": verify}, "memory": 8 << 20}
        config, _ = parsed(options)
        assert config.memory == 8 << 20
        with s3open.open(f"s3://{s3open_bucket}/k", "w", config=config) as file:
            file.write("x")
        assert s3open_server.read(s3open_bucket, "k") == b"x"


def test_secrets_are_in_no_repr() -> None:
    options = {
        "key": "akey",
        "secret": "asecret",
        "token": "atoken",
        "s3_additional_kwargs": {"SSECustomerKey": KEY},
    }
    said = repr(read(options))
    assert not [word for word in ("akey", "asecret", "atoken", "\\x1f") if word in said]


def test_the_names_are_documented() -> None:
    text = read.__doc__ or ""
    others = {"loop", "use_listings_cache", "listings_expiry_time", "max_paths"}
    others |= {"skip_instance_cache"}
    assert {name for name in NAMES if name not in text} <= others
