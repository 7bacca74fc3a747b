"""Reading, writing and deleting single objects."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from s3open.testing import holding
from s3open.testing.checksums import DEFAULT, Checksum, sent_checksums
from s3open.testing.conditions import (
    require_for_delete,
    require_for_read,
    require_for_write,
)
from s3open.testing.content import Content
from s3open.testing.descriptions import (
    checksum_headers,
    described,
    object_headers,
    overridden,
    require_key,
)
from s3open.testing.documents import document, element, group
from s3open.testing.errors import RefusalError
from s3open.testing.ranges import wanted_span
from s3open.testing.request import Answer
from s3open.testing.rights import claim
from s3open.testing.store import StoredObject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.testing.request import Body, Request
    from s3open.testing.state import State
    from s3open.testing.store import Bucket

ARCHIVED: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})


def get_object(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    item = require_readable(bucket, request.key, request.query.get("versionId"))
    require_key(request.headers, item)
    if request.method == "GET":
        require_not_archived(item)
    versions = version_headers(bucket, item)
    if not require_for_read(request.headers, item):
        kept = object_headers(item)
        names = ("Last-Modified", "ETag", "cache-control", "expires")
        known = {name: kept[name] for name in names if name in kept}
        return Answer(304, known | versions)
    span = wanted_span(request, item)
    headers = object_headers(item) | overridden(request.query) | versions
    if "partNumber" in request.query and item.part_sizes:
        headers["x-amz-mp-parts-count"] = str(len(item.part_sizes))
    asked = request.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED"
    if span is None:
        if asked:
            headers |= checksum_headers(item.checksum)
        return Answer(200, headers, item.content)
    if asked and item.checksum is not None and span == range(item.size):
        # A range that is all of the object has its checksum, too, but without the
        # number of parts: https://github.com/boto/botocore/issues/3346
        value = item.checksum.value.partition("-")[0]
        headers |= checksum_headers(replace(item.checksum, value=value))
    headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{item.size}"
    content = item.content if len(span) == item.size else item.content.part(span)
    return Answer(206, headers, content)


def put_object(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    about = described(request.headers)
    current = bucket.current(request.key)
    require_for_write(request.headers, current, request.key)
    item = StoredObject(
        request.key,
        request.body.content,
        state.etag(request.body.digests),
        about,
        checksum_of(request.body, request),
    )
    claim(item, bucket, request)
    holding.keep(bucket, item)
    bucket.publish(item)
    headers = {"ETag": f'"{item.etag}"', **checksum_headers(item.checksum)}
    return Answer(200, headers | version_headers(bucket, item))


def delete_object(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    wanted = request.headers.get("if-match")
    version_id = request.query.get("versionId")
    removed = remove(bucket, request.key, version_id, wanted, request.headers)
    headers = {}
    if removed is not None:
        headers["x-amz-version-id"] = removed.version_id
        if removed.delete_marker:
            headers["x-amz-delete-marker"] = "true"
    return Answer(204, headers)


def remove(
    bucket: Bucket,
    key: str,
    version_id: str | None,
    wanted: str | None,
    headers: Mapping[str, str],
) -> StoredObject | None:
    """Delete *key* or one version of it.

    Returns the delete marker made or the version removed, None when there is nothing
    to tell. *wanted* is the ETag that the current version must have; *headers* may have
    the code of a device, or bypass governance.
    """
    require_for_delete(wanted, bucket.newest(key), key)
    if version_id is None:
        return bucket.delete(key)
    _require_device(bucket, headers)
    doomed = bucket.version(key, version_id)
    if doomed is not None:
        holding.require_removable(doomed, bypass=holding.bypasses(headers))
    removed = bucket.remove_version(key, version_id)
    return removed or StoredObject(key, Content(), "", version_id=version_id)


def _require_device(bucket: Bucket, headers: Mapping[str, str]) -> None:
    """Refuse to remove a version for good without the code that the bucket wants.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
    """
    if bucket.mfa is not None and headers.get("x-amz-mfa") != bucket.mfa:
        raise RefusalError(
            "AccessDenied", "Mfa Authentication must be used for this request"
        )


def object_attributes(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    item = require_readable(bucket, request.key, request.query.get("versionId"))
    require_key(request.headers, item)
    asked = request.headers.get("x-amz-object-attributes", "")
    names = {name.strip() for name in asked.split(",")}
    parts = group("ObjectParts", element("PartsCount", len(item.part_sizes)))
    known = {
        "ETag": element("ETag", item.etag),
        "Checksum": _checksum_element(item.checksum),
        "ObjectParts": parts if item.part_sizes else "",
        "StorageClass": element("StorageClass", item.storage_class),
        "ObjectSize": element("ObjectSize", item.size),
    }
    if not names <= known.keys():
        raise RefusalError("InvalidArgument", "Invalid attribute name specified.")
    inner = [text for name, text in known.items() if name in names]
    answer = Answer.of_document(document("GetObjectAttributesResponse", inner))
    last_modified = object_headers(item)["Last-Modified"]
    answer.headers |= {"Last-Modified": last_modified}
    answer.headers |= version_headers(bucket, item)
    return answer


def _checksum_element(checksum: Checksum | None) -> str:
    if checksum is None:
        return ""
    return group(
        "Checksum",
        element(checksum.element, checksum.value),
        element("ChecksumType", checksum.kind),
    )


def require_readable(
    bucket: Bucket, key: str, version_id: str | None = None
) -> StoredObject:
    """Return the object or version asked for; refused as S3 does for a reader.

    Who may not list the bucket does not learn that a key is missing.
    """
    item = bucket.version(key, version_id) if version_id else bucket.newest(key)
    if item is None:
        if not bucket.listing:
            raise RefusalError("AccessDenied")
        if version_id:
            raise RefusalError(
                "NoSuchVersion", elements={"Key": key, "VersionId": version_id}
            )
        raise RefusalError("NoSuchKey", elements={"Key": key})
    if item.delete_marker:
        headers = {"x-amz-delete-marker": "true", "x-amz-version-id": item.version_id}
        if version_id:
            raise RefusalError("MethodNotAllowed", headers=headers)
        raise RefusalError("NoSuchKey", headers=headers, elements={"Key": key})
    return item


def require_not_archived(item: StoredObject) -> None:
    """Refuse to read the bytes of an object that would have to be restored first."""
    restored = item.restored is not None and item.restored > time.time()
    if item.storage_class in ARCHIVED and not restored:
        raise RefusalError(
            "InvalidObjectState", elements={"StorageClass": item.storage_class}
        )


def checksum_of(body: Body, request: Request) -> Checksum | None:
    """Return the checksum to keep: the one the client sent, else the default one."""
    claimed = sent_checksums(request.headers) | sent_checksums(body.trailers)
    name = next(iter(claimed), DEFAULT)
    if name not in body.digests:
        return None
    return Checksum(name, body.digests.text(name))


def version_headers(bucket: Bucket, item: StoredObject) -> dict[str, str]:
    return {"x-amz-version-id": item.version_id} if bucket.versioning else {}
