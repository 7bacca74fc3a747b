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
from s3open.s3 import retry, sums
from s3open.s3.endpoint import check, conditionally, holds
from s3open.s3.tokens import TOKEN, TOKEN_BYTES, room_in, tokens_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s3open.contract import Attributes, Condition, ObjectInfo, Part, Pieces
    from s3open.location import Location
    from s3open.s3.verbs import Verbs


def put(
    verbs: Verbs,
    at: Location,
    body: Pieces,
    attributes: Attributes,
    condition: Condition,
) -> ObjectInfo:
    """Write an object of one request, exactly if *condition* holds.

    Return what the store says of it; where the answer was lost, what is there now.
    Raises FileExistsError, or ObjectChangedError, if it does not hold. A token in the
    metadata of *attributes* is kept beside the new one.
    """

    def write(marked: Attributes, sent: Condition) -> ObjectInfo:
        return verbs.put_object(at, body, marked, sent)

    if not condition:
        return retry.repeated(lambda: write(attributes, condition), verbs.patience)
    return marked(verbs, at, "PutObject", attributes, condition, write)


def marked(
    verbs: Verbs,
    at: Location,
    verb: str,
    attributes: Attributes,
    condition: Condition,
    write: Callable[[Attributes, Condition], ObjectInfo],
) -> ObjectInfo:
    """Have *write* make an object, by *verb*, exactly if *condition* holds.

    It is given *attributes* with a token among the metadata, and what to send for the
    condition. Returns, and raises, what `put` does.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    before = tokens_in(attributes.metadata)
    tokens = " ".join([*before, token][-room_in(attributes.metadata) :])
    metadata = {**attributes.metadata, TOKEN: tokens}
    with_token = replace(attributes, metadata=metadata)
    ambiguous = False
    tries = retry.Tries(verbs.patience)
    while True:
        try:
            return conditionally(
                verbs, at, verb, condition, lambda sent: write(with_token, sent)
            )
        except errors.S3Error as error:
            ambiguous = error.ambiguous = _may_be_done(error, before=ambiguous)
            refused = _refused(error, condition)
            last = tries.failed(error) or not (refused or error.retryable)
            if error.status == 409 or ambiguous:
                # At once: the more others write meanwhile, the less can be told.
                found, there = _glimpse(verbs, at)
                if found and _is_ours(there, token, before if ambiguous else None, at):
                    assert there is not None
                    return there
                if found:
                    refused = not holds(condition, there)
                elif refused:
                    raise
            if refused:
                raise _violated(condition, at) from error
            if last:
                raise
            tries.pause()


def complete(
    verbs: Verbs,
    at: Location,
    upload: str,
    parts: Sequence[Part],
    condition: Condition,
) -> ObjectInfo:
    """Publish an upload in parts, exactly if *condition* holds.

    Return what the store says of it; where the answer was lost, what is there now.
    Raises FileExistsError, or ObjectChangedError, if it does not hold.
    """
    ambiguous = False
    tries = retry.Tries(verbs.patience)
    while True:
        try:
            return _complete(verbs, at, upload, parts, condition)
        except errors.S3Error as error:
            ambiguous = error.ambiguous = _may_be_done(error, before=ambiguous)
            gone = error.code == "NoSuchUpload"
            refused = not gone and _refused(error, condition)
            last = tries.failed(error) or not (refused or error.retryable)
            if ambiguous and not gone and (last or refused):
                gone = not _exists(verbs, at, upload, error)
            # Gone without an answer that could have been lost, or with nothing there:
            # somebody aborted it.
            if gone and ambiguous:
                there = _look(verbs, at, error)
                if there is not None:
                    return there
            if refused and not gone and error.status != 409:
                raise _violated(condition, at) from error
            if gone or last:
                raise
            tries.pause()


def require(verbs: Verbs, at: Location, condition: Condition) -> None:
    """Raise early what `complete` would raise in the end, if that can be found out."""
    if not condition:
        return
    try:
        check(verbs, at, condition)
    except PermissionError:
        return
    except errors.S3Error as error:
        if error.status != 412:
            raise
        raise _violated(condition, at) from error


def _may_be_done(error: errors.S3Error, *, before: bool) -> bool:
    """Whether this request, or one *before*, may have been carried out.

    Raises *error* if it says that it has, but with other bytes.
    """
    if isinstance(error, errors.IntegrityError) and not error.retryable:
        raise error
    return before or error.ambiguous


def _is_ours(
    there: ObjectInfo | None, token: str, before: Sequence[str] | None, at: Location
) -> bool:
    """Whether what is *there* bears *token*, or came behind something that did.

    Raises S3Error where that cannot be told any more: *before* are the tokens that ours
    came behind, if it may have come at all.
    """
    if there is not None and token in tokens_in(there.metadata):
        return True
    if before is not None and _rolled_over(before, there):
        raise _undecidable(at)
    return False


def _rolled_over(before: Sequence[str], there: ObjectInfo | None) -> bool:
    """Whether a token that came right behind *before* may have been pushed out again.

    What is left of *before* says that nothing behind it was.
    """
    after = tokens_in(there.metadata) if there is not None else []
    full = there is not None and len(after) >= room_in(there.metadata)
    return full and not (before and before[-1] in after)


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
) -> ObjectInfo:
    told = sums.of_whole(parts)

    def send(sent: Condition) -> ObjectInfo:
        return verbs.complete_multipart_upload(at, upload, parts, sent, settings=told)

    if condition:
        return conditionally(verbs, at, "CompleteMultipartUpload", condition, send)
    return send(condition)


def _violated(condition: Condition, at: Location) -> errors.S3Error:
    if condition.absent:
        return errors.S3FileExistsError.at(at.uri)
    return errors.ObjectChangedError.at(
        at.uri, "the object was replaced or deleted since it was looked at"
    )


def _glimpse(verbs: Verbs, at: Location) -> tuple[bool, ObjectInfo | None]:
    """Return whether it can be found out what is there, and what it is."""
    try:
        return True, retry.repeated(lambda: verbs.head_object(at), verbs.patience)
    except FileNotFoundError:
        return True, None
    except errors.S3Error:
        return False, None


def _look(verbs: Verbs, at: Location, error: errors.S3Error) -> ObjectInfo | None:
    """Return what is there; raise *error* where that cannot be found out."""
    try:
        return retry.repeated(lambda: verbs.head_object(at), verbs.patience)
    except FileNotFoundError:
        return None
    except errors.S3Error as denied:
        raise error from denied


def _exists(verbs: Verbs, at: Location, upload: str, error: errors.S3Error) -> bool:
    """Whether *upload* still exists; raise *error* where that cannot be found out."""
    try:
        return retry.repeated(lambda: verbs.upload_exists(at, upload), verbs.patience)
    except errors.S3Error as denied:
        raise error from denied
