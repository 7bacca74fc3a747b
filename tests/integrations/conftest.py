"""What fsspec's file system is tested on: one bucket of our own server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.testing import S3Server

DEMANDED = os.environ.get("S3OPEN_TEST_CONSUMERS") == "1"


@pytest.fixture
def fs(
    s3open_server: S3Server,
    s3open_bucket: str,
    _known_to_honour: None,
    _private_recovery: None,
) -> Iterator[Any]:
    """The file system; the server is empty but for `s3open_bucket`."""
    import fsspec

    from s3open.integrations.fsspec import S3OpenFileSystem

    S3OpenFileSystem.clear_instance_cache()
    # That it is registered is another test: who has not installed it has no entry.
    fsspec.register_implementation("s3open", S3OpenFileSystem, clobber=True)
    yield S3OpenFileSystem()
    S3OpenFileSystem.clear_instance_cache()
