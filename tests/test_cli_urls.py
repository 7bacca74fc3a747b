"""The command's signed URLs, seen at the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli_flags import BUCKET, HERE, Said, shows
from tests.test_signed_urls import used

if TYPE_CHECKING:
    from s3open.testing import S3Server


@pytest.fixture
def said(
    s3open_server: S3Server,
    s3open_bucket: str,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Said:
    s3open_server.put(BUCKET, "one", b"text")
    return Said(capfdbinary)


@shows("method", "expires_in", "public")
def test_a_url_does_what_it_is_for(said: Said, s3open_server: S3Server) -> None:
    [url] = said("url B/one")
    assert used(url)[2] == b"text"
    [url] = said("presign --method PUT --expires-in 60 B/two")
    assert used(url, "PUT", b"new")[0] == 200
    assert s3open_server.read(BUCKET, "two") == b"new"
    [url] = said("url --public B/one")
    assert url.endswith(f"/{BUCKET}/one")
    [line] = said("url --json B/one")
    known = json.loads(line)
    assert known["uri"] == f"{HERE}/one"
    assert used(known["url"])[2] == b"text"
