"""Open files in a forked child: their locks may be held by threads that it lacks."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Locked(Protocol):
    """What has a lock of its own."""

    def renew_lock(self) -> None:
        """Have a lock that nobody holds."""


_files: weakref.WeakSet[Locked] = weakref.WeakSet()


def watch(file: Locked) -> None:
    """Renew the lock of *file* in children, until it is gone."""
    _files.add(file)


def _renew_locks() -> None:
    for file in _files:
        file.renew_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)
