"""The temporary file: nobody else's, and gone when it is closed."""

import contextlib
import errno
import fcntl
import mmap
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from s3open.spool import Spool, scratch
from s3open.spool.blocks import BLOCK
from s3open.spool.scratch import Scratch
from tests.fakes import pattern
from tests.unit.spooling import SMALL, write

PAGE = 4096


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


def direct(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the list that the sizes of what goes past the cache are put into."""
    sizes: list[int] = []
    pwrite = os.pwrite

    def watched(descriptor: int, data: memoryview, offset: int) -> int:
        count = pwrite(descriptor, data, offset)
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_DIRECT:
            sizes.append(count)
        return count

    monkeypatch.setattr(os, "pwrite", watched)
    return sizes


@contextlib.contextmanager
def aligned(content: bytes) -> Iterator[memoryview]:
    """Give *content* where a page begins."""
    with mmap.mmap(-1, len(content), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        with memoryview(memory) as view:
            view[:] = content
            yield view


def contents(ours: Scratch, length: int) -> bytes:
    view = bytearray(length)
    ours.read_at(0, memoryview(view))
    return bytes(view)


def test_whole_pages_go_past_the_cache_and_the_rest_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = direct(monkeypatch)
    content = pattern(3 * PAGE)
    with contextlib.closing(Scratch(os.fspath(tmp_path))) as ours:
        if ours._direct is None:
            pytest.skip("the file system has no O_DIRECT")
        with aligned(content) as view:
            ours.write_at(PAGE, view)
            assert sizes == [3 * PAGE]
            # What is not whole pages, or not at one.
            ours.write_at(5 * PAGE, view[: PAGE + 1])
            ours.write_at(1, view[:PAGE])
            ours.write_at(8 * PAGE, view[1 : PAGE + 1])
        assert sizes == [3 * PAGE]
        expected = bytearray(9 * PAGE)
        expected[PAGE : 4 * PAGE] = content
        expected[5 * PAGE : 6 * PAGE + 1] = content[: PAGE + 1]
        expected[1 : PAGE + 1] = content[:PAGE]
        expected[8 * PAGE :] = content[1 : PAGE + 1]
        assert contents(ours, 9 * PAGE) == expected


@pytest.mark.parametrize("written", [0, PAGE, 2 * PAGE])
def test_what_does_not_go_past_the_cache_goes_through_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    content = pattern(3 * PAGE)
    pwrite = os.pwrite
    with contextlib.closing(Scratch(os.fspath(tmp_path))) as ours:
        if ours._direct is None:
            pytest.skip("the file system has no O_DIRECT")
        past = ours._direct.fileno()

        def refusing(descriptor: int, data: memoryview, offset: int) -> int:
            if descriptor != past:
                return pwrite(descriptor, data, offset)
            if not written:
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
            return pwrite(descriptor, data[:written], offset)

        monkeypatch.setattr(os, "pwrite", refusing)
        with aligned(content) as view:
            ours.write_at(0, view)
        assert contents(ours, 3 * PAGE) == content


@pytest.mark.parametrize("without", ["flag", "file system", "proc"])
def test_a_system_without_that_does_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    if without == "flag":
        monkeypatch.setattr(scratch, "_O_DIRECT", 0)
    elif without == "file system":

        def refusing(descriptor: int, flags: int) -> int:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

        monkeypatch.setattr(scratch, "reopened", refusing)
    else:
        real = os.open

        def no_proc(path: str, flags: int, *arguments: int) -> int:
            if str(path).startswith("/proc"):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            return real(path, flags, *arguments)

        monkeypatch.setattr(os, "open", no_proc)
    content = pattern(3 * PAGE)
    with contextlib.closing(Scratch(os.fspath(tmp_path))) as ours:
        with aligned(content) as view:
            ours.write_at(PAGE, view)
            ours.write_at(3, view[:10])
        assert contents(ours, PAGE)[3:13] == content[:10]
        assert contents(ours, 4 * PAGE)[PAGE:] == content
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("past", [True, False])
def test_a_full_disk_names_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, past: bool
) -> None:
    def full(descriptor: int, data: memoryview, offset: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with contextlib.closing(Scratch(os.fspath(tmp_path))) as ours:
        monkeypatch.setattr(os, "pwrite", full)
        with (
            aligned(pattern(PAGE)) as view,
            pytest.raises(OSError, match="No space") as caught,
        ):
            ours.write_at(0 if past else 1, view)
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == os.fspath(tmp_path)


def test_both_descriptors_are_closed(tmp_path: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    ours = Scratch(os.fspath(tmp_path))
    ours.write_at(0, memoryview(b"abc"))
    ours.close()
    ours.close()
    assert set(os.listdir("/proc/self/fd")) == before
