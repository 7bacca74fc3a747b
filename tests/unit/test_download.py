"""The download: exactly the object's bytes, whatever the connection does."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3open import errors
from s3open.reading import Download
from s3open.spool import Spool
from tests.fakes import (
    KIB,
    MIB,
    FakeReader,
    Fault,
    answered,
    cut_off,
    failing,
    pattern,
)
from tests.unit.downloading import ATTEMPTS, CONTENT, FIRST, PATIENCE, reading
from tests.unit.forking import in_child
from tests.unit.interrupting import interrupts

SMALL = 2 * MIB
SPANS = st.builds(
    lambda unit, beside, length: range(
        max(0, unit * 512 * KIB + beside),
        max(0, unit * 512 * KIB + beside) + length,
    ),
    st.integers(0, 20),
    st.integers(-3, 3),
    st.one_of(st.integers(0, 100), st.integers(0, 3 * MIB)),
)


@settings(derandomize=True, database=None, max_examples=60, deadline=None)
@given(
    st.lists(SPANS, max_size=12),
    st.sampled_from([SMALL, 64 * MIB]),
    st.sampled_from([100_003, 1 << 60]),
    st.booleans(),
)
def test_every_pattern_of_reads_gives_the_bytes_asked_for(
    spans: list[range], memory: int, step: int, whole: bool
) -> None:
    with reading(memory=memory, step=step, whole=whole) as ours:
        for span in spans:
            assert ours.is_right(span.start, len(span))
            assert len(ours.spool._blocks) <= memory // MIB


@settings(derandomize=True, database=None, max_examples=60, deadline=None)
@given(
    st.lists(SPANS, max_size=8),
    st.dictionaries(st.integers(1, 12), st.integers(1, MIB), max_size=6),
    st.booleans(),
)
def test_every_pattern_of_reads_survives_broken_bodies(
    spans: list[range], cuts: dict[int, int], breaking: bool
) -> None:
    error = cut_off() if breaking else None
    faults = {number: Fault(stops=stop, breaks=error) for number, stop in cuts.items()}
    with reading(faults=faults, memory=SMALL) as ours:
        for span in spans:
            assert ours.is_right(span.start, len(span))


def test_bytes_that_come_one_by_one_are_the_same() -> None:
    with reading(pattern(3000), step=1) as ours:
        assert ours.is_right(0, 5000)
        assert ours.asked == [range(3000)]


def test_no_more_is_taken_off_the_connection_than_is_asked_for() -> None:
    with reading(step=64 * KIB) as ours:
        assert ours.is_right(0, 100)
        assert ours.reader.bodies[0].taken == 16 * KIB
        assert ours.is_right(60 * KIB, 10 * KIB)
        assert ours.reader.bodies[0].taken == 80 * KIB
        assert len(ours.asked) == 1


def test_what_is_here_is_not_asked_for_again() -> None:
    with reading() as ours:
        ours.read(0, len(CONTENT))
        requests = len(ours.asked)
        for start in (0, 5 * MIB, len(CONTENT) - 1, 17):
            assert ours.is_right(start, 2 * MIB)
        assert len(ours.asked) == requests


def test_a_read_at_or_behind_the_end_gives_nothing_and_costs_nothing() -> None:
    with reading() as ours:
        assert ours.read(len(CONTENT), 10) == b""
        assert ours.read(1 << 70, 10) == b""
        assert ours.read(5, 0) == b""
        assert len(ours.asked) == 1
        assert ours.reader.bodies[0].taken == 0


def test_an_empty_object_needs_no_request() -> None:
    reader = FakeReader(b"")
    spool = Spool(0, memory=SMALL, keep=False)
    download = Download(reader, spool, None, PATIENCE)
    assert download.read_at(0, memoryview(bytearray(10))) == 0
    assert reader.asked == []
    download.close()
    spool.close()


def test_the_window_grows_as_long_as_reading_goes_on() -> None:
    with reading(pattern(40 * MIB)) as ours:
        for start in range(0, 40 * MIB, 256 * KIB):
            assert ours.is_right(start, 256 * KIB)
        assert ours.asked == [
            range(start * MIB, stop * MIB)
            for start, stop in [(0, 1), (1, 3), (3, 7), (7, 15), (15, 31), (31, 40)]
        ]


def test_a_jump_asks_for_little() -> None:
    with reading() as ours:
        assert ours.is_right(8 * MIB, 10)
        assert ours.is_right(4 * MIB, 10)
        assert ours.is_right(6 * MIB, 10)
        # And for less where little of it was of use.
        assert ours.asked[1:] == [
            range(start * MIB, start * MIB + length * KIB)
            for start, length in ((8, 64), (4, 32), (6, 32))
        ]


def test_ten_bytes_from_the_end_of_a_huge_object_move_little() -> None:
    with reading() as ours:
        assert ours.is_right(len(CONTENT) - 10, 100)
        assert ours.asked[1:] == [range(len(CONTENT) - 10, len(CONTENT))]


def test_a_jump_of_up_to_a_mib_reads_on_instead_of_asking_again() -> None:
    with reading() as ours:
        ours.read(0, FIRST + 10)
        assert ours.asked == [range(MIB), range(MIB, 3 * MIB)]
        assert ours.is_right(2 * MIB - 10, 10)
        assert len(ours.asked) == 2
        # What was read over is not lost.
        assert ours.is_right(MIB, MIB)
        assert len(ours.asked) == 2


def test_a_gap_between_present_bytes_is_filled_and_no_more() -> None:
    with reading() as ours:
        ours.read(0, FIRST)
        ours.read(3 * MIB, 64 * KIB)
        before = len(ours.asked)
        assert ours.is_right(0, 3 * MIB + 64 * KIB)
        assert ours.asked[before:] == [range(MIB, 3 * MIB)]


@pytest.mark.parametrize("stops", [1, 100, 64 * KIB, MIB - 1])
@pytest.mark.parametrize("breaks", [None, cut_off()])
def test_a_broken_body_is_taken_up_at_the_missing_byte(
    stops: int, breaks: errors.S3Error | None, pauses: list[int]
) -> None:
    fault = Fault(stops=stops, breaks=breaks)
    with reading(faults={1: fault}) as ours:
        assert ours.is_right(0, FIRST)
        assert [span.start for span in ours.asked] == [0, stops]
        assert ours.asked[1].stop >= FIRST
        assert ours.reader.bodies[0].closed
        assert pauses == [1]


def test_a_body_that_breaks_again_and_again_is_taken_up_as_long_as_bytes_come(
    pauses: list[int],
) -> None:
    faults = {number: Fault(stops=1000) for number in range(1, 11)}
    with reading(faults=faults) as ours:
        assert ours.is_right(0, 20_000)
        assert [span.start for span in ours.asked] == list(range(0, 11_000, 1000))
        assert pauses == [1] * 10


@pytest.mark.parametrize(
    "fault",
    [
        Fault(stops=0),
        Fault(stops=0, breaks=cut_off()),
        Fault(error=cut_off()),
        failing("InternalError", 500),
    ],
)
def test_no_byte_of_progress_is_an_error_after_so_many_attempts(
    fault: Fault, pauses: list[int]
) -> None:
    faults = dict.fromkeys(range(2, 100), fault)
    with reading(faults={1: Fault(stops=500)} | faults) as ours:
        with pytest.raises(errors.S3Error) as caught:
            ours.read(0, 1000)
        # One that ended early, then the rest of the attempts.
        assert len(ours.asked) == 1 + (ATTEMPTS - 1)
        assert pauses == list(range(1, ATTEMPTS))
        assert caught.value.retryable
        assert ours.is_right(0, 500)


@pytest.mark.parametrize("after", [2, ATTEMPTS])
def test_what_was_given_up_can_be_tried_again(after: int) -> None:
    faults = {number: Fault(stops=0) for number in range(1, ATTEMPTS + 1)}
    with reading(faults=faults) as ours:
        with pytest.raises(ConnectionError):
            ours.read(0, 1000)
        assert ours.is_right(0, 1000)


@pytest.mark.parametrize("start", [MIB, 2 * MIB, 5 * MIB])
def test_a_store_without_ranges_that_always_breaks_off_is_given_up(start: int) -> None:
    faults = dict.fromkeys(range(2, 1000), Fault(stops=1000))
    with reading(faults=faults, whole=True) as ours:
        ours.read(0, 2000)
        with pytest.raises(errors.S3Error):
            ours.read(start + MIB + 1, 10)
        assert len(ours.asked) <= 1 + ATTEMPTS


@pytest.mark.parametrize("shift", [-10, -1, 1, 1000])
def test_a_store_that_answers_with_another_range_is_refused(shift: int) -> None:
    with reading() as ours:
        assert ours.is_right(0, FIRST)
        ours.reader.shift = shift
        with pytest.raises(errors.S3Error, match="another range"):
            ours.read(3 * MIB, 10)
        ours.reader.shift = 0
        assert ours.is_right(3 * MIB, 10)
        assert ours.connections() <= 1


def test_a_store_without_ranges_is_read_through_once() -> None:
    with reading(whole=True) as ours:
        assert ours.is_right(0, 100)
        assert ours.is_right(7 * MIB, 100)
        assert ours.is_right(8 * MIB, 100)
        assert ours.is_right(3 * MIB, 100)
        assert ours.is_right(0, len(CONTENT))
        assert len(ours.asked) <= 2


@pytest.mark.parametrize("error", [answered("AccessDenied", 403), KeyError("x")])
def test_an_error_that_will_not_go_away_is_raised_at_once(
    error: Exception, pauses: list[int]
) -> None:
    with reading(faults={2: Fault(error=error)}) as ours:
        ours.read(0, FIRST)
        with pytest.raises(type(error)):
            ours.read(FIRST, 10)
        assert len(ours.asked) == 2
        assert pauses == []
        assert ours.is_right(FIRST, 10)


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        MemoryError(),
        cut_off(),
        errors.S3Error.at("s3://b/k", "not to be retried"),
    ],
)
def test_bytes_count_only_when_their_read_has_returned(error: BaseException) -> None:
    # The body leaves rubbish in the buffer, as a read that is interrupted may.
    with reading(faults={1: Fault(stops=1000, breaks=error)}, step=1000) as ours:
        with contextlib.suppress(type(error)):
            ours.read(0, 5000)
        assert ours.is_right(0, 5000)
        assert [span.start for span in ours.asked] == [0, 1000]
        assert ours.reader.bodies[0].closed


# An interrupted constructor may leave a file to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_an_interrupt_anywhere_loses_and_invents_nothing() -> None:
    content = pattern(2 * MIB + 100)
    for interrupt in interrupts():
        with reading(content, memory=SMALL) as ours:
            ours.spool.keep = True
            with contextlib.suppress(KeyboardInterrupt), interrupt:
                ours.read(MIB - 100, MIB + 200)
            assert ours.is_right(0, len(content)), interrupt.where


def test_the_connection_is_given_back_when_all_bytes_have_come() -> None:
    with reading(pattern(1000), step=999) as ours:
        ours.read(0, 999)
        assert ours.connections() == 1
        ours.read(0, 1000)
        assert ours.connections() == 0
        assert ours.reader.bodies[0].finished


def test_the_connection_is_given_back_by_close() -> None:
    with reading() as ours:
        ours.read(0, 10)
        assert ours.connections() == 1
        ours.download.close()
        assert ours.connections() == 0
        ours.download.close()


def test_only_one_connection_is_held() -> None:
    with reading() as ours:
        for start in (0, 8 * MIB, 2 * MIB, 6 * MIB, 4 * MIB):
            ours.read(start, 10)
            assert ours.connections() <= 1


def test_a_seek_back_to_something_dropped_turns_keeping_on() -> None:
    with reading(memory=SMALL) as ours:
        assert ours.is_right(0, len(CONTENT))
        assert not ours.keeps()
        requests = len(ours.asked)
        assert ours.is_right(0, len(CONTENT))
        assert ours.keeps()
        assert len(ours.asked) > requests
        requests = len(ours.asked)
        for _ in range(3):
            assert ours.is_right(0, len(CONTENT))
        assert len(ours.asked) == requests


def test_a_child_reads_on_its_own_and_leaves_the_connection_alone() -> None:
    with reading(step=1000) as ours:
        ours.read(0, 1000)

        def read_on() -> tuple[bool, list[range], bool, int]:
            right = ours.is_right(0, 5000)
            ours.close()
            first = ours.reader.bodies[0]
            return right, ours.asked, first.closed, first.taken

        right, asked, closed, taken = in_child(read_on)
        assert right
        assert asked[1].start == 1000
        assert (closed, taken) == (False, 1000)
        assert ours.is_right(0, 5000)
        assert len(ours.asked) == 1


def test_a_child_that_only_closes_leaves_the_connection_alone() -> None:
    with reading() as ours:
        ours.read(0, 10)

        def close() -> bool:
            ours.close()
            return ours.reader.bodies[0].closed

        assert not in_child(close)
        assert ours.is_right(0, FIRST)
