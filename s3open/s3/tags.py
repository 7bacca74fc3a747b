"""An object's tags, which no other answer has, and which not everybody may read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open import errors
from s3open.s3 import retry
from s3open.s3.endpoint import TAGS, Honours, honours, remember
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        errors.warn(
            f"{at.uri!r} loses its tags, if it has any: they cannot be "
            f"read ({error.strerror})",
            RuntimeWarning,
        )
        return {}
