"""What threads do with a spool's blocks while the program goes on writing."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

import pytest

from s3open.spool import Spool, shelf
from s3open.spool.blocks import BLOCK
from s3open.spool.scratch import Scratch
from tests.fakes import pattern
from tests.unit.forking import in_child
from tests.unit.interrupting import interrupts
from tests.unit.spooling import leave_bytes_in_the_stock, read, receive, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOM = 8 * BLOCK
CONTENT = pattern(4 * BLOCK)
ALL = range(len(CONTENT))


@pytest.fixture(autouse=True)
def dirty_stock() -> None:
    leave_bytes_in_the_stock()


@contextlib.contextmanager
def spool(size: int = 0, memory: int = ROOM) -> Iterator[Spool]:
    with contextlib.closing(Spool(size, memory=memory)) as ours:
        yield ours


class Slow(Scratch):
    """A temporary file that does something else first, once."""

    first: Callable[[], object] | None = None

    def write_at(self, offset: int, data: memoryview) -> None:
        first, Slow.first = Slow.first, None
        if first is not None:
            first()
        super().write_at(offset, data)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> type[Slow]:
    monkeypatch.setattr(shelf, "Scratch", Slow)
    Slow.first = None
    return Slow


@contextlib.contextmanager
def in_the_middle(slow: type[Slow], ours: Spool) -> Iterator[threading.Event]:
    """Have a thread be in the middle of spilling, until the event is set."""
    reached, gate = threading.Event(), threading.Event()

    def wait() -> None:
        reached.set()
        gate.wait(30)

    slow.first = wait
    thread = threading.Thread(target=ours.spill, args=(range(BLOCK),))
    thread.start()
    assert reached.wait(30)
    try:
        yield gate
    finally:
        gate.set()
        thread.join(30)
        assert not thread.is_alive()


def test_what_is_spilled_leaves_memory_and_is_there() -> None:
    with spool() as ours:
        write(ours, 0, CONTENT)
        ours.spill(range(BLOCK, 3 * BLOCK))
        assert sorted(ours._blocks) == [0, 3]
        assert read(ours, 0, len(CONTENT)) == CONTENT
        write(ours, BLOCK + 5, b"new")
        assert read(ours, BLOCK, 10) == CONTENT[BLOCK : BLOCK + 5] + b"new" + bytes(
            CONTENT[BLOCK + 8 : BLOCK + 10]
        )


def test_a_block_that_is_in_use_stays() -> None:
    with spool() as ours:
        write(ours, 0, CONTENT)
        with ours.pieces(range(BLOCK, BLOCK + 10)):
            ours.spill(ALL)
            ours.release(ALL)
            ours.leave_behind(range(4))
            assert list(ours._blocks) == [1]
        ours.spill(ALL)
        assert not ours._blocks


def test_what_is_written_while_it_is_spilled_is_not_lost(slow: type[Slow]) -> None:
    with spool() as ours:
        write(ours, 0, CONTENT)
        with in_the_middle(slow, ours):
            write(ours, 5, b"new")
        assert 0 in ours._blocks
        ours.spill(ALL)
        assert read(ours, 0, 10) == CONTENT[:5] + b"new" + CONTENT[8:10]


def test_what_is_cut_while_it_is_spilled_does_not_come_back(slow: type[Slow]) -> None:
    with spool() as ours:
        write(ours, 0, CONTENT)
        with in_the_middle(slow, ours) as gate:

            def cut() -> None:
                ours.truncate(100)
                ours.truncate(3 * BLOCK)

            cutting = threading.Thread(target=cut)
            cutting.start()
            gate.set()
            cutting.join(30)
        ours.spill(ALL)
        assert read(ours, 0, 4 * BLOCK) == CONTENT[:100] + bytes(3 * BLOCK - 100)


def test_who_asks_for_the_descriptor_waits_for_what_is_spilled(
    slow: type[Slow],
) -> None:
    with spool() as ours:
        write(ours, 0, CONTENT)
        found: list[int] = []
        with in_the_middle(slow, ours) as gate:
            write(ours, 0, b"new")
            asking = threading.Thread(target=lambda: found.append(ours.descriptor()))
            asking.start()
            gate.set()
            asking.join(30)
        ours.reload()
        assert read(ours, 0, len(CONTENT)) == b"new" + CONTENT[3:]
        assert len(found) == 1


def test_closing_leaves_the_descriptor_to_who_still_writes(slow: type[Slow]) -> None:
    ours = Spool(memory=ROOM)
    write(ours, 0, CONTENT)
    with in_the_middle(slow, ours):
        scratch = ours._scratch
        ours.close()
        assert scratch is not None
        assert not scratch._file.closed
    assert scratch._file.closed


def test_a_child_has_what_was_being_spilled(slow: type[Slow]) -> None:
    with spool(memory=2 * BLOCK) as ours:
        write(ours, 0, CONTENT[: 2 * BLOCK])

        def look() -> bool:
            # More than there is room for.
            write(ours, 2 * BLOCK, CONTENT[2 * BLOCK :])
            ours.truncate(len(CONTENT) - 1)
            return read(ours, 0, len(CONTENT)) == CONTENT[:-1]

        with in_the_middle(slow, ours):
            assert in_child(look)
        assert read(ours, 0, 2 * BLOCK) == CONTENT[: 2 * BLOCK]


def test_a_spill_that_fails_loses_nothing(slow: type[Slow]) -> None:
    def fail() -> None:
        raise OSError("full")

    with spool() as ours:
        write(ours, 0, CONTENT)
        slow.first = fail
        with pytest.raises(OSError, match="full"):
            ours.spill(ALL)
        assert read(ours, 0, len(CONTENT)) == CONTENT
        ours.spill(ALL)
        assert not ours._blocks
        assert read(ours, 0, len(CONTENT)) == CONTENT


@pytest.mark.parametrize("span", [range(10), range(5, 3 * BLOCK + 5), range(0)])
def test_pieces_are_the_bytes_without_a_copy(span: range) -> None:
    with spool() as ours:
        write(ours, 0, CONTENT)
        with ours.pieces(span) as body:
            assert b"".join(body) == CONTENT[span.start : span.stop]
            write(ours, span.start, b"new"[: len(span)])
            assert b"".join(body)[:3] == b"new"[: len(span)]
        assert not any(ours._pins.values())


def test_pieces_of_what_is_on_disk_or_a_hole() -> None:
    with spool() as ours:
        write(ours, 0, CONTENT)
        ours.spill(range(2 * BLOCK))
        ours.truncate(6 * BLOCK)
        with ours.pieces(range(5, 6 * BLOCK)) as body:
            assert b"".join(body) == CONTENT[5:] + bytes(2 * BLOCK)


def test_pieces_of_more_than_memory_are_read_one_by_one() -> None:
    with spool(memory=2 * BLOCK) as ours:
        write(ours, 0, CONTENT)
        with ours.pieces(range(3, len(CONTENT))) as body:
            assert len(body) == 4
            assert b"".join(body[1:3]) == CONTENT[BLOCK + 3 : 3 * BLOCK + 3]
            # As often as a request is repeated.
            for _ in range(2):
                assert b"".join(body) == CONTENT[3:]
        assert len(ours._blocks) <= 2


def test_pieces_stay_where_they_are_while_others_come() -> None:
    with spool(memory=4 * BLOCK) as ours:
        write(ours, 0, CONTENT)
        with ours.pieces(range(2 * BLOCK)) as body:
            write(ours, len(CONTENT), CONTENT)
            assert b"".join(body) == CONTENT[: 2 * BLOCK]
            ours.close()
            leave_bytes_in_the_stock()
            assert b"".join(body) == CONTENT[: 2 * BLOCK]


def test_a_reader_leaves_behind_what_can_be_fetched_again() -> None:
    with spool(len(CONTENT)) as ours:
        receive(ours, CONTENT, ALL)
        write(ours, BLOCK, b"new")
        ours.leave_behind(range(3))
        # What was written stays.
        assert sorted(ours._blocks) == [1, 3]
        assert ours.gap(0, len(CONTENT)) == range(BLOCK)
        assert ours.dropped.run(0, BLOCK) == (True, BLOCK)
        ours.keep = True
        ours.leave_behind(range(4))
        assert sorted(ours._blocks) == [1, 3]


def test_what_is_released_is_forgotten_without_a_disk() -> None:
    with spool() as ours:
        write(ours, 0, CONTENT)
        ours.release(range(10, 3 * BLOCK + 10))
        assert sorted(ours._blocks) == [3]
        assert ours._scratch is None
        assert read(ours, 3 * BLOCK, BLOCK) == CONTENT[3 * BLOCK :]


# An interrupted constructor may leave a file to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("what", ["spill", "pieces", "leave_behind", "descriptor"])
def test_an_interrupt_anywhere_loses_nothing_and_keeps_nobody_waiting(
    what: str,
) -> None:
    for interrupt in interrupts():
        with spool() as ours:
            write(ours, 0, CONTENT)
            with contextlib.suppress(KeyboardInterrupt), interrupt:
                if what == "spill":
                    ours.spill(ALL)
                elif what == "pieces":
                    with ours.pieces(ALL) as body:
                        b"".join(body)
                elif what == "leave_behind":
                    ours.leave_behind(range(4))
                else:
                    ours.descriptor()
            # Everything falls out of memory that may.
            write(ours, len(CONTENT), pattern(ROOM, seed=1))
            assert read(ours, 0, len(CONTENT)) == CONTENT, interrupt.where
            ours.truncate(len(CONTENT) - 5)
            assert read(ours, 0, len(CONTENT)) == CONTENT[:-5], interrupt.where
