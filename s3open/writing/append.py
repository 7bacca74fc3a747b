"""Appending so that nobody's bytes are lost, however many append at once.

The object is published only if it is still the one that the file started from. If it is
not, what was appended is put behind its new end, and that is tried, until the deadline.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from s3open import errors
from s3open.config import MIN_PART_SIZE
from s3open.s3 import retry
from s3open.writing import changes

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from s3open.config import Config
    from s3open.contract import Base, Content, Target
    from s3open.spool import Spool


class Append:
    """The publication of a file open in mode ``a``.

    Args:
        spool: the file; *content* is all of it, with what is still on the store, and
            *dirty* tells what of it may differ from *base*.
        base: the object it started from, None if there was none.
        fetched: gives the bytes of a newer object.
        bom: what the file's codec puts in front of its first character; behind a newer
            object it is left out, for it has no business in the middle of a file.
    """

    def __init__(
        self,
        spool: Spool,
        content: Content,
        base: Base | None,
        *,
        target: Target,
        dirty: Callable[[], list[range]],
        fetched: Callable[[Base], AbstractContextManager[Content]],
        bom: bytes,
        config: Config,
    ) -> None:
        self._spool = spool
        self._content = content
        self._target = target
        self._dirty = dirty
        self._base = base
        self._fetched = fetched
        self._bom = bom
        self._config = config

    def upload(self) -> None:
        """Publish the file, or what was appended behind a newer object.

        Raises ObjectChangedError if the object was changed and the file is not just
        longer than the one it started from, or at the deadline.
        """
        deadline = time.monotonic() + self._config.deadline
        failures = 0
        last = self._base
        try:
            self._upload(self._content, self._base, self._dirty())
        except (errors.ObjectChangedError, FileExistsError):
            if not self._is_tail():
                raise
        else:
            return
        while True:
            failures += 1
            retry.pause(failures)
            try:
                last = self._target.current(read=_is_small(last))
                self._upload_behind(last)
            except (errors.ObjectChangedError, FileExistsError):
                if time.monotonic() > deadline:
                    raise
            else:
                return

    def _upload(self, content: Content, base: Base | None, dirty: list[range]) -> None:
        changes.upload(
            content,
            self._target.writer(base),
            self._config.part_size,
            base_size=base.info.size if base is not None else 0,
            dirty=dirty,
        )

    def _upload_behind(self, base: Base | None) -> None:
        """Publish what was appended, behind *base*."""
        if base is None or base.info.size == 0:
            self._upload(_Joined(None, self._spool, self._start), base, [])
            return
        start = self._start + self._bom_length()
        with self._fetched(base) as front:
            # Nothing is dirty but what lies behind the base.
            self._upload(_Joined(front, self._spool, start), base, [])

    @property
    def _start(self) -> int:
        return self._base.info.size if self._base is not None else 0

    def _is_tail(self) -> bool:
        """Whether all that was done to the file was to write behind its old end."""
        written = self._spool.written()
        first = written[0].start if written else self._start
        return self._spool.size >= self._start and first >= self._start

    def _bom_length(self) -> int:
        """Return the length of the codec's mark in front of what was appended."""
        head = memoryview(bytearray(len(self._bom)))
        if self._start == 0 and self._spool.read_at(0, head) and head == self._bom:
            return len(self._bom)
        return 0


def _is_small(base: Base | None) -> bool:
    """Whether the object was too small for the store to copy, hence has to be read."""
    return base is not None and base.info.size < MIN_PART_SIZE


class _Joined:
    """All of *front*, and behind it *back* from *start* on."""

    def __init__(self, front: Content | None, back: Content, start: int) -> None:
        self._front = front
        self._back = back
        self._start = start
        self._border = front.size if front is not None else 0
        self.size = self._border + back.size - start

    def read_at(self, offset: int, view: memoryview, /) -> int:
        """Fill *view* from *offset*, up to the end; return how much."""
        done = 0
        if self._front is not None and offset < self._border:
            with view[: self._border - offset] as front:
                done = self._front.read_at(offset, front)
        behind = offset + done - self._border + self._start
        with view[done:] as back:
            return done + self._back.read_at(behind, back)
