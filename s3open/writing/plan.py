"""How a changed object is put together: what the store copies, and what is sent.

A pure function. All parts but the last have 5 MiB at least, so what was changed is sent
with what lies behind it, up to 5 MiB; and what is left between two changes is sent,
too, where it is too short to be a part.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from s3open.config import MAX_PART_SIZE, MAX_PARTS, MIB, MIN_PART_SIZE
from s3open.spans import RangeSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Of one copy. S3 takes up to 5 GiB, but copies it at some 100 MB/s: more and smaller
# ones run at once, and none comes near a timeout.
COPY_SIZE = 512 * MIB


@dataclass(frozen=True, slots=True)
class Step:
    """One part: *span* of the file, *copied* from the old object, or sent."""

    span: range
    copied: bool


def planned(
    size: int, base_size: int, dirty: Iterable[range], part_size: int
) -> list[Step]:
    """Return the parts of a file of *size* bytes, in order; none if it is empty.

    What is neither among *dirty* nor behind *base_size* is as it was in an object of
    that size. Parts that are sent have about *part_size* bytes. Of what did not change
    less than 10 MiB are sent for each run of dirty bytes, unless there are so many
    runs that 10,000 parts would not do otherwise.
    """
    changed = RangeSet()
    for span in (*dirty, range(base_size, size)):
        changed.add(range(span.start, min(span.stop, size)))
    clean = list(changed.gaps(range(size)))
    if not size:
        return []
    least = MIN_PART_SIZE
    while least <= size:
        steps = _split(list(_regions(size, clean, least)), part_size)
        if len(steps) <= MAX_PARTS:
            return steps
        least *= 2
    everything = Step(range(size), copied=False)
    return list(_equal(everything, max(part_size, -(-size // MAX_PARTS))))


def _regions(size: int, clean: list[range], least: int) -> Iterator[Step]:
    """Yield what is copied and what is sent by turns, no copy but the last < *least*.

    Only what lies behind a change is sent with it. So each clean run that is not copied
    is shorter than 10 MiB and has a change of its own in front (the file's first run
    is shorter than 5 MiB, and makes the next change's region longer by as much).
    """
    sent = 0  # from here on nothing is settled
    for run in clean:
        start = run.start
        if start > sent:
            start = max(start, sent + MIN_PART_SIZE)
        copy = range(start, run.stop)
        if len(copy) >= least or (copy and run.stop == size):
            if start > sent:
                yield Step(range(sent, start), copied=False)
            yield Step(copy, copied=True)
            sent = run.stop
    if sent < size:
        yield Step(range(sent, size), copied=False)


def _split(regions: list[Step], part_size: int) -> list[Step]:
    """Return each region in parts of equal size, as few as may be."""
    copy_size = _step_size(regions, COPY_SIZE, copied=True)
    send_size = _step_size(regions, part_size, copied=False)
    return [
        step
        for region in regions
        for step in _equal(region, copy_size if region.copied else send_size)
    ]


def _step_size(regions: list[Step], wanted: int, *, copied: bool) -> int:
    """Return *wanted*, or more where that would take more than half of all parts."""
    total = sum(len(region.span) for region in regions if region.copied is copied)
    return min(max(wanted, -(-total // (MAX_PARTS // 2))), MAX_PART_SIZE)


def _equal(step: Step, size: int) -> Iterator[Step]:
    span = step.span
    # Not into parts of less than 5 MiB.
    count = max(1, min(-(-len(span) // size), len(span) // MIN_PART_SIZE))
    edges = [span.start + len(span) * number // count for number in range(count + 1)]
    for start, stop in pairwise(edges):
        yield Step(range(start, stop), step.copied)
