"""Multipart uploads: begun, filled part by part, completed or aborted.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s3open.testing import holding
from s3open.testing.checksums import (
    ALGORITHMS,
    COMPOSITE,
    DEFAULT,
    FULL,
    Checksum,
    sent_checksums,
)
from s3open.testing.descriptions import described
from s3open.testing.documents import document, element
from s3open.testing.errors import RefusalError
from s3open.testing.request import Answer
from s3open.testing.rights import claim
from s3open.testing.store import Part, Upload

if TYPE_CHECKING:
    from s3open.testing.request import Request
    from s3open.testing.state import State
    from s3open.testing.store import Bucket

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
MAX_PART_NUMBER: Final = 10_000


def create_upload(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    holding.require_lockable(bucket, request.headers)
    algorithm, kind = _algorithm_and_kind(request)
    upload = Upload(request.key, described(request.headers), algorithm, kind)
    claim(upload, bucket, request)
    bucket.uploads[upload.upload_id] = upload
    inner = [
        element("Bucket", bucket.name),
        element("Key", request.key),
        element("UploadId", upload.upload_id),
    ]
    answer = Answer.of_document(document("InitiateMultipartUploadResult", inner))
    if algorithm:
        answer.headers["x-amz-checksum-algorithm"] = algorithm.upper()
        answer.headers["x-amz-checksum-type"] = kind
    return answer


def _algorithm_and_kind(request: Request) -> tuple[str | None, str]:
    algorithm = request.headers.get("x-amz-checksum-algorithm", "").lower()
    kind = request.headers.get("x-amz-checksum-type", "").upper()
    if not algorithm:
        if kind:
            raise RefusalError(
                "InvalidRequest",
                "The x-amz-checksum-type header can only be used with the "
                "x-amz-checksum-algorithm header.",
            )
        return None, FULL
    if algorithm not in ALGORITHMS:
        raise RefusalError(
            "InvalidRequest", "Checksum algorithm provided is unsupported."
        )
    kind = kind or (FULL if algorithm == DEFAULT else COMPOSITE)
    impossible = (algorithm == DEFAULT and kind == COMPOSITE) or (
        algorithm.startswith("sha") and kind == FULL
    )
    if impossible or kind not in {FULL, COMPOSITE}:
        raise RefusalError(
            "InvalidRequest",
            f"The {kind} checksum type cannot be used with the {algorithm} checksum "
            "algorithm.",
        )
    return algorithm, kind


def require_upload(state: State, request: Request) -> tuple[Bucket, Upload]:
    """Return the pending upload a request names, its key matching."""
    bucket = state.store.bucket(request.bucket)
    upload_id = request.query.get("uploadId", "")
    upload = bucket.uploads.get(upload_id)
    if upload is None or upload.key != request.key:
        raise RefusalError("NoSuchUpload", elements={"UploadId": upload_id})
    return bucket, upload


def part_number(request: Request) -> int:
    number = request.number("partNumber", 0)
    if not 1 <= number <= MAX_PART_NUMBER:
        raise RefusalError(
            "InvalidArgument",
            "Part number must be an integer between 1 and 10000, inclusive",
            elements={"ArgumentName": "partNumber", "ArgumentValue": str(number)},
        )
    return number


def upload_part(state: State, request: Request) -> Answer:
    number = part_number(request)
    _, upload = require_upload(state, request)
    body = request.body
    claimed = sent_checksums(request.headers) | sent_checksums(body.trailers)
    if upload.algorithm and claimed and upload.algorithm not in claimed:
        raise RefusalError(
            "InvalidRequest",
            f"Checksum Type mismatch occurred, expected checksum Type: "
            f"{upload.algorithm}, actual checksum Type: {next(iter(claimed))}",
        )
    sums = {
        name: body.digests.text(name) for name in ALGORITHMS if name in body.digests
    }
    etag = state.etag(body.digests)
    upload.parts[number] = Part(number, body.content, etag, sums)
    headers = {"ETag": f'"{etag}"'}
    for name in claimed or [upload.algorithm or DEFAULT]:
        if name in sums:
            headers |= {Checksum(name, sums[name]).header: sums[name]}
    return Answer(200, headers)


def abort_upload(state: State, request: Request) -> Answer:
    bucket, upload = require_upload(state, request)
    del bucket.uploads[upload.upload_id]
    return Answer(204)
