"""Deleting many objects with one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s3open.testing.checksums import sent_checksums
from s3open.testing.documents import document, element, group, parse
from s3open.testing.errors import RefusalError
from s3open.testing.objects import remove
from s3open.testing.request import Answer

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from s3open.testing.request import Request
    from s3open.testing.state import State

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
MAX_DELETED: Final = 1000


def delete_objects(state: State, request: Request) -> Answer:
    _require_checksum(request)
    state.store.bucket(request.bucket)
    tree = parse(bytes(request.body.content))
    wanted = tree.findall("Object")
    if tree.tag != "Delete" or not 1 <= len(wanted) <= MAX_DELETED:
        raise RefusalError("MalformedXML")
    quiet = (tree.findtext("Quiet") or "").lower() == "true"
    results = [_delete(state, request, one, quiet=quiet) for one in wanted]
    return Answer.of_document(document("DeleteResult", results))


def _require_checksum(request: Request) -> None:
    given = "content-md5" in request.headers or sent_checksums(request.headers)
    if not given and not sent_checksums(request.body.trailers):
        if "checksum" in request.ignored:
            return
        raise RefusalError(
            "InvalidRequest",
            "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
        )


def _delete(state: State, request: Request, wanted: Element, *, quiet: bool) -> str:
    bucket = request.bucket
    key = wanted.findtext("Key") or ""
    version_id = wanted.findtext("VersionId") or None
    asked = (element("Key", key), element("VersionId", version_id))
    try:
        for denial in state.denials:
            if denial.matches("DeleteObject", bucket, key):
                raise RefusalError("AccessDenied")
        etag = wanted.findtext("ETag")
        found = state.store.bucket(bucket)
        removed = remove(found, key, version_id, etag, request.headers)
    except RefusalError as refusal:
        return group(
            "Error",
            *asked,
            element("Code", refusal.code),
            element("Message", refusal.message),
        )
    if quiet:
        return ""
    if removed is None or not removed.delete_marker:
        return group("Deleted", *asked)
    return group(
        "Deleted",
        *asked,
        element("DeleteMarker", True),
        element("DeleteMarkerVersionId", removed.version_id),
    )
