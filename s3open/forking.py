"""Modules that are imported late, by whichever thread needs them first.

A process forked in the middle of an import by another thread has the module's lock
held for ever: whoever imports it there waits for a thread that the child lacks.
"""

from __future__ import annotations

import os
import threading

# Hold it while importing late: a fork waits until the import is done. The thread that
# imports may fork itself.
unforked = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=unforked.acquire,
        after_in_parent=unforked.release,
        after_in_child=unforked.release,
    )
