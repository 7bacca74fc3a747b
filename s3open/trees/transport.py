"""How files get from one place to another: the sources listed, the tasks carried out.

The listing of the source is a stream, so is what becomes of it: no more of a tree is
held than what is under way.
"""

from __future__ import annotations

import errno
import os
from itertools import chain
from typing import TYPE_CHECKING

from s3open import errors
from s3open.s3.clients import verbs_for
from s3open.trees.carrying import Carrying
from s3open.trees.comparing import seconds
from s3open.trees.course import Telling, outcomes
from s3open.trees.leaving import Leaving
from s3open.trees.places import inner, overlap, same
from s3open.trees.sources import Listing, below, is_pattern, literal, matching
from s3open.trees.tasks import Outcome, Task, Work
from s3open.trees.uprooting import remove_empty

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from s3open.config import Config
    from s3open.contract import Entry
    from s3open.trees.choices import Choices
    from s3open.trees.course import Course
    from s3open.trees.events import Action
    from s3open.trees.filters import Filter
    from s3open.trees.places import Place
    from s3open.trees.report import Report


class Transport:
    """One call of `cp` or `mv`, whose arguments are checked."""

    def __init__(
        self,
        config: Config,
        choices: Choices,
        course: Course,
        admitted: Filter,
        *,
        follow_links: bool,
    ) -> None:
        self._config = config
        self._choices = choices
        self._course = course
        self._admitted = admitted
        self._follow_links = follow_links
        self._action: Action = "move" if choices.moving else "copy"

    def carried_out(
        self, source: Place, target: Place, *, recursive: bool, glob: bool
    ) -> Report:
        """Do it, and return what became of it."""
        if glob and is_pattern(self._config, source):
            self._check_many()
            return self._matching(source, target, recursive=recursive)
        if recursive and self._is_directory(source):
            self._check_many()
            report = self._tree(source.directory(), target.directory())
            if report is not None:
                return report
        return self._single(source, target)

    def _check_many(self) -> None:
        if self._choices.of_one is not None:
            raise ValueError(f"{self._choices.of_one} is for one file")

    def _is_directory(self, source: Place) -> bool:
        """Whether it may be one; of S3 only a listing tells."""
        return source.at is not None or _is_folder(source)

    def _matching(self, pattern: Place, target: Place, *, recursive: bool) -> Report:
        base, target = literal(pattern), target.directory()
        if recursive or "**" in pattern.name:
            self._check_apart(base, target)
        with self._telling() as telling:
            entries = matching(
                self._listing(telling), pattern, base, recursive=recursive
            )
            files = (each for each in entries if not each.name.endswith("/"))
            first = next(files, None)
            if first is None:
                raise FileNotFoundError(
                    errno.ENOENT, "Nothing matches, or only directories", pattern.name
                )
            _check_directory(target)
            return self._all(base, target, chain([first], files), telling)

    def _tree(self, source: Place, target: Place) -> Report | None:
        """Copy what is below *source*; None if it is no directory at all."""
        self._check_apart(source, target)
        with self._telling() as telling:
            entries = below(self._listing(telling), source)
            first = next(entries, None)
            if first is None and not (source.bucket_only or source.at is None):
                return None
            _check_directory(target)
            found = chain([first], entries) if first is not None else entries
            report = self._all(source, target, found, telling)
        if self._choices.moving and source.at is None and not self._choices.dry_run:
            remove_empty(source.path)
        return report

    def _all(
        self, source: Place, target: Place, found: Iterable[Entry], telling: Telling
    ) -> Report:
        """Copy the files that were *found* below *source*."""
        if target.at is not None:
            # Who has no credentials is told so once, and not of every file.
            verbs_for(self._config, target.name)
        work = self._work(source, target, telling)
        leaving = self._leaving(work, telling)
        tasks = telling.expecting(self._tasks(work, found, telling))
        try:
            for task, outcome in outcomes(work, tasks, self._course):
                self._settle(work, task, outcome, telling, leaving)
        except errors.S3Error:
            # The listing broke off: what came before it is moved, and told.
            if leaving is not None:
                leaving.flush()
            raise
        if leaving is not None:
            leaving.flush()
        return telling.finished()

    def _tasks(
        self, work: Work, found: Iterable[Entry], telling: Telling
    ) -> Iterator[Task]:
        moving = self._choices.moving
        inside = inner(work.source, work.target, removing=moving)
        for entry in found:
            name = entry.name
            if not self._admitted.admits(name):
                continue
            if inside is not None and name.startswith(inside):
                telling.tell(
                    "fail", work.source.told(name), error=_in_itself(work, name)
                )
                continue
            yield task_of(entry)

    def _single(self, source: Place, target: Place) -> Report:
        """Copy one file."""
        if source.named_directory or _is_folder(source):
            raise _is_directory(source)
        name = ""
        if target.named_directory or _is_folder(target):
            name, target = source.basename, target.directory()
        if self._choices.moving and same(source, target.below(name)):
            raise ValueError(
                f"source and target are the same, or may be: {source.name!r}"
            )
        with self._telling() as telling:
            work = self._work(source, target, telling)
            leaving = self._leaving(work, telling)
            task = Task("", name)
            for _ in telling.expecting([task]):
                # One it is, whatever its size turns out to be.
                pass
            outcome: Outcome | Exception
            try:
                outcome = Carrying(work)(task)
            except Exception as error:
                outcome = self._explained(source, error)
                if self._course.report is None:
                    raise outcome from None
            self._settle(work, task, outcome, telling, leaving)
            if leaving is not None:
                leaving.flush()
            if self._course.report is None and telling.report.failed:
                raise telling.report.failed[0][1]
            return telling.report

    def _explained(self, source: Place, error: Exception) -> Exception:
        """Return *error*, or a better one: of a key that is a directory."""
        # A folder in the way of what is none, either, is not what is wrong.
        wrong = (FileNotFoundError, IsADirectoryError)
        if source.at is None or not isinstance(error, wrong):
            return error
        if getattr(error, "code", "") == "NoSuchBucket":
            return error
        from s3open.stores import keys

        try:
            if isinstance(error, IsADirectoryError) and keys.exists(
                self._config, source.at
            ):
                return error
            if keys.has_below(self._config, source.at):
                return _is_directory(source)
        except OSError:
            pass
        return error

    def _settle(
        self,
        work: Work,
        task: Task,
        outcome: Outcome | BaseException,
        telling: Telling,
        leaving: Leaving | None,
    ) -> None:
        """Tell what became of *task*, or have its source removed first."""
        source, target = work.source.told(task.source), work.target.told(task.target)
        if isinstance(outcome, BaseException):
            telling.tell("fail", source, target, task.size, outcome)
            return
        telling.take_back(outcome.counted)
        if outcome.action == "skip":
            telling.tell("skip", source, target, outcome.size)
        elif leaving is not None:
            leaving.add(task, outcome)
        else:
            telling.tell(self._action, source, target, outcome.size)

    def _leaving(self, work: Work, telling: Telling) -> Leaving | None:
        if not self._choices.moving or self._choices.dry_run or work.source.at is None:
            return None
        always = self._choices.writing.always
        return Leaving(self._config, work.source, work.target, telling, always)

    def _check_apart(self, source: Place, target: Place) -> None:
        if overlap(source, target, removing=self._choices.moving)[0]:
            raise ValueError(
                f"the target is in the source, or may be: {target.name!r}, "
                f"{source.name!r}"
            )

    def _listing(self, telling: Telling) -> Listing:
        def told(error: OSError) -> None:
            telling.tell("fail", str(error.filename), error=error)

        return Listing(self._config, self._follow_links, told)

    def _work(self, source: Place, target: Place, telling: Telling) -> Work:
        return Work(self._config, source, target, self._choices, telling.progress)

    def _telling(self) -> Telling:
        return Telling(self._course, self._action)


def task_of(entry: Entry) -> Task:
    """Return the task of copying what a listing has told of."""
    return Task(
        entry.name, entry.name, entry.size, entry.etag, seconds(entry.last_modified)
    )


def _is_folder(place: Place) -> bool:
    return place.at is None and os.path.isdir(place.path)


def _in_itself(work: Work, name: str) -> OSError:
    message = "It would replace what is still to be copied"
    return OSError(errno.EINVAL, message, work.target.told(name))


def _check_directory(target: Place) -> None:
    """Raise NotADirectoryError if there is a file where a directory is to be."""
    path = target.path.rstrip("/")
    if target.at is None and path and os.path.lexists(path) and not os.path.isdir(path):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)


def _is_directory(source: Place) -> OSError:
    advice = "recursive copies what is in it"
    if source.at is not None:
        return errors.S3IsADirectoryError.at(source.name, advice)
    return IsADirectoryError(
        errno.EISDIR, f"{os.strerror(errno.EISDIR)} ({advice})", source.name
    )
