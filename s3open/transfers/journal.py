"""What a transfer notes on this machine, so that another process can go on with it.

A journal is one file of JSON lines, readable by the user alone, beside the recovery
files. The first line says what is being transferred, the others which parts are done.
Nothing is believed because it stands there: whoever goes on compares checksums, so a
line that was lost, or torn, costs a part that is sent again and no more. No credentials
and no keys are in it.

Whoever writes a journal holds a lock on it. Another process, or thread, that transfers
the same at the same time finds it held, and begins a journal of its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from s3open import errors
from s3open.writing import recovery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# So many processes may transfer the same at once and be resumed; more go without.
_SLOTS = 8
# 10,000 parts, each a line of less than 200 bytes.
_LONGEST = 4 << 20

_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "InvalidToken")


class Journal:
    """One transfer's notes, locked. Safe from any thread.

    Attributes:
        header: what the transfer noted that was interrupted; empty if none was.
        entries: the parts that it noted as done.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        lines = _lines(descriptor)
        self.header: dict[str, Any] = next(lines, {})
        self.entries = list(lines)

    def begin(self, header: Mapping[str, object]) -> None:
        """Forget what was noted, and note *header*."""
        os.ftruncate(self._descriptor, 0)
        self.header, self.entries = dict(header), []
        self.note(header)

    def note(self, entry: Mapping[str, object]) -> None:
        """Add a line. A full disk is no reason to stop: it is only not noted."""
        with suppress(OSError):
            os.write(self._descriptor, json.dumps(entry).encode() + b"\n")

    def close(self, *, keep: bool) -> None:
        """Let go of it, to be gone on with where *keep*, else for good."""
        if not keep:
            self._path.unlink(missing_ok=True)
        # A child that was forked off may have the descriptor, too.
        with suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        os.close(self._descriptor)


def opened(*names: object) -> Journal | None:
    """Return a journal for the transfer that *names* tell from all others.

    None if there can be none: no place for it, or too many at work on the same.
    """
    return next(_free(names, create=True), None)


def taken(*names: object) -> Journal | None:
    """Return a journal that was left, or one as `opened` does."""
    return next(abandoned(*names), None) or opened(*names)


def abandoned(*names: object) -> Iterator[Journal]:
    """Yield that transfer's journals that nobody holds; each is to be closed."""
    return _free(names, create=False)


def may_go_on(error: BaseException) -> bool:
    """Whether what *error* has stopped may work later.

    The store was out of reach, the credentials had expired, or the user has stopped it.
    Of bytes that are wrong nobody knows which.
    """
    if isinstance(error, errors.IntegrityError):
        return False
    if isinstance(error, errors.S3Error):
        return error.retryable or error.code in _EXPIRED
    return not isinstance(error, Exception)


def _free(names: tuple[object, ...], *, create: bool) -> Iterator[Journal]:
    name = hashlib.sha256(json.dumps(names, default=str).encode()).hexdigest()[:40]
    try:
        folder = recovery.directory().parent / "transfers"
        if create:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return
    for slot in range(_SLOTS):
        path = folder / f"{name}-{slot}.jsonl"
        descriptor = _locked(path, create=create)
        if descriptor is not None:
            yield Journal(path, descriptor)


def _locked(path: Path, *, create: bool) -> int | None:
    """Return a descriptor of the file at *path*, locked, None if it cannot be had."""
    flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | (os.O_CREAT if create else 0)
    while True:
        try:
            descriptor = os.open(path, flags, 0o600)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        if _is_at(descriptor, path):
            return descriptor
        # Whoever held it has removed it since it was opened.
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _lines(descriptor: int) -> Iterator[dict[str, Any]]:
    """Yield the lines up to the first that is torn."""
    for line in os.pread(descriptor, _LONGEST, 0).split(b"\n"):
        try:
            entry = json.loads(line)
        except ValueError:
            return
        if not isinstance(entry, dict):
            return
        yield entry
