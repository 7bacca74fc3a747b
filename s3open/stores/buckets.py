"""What is done with buckets: arguments are checked here, before any request."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from s3open import errors
from s3open.s3 import administration, listing
from s3open.s3.clients import boto_for, opened
from s3open.s3.endpoint import is_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3open.config import Config
    from s3open.contract import Entry
    from s3open.location import Location
    from s3open.s3.boto import BotoVerbs

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
OWNERSHIPS = ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
_ACLS = ("private", "public-read", "public-read-write", "authenticated-read")
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html
_BLOCKS = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)
_ALGORITHMS = ("AES256", "aws:kms", "aws:kms:dsse")


def create(
    config: Config,
    at: Location,
    region: str | None,
    arguments: Mapping[str, Any],
    *,
    exist_ok: bool,
) -> bool:
    """Make the bucket *at*; return whether it was not there before.

    *arguments* are those of boto3, None where there is nothing to say.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    _check_known("acl", given.get("ACL"), _ACLS)
    _check_known("ownership", given.get("ObjectOwnership"), OWNERSHIPS)
    verbs = _in_region(config, at, region and administration.region_named(region))
    wanted = administration.region_named(region) if region else ""
    place = wanted or administration.own_region(verbs)
    given |= administration.constraint(verbs, place, asked_for=bool(wanted))
    if administration.takes_own_for_new(verbs, place) and administration.exists(
        verbs, at
    ):
        if exist_ok:
            return False
        raise errors.S3FileExistsError.at(at.uri)
    try:
        administration.create(verbs, at, **given)
    except errors.S3Error as error:
        if exist_ok and error.code == "BucketAlreadyOwnedByYou":
            return False
        raise
    return True


def _in_region(config: Config, at: Location, region: str | None) -> BotoVerbs:
    """Return verbs that may make a bucket in *region*.

    On AWS that is done there. Other stores, and clients that were given to us, are in
    one place, and may know others.
    """
    verbs = boto_for(config, at.uri)
    fixed = config.client is not None or config.endpoint_url is not None
    if not region or fixed or not is_aws(verbs.endpoint):
        return verbs
    return boto_for(replace(config, region=region), at.uri)


def delete(config: Config, at: Location, *, missing_ok: bool) -> None:
    """Remove the bucket *at*, which has to be empty."""
    try:
        administration.delete(boto_for(config, at.uri), at)
    except errors.S3Error as error:
        if error.code == "NoSuchBucket" and missing_ok:
            return
        if error.code == "BucketNotEmpty":
            error.errno = errno.ENOTEMPTY
            error.strerror = (
                f"{os.strerror(errno.ENOTEMPTY)} (there are objects in it, versions of "
                "some, or delete markers: delete(force=True) removes them all)"
            )
        raise


def exists(config: Config, at: Location) -> bool:
    """Whether there is a bucket *at*, be it somebody else's."""
    return administration.exists(boto_for(config, at.uri), at) is not False


def location(config: Config, at: Location) -> str:
    """Return the region of the bucket *at*."""
    return administration.location(boto_for(config, at.uri), at)


def listed(
    config: Config, prefix: str, region: str | None
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, str]]]:
    """Yield the buckets of the account, as boto3 tells of each and of its owner.

    Some stores know neither prefixes nor regions.
    """
    wanted = region and administration.region_named(region)
    account = administration.ACCOUNT
    verbs = _in_region(config, account, wanted or None)
    for entry, owner in administration.buckets(verbs, prefix, wanted or None):
        if not entry["Name"].startswith(prefix):
            continue
        try:
            if wanted and _region_of(verbs, entry) != wanted:
                continue
        except FileNotFoundError:
            # Deleted just now.
            continue
        yield entry, owner


def _region_of(verbs: BotoVerbs, entry: Mapping[str, Any]) -> str:
    from s3open.location import Location

    told: str | None = entry.get("BucketRegion")
    if told:
        return told
    name = entry["Name"]
    return administration.location(verbs, Location(name, "", f"s3://{name}"))


def objects(
    config: Config, at: Location, delimiter: str, start_after: str, *, owner: bool
) -> Iterator[Entry]:
    """Yield the objects whose keys begin with that of *at*."""
    found = listing.objects(
        opened(config, at.uri),
        at,
        delimiter=delimiter,
        start_after=start_after,
        owner=owner,
    )
    # Stores differ in whether what keys have in common is behind itself.
    return (each for each in found if not start_after or each.name > start_after)


def versions(config: Config, at: Location, delimiter: str) -> Iterator[Entry]:
    """Yield their versions, and delete markers."""
    return listing.versions(opened(config, at.uri), at, delimiter=delimiter)


def versioning(config: Config, at: Location) -> bool | None:
    """Whether the bucket *at* keeps versions; None if it never has."""
    status = administration.versioning(boto_for(config, at.uri), at)
    return None if not status else status == "Enabled"


def set_versioning(
    config: Config,
    at: Location,
    *,
    enabled: bool,
    mfa_delete: bool | None,
    mfa: str | None,
) -> None:
    """Have the bucket *at* keep versions, or make no more of them."""
    if not isinstance(enabled, bool):
        raise TypeError(f"enabled has to be a bool, not {enabled!r}")
    if mfa_delete is not None and mfa is None:
        raise ValueError('mfa_delete needs mfa, "SERIAL CODE" of a device')
    told = {"Status": "Enabled" if enabled else "Suspended"}
    if mfa_delete is not None:
        told["MFADelete"] = "Enabled" if mfa_delete else "Disabled"
    administration.put_versioning(boto_for(config, at.uri), at, told, mfa)


def setting(config: Config, at: Location, name: str) -> Any:
    """Return the setting *name* of the bucket *at*, None if it is not configured."""
    value = administration.get(boto_for(config, at.uri), at, name)
    return value if value is None or name not in _READ else _READ[name](value)


def set_setting(config: Config, at: Location, name: str, value: Any) -> None:
    """Have *value* be the setting *name* of the bucket *at*; None removes it."""
    told = None if value is None else _PREPARED[name](value)
    verbs = boto_for(config, at.uri)
    if name == "object_lock" and told is None:
        # To set any, even an empty one, would have the bucket be locked for good.
        if administration.get(verbs, at, name) is None:
            return
        told = _object_lock({})
    administration.put(verbs, at, name, told)


def _policy(value: Mapping[str, Any] | str) -> str:
    if isinstance(value, Mapping):
        return json.dumps(value)
    if not isinstance(value, str):
        raise TypeError(f"a policy is a dict or its JSON, not {value!r}")
    if not isinstance(json.loads(value), dict):
        raise ValueError("a policy is a JSON object")
    return value


def _rules(value: Any) -> list[dict[str, Any]] | None:
    """Return a list of rules; no rules are none at all."""
    if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence):
        raise TypeError(f"rules are a list of dicts, not {value!r}")
    return [_dict(each) for each in value] or None


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"not a dict: {value!r}")
    return dict(value)


def _tags(value: Any) -> list[dict[str, str]] | None:
    found = [{"Key": name, "Value": text} for name, text in _dict(value).items()]
    return found or None


def _encryption(value: Any) -> list[dict[str, Any]] | None:
    if not isinstance(value, str):
        return _rules(value)
    _check_known("encryption", value, _ALGORITHMS)
    return [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": value}}]


def _ownership(value: str) -> list[dict[str, str]]:
    _check_known("ownership", value, OWNERSHIPS)
    return [{"ObjectOwnership": value}]


def _block(value: Any) -> dict[str, bool]:
    if isinstance(value, bool):
        return dict.fromkeys(_BLOCKS, value)
    found = _dict(value)
    for name in found:
        _check_known("public_access_block", name, _BLOCKS)
    missing = [name for name in _BLOCKS if name not in found]
    if missing:
        # S3 would take these for False.
        raise ValueError(f"public_access_block lacks {', '.join(missing)}")
    return found


def _website(value: Any) -> dict[str, Any]:
    found = _dict(value)
    if not found:
        raise ValueError("a website needs an IndexDocument, or a redirection")
    return found


def _object_lock(value: Any) -> dict[str, Any]:
    locked: dict[str, Any] = {"ObjectLockEnabled": "Enabled"}
    kept = _dict(value)
    if kept:
        locked["Rule"] = {"DefaultRetention": kept}
    return locked


# What an answer has, as a value of ours, where that is not the same.
_READ: dict[str, Callable[[Any], Any]] = {
    "policy": json.loads,
    "tags": lambda value: {tag["Key"]: tag["Value"] for tag in value},
    "ownership": lambda value: value[0]["ObjectOwnership"],
    "public_access_block": lambda value: {
        each: bool(value.get(each, False)) for each in _BLOCKS
    },
    "object_lock": lambda value: value.get("Rule", {}).get("DefaultRetention", {}),
}
# What a value of ours is in a request.
_PREPARED: dict[str, Callable[[Any], Any]] = {
    "policy": _policy,
    "cors": _rules,
    "lifecycle": _rules,
    "tags": _tags,
    "website": _website,
    "encryption": _encryption,
    "ownership": _ownership,
    "public_access_block": _block,
    "object_lock": _object_lock,
}


def _check_known(what: str, value: str | None, known: Sequence[str]) -> None:
    if value is not None and value not in known:
        raise ValueError(f"{what}: {value!r} is none of {', '.join(known)}")
