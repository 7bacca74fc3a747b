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
    """What is to go wrong, and with which requests. All that is not said is as usual.

    Which requests: those that fit, counted from when the fault is armed.

    | field | which requests |
    | --- | --- |
    | *operation* | of that S3 operation, such as ``"GetObject"``; None: any |
    | *key* | for that key; None: any |
    | *skip* | not the first so many that fit |
    | *times* | so many in all; None: always |
    | *probability* | each with that chance, drawn from *seed* |

    What goes wrong; several at once where that makes sense:

    | field | what a client meets |
    | --- | --- |
    | *status*, *code* | that answer in place of the operation; one of them is enough |
    | *error_in_200* | an error document of that code inside a 200 |
    | *body* | a 200 with these bytes, as of somebody on the way |
    | *drop* | a reset ``"before"`` or ``"after"`` the operation is executed |
    | *cut_head* | the end of the connection after so many bytes of the answer's head |
    | *cut* | the end after so many bytes of its body; with *reset* a reset |
    | *cut_request* | the end after so many bytes of the request's body |
    | *flip* | one bit that is wrong, at that offset of the answer's body |
    | *flip_request* | one of the request's body that was received wrong |
    | *stall* | so many seconds of silence before the answer |
    | *stall_after* | the same *stall*, but after so many bytes of the answer's body |
    | *delay* | so many seconds before the operation is executed |
    | *ignore* | a store that does not know these request headers (or ``"checksum"``) |
    | *before* | what this function has done to the store just before the operation |

    Seconds are floats, offsets count from 0. *before* is called with the server, in a
    thread of its own, so that it may even send requests.

        >>> fault = Fault("PutObject", status=503, times=2)
        >>> lost_answer = Fault("CompleteMultipartUpload", drop="after")
        >>> rewritten = Fault(
        ...     "GetObject", before=lambda server: server.put("b", "k", b"")
        ... )
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
    """A fault in force, from `S3Server.fault` or `S3Server.faulty`.

    *fault* is what was ordered, *fired* counts the requests that it has hit.
    """

    def __init__(self, faults: Faults, fault: Fault) -> None:
        self.fault = fault
        self.fired = 0
        self._seen = 0
        self._random = random.Random(fault.seed)
        self._faults = faults

    def remove(self) -> None:
        """End it; what it has begun with goes on."""
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
