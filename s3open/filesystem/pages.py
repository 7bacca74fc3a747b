"""Listings of one place, each entry with a name that can be given to anything else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import islice
from typing import TYPE_CHECKING

from s3open import coded, naming
from s3open import location as locations
from s3open.filesystem.base import root, within
from s3open.filesystem.listed import Listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.config import Config
    from s3open.contract import Page
    from s3open.location import Location


@dataclass(frozen=True, slots=True)
class ListedPage:
    """One answer to a listing, as it came.

    *next_token* asks for the page behind it, None if this *is_truncated* not. *owner*
    is that of the bucket's objects, if it was asked for, and if all have the same.
    """

    entries: list[Listed]
    common_prefixes: list[str]
    next_token: str | None = None

    @property
    def is_truncated(self) -> bool:
        """Whether there is more behind it."""
        return self.next_token is not None

    @property
    def owner(self) -> str | None:
        """Whom all objects belong to."""
        owners = {entry.owner for entry in self.entries}
        return owners.pop() if len(owners) == 1 else None


def in_bucket(
    config: Config, at: Location, *, recursive: bool, versions: bool, after: str
) -> Iterator[Listed]:
    """Yield what is in the directory *at*; of a file itself.

    Of that what is behind the key, or the URI, *after*.
    """
    from s3open.stores import keys

    inside, base = within(at), root(at)
    last = locations.parse(after)
    behind = after if last is None else last.key
    if versions:
        listed = keys.versions(config, inside, recursive=recursive)
    else:
        listed = keys.entries(config, inside, recursive=recursive, start_after=behind)
    there = not inside.key or bool(behind)
    for entry in listed:
        there = True
        # A directory's own marker is not in it. And stores differ in whether a common
        # prefix is behind itself.
        if entry.name != inside.key and not (behind and entry.name <= behind):
            yield Listed(base + entry.name, *entry)
    if there:
        return
    if at.is_directory_like:
        raise coded.NoSuchKey.at(at.uri)
    yield from versions_of(config, at) if versions else [_file(config, at)]


def versions_of(config: Config, at: Location) -> Iterator[Listed]:
    """Yield the versions of the key *at*, newest first; FileNotFoundError if none."""
    from s3open.stores import history

    there = False
    for entry in history.versions(config, at):
        there = True
        yield Listed(at.uri, *entry)
    if not there:
        raise coded.NoSuchKey.at(at.uri)


def _file(config: Config, at: Location) -> Listed:
    from s3open.stores import keys

    found = keys.status(config, at)
    return Listed(
        at.uri,
        at.key,
        found.st_size,
        found.last_modified,
        found.etag,
        found.storage_class,
        found.version_id,
    )


def in_folder(path: str, *, recursive: bool, after: str) -> Iterator[Listed]:
    """Yield what is in the folder *path*; of a file itself.

    Of that what is behind the path *after*.
    """
    from s3open.stores import folders

    behind = os.fsencode(after)
    try:
        for entry in folders.entries(path, recursive=recursive):
            name = naming.child(path, entry.name)
            if not behind or os.fsencode(name) > behind:
                yield Listed(name, *entry)
    except NotADirectoryError:
        if os.path.isdir(path):
            raise
        yield local_file(path)


def local_file(path: str) -> Listed:
    """Return what is known of the file at *path*."""
    found = os.stat(path)
    modified = datetime.fromtimestamp(found.st_mtime, timezone.utc)
    return Listed(path, os.path.basename(path), found.st_size, modified)


def of_bucket(at: Location, page: Page) -> ListedPage:
    """Return *page*, of the bucket of *at*."""
    base = root(at)
    return ListedPage(
        [Listed(base + entry.name, *entry) for entry in page.entries],
        [base + prefix for prefix in page.prefixes],
        page.token,
    )


def of_folder(
    prefix: str, delimiter: str, start_after: str, token: str | None, max_keys: int
) -> ListedPage:
    """Return the page of the paths that begin with *prefix*, as a store has them."""
    from s3open.trees.globbing import Folders

    if delimiter not in ("", "/"):
        raise ValueError(f"on this machine the delimiter is '/', not {delimiter!r}")
    found = Folders().level(prefix) if delimiter else Folders().below(prefix)
    behind = max(os.fsencode(start_after), os.fsencode(token or ""))
    rest = (entry for entry in found if os.fsencode(entry.name) > behind)
    page = list(islice(rest, max_keys))
    more = next(rest, None) is not None
    return ListedPage(
        [Listed(each.name, *each) for each in page if not each.name.endswith("/")],
        [each.name for each in page if each.name.endswith("/")],
        page[-1].name if page and more else None,
    )
