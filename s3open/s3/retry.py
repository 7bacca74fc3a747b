"""When to try again: exponential backoff with full jitter.

https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from __future__ import annotations

import random
import time

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 5.0


def pause(failures: int) -> None:
    """Sleep before the next try, *failures* (from 1) having failed in a row."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**failures)
    time.sleep(random.uniform(0, longest))
