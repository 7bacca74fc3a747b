"""What a store can do, found out once for each endpoint and remembered.

What becomes known is a line in the log of the logger ``s3open``; what makes s3open less
safe is warned of, too. AWS can do it all.

Conditions: AWS honours them on every verb. Of other stores some ignore them on some
verbs (moto 5.2: If-Match on CompleteMultipartUpload and on UploadPartCopy; Ceph 16.2:
both conditions on CompleteMultipartUpload; these two all on CopyObject and deletions;
``rclone serve s3``: all everywhere), and some want the ETag without its quotes (Ceph
16.2 on PutObject). So the first conditional write is sent with a condition that cannot
hold before it is sent with the real one.

Checksums: every body is sent with its CRC64NVME, in a header and not in a trailer,
which fewer stores understand. One that refuses it is sent the same without.

Copies, tags and ranges: stores exist that take a request for a part of an object for
one of all of it.
"""

from __future__ import annotations

import enum
import re
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from s3open import errors
from s3open.contract import Condition
from s3open.s3 import retry
from s3open.s3.told import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.contract import ObjectInfo
    from s3open.location import Location
    from s3open.s3.verbs import Verbs

_Result = TypeVar("_Result")
_Write = TypeVar("_Write", bound="Callable[..., object]")

_AWS = re.compile(r"https?://([^/]*\.)?amazonaws\.com(\.cn)?(:\d+)?/?")
# How stores are named that nobody listens in to.
_SAFE = re.compile(r"https:.*|http://(localhost|127\.[0-9.]+|\[::1\])(:\d+)?(/.*)?")
COPY = "UploadPartCopy"
COPY_WHOLE = "CopyObject"
DELETE = "DeleteObject"
DELETE_MANY = "DeleteObjects"
TAGS = "GetObjectTagging"
TAGGED = "tags of copies and of uploads in parts"
CHECKSUMS = "checksums"
RANGES = "ranges"
_BOGUS = Condition(etag='"s3open-verify"')


class Honours(enum.Enum):
    """What becomes of a condition; the value is for the log."""

    YES = "honours conditions on"
    UNQUOTED = "wants ETags without their quotes in conditions on"
    NO = "ignores conditions on"
    HAS = "knows"
    """What has no conditions, or whose are not the question."""
    LACKS = "does not know"
    """Neither the verb, or whatever it is, nor its conditions."""


_GAP = (
    "ignores conditions on {}: it is looked at just before each write, and another "
    "writer may still come in between"
)
# What is less safe, or slower. A copy that is made without a condition is not: it can
# be looked at before and after.
_WEAKNESSES = {
    (Honours.NO, "PutObject"): _GAP,
    (Honours.NO, "CompleteMultipartUpload"): _GAP,
    (Honours.NO, COPY_WHOLE): _GAP,
    (Honours.NO, DELETE): _GAP,
    (Honours.NO, DELETE_MANY): _GAP,
    (Honours.LACKS, CHECKSUMS): "refuses checksums: what is sent to it is not verified",
    (
        Honours.LACKS,
        RANGES,
    ): "ignores ranges: all reading begins at the start",
}
_PLAIN = (
    "is reached without TLS: whoever is on the way can read what is sent and received"
)

# By endpoint and verb.
_known: dict[tuple[str, str], Honours] = {}
# By endpoint and text: each is warned of once.
_warned: set[tuple[str, str]] = set()


def is_aws(endpoint: str) -> bool:
    """Whether *endpoint* is AWS's own."""
    return _AWS.fullmatch(endpoint) is not None


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
        if not (quoted and error.status == 412) or is_aws(verbs.endpoint):
            raise
        if error.ambiguous or not holds(condition, _there(verbs, at)):
            raise
        result = send(_unquoted(condition))
        remember(verbs.endpoint, verb, Honours.UNQUOTED)
        return result


def honours(endpoint: str, verb: str) -> Honours | None:
    """Return what is known of *verb* at *endpoint*, None if nothing is."""
    if is_aws(endpoint):
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
    known = _known.get((endpoint, verb))
    _known[endpoint, verb] = found
    if known is found:
        return found
    _log(f"the store at {_shown(endpoint)} {found.value} {verb}")
    warning = _WEAKNESSES.get((found, verb))
    if warning is not None:
        _warn(endpoint, warning.format(verb))
    return found


def takes_checksums(endpoint: str) -> bool:
    """Whether checksums are to be sent there, for all that is known."""
    return honours(endpoint, CHECKSUMS) is not Honours.LACKS


def checksummed(write: _Write) -> _Write:
    """Make *write*, a verb that sends checksums, do without where they are refused.

    The store is sent the same again without: if that works, it was that.
    """

    @wraps(write)
    def written(self: Any, *given: Any, **more: Any) -> Any:
        endpoint = self.endpoint
        if honours(endpoint, CHECKSUMS) is not None or not self._checksums:
            return write(self, *given, **more)
        try:
            result = write(self, *given, **more)
        except errors.S3Error as error:
            # What was damaged on its way is no argument that is wrong.
            if not (error.status == 501 or isinstance(error, ValueError)):
                raise
            _known[endpoint, CHECKSUMS] = Honours.LACKS
            try:
                result = write(self, *given, **more)
            finally:
                _known.pop((endpoint, CHECKSUMS), None)
            remember(endpoint, CHECKSUMS, Honours.LACKS)
        else:
            # A store may begin an upload and not look what its parts will have.
            if not isinstance(result, str):
                remember(endpoint, CHECKSUMS, Honours.HAS)
        return result

    return cast("_Write", written)


def watch_range(endpoint: str, asked: range, came: range) -> None:
    """Note, if more *came* than was *asked* for, that the store ignores ranges."""
    more = came.start < asked.start or came.stop > asked.stop
    if more and honours(endpoint, RANGES) is None:
        remember(endpoint, RANGES, Honours.LACKS)


def warn_if_plain(endpoint: str) -> None:
    """Warn, once, of a store elsewhere that is reached without TLS."""
    if not _SAFE.fullmatch(endpoint):
        _warn(endpoint, _PLAIN)


def _warn(endpoint: str, text: str) -> None:
    """Warn of what makes an endpoint weaker, once."""
    if (endpoint, text) not in _warned:
        _warned.add((endpoint, text))
        message = f"the store at {_shown(endpoint)} {text}"
        errors.warn(message, errors.WeakStoreWarning)


def _shown(endpoint: str) -> str:
    """Return *endpoint* without the password that somebody has put into it."""
    scheme, slashes, rest = endpoint.partition("://")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}"


def _log(message: str) -> None:
    """Write a line for those who listen."""
    log = logger()
    if log is not None:
        log.info(message)
