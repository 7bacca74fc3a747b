"""Conditional requests: what must hold of the object for a request to be done.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from s3open.testing.errors import RefusalError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.testing.store import StoredObject


def require_for_read(headers: Mapping[str, str], item: StoredObject) -> bool:
    """Return False when the reader has it already (304); refused when it must not.

    ETags go before dates, as S3 documents: a matching If-Match makes up for a failing
    If-Unmodified-Since, a failing If-None-Match for If-Modified-Since.
    """
    _require_unchanged(headers, item, "")
    return not _already_known(headers, item, "")


def require_for_copy(headers: Mapping[str, str], source: StoredObject) -> None:
    """Refuse to copy from a source that is not as the client says."""
    prefix = "x-amz-copy-source-"
    _require_unchanged(headers, source, prefix)
    if _already_known(headers, source, prefix):
        raise _failed("x-amz-copy-source-If-None-Match")


def require_for_write(
    headers: Mapping[str, str], current: StoredObject | None, key: str
) -> None:
    """Refuse to replace *current*; to be asked at the moment of publication."""
    none_match = headers.get("if-none-match")
    if none_match is not None:
        if none_match != "*":
            raise _unsupported("If-None-Match")
        if current is not None:
            raise _failed("If-None-Match")
    match = headers.get("if-match")
    if match is not None:
        if match == "*":
            raise _unsupported("If-Match")
        if current is None:
            raise RefusalError("NoSuchKey", elements={"Key": key})
        if not _matches(match, current):
            raise _failed("If-Match")


def require_for_delete(
    wanted: str | None, newest: StoredObject | None, key: str
) -> None:
    """Refuse to delete what is not as the client says.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
    """
    if wanted is None:
        return
    if newest is None:
        raise RefusalError("NoSuchKey", elements={"Key": key})
    if newest.delete_marker or not _matches(wanted, newest):
        raise _failed("If-Match")


def _require_unchanged(
    headers: Mapping[str, str], item: StoredObject, prefix: str
) -> None:
    match = headers.get(f"{prefix}if-match")
    if match is not None:
        if not _matches(match, item):
            raise _failed("If-Match")
        return
    since = _date(headers.get(f"{prefix}if-unmodified-since"))
    if since is not None and int(item.modified) > since:
        raise _failed("If-Unmodified-Since")


def _already_known(headers: Mapping[str, str], item: StoredObject, prefix: str) -> bool:
    none_match = headers.get(f"{prefix}if-none-match")
    if none_match is not None:
        return _matches(none_match, item)
    since = _date(headers.get(f"{prefix}if-modified-since"))
    return since is not None and int(item.modified) <= since


def _matches(wanted: str, item: StoredObject) -> bool:
    """Compare ETags; clients send them with quotes and without."""
    if wanted.strip() == "*":
        return True
    return item.etag in {one.strip().strip('"') for one in wanted.split(",")}


def _date(text: str | None) -> float | None:
    """Return the moment a header names; a date nobody can read is no condition."""
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None


def _failed(condition: str) -> RefusalError:
    return RefusalError("PreconditionFailed", elements={"Condition": condition})


def _unsupported(header: str) -> RefusalError:
    return RefusalError(
        "NotImplemented",
        elements={"Header": header, "additionalMessage": f"unsupported {header} value"},
    )
