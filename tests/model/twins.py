"""Runs the same on a file of ours and on a local one of builtin's, and compares."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING, Any

import pytest

from tests.model.operations import Hand
from tests.stores import LocalStore, Store, builtin_any, open_any, outcome, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3open import Config
    from tests.model.sequences import Sequence, Session

_KEY = "file"
_DEFAULT_BUFFER = 128 << 10


class LeftError(Exception):
    """An exception by which a block is left."""


class Twins:
    """Runs sequences on *ours*, and on *builtin* by builtin open."""

    def __init__(self, ours: Store, builtin: LocalStore, config: Config) -> None:
        self._ours = ours
        self._builtin = builtin
        self._config = config
        # Local files are builtin's, half-written ones and buffer sizes included.
        self._differs = ours.kind != "local"

    def run(self, sequence: Sequence) -> None:
        """Run *sequence* and fail where the two differ."""
        for store in (self._ours, self._builtin):
            _set(store, sequence.old)
        for session in sequence.sessions:
            if session.afresh:
                for store in (self._ours, self._builtin):
                    store.delete(_KEY)
            before = _content(self._builtin)
            left = self._run(session)
            if left and self._differs:
                # An exception that leaves the block leaves the old object.
                _set(self._builtin, before)
            compare(_content(self._ours), _content(self._builtin), session)

    def _run(self, session: Session) -> bool:
        """Run *session*; return whether an exception left the block of an open file."""
        ours = _Run(self._open, session)
        builtin = _Run(self._open_builtin, session)
        labels = ["open", *session.operations]
        steps = itertools.zip_longest(ours.steps(), builtin.steps(), labels)
        for got, wanted, label in steps:
            compare(got, wanted, label or session.end)
        return builtin.left

    def _open(self, session: Session) -> Any:
        return open_any(
            self._ours.name(_KEY),
            session.mode,
            session.buffering,
            **session.text,
            config=self._config,
        )

    def _open_builtin(self, session: Session) -> Any:
        """Open with a buffer of the size of ours: `peek` and descriptors show it."""
        size = session.buffering
        by_line = size == 1
        if self._differs and (by_line or size == -1):
            size = _DEFAULT_BUFFER
        name = self._builtin.name(_KEY)
        file = builtin_any(name, session.mode, size, **session.text)
        if by_line:
            file.reconfigure(line_buffering=True)
        return file


class _Run:
    """One session on one of the two files; *left* as `Twins._run` returns it."""

    def __init__(self, opener: Callable[[Session], Any], session: Session) -> None:
        self.left = False
        self._opener = opener
        self._session = session

    def steps(self) -> Iterator[object]:
        """Open, do, and end it all; yield what came of each step."""
        session = self._session
        file = outcome(self._opener, session)
        if not isinstance(file, io.IOBase):
            yield file
            return
        hand = Hand(file)
        try:
            # FileIO takes a file for one that cannot seek if the first seek fails. Once
            # it was asked it knows better.
            yield "opened", hand.raw.seekable()
            if session.end == "close":
                yield from hand.outcomes(session.operations)
            else:
                yield from self._in_block(hand)
            # Where layers were detached, the rest is still open.
            yield hand.raw.closed, outcome(hand.file.close), hand.raw.closed
        finally:
            hand.file.close()

    def _in_block(self, hand: Hand) -> Iterator[object]:
        ending: object = "left in peace"
        try:
            with hand.file:
                yield from hand.outcomes(self._session.operations)
                if self._session.end == "raise":
                    self.left = not hand.raw.closed
                    raise LeftError
        except Exception as error:
            ending = told(error)
        yield ending


def compare(got: object, wanted: object, of: object) -> None:
    """Fail if the two differ. (pytest's assert takes minutes to show megabytes.)"""
    if got != wanted:
        pytest.fail(f"{of!r:.300} gave {got!r:.300} instead of {wanted!r:.300}")


def _set(store: Store, content: bytes | None) -> None:
    if content is None:
        store.delete(_KEY)
    else:
        store.put(_KEY, content)


def _content(store: Store) -> bytes | None:
    return store.read(_KEY) if store.exists(_KEY) else None
