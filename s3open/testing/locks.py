"""What keeps objects from being deleted, and what brings them from the archive."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from s3open.testing import holding
from s3open.testing.documents import document, element, parse
from s3open.testing.errors import RefusalError
from s3open.testing.objects import ARCHIVED, require_readable
from s3open.testing.request import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing.request import Request
    from s3open.testing.state import State
    from s3open.testing.store import Bucket, StoredObject

# What `routing` has, too: the operations on buckets and objects, by method and
# subresource.
BUCKET: Final[dict[str, str]] = {}
OBJECT: Final[dict[str, str]] = {
    "GET legal-hold": "GetObjectLegalHold",
    "PUT legal-hold": "PutObjectLegalHold",
    "GET retention": "GetObjectRetention",
    "PUT retention": "PutObjectRetention",
    "POST restore": "RestoreObject",
}
_DAY: Final = 24 * 60 * 60
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_GlacierJobParameters.html
_TIERS: Final = frozenset({"Standard", "Bulk", "Expedited"})


def legal_hold(state: State, request: Request) -> Answer:
    item = _lockable(state, request)
    if item.hold is None:
        raise RefusalError("NoSuchObjectLockConfiguration")
    status = element("Status", "ON" if item.hold else "OFF")
    return Answer.of_document(document("LegalHold", [status]))


def put_legal_hold(state: State, request: Request) -> Answer:
    item = _lockable(state, request)
    status = parse(bytes(request.body.content)).findtext("Status")
    if status not in {"ON", "OFF"}:
        raise RefusalError("MalformedXML")
    item.hold = status == "ON"
    return Answer(200)


def retention(state: State, request: Request) -> Answer:
    item = _lockable(state, request)
    if item.retention is None:
        raise RefusalError("NoSuchObjectLockConfiguration")
    mode, until = item.retention
    inner = [element("Mode", mode), element("RetainUntilDate", holding.moment(until))]
    return Answer.of_document(document("Retention", inner))


def put_retention(state: State, request: Request) -> Answer:
    item = _lockable(state, request)
    tree = parse(bytes(request.body.content))
    wanted = None
    if len(tree):
        wanted = holding.retention(
            tree.findtext("Mode"), tree.findtext("RetainUntilDate")
        )
    bypass = holding.bypasses(request.headers)
    holding.require_changeable(item, wanted, bypass=bypass)
    item.retention = wanted
    return Answer(200)


def restore_object(state: State, request: Request) -> Answer:
    """Begin to restore a copy of what is archived, or keep one that is there longer.

    It is there when the test says so: `DirectAccess.finish_restores`.
    """
    _, item = _asked(state, request)
    tree = parse(bytes(request.body.content))
    days, tier = tree.findtext("Days"), tree.findtext("GlacierJobParameters/Tier")
    if not (days or "").isdecimal() or (tier or "Standard") not in _TIERS:
        raise RefusalError("MalformedXML")
    if item.storage_class not in ARCHIVED:
        raise RefusalError(
            "InvalidObjectState",
            "Restore is not allowed for the object's current storage class",
            elements={"StorageClass": item.storage_class},
        )
    if item.restoring is not None:
        raise RefusalError("RestoreAlreadyInProgress")
    if item.restored is not None and item.restored > time.time():
        item.restored = time.time() + int(days or 0) * _DAY
        return Answer(200)
    item.restoring = int(days or 0)
    return Answer(202)


def finish_restores(bucket: Bucket) -> int:
    """Have all copies be there that were asked for; return how many."""
    found = [item for item in bucket.all_versions() if item.restoring is not None]
    for item in found:
        item.restored = time.time() + (item.restoring or 0) * _DAY
        item.restoring = None
    return len(found)


def _asked(state: State, request: Request) -> tuple[Bucket, StoredObject]:
    bucket = state.store.bucket(request.bucket)
    version_id = request.query.get("versionId")
    return bucket, require_readable(bucket, request.key, version_id)


def _lockable(state: State, request: Request) -> StoredObject:
    bucket, item = _asked(state, request)
    holding.require_lock(bucket)
    return item


OPERATIONS: Final[dict[str, Callable[[State, Request], Answer]]] = {
    "GetObjectLegalHold": legal_hold,
    "GetObjectRetention": retention,
    "PutObjectLegalHold": put_legal_hold,
    "PutObjectRetention": put_retention,
    "RestoreObject": restore_object,
}
