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
    for failures in range(1, retry.TRIES + 1):
        try:
            verbs.put_object(at, body, marked, condition)
            return
        except errors.S3Error as error:
            if error.status in (409, 412):
                there = _look(verbs, at)
                if there is not None and there.metadata.get(TOKEN) == token:
                    return
                if there is not None:
                    raise errors.S3FileExistsError.at(at.uri) from error
            elif not error.retryable:
                raise
            if failures == retry.TRIES:
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
            ambiguous = ambiguous or error.ambiguous
            gone = error.code == "NoSuchUpload" or not _exists(verbs, at, upload, error)
            # Gone without an answer that could have been lost: somebody aborted it.
            if gone and ambiguous:
                return
            if error.status == 412 and not gone:
                raise errors.S3FileExistsError.at(at.uri) from error
            if gone or failures == retry.TRIES:
                raise
            if not (error.retryable or error.status == 409):
                raise
            retry.pause(failures)


def _exists(verbs: Verbs, at: Location, upload: str, error: errors.S3Error) -> bool:
    """Whether *upload* still exists, where *error* leaves that open."""
    if error.ambiguous or error.status in (409, 412):
        return verbs.upload_exists(at, upload)
    return True


def _look(verbs: Verbs, at: Location) -> ObjectInfo | None:
    try:
        return verbs.head_object(at)
    except FileNotFoundError:
        return None
