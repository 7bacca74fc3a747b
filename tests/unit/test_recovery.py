"""Recovery files: the user's alone, whole, and without secrets."""

import contextlib
import json
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from s3open.spool import Spool
from s3open.writing import recovery
from tests.fakes import MIB, pattern


@contextlib.contextmanager
def spooled(content: bytes) -> Iterator[Spool]:
    with contextlib.closing(Spool(memory=2 * MIB)) as spool:
        spool.write_at(0, memoryview(content))
        yield spool


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("size", [1, MIB - 1, MIB, MIB + 1, 5 * MIB + 3])
def test_what_was_written_is_kept_byte_for_byte(state: Path, size: int) -> None:
    with spooled(pattern(size)) as spool:
        kept = Path(recovery.keep(spool, {"uri": "s3://b/k"}, recovery.new_name()))
    assert kept.read_bytes() == pattern(size)
    assert kept.parent == state / "s3open" / "recovery"
    assert kept.suffix == ".data"
    description = json.loads(kept.with_suffix(".json").read_text())
    expected = {"uri": "s3://b/k", "size": size, "written": [[0, size]]}
    assert description == expected


def test_holes_are_kept_as_zeros() -> None:
    with spooled(b"abc") as spool:
        spool.write_at(3 * MIB, memoryview(b"def"))
        spool.truncate(4 * MIB)
        kept = Path(recovery.keep(spool, {}, recovery.new_name()))
    assert kept.read_bytes() == (b"abc".ljust(3 * MIB, b"\0") + b"def").ljust(
        4 * MIB, b"\0"
    )


@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_nobody_else_can_read_it(state: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with spooled(b"secret") as spool:
            kept = Path(recovery.keep(spool, {}, recovery.new_name()))
    finally:
        os.umask(before)
    assert permissions(kept) == 0o600
    assert permissions(kept.with_suffix(".json")) == 0o600
    assert permissions(kept.parent) == 0o700


def test_two_files_of_the_same_second_do_not_meet() -> None:
    with spooled(b"one") as one, spooled(b"two") as two:
        kept = [
            Path(recovery.keep(spool, {}, recovery.new_name()))
            for spool in (one, two, one)
        ]
    assert [path.read_bytes() for path in kept] == [b"one", b"two", b"one"]


def test_the_folder_is_below_the_home_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    for value in (None, ""):
        if value is None:
            monkeypatch.delenv("XDG_STATE_HOME")
        else:
            monkeypatch.setenv("XDG_STATE_HOME", value)
        expected = tmp_path / ".local" / "state" / "s3open" / "recovery"
        assert recovery.directory() == expected
    # https://specifications.freedesktop.org/basedir-spec/latest/
    monkeypatch.setenv("XDG_STATE_HOME", "relative/paths/are/invalid")
    assert recovery.directory() == expected


def test_a_folder_that_cannot_be_made_is_an_os_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    obstacle = tmp_path / "file"
    obstacle.touch()
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(obstacle))
    with spooled(b"x") as spool, pytest.raises(OSError, match="file"):
        recovery.keep(spool, {}, recovery.new_name())


def test_no_home_at_all_is_an_os_error(monkeypatch: pytest.MonkeyPatch) -> None:
    # A container that runs as a user without a name.
    def unknown(uid: int) -> pwd.struct_passwd:
        raise KeyError(uid)

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with spooled(b"x") as spool, pytest.raises(OSError, match="home"):
        recovery.keep(spool, {}, recovery.new_name())


class Unreadable(Spool):
    """A spool whose second MiB is lost."""

    def read_at(self, offset: int, view: memoryview) -> int:
        if offset >= MIB:
            raise OSError(5, "Input/output error")
        return super().read_at(offset, view)


def test_nothing_is_left_of_what_could_not_be_kept_whole(state: Path) -> None:
    with contextlib.closing(Unreadable(memory=2 * MIB)) as spool:
        spool.write_at(0, memoryview(pattern(2 * MIB)))
        with pytest.raises(OSError, match="Input/output"):
            recovery.keep(spool, {}, recovery.new_name())
    assert list((state / "s3open" / "recovery").iterdir()) == []


def test_where_there_is_a_description_the_data_is_whole(state: Path) -> None:
    with spooled(b"x") as spool, contextlib.suppress(TypeError):
        recovery.keep(spool, {"metadata": {1, 2}}, recovery.new_name())
    files = sorted((state / "s3open" / "recovery").iterdir())
    assert [path.suffix for path in files] in ([], [".data", ".json"])
    for path in files[1:]:
        json.loads(path.read_text())
