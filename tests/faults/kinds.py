"""Every way in which one request may go wrong, and what may come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import s3open
from tests.faults.operations import BUCKET, remove, stored

# Whoever stands between answers like this, with a 200.
_PORTAL = b"<html><head><title>Hotel</title></head><body>Log in</body></html>"
OTHER = b"somebody else's\n" * 1000

# Longer than any test waits; the server forgets it with the connection.
_FOR_EVER = 3600.0
# Within the answers that are documents, and within objects.
_EARLY, _LATE = 60, 3000


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes:
        does: what it does, as `Fault` has it.
        heals: once in a while, nobody is to notice.
        errors: what may be raised else.
        changes: what the object becomes at that moment, None if it is left alone.
        lasts: it is tried for good, too. (Bodies that always break off go on, a few
            bytes at a time.)
        damages: bits are changed on their way down: only checksums notice.
        stalls: somebody has to lose patience.
    """

    does: dict[str, Any]
    heals: bool = True
    errors: tuple[type[Exception], ...] = (OSError,)
    changes: Callable[[Any], object] | None = None
    changed: bytes | None = None
    lasts: bool = False
    damages: bool = False
    stalls: bool = False


def _replace(server: Any) -> None:
    remove(server)
    server._publish(BUCKET, stored(OTHER))


_REFUSED = {
    403: (PermissionError,),
    # A store that shows nothing, and has something all the same.
    404: (FileNotFoundError, s3open.ObjectChangedError, FileExistsError),
    409: (s3open.S3Error,),
    412: (s3open.ObjectChangedError, FileExistsError, s3open.PreconditionFailedError),
}

# What is tried of every variant of an operation, too.
CORE = ["reset before", "reset in the answer", "answer lost", "truncated late", "500"]
CORE += ["wrong body", "damaged on the way up", "replaced", "deleted", "403", "412"]

KINDS = {
    "reset before": Kind({"drop": "before"}, lasts=True),
    "reset in the request": Kind({"cut_request": 1000}),
    "reset in the head": Kind({"cut_head": 40}),
    "reset in the answer": Kind({"cut": _EARLY, "reset": True}),
    "reset late in the answer": Kind({"cut": _LATE, "reset": True}),
    "answer lost": Kind({"drop": "after"}, lasts=True),
    "no answer but its head": Kind({"cut": 0}, lasts=True),
    "truncated": Kind({"cut": _EARLY}),
    "truncated late": Kind({"cut": _LATE}),
    "stalled": Kind({"stall": _FOR_EVER}, stalls=True),
    "stalled in the answer": Kind(
        {"stall": _FOR_EVER, "stall_after": _EARLY}, stalls=True
    ),
    "500": Kind({"status": 500}, lasts=True),
    "502": Kind({"status": 502, "code": "BadGateway"}),
    "503": Kind({"status": 503}, lasts=True),
    "429": Kind({"status": 429}),
    "request timeout": Kind({"code": "RequestTimeout"}),
    "error in a 200": Kind({"error_in_200": "InternalError"}),
    "slow down in a 200": Kind({"error_in_200": "SlowDown"}),
    "wrong body": Kind({"body": _PORTAL}, lasts=True),
    "empty body": Kind({"body": b""}),
    "damaged on the way up": Kind({"flip_request": 70}, lasts=True),
    "damaged on the way down": Kind({"flip": _EARLY}, heals=False, damages=True),
    "damaged late": Kind({"flip": _LATE}, heals=False, damages=True),
    "replaced": Kind(
        {"before": _replace}, heals=False, changes=_replace, changed=OTHER
    ),
    "deleted": Kind({"before": remove}, heals=False, changes=remove),
    **{
        str(status): Kind({"status": status}, heals=False, errors=errors, lasts=True)
        for status, errors in _REFUSED.items()
    },
}
