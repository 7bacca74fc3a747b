"""What is to be done with one of many files, and what became of it.

A `Work` is what all tasks of one run have in common. It is pickled with each lot of
tasks, as they are, so both are small; `carrying` does them.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from s3open.trees.progress import Meter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from s3open.config import Config
    from s3open.trees.choices import Choices
    from s3open.trees.places import Place
    from s3open.trees.progress import Progress

    Action: TypeAlias = Literal["copy", "skip"]


class Known(NamedTuple):
    """What a listing has told of a file: *modified* in seconds since 1970."""

    size: int
    modified: float
    etag: str | None = None


class Task(NamedTuple):
    """One file: what follows the names of the work's source, and of its target.

    *size* and *etag* are what a listing has told of the source, None if there was none.
    *other* is what is at the target: it is compared, and left alone if it is the same.
    """

    source: str
    target: str
    size: int | None = None
    etag: str | None = None
    modified: float | None = None
    other: Known | None = None


class Outcome(NamedTuple):
    """What became of a task that did not fail.

    *etag* is of the object that was copied; *note* says why it was left alone;
    *counted* are bytes that a bar was told of already.
    """

    action: Action
    size: int | None = None
    etag: str | None = None
    note: str = ""
    counted: int = 0


class Hands(Protocol):
    """Who does it, in one of the four directions. Thread-safe."""

    def carry(self, task: Task) -> Outcome:
        """Copy the file of *task*, or raise what stands in its way."""

    def differ(self, task: Task) -> bool:
        """Whether source and target differ, as far as *task* may tell or ask."""


@dataclass(frozen=True)
class Work:
    """What all tasks have in common. Pickles, unless there are explicit secrets."""

    config: Config
    source: Place
    target: Place
    choices: Choices
    progress: Progress | None = field(default=None, compare=False)
    """Is told of large files while they are moved; stays behind."""
    stopped: threading.Event = field(default_factory=threading.Event, compare=False)
    """Set when nobody wants them any more: large files end at the next part."""

    def __reduce__(self) -> tuple[Any, ...]:
        self.choices.check_portable()
        return Work, (self.config, self.source, self.target, self.choices)

    @contextmanager
    def metered(self) -> Iterator[Meter]:
        """Give what counts the bytes of one file; if that fails, they do not count."""
        meter = Meter(self.progress, self.stopped)
        try:
            yield meter
        except BaseException:
            meter.restart()
            raise
