"""`sync`: make a directory what another one is, with as little as that takes.

Both are listed side by side, in order, so memory does not grow with them. What is to be
removed is put down in a temporary file and removed in the end, when all that is to be
there is there, and both listings have come to their ends.
"""

from __future__ import annotations

import errno
import os
from itertools import chain
from typing import TYPE_CHECKING, Any

from s3open.trees.choices import parsed
from s3open.trees.comparing import seconds
from s3open.trees.course import Telling, outcomes, taken
from s3open.trees.filters import Filter
from s3open.trees.obvious import Obvious
from s3open.trees.places import inner, overlap, place
from s3open.trees.planning import merge, sorted_externally
from s3open.trees.sources import Listing, below
from s3open.trees.surplus import Surplus
from s3open.trees.tasks import Known, Outcome, Task, Work
from s3open.trees.transport import task_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.config import Config
    from s3open.contract import Entry
    from s3open.naming import Name
    from s3open.trees.course import Course
    from s3open.trees.events import Action
    from s3open.trees.places import Place
    from s3open.trees.planning import Pair
    from s3open.trees.report import Report

# What keeps a file from its place that may be gone once the surplus is removed: a
# directory where it is to be, or a file where its directory is to be.
_IN_THE_WAY = (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY)
_MOST_IN_THE_WAY = 10_000


def sync(
    config: Config,
    source: Name,
    target: Name,
    *,
    delete: bool = False,
    protect: Any = (),
    include: Any = (),
    exclude: Any = (),
    compare: str = "auto",
    follow_links: bool = True,
    dry_run: bool = False,
    **options: Any,
) -> Report:
    """Copy what is in *source*, and not the same in *target*, to *target*.

    In all four directions, each file as `cp` does it. Both are directories; a *target*
    that is not there is made.

    Args:
        config: how to reach the store.
        source: a directory. FileNotFoundError if there is none; on S3 a prefix with
            nothing below is none, but an empty bucket is a directory.
        target: a directory.
        delete: whether what is in *target* and not in *source* is removed: after all
            else, and only if both could be listed to the end. What could not be read
            in *source* is not removed. Directories of this machine that are empty then
            go, too.
        protect: directories below *target* in which nothing is removed; or patterns.
        include: patterns of names that take part; see `filters`. What does not is
            neither copied nor removed.
        exclude: likewise.
        compare: how it is told whether files of the same size are the same.
            ``"auto"``: by what the listings tell, if that proves it (see `obvious`);
            else by the bytes of a small file and the ETag, the time that was put down
            when the object was uploaded, or the checksum that the store keeps: a HEAD.
            ``"checksum"``: by the checksums alone: a HEAD of each pair, two within S3.
            ``"mtime"``: by the times alone, kept ones where there are such: a HEAD;
            within S3 by which object was written later. ``"size"``: they are.
        follow_links: whether links in a directory are what they lead to, or left out.
        dry_run: only tells what would be done; files are compared.
        options: as for `cp`, but for ``version_id`` and ``gzip``.

    Returns:
        What became of the files; those that are the same are skipped.
    """
    course = taken(options)
    here, there = place(source).directory(), place(target).directory()
    for name in ("gzip", "if_match", "version_id"):
        if options.get(name):
            raise ValueError(f"{name} is nothing that can be synced")
    choices = parsed(here, there, options, compare=compare, dry_run=dry_run)
    synced = Filter.of(include, exclude, protect)
    _check_apart(here, there, delete=delete)
    with Telling(course, "sync") as telling:
        work = Work(config, here, there, choices, telling.progress)
        syncing = Syncing(work, course, telling, synced)
        return syncing.carried_out(delete=delete, follow_links=follow_links)


class Syncing:
    """One call of `sync`, whose arguments are checked."""

    def __init__(
        self, work: Work, course: Course, telling: Telling, synced: Filter
    ) -> None:
        self._work = work
        self._course = course
        self._telling = telling
        self._synced = synced
        self._obvious = Obvious(work.source, work.target, work.choices.compare)
        self._inside = inner(work.source, work.target)
        # Names that could not be read; of directories all that is below.
        self._unread: list[str] = []
        self._in_the_way: list[Task] = []

    def carried_out(self, *, delete: bool, follow_links: bool) -> Report:
        """Do it, and return what became of it."""
        work, config = self._work, self._work.config
        sources = self._sources(Listing(config, follow_links, self._unreadable))
        targets = self._targets(Listing(config, follow_links, self._unlistable))
        with Surplus(work, self._telling) as surplus:
            pairs = merge(sources, targets)
            tasks = self._telling.expecting(self._tasks(pairs, surplus, delete=delete))
            for task, outcome in outcomes(work, tasks, self._course):
                self._settle(task, outcome, again=delete)
            surplus.remove(self._is_unread)
        again, self._in_the_way = self._in_the_way, []
        for task, outcome in outcomes(work, again, self._course):
            self._settle(task, outcome, again=False)
        return self._telling.finished()

    def _sources(self, listing: Listing) -> Iterator[Entry]:
        """Yield what is in the source, which has to be there."""
        source = self._work.source
        entries = below(listing, source)
        first = next(entries, None)
        if first is None and not source.bucket_only and source.at is not None:
            raise FileNotFoundError(
                errno.ENOENT, os.strerror(errno.ENOENT), source.name
            )
        found = chain([first], entries) if first is not None else entries
        return self._ordered(source, found)

    def _targets(self, listing: Listing) -> Iterator[Entry]:
        target = self._work.target
        if target.at is None and not os.path.lexists(target.path.rstrip("/") or "/"):
            return iter(())
        return self._ordered(target, below(listing, target))

    def _ordered(self, place: Place, entries: Iterator[Entry]) -> Iterator[Entry]:
        """Return *entries* in order, which directory buckets do not list in."""
        at = place.at
        if at is not None and at.is_unordered:
            return sorted_externally(entries, self._work.config.temp_dir)
        return entries

    def _tasks(
        self, pairs: Iterator[Pair], surplus: Surplus, *, delete: bool
    ) -> Iterator[Task]:
        """Yield what is to be copied, or compared; put down what is to be removed."""
        admits, protects = self._synced.admits, self._synced.protects
        for name, source, target in pairs:
            if not admits(name):
                continue
            if source is None:
                if delete and not protects(name):
                    assert target is not None
                    surplus.add(name, target.size, seconds(target.last_modified))
            elif self._inside is not None and name.startswith(self._inside):
                message = "It would replace what is still to be copied"
                self._tell("fail", name, OSError(errno.EINVAL, message))
            elif target is None:
                yield _task(source, None)
            else:
                same = self._same(name, source, target)
                if same:
                    self._tell("skip", name, size=source.size)
                else:
                    yield _task(source, target if same is None else None)

    def _same(self, name: str, source: Entry, target: Entry) -> bool | None:
        try:
            return self._obvious.same(name, source, target)
        except OSError:
            # Gone, most likely; whoever copies it says so.
            return False

    def _settle(
        self, task: Task, outcome: Outcome | BaseException, *, again: bool
    ) -> None:
        """Tell what became of *task*, unless it is tried *again* in the end."""
        if isinstance(outcome, Outcome):
            self._telling.take_back(outcome.counted)
            self._tell(outcome.action, task.target, size=outcome.size)
        elif again and self._is_in_the_way(outcome):
            if self._work.choices.dry_run:
                self._tell("copy", task.target, size=task.size)
            else:
                self._in_the_way.append(task)
        else:
            self._tell("fail", task.target, outcome, task.size)

    def _is_in_the_way(self, error: BaseException) -> bool:
        """Whether what is to be removed may be what keeps a file from its place."""
        return (
            self._work.target.at is None
            and isinstance(error, OSError)
            and error.errno in _IN_THE_WAY
            and len(self._in_the_way) < _MOST_IN_THE_WAY
        )

    def _tell(
        self,
        action: Action,
        name: str,
        error: BaseException | None = None,
        size: int | None = None,
    ) -> None:
        source, target = self._work.source.told(name), self._work.target.told(name)
        self._telling.tell(action, source, target, size, error)

    def _unreadable(self, error: OSError) -> None:
        name, root = str(error.filename), self._work.source.path
        # What is not below is above: then nothing was read.
        self._unread.append(name[len(root) :] if name.startswith(root) else "")
        self._telling.tell("fail", name, error=error)

    def _unlistable(self, error: OSError) -> None:
        """Take what cannot be told of the target for what is not there.

        It cannot be removed then, and copying to there says what is the matter.
        """

    def _is_unread(self, name: str) -> bool:
        """Whether *name* may be in the source all the same."""
        return any(
            not unread or name == unread or name.startswith(f"{unread}/")
            for unread in self._unread
        )


def _task(source: Entry, target: Entry | None) -> Task:
    """Return the task of copying *source*, if it is not the same as *target*."""
    task = task_of(source)
    if target is None:
        return task
    modified = seconds(target.last_modified)
    return task._replace(other=Known(target.size or 0, modified, target.etag))


def _check_apart(source: Place, target: Place, *, delete: bool) -> None:
    """Raise ValueError for directories that cannot be synced with each other."""
    within, around = overlap(source, target, removing=delete)
    if within:
        raise ValueError(f"the target is in the source, or may be: {target.name!r}")
    if around and delete:
        raise ValueError(f"the source is in the target, or may be: {source.name!r}")
