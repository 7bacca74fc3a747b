"""What the tests of single modules share: no waiting, and a state folder of their own.

`store` is an S3 in memory, and what `open` reaches under every configuration.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

import pytest

from s3open.s3 import clients, retry
from s3open.stores import reads, s3
from tests.fakes import FakeStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from s3open.config import Config


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Wait for nothing; the pauses that would have been made are listed."""
    made: list[int] = []
    monkeypatch.setattr(retry, "pause", made.append)
    return made


@pytest.fixture(autouse=True)
def state(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder that recovery files go below; it is made when it is needed."""
    folder = tmp_path_factory.getbasetemp() / secrets.token_hex(8)
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(folder))
    return folder


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> FakeStore:
    """An empty S3, which ``open("s3://b/...")`` opens files on."""
    fake = FakeStore()

    def verbs_for(config: Config, *_: object) -> FakeStore:
        return fake

    for module in (s3, reads):
        monkeypatch.setattr(module, "verbs_for", verbs_for)
    return fake


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Have no configuration and no credentials, and no clients of other tests."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    clients._verbs.clear()
    yield
    clients._verbs.clear()
