"""Ctrl-C at any moment leaves a spool right."""

import contextlib

import pytest

from s3open.spool import Spool
from s3open.spool.blocks import BLOCK
from tests.fakes import pattern
from tests.unit.interrupting import interrupts
from tests.unit.spooling import SMALL, leave_bytes_in_the_stock, read, receive, write

# An interrupted constructor may leave a file to the garbage collector.
LEAKING = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


@pytest.fixture(autouse=True)
def dirty_stock() -> None:
    leave_bytes_in_the_stock()


@LEAKING
def test_an_interrupt_anywhere_in_a_write_is_healed_by_writing_again() -> None:
    first, second = pattern(3 * BLOCK), pattern(2 * BLOCK, seed=1)
    expected = first[:100] + second + first[100 + len(second) :]
    for interrupt in interrupts():
        with contextlib.closing(Spool(memory=SMALL)) as ours:
            write(ours, 0, first)
            with contextlib.suppress(KeyboardInterrupt), interrupt:
                write(ours, 100, second)
            write(ours, 100, second)
            assert read(ours, 0, 4 * BLOCK) == expected, interrupt.where
            write(ours, 3 * BLOCK, first)
            assert read(ours, 0, 8 * BLOCK) == expected + first, interrupt.where


@LEAKING
def test_an_interrupt_anywhere_in_a_read_loses_nothing() -> None:
    content = pattern(4 * BLOCK)
    for interrupt in interrupts():
        with contextlib.closing(Spool(memory=SMALL)) as ours:
            write(ours, 0, content)
            with contextlib.suppress(KeyboardInterrupt), interrupt:
                read(ours, 100, 4 * BLOCK)
            assert read(ours, 0, 4 * BLOCK) == content, interrupt.where


@LEAKING
@pytest.mark.parametrize("keep", [True, False])
def test_an_interrupt_anywhere_in_a_fill_loses_nothing(keep: bool) -> None:
    content = pattern(4 * BLOCK)
    for interrupt in interrupts():
        with contextlib.closing(Spool(len(content), memory=SMALL, keep=keep)) as ours:
            for start in range(0, len(content), BLOCK):
                receive(ours, content, range(start, start + 100))
            with contextlib.suppress(KeyboardInterrupt), interrupt:
                receive(ours, content, range(100, 200))
            for start in range(0, len(content), BLOCK):
                found = read(ours, start, 100)
                assert found == content[start : start + len(found)], interrupt.where
                assert len(found) == 100 or not keep, interrupt.where
            ours.keep = True
            for gap in list(ours.present.gaps(range(len(content)))):
                receive(ours, content, gap)
            assert read(ours, 0, 4 * BLOCK) == content, interrupt.where


@LEAKING
def test_an_interrupt_anywhere_in_truncate_is_healed_by_doing_it_again() -> None:
    content = pattern(4 * BLOCK)
    expected = content[: BLOCK + 10] + bytes(2 * BLOCK - 10)
    for interrupt in interrupts():
        with contextlib.closing(Spool(memory=SMALL)) as ours:
            write(ours, 0, content)
            with contextlib.suppress(KeyboardInterrupt), interrupt:
                ours.truncate(BLOCK + 10)
            ours.truncate(BLOCK + 10)
            ours.truncate(3 * BLOCK)
            assert read(ours, 0, 4 * BLOCK) == expected, interrupt.where
