"""When to try again: exponential backoff with full jitter.

https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

from s3open import errors

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")

# As many as botocore's.
TRIES = 5

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 5.0


def pause(failures: int) -> None:
    """Sleep before the next try, *failures* (from 1) having failed in a row."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**failures)
    time.sleep(random.uniform(0, longest))


def repeated(request: Callable[[], _Result]) -> _Result:
    """Return what *request* returns, tried again while its errors are `retryable`.

    It has to be one that may be carried out twice.
    """
    for failures in range(1, TRIES):
        try:
            return request()
        except errors.S3Error as error:
            if not error.retryable:
                raise
        pause(failures)
    return request()
