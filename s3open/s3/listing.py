"""What a place holds, entry by entry, in the order of the keys.

While one page is consumed the next one is asked for, and of a listing that turns out to
be huge several stretches are asked for at once (`splitting`). It takes as much memory
as a few pages do, however long it is.
"""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING

from s3open.contract import Entry
from s3open.s3.paging import pages
from s3open.s3.splitting import WIDTH, Stretches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from s3open.contract import Page
    from s3open.location import Location
    from s3open.s3.verbs import Verbs


def objects(
    verbs: Verbs,
    at: Location,
    *,
    delimiter: str = "",
    start_after: str = "",
    owner: bool = False,
    width: int = WIDTH,
) -> Iterator[Entry]:
    """Yield the objects in the bucket of *at* whose keys begin with its key.

    Those behind *start_after*; what keys have in common up to *delimiter* stands for
    them, where they would be. Up to *width* pages are asked for at once.
    """

    def ask(token: str | None) -> Page:
        return verbs.list_objects(
            at, delimiter=delimiter, start_after=start_after, token=token, owner=owner
        )

    if delimiter or width == 1 or at.is_unordered:
        for page in pages(verbs, at, ask):
            yield from _in_order(page)
    else:
        for entries in Stretches(verbs, at, start_after, owner=owner, width=width):
            yield from entries


def versions(verbs: Verbs, at: Location, *, delimiter: str = "") -> Iterator[Entry]:
    """Yield all versions of those, the newest of each key first, likewise."""

    def ask(token: str | None) -> Page:
        return verbs.list_versions(at, delimiter=delimiter, token=token)

    for page in pages(verbs, at, ask):
        yield from _in_order(page)


def _in_order(page: Page) -> Iterable[Entry]:
    """Return what *page* has, files and directories together."""
    if not page.prefixes:
        return page.entries
    return merge(page.entries, map(Entry, page.prefixes), key=_name)


def _name(entry: Entry) -> str:
    return entry.name
