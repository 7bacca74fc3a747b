"""Parts that threads fetch in front of the reader: the same bytes, and nothing left."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3open import errors
from s3open.reading import pace
from s3open.reading.pace import Pace
from s3open.s3 import threads
from s3open.spool import BLOCK
from tests.fakes import KIB, MIB, FakeReader, Fault, answered, cut_off, pattern
from tests.unit.downloading import FIRST, Reading, reading
from tests.unit.forking import in_child

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.contract import Answer

CONTENT = pattern(40 * MIB + 123)
SPANS = st.builds(
    lambda unit, beside, length: range(
        max(0, unit * MIB + beside), max(0, unit * MIB + beside) + length
    ),
    st.integers(0, 40),
    st.integers(-3, 3),
    st.one_of(st.integers(0, 100), st.integers(0, 12 * MIB)),
)


@pytest.fixture(autouse=True, scope="module")
def slow() -> Iterator[None]:
    """Have every link count as slow, so that threads are used wherever they may be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pace, "_FAST", float("inf"))
        yield


def ahead(**settings: object) -> contextlib.AbstractContextManager[Reading]:
    return reading(CONTENT, **{"connections": 8, "memory": 16 * MIB, **settings})


@settings(derandomize=True, database=None, max_examples=60, deadline=None)
@given(
    st.lists(SPANS, max_size=10),
    st.sampled_from([2 * MIB, 8 * MIB, 64 * MIB]),
    st.sampled_from([100_003, 1 << 60]),
    st.booleans(),
    st.booleans(),
)
def test_every_pattern_of_reads_gives_the_bytes_asked_for(
    spans: list[range], memory: int, step: int, whole: bool, shared: bool
) -> None:
    with ahead(memory=memory, step=step, whole=whole, shared=shared) as ours:
        for span in spans:
            assert ours.is_right(span.start, len(span))


@settings(derandomize=True, database=None, max_examples=40, deadline=None)
@given(
    st.lists(SPANS, max_size=6),
    st.dictionaries(st.integers(1, 30), st.integers(1, MIB), max_size=12),
    st.booleans(),
)
def test_every_pattern_of_reads_survives_broken_bodies(
    spans: list[range], cuts: dict[int, int], breaking: bool
) -> None:
    error = cut_off() if breaking else None
    faults = {number: Fault(stops=stop, breaks=error) for number, stop in cuts.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("s3open.s3.retry.pause", lambda failures: None)
        with ahead(faults=faults) as ours:
            for span in spans:
                assert ours.is_right(span.start, len(span))


@pytest.mark.parametrize("step", [128 * KIB, MIB, 3 * MIB, 40 * MIB])
def test_who_goes_on_has_several_requests_made_for_him(step: int) -> None:
    with ahead() as ours:
        for start in range(0, len(CONTENT), step):
            assert ours.is_right(start, step)
        assert ours.asked[0] == range(FIRST)
        # Nothing twice, nothing missing, and whole blocks.
        ends = sorted((span.start, span.stop) for span in ours.asked)
        assert [start for start, _ in ends[1:]] == [stop for _, stop in ends[:-1]]
        assert ends[-1][1] == len(CONTENT)
        assert all(start % BLOCK == 0 for start, _ in ends)
        assert len(ends) > 10


def test_memory_is_bounded_however_large_the_file() -> None:
    with ahead(memory=16 * MIB) as ours:
        for start in range(0, len(CONTENT), MIB):
            assert ours.is_right(start, MIB)
            assert len(ours.spool._blocks) <= 16


class Gate(FakeReader):
    """A reader whose answers, but for the first, come when the gate is open."""

    def __init__(self, content: bytes, faults: dict[int, Fault] | None = None) -> None:
        super().__init__(content, faults)
        self.open = threading.Event()
        self.waiting = threading.Semaphore(0)

    def fetch(self, span: range) -> Answer:
        if span.start:
            self.waiting.release()
            assert self.open.wait(10), "nobody opened the gate"
        return super().fetch(span)


def gated(ours: Reading) -> Gate:
    """Put a gate in front of all further requests of *ours*."""
    gate = Gate(CONTENT)
    for holder in (ours.download, ours.download._ahead):
        holder._reader = gate
    return gate


def test_the_reader_has_his_bytes_before_later_parts_have_come() -> None:
    with ahead() as ours:
        assert ours.is_right(0, FIRST)
        gate = gated(ours)
        results: list[bool] = []
        thread = threading.Thread(
            target=lambda: results.append(ours.is_right(FIRST, 10))
        )
        thread.start()
        for _ in range(8):
            assert gate.waiting.acquire(timeout=10)
        assert results == []
        gate.open.set()
        thread.join(10)
        assert results == [True]


def test_closing_lets_everything_go() -> None:
    with ahead() as ours:
        assert ours.is_right(0, 2 * MIB)
        fetches = list(ours.download._ahead._fetches)
        assert fetches
        ours.download.close()
        for fetch in fetches:
            with ours.spool.lock:
                while fetch._claimed and not fetch.ended:
                    assert ours.spool.news.wait(timeout=10)
        assert ours.connections() == 0


def test_a_jump_cancels_what_is_on_its_way() -> None:
    with ahead() as ours:
        assert ours.is_right(0, 2 * MIB)
        fetches = list(ours.download._ahead._fetches)
        assert ours.is_right(30 * MIB, 10)
        assert all(fetch._cancelled for fetch in fetches)
        assert ours.asked[-1] == range(30 * MIB, 30 * MIB + 64 * KIB)


def test_what_goes_wrong_ahead_is_told_when_the_reader_comes_to_it(
    pauses: list[int],
) -> None:
    error = answered("AccessDenied", 403)
    faults = {number: Fault(error=error) for number in range(5, 1000)}
    with ahead(faults=faults) as ours:
        read = 0
        with pytest.raises(errors.S3Error) as caught:
            while ours.is_right(read, MIB):
                read += MIB
        assert caught.value is error
        assert read >= FIRST
        assert pauses == []


def test_a_change_of_the_object_is_told_and_nothing_is_mixed() -> None:
    changed = errors.ObjectChangedError.at("s3://b/k")
    faults = {number: Fault(error=changed) for number in range(6, 1000)}
    with ahead(faults=faults) as ours, pytest.raises(errors.ObjectChangedError):
        for start in range(0, len(CONTENT), MIB):
            assert ours.is_right(start, MIB)


def test_a_seek_back_to_something_dropped_turns_keeping_on() -> None:
    with ahead(memory=12 * MIB) as ours:
        assert ours.is_right(0, len(CONTENT))
        assert not ours.keeps()
        assert ours.is_right(0, len(CONTENT))
        assert ours.keeps()
        assert ours.is_right(0, len(CONTENT))
        requests = len(ours.asked)
        assert ours.is_right(0, len(CONTENT))
        assert len(ours.asked) == requests


def test_the_program_may_write_where_bytes_are_still_to_come() -> None:
    with ahead(shared=True) as ours:
        gate = gated(ours)
        assert ours.is_right(0, FIRST)
        thread = threading.Thread(target=ours.read, args=(FIRST, 8 * MIB))
        thread.start()
        for _ in range(2):
            assert gate.waiting.acquire(timeout=10)
        ours.spool.write_at(2 * MIB - 5, memoryview(b"ten bytes."))
        gate.open.set()
        thread.join(10)
        expected = bytearray(CONTENT)
        expected[2 * MIB - 5 : 2 * MIB + 5] = b"ten bytes."
        ours.content = bytes(expected)
        assert ours.is_right(0, len(CONTENT))


def test_a_child_reads_on_by_itself() -> None:
    with ahead() as ours:
        assert ours.is_right(0, 2 * MIB)
        assert in_child(lambda: ours.is_right(0, len(CONTENT)))
        assert ours.is_right(0, len(CONTENT))


def test_more_connections_are_used_while_they_bring_more() -> None:
    ours = Pace(32, 128 * MIB)
    ours.alone(MIB, 0.03)
    assert ours.pays
    position, now = 0, 0.0
    ours.start(position, now, all_out=False)
    seen = [ours.connections]
    for _ in range(200):
        position += MIB
        # As many connections as there are, at 80 MB/s each.
        now += MIB / (ours.connections * 80e6)
        ours.reached(position, now)
        seen.append(ours.connections)
    assert seen[0] == 16
    assert seen[-1] == 32
    assert seen == sorted(seen)
    assert ours.window <= 128 * MIB


def test_no_more_connections_are_used_where_they_bring_nothing() -> None:
    ours = Pace(32, 128 * MIB)
    ours.alone(MIB, 0.01)
    ours.start(0, 0.0, all_out=False)
    for mebibyte in range(1, 500):
        ours.reached(mebibyte * MIB, mebibyte * 0.01)
        assert ours.connections == 16


def test_who_has_tried_more_of_them_in_vain_goes_back() -> None:
    ours = Pace(48, 128 * MIB)
    ours.alone(MIB, 0.033)
    ours.start(0, 0.0, all_out=False)
    seen = set()
    for mebibyte in range(1, 500):
        ours.reached(mebibyte * MIB, mebibyte * MIB / 300e6)
        seen.add(ours.connections)
    assert seen == {16, 48}
    assert ours.connections == 16


def test_it_is_known_at_once_for_a_large_read() -> None:
    ours = Pace(32, 128 * MIB)
    ours.start(0, 0.0, all_out=True)
    assert (ours.connections, ours.part) == (32, 2 * MIB)


@pytest.mark.parametrize("memory", [2, 5, 6, 7, 16, 100, 1000])
@pytest.mark.parametrize("connections", [1, 2, 7, 32, 100])
def test_a_window_fits_into_memory(memory: int, connections: int) -> None:
    ours = Pace(connections, memory * MIB)
    ours.alone(MIB, 1.0)
    if ours.pays:
        for all_out in (True, False):
            ours.start(0, 0.0, all_out=all_out)
            assert ours.part >= BLOCK
            assert ours.connections <= connections
            assert ours.window <= memory * MIB


def test_a_task_is_done_by_a_thread_and_threads_are_bounded() -> None:
    pool = threads.Pool(limit=2)
    gate, begun = threading.Event(), threading.Semaphore(0)
    done: list[int] = []
    finished = threading.Semaphore(0)

    def task(number: int) -> None:
        begun.release()
        gate.wait(10)
        done.append(number)
        finished.release()

    for number in range(5):
        pool.submit(lambda number=number: task(number))  # type: ignore[misc]
    assert begun.acquire(timeout=10)
    assert begun.acquire(timeout=10)
    assert not begun.acquire(blocking=False)
    gate.set()
    for _ in range(5):
        assert finished.acquire(timeout=10)
    assert sorted(done) == list(range(5))
    assert pool._count == 2


def test_a_child_has_threads_of_its_own() -> None:
    def works() -> bool:
        done = threading.Event()
        threads.submit(done.set)
        return done.wait(10)

    assert works()
    assert in_child(works)


def test_what_is_asked_for_beforehand_is_fetched_side_by_side() -> None:
    with ahead() as ours:
        gate = gated(ours)
        spans = [range(start * MIB, start * MIB + 4096) for start in (30, 5, 17)]
        ours.download.prefetch(spans)
        for _ in spans:
            assert gate.waiting.acquire(timeout=10)
        gate.open.set()
        for span in spans:
            assert ours.is_right(span.start, len(span))
        assert sorted(span.start for span in gate.asked) == [
            5 * MIB,
            17 * MIB,
            30 * MIB,
        ]


def test_ranges_near_each_other_go_by_one_request() -> None:
    with ahead() as ours:
        gate = gated(ours)
        gate.open.set()
        spans = [range(start, start + 100) for start in range(10 * MIB, 11 * MIB, 9999)]
        ours.download.prefetch(reversed(spans))
        for span in spans:
            assert ours.is_right(span.start, len(span))
        assert gate.asked == [range(10 * MIB, spans[-1].stop)]


def test_a_hint_is_no_more_than_that() -> None:
    with ahead(memory=8 * MIB) as ours:
        ours.download.prefetch([range(0), range(1 << 60, 1 << 61), range(40 * MIB)])
        assert ours.is_right(0, len(CONTENT))
        assert len(ours.spool._blocks) <= 9


def test_a_hint_that_fails_is_told_when_it_is_read(pauses: list[int]) -> None:
    error = answered("AccessDenied", 403)
    with ahead(faults={2: Fault(error=error)}) as ours:
        ours.download.prefetch([range(20 * MIB, 20 * MIB + 10)])
        with pytest.raises(errors.S3Error):
            ours.read(20 * MIB, 10)
        assert pauses == []
        assert ours.is_right(20 * MIB, 10)
