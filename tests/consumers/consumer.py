"""What a consumer is: a library that writes a file it is given, and reads it back.

All of them write the same thing, a list of numbers, each in its own format.
"""

from __future__ import annotations

import array
import importlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

# What was in the file, and what is written over it or behind it: shorter, so that
# something of the old is left where it is not cut off. Both exceed all buffers.
OLD = list(range(50_000, 0, -1))
NEW = list(range(40_000))


class Library:
    """A library that is imported when it is first used.

    Where it is missing the test is skipped, unless S3OPEN_TEST_CONSUMERS=1 demands all
    but those that are too *heavy* to be asked of everybody. Nothing of it is known to
    mypy, which hence passes without it.
    """

    def __init__(self, name: str, *, heavy: bool = False) -> None:
        self._name = name
        self._heavy = heavy

    def __getattr__(self, attribute: str) -> Any:
        try:
            module = importlib.import_module(self._name)
        except ModuleNotFoundError as error:
            if os.environ.get("S3OPEN_TEST_CONSUMERS") == "1" and not self._heavy:
                pytest.fail(f"the extra test-consumers is incomplete: {error}")
            pytest.skip(f"{self._name} is not installed")
        return getattr(module, attribute)


@dataclass(frozen=True, eq=False)
class Consumer:
    """How a library writes numbers to a file and gives back something to compare.

    *mode* is the one it was made for: there builtin open has to pass. *options* are
    those of `open`. *exact*: it writes the same bytes every time.
    """

    name: str
    write: Callable[[Any, list[int]], object]
    read: Callable[[Any], object]
    mode: str = "wb"
    options: dict[str, str] = field(default_factory=dict)
    exact: bool = True

    @property
    def text(self) -> bool:
        return "b" not in self.mode

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


def as_bytes(numbers: list[int]) -> bytes:
    """Return *numbers* as bytes that compress neither well nor badly."""
    scattered = [number * 2_654_435_761 & 0xFFFF_FFFF for number in numbers]
    return array.array("I", scattered).tobytes()
