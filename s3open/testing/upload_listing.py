"""Listings of what is not an object yet: pending uploads and their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

from s3open.testing.checksums import Checksum
from s3open.testing.documents import document, element, group, timestamp
from s3open.testing.multipart import require_upload
from s3open.testing.request import Answer

if TYPE_CHECKING:
    from s3open.testing.request import Request
    from s3open.testing.state import State
    from s3open.testing.store import Part, Upload

MAX_PARTS: Final = 1000
MAX_UPLOADS: Final = 1000


def list_parts(state: State, request: Request) -> Answer:
    bucket, upload = require_upload(state, request)
    after = request.number("part-number-marker", 0)
    limit = min(MAX_PARTS, request.number("max-parts", MAX_PARTS))
    numbers = sorted(number for number in upload.parts if number > after)
    shown = numbers[:limit]
    truncated = len(numbers) > len(shown)
    algorithm = upload.algorithm and upload.algorithm.upper()
    inner = [
        element("Bucket", bucket.name),
        element("Key", upload.key),
        element("UploadId", upload.upload_id),
        element("PartNumberMarker", after),
        element("NextPartNumberMarker", shown[-1] if shown else 0),
        element("MaxParts", limit),
        element("IsTruncated", truncated),
        element("StorageClass", upload.about.storage_class),
        element("ChecksumAlgorithm", algorithm),
        element("ChecksumType", upload.kind if algorithm else None),
        *(_part(upload, upload.parts[number]) for number in shown),
    ]
    return Answer.of_document(document("ListPartsResult", inner))


def _part(upload: Upload, part: Part) -> str:
    name = upload.algorithm
    checksum = Checksum(name, part.sums[name]) if name and name in part.sums else None
    return group(
        "Part",
        element("PartNumber", part.number),
        element("LastModified", timestamp(part.modified)),
        element("ETag", f'"{part.etag}"'),
        element("Size", part.content.size),
        element(checksum.element, checksum.value) if checksum else "",
    )


def list_uploads(state: State, request: Request) -> Answer:
    """Answer the pending uploads by key, then in the order they were begun."""
    bucket = state.store.bucket(request.bucket)
    prefix = request.query.get("prefix", "")
    limit = min(MAX_UPLOADS, request.number("max-uploads", MAX_UPLOADS))
    key_marker = request.query.get("key-marker", "")
    id_marker = request.query.get("upload-id-marker", "")
    url = request.query.get("encoding-type") == "url"
    pending = [
        upload
        for upload in sorted(bucket.uploads.values(), key=_order)
        if upload.key.startswith(prefix)
    ]
    pending = pending[_skipped(pending, key_marker, id_marker) :]
    shown = pending[:limit]
    truncated = len(pending) > len(shown) and limit > 0
    last = shown[-1] if truncated else None
    inner = [
        element("Bucket", bucket.name),
        element("KeyMarker", _text(key_marker, url=url)),
        element("UploadIdMarker", id_marker),
        element("NextKeyMarker", _text(last.key, url=url) if last else None),
        element("NextUploadIdMarker", last.upload_id if last else None),
        element("Prefix", _text(prefix, url=url)),
        element("EncodingType", "url" if url else None),
        element("MaxUploads", limit),
        element("IsTruncated", truncated),
        *(_upload(upload, _text(upload.key, url=url)) for upload in shown),
    ]
    return Answer.of_document(document("ListMultipartUploadsResult", inner))


def _order(upload: Upload) -> tuple[str, float]:
    return upload.key, upload.initiated


def _skipped(pending: list[Upload], key_marker: str, id_marker: str) -> int:
    """Return how many uploads come before the page that the markers ask for."""
    for index, upload in enumerate(pending):
        if id_marker and upload.upload_id == id_marker:
            return index + 1
        if upload.key > key_marker:
            return index
    return len(pending)


def _text(key: str, *, url: bool) -> str:
    return quote_plus(key, safe="/*") if url else key


def _person(name: str, owner: str) -> str:
    return group(name, element("ID", owner), element("DisplayName", owner))


def _upload(upload: Upload, key: str) -> str:
    algorithm = upload.algorithm and upload.algorithm.upper()
    return group(
        "Upload",
        element("UploadId", upload.upload_id),
        element("Key", key),
        _person("Initiator", upload.owner),
        _person("Owner", upload.owner),
        element("Initiated", timestamp(upload.initiated)),
        element("StorageClass", upload.about.storage_class),
        element("ChecksumAlgorithm", algorithm),
        element("ChecksumType", upload.kind if algorithm else None),
    )
