"""Writes whose answer may get lost, and how they know their own success again.

A request that is repeated after a lost answer meets its own result: 412, or an upload
that is gone. Neither ETag nor size nor content tells whose the object is, for two
writers may write the same. A token in the object's metadata does, and so does the id of
a multipart upload.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from s3open import errors
from s3open.s3 import retry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s3open.contract import Attributes, Condition, ObjectInfo
    from s3open.location import Location
    from s3open.s3.verbs import Verbs

# User metadata, hidden from users.
TOKEN = "s3open-write"

# The condition does not hold; or something else is going on at the same moment.
_REFUSED = (412, 409)


def put(
    verbs: Verbs,
    at: Location,
    body: bytes,
    attributes: Attributes,
    condition: Condition,
) -> None:
    """Write an object of one request, exactly if *condition* holds.

    Raises FileExistsError if it does not hold.
    """
    if not condition:
        retry.repeated(lambda: verbs.put_object(at, body, attributes, condition))
        return
    token = secrets.token_hex(8)
    marked = replace(attributes, metadata={**attributes.metadata, TOKEN: token})
    ambiguous = False
    for failures in range(1, retry.TRIES + 1):
        try:
            verbs.put_object(at, body, marked, condition)
            return
        except errors.S3Error as error:
            ambiguous = error.ambiguous = ambiguous or error.ambiguous
            refused = error.status in _REFUSED
            last = failures == retry.TRIES or not (refused or error.retryable)
            if error.status == 409 or (ambiguous and (refused or last)):
                there = _look(verbs, at, error)
                if there is not None and there.metadata.get(TOKEN) == token:
                    return
                refused = refused and there is not None
            if refused:
                raise errors.S3FileExistsError.at(at.uri) from error
            if last:
                raise
            retry.pause(failures)


def complete(
    verbs: Verbs,
    at: Location,
    upload: str,
    etags: Sequence[str],
    condition: Condition,
) -> None:
    """Publish an upload in parts, exactly if *condition* holds.

    Raises FileExistsError if it does not hold.
    """
    ambiguous = False
    for failures in range(1, retry.TRIES + 1):
        try:
            verbs.complete_multipart_upload(at, upload, etags, condition)
            return
        except errors.S3Error as error:
            ambiguous = error.ambiguous = ambiguous or error.ambiguous
            last = failures == retry.TRIES or not (
                error.status in _REFUSED or error.retryable
            )
            gone = error.code == "NoSuchUpload"
            if ambiguous and not gone and (last or error.status in _REFUSED):
                gone = not _exists(verbs, at, upload, error)
            # Gone without an answer that could have been lost, or with nothing there:
            # somebody aborted it.
            if gone and ambiguous and _look(verbs, at, error) is not None:
                return
            if error.status == 412 and not gone:
                raise errors.S3FileExistsError.at(at.uri) from error
            if gone or last:
                raise
            retry.pause(failures)


def _look(verbs: Verbs, at: Location, error: errors.S3Error) -> ObjectInfo | None:
    """Return what is there; raise *error* where that cannot be found out."""
    try:
        return verbs.head_object(at)
    except FileNotFoundError:
        return None
    except errors.S3Error as denied:
        raise error from denied


def _exists(verbs: Verbs, at: Location, upload: str, error: errors.S3Error) -> bool:
    """Whether *upload* still exists; raise *error* where that cannot be found out."""
    try:
        return verbs.upload_exists(at, upload)
    except errors.S3Error as denied:
        raise error from denied
