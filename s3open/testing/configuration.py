"""Settings of buckets: kept as they were sent, and given back.

Nobody looks into them but where they have to be of the right kind, and where something
else depends on them.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from s3open.testing.documents import document, element, group, parse
from s3open.testing.errors import RefusalError
from s3open.testing.request import Answer
from s3open.testing.rights import OWNERSHIPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing.request import Request
    from s3open.testing.state import State
    from s3open.testing.store import Bucket


class _Setting(NamedTuple):
    """A subresource: its operations' name, root element, and code if there is none.

    *deleted* is whether it can be, *default* what there is without a code.
    """

    name: str
    root: str
    absent: str = ""
    deleted: bool = True
    default: str = ""


_SETTINGS: Final = {
    "cors": _Setting("BucketCors", "CORSConfiguration", "NoSuchCORSConfiguration"),
    "lifecycle": _Setting(
        "BucketLifecycle", "LifecycleConfiguration", "NoSuchLifecycleConfiguration"
    ),
    "tagging": _Setting("BucketTagging", "Tagging", "NoSuchTagSet"),
    "website": _Setting(
        "BucketWebsite", "WebsiteConfiguration", "NoSuchWebsiteConfiguration"
    ),
    "encryption": _Setting(
        "BucketEncryption",
        "ServerSideEncryptionConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
    ),
    "publicAccessBlock": _Setting(
        "PublicAccessBlock",
        "PublicAccessBlockConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
    ),
    "requestPayment": _Setting(
        "BucketRequestPayment",
        "RequestPaymentConfiguration",
        deleted=False,
        default="<Payer>BucketOwner</Payer>",
    ),
    "accelerate": _Setting(
        "BucketAccelerateConfiguration", "AccelerateConfiguration", deleted=False
    ),
}


def _get(subresource: str, state: State, request: Request) -> Answer:
    setting = _SETTINGS[subresource]
    bucket = state.store.bucket(request.bucket)
    kept = bucket.settings.get(subresource)
    if kept is not None:
        return Answer.of_document(kept)
    if setting.absent:
        raise _absent(setting.absent, bucket)
    return Answer.of_document(document(setting.root, [setting.default]))


def _put(subresource: str, state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    body = bytes(request.body.content)
    if parse(body).tag != _SETTINGS[subresource].root:
        raise RefusalError("MalformedXML")
    bucket.settings[subresource] = body
    return Answer(204 if subresource == "tagging" else 200)


def _delete(subresource: str, state: State, request: Request) -> Answer:
    state.store.bucket(request.bucket).settings.pop(subresource, None)
    return Answer(204)


def _absent(code: str, bucket: Bucket) -> RefusalError:
    return RefusalError(code, elements={"BucketName": bucket.name})


def _policy(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    kept = bucket.settings.get("policy")
    if kept is None:
        raise _absent("NoSuchBucketPolicy", bucket)
    return Answer(200, {"Content-Type": "application/json"}, kept)


def _put_policy(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    body = bytes(request.body.content)
    try:
        found = json.loads(body)
    except ValueError:
        raise RefusalError("MalformedPolicy") from None
    if not isinstance(found, dict) or not found.get("Statement"):
        raise RefusalError("MalformedPolicy", "Missing required field Statement")
    bucket.settings["policy"] = body
    return Answer(204)


def _ownership(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    if not bucket.ownership:
        raise _absent("OwnershipControlsNotFoundError", bucket)
    rule = group("Rule", element("ObjectOwnership", bucket.ownership))
    return Answer.of_document(document("OwnershipControls", [rule]))


def _put_ownership(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    tree = parse(bytes(request.body.content))
    ownership = tree.findtext("Rule/ObjectOwnership") or ""
    if tree.tag != "OwnershipControls" or ownership not in OWNERSHIPS:
        raise RefusalError("MalformedXML")
    bucket.ownership = ownership
    return Answer(200)


def _delete_ownership(state: State, request: Request) -> Answer:
    # Then objects belong to who writes them, and nobody has said so.
    state.store.bucket(request.bucket).ownership = ""
    return Answer(204)


def _lock(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    if not bucket.lock:
        raise _absent("ObjectLockConfigurationNotFoundError", bucket)
    enabled = element("ObjectLockEnabled", "Enabled")
    return Answer.of_document(
        bucket.settings.get("object-lock")
        or document("ObjectLockConfiguration", [enabled])
    )


def _put_lock(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    body = bytes(request.body.content)
    tree = parse(body)
    enabled = tree.findtext("ObjectLockEnabled")
    if tree.tag != "ObjectLockConfiguration" or enabled != "Enabled":
        raise RefusalError("MalformedXML")
    if bucket.versioning != "Enabled":
        raise RefusalError(
            "InvalidBucketState",
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock "
            "configuration",
        )
    bucket.lock = True
    bucket.settings["object-lock"] = body
    return Answer(200)


# What `routing` has, too: the operations on buckets and objects, by method and
# subresource.
BUCKET: Final[dict[str, str]] = {
    "GET policy": "GetBucketPolicy",
    "PUT policy": "PutBucketPolicy",
    "DELETE policy": "DeleteBucketPolicy",
    "GET ownershipControls": "GetBucketOwnershipControls",
    "PUT ownershipControls": "PutBucketOwnershipControls",
    "DELETE ownershipControls": "DeleteBucketOwnershipControls",
    "GET object-lock": "GetObjectLockConfiguration",
    "PUT object-lock": "PutObjectLockConfiguration",
}
OBJECT: Final[dict[str, str]] = {}

OPERATIONS: Final[dict[str, Callable[[State, Request], Answer]]] = {
    "GetBucketPolicy": _policy,
    "PutBucketPolicy": _put_policy,
    "DeleteBucketPolicy": partial(_delete, "policy"),
    "GetBucketOwnershipControls": _ownership,
    "PutBucketOwnershipControls": _put_ownership,
    "DeleteBucketOwnershipControls": _delete_ownership,
    "GetObjectLockConfiguration": _lock,
    "PutObjectLockConfiguration": _put_lock,
}


def _offer() -> None:
    """Have all settings that are only kept be asked for, set and removed."""
    for subresource, setting in _SETTINGS.items():
        longer = "Configuration" if subresource == "lifecycle" else ""
        names = {
            "GET": (f"Get{setting.name}{longer}", _get),
            "PUT": (f"Put{setting.name}{longer}", _put),
        }
        if setting.deleted:
            names["DELETE"] = (f"Delete{setting.name}", _delete)
        for method, (operation, work) in names.items():
            BUCKET[f"{method} {subresource}"] = operation
            OPERATIONS[operation] = partial(work, subresource)


_offer()
