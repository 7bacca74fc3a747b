"""How much is asked for at once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from s3open.reading import readahead
from s3open.reading.readahead import (
    BUFFER,
    FIRST,
    LARGEST,
    LEAST,
    SMALLEST,
    TAIL,
    Request,
)
from tests.fakes import MIB


def follow(last: Request, gap: range, size: int = 1 << 50) -> Request:
    return readahead.follow(last, gap, size)


def right_behind(request: Request, length: int = 1) -> range:
    return range(request.span.stop, request.span.stop + length)


def test_who_reads_on_gets_twice_as_much_each_time() -> None:
    request = Request(range(FIRST))
    lengths = []
    for _ in range(9):
        request = follow(request, right_behind(request))
        lengths.append(len(request.span))
    assert lengths == [2**n * MIB for n in (1, 2, 3, 4, 5, 6, 6, 6, 6)]
    assert lengths[-1] == LARGEST


def test_who_jumps_gets_little_more_than_he_reads() -> None:
    request = Request(range(FIRST))
    for gap in (range(10 * MIB, 10 * MIB + 1), range(5), range(9 * MIB, 9 * MIB + 7)):
        request = follow(request, gap)
        assert request.span == range(gap.start, gap.start + SMALLEST)


def test_who_reads_on_after_a_jump_is_trusted_again() -> None:
    request = follow(Request(range(FIRST)), range(99 * MIB, 99 * MIB + 1))
    request = follow(request, right_behind(request))
    assert len(request.span) == 2 * SMALLEST
    request = follow(request, right_behind(request))
    assert len(request.span) == 4 * SMALLEST


def test_a_large_read_is_asked_for_at_once() -> None:
    request = follow(Request(range(FIRST)), range(5 * MIB, 500 * MIB))
    assert request.span == range(5 * MIB, 500 * MIB)
    assert request.window == SMALLEST


def test_a_large_read_does_not_make_the_window_large() -> None:
    request = follow(Request(range(FIRST)), range(FIRST, 500 * MIB))
    request = follow(request, right_behind(request))
    assert len(request.span) == 4 * MIB


def test_a_file_smaller_than_the_first_request_grows_from_what_came() -> None:
    assert follow(Request(range(10), window=1), range(10, 11)).window == SMALLEST


@settings(derandomize=True, database=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 1 << 45), st.integers(1, 1 << 30)))
)
def test_a_request_covers_its_gap_and_is_bounded(
    gaps: list[tuple[bool, int, int]],
) -> None:
    request = Request(range(FIRST))
    for reading_on, start, length in gaps:
        if reading_on:
            start = request.span.stop
        gap = range(start, start + length)
        request = follow(request, gap)
        assert request.span.start == gap.start
        assert gap.stop <= request.span.stop <= gap.start + max(length, LARGEST)
        assert SMALLEST <= request.window <= LARGEST


def test_who_jumps_gets_what_readers_who_jumped_have_needed() -> None:
    request = Request(range(FIRST))
    # One jump after the other needs no more.
    for start in (10 * MIB, 20 * MIB, 30 * MIB):
        request = follow(request, range(start, start + 1))
        assert len(request.span) == SMALLEST
    # One who reads on needed more.
    for _ in range(3):
        request = follow(request, right_behind(request))
        request = follow(request, range(50 * MIB, 50 * MIB + 1))
        assert len(request.span) == BUFFER


def test_who_leaves_most_of_it_gets_less_the_next_time() -> None:
    request = Request(range(FIRST))
    lengths = []
    for start in range(10 * MIB, 60 * MIB, 10 * MIB):
        unread = len(request.span) - 4096
        request = readahead.follow(request, range(start, start + 1), 99 * MIB, unread)
        lengths.append(len(request.span))
    assert lengths == [SMALLEST, SMALLEST // 2, LEAST, LEAST, LEAST]
    # Whoever reads on gets more again.
    request = follow(request, right_behind(request))
    request = follow(request, range(70 * MIB, 70 * MIB + 1))
    assert len(request.span) == 2 * LEAST


def test_who_jumps_to_the_end_gets_all_that_is_left() -> None:
    size = 99 * MIB
    request = follow(Request(range(FIRST)), range(size - 22, size), size)
    assert request.span == range(size - 22, size)
    request = follow(request, range(size - TAIL, size - TAIL + 1), size)
    assert request.span == range(size - TAIL, size)
    request = follow(request, range(size - TAIL - 1, size - TAIL), size)
    assert len(request.span) == SMALLEST
