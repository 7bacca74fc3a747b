"""Which operation a request is, and on what.

The path is taken apart as it was sent: no dot segments, no double slashes removed, for
keys are any bytes.
"""

from __future__ import annotations

from typing import Final

from s3open.testing import access, configuration, locks, posting
from s3open.testing.errors import RefusalError
from s3open.testing.request import Request, decoded

MAX_KEY: Final = (
    1024  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
)

_BUCKET: Final = {
    "PUT": "CreateBucket",
    "HEAD": "HeadBucket",
    "DELETE": "DeleteBucket",
    "GET": "ListObjects",
    "GET location": "GetBucketLocation",
    "GET versioning": "GetBucketVersioning",
    "PUT versioning": "PutBucketVersioning",
    "GET versions": "ListObjectVersions",
    "GET uploads": "ListMultipartUploads",
    "POST delete": "DeleteObjects",
    **configuration.BUCKET,
    **access.BUCKET,
    **posting.BUCKET,
    **locks.BUCKET,
}
_OBJECT: Final = {
    "GET": "GetObject",
    "HEAD": "HeadObject",
    "PUT": "PutObject",
    "DELETE": "DeleteObject",
    "GET attributes": "GetObjectAttributes",
    "GET tagging": "GetObjectTagging",
    "PUT tagging": "PutObjectTagging",
    "DELETE tagging": "DeleteObjectTagging",
    "POST uploads": "CreateMultipartUpload",
    "PUT uploadId": "UploadPart",
    "POST uploadId": "CompleteMultipartUpload",
    "DELETE uploadId": "AbortMultipartUpload",
    "GET uploadId": "ListParts",
    **configuration.OBJECT,
    **access.OBJECT,
    **posting.OBJECT,
    **locks.OBJECT,
}
_COPIES: Final = {"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}

# Query parameters that make another operation of a request. Those of operations not
# offered are here too: they must be refused, not taken for something else.
# fmt: off
_SUBRESOURCES: Final = frozenset({
    "abac", "accelerate", "acl", "analytics", "attributes", "cors", "delete",
    "encryption", "encryptionType", "intelligent-tiering", "inventory",
    "legal-hold", "lifecycle", "location", "logging", "metadataConfiguration",
    "metadataTable", "metrics", "notification", "object-lock", "ownershipControls",
    "policy", "policyStatus", "publicAccessBlock", "renameObject", "replication",
    "requestPayment", "restore", "retention", "select", "session", "tagging",
    "torrent", "uploadId", "uploads", "versioning", "versions", "website",
})
# fmt: on
_SERVICE_HOSTS: Final = (".s3.localhost", ".localhost")


def route(request: Request) -> None:
    """Fill in bucket, key and operation; refused when there is no such operation."""
    request.operation = "Unknown"
    request.bucket, request.key = _place(request)
    request.operation = _operation(request)
    if len(request.key.encode()) > MAX_KEY:
        raise RefusalError(
            "KeyTooLongError",
            elements={
                "Size": str(len(request.key.encode())),
                "MaxSizeAllowed": str(MAX_KEY),
            },
        )


def _place(request: Request) -> tuple[str, str]:
    path = request.path
    if not path.startswith("/"):
        raise RefusalError("InvalidURI")
    bucket = _bucket_of_host(request.headers.get("host", ""))
    if bucket:
        return bucket, decoded(path[1:])
    bucket, _, key = path[1:].partition("/")
    return decoded(bucket), decoded(key)


def _bucket_of_host(host: str) -> str:
    name = host.partition(":")[0]
    if name == "s3.localhost":
        return ""
    for suffix in _SERVICE_HOSTS:
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return ""


def _operation(request: Request) -> str:
    if not request.bucket:
        return _known({"GET": "ListBuckets"}.get(request.method))
    subresources = request.query.keys() & _SUBRESOURCES
    if len(subresources) > 1:
        raise RefusalError("InvalidArgument", "Conflicting query string parameters")
    asked = " ".join([request.method, *subresources])
    if not request.key:
        operation = _known(_BUCKET.get(asked))
        if operation == "ListObjects" and request.query.get("list-type") == "2":
            return "ListObjectsV2"
        return operation
    operation = _known(_OBJECT.get(asked))
    if "x-amz-copy-source" in request.headers:
        return _COPIES.get(operation, operation)
    return operation


def _known(operation: str | None) -> str:
    if operation is None:
        raise RefusalError("NotImplemented")
    return operation
