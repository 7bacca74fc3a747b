"""Files written as pipes are: no way back, no disk, little memory."""

from __future__ import annotations

import errno
import io
import os
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.spool import shelf
from s3open.testing import Fault
from tests.stores import open_any

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server
    from tests.stores import S3Store

MIB = 1 << 20
BUCKET = "s3open-test"
SMALL = s3open.Config(part_size=5 * MIB, memory=32 * MIB)


def uri(key: str) -> str:
    return f"s3://{BUCKET}/{key}"


@pytest.mark.parametrize("mode", ["wb", "xb"])
@pytest.mark.parametrize("size", [0, 10, 5 * MIB, 5 * MIB + 1, 43 * MIB + 7])
def test_what_is_streamed_is_published_whole(s3: S3Store, mode: str, size: int) -> None:
    content = os.urandom(1 << 16) * (size // (1 << 16) + 1)
    with open_any(s3.name("key"), mode, streaming=True, config=SMALL) as file:
        for start in range(0, size, MIB + 3):
            file.write(content[start : min(start + MIB + 3, size)])
    assert s3.read("key") == content[:size]
    assert s3.pending_uploads() == []


def test_there_is_no_way_back(s3open_bucket: str) -> None:
    with s3open.open(uri("key"), "wb", streaming=True) as file:
        file.write(b"content")
        assert not file.seekable()
        assert file.writable()
        assert not file.readable()
        with pytest.raises(io.UnsupportedOperation):
            file.seek(0)
        with pytest.raises(OSError, match="seek"):
            file.tell()
        with pytest.raises(io.UnsupportedOperation):
            file.fileno()
    with s3open.open(uri("key"), "wb", buffering=0, streaming=True) as raw:
        with pytest.raises(OSError, match="seek") as caught:
            raw.truncate(0)
        assert caught.value.errno == errno.ESPIPE


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_text_has_its_mark_all_the_same(
    s3open_server: S3Server, s3open_bucket: str, encoding: str
) -> None:
    with s3open.open(uri("key"), "w", encoding=encoding, streaming=True) as file:
        file.write("one\n")
        file.write("two\n")
    assert s3open_server.read(BUCKET, "key") == "one\ntwo\n".encode(encoding)


def test_a_zip_file_can_be_streamed(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    with s3open.open(uri("key"), "wb", streaming=True) as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("member", "content" * 1000)
    with zipfile.ZipFile(io.BytesIO(s3open_server.read(BUCKET, "key"))) as archive:
        assert archive.read("member") == b"content" * 1000


def test_no_disk_is_touched_and_memory_is_bounded(
    s3open_server: S3Server, s3open_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(shelf, "Scratch", none)
    most = 0
    with s3open.open(
        uri("key"), "wb", buffering=0, streaming=True, config=SMALL
    ) as file:
        raw: Any = file
        for _ in range(200):
            file.write(bytes(MIB))
            most = max(most, len(raw._spool._blocks))
    assert most <= 32
    assert len(s3open_server.read(BUCKET, "key")) == 200 * MIB


def test_an_exception_leaves_nothing_behind(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    s3open_server.put(BUCKET, "key", b"old")
    with pytest.raises(ZeroDivisionError):
        with s3open.open(uri("key"), "wb", streaming=True, config=SMALL) as file:
            file.write(bytes(20 * MIB))
            raise ZeroDivisionError
    assert s3open_server.read(BUCKET, "key") == b"old"
    assert s3open_server.uploads(BUCKET) == []


def test_what_cannot_be_published_is_lost_and_that_is_said(
    s3open_server: S3Server,
    s3open_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with s3open_server.faulty(Fault("PutObject", status=403, times=None)):
        file = s3open.open(uri("key"), "wb", streaming=True)
        file.write(b"content")
        with pytest.raises(s3open.PublishError) as caught:
            file.close()
    assert caught.value.recovery is None
    assert list(tmp_path.iterdir()) == []
    file = s3open.open(uri("key"), "wb", streaming=True)
    file.write(b"content")
    with pytest.warns(s3open.UnpublishedWarning, match="lost, for it was streaming"):
        del file


@pytest.mark.parametrize("mode", ["rb", "r+b", "ab", "w+b", "x+b"])
def test_only_what_is_only_written_can_be_streamed(mode: str) -> None:
    with pytest.raises(ValueError, match="streaming is for"):
        open_any(uri("key"), mode, streaming=True)
    with pytest.raises(TypeError, match="bool"):
        open_any(uri("key"), "wb", streaming="yes")
