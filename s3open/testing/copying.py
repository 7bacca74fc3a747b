"""Copies made inside the store, of whole objects and into parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s3open.testing import holding
from s3open.testing.checksums import ALGORITHMS, DEFAULT, FULL, Checksum, digests_of
from s3open.testing.conditions import require_for_copy, require_for_write
from s3open.testing.descriptions import described, require_key
from s3open.testing.documents import document, element, timestamp
from s3open.testing.errors import RefusalError
from s3open.testing.multipart import part_number, require_upload
from s3open.testing.objects import (
    require_not_archived,
    require_readable,
    version_headers,
)
from s3open.testing.ranges import copied_span
from s3open.testing.request import Answer, decoded
from s3open.testing.rights import claim, require_of_object
from s3open.testing.store import Described, Part, StoredObject

if TYPE_CHECKING:
    from s3open.testing.content import Content
    from s3open.testing.request import Request
    from s3open.testing.state import State
    from s3open.testing.store import Bucket

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
MAX_COPY: Final = 5 * 1024**3


def copy_object(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    source_bucket, source = _source(state, request)
    _require_copyable(source.size)
    about = _description(request, source)
    if source is bucket.current(request.key) and _changes_nothing(request):
        raise RefusalError(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to "
            "itself without changing the object's metadata, storage class, website "
            "redirect location or encryption attributes.",
        )
    current = bucket.current(request.key)
    require_for_write(request.headers, current, request.key)
    checksum = _checksum(request, source)
    etag = state.etag_of(source.content)
    item = StoredObject(request.key, source.content, etag, about, checksum)
    claim(item, bucket, request)
    holding.keep(bucket, item)
    bucket.publish(item)
    inner = [
        element("LastModified", timestamp(item.modified)),
        element("ETag", f'"{item.etag}"'),
    ]
    if checksum:
        inner.append(element(checksum.element, checksum.value))
        inner.append(element("ChecksumType", checksum.kind))
    answer = Answer.of_document(document("CopyObjectResult", inner))
    answer.headers |= _source_version(source_bucket, source)
    answer.headers |= version_headers(bucket, item)
    return answer


def upload_part_copy(state: State, request: Request) -> Answer:
    number = part_number(request)
    _, upload = require_upload(state, request)
    source_bucket, source = _source(state, request)
    text = request.headers.get("x-amz-copy-source-range")
    span = range(source.size) if text is None else copied_span(text, source.size)
    _require_copyable(len(span))
    content = source.content.part(span)
    sums = _sums(content, upload.algorithm or DEFAULT)
    part = Part(number, content, state.etag_of(content), sums)
    upload.parts[number] = part
    inner = [
        element("LastModified", timestamp(part.modified)),
        element("ETag", f'"{part.etag}"'),
        *(element(Checksum(name, "").element, value) for name, value in sums.items()),
    ]
    answer = Answer.of_document(document("CopyPartResult", inner))
    answer.headers |= _source_version(source_bucket, source)
    return answer


def _source(state: State, request: Request) -> tuple[Bucket, StoredObject]:
    """Return the object to copy, allowed to be read and as the client expects it."""
    path, _, query = request.headers["x-amz-copy-source"].partition("?")
    name, slash, key = decoded(path).removeprefix("/").partition("/")
    version_id = query.removeprefix("versionId=") or None
    if not (name and slash and key):
        raise RefusalError(
            "InvalidArgument", "Copy Source must mention the source bucket and key"
        )
    for denial in state.denials:
        if denial.matches("GetObject", name, key):
            raise RefusalError("AccessDenied")
    bucket = state.store.bucket(name)
    require_of_object(request.owner, bucket, key, version_id, "READ")
    source = require_readable(bucket, key, version_id)
    require_key(request.headers, source, "x-amz-copy-source-")
    require_not_archived(source)
    require_for_copy(request.headers, source)
    return bucket, source


def _require_copyable(size: int) -> None:
    if size > MAX_COPY:
        raise RefusalError(
            "InvalidRequest",
            "The specified copy source is larger than the maximum allowable size for "
            f"a copy source: {MAX_COPY}",
        )


def _description(request: Request, source: StoredObject) -> Described:
    """Return metadata and tags of the copy: the source's unless REPLACE is asked."""
    given = described(request.headers)
    directive = request.headers.get("x-amz-metadata-directive", "COPY").upper()
    tagging = request.headers.get("x-amz-tagging-directive", "COPY").upper()
    tags = given.tags if tagging == "REPLACE" else source.tags
    if directive == "REPLACE":
        return Described(given.headers, given.metadata, tags)
    inherited = {
        name: value
        for name, value in source.about.headers.items()
        if not name.startswith("x-amz-")
    }
    chosen = {
        name: value
        for name, value in given.headers.items()
        if name.startswith("x-amz-")
    }
    return Described(inherited | chosen, source.metadata, tags)


def _changes_nothing(request: Request) -> bool:
    directive = request.headers.get("x-amz-metadata-directive", "COPY").upper()
    return directive == "COPY" and not any(
        name.startswith("x-amz-") for name in described(request.headers).headers
    )


def _checksum(request: Request, source: StoredObject) -> Checksum | None:
    asked = request.headers.get("x-amz-checksum-algorithm", "").lower()
    kept = source.checksum
    if "checksum" in request.ignored:
        return None
    if not asked and kept is not None and kept.kind == FULL:
        return kept
    name = asked or (kept.algorithm if kept else DEFAULT)
    if name not in ALGORITHMS:
        raise RefusalError(
            "InvalidRequest", "Checksum algorithm provided is unsupported."
        )
    sums = _sums(source.content, name)
    return Checksum(name, sums[name]) if sums else None


def _sums(content: Content, name: str) -> dict[str, str]:
    """Return the sum of *content*; none of a synthetic one, which may be huge."""
    if content.synthetic:
        return {}
    return {name: digests_of(content, [name]).text(name)}


def _source_version(bucket: Bucket, source: StoredObject) -> dict[str, str]:
    if not bucket.versioning:
        return {}
    return {"x-amz-copy-source-version-id": source.version_id}
