"""Object lock: what keeps an object from being deleted, and until when.

Outside the data path, hence by boto3 itself.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from datetime import timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from s3open import errors
from s3open.s3 import retry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from s3open.location import Location
    from s3open.s3.boto import BotoVerbs

MODES = ("GOVERNANCE", "COMPLIANCE")
# Of an object that nothing keeps, in a bucket where something might; Ceph has another.
_NOT_LOCKED = ("NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError")


class Retention(NamedTuple):
    """Until when an object is kept, in UTC.

    *mode* is ``GOVERNANCE`` (some may shorten it) or ``COMPLIANCE`` (nobody can).
    """

    mode: str
    until: datetime


def legal_hold(verbs: BotoVerbs, at: Location, settings: Mapping[str, Any]) -> bool:
    """Whether a legal hold is on an object."""
    found = _asked(verbs, "get_object_legal_hold", at, settings)
    return bool(found.get("LegalHold", {}).get("Status") == "ON")


def set_legal_hold(
    verbs: BotoVerbs, at: Location, held: bool, settings: Mapping[str, Any]
) -> None:
    """Put a legal hold on an object, or take it away."""
    status = {"Status": "ON" if held else "OFF"}
    retry.repeated(
        lambda: verbs.ask_of_object(
            "put_object_legal_hold", at, settings, LegalHold=status
        ),
        verbs.patience,
    )


def retention(
    verbs: BotoVerbs, at: Location, settings: Mapping[str, Any]
) -> Retention | None:
    """Return until when an object is kept, and how."""
    found = _asked(verbs, "get_object_retention", at, settings).get("Retention", {})
    if not found.get("Mode") or not found.get("RetainUntilDate"):
        return None
    until = found["RetainUntilDate"].astimezone(timezone.utc)
    return Retention(found["Mode"], until)


def set_retention(
    verbs: BotoVerbs,
    at: Location,
    kept: Retention | None,
    settings: Mapping[str, Any],
) -> None:
    """Keep an object as *kept* says; None: no more."""
    told = {"Mode": kept.mode, "RetainUntilDate": kept.until} if kept else {}
    retry.repeated(
        lambda: verbs.ask_of_object(
            "put_object_retention", at, settings, Retention=told
        ),
        verbs.patience,
    )


def _asked(
    verbs: BotoVerbs, operation: str, at: Location, settings: Mapping[str, Any]
) -> Any:
    """Return the answer, an empty one for an object that was never locked."""
    try:
        return retry.repeated(
            lambda: verbs.ask_of_object(operation, at, settings), verbs.patience
        )
    except errors.S3Error as error:
        if error.code not in _NOT_LOCKED:
            raise
        return {}
