"""Fixtures for anybody's tests: an S3 that is empty before each of them.

Installed with the package, hence loaded by every pytest run: it imports nothing until
a fixture is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.testing.server import S3Server

BUCKET = "s3open-test"


@pytest.fixture(scope="session")
def _s3open_session_server() -> Iterator[S3Server]:
    from s3open.testing.server import S3Server

    with S3Server() as server:
        yield server


@pytest.fixture
def s3open_server(
    _s3open_session_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> S3Server:
    """Give an empty S3 server, which the environment leads AWS clients to."""
    server = _s3open_session_server
    server.reset()
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture
def s3open_bucket(s3open_server: S3Server) -> str:
    """Give the name of an empty bucket on `s3open_server`."""
    s3open_server.create_bucket(BUCKET)
    return BUCKET
