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
from s3open.s3.endpoint import conditionally, holds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s3open.contract import Attributes, Condition, ObjectInfo, Part, Pieces
    from s3open.location import Location
    from s3open.s3.verbs import Verbs

# User metadata, hidden from users.
TOKEN = "s3open-write"

# So many writers may come in between before one's own token is pushed out. Where it may
# have been, nobody can tell any more, and that is said.
_TOKENS = 50
_TOKEN_BYTES = 6  # 8 letters each
MAX_TOKENS_LENGTH = _TOKENS * 9 + len(TOKEN)


def put(
    verbs: Verbs,
    at: Location,
    body: Pieces,
    attributes: Attributes,
    condition: Condition,
) -> None:
    """Write an object of one request, exactly if *condition* holds.

    Raises FileExistsError, or ObjectChangedError, if it does not hold. A token in the
    metadata of *attributes* is kept beside the new one.
    """
    if not condition:
        retry.repeated(lambda: verbs.put_object(at, body, attributes, condition))
        return
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    before = attributes.metadata.get(TOKEN, "").split()
    tokens = " ".join([*before, token][-_TOKENS:])
    metadata = {**attributes.metadata, TOKEN: tokens}
    marked = replace(attributes, metadata=metadata)
    ambiguous = False
    for failures in range(1, retry.TRIES + 1):
        try:
            conditionally(
                verbs,
                at,
                "PutObject",
                condition,
                lambda sent: verbs.put_object(at, body, marked, sent),
            )
            return
        except errors.S3Error as error:
            ambiguous = error.ambiguous = ambiguous or error.ambiguous
            refused = _refused(error, condition)
            last = failures == retry.TRIES or not (refused or error.retryable)
            if error.status == 409 or (ambiguous and (refused or last)):
                there = _look(verbs, at, error)
                after = there.metadata.get(TOKEN, "").split() if there else []
                if token in after:
                    return
                if ambiguous and _rolled_over(before, after):
                    raise _undecidable(at) from error
                refused = refused and not holds(condition, there)
            if refused:
                raise _violated(condition, at) from error
            if last:
                raise
            # Where an answer was lost time counts: others write, and push tokens out.
            if error.status is not None or failures > 1:
                retry.pause(failures)


def complete(
    verbs: Verbs,
    at: Location,
    upload: str,
    parts: Sequence[Part],
    condition: Condition,
) -> None:
    """Publish an upload in parts, exactly if *condition* holds.

    Raises FileExistsError, or ObjectChangedError, if it does not hold.
    """
    ambiguous = False
    for failures in range(1, retry.TRIES + 1):
        try:
            _complete(verbs, at, upload, parts, condition)
            return
        except errors.S3Error as error:
            ambiguous = error.ambiguous = ambiguous or error.ambiguous
            gone = error.code == "NoSuchUpload"
            refused = not gone and _refused(error, condition)
            last = failures == retry.TRIES or not (refused or error.retryable)
            if ambiguous and not gone and (last or refused):
                gone = not _exists(verbs, at, upload, error)
            # Gone without an answer that could have been lost, or with nothing there:
            # somebody aborted it.
            if gone and ambiguous and _look(verbs, at, error) is not None:
                return
            if refused and not gone and error.status != 409:
                raise _violated(condition, at) from error
            if gone or last:
                raise
            retry.pause(failures)


def _rolled_over(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether a token that came right behind *before* may have been pushed out again.

    What is left of *before* says that nothing behind it was.
    """
    return len(after) >= _TOKENS and not (before and before[-1] in after)


def _undecidable(at: Location) -> errors.S3Error:
    error = errors.S3Error.at(
        at.uri, "an answer was lost, and others have written too often since to tell"
    )
    error.ambiguous = True
    return error


def _refused(error: errors.S3Error, condition: Condition) -> bool:
    """Whether *condition* did not hold, or (409) may not have held for a moment."""
    vanished = error.status == 404 and error.code != "NoSuchBucket"
    return error.status in (409, 412) or (vanished and condition.etag is not None)


def _complete(
    verbs: Verbs, at: Location, upload: str, parts: Sequence[Part], condition: Condition
) -> None:
    if not condition:
        verbs.complete_multipart_upload(at, upload, parts, condition)
        return
    conditionally(
        verbs,
        at,
        "CompleteMultipartUpload",
        condition,
        lambda sent: verbs.complete_multipart_upload(at, upload, parts, sent),
    )


def _violated(condition: Condition, at: Location) -> errors.S3Error:
    if condition.absent:
        return errors.S3FileExistsError.at(at.uri)
    return errors.ObjectChangedError.at(
        at.uri, "the object was replaced or deleted since it was opened"
    )


def _look(verbs: Verbs, at: Location, error: errors.S3Error) -> ObjectInfo | None:
    """Return what is there; raise *error* where that cannot be found out."""
    try:
        return retry.repeated(lambda: verbs.head_object(at))
    except FileNotFoundError:
        return None
    except errors.S3Error as denied:
        raise error from denied


def _exists(verbs: Verbs, at: Location, upload: str, error: errors.S3Error) -> bool:
    """Whether *upload* still exists; raise *error* where that cannot be found out."""
    try:
        return retry.repeated(lambda: verbs.upload_exists(at, upload))
    except errors.S3Error as denied:
        raise error from denied
