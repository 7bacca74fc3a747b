"""What there is to be copied, listed as it is asked for: a tree, or what matches."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from s3open.location import Location
from s3open.trees import globbing
from s3open.trees.places import Place
from s3open.trees.planning import relative

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3open.config import Config
    from s3open.contract import Entry


class Listing(NamedTuple):
    """How directories are listed.

    *on_error* is told what cannot be listed on this machine, with its path as filename.
    """

    config: Config
    follow_links: bool
    on_error: Callable[[OSError], None]


def below(listing: Listing, directory: Place) -> Iterator[Entry]:
    """Yield the files below *directory*, in the order of their names below it.

    A key that ends with a slash stands for a directory; that of *directory* itself is
    left out.
    """
    if directory.at is None:
        from s3open.stores import folders

        return folders.entries(
            directory.path,
            follow_links=listing.follow_links,
            on_error=listing.on_error,
        )
    from s3open.stores import keys

    return relative(keys.entries(listing.config, directory.at), directory.at.key)


def is_pattern(config: Config, named: Place) -> bool:
    """Whether it is a pattern, and no file or directory has that very name."""
    if not globbing.has_magic(named.name):
        return False
    if named.at is None:
        return not os.path.lexists(named.path)
    from s3open.stores import keys

    return not (keys.exists(config, named.at) or keys.has_below(config, named.at))


def literal(pattern: Place) -> Place:
    """Return the directory that *pattern* begins with, up to its first wildcard."""
    at = pattern.at
    name = pattern.path if at is None else at.key
    found = globbing.MAGIC.search(name)
    assert found is not None
    start = name.rfind("/", 0, found.start()) + 1
    if at is None:
        return Place(name[:start], None, name[:start])
    uri = pattern.name[: len(pattern.name) - len(at.key) + start]
    return Place(uri, Location(at.bucket, name[:start], uri))


def matching(
    listing: Listing, pattern: Place, base: Place, *, recursive: bool
) -> Iterator[Entry]:
    """Yield the files that *pattern* matches, by their names below *base*.

    If *recursive* also those in directories that it matches; directories are yielded,
    else, as they are.
    """
    skipped = len(base.path if base.at is None else base.at.key)
    inside: str | None = None
    for entry in globbing.entries(listing.config, pattern.name):
        name = entry.name[skipped:]
        if inside is not None and name.startswith(inside):
            # It has come with its directory.
            continue
        if not (recursive and name.endswith("/")):
            yield entry._replace(name=name)
            continue
        inside = name
        for found in below(listing, base.below(name)):
            yield found._replace(name=name + found.name)
