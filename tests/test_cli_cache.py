"""The command that looks into a cache, or empties it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import s3open
from tests.cli_flags import HERE, Said, shows

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server


@pytest.fixture
def said(capfdbinary: pytest.CaptureFixture[bytes]) -> Said:
    return Said(capfdbinary)


@shows("cache_dir")
def test_what_is_kept_is_told_and_deleted(
    s3open_server: S3Server, s3open_bucket: str, tmp_path: Path, said: Said
) -> None:
    s3open_server.put(s3open_bucket, "key", bytes(5000))
    config = s3open.Config(cache=str(tmp_path))
    assert s3open.read_bytes(f"{HERE}/key", config=config) == bytes(5000)
    [line] = said(f"cache info --json --cache-dir {tmp_path}")
    found = json.loads(line)
    assert (found["folder"], found["entries"]) == (str(tmp_path), 1)
    assert 5000 < found["size"] < 20_000
    [text] = said(f"cache clear --cache-dir {tmp_path}")
    assert text.startswith("1 files, ")
    assert said(f"cache --cache-dir {tmp_path}") == [f"0 files, 0, in {tmp_path}"]
    assert s3open.read_bytes(f"{HERE}/key", config=config) == bytes(5000)


def test_it_is_where_the_user_keeps_such_things(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Said
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert said("cache") == [f"0 files, 0, in {tmp_path}/.cache/s3open"]
    monkeypatch.setenv("XDG_CACHE_HOME", "/nowhere/else")
    assert said("cache info") == ["0 files, 0, in /nowhere/else/s3open"]
