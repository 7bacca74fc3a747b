"""Deletions: one, or as many as there are, each of them told of.

What is gone already is deleted: whoever did it, that is what was wanted. So a deletion
whose answer was lost is simply asked for again, also one of an object with a certain
ETag: if the condition does not hold then, it is looked if anything is left.
"""

from __future__ import annotations

import re
from collections import deque
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from s3open import errors
from s3open.contract import Condition, Doomed
from s3open.location import Location
from s3open.s3 import endpoint, retry
from s3open.s3.endpoint import Honours, conditionally, honours
from s3open.s3.jobs import Job
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from s3open.s3.verbs import Verbs

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_MOST = 1000
# So many of these requests are under way at once: S3 slows down who deletes faster.
WIDTH = 4
# Letters that XML 1.0 has no way to say: such keys are deleted one by one.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def remove(
    verbs: Verbs,
    at: Location,
    etag: str | None = None,
    settings: Mapping[str, Any] = NO_SETTINGS,
) -> None:
    """Delete the object *at* a place; with *etag* only one that has it.

    Raises ObjectChangedError if there is another one. *settings* may have the
    ``VersionId`` that is to go, and the like.
    """

    def send(condition: Condition) -> None:
        given = {**settings, "IfMatch": condition.etag} if condition else settings
        retry.repeated(lambda: verbs.delete_object(at, settings=given), verbs.patience)

    try:
        if etag is None:
            send(Condition())
        else:
            condition = Condition(etag=etag)
            conditionally(verbs, at, endpoint.DELETE, condition, send)
    except errors.S3Error as error:
        if not _is_gone(verbs, at, error):
            raise


def remove_many(
    verbs: Verbs,
    at: Location,
    doomed: Iterable[Doomed],
    settings: Mapping[str, Any] = NO_SETTINGS,
    width: int = WIDTH,
) -> Iterator[tuple[Doomed, errors.S3Error | None]]:
    """Delete what is *doomed* in the bucket of *at*, and yield each with what became.

    That is None, or why it was not deleted. They come in their order, a thousand in one
    request, *width* of these under way at once; no more of them are taken from
    *doomed*. What it raises is raised when all is told that was asked for before.
    """
    batches = _batches(doomed)
    jobs: deque[tuple[list[Doomed], Job[dict[Doomed, errors.S3Error]]]] = deque()
    failure = None
    try:
        while True:
            batch = None
            try:
                batch = next(batches, None) if failure is None else None
            except Exception as error:
                failure = error
            if batch:
                jobs.append((batch, Job(partial(_removed, verbs, at, batch, settings))))
            if jobs and (not batch or len(jobs) >= width):
                told, job = jobs.popleft()
                refused = job.result()
                yield from ((one, refused.get(one)) for one in told)
            elif not batch:
                break
        if failure is not None:
            raise failure
    finally:
        # Whoever does not want the rest is not to have it deleted behind his back.
        for _, job in jobs:
            job.cancel()


def _batches(doomed: Iterable[Doomed]) -> Iterator[list[Doomed]]:
    left = iter(doomed)
    while batch := list(islice(left, _MOST)):
        yield batch


def _removed(
    verbs: Verbs, at: Location, batch: Sequence[Doomed], settings: Mapping[str, Any]
) -> dict[Doomed, errors.S3Error]:
    """Delete a *batch*, as often as it takes; return what was refused, and why."""
    refused: dict[Doomed, errors.S3Error] = {}
    left = list(dict.fromkeys(batch))
    tries = retry.Tries(verbs.patience)
    while left:
        found: Mapping[Doomed, errors.S3Error]
        try:
            found = _asked(verbs, at, left, settings)
        except errors.S3Error as error:
            found = {one: _of(one, at, error) for one in left}
        again = {one: error for one, error in found.items() if _may_pass(error)}
        refused |= {
            one: error
            for one, error in found.items()
            if one not in again and not _is_gone(verbs, _place(one, at), error)
        }
        if again and len(again) < len(left):
            # It gets on.
            tries = retry.Tries(verbs.patience)
        if again and tries.failed(next(iter(again.values()))):
            return {**refused, **again}
        left = list(again)
        if left:
            tries.pause()
    return refused


def _may_pass(error: errors.S3Error) -> bool:
    return error.retryable or error.status == 409


def _is_gone(verbs: Verbs, at: Location, error: errors.S3Error) -> bool:
    """Whether *error* comes of there being nothing to be deleted any more."""
    if error.status == 404:
        return error.code != "NoSuchBucket"
    if error.status != 412:
        return False
    try:
        retry.repeated(lambda: verbs.head_object(at), verbs.patience)
    except errors.S3Error as found:
        # Of what cannot be told the error stands.
        return found.status == 404
    return False


def _asked(
    verbs: Verbs, at: Location, batch: Sequence[Doomed], settings: Mapping[str, Any]
) -> dict[Doomed, errors.S3Error]:
    """Ask once for all of a *batch*; return what was refused."""
    refused: dict[Doomed, errors.S3Error] = {}
    spoken: list[Doomed] = []
    for one in batch:
        if _UNSPEAKABLE.search(one.key):
            refused |= _singly(verbs, at, one, settings)
        else:
            spoken.append(one)
    watched = [one for one in spoken if one.etag is not None]
    if watched and honours(verbs.endpoint, endpoint.DELETE_MANY) is None:
        # What this store makes of ETags is found out with the first one.
        first = watched.pop(0)
        refused |= _first(verbs, at, first, settings)
        spoken.remove(first)
    known = honours(verbs.endpoint, endpoint.DELETE_MANY)
    if known is Honours.NO:
        changed = _changed(verbs, at, watched)
        refused |= changed
        spoken = [one for one in spoken if one not in changed]
    as_sent = {_sent(one, known): one for one in spoken}
    if as_sent:
        found = verbs.delete_objects(at, list(as_sent), settings=settings)
        refused |= {as_sent[one]: error for one, error in found.items()}
    return refused


def _first(
    verbs: Verbs, at: Location, one: Doomed, settings: Mapping[str, Any]
) -> dict[Doomed, errors.S3Error]:
    """Delete *one* in the way that shows what becomes of its ETag."""

    def send(condition: Condition) -> None:
        sent = one._replace(etag=condition.etag)
        for error in verbs.delete_objects(at, [sent], settings=settings).values():
            raise error

    place = _place(one, at)
    condition = Condition(etag=one.etag)
    return _refusal(
        one, lambda: conditionally(verbs, place, endpoint.DELETE_MANY, condition, send)
    )


def _changed(
    verbs: Verbs, at: Location, watched: Iterable[Doomed]
) -> dict[Doomed, errors.S3Error]:
    """Return which of *watched* have other ETags now: there the store does not look."""

    def look(one: Doomed) -> dict[Doomed, errors.S3Error]:
        condition, place = Condition(etag=one.etag), _place(one, at)
        return _refusal(one, lambda: endpoint.check(verbs, place, condition))

    refused: dict[Doomed, errors.S3Error] = {}
    for job in [Job(partial(look, one)) for one in watched]:
        refused |= job.result()
    return refused


def _singly(
    verbs: Verbs, at: Location, one: Doomed, settings: Mapping[str, Any]
) -> dict[Doomed, errors.S3Error]:
    if one.version_id is not None:
        settings = {**settings, "VersionId": one.version_id}
    place = _place(one, at)
    return _refusal(one, lambda: remove(verbs, place, one.etag, settings))


def _refusal(one: Doomed, action: Callable[[], object]) -> dict[Doomed, errors.S3Error]:
    """Do *action*; return the error of *one* that it raises."""
    try:
        action()
    except errors.S3Error as error:
        return {one: error}
    return {}


def _sent(one: Doomed, known: Honours | None) -> Doomed:
    if one.etag is None or known is Honours.NO:
        return one._replace(etag=None)
    if known is Honours.UNQUOTED:
        return one._replace(etag=one.etag.strip('"'))
    return one


def _place(one: Doomed, at: Location) -> Location:
    return Location(at.bucket, one.key, f"s3://{at.bucket}/{one.key}")


def _of(one: Doomed, at: Location, error: errors.S3Error) -> errors.S3Error:
    """Return *error*, which is that of many, as that of *one*."""
    own = type(error)(error.errno, error.strerror, _place(one, at).uri)
    with suppress(AttributeError):
        own.__dict__.update(error.__dict__)
    own.__cause__ = error
    return own
