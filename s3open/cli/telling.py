"""What the user is told while many files are copied, moved or deleted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from s3open.cli import service
from s3open.cli.answers import complain, json_line, printable, trace
from s3open.errors import TreeError
from s3open.trees.events import Event

if TYPE_CHECKING:
    from argparse import Namespace

    from s3open.trees.progress import Progress


class Teller:
    """Prints an event as it comes: a line on stdout, or on stderr if it failed.

    The lines are those of aws-cli, for there are programs that read them. They are
    printed beside the bar of *progress*, which may be on the same terminal.
    """

    def __init__(self, options: Namespace, progress: Progress) -> None:
        self.failed = 0
        self._told: list[BaseException] = []
        self._line = self._json_line if options.json else self._plain_line
        self._quiet = options.quiet
        self._verbose = options.verbose
        self._before = "(dryrun) " if options.dryrun else ""
        self._progress = progress
        # Several may be told of at once.
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        """Print *event*."""
        line = self._line(event)
        if event.action != "fail" and not line:
            return
        with self._progress.aside(), self._lock:
            if event.error is not None:
                self._complain(event, event.error)
            if line:
                print(line)

    def finish(self, error: BaseException | None = None, name: str = "") -> int:
        """Raise *error*, of *name*, unless it has been told; return the exit code."""
        if error is not None and not self._has_told(error):
            if self._line == self._json_line:
                print(self._json_line(Event("fail", name, error=error)))
            raise error
        return 1 if error is not None or self.failed else 0

    def _complain(self, event: Event, error: BaseException) -> None:
        self.failed += 1
        self._told.append(error)
        trace(error)
        named = isinstance(error, OSError) and error.filename is not None
        complain(error if named else f"{printable(event.source)}: {error}")

    def _has_told(self, error: BaseException) -> bool:
        """Whether it is one that came with an event, or sums them up."""
        return self.failed > 0 and (
            isinstance(error, TreeError) or any(error is told for told in self._told)
        )

    def _json_line(self, event: Event) -> str:
        if event.action == "skip" and not self._verbose:
            return ""
        return json_line(_about(event))

    def _plain_line(self, event: Event) -> str:
        if self._quiet or event.action == "fail":
            return ""
        if event.action == "skip" and not self._verbose:
            return ""
        return f"{self._before}{_word(event)}: {_names(event)}"


def _word(event: Event) -> str:
    if event.action != "copy" or event.target is None:
        return "delete" if event.action == "remove" else event.action
    to_store = service.is_remote(event.target)
    if service.is_remote(event.source) == to_store:
        return "copy"
    return "upload" if to_store else "download"


def _names(event: Event) -> str:
    source = printable(event.source)
    return f"{source} to {printable(event.target)}" if event.target else source


def _about(event: Event) -> dict[str, Any]:
    error = None if event.error is None else str(event.error)
    return {
        "action": event.action,
        "source": event.source,
        "target": event.target,
        "size": event.size,
        "error": error,
    }
