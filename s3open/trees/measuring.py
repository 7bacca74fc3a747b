"""How much there is: files and bytes, of a directory and of those below it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable


class Found(Protocol):
    """A file or a directory that a listing has told."""

    @property
    def uri(self) -> str: ...

    @property
    def size(self) -> int | None: ...

    @property
    def is_dir(self) -> bool: ...


@dataclass
class Usage:
    """The files below *uri*, all of them: how many, and their bytes together.

    *directories* are those directly below, as deep as it was asked for.
    """

    uri: str
    size: int = 0
    files: int = 0
    directories: list[Usage] = field(default_factory=list)


def measured(listed: Iterable[Found], top: str, *, depth: int) -> Usage:
    """Return the usage of *listed*, what is below *top*, or that file itself.

    Directories are told apart down to *depth* levels. *listed* is in order.
    """
    whole = Usage(top)
    # From the whole down to the directory that the last one was in.
    trail = [whole]
    for each in listed:
        if not each.uri.startswith(top):
            whole.uri = each.uri
        while len(trail) > 1 and not each.uri.startswith(trail[-1].uri):
            trail.pop()
        while len(trail) <= depth:
            above = trail[-1]
            end = each.uri.find("/", len(above.uri)) + 1
            if not end:
                break
            above.directories.append(Usage(each.uri[:end]))
            trail.append(above.directories[-1])
        if not each.is_dir:
            for usage in trail:
                usage.files += 1
                usage.size += each.size or 0
    return whole
