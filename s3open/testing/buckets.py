"""Making, finding and removing buckets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from s3open.testing.documents import document, element, group, parse, timestamp
from s3open.testing.errors import RefusalError
from s3open.testing.request import Answer
from s3open.testing.store import OWNER, Bucket

if TYPE_CHECKING:
    from s3open.testing.request import Request
    from s3open.testing.state import State

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def list_buckets(state: State, request: Request) -> Answer:
    prefix = request.query.get("prefix", "")
    buckets = [
        group(
            "Bucket",
            element("Name", bucket.name),
            element("CreationDate", timestamp(bucket.created)),
            element("BucketRegion", bucket.region),
        )
        for name, bucket in sorted(state.store.buckets.items())
        if name.startswith(prefix)
    ]
    name = request.owner or OWNER
    owner = group("Owner", element("ID", name), element("DisplayName", name))
    inner = [owner, group("Buckets", *buckets)]
    return Answer.of_document(document("ListAllMyBucketsResult", inner))


def make_bucket(state: State, name: str, region: str) -> Bucket:
    """Create a bucket; refused when S3 would refuse its name."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise RefusalError("InvalidBucketName", elements={"BucketName": name})
    if name in state.store.buckets:
        raise RefusalError("BucketAlreadyOwnedByYou", elements={"BucketName": name})
    bucket = state.store.buckets[name] = Bucket(name, region)
    return bucket


def create_bucket(state: State, request: Request) -> Answer:
    region = state.settings.region
    body = bytes(request.body.content)
    if body:
        region = parse(body).findtext("LocationConstraint") or region
    bucket = make_bucket(state, request.bucket, region)
    locked = request.headers.get("x-amz-bucket-object-lock-enabled", "")
    if locked.lower() == "true":
        bucket.lock, bucket.versioning = True, "Enabled"
    return Answer(200, {"Location": f"/{request.bucket}"})


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
    region = state.store.bucket(request.bucket).region
    # The oldest region is spelt as nothing at all.
    text = "" if region == "us-east-1" else region
    return Answer.of_document(document("LocationConstraint", [text]))


def bucket_versioning(state: State, request: Request) -> Answer:
    status = state.store.bucket(request.bucket).versioning
    inner = [element("Status", status)] if status else []
    return Answer.of_document(document("VersioningConfiguration", inner))


def put_bucket_versioning(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    status = parse(bytes(request.body.content)).findtext("Status")
    if status not in {"Enabled", "Suspended"}:
        raise RefusalError("MalformedXML")
    bucket.versioning = status
    return Answer(200)
