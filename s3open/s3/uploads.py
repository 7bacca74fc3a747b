"""Multipart uploads that are under way in a bucket, or were left behind there.

Outside the data path, hence by boto3 itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from s3open import errors
from s3open.s3 import retry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from s3open.location import Location
    from s3open.s3.boto import BotoVerbs


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """An upload of *key* that was neither completed nor aborted; *begun* in UTC."""

    key: str
    upload: str
    begun: datetime


def pending(
    verbs: BotoVerbs, at: Location, prefix: str = ""
) -> Iterator[PendingUpload]:
    """Yield the uploads in the bucket of *at* whose keys begin with *prefix*."""
    markers: dict[str, str] = {}
    while True:
        page = _page(verbs, at, prefix, markers)
        for entry in page.get("Uploads", []):
            key = _decoded(page, entry["Key"])
            # Some stores do not know prefixes.
            if key.startswith(prefix):
                yield PendingUpload(key, entry["UploadId"], entry["Initiated"])
        before = markers
        markers = {
            "KeyMarker": _decoded(page, page.get("NextKeyMarker", "")),
            "UploadIdMarker": page.get("NextUploadIdMarker", ""),
        }
        if not page.get("IsTruncated") or markers == before:
            return


def abort(verbs: BotoVerbs, at: Location, upload: str) -> None:
    """Abort *upload* of the object *at*; one that is gone already is fine."""
    try:
        retry.repeated(lambda: verbs.abort_multipart_upload(at, upload), verbs.patience)
    except errors.S3Error as error:
        if error.code != "NoSuchUpload":
            raise


def _page(
    verbs: BotoVerbs, at: Location, prefix: str, markers: dict[str, str]
) -> dict[str, Any]:
    """Return the page behind *markers*, whose keys `_decoded` can tell.

    XML does not take every letter that a key may have, so they are asked for encoded.
    Ceph 16.2 encodes them and does not say so, others do not encode them: where that
    makes a difference, they are asked for once more, as they are.
    """
    ask = partial(verbs.list_multipart_uploads, at, prefix, **markers)
    page: dict[str, Any] = retry.repeated(partial(ask, encoding="url"), verbs.patience)
    keys = [entry["Key"] for entry in page.get("Uploads", [])]
    keys.append(page.get("NextKeyMarker", ""))
    if "EncodingType" not in page and any(unquote_plus(key) != key for key in keys):
        page = retry.repeated(ask, verbs.patience)
    return page


def _decoded(page: dict[str, Any], text: str) -> str:
    return unquote_plus(text) if page.get("EncodingType") == "url" else text
