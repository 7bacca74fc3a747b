"""Directories, one after the other, as `os.walk` gives them.

Every directory is listed by itself, when it is its turn, so memory is that of the names
of one directory (and of the directories beside those that it is in), and a directory
that is removed from the list that was given is never asked for.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from s3open import naming

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.config import Config
    from s3open.location import Location

    Level = tuple[str, list[str], list[str]]


def walk(
    config: Config, top: str, at: Location | None, *, follow_links: bool
) -> Iterator[Level]:
    """Yield (directory, names of directories in it, names of files in it), from *top*.

    *at* is where *top* is on S3, None if it is a path. As with `os.walk`, the names of
    directories may be changed before the next is asked for, and nothing is told of a
    *top* that is not there.
    """
    if at is None:
        for level in os.walk(top, followlinks=follow_links):
            # As keys are: a directory's goes on with a slash.
            level[1].sort(key=lambda name: os.fsencode(name + "/"))
            level[2].sort(key=os.fsencode)
            yield level
        return
    # A key may have more slashes than Python has levels of recursion.
    left = [(top, directory(at.key))]
    while left:
        name, prefix = left.pop()
        found = _level(config, replace(at, key=prefix))
        if found is None:
            continue
        yield name, *found
        for folder in reversed(found[0]):
            # One without a name keeps its slash, else it were the one that it is in.
            child = naming.child(name, folder or "/")
            left.append((child, f"{prefix}{folder}/"))


def _level(config: Config, at: Location) -> tuple[list[str], list[str]] | None:
    """Return the names of directories and of files in *at*, None if it is not there."""
    from s3open.stores import keys

    folders: list[str] = []
    files: list[str] = []
    there = not at.key
    for entry in keys.entries(config, at, recursive=False):
        there = True
        below = entry.name[len(at.key) :]
        if below.endswith("/"):
            folders.append(below[:-1])
        elif below:
            files.append(below)
    return (folders, files) if there else None


def directory(key: str) -> str:
    """Return what the keys in the directory *key* begin with."""
    return key if not key or key.endswith("/") else key + "/"
