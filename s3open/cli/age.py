"""Ages as people write them: ``90s``, ``30m``, ``12h``, ``7d``, ``2w``, ``1d12h``."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGE = re.compile(r"(?:[0-9]{1,6}[smhdw])+")


def age(text: str) -> timedelta:
    """Return the age that *text* spells; raise the error of a wrong argument."""
    if not _AGE.fullmatch(text):
        raise ArgumentTypeError(f"not an age, such as 12h or 7d: {text!r}")
    found = timedelta()
    for number, unit in re.findall(r"([0-9]+)([smhdw])", text):
        found += timedelta(**{_UNITS[unit]: int(number)})
    return found
