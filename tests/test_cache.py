"""What was read is kept: read again it moves no bytes, and is never wrong."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.cache import Cache, entry
from s3open.cache.folder import opened
from s3open.testing import Fault
from tests.fakes import MIB, pattern
from tests.unit.forking import in_child

if TYPE_CHECKING:
    from s3open.testing import S3Server

CONTENT = pattern(5 * MIB + 123)


@pytest.fixture(params=["wire", "boto3"])
def folder(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    monkeypatch.setenv("S3OPEN_TRANSPORT", request.param)
    return str(tmp_path / "cache")


@pytest.fixture
def uri(s3open_server: S3Server, s3open_bucket: str) -> str:
    s3open_server.put(s3open_bucket, "key", CONTENT)
    return f"s3://{s3open_bucket}/key"


def read(uri: str, folder: str, **options: Any) -> bytes:
    with s3open.open(uri, "rb", cache_dir=folder, **options) as file:
        content: bytes = file.read()
        return content


@pytest.mark.parametrize("size", [1, 70_000, MIB, len(CONTENT)])
def test_the_second_read_moves_no_bytes(
    s3open_server: S3Server, s3open_bucket: str, folder: str, size: int
) -> None:
    uri = f"s3://{s3open_bucket}/key"
    s3open_server.put(s3open_bucket, "key", CONTENT[:size])
    assert read(uri, folder) == CONTENT[:size]
    for _ in range(2):
        with s3open_server.counting() as seen:
            assert read(uri, folder) == CONTENT[:size]
        assert seen.operations == {"GetObject": 1}
        [record] = seen.records
        assert (record.status, record.bytes_out) == (304, 0)


def test_the_configuration_says_so_too(
    s3open_server: S3Server, uri: str, folder: str
) -> None:
    config = s3open.Config(cache=folder)
    assert s3open.read_bytes(uri, config=config) == CONTENT
    with s3open_server.counting() as seen:
        assert s3open.read_bytes(uri, config=config) == CONTENT
    assert seen.bytes_out == 0


def test_what_has_changed_is_read_anew(
    s3open_server: S3Server, s3open_bucket: str, uri: str, folder: str
) -> None:
    assert read(uri, folder) == CONTENT
    s3open_server.put(s3open_bucket, "key", CONTENT[::-1])
    assert read(uri, folder) == CONTENT[::-1]
    assert opened(folder, 10 << 30).usage().entries == 1
    with s3open_server.counting() as seen:
        assert read(uri, folder) == CONTENT[::-1]
    assert seen.bytes_out == 0
    s3open_server.delete(s3open_bucket, "key")
    with pytest.raises(FileNotFoundError):
        read(uri, folder)


def test_only_what_is_missing_is_asked_for(
    s3open_server: S3Server, uri: str, folder: str
) -> None:
    for offset in (3 * MIB, 4 * MIB + 17):
        with s3open.open(uri, "rb", cache_dir=folder) as file:
            file.seek(offset)
            assert file.read(1000) == CONTENT[offset : offset + 1000]
    with s3open_server.counting() as seen:
        with s3open.open(uri, "rb", cache_dir=folder) as file:
            file.seek(3 * MIB)
            assert file.read(1000) == CONTENT[3 * MIB : 3 * MIB + 1000]
    assert seen.bytes_out == 0
    with s3open_server.counting() as seen:
        assert read(uri, folder) == CONTENT
    assert 0 < seen.bytes_out < len(CONTENT) - 2000
    with s3open_server.counting() as seen:
        assert read(uri, folder) == CONTENT
    assert seen.bytes_out == 0


def test_windows_and_versions_have_their_bytes(
    s3open_server: S3Server, folder: str
) -> None:
    s3open_server.create_bucket("kept", versioned=True)
    uri, ids = "s3://kept/key", []
    for n in (0, 7):
        s3open_server.put("kept", "key", CONTENT[n:])
        ids.append(s3open.stat(uri).version_id)
    for _ in range(2):
        with s3open_server.counting() as seen:
            for n, version in zip((0, 7), ids, strict=True):
                assert read(uri, folder, version_id=version) == CONTENT[n:]
            window = range(2 * MIB, 3 * MIB)
            assert (
                read(uri, folder, byte_range=window) == CONTENT[7:][2 * MIB : 3 * MIB]
            )
    assert seen.bytes_out == 0
    assert seen.operations == {"GetObject": 3}


@pytest.mark.parametrize("damage", ["flip", "cut", "journal", "nonsense", "lost"])
def test_what_is_damaged_is_asked_for_again(
    s3open_server: S3Server, uri: str, folder: str, damage: str
) -> None:
    assert read(uri, folder) == CONTENT
    [journal] = Path(folder).rglob("*.journal")
    data = entry.data_of(journal)
    if damage == "flip":
        with data.open("r+b") as file:
            file.seek(MIB + 5)
            file.write(bytes([CONTENT[MIB + 5] ^ 1]))
    elif damage == "cut":
        os.truncate(data, 2 * MIB)
    elif damage == "journal":
        os.truncate(journal, journal.stat().st_size - 7)
    elif damage == "nonsense":
        journal.write_bytes(b"nonsense")
    else:
        data.unlink()
    assert read(uri, folder) == CONTENT
    with s3open_server.counting() as seen:
        assert read(uri, folder) == CONTENT
    assert seen.bytes_out == 0


def test_damage_on_the_way_is_not_kept(
    s3open_server: S3Server, uri: str, folder: str
) -> None:
    with s3open_server.faulty(Fault("GetObject", flip=3 * MIB)):
        assert read(uri, folder) == CONTENT
    assert read(uri, folder) == CONTENT


def test_a_body_that_breaks_off_is_taken_up(
    s3open_server: S3Server, uri: str, folder: str
) -> None:
    with s3open_server.faulty(Fault("GetObject", cut=300_000)):
        assert read(uri, folder) == CONTENT
    with s3open_server.counting() as seen:
        assert read(uri, folder) == CONTENT
    assert seen.bytes_out == 0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_is_no_error(
    s3open_server: S3Server,
    uri: str,
    folder: str,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", fail)
        assert read(uri, folder) == CONTENT
    assert read(uri, folder) == CONTENT
    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", fail)
        assert read(uri, folder) == CONTENT


def test_a_folder_that_cannot_be_made_is_no_error(uri: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert read(uri, str(tmp_path / "file")) == CONTENT


def test_it_stays_in_its_bounds(
    s3open_server: S3Server, s3open_bucket: str, tmp_path: Path
) -> None:
    folder = str(tmp_path / "cache")
    config = s3open.Config(cache=folder, cache_size=4 * MIB)
    for number in range(8):
        s3open_server.put(s3open_bucket, str(number), CONTENT[: MIB - number])
        s3open.read_bytes(f"s3://{s3open_bucket}/{number}", config=config)
        os.utime(
            next(iter(sorted(Path(folder).rglob("*.journal"), key=os.path.getmtime)))
        )
    used = opened(folder, 4 * MIB).usage()
    assert used.size <= 4 * MIB * 21 // 20 + MIB
    assert 2 <= used.entries <= 4


def test_what_was_used_last_stays(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path), 3 * MIB)
    for number in range(3):
        made = cache.make((str(number),), entry.Version(f'"{number}"', MIB, None))
        made.write(0, bytes(MIB))
        made.close()
        [journal] = cache._journals((str(number),))
        os.utime(journal, (number, number))
    found = cache.find(("0",))
    assert found is not None
    found.close()
    cache.added(MIB)
    kept = [bool(cache._journals((str(number),))) for number in range(3)]
    assert kept == [True, False, True]


def test_nobody_else_may_look(
    s3open_server: S3Server, uri: str, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"
    read(uri, str(folder))
    for path in folder.rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    # Who may not read the object gets nothing out of the cache.
    s3open_server.deny("GetObject")
    with pytest.raises(PermissionError):
        read(uri, str(folder))


def test_what_a_key_opens_is_not_kept(s3open_bucket: str, tmp_path: Path) -> None:
    folder, key = str(tmp_path / "cache"), bytes(32)
    uri = f"s3://{s3open_bucket}/secret"
    config = s3open.Config()
    with s3open.open(uri, "wb", sse_customer_key=key, config=config) as file:
        file.write(b"secret")
    assert read(uri, folder, sse_customer_key=key) == b"secret"
    assert not list(Path(folder).rglob("*.data"))


def test_the_object_is_told_of_as_without(uri: str, tmp_path: Path) -> None:
    told = []
    for folder in (None, str(tmp_path), str(tmp_path)):
        with s3open.open(uri, "rb", cache_dir=folder) as file:
            told.append(s3open.info(file))
    assert told[0] == told[1] == told[2]


def test_an_open_file_outlives_its_entry(
    s3open_server: S3Server, uri: str, tmp_path: Path
) -> None:
    read(uri, str(tmp_path))
    with s3open.open(uri, "rb", cache_dir=tmp_path) as file:
        assert opened(str(tmp_path), 10 << 30).clear().entries == 1
        with s3open_server.counting() as seen:
            assert file.read() == CONTENT
    assert seen.bytes_out == 0


def test_a_child_reads_on_and_keeps_nothing_of_its_parents(
    s3open_server: S3Server, uri: str, tmp_path: Path
) -> None:
    folder = str(tmp_path)
    with s3open.open(uri, "rb", cache_dir=folder) as file:
        assert file.read(10) == CONTENT[:10]
        reader = file.raw._download._reader  # type: ignore[attr-defined]  # ours
        with reader._entry._lock, opened(folder, 10 << 30)._lock:
            # As if a thread was at it.
            right = in_child(lambda: file.read() == CONTENT[10:])
            again = in_child(lambda: read(uri, folder) == CONTENT)
        assert (right, again) == (True, True)
        assert file.read() == CONTENT[10:]


READER = """
import sys, hashlib, s3open
for _ in range(3):
    with s3open.open(sys.argv[1], "rb", cache_dir=sys.argv[2]) as file:
        print(hashlib.sha256(file.read()).hexdigest())
"""


def test_processes_share_it(uri: str, tmp_path: Path) -> None:
    import hashlib

    command = [sys.executable, "-c", READER, uri, str(tmp_path)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    lines = [line for each in running for line in each.communicate()[0].split()]
    assert [each.returncode for each in running] == [0, 0, 0]
    assert lines == [hashlib.sha256(CONTENT).hexdigest()] * 9


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"cache": 5}, TypeError),
        ({"cache_size": "1"}, TypeError),
        ({"cache_size": 1}, ValueError),
    ],
)
def test_bad_settings_are_refused(given: Any, kind: Any) -> None:
    with pytest.raises(kind):
        s3open.Config(**given)
    with pytest.raises(TypeError, match="cache_dir"):
        s3open.open("s3://bucket/key", cache_dir=5)  # type: ignore[call-overload]
