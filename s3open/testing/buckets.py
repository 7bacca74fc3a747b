"""Making, finding and removing buckets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from s3open.testing.documents import document, element, group, parse, timestamp
from s3open.testing.errors import RefusalError
from s3open.testing.request import Answer
from s3open.testing.rights import ENFORCED, claim_bucket
from s3open.testing.store import OWNER, Bucket

if TYPE_CHECKING:
    from s3open.testing.request import Request
    from s3open.testing.state import State

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGION: Final = re.compile(r"EU|[a-z]{2}(-[a-z]+)+-[0-9]")
_FIRST: Final = "us-east-1"
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
MAX_BUCKETS: Final = 10_000


def list_buckets(state: State, request: Request) -> Answer:
    """Answer the buckets of who asks, a page of them if they ask for one."""
    owner = request.owner or OWNER
    prefix = request.query.get("prefix", "")
    region = request.query.get("bucket-region")
    after = request.query.get("continuation-token", "")
    limit = request.number("max-buckets", MAX_BUCKETS)
    if not 0 < limit <= MAX_BUCKETS:
        raise RefusalError("InvalidArgument", "max-buckets is 1 to 10,000")
    found = [
        bucket
        for name, bucket in sorted(state.store.buckets.items())
        if name.startswith(prefix)
        and name > after
        and bucket.owner == owner
        and region in (None, bucket.region)
    ]
    shown = found[:limit]
    more = shown[-1].name if len(found) > len(shown) else None
    inner = [
        group("Owner", element("ID", owner), element("DisplayName", owner)),
        group("Buckets", *map(_listed, shown)),
        element("ContinuationToken", more),
        element("Prefix", prefix or None),
    ]
    return Answer.of_document(document("ListAllMyBucketsResult", inner))


def _listed(bucket: Bucket) -> str:
    return group(
        "Bucket",
        element("Name", bucket.name),
        element("CreationDate", timestamp(bucket.created)),
        element("BucketRegion", bucket.region),
    )


def make_bucket(state: State, name: str, region: str) -> Bucket:
    """Create a bucket; refused when S3 would refuse its name."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise RefusalError("InvalidBucketName", elements={"BucketName": name})
    if name in state.store.buckets:
        raise RefusalError("BucketAlreadyOwnedByYou", elements={"BucketName": name})
    bucket = state.store.buckets[name] = Bucket(name, region)
    return bucket


def create_bucket(state: State, request: Request) -> Answer:
    region, spelling = _region(state, bytes(request.body.content))
    answer = Answer(200, {"Location": f"/{request.bucket}"})
    there = state.store.buckets.get(request.bucket)
    owner = request.owner or OWNER
    if there is not None and there.owner != owner:
        raise RefusalError("BucketAlreadyExists", elements={"BucketName": there.name})
    if there is not None and (there.region, region) == (_FIRST, _FIRST):
        # As it was before there were other regions.
        return answer
    bucket = make_bucket(state, request.bucket, region)
    # As on AWS since April 2023, unless the request says otherwise.
    bucket.ownership = ENFORCED
    try:
        claim_bucket(bucket, request)
    except RefusalError:
        del state.store.buckets[bucket.name]
        raise
    if spelling:
        bucket.settings["location"] = spelling.encode()
    locked = request.headers.get("x-amz-bucket-object-lock-enabled", "")
    if locked.lower() == "true":
        bucket.lock, bucket.versioning = True, "Enabled"
    return answer


def _region(state: State, body: bytes) -> tuple[str, str]:
    """Return the region that *body* asks for, and how S3 spells it if otherwise."""
    own = state.settings.region
    wanted = parse(body).findtext("LocationConstraint") if body else None
    if not wanted:
        return own, ""
    if wanted == _FIRST or not _REGION.fullmatch(wanted):
        raise RefusalError(
            "InvalidLocationConstraint", elements={"LocationConstraint": wanted}
        )
    region = "eu-west-1" if wanted == "EU" else wanted
    if own not in (_FIRST, region):
        raise RefusalError(
            "IllegalLocationConstraintException",
            f"The {wanted} location constraint is incompatible for the region "
            "specific endpoint this request was sent to.",
        )
    return region, "EU" if wanted == "EU" else ""


def head_bucket(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    if not bucket.listing:
        raise RefusalError("AccessDenied")
    return Answer(200, {"x-amz-bucket-region": bucket.region})


def delete_bucket(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    if not bucket.empty:
        raise RefusalError("BucketNotEmpty", elements={"BucketName": bucket.name})
    del state.store.buckets[bucket.name]
    return Answer(204)


def bucket_location(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    # The oldest region is spelt as nothing at all, the next one as it was asked for.
    text = "" if bucket.region == _FIRST else bucket.region
    text = bucket.settings.get("location", b"").decode() or text
    return Answer.of_document(document("LocationConstraint", [text]))


def bucket_versioning(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    inner = [
        element("Status", bucket.versioning or None),
        element("MfaDelete", "Enabled" if bucket.mfa else None),
    ]
    return Answer.of_document(document("VersioningConfiguration", inner))


def put_bucket_versioning(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    tree = parse(bytes(request.body.content))
    status, wanted = tree.findtext("Status"), tree.findtext("MfaDelete")
    if status not in {"Enabled", "Suspended"} or wanted not in {
        None,
        "Enabled",
        "Disabled",
    }:
        raise RefusalError("MalformedXML")
    code = request.headers.get("x-amz-mfa")
    # One device, with one code, that was told when it began to be needed.
    if (bucket.mfa and code != bucket.mfa) or (wanted and not code):
        raise RefusalError("AccessDenied")
    if bucket.lock and status == "Suspended":
        raise RefusalError(
            "InvalidBucketState",
            "An Object Lock configuration is present on this bucket, so the "
            "versioning state cannot be changed.",
        )
    bucket.versioning = status
    if wanted:
        bucket.mfa = code if wanted == "Enabled" else None
    return Answer(200)
