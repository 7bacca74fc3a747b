"""What each library makes of a file, in every mode: the same as of builtin's.

Builtin open, on local files, is the oracle: what works with it works here, with the
same result; what fails with it fails here likewise, and publishes nothing.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.consumers import (
    arrays,
    documents,
    heavy,
    media,
    packing,
    serialising,
    system,
    tables,
)
from tests.consumers.conftest import KEY
from tests.consumers.consumer import NEW, OLD, Consumer
from tests.stores import builtin_any, outcome

if TYPE_CHECKING:
    from tests.consumers.conftest import Place

FAMILIES = [serialising, packing, documents, system, arrays, tables, media, heavy]
CONSUMERS: list[Consumer] = [one for family in FAMILIES for one in family.CONSUMERS]


class Shape(NamedTuple):
    """How a file is opened, and whether it has something in it already."""

    mode: str
    buffered: bool = True
    old: bool = True

    def __str__(self) -> str:
        return self.mode + "-raw" * (not self.buffered) + "-new" * (not self.old)


WRITING = [
    Shape("w"),
    Shape("w", buffered=False),
    Shape("w+", old=False),
    Shape("x", old=False),
    Shape("x+", buffered=False, old=False),
    Shape("a"),
    Shape("a", old=False),
    Shape("a+"),
    Shape("a+", buffered=False),
    Shape("r+"),
    Shape("r+", buffered=False),
]
READING = [Shape("r"), Shape("r", buffered=False), Shape("r+"), Shape("a+")]


def cases(shapes: list[Shape]) -> list[Any]:
    return [
        pytest.param(consumer, shape, id=f"{consumer}-{shape}")
        for consumer in CONSUMERS
        for shape in shapes
    ]


@cache
def old_content(consumer: Consumer) -> bytes:
    """Return what a library writes through builtin open, in its own mode.

    That has to pass, or the comparisons below would be between failures.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, KEY)
        with builtin_any(path, consumer.mode, **consumer.options) as file:
            consumer.write(file, OLD)
        return path.read_bytes()


def opened(place: Place, consumer: Consumer, shape: Shape) -> Any:
    # What comes nearest to unbuffered text is text that is handed down line by line.
    unbuffered = 1 if consumer.text else 0
    return place.open(
        place.name,
        shape.mode if consumer.text else shape.mode + "b",
        place.buffer_size if shape.buffered else unbuffered,
        **consumer.options,
    )


def write(place: Place, consumer: Consumer, shape: Shape) -> list[object]:
    """Return what comes of writing, and of reading back before the file is closed."""
    with opened(place, consumer, shape) as file:
        results = [consumer.write(file, NEW)]
        if not file.closed and file.readable():
            file.seek(0)
            results.append(outcome(consumer.read, file))
    return results


def read(place: Place, consumer: Consumer, shape: Shape) -> list[object]:
    with opened(place, consumer, shape) as file:
        if shape.mode == "a+":
            file.seek(0)
        return [consumer.read(file)]


@pytest.mark.parametrize(("consumer", "shape"), cases(WRITING))
def test_what_is_written_is_what_builtin_open_gets(
    consumer: Consumer, shape: Shape, here: Place, there: Place
) -> None:
    before = old_content(consumer) if shape.old else b""
    if shape.old:
        here.put(before)
        there.put(before)

    wanted = outcome(write, here, consumer, shape)
    found = outcome(write, there, consumer, shape)

    if not isinstance(wanted, list):
        # The file is in the message of some.
        assert isinstance(found, tuple)
        assert isinstance(wanted, tuple)
        assert found[0] == wanted[0]
        assert there.read() == before
        return
    assert found == wanted
    if consumer.exact:
        assert there.read() == here.read()
    reading = READING[0]
    wanted = outcome(read, here, consumer, reading)
    assert outcome(read, there, consumer, reading) == wanted


@pytest.mark.parametrize(("consumer", "shape"), cases(READING))
def test_what_is_read_is_what_builtin_open_gives(
    consumer: Consumer, shape: Shape, here: Place, there: Place
) -> None:
    here.put(old_content(consumer))
    there.put(old_content(consumer))

    wanted = read(here, consumer, shape)

    assert read(there, consumer, shape) == wanted
    assert there.read() == old_content(consumer)
