"""Multipart uploads that are under way in a bucket, or were left behind there.

Outside the data path, hence by boto3 itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from s3open import errors
from s3open.s3 import retry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from s3open.location import Location
    from s3open.s3.boto import BotoVerbs


_ENCODED: Final = re.compile(r"[A-Za-z0-9._~/+*-]*(?:%[0-9A-F]{2}[A-Za-z0-9._~/+*-]*)+")


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
        page = retry.repeated(
            partial(verbs.list_multipart_uploads, at, prefix, **markers)
        )
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
        retry.repeated(lambda: verbs.abort_multipart_upload(at, upload))
    except errors.S3Error as error:
        if error.code != "NoSuchUpload":
            raise


def _decoded(page: dict[str, Any], text: str) -> str:
    # XML does not take every letter that a key may have. Ceph 16.2 encodes it and
    # does not say so.
    silent = "EncodingType" not in page and _ENCODED.fullmatch(text)
    return unquote_plus(text) if silent or page.get("EncodingType") == "url" else text
