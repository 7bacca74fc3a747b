"""What people write behind flags: ages (``1d12h``), sizes (``4k``), pairs (``a=1``)."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from datetime import datetime, timedelta, timezone

from s3open.access import Grant

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGE = re.compile(r"(?:[0-9]{1,6}[smhdw])+")
_SIZE = re.compile(r"([0-9]{1,19})([kmgtp]?)(?:i?b)?", re.IGNORECASE)
_SPAN = re.compile(r"([0-9]{1,19})?-([0-9]{1,19})?")
# Whom everybody knows by a shorter name.
GROUPS = {
    "everyone": Grant.EVERYONE,
    "authenticated": Grant.AUTHENTICATED,
    "logs": Grant.LOGS,
}
# A comma may be part of a value, unless a name and "=" follow.
_COMMA = re.compile(r",(?=[^,=]+=)")


def age(text: str) -> timedelta:
    """Return the age that *text* spells; raise the error of a wrong argument."""
    if not _AGE.fullmatch(text):
        raise ArgumentTypeError(f"not an age, such as 12h or 7d: {text!r}")
    found = timedelta()
    for number, unit in re.findall(r"([0-9]+)([smhdw])", text):
        found += timedelta(**{_UNITS[unit]: int(number)})
    return found


def seconds(text: str) -> float:
    """Return a number of seconds, or how many an age has."""
    if _AGE.fullmatch(text):
        return age(text).total_seconds()
    try:
        return float(text)
    except ValueError as error:
        raise ArgumentTypeError(f"not seconds, or such as 12h: {text!r}") from error


def latency(text: str) -> float:
    """Return seconds that one can wait for."""
    found = seconds(text)
    if not 0 <= found < 3600:
        raise ArgumentTypeError(f"not from 0 to an hour: {text!r}")
    return found


def size(text: str) -> int:
    """Return a number of bytes; its units are powers of 1,024."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ArgumentTypeError(f"not a size, such as 100, 4k or 5MiB: {text!r}")
    return int(match[1]) << 10 * " kmgtp".index(match[2].lower() or " ")


def rate(text: str) -> int:
    """Return bytes per second."""
    found = size(text)
    if not found:
        raise ArgumentTypeError(f"nothing would ever arrive: {text!r}")
    return found


def port(text: str) -> int:
    """Return the number of a TCP port; 0 is any that is free."""
    if not (text.isascii() and text.isdigit() and int(text[:6]) < 1 << 16):
        raise ArgumentTypeError(f"not a port, from 0 to 65535: {text!r}")
    return int(text)


def count(text: str) -> int:
    """Return a number from 1 on."""
    if not (text.isascii() and text.isdigit() and int(text[:9])):
        raise ArgumentTypeError(f"not a number from 1 on: {text!r}")
    return int(text)


def span(text: str) -> tuple[int, int | None]:
    """Return first byte and the one behind the last, as HTTP has ranges: ``0-99``."""
    match = _SPAN.fullmatch(text)
    if match is None or match[1] is None:
        raise ArgumentTypeError(f"not a range of bytes, such as 0-99 or 100-: {text!r}")
    first, last = int(match[1]), match[2] and int(match[2])
    if not last:
        return first, 1 if last == 0 else None
    if last < first:
        raise ArgumentTypeError(f"a range that ends before it begins: {text!r}")
    return first, last + 1


def moment(text: str) -> datetime:
    """Return the time that *text* spells in ISO 8601, in UTC if it does not say."""
    try:
        found = datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text))
    except ValueError as error:
        raise ArgumentTypeError(
            f"not a time, such as 2030-01-31T12:00Z: {text!r}"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def pairs(text: str) -> dict[str, str]:
    """Return what ``a=1,b=2``, or an object in JSON, has of names and values."""
    if text.startswith("{"):
        return _document(text)
    found = {}
    for item in _COMMA.split(text):
        name, equal, value = item.partition("=")
        if not equal or not name:
            raise ArgumentTypeError(f"not a=1,b=2: {text!r}")
        found[name] = value
    return found


def _document(text: str) -> dict[str, str]:
    import json

    try:
        found = json.loads(text)
    except ValueError as error:
        raise ArgumentTypeError(f"not JSON: {error}") from error
    if not all(isinstance(value, str) for value in found.values()):
        raise ArgumentTypeError(f"not names and texts: {text!r}")
    return dict(found)


def grantee(text: str) -> str:
    """Return the id, or the URI of the group, that *text* means."""
    return GROUPS.get(text, text)


def grant(text: str) -> Grant:
    """Return the grant that ``READ=id`` spells, in any case."""
    permission, _, whom = text.partition("=")
    try:
        return Grant(grantee(whom), permission.upper().replace("-", "_"))
    except ValueError as error:
        raise ArgumentTypeError(
            f"not a grant, such as READ=everyone: {text!r}"
        ) from error
