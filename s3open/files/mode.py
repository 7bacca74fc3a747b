"""The mode of an open file, read once."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Mode:
    """What *text*, the mode as the user gave it, allows."""

    text: str
    reading: bool
    writing: bool
    appending: bool
    creating: bool
    updating: bool
    binary: bool

    @property
    def readable(self) -> bool:
        """Whether bytes can be read back."""
        return self.reading or self.updating

    @property
    def writable(self) -> bool:
        """Whether bytes can be written."""
        return not self.reading or self.updating

    @property
    def flags(self) -> int:
        """The mode as ``os.open`` words it."""
        flags = os.O_RDWR if self.updating else os.O_WRONLY
        if self.reading and not self.updating:
            flags = os.O_RDONLY
        return flags | (os.O_APPEND if self.appending else 0)

    @property
    def raw(self) -> str:
        """The mode as ``io.FileIO`` words it: ``w+`` is ``rb+``."""
        letter = "x" if self.creating else "a" if self.appending else "r"
        if letter == "r" and not self.readable:
            letter = "w"
        return letter + "b" + "+" * self.updating


@lru_cache(maxsize=128)
def parse(text: str) -> Mode | None:
    """Return the mode that *text* spells, None if builtin open would refuse it."""
    letters = set(text)
    distinct = len(letters) == len(text)
    if "U" in letters and sys.version_info < (3, 11) and not letters & set("wax+"):
        # Universal newlines: what reading has been since Python 3.
        letters = letters - {"U"} | {"r"}
    if not distinct or not letters <= set("rwaxbt+"):
        return None
    if len(letters & set("rwax")) != 1 or {"b", "t"} <= letters:
        return None
    return Mode(text, *(letter in letters for letter in "rwax+b"))
