"""Questions to the user, and what is printed for him."""

from __future__ import annotations

import sys


def confirmed(question: str) -> bool:
    """Ask *question*, to which the answer is no unless it begins with a "y"."""
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def printable(text: str) -> str:
    """Return *text* on one line, and without what a terminal would obey."""
    return text if text.isprintable() else repr(text)
