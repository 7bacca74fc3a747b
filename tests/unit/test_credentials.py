"""What is said where there are no credentials, no profile, or no store."""

import os
from pathlib import Path
from typing import Any

import pytest

from s3open import Config, FileSystem
from s3open.errors import S3Error
from s3open.s3 import clients

pytestmark = pytest.mark.usefixtures("no_credentials")

URI = "s3://b/k"


def open_to_read(**settings: Any) -> BaseException:
    """Return the error that opening a file raises."""
    with pytest.raises((OSError, ValueError)) as caught:
        FileSystem(**settings).open(URI)
    return caught.value


@pytest.mark.parametrize("mode", ["r", "w", "x"])
def test_a_missing_profile_is_named(mode: str) -> None:
    with pytest.raises(PermissionError, match="nobody") as caught:
        FileSystem(profile="nobody").open(URI, mode)
    assert isinstance(caught.value, S3Error)
    assert caught.value.filename == URI


def test_a_missing_profile_of_the_environment_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    error = open_to_read()
    assert isinstance(error, PermissionError)
    assert "nobody" in str(error)


def test_missing_credentials_are_an_error_that_says_what_to_do() -> None:
    error = open_to_read(region="us-east-1", endpoint_url="http://127.0.0.1:1")
    assert isinstance(error, PermissionError)
    assert isinstance(error, S3Error)
    assert error.filename == URI
    for words in ("no credentials", "AWS_ACCESS_KEY_ID", "profile", "anonymous"):
        assert words in str(error)
    assert type(error.__cause__).__name__ == "NoCredentialsError"


@pytest.mark.parametrize("mode", ["w", "x", "w+b"])
def test_missing_credentials_to_write_are_told_before_anything_is_written(
    mode: str,
) -> None:
    with pytest.raises(PermissionError, match="no credentials") as caught:
        FileSystem(region="us-east-1").open(URI, mode)
    assert caught.value.filename == URI


def test_credentials_that_come_later_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(region="us-east-1", endpoint_url="http://127.0.0.1:1")
    with pytest.raises(PermissionError):
        clients.verbs_for(config, URI)
    folder = Path(os.environ["HOME"], ".aws")
    folder.mkdir()
    (folder / "credentials").write_text(
        "[default]\naws_access_key_id = A\naws_secret_access_key = S\n"
    )
    assert clients.verbs_for(config, URI) is not None


def test_half_of_the_credentials_is_no_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    error = open_to_read(region="us-east-1")
    assert isinstance(error, PermissionError)
    assert isinstance(error, S3Error)
    assert "credentials" in str(error)


def test_a_store_that_is_not_there_is_a_connection_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = open_to_read(
        access_key="A",
        secret_key="S",
        region="us-east-1",
        endpoint_url="http://127.0.0.1:1",
    )
    assert isinstance(error, ConnectionError)
    assert isinstance(error, S3Error)
    assert error.filename == URI
    assert "127.0.0.1:1" in str(error)


@pytest.mark.parametrize("url", ["nonsense", "localhost:9000", "http://"])
def test_an_endpoint_that_is_no_url_is_a_value_error(url: str) -> None:
    error = open_to_read(endpoint_url=url, region="r", anonymous=True)
    assert isinstance(error, ValueError)
