"""RangeSet against a plain set of ints."""

import random

import pytest

from s3open.spans import RangeSet

WIDTH = 40


def ranges_of(offsets: set[int]) -> list[range]:
    """Return *offsets* as sorted ranges that neither touch nor overlap."""
    found: list[range] = []
    for offset in sorted(offsets):
        if found and found[-1].stop == offset:
            found[-1] = range(found[-1].start, offset + 1)
        else:
            found.append(range(offset, offset + 1))
    return found


def any_span(chance: random.Random) -> range:
    start, stop = chance.randrange(WIDTH), chance.randrange(WIDTH)
    return range(start, stop)


def test_a_range_set_is_a_set_of_offsets() -> None:
    chance = random.Random(1)
    for _ in range(2_000):
        ours, model = RangeSet(), set[int]()
        for _ in range(chance.randrange(1, 12)):
            span = any_span(chance)
            if chance.random() < 0.6:
                ours.add(span)
                model.update(span)
            else:
                ours.remove(span)
                model.difference_update(span)
            assert list(ours) == ranges_of(model)
            assert bool(ours) == bool(model)


def test_a_run_ends_where_inside_and_outside_meet() -> None:
    chance = random.Random(2)
    for _ in range(2_000):
        ours, model = _any_set(chance)
        start = chance.randrange(WIDTH)
        stop = chance.randrange(start + 1, WIDTH + 2)
        inside, end = ours.run(start, stop)
        assert inside == (start in model)
        assert start < end <= stop
        assert all((offset in model) == inside for offset in range(start, end))
        assert end == stop or (end in model) != inside


def test_gaps_are_what_was_never_added() -> None:
    chance = random.Random(3)
    for _ in range(2_000):
        ours, model = _any_set(chance)
        span = any_span(chance)
        assert list(ours.gaps(span)) == ranges_of(set(span) - model)


def test_nothing_changes_by_an_empty_span() -> None:
    ours = RangeSet()
    ours.add(range(3, 3))
    ours.add(range(5, 2))
    assert not ours
    ours.add(range(10))
    ours.remove(range(5, 5))
    ours.remove(range(7, 3))
    assert list(ours) == [range(10)]


def test_neighbours_become_one_range() -> None:
    ours = RangeSet()
    ours.add(range(0, 5))
    ours.add(range(10, 15))
    ours.add(range(5, 10))
    assert list(ours) == [range(15)]


@pytest.mark.parametrize("size", [1 << 40, 1 << 62])
def test_a_huge_span_costs_no_more_than_a_small_one(size: int) -> None:
    ours = RangeSet()
    ours.add(range(size))
    ours.remove(range(size // 2, size // 2 + 1))
    assert ours.run(size // 2, size) == (False, size // 2 + 1)
    assert list(ours.gaps(range(size))) == [range(size // 2, size // 2 + 1)]


def test_the_repr_shows_the_ranges() -> None:
    ours = RangeSet()
    ours.add(range(2, 4))
    assert repr(ours) == "RangeSet([range(2, 4)])"


def _any_set(chance: random.Random) -> tuple[RangeSet, set[int]]:
    ours, model = RangeSet(), set[int]()
    for _ in range(chance.randrange(6)):
        span = any_span(chance)
        ours.add(span)
        model.update(span)
    return ours, model
