"""fsspec's own abstract suites, all of them, and what they ask for."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, Any

import pytest

if os.environ.get("S3OPEN_TEST_CONSUMERS") != "1":
    pytest.importorskip("fsspec")

from fsspec.tests import abstract

if TYPE_CHECKING:
    from collections.abc import Callable


class Fixtures(abstract.AbstractFixtures):  # type: ignore[misc]  # fsspec has no types
    @pytest.fixture
    def fs(self, fs: Any) -> Any:
        return fs

    @pytest.fixture
    def fs_path(self, s3open_bucket: str) -> str:
        return s3open_bucket

    @pytest.fixture
    def fs_join(self) -> Callable[..., str]:
        return posixpath.join

    @pytest.fixture
    def supports_empty_directories(self) -> bool:
        return False


class TestCopy(abstract.AbstractCopyTests, Fixtures):  # type: ignore[misc]
    pass


class TestGet(abstract.AbstractGetTests, Fixtures):  # type: ignore[misc]
    pass


class TestPut(abstract.AbstractPutTests, Fixtures):  # type: ignore[misc]
    pass


class TestOpen(abstract.AbstractOpenTests, Fixtures):  # type: ignore[misc]
    pass


class TestPipe(abstract.AbstractPipeTests, Fixtures):  # type: ignore[misc]
    pass
