"""All operations by name, and what becomes of a refusal."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from s3open.testing import (
    access,
    buckets,
    completion,
    configuration,
    copying,
    deletion,
    listing,
    locks,
    multipart,
    objects,
    posting,
    tagging,
    upload_listing,
)
from s3open.testing.documents import error_document
from s3open.testing.errors import RefusalError
from s3open.testing.request import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing.request import Request
    from s3open.testing.state import State

_OPERATIONS: Final[dict[str, Callable[[State, Request], Answer]]] = {
    "AbortMultipartUpload": multipart.abort_upload,
    "CompleteMultipartUpload": completion.complete_upload,
    "CopyObject": copying.copy_object,
    "CreateBucket": buckets.create_bucket,
    "CreateMultipartUpload": multipart.create_upload,
    "DeleteBucket": buckets.delete_bucket,
    "DeleteObject": objects.delete_object,
    "DeleteObjectTagging": tagging.delete_object_tagging,
    "DeleteObjects": deletion.delete_objects,
    "GetBucketLocation": buckets.bucket_location,
    "GetBucketVersioning": buckets.bucket_versioning,
    "GetObject": objects.get_object,
    "GetObjectAttributes": objects.object_attributes,
    "GetObjectTagging": tagging.object_tagging,
    "HeadBucket": buckets.head_bucket,
    "HeadObject": objects.get_object,
    "ListBuckets": buckets.list_buckets,
    "ListMultipartUploads": upload_listing.list_uploads,
    "ListObjectVersions": listing.list_object_versions,
    "ListObjects": listing.list_objects,
    "ListObjectsV2": listing.list_objects_v2,
    "ListParts": upload_listing.list_parts,
    "PutBucketVersioning": buckets.put_bucket_versioning,
    "PutObject": objects.put_object,
    "PutObjectTagging": tagging.put_object_tagging,
    "UploadPart": multipart.upload_part,
    "UploadPartCopy": copying.upload_part_copy,
    **configuration.OPERATIONS,
    **access.OPERATIONS,
    **posting.OPERATIONS,
    **locks.OPERATIONS,
}


def execute(state: State, request: Request) -> Answer:
    """Do what was asked, alone; refused with nothing changed."""
    with state.lock:
        return _OPERATIONS[request.operation](state, request)


def error_in_200(code: str) -> Answer:
    """Return a success that turns out to be an error once its body is read.

    S3 does so when it had to begin its answer before it knew the outcome:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
    """
    return replace(refused(RefusalError(code), None), status=200)


def refused(refusal: RefusalError, request: Request | None) -> Answer:
    """Return the answer that says so."""
    request_id = secrets.token_hex(8).upper()
    host_id = secrets.token_urlsafe(42)
    elements = {
        "Code": refusal.code,
        "Message": refusal.message,
        **refusal.elements,
        "Resource": request.path if request else "",
        "RequestId": request_id,
        "HostId": host_id,
    }
    headers = {
        "Content-Type": "application/xml",
        "x-amz-request-id": request_id,
        "x-amz-id-2": host_id,
        **refusal.headers,
    }
    return Answer(refusal.status, headers, error_document(elements))
