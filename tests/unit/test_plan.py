"""How a changed object is put together, for every change: a plan is a pure function."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3open.config import MAX_OBJECT_SIZE, MAX_PART_SIZE, MAX_PARTS, MIB, MIN_PART_SIZE
from s3open.writing.plan import COPY_SIZE, Step, planned

PART = 8 * MIB
GIB = 1 << 30

SIZES = st.integers(0, 60 * MIB) | st.integers(0, 100 * GIB)
NEAR = st.builds(
    lambda count, unit, more: max(0, count * unit + more),
    st.integers(0, 12),
    st.sampled_from([MIB, MIN_PART_SIZE, 512 * MIB]),
    st.integers(-2, 2),
)
LENGTHS = st.integers(1, 100) | st.integers(1, 12 * MIB) | NEAR.map(lambda n: n + 1)


@st.composite
def changes(draw: st.DrawFn) -> list[range]:
    """Return runs of dirty bytes that neither touch nor overlap, in order."""
    runs: list[range] = []
    position = 0
    for gap, length in draw(st.lists(st.tuples(NEAR | LENGTHS, LENGTHS), max_size=8)):
        start = position + gap + bool(runs)
        runs.append(range(start, start + length))
        position = start + length
    return runs


def check(steps: list[Step], size: int) -> None:
    """Fail unless *steps* are what S3 takes as a file of *size* bytes."""
    edges = [0, *(step.span.stop for step in steps)]
    assert [step.span.start for step in steps] == edges[:-1]
    assert edges[-1] == size
    assert len(steps) <= MAX_PARTS
    assert all(1 <= len(step.span) <= MAX_PART_SIZE for step in steps)
    assert all(len(step.span) >= MIN_PART_SIZE for step in steps[:-1])


def clean_bytes(steps: list[Step], dirty: list[range], base_size: int) -> int:
    """Return how many bytes are sent though they did not change."""
    total = 0
    for step in steps:
        if not step.copied:
            span = range(step.span.start, min(step.span.stop, base_size))
            total += len(span) - sum(overlap(span, run) for run in dirty)
    return total


def overlap(one: range, other: range) -> int:
    return len(range(max(one.start, other.start), min(one.stop, other.stop)))


def lies_in(inner: range, outer: range) -> bool:
    return outer.start <= inner.start and inner.stop <= outer.stop


@settings(derandomize=True, database=None, max_examples=800, deadline=None)
@given(SIZES | NEAR, SIZES | NEAR, changes(), st.integers(MIN_PART_SIZE, 1 * GIB))
def test_a_plan_is_whole_and_copies_only_what_did_not_change(
    size: int, base_size: int, dirty: list[range], part_size: int
) -> None:
    steps = planned(size, base_size, dirty, part_size)
    check(steps, size)
    for step in steps:
        if step.copied:
            assert step.span.stop <= base_size
            assert len(step.span) <= COPY_SIZE
            assert not any(overlap(step.span, run) for run in dirty)
        else:
            # One part and what is too little for a second, but where parts grow.
            grown = -(-size // (MAX_PARTS // 2))
            assert len(step.span) <= max(part_size, 2 * MIN_PART_SIZE, grown)
    # What lies behind the base is a change, too.
    runs = len(dirty) + (size > base_size)
    clean = clean_bytes(steps, dirty, base_size)
    if runs:
        assert clean < 2 * MIN_PART_SIZE * runs
    else:
        assert size < MIN_PART_SIZE or all(step.copied for step in steps)
    # A change and what is copied in front of it: few parts.
    lengths = sum(-(-len(step.span) // part_size) for step in steps if not step.copied)
    copies = sum(-(-len(step.span) // COPY_SIZE) for step in steps if step.copied)
    assert len(steps) <= 2 * lengths + 2 * copies


@settings(derandomize=True, database=None, max_examples=60, deadline=None)
@given(
    st.integers(1, MAX_OBJECT_SIZE),
    st.integers(0, MAX_OBJECT_SIZE),
    st.integers(1, 300_000),
    st.floats(0, 1),
)
def test_objects_up_to_the_largest_have_a_plan(
    size: int, base_size: int, count: int, share: float
) -> None:
    count = min(count, size, 3_000 if size < 100 * GIB else 30_000)
    period = size // count
    dirty = [
        range(start, start + max(1, int(period * share)))
        for start in range(0, size, period)
    ]
    check(planned(size, base_size, dirty, PART), size)


@pytest.mark.parametrize("changed", [[], [range(1)], [range(GIB, GIB + 1)]])
def test_the_largest_object_of_all_is_copied_for_the_most_part(
    changed: list[range],
) -> None:
    size = MAX_OBJECT_SIZE - 10 * MAX_PART_SIZE
    steps = planned(size, size, changed, PART)
    check(steps, size)
    assert clean_bytes(steps, changed, size) < 2 * MIN_PART_SIZE


def test_what_fits_into_no_fewer_parts_is_sent_whole() -> None:
    # Nearly 10,000 parts of 5 GiB are needed, and each change would make two more.
    changed = [range(n << 40, (n << 40) + 1) for n in range(1, 48)]
    steps = planned(MAX_OBJECT_SIZE, MAX_OBJECT_SIZE, changed, PART)
    check(steps, MAX_OBJECT_SIZE)
    assert not any(step.copied for step in steps)


def shape(
    size: int, base_size: int, *dirty: range, part_size: int = PART
) -> list[tuple[str, float]]:
    """Return what is done with each part, and its MiB."""
    return [
        ("copy" if step.copied else "send", len(step.span) / MIB)
        for step in planned(size, base_size, dirty, part_size)
    ]


def mib(start: float, stop: float) -> range:
    return range(int(start * MIB), int(stop * MIB))


def test_an_append_is_one_copy_and_its_tail() -> None:
    assert shape(256 * MIB + 1024, 256 * MIB) == [("copy", 256), ("send", 1 / 1024)]


def test_a_change_is_sent_with_what_makes_it_a_part() -> None:
    assert shape(256 * MIB, 256 * MIB, mib(100, 101)) == [
        ("copy", 100),
        ("send", 5),
        ("copy", 151),
    ]


def test_a_large_change_is_sent_alone() -> None:
    assert shape(256 * MIB, 256 * MIB, mib(100, 132)) == [
        ("copy", 100),
        *[("send", 8)] * 4,
        ("copy", 124),
    ]


def test_what_is_too_short_between_changes_is_sent() -> None:
    assert shape(64 * MIB, 64 * MIB, mib(0, 1), mib(9, 10)) == [
        ("send", 5),
        ("send", 5),
        ("copy", 54),
    ]


def test_the_last_part_may_be_short() -> None:
    assert shape(21 * MIB, 21 * MIB, mib(10, 20)) == [
        ("copy", 10),
        ("send", 5),
        ("send", 5),
        ("copy", 1),
    ]
    assert shape(21 * MIB, 21 * MIB, mib(20, 20.5)) == [("copy", 20), ("send", 1)]


def test_what_was_cut_off_is_not_sent() -> None:
    assert shape(7 * MIB, 20 * MIB) == [("copy", 7)]


def test_a_small_object_is_sent() -> None:
    assert shape(4 * MIB + 1, 4 * MIB) == [("send", 4 + 1 / MIB)]


def test_an_empty_file_has_no_parts() -> None:
    assert shape(0, 20 * MIB) == []


def test_large_copies_are_split_so_that_they_run_at_once() -> None:
    steps = shape(10 * 1024 * MIB + 1, 10 * 1024 * MIB)
    assert steps == [*[("copy", 512)] * 20, ("send", 1 / MIB)]
