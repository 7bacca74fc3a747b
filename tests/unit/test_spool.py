"""The spool against a bytearray, and against disks that are full."""

import contextlib
import errno
import os
import resource
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3open.spool import Spool, shelf
from s3open.spool.blocks import BLOCK
from s3open.spool.scratch import Scratch
from tests.fakes import MIB, pattern
from tests.unit.forking import in_child
from tests.unit.spooling import SMALL, leave_bytes_in_the_stock, read, receive, write

Make = Callable[..., Spool]

NOISE = pattern(3 * BLOCK + 10, seed=7)
# Where something could go wrong: around the edges of blocks.
OFFSETS = st.builds(
    lambda block, beside: max(0, block * BLOCK + beside),
    st.integers(0, 5),
    st.integers(-3, 3),
)
LENGTHS = st.one_of(
    st.integers(0, 7),
    st.integers(BLOCK - 3, BLOCK + 3),
    st.integers(2 * BLOCK - 1, 3 * BLOCK + 1),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "read", "truncate"]), OFFSETS, LENGTHS),
    max_size=14,
)


class FullDisk(Scratch):
    """A temporary file on a disk that has room for *room* more bytes."""

    room = 0

    def write_at(self, offset: int, data: memoryview) -> None:
        fitting = min(FullDisk.room, len(data))
        FullDisk.room -= fitting
        super().write_at(offset, data[:fitting])
        if fitting < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> type[FullDisk]:
    monkeypatch.setattr(shelf, "Scratch", FullDisk)
    FullDisk.room = 0
    return FullDisk


@pytest.fixture
def make() -> Iterator[Make]:
    """Make spools that are closed at the end."""
    with contextlib.ExitStack() as made:

        def make(size: int = 0, **settings: Any) -> Spool:
            settings = {"memory": SMALL, **settings}
            return made.enter_context(contextlib.closing(Spool(size, **settings)))

        yield make


@pytest.fixture(autouse=True)
def dirty_stock() -> None:
    """Have the next blocks be made of memory that another file wrote on."""
    leave_bytes_in_the_stock()


class Model:
    """A file in a bytearray."""

    def __init__(self) -> None:
        self.content = bytearray()

    def write(self, offset: int, data: bytes) -> None:
        if data:
            self.truncate(max(len(self.content), offset))
            self.content[offset : offset + len(data)] = data

    def truncate(self, size: int) -> None:
        del self.content[size:]
        self.content.extend(bytes(size - len(self.content)))


@settings(derandomize=True, database=None, max_examples=120, deadline=None)
@given(STEPS)
def test_a_spool_is_a_file(steps: list[tuple[str, int, int]]) -> None:
    leave_bytes_in_the_stock()
    ours, model = Spool(memory=SMALL), Model()
    with contextlib.closing(ours):
        for number, (operation, offset, length) in enumerate(steps):
            if operation == "write":
                data = NOISE[number : number + length]
                write(ours, offset, data)
                model.write(offset, data)
            elif operation == "truncate":
                ours.truncate(offset)
                model.truncate(offset)
            else:
                expected = model.content[offset : offset + length]
                assert read(ours, offset, length) == expected
            assert ours.size == len(model.content)
            assert len(ours._blocks) <= 2
        assert read(ours, 0, ours.size) == model.content
        assert list(ours.present.gaps(range(ours.size))) == []


@settings(derandomize=True, database=None, max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), OFFSETS, LENGTHS), max_size=12),
    st.integers(0, 12),
)
def test_a_download_s_spool_gives_what_it_was_given_or_nothing(
    steps: list[tuple[bool, int, int]], keeps_from: int
) -> None:
    leave_bytes_in_the_stock()
    content = pattern(5 * BLOCK + 5, seed=3)
    ours = Spool(len(content), memory=SMALL, keep=False)
    with contextlib.closing(ours):
        for number, (receiving, offset, length) in enumerate(steps):
            ours.keep = ours.keep or number >= keeps_from
            span = range(offset, min(offset + length, len(content)))
            if receiving:
                for gap in list(ours.present.gaps(span)):
                    # Making room for one gap may drop what was present before.
                    for rest in list(ours.present.gaps(gap)):
                        receive(ours, content, rest)
            found = read(ours, span.start, len(span))
            assert found == content[span.start : span.start + len(found)]
            if ours.keep and receiving and keeps_from == 0:
                assert len(found) == len(span)
            assert len(ours._blocks) <= 2


def test_what_is_missing_is_not_read(make: Make) -> None:
    ours = make(10, keep=False)
    assert read(ours, 0, 10) == b""
    receive(ours, b"0123456789", range(2, 6))
    assert read(ours, 0, 10) == b""
    assert read(ours, 2, 10) == b"2345"
    assert read(ours, 5, 10) == b"5"
    assert read(ours, 6, 10) == b""
    assert read(ours, 10, 10) == read(ours, 11, 10) == read(ours, 1 << 70, 1) == b""


def test_bytes_are_not_there_before_they_are_marked(make: Make) -> None:
    ours = make(10, keep=False)
    view = ours.reserve(0, 10)
    view[:5] = b"half."
    assert read(ours, 0, 10) == b""
    ours.fill(range(5))
    assert read(ours, 0, 10) == b"half."


def test_a_reserved_view_ends_with_its_block(make: Make) -> None:
    ours = make(3 * BLOCK, keep=False)
    assert len(ours.reserve(BLOCK - 5, 100)) == 5
    assert len(ours.reserve(BLOCK, 3 * BLOCK)) == BLOCK


def test_a_reader_drops_what_does_not_fit_and_remembers_that_it_did(make: Make) -> None:
    content = pattern(4 * BLOCK)
    ours = make(len(content), keep=False)
    receive(ours, content, range(len(content)))
    assert read(ours, 0, BLOCK) == read(ours, BLOCK, BLOCK) == b""
    assert read(ours, 2 * BLOCK, 2 * BLOCK) == content[2 * BLOCK :]
    assert list(ours.dropped) == [range(2 * BLOCK)]
    assert ours._scratch is None


def test_a_reader_that_keeps_has_everything_on_disk(make: Make) -> None:
    content = pattern(4 * BLOCK)
    ours = make(len(content), keep=True)
    receive(ours, content, range(len(content)))
    assert read(ours, 0, len(content)) == content
    assert not ours.dropped


def test_the_least_recently_used_falls_out_first(make: Make) -> None:
    content = pattern(3 * BLOCK)
    ours = make(len(content), keep=False)
    receive(ours, content, range(2 * BLOCK))
    read(ours, 0, 1)
    receive(ours, content, range(2 * BLOCK, 3 * BLOCK))
    assert read(ours, 0, BLOCK) == content[:BLOCK]
    assert read(ours, BLOCK, BLOCK) == b""


def test_a_spilled_block_can_be_filled_further(make: Make) -> None:
    content = pattern(4 * BLOCK)
    ours = make(len(content), keep=True)
    for start in range(0, len(content), BLOCK):
        receive(ours, content, range(start + 100, start + 200))
    for start in range(0, len(content), BLOCK):
        receive(ours, content, range(start + 300, start + 400))
        receive(ours, content, range(start, start + 100))
    for start in range(0, len(content), BLOCK):
        assert read(ours, start, 1000) == content[start : start + 200]
        assert read(ours, start + 300, 1000) == content[start + 300 : start + 400]


def test_a_hole_of_ten_gib_costs_no_memory_and_no_disk(make: Make) -> None:
    far = 10 << 30
    ours = make()
    tracemalloc.start()
    write(ours, 5, b"here")
    write(ours, far, b"there")
    write(ours, far // 2, b"between")
    write(ours, far // 4, b"more")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MIB
    assert ours.size == far + 5
    assert len(ours._blocks) == 2
    assert read(ours, 0, 12) == bytes(5) + b"here" + bytes(3)
    assert read(ours, far - 3, 100) == bytes(3) + b"there"
    assert read(ours, far // 2 - 1, 9) == b"\0between\0"
    assert read(ours, far // 3, 3 * BLOCK) == bytes(3 * BLOCK)
    assert ours._scratch is not None
    used = os.fstat(ours._scratch._file.fileno()).st_blocks * 512
    assert used <= 3 * BLOCK


def test_growing_by_truncate_costs_nothing_and_reads_as_zero(make: Make) -> None:
    ours = make()
    write(ours, 0, b"abc")
    ours.truncate(10 << 30)
    assert not ours._spilled
    assert read(ours, 0, 6) == b"abc" + bytes(3)
    assert read(ours, (10 << 30) - 2, 100) == bytes(2)


def test_what_was_cut_off_on_disk_does_not_come_back(make: Make) -> None:
    ours = make()
    write(ours, 0, pattern(5 * BLOCK))
    ours.truncate(BLOCK // 2)
    ours.truncate(5 * BLOCK)
    assert read(ours, BLOCK // 2, 5 * BLOCK) == bytes(4 * BLOCK + BLOCK // 2)


def test_nothing_is_written_to_disk_before_memory_is_full(make: Make) -> None:
    ours = make()
    write(ours, 0, pattern(SMALL))
    assert ours._scratch is None
    write(ours, SMALL, b"x")
    assert ours._scratch is not None


@pytest.mark.parametrize("room", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_a_full_disk_leaves_the_spool_usable(
    make: Make, full_disk: type[FullDisk], room: int
) -> None:
    content = pattern(SMALL)
    ours = make()
    write(ours, 0, content)
    more = pattern(3 * BLOCK, seed=1)
    full_disk.room = room
    with pytest.raises(OSError, match="No space") as caught:
        write(ours, SMALL, more)
    assert caught.value.errno == errno.ENOSPC
    assert ours.size == SMALL
    assert read(ours, 0, 10 * BLOCK) == content
    full_disk.room = 100 * BLOCK
    write(ours, SMALL, more)
    assert ours.size == SMALL + len(more)
    assert read(ours, 0, 10 * BLOCK) == content + more


def test_a_write_that_failed_leaves_no_bytes_behind_the_end(
    make: Make,
    full_disk: type[FullDisk],
) -> None:
    ours = make()
    with pytest.raises(OSError, match="No space"):
        write(ours, 0, pattern(3 * BLOCK))
    assert ours.size == 0
    write(ours, 100, b"later")
    assert read(ours, 0, 200) == bytes(100) + b"later"
    ours.truncate(200)
    assert read(ours, 0, 200) == bytes(100) + b"later" + bytes(95)


@pytest.mark.usefixtures("full_disk")
def test_a_reader_does_without_a_disk_that_is_full(make: Make) -> None:
    content = pattern(3 * BLOCK)
    ours = make(len(content), keep=True)
    receive(ours, content, range(len(content)))
    # What found no place is missing, as what was never fetched; nothing is wrong.
    assert ours.dropped
    for span in ours.present:
        assert read(ours, span.start, len(span)) == content[span.start : span.stop]


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Have the system refuse to make files larger than *size*."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_the_system_refuses_is_an_error_that_heals(
    make: Make, tmp_path: Path
) -> None:
    content = pattern(5 * BLOCK)
    ours = make(directory=os.fspath(tmp_path))
    with largest_file(BLOCK + 100), pytest.raises(OSError, match="large") as caught:
        write(ours, 0, content)
    assert caught.value.errno == errno.EFBIG
    assert caught.value.filename == os.fspath(tmp_path)
    assert ours.size == 0
    write(ours, 0, content)
    assert read(ours, 0, len(content)) == content


def test_a_folder_that_is_missing_is_an_error_that_names_it(
    make: Make, tmp_path: Path
) -> None:
    ours = make(directory=os.fspath(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError) as caught:
        write(ours, 0, bytes(3 * BLOCK))
    assert "missing" in caught.value.filename


def test_a_child_that_reads_does_not_disturb_its_parent(make: Make) -> None:
    content = pattern(5 * BLOCK)
    ours = make()
    write(ours, 0, content)
    assert read(ours, 0, 10) == content[:10]
    assert in_child(lambda: read(ours, 0, len(content)) == content)
    in_child(ours.close)
    assert read(ours, 10, len(content)) == content[10:]


def test_parent_and_child_spill_without_disturbing_each_other(make: Make) -> None:
    content = pattern(6 * BLOCK)
    ours = make(len(content), keep=True)
    receive(ours, content, range(3 * BLOCK))
    second_half = range(4 * BLOCK + BLOCK // 2, 5 * BLOCK)
    waiting, going = os.pipe()

    def receive_half_a_block() -> bytes:
        os.read(waiting, 1)
        receive(ours, content, second_half)
        receive(ours, content, range(5 * BLOCK, 5 * BLOCK + 10))
        receive(ours, content, range(3 * BLOCK, 3 * BLOCK + 10))
        return read(ours, 0, 3 * BLOCK) + read(ours, second_half.start, BLOCK // 2)

    def receive_all() -> None:
        for index in (4, 5, 3):
            receive(ours, content, range(index * BLOCK, index * BLOCK + BLOCK))
        os.write(going, b"!")

    found = in_child(receive_half_a_block, meanwhile=receive_all)
    assert found == content[: 3 * BLOCK] + content[second_half.start :][: BLOCK // 2]
    assert read(ours, 0, len(content)) == content
    os.close(waiting)
    os.close(going)
