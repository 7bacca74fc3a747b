"""What is said about objects in headers: metadata, tags, and how they come back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from s3open.testing import holding
from s3open.testing.documents import http_date
from s3open.testing.errors import RefusalError
from s3open.testing.store import Described, StoredObject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.testing.checksums import Checksum

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
MAX_METADATA: Final = 2048
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
MAX_TAGS: Final = 10

_META: Final = "x-amz-meta-"
_ENCRYPTION: Final = "x-amz-server-side-encryption"
_SECRET: Final = "x-amz-server-side-encryption-customer-key"
_KEPT: Final = frozenset(
    {
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "expires",
        *holding.HEADERS,
        "x-amz-storage-class",
        "x-amz-website-redirect-location",
    }
)
_OVERRIDES: Final = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
)


def described(headers: Mapping[str, str]) -> Described:
    """Return what the headers of a request say about the object it makes."""
    kept = {
        name: value
        for name, value in headers.items()
        if name in _KEPT or (name.startswith(_ENCRYPTION) and name != _SECRET)
    }
    encodings = [one.strip() for one in kept.pop("content-encoding", "").split(",")]
    encoding = ",".join(one for one in encodings if one not in {"", "aws-chunked"})
    if encoding:
        kept["content-encoding"] = encoding
    metadata = {
        name.removeprefix(_META): value
        for name, value in headers.items()
        if name.startswith(_META)
    }
    size = sum(len(name) + len(value) for name, value in metadata.items())
    if size > MAX_METADATA:
        raise RefusalError(
            "MetadataTooLarge",
            elements={"Size": str(size), "MaxSizeAllowed": str(MAX_METADATA)},
        )
    return Described(kept, metadata, _tags(headers.get("x-amz-tagging", "")))


def require_tags(tags: list[tuple[str, str]]) -> dict[str, str]:
    """Return *tags* as a mapping; refused when S3 would."""
    if len(tags) > MAX_TAGS:
        raise RefusalError(
            "BadRequest", f"Object tags cannot be greater than {MAX_TAGS}"
        )
    if len(dict(tags)) != len(tags):
        raise RefusalError(
            "InvalidTag", "Cannot provide multiple Tags with the same key"
        )
    if any(not 1 <= len(key) <= 128 or len(value) > 256 for key, value in tags):
        raise RefusalError("InvalidTag")
    return dict(tags)


def _tags(text: str) -> dict[str, str]:
    return require_tags(parse_qsl(text, keep_blank_values=True))


def object_headers(item: StoredObject) -> dict[str, str]:
    """Return the headers that come with an object, its checksum not among them."""
    headers = {
        "Last-Modified": http_date(int(item.modified)),
        "ETag": f'"{item.etag}"',
        "Accept-Ranges": "bytes",
        "Content-Type": item.content_type,
        _ENCRYPTION: "AES256",
        **item.about.headers,
        **{f"{_META}{name}": value for name, value in item.metadata.items()},
        **holding.headers_of(item),
        **_restore_headers(item),
    }
    if f"{_SECRET}-md5" in headers:
        headers.pop(_ENCRYPTION)
    headers.pop("content-type", None)
    if item.storage_class == "STANDARD":
        headers.pop("x-amz-storage-class", None)
    if item.tags:
        headers["x-amz-tagging-count"] = str(len(item.tags))
    return headers


def require_key(
    headers: Mapping[str, str], item: StoredObject, prefix: str = "x-amz-"
) -> None:
    """Refuse who does not have the customer's key that *item* is encrypted by.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
    """
    kept = item.about.headers.get(f"{_SECRET}-md5")
    given = headers.get(_SECRET.replace("x-amz-", prefix, 1) + "-md5")
    if kept == given:
        return
    if kept is None:
        raise RefusalError(
            "InvalidRequest",
            "The encryption parameters are not applicable to this object.",
        )
    if given is None:
        raise RefusalError(
            "InvalidRequest",
            "The object was stored using a form of Server Side Encryption. The correct "
            "parameters must be provided to retrieve the object.",
        )
    raise RefusalError("AccessDenied")


def _restore_headers(item: StoredObject) -> dict[str, str]:
    """Return the header that tells of the copy of what is archived."""
    if item.restoring is not None:
        return {"x-amz-restore": 'ongoing-request="true"'}
    if item.restored is None or item.restored <= time.time():
        return {}
    until = http_date(int(item.restored))
    return {"x-amz-restore": f'ongoing-request="false", expiry-date="{until}"'}


def overridden(query: Mapping[str, str]) -> dict[str, str]:
    """Return the headers a reader asks for in place of the stored ones."""
    return {
        name.title() if name == "content-type" else name: query[f"response-{name}"]
        for name in _OVERRIDES
        if f"response-{name}" in query
    }


def checksum_headers(checksum: Checksum | None) -> dict[str, str]:
    if checksum is None:
        return {}
    return {
        checksum.header: checksum.value,
        "x-amz-checksum-type": checksum.kind,
    }
