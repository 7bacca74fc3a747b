"""What keeps a version of an object from being deleted: rules, no requests.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

from s3open.testing.documents import parse
from s3open.testing.errors import RefusalError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

    from s3open.testing.store import Bucket, StoredObject

MODES: Final = frozenset({"GOVERNANCE", "COMPLIANCE"})
_PREFIX: Final = "x-amz-object-lock-"
_HOLD: Final = f"{_PREFIX}legal-hold"
_MODE: Final = f"{_PREFIX}mode"
_UNTIL: Final = f"{_PREFIX}retain-until-date"
HEADERS: Final = frozenset({_HOLD, _MODE, _UNTIL})
_DAY: Final = 24 * 60 * 60


def require_lockable(bucket: Bucket, headers: Mapping[str, str]) -> None:
    """Refuse locks in a bucket that has none."""
    if not HEADERS.isdisjoint(headers):
        require_lock(bucket)


def require_lock(bucket: Bucket) -> None:
    """Refuse what only a bucket with object lock can do."""
    if not bucket.lock:
        raise RefusalError(
            "InvalidRequest", "Bucket is missing Object Lock Configuration"
        )


def keep(bucket: Bucket, item: StoredObject) -> None:
    """Lock a new *item* as it was described, or else as its bucket says."""
    about = item.about.headers
    require_lockable(bucket, about)
    left = {name: value for name, value in about.items() if name not in HEADERS}
    item.about = replace(item.about, headers=left)
    if _HOLD in about:
        item.hold = about[_HOLD] == "ON"
    if _MODE in about or _UNTIL in about:
        item.retention = retention(about.get(_MODE), about.get(_UNTIL))
    elif bucket.lock:
        item.retention = _default(bucket)


def retention(mode: str | None, until: str | None) -> tuple[str, float]:
    """Return how long and in which mode; refused if that cannot be."""
    try:
        moment = datetime.fromisoformat((until or "").replace("Z", "+00:00"))
    except ValueError:
        raise RefusalError("MalformedXML") from None
    if mode not in MODES:
        raise RefusalError("MalformedXML")
    if moment.timestamp() <= time.time():
        raise RefusalError(
            "InvalidArgument", "The retain until date must be in the future!"
        )
    return mode, moment.timestamp()


def _default(bucket: Bucket) -> tuple[str, float] | None:
    """Return what the bucket's configuration says of all that is new in it."""
    text = bucket.settings.get("object-lock")
    rule = parse(text).find("Rule/DefaultRetention") if text else None
    if rule is None:
        return None
    days = _number(rule, "Days") + 365 * _number(rule, "Years")
    return rule.findtext("Mode") or "GOVERNANCE", time.time() + days * _DAY


def _number(rule: Element, name: str) -> int:
    return int(rule.findtext(name) or 0)


def headers_of(item: StoredObject) -> dict[str, str]:
    """Return the headers that tell of the locks on *item*."""
    headers = {}
    if item.hold is not None:
        headers[_HOLD] = "ON" if item.hold else "OFF"
    if item.retention is not None:
        mode, until = item.retention
        headers |= {_MODE: mode, _UNTIL: moment(until)}
    return headers


def moment(seconds: float) -> str:
    """Return a time as documents and headers have it."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def require_changeable(
    item: StoredObject, wanted: tuple[str, float] | None, *, bypass: bool
) -> None:
    """Refuse to have *wanted* in place of the retention that *item* has."""
    if item.retention is None or not _is_kept(item):
        return
    mode, until = item.retention
    longer = wanted is not None and wanted[0] == mode and wanted[1] >= until
    if not longer and not (bypass and mode == "GOVERNANCE"):
        raise _protected()


def require_removable(item: StoredObject, *, bypass: bool) -> None:
    """Refuse to delete a version that something keeps."""
    mode = item.retention[0] if item.retention is not None else None
    bypassed = bypass and mode == "GOVERNANCE"
    if item.hold or (_is_kept(item) and not bypassed):
        raise _protected()


def _is_kept(item: StoredObject) -> bool:
    return item.retention is not None and bool(item.retention[1] > time.time())


def _protected() -> RefusalError:
    return RefusalError(
        "AccessDenied", "Access Denied because object protected by object lock."
    )


def bypasses(headers: Mapping[str, str]) -> bool:
    """Whether a request says that it may do what governance mode forbids."""
    return headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
