"""What a store honours, found out once for each endpoint and verb.

AWS honours conditions on every verb. Of other stores some ignore them on some verbs
(moto 5.2: If-Match on CompleteMultipartUpload and on UploadPartCopy; Ceph 16.2: both
conditions on CompleteMultipartUpload), and some want the ETag without its quotes (Ceph
16.2 on PutObject). So the first conditional write is sent with a condition that cannot
hold before it is sent with the real one.
"""

from __future__ import annotations

import enum
import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from s3open import errors
from s3open.contract import Condition
from s3open.s3 import retry

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.contract import ObjectInfo
    from s3open.location import Location
    from s3open.s3.verbs import Verbs

_Result = TypeVar("_Result")

_AWS = re.compile(r"https?://([^/]*\.)?amazonaws\.com(\.cn)?(:\d+)?/?")
COPY = "UploadPartCopy"
_BOGUS = Condition(etag='"s3open-verify"')


class Honours(enum.Enum):
    """What becomes of a condition."""

    YES = enum.auto()
    UNQUOTED = enum.auto()
    NO = enum.auto()
    LACKS = enum.auto()
    """The store does not have the verb at all."""


# By endpoint and verb.
_known: dict[tuple[str, str], Honours] = {}


def conditionally(
    verbs: Verbs,
    at: Location,
    verb: str,
    condition: Condition,
    send: Callable[[Condition], _Result],
) -> _Result:
    """Have *send* write with *condition* in the way that this store understands.

    A store that ignores it is asked with a HEAD just before, which leaves a gap; that
    is warned of once. Raises an S3Error with status 412 if the condition does not hold,
    and whatever *send* raises. Thread-safe. Returns what *send* does.
    """
    known = honours(verbs.endpoint, verb)
    if known is None:
        try:
            check(verbs, at, condition)
        except PermissionError:
            # Who may only write cannot find out, and has to trust.
            return send(condition)
        try:
            result = send(_BOGUS)
        except errors.S3Error as error:
            if error.status not in (404, 412) or error.code == "NoSuchBucket":
                raise
            known = remember(verbs.endpoint, verb, Honours.YES)
        else:
            # It was exactly what is done from now on: looked at, then written.
            remember(verbs.endpoint, verb, Honours.NO)
            return result
    if known is Honours.NO:
        check(verbs, at, condition)
        return send(condition)
    if known is Honours.UNQUOTED:
        return send(_unquoted(condition))
    return _with_quotes_or_without(verbs, at, verb, condition, send)


def _with_quotes_or_without(
    verbs: Verbs,
    at: Location,
    verb: str,
    condition: Condition,
    send: Callable[[Condition], _Result],
) -> _Result:
    """Send with the condition as it is, and without quotes if a store wants it so."""
    try:
        return send(condition)
    except errors.S3Error as error:
        quoted = condition.etag is not None
        if not (quoted and error.status == 412) or _AWS.fullmatch(verbs.endpoint):
            raise
        if error.ambiguous or not holds(condition, _there(verbs, at)):
            raise
        result = send(_unquoted(condition))
        remember(verbs.endpoint, verb, Honours.UNQUOTED)
        return result


def honours(endpoint: str, verb: str) -> Honours | None:
    """Return what is known of *verb* at *endpoint*, None if nothing is."""
    if _AWS.fullmatch(endpoint):
        return Honours.YES
    return _known.get((endpoint, verb))


def holds(condition: Condition, there: ObjectInfo | None) -> bool:
    """Whether *condition* is true of what is *there*."""
    if condition.etag is not None:
        return there is not None and there.etag == condition.etag
    return not condition.absent or there is None


def check(verbs: Verbs, at: Location, condition: Condition) -> None:
    """Raise an S3Error with status 412 if *condition* does not hold now."""
    if not holds(condition, _there(verbs, at)):
        error = errors.ObjectChangedError.at(at.uri)
        error.status, error.code = 412, "PreconditionFailed"
        raise error


def _there(verbs: Verbs, at: Location) -> ObjectInfo | None:
    try:
        return retry.repeated(lambda: verbs.head_object(at), verbs.patience)
    except FileNotFoundError:
        return None


def _unquoted(condition: Condition) -> Condition:
    return replace(condition, etag=(condition.etag or "").strip('"') or None)


def remember(endpoint: str, verb: str, found: Honours) -> Honours:
    """Note what was found out, and warn if it makes writing less safe."""
    _known[endpoint, verb] = found
    # A copy can be looked at before and after: nothing gets lost.
    if found is Honours.NO and verb != COPY:
        errors.warn(
            f"the store at {endpoint} ignores conditions on {verb}: it is looked at "
            "just before each write, and another writer may still come in between",
            errors.WeakStoreWarning,
        )
    return found
