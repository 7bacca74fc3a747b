"""ACLs, asked for and replaced; where a bucket's requests are logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s3open.testing.documents import document, element, group, parse
from s3open.testing.errors import RefusalError
from s3open.testing.objects import require_readable, version_headers
from s3open.testing.request import Answer
from s3open.testing.rights import (
    AUTHENTICATED,
    ENFORCED,
    EVERYONE,
    FULL,
    LOGS,
    asked,
    owner_of,
    require_not_public,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from s3open.testing.request import Request
    from s3open.testing.rights import Grants
    from s3open.testing.state import State
    from s3open.testing.store import Bucket

# What `routing` has, too: the operations on buckets and objects, by method and
# subresource.
BUCKET: Final[dict[str, str]] = {
    "GET acl": "GetBucketAcl",
    "PUT acl": "PutBucketAcl",
    "GET logging": "GetBucketLogging",
    "PUT logging": "PutBucketLogging",
}
OBJECT: Final[dict[str, str]] = {"GET acl": "GetObjectAcl", "PUT acl": "PutObjectAcl"}

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
MAX_GRANTS: Final = 100

_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
_GROUPS: Final = frozenset({EVERYONE, AUTHENTICATED, LOGS})
_PERMISSIONS: Final = frozenset({"READ", "WRITE", "READ_ACP", "WRITE_ACP", FULL})


def bucket_acl(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    return _told(bucket, bucket.owner, bucket.acl)


def put_bucket_acl(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    bucket.acl = _given(request, bucket, bucket.owner)
    return Answer(200)


def object_acl(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    item = require_readable(bucket, request.key, request.query.get("versionId"))
    answer = _told(bucket, owner_of(bucket, item), item.acl)
    answer.headers |= version_headers(bucket, item)
    return answer


def put_object_acl(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    item = require_readable(bucket, request.key, request.query.get("versionId"))
    item.acl = _given(request, bucket, owner_of(bucket, item))
    return Answer(200, version_headers(bucket, item))


def bucket_logging(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    kept = bucket.settings.get("logging")
    return Answer.of_document(kept or document("BucketLoggingStatus", []))


def put_bucket_logging(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    body = bytes(request.body.content)
    root = parse(body)
    enabled = root.find("LoggingEnabled")
    if root.tag != "BucketLoggingStatus":
        raise RefusalError("MalformedXML")
    if enabled is None:
        bucket.settings.pop("logging", None)
        return Answer(200)
    name, prefix = enabled.findtext("TargetBucket"), enabled.find("TargetPrefix")
    if name is None or prefix is None:
        raise RefusalError("MalformedXML")
    for grant in enabled.iter("Grant"):
        _grant(grant)
    target = state.store.buckets.get(name)
    if target is None or (target.owner, target.region) != (bucket.owner, bucket.region):
        raise RefusalError(
            "InvalidTargetBucketForLogging", elements={"TargetBucket": name}
        )
    bucket.settings["logging"] = body
    return Answer(200)


def _told(bucket: Bucket, owner: str, acl: Grants | None) -> Answer:
    if bucket.ownership == ENFORCED or acl is None:
        acl = ((owner, FULL),)
    person = [element("ID", owner), element("DisplayName", owner)]
    grants = [
        group("Grant", _grantee(grantee), element("Permission", permission))
        for grantee, permission in acl
    ]
    inner = [group("Owner", *person), group("AccessControlList", *grants)]
    return Answer.of_document(document("AccessControlPolicy", inner))


def _grantee(grantee: str) -> str:
    if grantee in _GROUPS:
        kind, said = "Group", element("URI", grantee)
    else:
        kind = "CanonicalUser"
        said = element("ID", grantee) + element("DisplayName", grantee)
    return f'<Grantee xmlns:xsi="{_INSTANCE}" xsi:type="{kind}">{said}</Grantee>'


def _given(request: Request, bucket: Bucket, owner: str) -> Grants:
    """Return the ACL that is to be, for what is *owner*'s in *bucket*."""
    if bucket.ownership == ENFORCED:
        raise RefusalError("AccessControlListNotSupported")
    body = bytes(request.body.content)
    by_headers = any(
        name == "x-amz-acl" or name.startswith("x-amz-grant-")
        for name in request.headers
    )
    if by_headers == bool(body):
        raise RefusalError("UnexpectedContent" if body else "MissingSecurityHeader")
    if by_headers:
        return asked(request, owner, bucket)
    root = parse(body)
    listed = root.find("AccessControlList")
    if root.tag != "AccessControlPolicy" or listed is None:
        raise RefusalError("MalformedACLError")
    if root.findtext("Owner/ID") != owner:
        # Whose it is cannot be changed.
        raise RefusalError("AccessDenied")
    grants = tuple(_grant(each) for each in listed.findall("Grant"))
    if len(grants) > MAX_GRANTS:
        raise RefusalError("MalformedACLError")
    require_not_public(bucket, grants)
    return grants


def _grant(grant: Element) -> tuple[str, str]:
    permission = grant.findtext("Permission") or ""
    if grant.findtext("Grantee/EmailAddress"):
        raise RefusalError("UnresolvableGrantByEmailAddress")
    uri = grant.findtext("Grantee/URI")
    if uri and uri not in _GROUPS:
        raise RefusalError("InvalidArgument", "Invalid group uri")
    grantee = uri or grant.findtext("Grantee/ID")
    if permission not in _PERMISSIONS or not grantee:
        raise RefusalError("MalformedACLError")
    return grantee, permission


OPERATIONS: Final[dict[str, Callable[[State, Request], Answer]]] = {
    "GetBucketAcl": bucket_acl,
    "PutBucketAcl": put_bucket_acl,
    "GetObjectAcl": object_acl,
    "PutObjectAcl": put_object_acl,
    "GetBucketLogging": bucket_logging,
    "PutBucketLogging": put_bucket_logging,
}
