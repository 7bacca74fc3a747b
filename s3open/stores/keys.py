"""What is at a place on S3: listed, told, deleted, brought back.

All of these take the configuration and the place first. A place may be a bucket, whose
key is empty; what begins with a key need not be "in" it: who means a directory says so
with a slash at the end.
"""

from __future__ import annotations

import stat
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from s3open import coded, errors
from s3open.contract import Doomed
from s3open.s3 import deletion, listing, retry
from s3open.s3.clients import opened
from s3open.s3.tokens import shown
from s3open.s3.verbs import NO_SETTINGS, WITH_CHECKSUM
from s3open.s3.versions import versions_of
from s3open.stores import refused
from s3open.stores.status import Status, restoring

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from s3open.config import Config
    from s3open.contract import Entry, ObjectInfo, Page
    from s3open.errors import S3Error
    from s3open.location import Location
    from s3open.s3.verbs import Verbs

_SLASH = "/"
# Nobody has given them modes.
_FILE = stat.S_IFREG | 0o644
_DIRECTORY = stat.S_IFDIR | 0o755


def entries(
    config: Config,
    at: Location,
    *,
    recursive: bool = True,
    start_after: str = "",
    owner: bool = False,
) -> Iterator[Entry]:
    """Yield the objects whose keys begin with the key of *at*, in the keys' order.

    Those behind *start_after*. If not *recursive*, what is behind the next slash is
    told by one entry, whose name ends with it and which has no size, where it would be.
    Each as soon as its page has come; memory does not grow.
    """
    delimiter = "" if recursive else _SLASH
    return listing.objects(
        opened(config, at.uri),
        at,
        delimiter=delimiter,
        start_after=start_after,
        owner=owner,
    )


def versions(
    config: Config, at: Location, *, recursive: bool = True
) -> Iterator[Entry]:
    """Yield all their versions and delete markers, the newest of a key first."""
    delimiter = "" if recursive else _SLASH
    return listing.versions(opened(config, at.uri), at, delimiter=delimiter)


def page(
    config: Config,
    at: Location,
    *,
    delimiter: str = "",
    start_after: str = "",
    token: str | None = None,
    max_keys: int = 1000,
    owner: bool = False,
) -> Page:
    """Return one page of objects, as `s3open.s3.verbs.Verbs.list_objects` does."""
    verbs = opened(config, at.uri)
    ask = partial(
        verbs.list_objects,
        at,
        delimiter=delimiter,
        start_after=start_after,
        token=token,
        max_keys=max_keys,
        owner=owner,
    )
    return retry.repeated(ask, verbs.patience)


def status(
    config: Config,
    at: Location,
    *,
    version_id: str | None = None,
    checksum: bool = False,
    settings: Mapping[str, Any] = NO_SETTINGS,
) -> Status:
    """Return what is known of an object, with one HEAD; of a bucket, with one LIST.

    Raises FileNotFoundError if there is none, NotModifiedError and
    PreconditionFailedError by conditions among *settings*, which have boto3's names.
    Its *checksum* only if it is asked for.
    """
    verbs = opened(config, at.uri)
    if not at.key:
        _first_below(verbs, at)
        return Status(at.uri, 0, 0.0, _DIRECTORY)
    settings = {**(WITH_CHECKSUM if checksum else {}), **settings}
    if version_id is not None:
        settings["VersionId"] = version_id
    try:
        info = retry.repeated(
            lambda: verbs.head_object(at, settings=settings), verbs.patience
        )
    except errors.S3Error as error:
        if version_id is not None and _is_no_version(verbs, at, error, version_id):
            advice = f"there is no version {version_id} of it"
            raise coded.NoSuchVersion.at(at.uri, advice) from error
        if error.status == 412:
            raise refused.unexpected(error) from error
        raise
    return _told(at, shown(info))


def exists(config: Config, at: Location, *, version_id: str | None = None) -> bool:
    """Whether there is such an object, or bucket; see `status`."""
    try:
        status(config, at, version_id=version_id)
    except FileNotFoundError:
        return False
    return True


def has_below(config: Config, at: Location) -> bool:
    """Whether keys begin with that of *at* and a slash. Costs one LIST."""
    try:
        return _first_below(opened(config, at.uri), _inside(at))
    except FileNotFoundError:
        return False


def remove(
    config: Config,
    at: Location,
    *,
    version_id: str | None = None,
    etag: str | None = None,
    mfa: str | None = None,
    bypass_governance: bool = False,
) -> None:
    """Delete an object, or one version of it; that there is none is fine.

    With *etag* only if it has that, else ObjectChangedError. *mfa* is the device's
    serial number, a blank, and its code; *bypass_governance* deletes a version that is
    kept in that mode.
    """
    settings = _settings(mfa, bypass_governance=bypass_governance)
    if version_id is not None:
        settings["VersionId"] = version_id
    deletion.remove(opened(config, at.uri), at, etag, settings)


def remove_many(
    config: Config,
    at: Location,
    doomed: Iterable[Doomed],
    *,
    mfa: str | None = None,
    bypass_governance: bool = False,
    always: Mapping[str, Any] = NO_SETTINGS,
) -> Iterator[tuple[Doomed, S3Error | None]]:
    """Delete what is *doomed* in the bucket of *at*, a thousand in one request.

    Yields every one, in order, with the error that kept it from being deleted, or None.
    Lazily: *doomed* may be without end. Raises only what *doomed* raises. *always* is
    what each request has to say that looks at one of them, as of SSE-C.
    """
    settings = _settings(mfa, bypass_governance=bypass_governance)
    verbs = opened(config, at.uri, always)
    return deletion.remove_many(verbs, at, doomed, settings)


def restore(config: Config, at: Location, *, below: bool = False) -> Iterator[str]:
    """Bring back what was deleted: the object *at* a place, or all *below* it.

    Yields the keys. What hides the newest version, one delete marker or several, is
    removed; what has no version left cannot come back.
    """
    verbs = opened(config, at.uri)
    found = listing.versions(verbs, _inside(at)) if below else versions_of(verbs, at)
    left: dict[str, int] = {}
    for one, error in deletion.remove_many(verbs, at, _hiding(found, left)):
        if error is not None:
            raise error
        left[one.key] -= 1
        if not left[one.key]:
            del left[one.key]
            yield one.key


def _hiding(versions: Iterable[Entry], left: dict[str, int]) -> Iterator[Doomed]:
    """Yield the delete markers that hide a version, and note how many hide a key's."""
    for key, found in groupby(versions, key=lambda entry: entry.name):
        markers: list[Doomed] = []
        for entry in found:
            if not entry.deleted:
                if markers:
                    left[key] = len(markers)
                    yield from markers
                break
            markers.append(Doomed(key, entry.version_id))


def _inside(at: Location) -> Location:
    """Return the place that all keys below *at* begin with."""
    if at.is_directory_like:
        return at
    return replace(at, key=at.key + _SLASH)


def _first_below(verbs: Verbs, at: Location) -> bool:
    """Whether any key begins with that of *at*; FileNotFoundError without a bucket."""
    found = retry.repeated(lambda: verbs.list_objects(at, max_keys=1), verbs.patience)
    return bool(found.entries)


def _is_no_version(verbs: Verbs, at: Location, error: S3Error, version: str) -> bool:
    """Whether *version* is that of a delete marker (405), or no id at all (400)."""
    if error.status != 400:
        return error.status == 405
    # The answer to a HEAD has no body to say so, that to a GET has.
    settings = {"VersionId": version}
    try:
        verbs.get_object(at, range(1), settings=settings).body.close()
    except errors.S3Error as found:
        return found.code in ("InvalidArgument", "NoSuchVersion")
    return False


def _told(at: Location, info: ObjectInfo) -> Status:
    """Return what the answer to a HEAD tells."""
    modified = info.last_modified
    return Status(
        at.uri,
        info.size,
        modified.timestamp() if modified is not None else 0.0,
        _DIRECTORY if at.is_directory_like else _FILE,
        modified,
        info.etag,
        info.version_id,
        info.content_type,
        info.settings.get("StorageClass", "STANDARD"),
        info.metadata,
        info.checksum,
        info.settings,
        *restoring(info.restore),
    )


def _settings(mfa: str | None, *, bypass_governance: bool) -> dict[str, Any]:
    settings: dict[str, Any] = {} if mfa is None else {"MFA": mfa}
    if bypass_governance:
        settings["BypassGovernanceRetention"] = True
    return settings
