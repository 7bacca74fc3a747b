"""Who may do what: owners, and the grants of ACLs.

An ACL is a tuple of pairs, grantee and permission; None is that of who has said
nothing: the owner may do everything, and nobody else anything.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from s3open.testing.documents import parse
from s3open.testing.errors import RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.testing.request import Request
    from s3open.testing.state import State
    from s3open.testing.store import Bucket, StoredObject, Upload

Grants: TypeAlias = "tuple[tuple[str, str], ...]"

EVERYONE: Final = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED: Final = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOGS: Final = "http://acs.amazonaws.com/groups/s3/LogDelivery"
FULL: Final = "FULL_CONTROL"
# ACLs are disabled.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
ENFORCED: Final = "BucketOwnerEnforced"
_PREFERRED: Final = "BucketOwnerPreferred"
OWNERSHIPS: Final = (ENFORCED, _PREFERRED, "ObjectWriter")
_GIVING: Final = "bucket-owner-full-control"

_OF_BUCKET: Final = {
    **dict.fromkeys(
        (
            *("HeadBucket", "ListObjects", "ListObjectsV2", "ListObjectVersions"),
            "ListMultipartUploads",
        ),
        "READ",
    ),
    **dict.fromkeys(
        (
            *("PutObject", "PostObject", "CopyObject", "DeleteObject"),
            *("DeleteObjects", "CreateMultipartUpload", "UploadPart"),
            *("UploadPartCopy", "CompleteMultipartUpload", "AbortMultipartUpload"),
            "ListParts",
        ),
        "WRITE",
    ),
    "GetBucketAcl": "READ_ACP",
    "PutBucketAcl": "WRITE_ACP",
}
_OF_OBJECT: Final = {
    "GetObject": "READ",
    "HeadObject": "READ",
    "GetObjectAcl": "READ_ACP",
    "PutObjectAcl": "WRITE_ACP",
}

_PERMISSIONS: Final = {
    "x-amz-grant-full-control": FULL,
    "x-amz-grant-read": "READ",
    "x-amz-grant-read-acp": "READ_ACP",
    "x-amz-grant-write": "WRITE",
    "x-amz-grant-write-acp": "WRITE_ACP",
}
_GRANTEE: Final = re.compile(r'\s*(id|uri|emailAddress)\s*=\s*"?([^",]+)"?\s*')


def require(state: State, request: Request) -> None:
    """Refuse what is neither the owner's to do nor granted by an ACL."""
    bucket = state.store.buckets.get(request.bucket)
    who, operation = request.owner, request.operation
    if operation in {"CreateBucket", "ListBuckets"}:
        if not who:
            raise RefusalError("AccessDenied")
    elif bucket is None:
        # That there is none is said by the operation, but not to everybody.
        if not who:
            raise RefusalError("AccessDenied")
    elif operation in _OF_OBJECT:
        version_id = request.query.get("versionId")
        require_of_object(who, bucket, request.key, version_id, _OF_OBJECT[operation])
    elif who != bucket.owner:
        permission = _OF_BUCKET.get(operation, "")
        allowed = permission and _granted(who, bucket, bucket.acl, permission)
        if not (allowed or _is_owner_of_object(who, bucket, request)):
            raise RefusalError("AccessDenied")


def require_of_object(
    who: str, bucket: Bucket, key: str, version_id: str | None, permission: str
) -> None:
    """Refuse *who* has no *permission* on an object.

    That there is no such object is told to those who may list the bucket.
    """
    item = bucket.version(key, version_id) if version_id else bucket.newest(key)
    if item is None or item.delete_marker:
        allowed = who == bucket.owner or _granted(who, bucket, bucket.acl, "READ")
    else:
        allowed = who == owner_of(bucket, item) or (
            bucket.ownership != ENFORCED and _granted(who, bucket, item.acl, permission)
        )
    if not allowed:
        raise RefusalError("AccessDenied")


def owner_of(bucket: Bucket, item: StoredObject) -> str:
    """Return whose *item* is; where ACLs are disabled, all is the bucket owner's."""
    return bucket.owner if bucket.ownership == ENFORCED else item.owner


def claim(item: StoredObject | Upload, bucket: Bucket, request: Request) -> None:
    """Have *item*, which is new, be whose it is, with the ACL that is asked for."""
    headers = request.headers
    canned = headers.get("x-amz-acl")
    given = canned is not None or not _PERMISSIONS.keys().isdisjoint(headers)
    item.owner = request.owner or bucket.owner
    if bucket.ownership == ENFORCED or (
        bucket.ownership == _PREFERRED and canned == _GIVING
    ):
        item.owner = bucket.owner
    if not given:
        return
    if bucket.ownership == ENFORCED:
        if canned != _GIVING:
            raise RefusalError("AccessControlListNotSupported")
        return
    item.acl = asked(request, item.owner, bucket)


def claim_bucket(bucket: Bucket, request: Request) -> None:
    """Have *bucket*, which is new, be whose it is, with what is asked for."""
    bucket.owner = request.owner or bucket.owner
    ownership = request.headers.get("x-amz-object-ownership", bucket.ownership)
    if ownership not in OWNERSHIPS:
        raise RefusalError("InvalidArgument", "Invalid x-amz-object-ownership header")
    bucket.ownership = ownership
    if {"x-amz-acl", *_PERMISSIONS}.isdisjoint(request.headers):
        return
    if ownership == ENFORCED and request.headers.get("x-amz-acl") != "private":
        raise RefusalError("InvalidBucketAclWithObjectOwnership")
    bucket.acl = asked(request, bucket.owner, bucket)


def asked(request: Request, owner: str, bucket: Bucket) -> Grants:
    """Return the ACL that the headers ask for, for what is *owner*'s in *bucket*."""
    headers = request.headers
    named = [name for name in _PERMISSIONS if name in headers]
    if "x-amz-acl" not in headers:
        grants = tuple(
            (grantee, _PERMISSIONS[name])
            for name in named
            for grantee in _grantees(headers[name])
        )
    elif named:
        raise RefusalError(
            "InvalidRequest",
            "Specifying both Canned ACLs and Header Grants is not allowed",
        )
    else:
        grants = _canned(headers["x-amz-acl"], owner, bucket.owner)
    require_not_public(bucket, grants)
    return grants


def require_not_public(bucket: Bucket, grants: Grants) -> None:
    """Refuse public *grants* where they are blocked."""
    if _blocks(bucket, "BlockPublicAcls") and any(
        grantee in {EVERYONE, AUTHENTICATED} for grantee, _ in grants
    ):
        raise RefusalError("AccessDenied")


def _is_owner_of_object(who: str, bucket: Bucket, request: Request) -> bool:
    """Whether an object is *who*'s, who may tag it, for instance."""
    if not request.key or request.operation in _OF_BUCKET:
        return False
    version_id = request.query.get("versionId")
    key = request.key
    item = bucket.version(key, version_id) if version_id else bucket.newest(key)
    return item is not None and bool(who) and owner_of(bucket, item) == who


def _granted(who: str, bucket: Bucket, acl: Grants | None, permission: str) -> bool:
    groups = {EVERYONE, AUTHENTICATED} if who else {EVERYONE}
    if _blocks(bucket, "IgnorePublicAcls"):
        groups.clear()
    return any(
        granted in {permission, FULL} and (grantee == who or grantee in groups)
        for grantee, granted in acl or ()
    )


def _blocks(bucket: Bucket, name: str) -> bool:
    """Whether that kind of public access is blocked."""
    block = bucket.settings.get("publicAccessBlock")
    return block is not None and parse(block).findtext(name) == "true"


def _canned(name: str, owner: str, bucket_owner: str) -> Grants:
    more: dict[str, Grants] = {
        "private": (),
        "public-read": ((EVERYONE, "READ"),),
        "public-read-write": ((EVERYONE, "READ"), (EVERYONE, "WRITE")),
        "authenticated-read": ((AUTHENTICATED, "READ"),),
        "aws-exec-read": (),
        "bucket-owner-read": ((bucket_owner, "READ"),),
        _GIVING: ((bucket_owner, FULL),),
        "log-delivery-write": ((LOGS, "WRITE"), (LOGS, "READ_ACP")),
    }
    if name not in more:
        raise RefusalError(
            "InvalidArgument",
            elements={"ArgumentName": "x-amz-acl", "ArgumentValue": name},
        )
    given = more[name] if bucket_owner != owner or "owner" not in name else ()
    return ((owner, FULL), *given)


def _grantees(text: str) -> Iterator[str]:
    for each in text.split(","):
        found = _GRANTEE.fullmatch(each)
        if found is None:
            raise RefusalError("InvalidArgument", "Argument format not recognized")
        if found[1] == "emailAddress":
            raise RefusalError("UnresolvableGrantByEmailAddress")
        yield found[2]
