"""Parts that are sent while the program writes: what it wrote last is what counts."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3open import checksums
from s3open.config import MAX_OBJECT_SIZE, MAX_PART_SIZE, MAX_PARTS
from s3open.contract import Part
from s3open.s3 import threads
from s3open.spool import BLOCK, Spool
from s3open.writing import WriteBehind
from s3open.writing.behind import following, spans
from tests.fakes import MIB, FakeWriter, cut_off, pattern
from tests.unit.interrupting import interrupts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.contract import Pieces

PART = 2 * BLOCK
SIZES = st.one_of(st.integers(0, 100), st.integers(0, 5 * BLOCK))
PLACES = st.builds(
    lambda unit, beside: max(0, unit * BLOCK + beside),
    st.integers(0, 12),
    st.integers(-2, 2),
)


class Verifying(FakeWriter):
    """A writer that looks whether what was summed while it was written arrives."""

    def put_part(
        self, upload: str, number: int, body: Pieces, crc: int | None = None
    ) -> Part:
        data = b"".join(body)
        assert crc in (None, checksums.crc(checksums.own(), data))
        return super().put_part(upload, number, [data], crc)


class Writing:
    """A file that is being written, and what has to come of it."""

    def __init__(
        self,
        writer: FakeWriter | None = None,
        *,
        memory: int = 12 * BLOCK,
        at_once: int = 4,
        keeps: bool = True,
    ) -> None:
        self.spool = Spool(memory=memory)
        self.spool.summing = True
        self.writer = writer or Verifying()
        self.behind = WriteBehind(
            self.spool, self.writer, PART, PART, at_once, keeps=keeps
        )
        self.expected = bytearray()
        self.end = 0

    def write(self, data: bytes, offset: int | None = None) -> None:
        start = self.end if offset is None else offset
        self.spool.write_at(start, memoryview(data))
        self.behind.wrote(range(start, start + len(data)))
        self.end = start + len(data)
        if len(data):
            self.expected.extend(bytes(max(0, start - len(self.expected))))
            self.expected[start : self.end] = data

    def truncate(self, size: int) -> None:
        before = self.spool.size
        self.spool.truncate(size)
        self.behind.cut(min(before, size))
        del self.expected[size:]
        self.expected.extend(bytes(size - len(self.expected)))

    def publish(self) -> None:
        self.behind.publish()

    @property
    def is_right(self) -> bool:
        return self.writer.published == bytes(self.expected) and not self.writer.pending


@contextlib.contextmanager
def writing(
    writer: FakeWriter | None = None,
    *,
    memory: int = 12 * BLOCK,
    at_once: int = 4,
    keeps: bool = True,
) -> Iterator[Writing]:
    ours = Writing(writer, memory=memory, at_once=at_once, keeps=keeps)
    try:
        yield ours
    finally:
        ours.behind.discard()
        ours.spool.close()


class Gate(FakeWriter):
    """A writer whose parts wait, each until it is let through."""

    def __init__(self) -> None:
        super().__init__()
        self.open = threading.Event()
        self.begun = threading.Semaphore(0)
        self.most = 0
        # By number: how often it was under way at the same time.
        self.at_once: Counter[int] = Counter()
        self._running: Counter[int] = Counter()
        self._lock = threading.Lock()

    def put_part(
        self, upload: str, number: int, body: Pieces, crc: int | None = None
    ) -> Part:
        with self._lock:
            self._running[number] += 1
            self.most = max(self.most, self._running.total())
            self.at_once[number] = max(self.at_once[number], self._running[number])
        self.begun.release()
        assert self.open.wait(30)
        with self._lock:
            self._running[number] -= 1
            return super().put_part(upload, number, body, crc)


@settings(derandomize=True, database=None, max_examples=80, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("go on"), SIZES, st.just(0)),
            st.tuples(st.just("go back"), SIZES, PLACES),
            st.tuples(st.just("truncate"), st.just(0), PLACES),
        ),
        max_size=12,
    ),
    st.sampled_from([2 * BLOCK, 12 * BLOCK]),
    st.sampled_from([1, 4]),
)
def test_whatever_is_written_in_whatever_order_is_published(
    steps: list[tuple[str, int, int]], memory: int, at_once: int
) -> None:
    with writing(memory=memory, at_once=at_once) as ours:
        for seed, (what, size, place) in enumerate(steps):
            if what == "truncate":
                ours.truncate(place)
            else:
                offset = place if what == "go back" else None
                ours.write(pattern(size, seed), offset)
        ours.publish()
        assert ours.is_right


def test_a_part_is_sent_when_writing_has_gone_past_it() -> None:
    with writing() as ours:
        ours.write(pattern(PART))
        assert ours.writer.calls == []
        ours.write(b"?")
        ours.behind._jobs[1].settle()
        assert ours.writer.calls == ["begin", "put_part"]
        assert ours.writer.parts[1] == pattern(PART)
        ours.publish()
        assert ours.is_right
        assert ours.writer.calls == ["begin", "put_part", "put_part", "complete"]


def test_up_to_a_part_is_one_request() -> None:
    with writing() as ours:
        ours.write(pattern(PART))
        ours.publish()
        assert ours.is_right
        assert ours.writer.calls == ["put"]


def test_what_was_cut_down_to_a_part_is_one_request_and_leaves_no_upload() -> None:
    with writing() as ours:
        ours.write(pattern(3 * PART))
        ours.truncate(5)
        ours.publish()
        assert ours.is_right
        assert ours.writer.calls[-2:] == ["abort", "put"]


def test_a_part_that_is_written_to_again_is_sent_again_in_the_end() -> None:
    with writing() as ours:
        ours.write(pattern(3 * PART + 1))
        ours.write(b"new", PART + 7)
        ours.publish()
        assert ours.is_right
        assert ours.writer.calls.count("put_part") == 5


def test_one_that_is_on_its_way_is_waited_for_before_it_is_sent_again() -> None:
    gate = Gate()
    with writing(gate) as ours:
        ours.write(pattern(PART + 1))
        assert gate.begun.acquire(timeout=10)
        ours.write(b"new", 0)
        publishing = threading.Thread(target=ours.publish)
        publishing.start()
        # The last part may be sent; the first not, as long as it is on its way.
        assert gate.begun.acquire(timeout=10)
        assert ours.behind._jobs[2].claimed
        gate.open.set()
        publishing.join(10)
        assert ours.is_right
        assert max(gate.at_once.values()) == 1


@pytest.mark.parametrize(("at_once", "memory"), [(2, 64), (64, 10)])
def test_so_many_are_under_way_and_no_more(at_once: int, memory: int) -> None:
    # By the configuration, or by what fits: 10 blocks are 5 parts, less 2.
    most = min(at_once, memory // 2 - 2)
    gate = Gate()
    with writing(gate, at_once=at_once, memory=memory * BLOCK) as ours:
        program = threading.Thread(target=ours.write, args=(pattern(12 * PART),))
        program.start()
        for _ in range(most):
            assert gate.begun.acquire(timeout=10)
        assert program.is_alive()
        gate.open.set()
        program.join(10)
        ours.publish()
        assert ours.is_right
        assert gate.most == most


def test_what_goes_wrong_behind_is_told_at_a_later_write_and_aborts() -> None:
    writer = FakeWriter({("put_part", 1): cut_off()})
    with writing(writer) as ours:
        ours.write(pattern(PART + 1))
        ours.behind._jobs[1].settle()
        with pytest.raises(OSError, match="connection broke"):
            ours.write(pattern(2 * PART))
        ours.behind.discard()
        assert writer.pending == set()
        assert writer.published is None


def test_or_when_it_is_published() -> None:
    writer = FakeWriter({("put_part", 2): cut_off()})
    with writing(writer) as ours:
        ours.write(pattern(PART + 1))
        with pytest.raises(OSError, match="connection broke"):
            ours.publish()
        assert writer.pending == set()
        assert writer.published is None


def test_but_not_where_the_part_is_sent_again_anyhow() -> None:
    writer = FakeWriter({("put_part", 1): cut_off()})
    with writing(writer) as ours:
        ours.write(pattern(PART + 1))
        ours.behind._jobs[1].settle()
        ours.write(b"new", 0)
        ours.publish()
        assert ours.is_right


def test_a_failure_to_begin_is_told_at_once() -> None:
    writer = FakeWriter({("begin", 1): cut_off()})
    with writing(writer) as ours:
        with pytest.raises(OSError, match="connection broke"):
            ours.write(pattern(PART + 1))
        assert writer.calls == ["begin"]


def test_discarding_aborts_once_and_sends_nothing_more() -> None:
    gate = Gate()
    with writing(gate) as ours:
        ours.write(pattern(3 * PART))
        assert gate.begun.acquire(timeout=10)
        gate.open.set()
        ours.behind.discard()
        sent = list(gate.calls)
        ours.behind.discard()
        assert gate.calls == sent
        assert sent.count("abort") == 1
        assert gate.pending == set()
        assert gate.published is None


def test_who_hands_out_the_descriptor_has_everything_sent_in_the_end() -> None:
    with writing() as ours:
        ours.write(pattern(2 * PART + 1))
        ours.behind.stop()
        ours.write(pattern(2 * PART, 1))
        ours.spool.write_at(3, memoryview(b"by descriptor"))
        ours.expected[3:16] = b"by descriptor"
        ours.publish()
        assert ours.is_right


def test_no_thread_need_be_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "submit", lambda task: None)
    with writing() as ours:
        for seed in range(5):
            ours.write(pattern(PART, seed))
        ours.publish()
        assert ours.is_right


def test_what_is_sent_leaves_memory_where_it_is_scarce() -> None:
    with writing(memory=8 * BLOCK) as ours:
        for seed in range(12):
            ours.write(pattern(PART, seed))
        assert len(ours.spool._blocks) <= 8
        assert ours.spool._spilled
        ours.write(b"new", 0)
        ours.publish()
        assert ours.is_right


def test_a_stream_keeps_nothing_and_needs_no_disk() -> None:
    with writing(memory=8 * BLOCK, keeps=False) as ours:
        for seed in range(2 * 12):
            ours.write(pattern(BLOCK, seed))
        assert len(ours.spool._blocks) <= 8
        ours.publish()
        assert ours.spool._scratch is None
        assert ours.is_right


def test_a_stream_s_write_can_be_repeated_after_an_interrupt() -> None:
    # As the buffered layer does, which holds more by then.
    with writing(memory=8 * BLOCK, keeps=False) as ours:
        ours.write(pattern(PART - 10))
        ours.write(b"a" * 20)
        ours.write(b"a" * 20 + b"b" * 20, PART - 10)
        for job in ours.behind._jobs.values():
            job.settle()
        ours.write(pattern(PART))
        ours.publish()
        assert ours.is_right


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("there_are_threads", [True, False])
def test_an_interrupt_anywhere_in_a_write_is_healed_by_writing_again(
    monkeypatch: pytest.MonkeyPatch, keeps: bool, there_are_threads: bool
) -> None:
    if not there_are_threads:
        monkeypatch.setattr(threads, "submit", lambda task: None)
    content = pattern(PART)
    for interrupt in interrupts():
        with writing(keeps=keeps) as ours:
            ours.write(content[:100])
            ours.write(content)
            with contextlib.suppress(KeyboardInterrupt), interrupt:
                ours.write(content, len(content) + 100)
            # The same bytes, and more.
            ours.write(content + b"more", len(content) + 100)
            ours.publish()
            assert ours.writer.published == bytes(ours.expected), interrupt.where


@pytest.mark.parametrize("there_are_threads", [True, False])
def test_an_interrupt_anywhere_in_publishing_publishes_nothing_or_all(
    monkeypatch: pytest.MonkeyPatch, there_are_threads: bool
) -> None:
    if not there_are_threads:
        monkeypatch.setattr(threads, "submit", lambda task: None)
    for interrupt in interrupts():
        with writing() as ours:
            ours.write(pattern(PART + 1))
            ours.write(b"new", 5)
            with contextlib.suppress(KeyboardInterrupt), interrupt:
                ours.publish()
            ours.behind.discard()
            assert ours.writer.published in (None, bytes(ours.expected)), (
                interrupt.where
            )
            assert ours.writer.pending == set(), interrupt.where
            assert all(job.done for job in ours.behind._jobs.values())


def test_parts_grow_so_that_there_are_enough_of_them() -> None:
    made: list[range] = []
    for _ in range(MAX_PARTS):
        made.append(following(made, 8 * MIB, MAX_PART_SIZE))
    assert made[0] == range(8 * MIB)
    assert [span.start for span in made[1:]] == [span.stop for span in made[:-1]]
    assert all(8 * MIB <= len(span) <= MAX_PART_SIZE for span in made)
    assert 28 << 40 < made[-1].stop < MAX_OBJECT_SIZE
    assert len(following(made, 8 * MIB, 9 * MIB)) == 9 * MIB
    assert list(islice(spans(8 * MIB, MAX_PART_SIZE), 2000)) == made[:2000]
