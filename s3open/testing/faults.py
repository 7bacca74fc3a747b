"""Misbehaviour to order, request by request."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from s3open.testing.errors import RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from s3open.testing.request import Request

_CODES: Final = {
    400: "RequestTimeout",
    403: "AccessDenied",
    404: "NoSuchKey",
    405: "MethodNotAllowed",
    409: "ConditionalRequestConflict",
    412: "PreconditionFailed",
    416: "InvalidRange",
    429: "TooManyRequests",
    500: "InternalError",
    501: "NotImplemented",
    503: "SlowDown",
}


@dataclass(frozen=True)
class Fault:
    """What is to go wrong, and with which requests.

    Which: those of *operation* and *key* (None: any), but for the first *skip* of
    them, each with *probability* (drawn from *seed*), *times* in all (None: always).

    What, and several at once where that makes sense:

    - *status* and *code* are answered in place of executing the request; one of them
      is enough. *error_in_200* is the code of an error document inside a 200, *body*
      is what somebody on the way says in a 200 of his own.
    - *drop* resets the connection ``before`` or ``after`` the request is executed,
      *cut_head* after so many bytes of the answer's head.
    - *cut* ends the answer's body after so many bytes, by closing the connection, or
      by resetting it with *reset*. *cut_request* closes it after so many bytes of the
      request's body.
    - *flip* and *flip_request* invert one bit at that offset of the answer's body, or
      of the request's, before it is verified.
    - *stall* waits so many seconds before the answer, or in the middle of its body
      after *stall_after* bytes. *delay* waits before the request is executed.
    - *ignore* names request headers the server does not know for once; ``checksum``
      stands for all that has to do with checksums.
    - *before* is called with the server just before the request is executed, in a
      thread of its own, so that it may even send requests.
    """

    operation: str | None = None
    key: str | None = None
    skip: int = 0
    times: int | None = 1
    probability: float = 1.0
    seed: int = 0
    status: int | None = None
    code: str | None = None
    error_in_200: str | None = None
    body: bytes | None = None
    drop: Literal["before", "after"] | None = None
    cut_head: int | None = None
    cut: int | None = None
    reset: bool = False
    cut_request: int | None = None
    flip: int | None = None
    flip_request: int | None = None
    stall: float = 0.0
    stall_after: int | None = None
    delay: float = 0.0
    ignore: Collection[str] = ()
    # The server, which cannot be named here: it is made of faults among other things.
    before: Callable[[Any], object] | None = None

    @property
    def spoils_body(self) -> bool:
        """Whether the answer's body has to be sent with an eye on its offsets."""
        return not (self.cut is None and self.flip is None and self.stall_after is None)

    @property
    def marks(self) -> list[int]:
        """The offsets of the answer's body at which something happens."""
        after_flip = None if self.flip is None else self.flip + 1
        marks = {self.cut, self.stall_after, self.flip, after_flip}
        return sorted(mark for mark in marks if mark is not None)

    def matches(self, request: Request) -> bool:
        return self.operation in {None, request.operation} and self.key in {
            None,
            request.key,
        }

    def refuse(self) -> None:
        """Raise the error ordered in place of executing, if any."""
        if self.status is not None or self.code is not None:
            code = self.code or _CODES.get(self.status or 0, "InternalError")
            raise RefusalError(code, status=self.status)


NO_FAULT: Final = Fault()


class ArmedFault:
    """A fault in force; `remove` ends it, *fired* counts the requests it hit."""

    def __init__(self, faults: Faults, fault: Fault) -> None:
        self.fault = fault
        self.fired = 0
        self._seen = 0
        self._random = random.Random(fault.seed)
        self._faults = faults

    def remove(self) -> None:
        self._faults.disarm(self)

    def strikes(self, request: Request) -> bool:
        """Whether this request is to be hit, and count it."""
        fault = self.fault
        if fault.times is not None and self.fired >= fault.times:
            return False
        if not fault.matches(request):
            return False
        self._seen += 1
        if self._seen <= fault.skip or self._random.random() >= fault.probability:
            return False
        self.fired += 1
        return True


class Faults:
    """The faults in force, oldest first: a request is hit by one at most."""

    def __init__(self) -> None:
        self.fired = 0
        self._armed: list[ArmedFault] = []
        self._lock = threading.Lock()

    def arm(self, fault: Fault) -> ArmedFault:
        armed = ArmedFault(self, fault)
        with self._lock:
            self._armed.append(armed)
        return armed

    def disarm(self, armed: ArmedFault) -> None:
        with self._lock:
            if armed in self._armed:
                self._armed.remove(armed)

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()
            self.fired = 0

    def striking(self, request: Request) -> Fault:
        """Return the fault that hits *request*; one that does nothing if none does."""
        with self._lock:
            for armed in self._armed:
                if armed.strikes(request):
                    self.fired += 1
                    return armed.fault
        return NO_FAULT
