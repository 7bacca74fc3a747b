"""An object's tags, which no other answer has, and which not everybody may read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open import errors
from s3open.s3 import retry
from s3open.s3.endpoint import TAGGED, TAGS, Honours, honours, is_aws, remember
from s3open.s3.tagging import read
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.contract import Attributes, ObjectInfo
    from s3open.location import Location
    from s3open.s3.verbs import Verbs


def kept_tags(
    verbs: Verbs,
    at: Location,
    keep: str,
    settings: Mapping[str, Any] = NO_SETTINGS,
) -> dict[str, str]:
    """Return the tags that what is made of the object *at* a place is to have.

    *keep* is "drop" (none), "warn" (none, and a warning, if they cannot be read), or
    "require". Raises S3Error.
    """
    endpoint = verbs.endpoint
    lacking = honours(endpoint, TAGS) is Honours.LACKS
    if keep == "drop" or (keep == "warn" and lacking):
        return {}
    try:
        return retry.repeated(
            lambda: verbs.get_object_tags(at, settings=settings), verbs.patience
        )
    except FileNotFoundError:
        return {}
    except errors.S3Error as error:
        # Nothing has been written yet.
        error.ambiguous = False
        if keep != "require" and error.status == 501:
            # Where nobody can read tags there are none to lose.
            remember(endpoint, TAGS, Honours.LACKS)
            return {}
        if keep == "require" or error.retryable:
            raise
        _warn_of(at, f"if it has any: they cannot be read ({error.strerror})")
        return {}


def settle(
    verbs: Verbs, at: Location, given: Attributes | None, made: ObjectInfo
) -> None:
    """Have an object keep the tags that it was *given* when it was *made*.

    Ceph 16.2 garbles those of an upload in parts, and of a copy with metadata of its
    own. Whether a store does is found out once. Who writes just then to a bucket that
    keeps no versions may find them at his object: tags know no conditions.
    """
    wanted = "" if given is None else given.settings.get("Tagging", "")
    known = honours(verbs.endpoint, TAGGED)
    if not wanted or is_aws(verbs.endpoint) or known is Honours.HAS:
        return
    tags = read(wanted)
    settings = {} if made.version_id is None else {"VersionId": made.version_id}
    try:
        if known is None and _has(verbs, at, tags, settings):
            return
        retry.repeated(
            lambda: verbs.put_object_tags(at, tags, settings=settings), verbs.patience
        )
    except errors.S3Error as error:
        _warn_of(at, f"if the store garbles them: {error.strerror}")


def _has(
    verbs: Verbs, at: Location, tags: dict[str, str], settings: Mapping[str, Any]
) -> bool:
    """Whether the object has its *tags*, which is remembered if it can be told."""
    try:
        kept = verbs.get_object_tags(at, settings=settings) == tags
    except errors.S3Error as error:
        if error.status is not None or not isinstance(error, errors.S3ServerError):
            return False
        # Ceph's answer is empty, however often it is asked.
        kept = False
    remember(verbs.endpoint, TAGGED, Honours.HAS if kept else Honours.LACKS)
    return kept


def _warn_of(at: Location, why: str) -> None:
    errors.warn(f"{at.uri!r} loses its tags, {why}", RuntimeWarning)
