"""A changed object is put together side by side, by the process's own threads."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

import pytest

from s3open import errors
from s3open.config import MIN_PART_SIZE
from s3open.s3 import threads
from s3open.spool import Spool
from s3open.writing import changes
from tests.fakes import MIB, FakeWriter, answered, cut_off, pattern
from tests.unit.interrupting import interrupts
from tests.unit.spooling import write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from s3open.contract import Part

BASE = pattern(80 * MIB)
DIRTY = [range(start, start + 3) for start in range(10 * MIB, 70 * MIB, 10 * MIB)]


@pytest.fixture(params=[True, False], ids=["threads", "no threads"], autouse=True)
def there_are_threads(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> bool:
    if not request.param:
        # As at the end of the program.
        monkeypatch.setattr(threads, "submit", lambda task: None)
    return bool(request.param)


@contextlib.contextmanager
def changed() -> Iterator[Spool]:
    """Give a spool with BASE, and a change at each of DIRTY."""
    with contextlib.closing(Spool(memory=128 * MIB)) as spool:
        write(spool, 0, BASE)
        for span in DIRTY:
            write(spool, span.start, b"new")
        yield spool


def expected() -> bytes:
    content = bytearray(BASE)
    for span in DIRTY:
        content[span.start : span.stop] = b"new"
    return bytes(content)


def upload(spool: Spool, writer: FakeWriter) -> None:
    changes.upload(spool, writer, MIN_PART_SIZE, base_size=len(BASE), dirty=DIRTY)


def failing(faults: Mapping[tuple[str, int], BaseException]) -> FakeWriter:
    return FakeWriter(faults, base=BASE)


class CopiesNot(FakeWriter):
    """A writer whose store turns out not to copy, at the third part it is asked for."""

    def __init__(self) -> None:
        super().__init__(base=BASE)

    def copy_part(self, upload: str, number: int, span: range) -> Part | None:
        part = super().copy_part(upload, number, span)
        return part if self.calls.count("copy_part") < 3 else None


def test_what_did_not_change_is_copied() -> None:
    writer = FakeWriter(base=BASE)
    with changed() as spool:
        upload(spool, writer)
    assert writer.published == expected()
    assert sum(map(len, writer.copied)) >= len(BASE) - len(DIRTY) * MIN_PART_SIZE


def test_parts_are_made_side_by_side(*, there_are_threads: bool) -> None:
    if not there_are_threads:
        pytest.skip("there are no threads")
    together = threading.Barrier(4)

    class Meeting(FakeWriter):
        def copy_part(self, upload: str, number: int, span: range) -> Part | None:
            if number <= 8:
                together.wait(10)
            return super().copy_part(upload, number, span)

    writer = Meeting(base=BASE)
    with changed() as spool:
        upload(spool, writer)
    assert writer.published == expected()
    assert not together.broken


@pytest.mark.parametrize("call", ["copy_part", "put_part"])
@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_failure_at_any_part_aborts(call: str, number: int) -> None:
    writer = failing({(call, number): answered("AccessDenied", 403)})
    before = set(threading.enumerate())
    with changed() as spool:
        with pytest.raises(errors.S3Error, match=r"AccessDenied|denied"):
            upload(spool, writer)
        made = writer.calls.count("copy_part") + writer.calls.count("put_part")
    assert writer.published is None
    assert writer.pending == set()
    assert writer.calls[-1] == "abort"
    # All had ended before that.
    assert writer.calls.count("copy_part") + writer.calls.count("put_part") == made
    assert {t.name for t in set(threading.enumerate()) - before} <= {"s3open"}


def test_an_end_without_an_answer_aborts() -> None:
    writer = failing({("complete", 1): cut_off()})
    with changed() as spool, pytest.raises(errors.S3Error):
        upload(spool, writer)
    assert writer.pending == set()


def test_a_store_that_copies_nothing_is_sent_everything() -> None:
    writer = CopiesNot()
    with changed() as spool:
        upload(spool, writer)
    assert writer.published == expected()
    assert writer.pending == set()
    assert writer.calls.count("abort") == 1


# An interrupt may strike while a generator is closed, too.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_anywhere_publishes_nothing_or_all() -> None:
    size, dirty = 16 * MIB, [range(3)]
    expected = b"new" + BASE[3:size]
    with contextlib.closing(Spool(memory=128 * MIB)) as spool:
        write(spool, 0, expected)
        for interrupt in interrupts():
            writer = FakeWriter(base=BASE[:size])
            with contextlib.suppress(KeyboardInterrupt), interrupt:
                changes.upload(
                    spool, writer, MIN_PART_SIZE, base_size=size, dirty=dirty
                )
            assert writer.published in (None, expected), interrupt.where
            if writer.published is None and "begin" in writer.calls:
                # But where its id had not come back yet.
                assert not writer.pending or writer.calls[-1] == "begin"
