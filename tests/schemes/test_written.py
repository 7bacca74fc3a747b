"""Files on FTP and SFTP servers: all or nothing, as on S3."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from tests.fakes import MIB, pattern

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = pattern(MIB + 11)


@pytest.fixture
def sftp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    pytest.importorskip("paramiko")
    from tests.schemes.sftp import Server

    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "sftp"
    folder.mkdir()
    server = Server(folder)
    yield server.uri, folder
    server.close()


@pytest.fixture(params=["ftp", "sftp"])
def there(request: pytest.FixtureRequest) -> tuple[str, Path]:
    found: tuple[str, Path] = request.getfixturevalue(request.param)
    return found


class OneError(Exception):
    pass


def test_what_is_written_is_there_when_it_is_closed(there: tuple[str, Path]) -> None:
    uri, folder = there
    with s3open.open(f"{uri}/ä b.bin", "wb") as file:
        file.write(CONTENT)
        file.seek(5)
        file.write(b"-----")
        assert os.listdir(folder) == []
    expected = CONTENT[:5] + b"-----" + CONTENT[10:]
    assert os.listdir(folder) == ["ä b.bin"]
    assert (folder / "ä b.bin").read_bytes() == expected
    with s3open.open(f"{uri}/ä b.bin", "rb") as again:
        assert again.seek(MIB // 2) == MIB // 2
        assert again.read() == expected[MIB // 2 :]
        again.seek(0)
        assert again.read() == expected
        assert os.fstat(again.fileno()).st_size == len(expected)


def test_an_exception_publishes_nothing(there: tuple[str, Path]) -> None:
    uri, folder = there
    (folder / "old").write_bytes(b"old")
    for name in ("old", "new"):
        with pytest.raises(OneError), s3open.open(f"{uri}/{name}", "w") as file:
            file.write("half")
            raise OneError
    assert os.listdir(folder) == ["old"]
    assert (folder / "old").read_bytes() == b"old"
    assert s3open.recover() == []


def test_it_is_appended_to_and_updated(there: tuple[str, Path]) -> None:
    uri, folder = there
    for line in ("one\n", "two\n"):
        with s3open.open(f"{uri}/log", "a") as file:
            file.write(line)
    assert (folder / "log").read_bytes() == b"one\ntwo\n"
    with s3open.open(f"{uri}/log", "r+") as file:
        assert file.read() == "one\ntwo\n"
        file.seek(0)
        file.write("ONE")
    assert (folder / "log").read_bytes() == b"ONE\ntwo\n"
    before = (folder / "log").stat()
    with s3open.open(f"{uri}/log", "r+") as file:
        file.read()
    # Nothing was changed, nothing was sent.
    assert (folder / "log").stat() == before


def test_x_is_for_new_files(there: tuple[str, Path]) -> None:
    uri, folder = there
    with s3open.open(f"{uri}/file", "x") as file:
        file.write("first")
    with pytest.raises(FileExistsError):
        s3open.open(f"{uri}/file", "x")
    late: Any = s3open.open(f"{uri}/other", "x")
    (folder / "other").write_text("somebody else's")
    late.write("ours")
    with pytest.raises(FileExistsError) as lost:
        late.close()
    assert isinstance(lost.value, s3open.PublishError)
    assert (folder / "other").read_text() == "somebody else's"
    [kept] = s3open.recover()
    kept.discard()


def test_what_is_missing_is_so_and_no_secret_is_told(there: tuple[str, Path]) -> None:
    uri, _ = there
    for mode in ("r", "r+"):
        with pytest.raises(FileNotFoundError) as caught:
            s3open.open(f"{uri}/none", mode)
        assert "secret" not in str(caught.value)
    wrong = uri.replace("secret", "wrong")
    with pytest.raises(OSError) as refused:  # noqa: PT011  # whatever it is called
        s3open.open(f"{wrong}/none")
    assert "wrong" not in str(refused.value)


def test_what_cannot_be_published_is_kept(ftp: tuple[str, Path]) -> None:
    uri, folder = ftp
    file: Any = s3open.open(f"{uri}/none/file", "w")
    file.write("text")
    with pytest.raises(s3open.PublishError) as failed:
        file.close()
    assert "secret" not in str(failed.value)
    [kept] = s3open.recover()
    assert kept.uri == uri.replace("user:secret@", "") + "/none/file"
    (folder / "none").mkdir()
    kept.publish(f"{uri}/none/file")
    assert (folder / "none/file").read_text() == "text"
    assert s3open.recover() == []


def test_a_half_is_seen_by_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("paramiko")
    from tests.schemes.sftp import Server

    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "old").write_bytes(b"old")
    server = Server(tmp_path)
    try:
        setattr(server.files, "fails", True)  # noqa: B010
        file: Any = s3open.open(f"{server.uri}/old", "wb")
        file.write(CONTENT)
        with pytest.raises(s3open.PublishError):
            file.close()
    finally:
        server.close()
    assert (tmp_path / "old").read_bytes() == b"old"
    assert not [name for name in os.listdir(tmp_path) if "s3open-" in name]
    [kept] = s3open.recover()
    kept.discard()


def test_it_may_be_compressed(there: tuple[str, Path]) -> None:
    import gzip

    uri, folder = there
    with s3open.open(f"{uri}/file.gz", "w", compression="infer") as file:
        file.write("text")
    assert gzip.decompress((folder / "file.gz").read_bytes()) == b"text"
    with (
        pytest.raises(OneError),
        s3open.open(f"{uri}/no.gz", "w", compression="infer") as file,
    ):
        file.write("half")
        raise OneError
    assert os.listdir(folder) == ["file.gz"]
