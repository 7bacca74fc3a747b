"""What becomes of a written file when it is closed: by whom, and why, decides.

A file that is closed in peace is published. One whose ``with`` block is left by an
exception is dropped, one that nobody closed is kept on this machine, and one that is
closed inside its block while an exception is on its way waits for the block's end.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from s3open.files.unwinding import blocks_failing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.writing import Publication


class Settlement:
    """The last decision about one file; *publication* is None where it only reads.

    Not thread-safe.

    Attributes:
        discarded: nothing is published, whatever comes.
        publishes_half: an exception is no reason not to publish.
        publishes_unclosed: nor is that nobody closed the file.
        deferred: the end of the ``with`` block decides, or who has postponed it.
        postponed: closing is not publishing yet; who says so asks again.
    """

    def __init__(self, publication: Publication | None) -> None:
        self.discarded = False
        self.publishes_half = False
        self.publishes_unclosed = False
        self.deferred = False
        self.postponed = False
        self._publication = publication
        self._process = os.getpid()
        self._entered = False
        self._left = False
        self._abandoned = ""
        self._failure: Exception | None = None
        self._interrupted = False
        # An exception that is being handled already is no reason to drop anything.
        self._before = sys.exc_info()[1] if publication is not None else None
        self._failing = blocks_failing() if self._before is not None else 0

    @property
    def writes(self) -> bool:
        """Whether the file is open for writing."""
        return self._publication is not None

    def takes_writes(self) -> bool:
        """Whether what is written now may still be published, or is to be dropped.

        Raises UnsupportedOperation in a forked child, whose copy nobody publishes.
        """
        if self._process != os.getpid() and not (self.discarded or self._abandoned):
            raise io.UnsupportedOperation(
                "only the process that opened a file can write to it"
            )
        return self._process == os.getpid() and not self.discarded

    def enter(self) -> None:
        """Note that a ``with`` block begins, whose end decides."""
        self._entered = True
        self._before = sys.exc_info()[1]

    def leave(self, *, failed: bool) -> None:
        """Note that the ``with`` block ends; *failed*: by an exception."""
        self.discarded = self.discarded or (failed and not self.publishes_half)
        self._left = True

    def abandon(self, reason: str) -> None:
        """Have what was written kept on this machine, and tell why: nobody closed it.

        With `publishes_unclosed` it is published instead, as builtin's would be.
        """
        if self.publishes_unclosed:
            self._left = True
        else:
            self._abandoned = reason

    def wrote(self, error: BaseException | None) -> None:
        """Note how a write went.

        After one that failed nothing is published: something may be missing. After one
        that was interrupted it takes another, which writes the same bytes again.
        """
        if isinstance(error, Exception):
            self._failure = error
        self._interrupted = error is not None

    def changed(self, span: range) -> None:
        """Tell the publication what was written; what uploading raised is raised."""
        if self._publication is not None:
            self._publication.wrote(span)

    def cut(self, size: int) -> None:
        """Tell the publication where the file was cut, or made longer."""
        if self._publication is not None:
            self._publication.cut(size)

    def lose_track(self) -> None:
        """Tell the publication that the file is a descriptor now."""
        if self._publication is not None:
            self._publication.lose_track()

    @contextmanager
    def last_write(self) -> Iterator[None]:
        """Note how the flush goes with which a file is closed: there is no other.

        A forked child has nothing to flush: its copy is dropped.
        """
        self.discarded = self.discarded or self._process != os.getpid()
        try:
            yield
        except Exception as error:
            self._failure = error
            raise
        except BaseException:
            self._abandoned = self._abandoned or "closing it was interrupted"
            raise

    def rescue(self, error: BaseException) -> None:
        """Have what was written kept if *error* interrupted `conclude`, at any moment.

        Unless it is dropped, is kept already, or somebody else concludes.
        """
        if isinstance(error, Exception):
            return
        dropped = self.discarded or self.deferred or self._process != os.getpid()
        if self._publication is not None and not dropped:
            self._publication.rescue()

    def conclude(self) -> None:
        """Publish, keep, drop, or put off (`deferred`).

        Raises PublishError if publishing fails, or a write had failed.
        """
        self.deferred = False
        self._before, before = None, self._before
        publication = self._publication
        if publication is None or self._process != os.getpid():
            return
        if self.discarded:
            # Not by the garbage collector, which must not talk to a store.
            if not self._abandoned:
                publication.discard()
        elif self._abandoned:
            publication.abandon(self._abandoned)
        elif self._failure is not None:
            raise publication.failed(self._failure) from self._failure
        elif self._interrupted:
            publication.abandon("a write was interrupted")
        elif self.postponed:
            self.deferred = True
        elif not (self._left or self.publishes_half) and self._is_unwinding(before):
            # Inside our own block its end decides; else a block of a wrapper fails.
            self.deferred = self._entered
            if not self.deferred:
                self.discarded = True
                publication.discard()
        else:
            publication.publish()

    def _is_unwinding(self, before: BaseException | None) -> bool:
        """Whether an exception is on its way that was not when the file was opened."""
        error = sys.exc_info()[1]
        if error is None:
            return False
        if self._entered:
            return error is not before
        return blocks_failing() > self._failing
