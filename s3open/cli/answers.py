"""Questions to the user, and what is printed for him."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")


# What a function is told by an argument, the command is told by a flag.
_FLAGS = {
    "anonymous=True": "--no-sign-request",
    "compute=True": "--compute",
    "delete(force=True)": "rb -r",
    "if_newer excludes skip and force=False": "-u excludes -s and -x",
    "sse_customer_key is for": "--sse-customer-key-file is for",
}
_OPTION = re.compile(r"\b([a-z_]+)(?= is for (?:sources|targets|copies|uploads))")


def complain(message: object) -> None:
    """Tell the user on stderr what is wrong."""
    text = str(message)
    for argument, flag in _FLAGS.items():
        text = text.replace(argument, flag)
    text = _OPTION.sub(lambda match: f"--{match[1].replace('_', '-')}", text)
    print(f"s3open: {text}", file=sys.stderr)


def trace(error: BaseException) -> None:
    """Show where *error* comes from, to those who debug: they have logging."""
    logging = sys.modules.get("logging")
    if logging is not None:
        logging.getLogger("s3open").debug("where it comes from:", exc_info=error)


def confirmed(question: str) -> bool:
    """Ask *question*, to which the answer is no unless it begins with a "y"."""
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def printable(text: str) -> str:
    """Return *text* on one line, and without what a terminal would obey."""
    return text if text.isprintable() else repr(text)


def size_text(size: int, *, human: bool) -> str:
    """Return a number of bytes, as it is or in the unit that suits a *human*."""
    if not human or size < 1024:
        return str(size)
    # What would be rounded to 1024.0 is one of the next unit.
    power = next((n for n in range(1, 5) if size < 1023.95 * 1024**n), 5)
    return f"{size / 1024**power:.1f} {_UNITS[power - 1]}"


def time_text(time: datetime | None) -> str:
    """Return *time* to the second, in UTC as all times that the command prints."""
    return time.strftime("%Y-%m-%d %H:%M:%S") if time else " " * 19


def json_line(values: Mapping[str, Any]) -> str:
    """Return what is known of *values*, as a program reads it: in ASCII, and exact."""
    import json

    known = {name: value for name, value in values.items() if value is not None}
    return json.dumps(known, default=_plain)


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "keys"):
        return dict(value)
    return str(value)


def print_name(name: str, *, null: bool = False) -> None:
    """Print a name on a line of its own, or exactly as it is and with a NUL behind."""
    if not null:
        print(printable(name))
        return
    import os

    # A name of this machine need not be text.
    sys.stdout.flush()
    sys.stdout.buffer.write(os.fsencode(name) + b"\0")
