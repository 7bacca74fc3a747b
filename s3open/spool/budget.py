"""What the files of this process keep in memory, all together.

Each may have what its configuration says, as long as there is as much; who comes later
has little, but always enough to go on. So nobody waits for anybody.
"""

from __future__ import annotations

import os
import threading

# As many blocks as this everybody has, whatever the others have.
LEAST = 16

_lock = threading.Lock()
_taken = 0


def take(wanted: int, total: int) -> int:
    """Return how many of *wanted* blocks one may have, of *total* for all; `give` back.

    Thread-safe.
    """
    global _taken
    with _lock:
        granted = max(min(wanted, total - _taken), min(wanted, LEAST))
        _taken += granted
    return granted


def give(granted: int) -> None:
    """Give back what was taken. Thread-safe."""
    global _taken
    with _lock:
        _taken -= granted


def _renew_lock() -> None:
    """Forget who holds the lock: a forked child lacks the thread."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
