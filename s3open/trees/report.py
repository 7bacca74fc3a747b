"""What became of many files: counts that are exact, errors as far as they are few."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from s3open.errors import TreeError
from s3open.trees.failures import forget_frames, portable

if TYPE_CHECKING:
    from s3open.trees.events import Event

# So many errors are kept: enough to see what is wrong, few enough to be read.
KEPT = 100
# So many of them are in the message of the error for all.
_TOLD = 3

# The action of an event, and the attribute that counts it.
_COUNTS = {
    "copy": "copied",
    "move": "moved",
    "remove": "removed",
    "skip": "skipped",
    "fail": "failures",
}
_BYTES = {
    "copy": "copied_bytes",
    "move": "moved_bytes",
    "remove": "removed_bytes",
    "skip": "skipped_bytes",
    "fail": "failed_bytes",
}


@dataclass
class Report:
    """How many files were copied, moved, removed, skipped, or failed, and their bytes.

    The counts are exact, `failed` has the names and errors of the first `KEPT`; bytes
    are those of files whose size is known. To be used by one thread at a time: it is
    the one that takes the results. It can be pickled, whatever the errors are.
    """

    copied: int = 0
    copied_bytes: int = 0
    moved: int = 0
    moved_bytes: int = 0
    removed: int = 0
    removed_bytes: int = 0
    skipped: int = 0
    skipped_bytes: int = 0
    failures: int = 0
    failed_bytes: int = 0
    failed: list[tuple[str, BaseException]] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Count *event*."""
        count, size = _COUNTS[event.action], _BYTES[event.action]
        setattr(self, count, getattr(self, count) + 1)
        setattr(self, size, getattr(self, size) + (event.size or 0))
        if event.action == "fail" and len(self.failed) < KEPT:
            error = event.error or OSError(f"it failed: {event.source}")
            forget_frames(error)
            self.failed.append((event.source, error))

    def merge(self, other: Report) -> None:
        """Add what *other* has counted."""
        for name in (*_COUNTS.values(), *_BYTES.values()):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.failed += other.failed[: KEPT - len(self.failed)]

    def raise_for_failures(self) -> None:
        """Raise `TreeError` if anything failed."""
        if self.failures:
            error = _told(self.failed, self.failures)
            raise error from (self.failed[0][1] if self.failed else None)

    def __getstate__(self) -> dict[str, Any]:
        failed = [(name, portable(error)) for name, error in self.failed]
        return {**self.__dict__, "failed": failed}


def _told(failed: list[tuple[str, BaseException]], count: int) -> TreeError:
    """Return the error for *count* files, the first of which are *failed*."""
    numbers = {getattr(error, "errno", None) for _, error in failed}
    number = numbers.pop() if len(numbers) == 1 else None
    lines = [f"{name}: {_reason(error)}" for name, error in failed[:_TOLD]]
    if count > len(lines):
        lines.append(f"and {count - len(lines):,} more")
    what = "1 file" if count == 1 else f"{count:,} files"
    error = TreeError(number or errno.EIO, f"{what} failed ({'; '.join(lines)})")
    error.count, error.failed = count, tuple(failed)
    return error


def _reason(error: BaseException) -> str:
    """Return why, in a few words: the name of the file stands before it."""
    said = getattr(error, "strerror", None) or str(error)
    return said or type(error).__name__
