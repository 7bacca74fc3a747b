"""Buckets: made, found, removed, listed, and what they are configured with.

Outside the data path, hence by boto3 itself. Settings are alike, so one table has what
differs: the operations, where their value is, and what "not configured" is called.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from s3open import errors
from s3open.location import Location
from s3open.s3 import retry
from s3open.s3.boto_basis import headers_of
from s3open.s3.endpoint import is_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from s3open.s3.boto import BotoVerbs

_Result = TypeVar("_Result")

# The account, of which one asks for its buckets.
ACCOUNT = Location("", "", "s3://")
FIRST_REGION = "us-east-1"
# One page of buckets is as long as one of keys; S3 takes up to 10,000.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
_PAGE = 1000
_REGION = "x-amz-bucket-region"


class Setting(NamedTuple):
    """How a setting is asked for, set and removed.

    *path* is where its value is in the answer (nowhere in particular: it is the whole
    answer), and in the argument of that *name* to set it. *absent* are the codes that
    say that it is not configured.
    """

    get: str
    path: tuple[str, ...]
    put: str
    name: str
    inside: tuple[str, ...]
    delete: str
    absent: tuple[str, ...]


SETTINGS = {
    "policy": Setting(
        "get_bucket_policy",
        ("Policy",),
        "put_bucket_policy",
        "Policy",
        (),
        "delete_bucket_policy",
        ("NoSuchBucketPolicy",),
    ),
    "cors": Setting(
        "get_bucket_cors",
        ("CORSRules",),
        "put_bucket_cors",
        "CORSConfiguration",
        ("CORSRules",),
        "delete_bucket_cors",
        ("NoSuchCORSConfiguration",),
    ),
    "lifecycle": Setting(
        "get_bucket_lifecycle_configuration",
        ("Rules",),
        "put_bucket_lifecycle_configuration",
        "LifecycleConfiguration",
        ("Rules",),
        "delete_bucket_lifecycle",
        ("NoSuchLifecycleConfiguration",),
    ),
    "tags": Setting(
        "get_bucket_tagging",
        ("TagSet",),
        "put_bucket_tagging",
        "Tagging",
        ("TagSet",),
        "delete_bucket_tagging",
        # The latter is Ceph's word.
        ("NoSuchTagSet", "NoSuchTagSetError"),
    ),
    "website": Setting(
        "get_bucket_website",
        (),
        "put_bucket_website",
        "WebsiteConfiguration",
        (),
        "delete_bucket_website",
        ("NoSuchWebsiteConfiguration",),
    ),
    "encryption": Setting(
        "get_bucket_encryption",
        ("ServerSideEncryptionConfiguration", "Rules"),
        "put_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        ("Rules",),
        "delete_bucket_encryption",
        ("ServerSideEncryptionConfigurationNotFoundError",),
    ),
    "ownership": Setting(
        "get_bucket_ownership_controls",
        ("OwnershipControls", "Rules"),
        "put_bucket_ownership_controls",
        "OwnershipControls",
        ("Rules",),
        "delete_bucket_ownership_controls",
        ("OwnershipControlsNotFoundError",),
    ),
    "public_access_block": Setting(
        "get_public_access_block",
        ("PublicAccessBlockConfiguration",),
        "put_public_access_block",
        "PublicAccessBlockConfiguration",
        (),
        "delete_public_access_block",
        ("NoSuchPublicAccessBlockConfiguration",),
    ),
    "object_lock": Setting(
        "get_object_lock_configuration",
        ("ObjectLockConfiguration",),
        "put_object_lock_configuration",
        "ObjectLockConfiguration",
        (),
        "",
        # The latter is what Ceph calls it.
        (
            "ObjectLockConfigurationNotFoundError",
            "NoSuchObjectLockConfiguration",
        ),
    ),
}


def get(verbs: BotoVerbs, at: Location, name: str) -> Any:
    """Return the setting *name* of the bucket *at*, None if it is not configured."""
    setting = SETTINGS[name]
    try:
        answer = _asked(verbs, setting.get, at)
    except errors.S3Error as error:
        if error.code in setting.absent:
            return None
        raise
    value: Any = {k: v for k, v in answer.items() if k != "ResponseMetadata"}
    for member in setting.path:
        value = value.get(member)
        if value is None:
            break
    if value is None or not (value or setting.path):
        # A store that does not know it takes the request for another one.
        raise _unknown(at, name)
    return value or None


def put(verbs: BotoVerbs, at: Location, name: str, value: Any) -> None:
    """Have *value* be the setting *name* of the bucket *at*; None removes it."""
    setting = SETTINGS[name]
    if value is None:
        _asked(verbs, setting.delete, at)
        return
    for member in reversed(setting.inside):
        value = {member: value}
    _asked(verbs, setting.put, at, **{setting.name: value})


def versioning(verbs: BotoVerbs, at: Location) -> str | None:
    """Return whether the bucket *at* keeps versions, in S3's word."""
    return retry.repeated(lambda: verbs.bucket_versioning(at), verbs.patience)


def put_versioning(
    verbs: BotoVerbs, at: Location, configuration: Mapping[str, str], mfa: str | None
) -> None:
    """Have the bucket *at* keep versions, or not."""
    more = {} if mfa is None else {"MFA": mfa}
    _asked(
        verbs,
        "put_bucket_versioning",
        at,
        VersioningConfiguration=dict(configuration),
        **more,
    )


def buckets(
    verbs: BotoVerbs, prefix: str = "", region: str | None = None
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, str]]]:
    """Yield each bucket of the account, and its owner, as boto3 tells of them."""
    asked: dict[str, Any] = {"MaxBuckets": _PAGE}
    if prefix:
        asked["Prefix"] = prefix
    if region is not None:
        asked["BucketRegion"] = region
    while True:
        page = _asked(verbs, "list_buckets", ACCOUNT, **asked)
        for entry in page.get("Buckets", ()):
            yield entry, page.get("Owner", {})
        token = page.get("ContinuationToken")
        if not token or token == asked.get("ContinuationToken"):
            return
        asked["ContinuationToken"] = token


def create(verbs: BotoVerbs, at: Location, **arguments: Any) -> None:
    """Make the bucket *at*; FileExistsError if it is there already."""
    _certain(
        verbs,
        lambda: verbs.ask("create_bucket", at, **arguments),
        "BucketAlreadyOwnedByYou",
    )


def delete(verbs: BotoVerbs, at: Location) -> None:
    """Remove the bucket *at*, which has to be empty."""
    _certain(verbs, lambda: verbs.ask("delete_bucket", at), "NoSuchBucket")


def exists(verbs: BotoVerbs, at: Location) -> bool | None:
    """Whether there is a bucket *at*; None if it may be somebody else's."""
    try:
        _asked(verbs, "head_bucket", at)
    except errors.S3Error as error:
        if error.status == 404:
            return False
        # 301: it is there, in a region that nobody tells of.
        if error.status in (301, 403):
            return None
        raise
    return True


def location(verbs: BotoVerbs, at: Location) -> str:
    """Return the region of the bucket *at*.

    It is told even to those who may not look into the bucket; some stores do not tell
    it, until they are asked for nothing else.
    """
    try:
        answer = _asked(verbs, "head_bucket", at)
    except errors.S3PermissionError as error:
        told = headers_of(error.response).get(_REGION)
        if told is None:
            raise
        return told
    told = answer.get("BucketRegion") or headers_of(answer).get(_REGION)
    if told is None:
        told = _asked(verbs, "get_bucket_location", at).get("LocationConstraint")
    return region_named(told)


def region_named(location: str | None) -> str:
    """Return the region that S3 means by a *location*: the oldest two have no name.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
    """
    if location == "EU":
        return "eu-west-1"
    return location or FIRST_REGION


def own_region(verbs: BotoVerbs) -> str:
    """Return the region that *verbs* make buckets in, unless told otherwise."""
    return FIRST_REGION if verbs.region in ("", "aws-global") else verbs.region


def takes_own_for_new(verbs: BotoVerbs, region: str) -> bool:
    """Whether a bucket of one's own may be made a second time, as S3 once let it.

    Of other stores many do.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    """
    return region == FIRST_REGION or not is_aws(verbs.endpoint)


def constraint(
    verbs: BotoVerbs, region: str, *, asked_for: bool
) -> dict[str, dict[str, str]]:
    """Return the argument that has a bucket be made in *region*.

    None for S3's oldest, which it is refused for; and other stores have places of their
    own, so they are told of it only if it was *asked_for*.
    """
    if region == FIRST_REGION or not (asked_for or is_aws(verbs.endpoint)):
        return {}
    return {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _asked(verbs: BotoVerbs, operation: str, at: Location, **arguments: Any) -> Any:
    return retry.repeated(lambda: verbs.ask(operation, at, **arguments), verbs.patience)


def _certain(verbs: BotoVerbs, request: Callable[[], object], done: str) -> None:
    """Have *request* be carried out once; the code *done* says that it has been.

    That is no error where an earlier try may have been carried out, whose answer was
    lost.
    """
    doubtful = False

    def once() -> None:
        nonlocal doubtful
        try:
            request()
        except errors.S3Error as error:
            if doubtful and error.code == done:
                return
            doubtful = doubtful or error.ambiguous
            raise

    retry.repeated(once, verbs.patience)


def _unknown(at: Location, name: str) -> errors.S3Error:
    error = errors.S3Error.at(at.uri, f"the store does not know {name} of buckets")
    error.code, error.status = "NotImplemented", 501
    return error
