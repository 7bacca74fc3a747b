"""Whole files there and back on every store, gone on with after an interrupt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import s3open
from s3open.transfers.sources import FileSource
from tests.fakes import pattern

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stores import S3Store

MIB = 1 << 20
PARTS = s3open.Config(part_size=5 * MIB)


@pytest.mark.parametrize("size", [0, 5, 11 * MIB + 1])
def test_what_is_uploaded_is_downloaded(s3: S3Store, tmp_path: Path, size: int) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(pattern(size))
    sent = s3open.upload(source, s3.name("key"), config=PARTS)
    assert sent.size == size
    assert sent.etag == s3.head("key")["ETag"].strip('"')
    found = s3open.download(s3.name("key"), target, config=PARTS)
    assert (found.size, found.etag) == (size, sent.etag)
    assert s3.read("key") == target.read_bytes() == pattern(size)
    s3open.download(s3.name("key"), target, (1, 3), config=PARTS)
    assert target.read_bytes() == pattern(size)[1:3]


def test_an_interrupted_upload_is_gone_on_with(
    s3: S3Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    source = tmp_path / "source"
    source.write_bytes(pattern(11 * MIB + 1))
    with monkeypatch.context() as patch:
        # When all parts are sent, and before they are an object.
        patch.setattr(FileSource, "check", interrupted)
        with (
            pytest.warns(s3open.UnpublishedWarning, match="goes on with it"),
            pytest.raises(KeyboardInterrupt),
        ):
            s3open.upload(source, s3.name("key"), config=PARTS)
    assert s3.pending_uploads() == ["key"]
    assert not s3.exists("key")
    s3open.upload(source, s3.name("key"), config=PARTS)
    assert s3.read("key") == source.read_bytes()
    assert s3.pending_uploads() == []
