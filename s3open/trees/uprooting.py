"""Directories of this machine removed, file by file; links, not what they lead to."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3open.trees.course import Telling
    from s3open.trees.filters import Filter


def uprooted(
    top: str, base: str, admitted: Filter, telling: Telling, *, dry_run: bool
) -> None:
    """Remove what is *admitted* below *top*, and the directories that are empty then.

    It is by its name below *base*, which *top* is in.

    What cannot be removed is told, and the rest goes on.
    """

    def fail(error: OSError) -> None:
        telling.tell("fail", str(error.filename), error=error)

    for folder, names in _from_below(top, fail):
        for name in names:
            path = os.path.join(folder, name)
            if admitted.admits(os.path.relpath(path, base).replace(os.sep, "/")):
                _remove(path, telling, dry_run=dry_run)
        if not dry_run:
            # Not empty: what is left in it was told, or is to stay.
            with suppress(OSError):
                os.rmdir(folder)


def remove_empty(path: str) -> None:
    """Remove the directories below *path* that are empty, and itself."""
    for folder, _ in _from_below(path, lambda error: None):
        with suppress(OSError):
            os.rmdir(folder)


def _from_below(
    top: str, on_error: Callable[[OSError], object]
) -> Iterator[tuple[str, list[str]]]:
    """Yield *top* and the directories in it, each behind those that are in it.

    With the names of what else is in it, links among them. (`os.walk` recurses, in some
    Pythons: there may be more levels than they allow.)
    """
    stack: list[tuple[str, list[str] | None]] = [(top, None)]
    while stack:
        folder, names = stack.pop()
        if names is not None:
            yield folder, names
            continue
        names = []
        stack.append((folder, names))
        try:
            with os.scandir(folder) as found:
                for item in found:
                    if item.is_dir(follow_symlinks=False):
                        stack.append((item.path, None))
                    else:
                        names.append(item.name)
        except OSError as error:
            on_error(error)


def _remove(path: str, telling: Telling, *, dry_run: bool) -> None:
    try:
        size = os.lstat(path).st_size
        if not dry_run:
            os.unlink(path)
    except OSError as error:
        telling.tell("fail", path, error=error)
    else:
        telling.tell("remove", path, size=size)
