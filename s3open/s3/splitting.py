"""A huge listing, of which several stretches are asked for at once, in order.

S3 gives a thousand keys a request, which takes some 100 ms or more: a million keys one
page after the other take minutes. What a page begins with need not be known from the
one before, though: any key will do. So where a listing goes on and on, and whoever
consumes it has to wait, it is asked what the keys to come have in common (`borders`),
and these are where the stretches begin.

Nothing of this is done for listings of a few pages, and none of it costs more than a
part of a page for each stretch, and where there are no folders a request of one key.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from s3open.s3.borders import borders
from s3open.s3.jobs import Job
from s3open.s3.paging import Asked, require_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3open.contract import Entry, Page
    from s3open.location import Location
    from s3open.s3.verbs import Verbs

# So many stretches are listed at once, each of them so many pages ahead: some 10 MB.
WIDTH = 8
_AHEAD = 4
# What is huge, in pages: less is one listing, which costs no request more than it must.
_HUGE = 12
_SLASH = "/"


class Stretch:
    """The keys behind *after*, up to *last* and with it; None is the end."""

    def __init__(self, after: str, last: str | None) -> None:
        self.after = after
        self.last = last
        self.token: str | None = None
        self.coming: Asked | None = None
        self.ready: deque[list[Entry]] = deque()
        self.ended = False
        self.pages = 0
        self.begins: deque[str] = deque(maxlen=_HUGE)
        # From how many of them on it is to be split.
        self.huge = _HUGE

    def take(self, page: Page) -> None:
        """Keep what *page* has of it."""
        self.coming = None
        self.token = page.token
        self.pages += 1
        entries = page.entries
        self.ended = page.token is None
        if self.last is not None and entries and entries[-1].name > self.last:
            entries = entries[: bisect_right(entries, self.last, key=_name)]
            self.ended = True
        if entries and entries[0].name <= self.after:
            # Stores exist that begin at the start, wherever they are to begin.
            entries = entries[bisect_right(entries, self.after, key=_name) :]
        if entries:
            self.begins.append(entries[0].name)
            self.after = entries[-1].name
            self.ready.append(entries)

    def split(self, names: list[str]) -> list[Stretch]:
        """End at the first of *names*; return those that go on from there.

        None, and do not end, if that does not pay.
        """
        ends = names[:: self._step(names[0].count(_SLASH))] if names else []
        if len(ends) < 2:
            self.huge = 2 * self.pages
            return []
        lasts = [*ends[1:], self.last]
        self.last = ends[0]
        self.huge = self.pages + _HUGE
        return [Stretch(after, last) for after, last in zip(ends, lasts, strict=True)]

    def _step(self, depth: int) -> int:
        """Return how many folders of that *depth* have as much as is asked for ahead.

        If they are like those that the newest pages are of.
        """
        begun = {_folder_at(name, depth) for name in self.begins}
        folders = len(begun) / max(1, len(self.begins))
        if len(begun) == len(self.begins) and self.ready:
            # Each page begins in another one: there are several on each of them.
            folders = len({_folder_at(each.name, depth) for each in self.ready[-1]})
        return max(1, round(_AHEAD * folders))


class Stretches:
    """Yields the pages of the objects below *at*, behind *start_after*, in order.

    Not thread-safe.
    """

    def __init__(
        self, verbs: Verbs, at: Location, start_after: str, *, owner: bool, width: int
    ) -> None:
        self._verbs = verbs
        self._at = at
        self._owner = owner
        self._width = width
        self._stretches = deque([Stretch(start_after, None)])
        # What is to be split, and where.
        self._looking: tuple[Stretch, Job[list[str]]] | None = None

    def __iter__(self) -> Iterator[list[Entry]]:
        while self._stretches:
            head = self._stretches[0]
            self._ask()
            waited = False
            if not head.ready and head.coming is not None:
                waited = not head.coming.came
                self._take(head)
            if waited or self._looking is not None:
                self._split(head)
            if head.ready:
                entries = head.ready.popleft()
                self._ask()
                yield entries
            elif head.ended:
                self._stretches.popleft()

    def _ask(self) -> None:
        """Take what has come of the next stretches, and ask for more."""
        for number, stretch in enumerate(islice(self._stretches, self._width)):
            if number and stretch.coming is not None and stretch.coming.came:
                self._take(stretch)
            # Of the first one no more than is consumed next.
            room = len(stretch.ready) < (_AHEAD if number else 1)
            if room and stretch.coming is None and not stretch.ended:
                ask = partial(self._page, stretch.after)
                stretch.coming = Asked(self._verbs, ask, stretch.token)

    def _look(self, head: Stretch) -> Callable[[], list[str]]:
        begins = [*head.begins, head.after]
        return partial(borders, self._verbs, self._at, begins, head.last, _AHEAD)

    def _page(self, after: str, token: str | None) -> Page:
        return self._verbs.list_objects(
            self._at, start_after=after, token=token, owner=self._owner
        )

    def _take(self, stretch: Stretch) -> None:
        assert stretch.coming is not None
        page = stretch.coming.result()
        require_progress(self._at, stretch.token, page)
        stretch.take(page)

    def _split(self, head: Stretch) -> None:
        """Split *head*, if it is huge, as soon as it is known where."""
        if self._looking is None:
            if head.pages >= head.huge and not head.ended:
                self._looking = head, Job(self._look(head))
            return
        stretch, job = self._looking
        if not job.done:
            return
        self._looking = None
        if stretch is not head or head.ended:
            return
        found = [] if job.failed else job.result()
        others = head.split([name for name in found if name > head.after])
        del self._stretches[0]
        self._stretches.extendleft(reversed([head, *others]))


def _name(entry: Entry) -> str:
    return entry.name


def _folder_at(key: str, depth: int) -> tuple[str, ...]:
    return tuple(key.split(_SLASH, depth)[:depth])
