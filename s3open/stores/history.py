"""What a versioned bucket keeps of one key, and how an earlier version comes back."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from s3open import coded, contract, errors
from s3open.location import check_is_file
from s3open.s3 import retry
from s3open.s3.clients import boto_for, opened
from s3open.s3.versions import versions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.config import Config
    from s3open.contract import Entry
    from s3open.location import Location
    from s3open.s3.verbs import Verbs

# The id of what was written while the bucket kept no versions: it is overwritten while
# that is so. https://docs.aws.amazon.com/AmazonS3/latest/userguide/AddingObjectstoVersionSuspendedBuckets.html
_UNKEPT = (None, "null")
# So many versions are looked at, which is one request.
_PAGE = 1000


def versions(config: Config, at: Location) -> Iterator[Entry]:
    """Yield the versions and delete markers of the object *at*, newest first."""
    return versions_of(opened(config, at.uri), at)


def undo(config: Config, at: Location) -> str | None:
    """Take back the last change; see `FileSystem.undo`."""
    check_is_file(at)
    verbs = opened(config, at.uri)
    recent = list(islice(versions_of(verbs, at), _PAGE))
    if not recent:
        raise coded.NoSuchKey.at(at.uri)
    newest, before = recent[0], recent[1] if len(recent) > 1 else None
    if newest.deleted:
        settings = {"VersionId": newest.version_id}
        retry.repeated(
            partial(verbs.delete_object, at, settings=settings), verbs.patience
        )
        return before.version_id if before and not before.deleted else None
    exposed = any(entry.version_id in _UNKEPT for entry in recent)
    if (exposed or len(recent) == _PAGE) and not _keeps_versions(config, at):
        raise errors.S3InvalidArgumentError.at(
            at.uri, "the bucket does not keep all versions: undoing might lose one"
        )
    if before is None or before.deleted:
        retry.repeated(partial(verbs.delete_object, at), verbs.patience)
        return None
    _copy(verbs, at, before)
    return before.version_id


def _copy(verbs: Verbs, at: Location, version: Entry) -> None:
    """Make a copy of *version* the current one."""
    from s3open.s3.duplication import duplicate

    settings = {"VersionId": version.version_id}
    info = retry.repeated(
        partial(verbs.head_object, at, settings=settings), verbs.patience
    )
    duplicate(verbs, at, at, info, None, contract.ALWAYS, version_id=version.version_id)


def unarchive(
    config: Config, at: Location, days: int | None, tier: str, version_id: str | None
) -> None:
    """Ask for what is archived; see `FileSystem.unarchive`."""
    check_is_file(at)
    if tier not in ("Standard", "Bulk", "Expedited"):
        raise ValueError(f"tier is 'Standard', 'Bulk' or 'Expedited', not {tier!r}")
    if days is not None and days < 1:
        raise ValueError(f"days has to be 1 at least, not {days}")
    verbs = boto_for(config, at.uri)
    try:
        retry.repeated(
            lambda: verbs.restore_object(at, days, tier, version_id), verbs.patience
        )
    except errors.S3Error as error:
        if error.code != "RestoreAlreadyInProgress":
            raise


def _keeps_versions(config: Config, at: Location) -> bool:
    """Whether whatever is overwritten or deleted in the bucket is kept."""
    verbs = boto_for(config, at.uri)
    return (
        retry.repeated(lambda: verbs.bucket_versioning(at), verbs.patience) == "Enabled"
    )
