"""What an object is given besides its bytes, changed after it was written.

Tags and locks are changed in place. All else makes the object anew: it is copied onto
itself, told again all that it was told before, if it still has the ETag that was looked
at. That is one of its bytes: of two who change only metadata at once one may win.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from s3open import contract, errors
from s3open.location import check_is_file
from s3open.s3 import locks, retry
from s3open.s3.clients import boto_for, opened, verbs_for
from s3open.s3.duplication import duplicate
from s3open.s3.settled import opened_by
from s3open.s3.tokens import TOKEN
from s3open.stores import attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from s3open.config import Config
    from s3open.contract import ObjectInfo
    from s3open.location import Location
    from s3open.s3.locks import Retention
    from s3open.s3.verbs import Verbs
    from s3open.stores.attributes import WriteOptions

_ANY = frozenset(("acl", "grants", "keep_tags", "preserve_acl", "sse_customer_key"))
_DESCRIBING = frozenset(
    (
        *("metadata", "content_type", "content_encoding", "content_disposition"),
        *("content_language", "cache_control", "expires", "website_redirect"),
    )
)
_ENCRYPTING = frozenset(("sse_kms_key_id", "bucket_key_enabled"))


def tags(config: Config, at: Location, version_id: str | None) -> dict[str, str]:
    """Return the tags of an object."""
    check_is_file(at)
    verbs, settings = opened(config, at.uri), _version(version_id)
    return retry.repeated(
        lambda: verbs.get_object_tags(at, settings=settings), verbs.patience
    )


def set_tags(
    config: Config, at: Location, wanted: Mapping[str, str], version_id: str | None
) -> None:
    """Have the tags of an object be those that are *wanted*; see `FileSystem`."""
    check_is_file(at)
    attributes.parsed({"tags": wanted})
    verbs, settings = boto_for(config, at.uri), _version(version_id)
    operation, more = "delete_object_tagging", {}
    if wanted:
        pairs = [{"Key": name, "Value": value} for name, value in wanted.items()]
        operation, more = "put_object_tagging", {"Tagging": {"TagSet": pairs}}
    retry.repeated(
        lambda: verbs.ask_of_object(operation, at, settings, **more), verbs.patience
    )


def describe(config: Config, at: Location, options: Mapping[str, Any]) -> None:
    """Have what *options* say be told of an object; see `FileSystem.set_metadata`."""
    wanted = _parsed("set_metadata", options, _DESCRIBING)
    _rewrite(config, at, wanted, lambda _: True)


def store_as(config: Config, at: Location, options: Mapping[str, Any]) -> None:
    """Have an object be of another storage class; see `FileSystem`."""
    wanted = _parsed("set_storage_class", options, {"storage_class"})
    name = wanted.given.settings.get("StorageClass")
    if not name:
        raise ValueError("name is a storage class, such as 'STANDARD_IA'")

    def differs(info: ObjectInfo) -> bool:
        # What is not told is the usual one.
        return bool(info.settings.get("StorageClass", "STANDARD") != name)

    _rewrite(config, at, wanted, differs)


def encrypt(config: Config, at: Location, sse: str, options: Mapping[str, Any]) -> bool:
    """Have an object be encrypted; see `FileSystem.encrypt`."""
    customer = options.get("sse_customer_key") is not None
    if not customer:
        options = {**options, "sse": sse}
    elif sse != "AES256":
        raise ValueError("sse_customer_key excludes sse")
    wanted = _parsed("encrypt", options, {"sse", *_ENCRYPTING})
    if customer:
        return _encrypt_by_customer(config, at, wanted)
    given = wanted.given
    return _rewrite(config, at, wanted, lambda info: _encrypts_otherwise(given, info))


def legal_hold(config: Config, at: Location, version_id: str | None) -> bool:
    """Whether a legal hold is on an object."""
    check_is_file(at)
    return locks.legal_hold(boto_for(config, at.uri), at, _version(version_id))


def set_legal_hold(
    config: Config, at: Location, held: bool, version_id: str | None
) -> None:
    """Put a legal hold on an object, or take it away."""
    check_is_file(at)
    if not isinstance(held, bool):
        raise TypeError(f"held has to be a bool, not {type(held).__name__}")
    verbs = boto_for(config, at.uri)
    locks.set_legal_hold(verbs, at, held, _version(version_id))


def retention(config: Config, at: Location, version_id: str | None) -> Retention | None:
    """Return until when an object is kept, and how; None if it is not."""
    check_is_file(at)
    return locks.retention(boto_for(config, at.uri), at, _version(version_id))


def set_retention(
    config: Config,
    at: Location,
    wanted: tuple[str | None, datetime | None] | None,
    version_id: str | None,
    *,
    bypass_governance: bool,
) -> None:
    """Keep an object as *wanted*, a mode and a time; None: no more."""
    check_is_file(at)
    settings = _version(version_id)
    if bypass_governance:
        settings["BypassGovernanceRetention"] = True
    kept = None if wanted is None else _retention(*wanted)
    locks.set_retention(boto_for(config, at.uri), at, kept, settings)


def _retention(mode: str | None, until: datetime | None) -> Retention:
    if mode is None or until is None:
        raise ValueError("mode and until go together")
    if mode not in locks.MODES:
        raise ValueError(f"mode is 'GOVERNANCE' or 'COMPLIANCE', not {mode!r}")
    moment = attributes.moment("until", until).astimezone(timezone.utc)
    if moment <= datetime.now(timezone.utc):
        raise ValueError(f"until has to be a moment to come, not {until}")
    return locks.Retention(mode, moment)


class _Wanted(NamedTuple):
    """What is to be new, and whether who may do what is to stay as it is."""

    given: WriteOptions
    preserve_acl: bool


def _parsed(
    function: str, options: Mapping[str, Any], known: frozenset[str] | set[str]
) -> _Wanted:
    """Return *options*, refused if there are no such; tags have to be kept."""
    for name in options:
        if name not in known and name not in _ANY:
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")
    given = attributes.parsed({"keep_tags": "require", **options})
    preserve_acl = bool(options.get("preserve_acl"))
    if preserve_acl and any(options.get(name) for name in ("acl", "grants")):
        raise ValueError("preserve_acl excludes acl and grants")
    return _Wanted(given, preserve_acl)


def _rewrite(
    config: Config,
    at: Location,
    wanted: _Wanted,
    needed: Callable[[ObjectInfo], bool],
) -> bool:
    """Make an object anew, as it is *wanted*, if that is *needed*; return that."""
    check_is_file(at)
    given = wanted.given
    verbs = opened_by(config, verbs_for(config, at.uri), given.always)
    info = _seen(verbs, at)
    if not needed(info):
        return False
    condition = contract.Condition(etag=info.etag)
    told = _told(info, given)
    with _acl_kept(config, at, wanted):
        duplicate(verbs, at, at, info, told, condition, keep_tags=given.keep_tags)
    return True


@contextmanager
def _acl_kept(config: Config, at: Location, wanted: _Wanted) -> Iterator[None]:
    """Give the ACL that there is to the object that there is then, if it is wanted."""
    if not wanted.preserve_acl:
        yield
        return
    verbs = boto_for(config, at.uri)
    found = retry.repeated(
        lambda: verbs.ask_of_object("get_object_acl", at), verbs.patience
    )
    try:
        policy = {name: found[name] for name in ("Owner", "Grants")}
    except KeyError as error:
        raise errors.S3ServerError.at(at.uri, "the answer is no ACL") from error
    yield
    retry.repeated(
        lambda: verbs.ask_of_object("put_object_acl", at, AccessControlPolicy=policy),
        verbs.patience,
    )


def _encrypt_by_customer(config: Config, at: Location, wanted: _Wanted) -> bool:
    """Have an object be encrypted by a key that only the new one has."""
    check_is_file(at)
    given = wanted.given
    plain = opened_by(config, verbs_for(config, at.uri), {})
    own = {k: v for k, v in given.always.items() if not k.startswith("CopySource")}
    keyed = opened_by(config, verbs_for(config, at.uri), own)
    try:
        info = _seen(plain, at)
    except errors.S3Error as error:
        if error.status != 400 or not _is_readable(keyed, at):
            raise
        return False
    told = _told(info, given)
    with _acl_kept(config, at, wanted):
        try:
            # None but the new one has the key, so a condition could not be looked at;
            # that the source is what was seen holds all the same.
            duplicate(
                keyed,
                at,
                at,
                info,
                told,
                contract.ALWAYS,
                reading=plain,
                keep_tags=given.keep_tags,
            )
        except errors.S3Error as error:
            # Once more, after an answer was lost, it met what it had made.
            if error.status != 400 or not _is_readable(keyed, at):
                raise
    return True


def _is_readable(verbs: Verbs, at: Location) -> bool:
    try:
        _seen(verbs, at)
    except errors.S3Error:
        return False
    return True


def _encrypts_otherwise(given: WriteOptions, info: ObjectInfo) -> bool:
    """Whether an object is not encrypted in the way that is *given*."""
    wanted, there = given.settings, info.settings
    key = wanted.get("SSEKMSKeyId")
    # The store names it in full.
    named = there.get("SSEKMSKeyId") or ""
    return (
        there.get("ServerSideEncryption") != wanted["ServerSideEncryption"]
        or (key is not None and key != named and not named.endswith(f"/{key}"))
        or there.get("BucketKeyEnabled", False)
        != wanted.get("BucketKeyEnabled", there.get("BucketKeyEnabled", False))
    )


def _seen(verbs: Verbs, at: Location) -> ObjectInfo:
    return retry.repeated(lambda: verbs.head_object(at), verbs.patience)


def _told(info: ObjectInfo, given: WriteOptions) -> contract.Attributes:
    """Return all that the object is to be told: the store keeps nothing by itself."""
    metadata = info.metadata if given.metadata is None else given.metadata
    return contract.Attributes(
        given.content_type or info.content_type,
        {name: value for name, value in metadata.items() if name != TOKEN},
        {**given.over(info.settings), "TaggingDirective": "COPY"},
    )


def _version(version_id: str | None) -> dict[str, Any]:
    return {} if version_id is None else {"VersionId": version_id}
