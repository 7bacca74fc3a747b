"""Where a huge listing can be cut: at names between which many keys are.

At folders, if there are several; else where the letters that keys begin with change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.location import Location
from s3open.s3 import retry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s3open.contract import Page
    from s3open.s3.verbs import Verbs

_SLASH = "/"
# How many folders deep there is looked for a place where keys differ.
_DEPTH = 16
# For so many borders between letters there is looked, with a request each.
_LETTERS = 32
_HIGHEST = "\U0010ffff"


def borders(
    verbs: Verbs, at: Location, begins: Sequence[str], last: str | None, least: int
) -> list[str]:
    """Return names, in order, behind which listings of what is below *at* can begin.

    All are behind the last of *begins*, with which the newest pages begin, and before
    *last*, if there is one. Between two that are no folders there are *least* pages, if
    the keys to come are like those that have come.
    """

    def ask(prefix: str, after: str, delimiter: str = "", most: int = 1000) -> Page:
        place = Location(at.bucket, prefix, at.uri)

        def question() -> Page:
            return verbs.list_objects(
                place, delimiter=delimiter, start_after=after, max_keys=most
            )

        return retry.repeated(question, verbs.patience)

    return _folders(ask, at.key, begins[-1], last) or _letters(
        ask, at.key, begins, last, least
    )


def _folders(
    ask: Callable[..., Page], prefix: str, after: str, last: str | None
) -> list[str]:
    """Return what keys have in common up to a slash, where there are several such."""
    for _ in range(_DEPTH):
        page = ask(prefix, after, _SLASH)
        found = [
            name
            for name in page.prefixes
            if name > after and (last is None or name < last)
        ]
        if len(found) > 1:
            return found
        # Where we are now, or else what comes first: many begin with one folder.
        prefix = _folder(after, prefix) or (found[0] if found else "")
        if not prefix:
            break
    return []


def _letters(
    ask: Callable[..., Page],
    prefix: str,
    begins: Sequence[str],
    last: str | None,
    least: int,
) -> list[str]:
    """Return letters that keys begin with, and what may be about halfway to the next.

    As few of them as have *least* pages and more, by what *begins* tells.
    """
    alike = max(1, len(begins) // least)
    length = len(prefix)
    for more in range(length + 1, len(begins[-1])):
        if len({name[:more] for name in begins}) > alike:
            break
        length = more
    if length == len(prefix):
        return []
    found = _first_letters(ask, prefix, begins[-1][:length], last)
    # No key has to begin with these: there is nothing to ask for.
    pieces = len(begins) // (least * len({name[:length] for name in begins}))
    next_letters = sorted({name[length] for name in begins if name[length:]})
    step = max(1, round(len(next_letters) / (pieces + 1)))
    cuts = "", *next_letters[step::step]
    names = [name + cut for name in found for cut in cuts]
    return [name for name in names if last is None or name < last]


def _first_letters(
    ask: Callable[..., Page], prefix: str, after: str, last: str | None
) -> list[str]:
    """Return what keys behind those that begin with *after* do, in as many letters."""
    found: list[str] = []
    for _ in range(_LETTERS):
        page = ask(prefix, after + _HIGHEST, most=1)
        name = page.entries[0].name[: len(after)] if page.entries else ""
        if name <= after or (last is not None and name >= last):
            break
        found.append(name)
        after = name
    return found


def _folder(key: str, prefix: str) -> str:
    """Return in which folder below *prefix* the *key* is, "" if in none."""
    end = key.find(_SLASH, len(prefix)) if key.startswith(prefix) else -1
    return key[: end + 1]
