"""`rm`: a file, what matches a pattern, all versions of it, or a tree.

On S3 a thousand keys go with one request, as they come from the listing. A directory
ends where its name does: ``foo`` is the key ``foo`` and what is below ``foo/``, never
``foobar``.
"""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from itertools import chain, takewhile
from typing import TYPE_CHECKING, Any

from s3open import coded, errors
from s3open.contract import Doomed, Entry
from s3open.stores.options import etag_of
from s3open.trees import globbing
from s3open.trees.course import Telling, taken
from s3open.trees.filters import Filter
from s3open.trees.places import Place, place
from s3open.trees.sources import is_pattern, literal
from s3open.trees.uprooting import uprooted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from s3open.config import Config
    from s3open.location import Location
    from s3open.naming import Name
    from s3open.trees.report import Report


def rm(
    config: Config,
    target: Name,
    *,
    recursive: bool = False,
    versions: bool = False,
    version_id: str | None = None,
    mfa: str | None = None,
    bypass_governance: bool = False,
    if_match: str | None = None,
    include: Any = (),
    exclude: Any = (),
    missing_ok: bool = False,
    glob: bool = True,
    dry_run: bool = False,
    **options: Any,
) -> Report:
    """Remove a file, what matches a pattern, or (*recursive*) all of a directory.

    A single key costs a request to see that it is there (but with *missing_ok*), a
    thousand of a directory one to list and one to remove them. What is refused is told
    *on_event* and counted, the others go. In the end that is a TreeError, unless the
    caller brings a *report*; one file alone raises its own error.

    Args:
        config: how to reach the store.
        target: a file, a pattern, or a directory; a pattern that is also the name of a
            file means that file.
        recursive: whether it is a directory that is meant. A bucket is emptied; the
            key that has the directory's name goes, too. Links are removed, not what
            they lead to.
        versions: whether all versions of a key go, and its delete markers: nothing is
            left that could be restored.
        version_id: the one version that goes.
        mfa: "serial code" of a device, where the bucket wants it.
        bypass_governance: whether versions go that are kept in governance mode.
        if_match: the ETag that the one key has to have.
        include: patterns of names below *target*; see `filters`.
        exclude: likewise.
        missing_ok: whether it is fine if there is nothing.
        glob: whether *target* may be a pattern.
        dry_run: only tells what would be removed.
        options: ``on_event``, ``progress`` and ``report`` as `Course` has them; its
            ``executor`` and ``workers`` are of no use here.

    Raises:
        OSError: FileNotFoundError, IsADirectoryError for a directory without
            *recursive*, TreeError.
            ObjectChangedError if there is another object than *if_match* says.
        ValueError: for what is for S3 only of local files, and the root directory.
    """
    course = taken(options)
    for name in options:
        raise TypeError(f"got an unexpected keyword argument {name!r}")
    doomed = place(target)
    _check_place(doomed, (versions, version_id, mfa, bypass_governance, if_match))
    for name, value in (("version_id", version_id), ("if_match", if_match)):
        if value is not None and (versions or recursive):
            raise ValueError(f"{name} is for one key, without versions and recursive")
    if if_match is not None and version_id is not None:
        raise ValueError("if_match is of what is there: a version is what it is")
    with Telling(course, "remove") as telling:
        removal = Removal(config, telling, Filter.of(include, exclude))
        removal.recursive, removal.versions = recursive, versions
        removal.version_id, removal.mfa = version_id, mfa
        removal.bypass_governance = bypass_governance
        removal.etag = None if if_match is None else etag_of("if_match", if_match)
        removal.missing_ok, removal.dry_run = missing_ok, dry_run
        single = removal.carried_out(doomed, glob=glob)
        if single and course.report is None and telling.report.failed:
            raise telling.report.failed[0][1]
        return telling.finished()


def _check_place(target: Place, of_s3: tuple[Any, ...]) -> None:
    if target.at is None and any(of_s3):
        raise ValueError(
            "versions, version_id, mfa, bypass_governance and if_match are for S3"
        )


class Removal:
    """One call of `rm`, whose arguments are checked."""

    recursive = False
    versions = False
    version_id: str | None = None
    mfa: str | None = None
    bypass_governance = False
    etag: str | None = None
    missing_ok = False
    dry_run = False

    def __init__(self, config: Config, telling: Telling, admitted: Filter) -> None:
        self._config = config
        self._telling = telling
        self._admitted = admitted

    def carried_out(self, target: Place, *, glob: bool) -> bool:
        """Do it, and return whether it was for one file only."""
        at = target.at
        if glob and is_pattern(self._config, target):
            self._remove_matching(target)
            return False
        if at is None:
            return self._remove_here(target)
        if self.recursive:
            self._remove_below(target)
            return False
        if target.bucket_only:
            raise errors.S3IsADirectoryError.at(target.name, "recursive empties it")
        if self.versions:
            self._remove_found(at, self._all_versions(at), target.name)
        else:
            self._remove_key(target, at)
        return True

    def _remove_here(self, target: Place, base: str | None = None) -> bool:
        path = target.path
        if os.path.isdir(path) and not os.path.islink(path.rstrip("/")):
            if not self.recursive:
                advice = f"{os.strerror(errno.EISDIR)} (recursive removes it)"
                raise IsADirectoryError(errno.EISDIR, advice, path)
            if os.path.dirname(os.path.realpath(path)) == os.path.realpath(path):
                raise ValueError("this is the root of all files")
            above = path if base is None else base
            uprooted(path, above, self._admitted, self._telling, dry_run=self.dry_run)
            return False
        try:
            size = os.lstat(path).st_size
            if not self.dry_run:
                os.unlink(path)
        except FileNotFoundError:
            if not self.missing_ok:
                raise
        else:
            self._telling.tell("remove", target.name, size=size)
        return True

    def _remove_key(self, target: Place, at: Location) -> None:
        from s3open.stores import keys

        asked = self.version_id is None and (self.dry_run or not self.missing_ok)
        if asked and not keys.exists(self._config, at):
            self._miss(target, at)
            return
        if not self.dry_run:
            keys.remove(
                self._config,
                at,
                version_id=self.version_id,
                etag=self.etag,
                mfa=self.mfa,
                bypass_governance=self.bypass_governance,
            )
        self._telling.tell("remove", target.name)

    def _miss(self, target: Place, at: Location) -> None:
        """Say that there is no such key, or that it is a directory."""
        from s3open.stores import keys

        if keys.has_below(self._config, at):
            advice = "recursive removes what is in it"
            raise errors.S3IsADirectoryError.at(target.name, advice)
        if not self.missing_ok:
            raise coded.NoSuchKey.at(target.name)

    def _remove_below(self, target: Place) -> None:
        from s3open.stores import keys

        at, base = target.at, target.directory()
        assert at is not None
        assert base.at is not None
        found: Iterator[Entry]
        if self.versions:
            found = keys.versions(self._config, base.at)
        else:
            found = keys.entries(self._config, base.at)
        if not target.named_directory:
            # Asked first: of a key that is not there a versioned bucket would keep a
            # delete marker.
            if self.versions:
                found = chain(self._all_versions(at), found)
            elif keys.exists(self._config, at):
                found = chain([Entry(at.key)], found)
        missing_ok = self.missing_ok or target.bucket_only
        self._remove_found(at, self._admit(found, base.at.key), target.name, missing_ok)

    def _admit(self, found: Iterable[Entry], base: str) -> Iterator[Entry]:
        for entry in found:
            # That of the directory itself goes by its own name.
            name = entry.name[len(base) :] or entry.name.rpartition("/")[2]
            if self._admitted.admits(name):
                yield entry

    def _all_versions(self, at: Location) -> Iterator[Entry]:
        """Yield the versions of one key: it comes before those that begin with it."""
        from s3open.stores import keys

        found = keys.versions(self._config, at)
        return takewhile(lambda entry: entry.name == at.key, found)

    def _remove_matching(self, pattern: Place) -> None:
        if self.versions or self.version_id or self.etag:
            raise ValueError(
                "versions, version_id and if_match are for a key, or a directory"
            )
        if pattern.at is None:
            self._remove_matching_here(pattern)
        else:
            found = self._matching_there(pattern, pattern.at)
            self._remove_found(pattern.at, found, pattern.name)

    def _matching_there(self, pattern: Place, at: Location) -> Iterator[Entry]:
        base = literal(pattern).at
        assert base is not None
        return self._admit(self._matched_there(pattern, at), base.key)

    def _matched_there(self, pattern: Place, at: Location) -> Iterator[Entry]:
        """Yield the keys that match, and (*recursive*) those in directories that do."""
        from s3open.stores import keys

        inside: str | None = None
        for entry in globbing.entries(self._config, pattern.name):
            if inside is not None and entry.name.startswith(inside):
                # It has come with its directory.
                continue
            if not entry.name.endswith("/"):
                yield entry
            elif self.recursive:
                inside = entry.name
                yield from keys.entries(self._config, replace(at, key=inside))

    def _remove_matching_here(self, pattern: Place) -> None:
        base = literal(pattern).path
        # Listed first: what is removed is not to be looked into.
        found = globbing.entries(self._config, pattern.name, as_they_are=True)
        matched = [entry.name for entry in found]
        if not matched and not self.missing_ok:
            raise FileNotFoundError(errno.ENOENT, "Nothing matches", pattern.name)
        inside: str | None = None
        for path in matched:
            if inside is not None and path.startswith(inside):
                # It has gone with its directory.
                continue
            if path.endswith("/"):
                inside = path if self.recursive else None
            elif not self._admitted.admits(path[len(base) :]):
                continue
            try:
                self._remove_here(Place(path, None, path), base)
            except OSError as error:
                self._telling.tell("fail", path, error=error)

    def _remove_found(
        self, at: Location, found: Iterable[Entry], name: str, missing_ok: bool = False
    ) -> None:
        """Remove all that was *found* in the bucket of *at*, and tell of each."""
        from s3open.stores import keys

        root = name[: len(name) - len(at.key)]
        root = root if root.endswith("/") else f"{root}/"
        entries = iter(found)
        first = next(entries, None)
        if first is None:
            if missing_ok or self.missing_ok:
                return
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        sizes: dict[Doomed, int | None] = {}

        def doomed() -> Iterator[Doomed]:
            for entry in chain([first], entries):
                one = Doomed(entry.name, entry.version_id if self.versions else None)
                sizes[one] = entry.size
                yield one

        if self.dry_run:
            for one in doomed():
                self._telling.tell("remove", root + one.key, size=sizes.pop(one))
            return
        removed = keys.remove_many(
            self._config,
            at,
            doomed(),
            mfa=self.mfa,
            bypass_governance=self.bypass_governance,
        )
        for one, error in removed:
            size = sizes.pop(one, None)
            self._telling.removed(root + one.key, size, error)
