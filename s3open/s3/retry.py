"""When to try again, and for how long: exponential backoff with full jitter.

Three kinds of failures are told apart. What passes by waiting (a store that asks to
slow down, or that had answered and is out of reach) is tried again until the deadline.
What may be there to stay (5xx, a connection that breaks, an answer that does not come)
is tried so many times. And a host that has never answered, whose name or port is wrong
most likely, is given up soon.
https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from s3open import errors, tracing
from s3open.config import ATTEMPTS, DEADLINE

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.config import Config

_Result = TypeVar("_Result")

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 5.0
_BRIEF = 10.0

# For a host that has never answered, some 0.4 s in all.
_UNREACHED = 4


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request is tried again; `Config` says what the two mean."""

    deadline: float = DEADLINE
    attempts: int = ATTEMPTS

    @classmethod
    def of(cls, config: Config) -> Patience:
        """Return what *config* asks for."""
        return cls(config.deadline, config.attempts)

    @property
    def brief(self) -> Patience:
        """For what is not worth waiting for: it is told, and the program goes on."""
        return Patience(min(self.deadline, _BRIEF), self.attempts)


DEFAULT = Patience()


class Tries:
    """The tries of one request, as far as *patience* goes. Not thread-safe.

    The deadline counts from the first failure: how long the request itself takes is
    bounded by the timeouts of its connection.
    """

    def __init__(self, patience: Patience = DEFAULT) -> None:
        self._patience = patience
        self._since = 0.0
        self._failures = 0
        self._failed: errors.S3Error | None = None

    def failed(self, error: errors.S3Error) -> bool:
        """Count a failure, and return whether that was the last try."""
        now = time.monotonic()
        if not self._failures:
            self._since = now
        self._failures += 1
        self._failed = error
        if now - self._since >= self._patience.deadline:
            return True
        limit = self._patience.attempts
        if error.unreachable:
            # Within a timeout the system has tried several times itself.
            late = isinstance(error, TimeoutError)
            return late or self._failures >= min(limit, _UNREACHED)
        return self._failures >= limit and not error.passing

    def pause(self) -> None:
        """Sleep before the next try."""
        if self._failed is not None:
            tracing.retried(self._failed.operation, str(self._failed.filename))
        pause(self._failures)


def pause(failures: int) -> None:
    """Sleep before the next try, *failures* (from 1) having failed in a row."""
    # Bounded: a store may be throttled for hours, and floats are not for ever.
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(failures, 16))
    time.sleep(random.uniform(0, longest))


def repeated(
    request: Callable[[], _Result],
    patience: Patience = DEFAULT,
    wanted: Callable[[], bool] | None = None,
) -> _Result:
    """Return what *request* returns, tried again while its errors are `retryable`.

    And while the result is *wanted*. It has to be one that may be carried out twice.
    """
    tries: Tries | None = None
    while True:
        try:
            return request()
        except errors.S3Error as error:
            if tries is None:
                tries = Tries(patience)
            if not error.retryable or tries.failed(error):
                raise
            tries.pause()
            if wanted is not None and not wanted():
                raise
