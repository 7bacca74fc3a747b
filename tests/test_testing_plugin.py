"""The fixtures that the package gives to everybody's tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3

from s3open.testing.plugin import (  # noqa: F401 - fixtures are found by their name
    _s3open_session_server,
    s3open_bucket,
    s3open_server,
)

if TYPE_CHECKING:
    from s3open.testing import S3Server


def test_the_bucket_is_there_and_empty(
    s3open_server: S3Server,  # noqa: F811 - pytest's way
    s3open_bucket: str,  # noqa: F811
) -> None:
    assert s3open_server.keys(s3open_bucket) == []
    s3open_server.put(s3open_bucket, "k", b"x")


def test_it_is_so_for_every_test(
    s3open_server: S3Server,  # noqa: F811
    s3open_bucket: str,  # noqa: F811
) -> None:
    assert s3open_server.keys(s3open_bucket) == []


def test_the_environment_leads_there(
    s3open_server: S3Server,  # noqa: F811
    s3open_bucket: str,  # noqa: F811
) -> None:
    assert os.environ["AWS_ENDPOINT_URL_S3"] == s3open_server.endpoint_url
    client = boto3.session.Session().client("s3")
    client.put_object(Bucket=s3open_bucket, Key="k", Body=b"x")
    assert s3open_server.read(s3open_bucket, "k") == b"x"


def test_without_the_fixture_the_environment_is_left_alone() -> None:
    assert "127.0.0.1" not in os.environ.get("AWS_ENDPOINT_URL_S3", "")
