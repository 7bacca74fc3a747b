"""The temporary file: nobody else's, and gone when it is closed."""

import os
from pathlib import Path

import pytest

from s3open.spool import Spool
from s3open.spool.blocks import BLOCK
from s3open.spool.scratch import Scratch
from tests.fakes import pattern
from tests.unit.spooling import SMALL, write


def test_nobody_else_comes_to_the_temporary_file(tmp_path: Path) -> None:
    ours = Spool(memory=SMALL, directory=os.fspath(tmp_path))
    write(ours, 0, pattern(4 * BLOCK))
    assert ours._scratch is not None
    status = os.fstat(ours._scratch._file.fileno())
    assert status.st_size > 0
    assert status.st_nlink == 0
    assert status.st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []
    ours.close()


def test_the_temporary_file_is_gone_after_close(tmp_path: Path) -> None:
    ours = Spool(memory=SMALL, directory=os.fspath(tmp_path))
    write(ours, 0, pattern(4 * BLOCK))
    assert ours._scratch is not None
    descriptor = ours._scratch._file.fileno()
    ours.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    assert list(tmp_path.iterdir()) == []
    ours.close()


def test_tmpdir_steers_the_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", os.fspath(tmp_path))
    ours = Scratch(None)
    assert os.fstat(ours._file.fileno()).st_dev == tmp_path.stat().st_dev
    assert ours._directory == os.fspath(tmp_path)
    ours.close()


def test_a_scratch_reads_zeros_where_nothing_was_written() -> None:
    ours = Scratch(None)
    ours.write_at(10, memoryview(b"abc"))
    view = bytearray(b"?" * 20)
    ours.read_at(0, memoryview(view))
    assert view == bytes(10) + b"abc" + bytes(7)
    ours.truncate(11)
    ours.truncate(100)
    ours.read_at(0, memoryview(view))
    assert view == bytes(10) + b"a" + bytes(9)
    ours.close()
