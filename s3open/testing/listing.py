"""Listings of keys and versions, page by page.

A page is a walk over the sorted keys from a marker on. Keys that share a prefix up to
the delimiter count as one entry, and the walk jumps over them.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

from s3open.testing.checksums import Checksum
from s3open.testing.documents import document, element, group, timestamp
from s3open.testing.errors import RefusalError
from s3open.testing.request import Answer
from s3open.testing.rights import owner_of
from s3open.testing.routing import MAX_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.testing.request import Request
    from s3open.testing.state import State
    from s3open.testing.store import Bucket, StoredObject

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
MAX_KEYS: Final = 1000


@dataclass
class _Page:
    """One page while it is filled; *last* is the entry to go on after."""

    items: list[StoredObject] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: str = ""
    last_version: str = ""
    truncated: bool = False

    def __len__(self) -> int:
        return len(self.items) + len(self.prefixes)


class _Question:
    """The parameters all listings have in common."""

    def __init__(self, request: Request, bucket: Bucket) -> None:
        self.prefix = request.query.get("prefix", "")
        self.delimiter = request.query.get("delimiter", "")
        self.limit = min(MAX_KEYS, request.number("max-keys", MAX_KEYS))
        self.bucket = bucket
        self._url = _encoding(request) == "url"

    def text(self, key: str) -> str:
        """Return *key* as it stands in the answer."""
        return quote_plus(key, safe="/*") if self._url else key

    def common_prefix(self, key: str) -> str | None:
        """Return what *key* is rolled up into; None when it stands for itself."""
        if not self.delimiter:
            return None
        found = key.find(self.delimiter, len(self.prefix))
        return None if found < 0 else key[: found + len(self.delimiter)]

    def elements(self) -> list[str]:
        return [
            element("Name", self.bucket.name),
            element("Prefix", self.text(self.prefix)),
            element("Delimiter", self.text(self.delimiter) or None),
            element("MaxKeys", self.limit),
            element("EncodingType", "url" if self._url else None),
        ]

    def prefix_elements(self, page: _Page) -> list[str]:
        return [
            group("CommonPrefixes", element("Prefix", self.text(prefix)))
            for prefix in page.prefixes
        ]


def list_objects_v2(state: State, request: Request) -> Answer:
    question = _Question(request, _listable(state, request))
    token = request.query.get("continuation-token")
    start_after = request.query.get("start-after", "")
    page = _objects(question, start_after if token is None else _after(token))
    fetch_owner = request.query.get("fetch-owner") == "true"
    next_token = _token(page.last) if page.truncated else None
    inner = [
        *question.elements(),
        element("KeyCount", len(page)),
        element("IsTruncated", page.truncated),
        element("ContinuationToken", token),
        element("NextContinuationToken", next_token),
        element("StartAfter", question.text(start_after) or None),
        *(_object(question, item, owner=fetch_owner) for item in page.items),
        *question.prefix_elements(page),
    ]
    return Answer.of_document(document("ListBucketResult", inner))


def list_objects(state: State, request: Request) -> Answer:
    question = _Question(request, _listable(state, request))
    marker = request.query.get("marker", "")
    page = _objects(question, marker)
    told = page.truncated and question.delimiter  # else the last key is the marker
    inner = [
        *question.elements(),
        element("Marker", question.text(marker)),
        element("IsTruncated", page.truncated),
        element("NextMarker", question.text(page.last) if told else None),
        *(_object(question, item, owner=True) for item in page.items),
        *question.prefix_elements(page),
    ]
    return Answer.of_document(document("ListBucketResult", inner))


def list_object_versions(state: State, request: Request) -> Answer:
    question = _Question(request, _listable(state, request))
    key_marker = request.query.get("key-marker", "")
    version_marker = request.query.get("version-id-marker", "")
    page = _versions(question, key_marker, version_marker)
    next_key = question.text(page.last) if page.truncated else None
    inner = [
        *question.elements(),
        element("KeyMarker", question.text(key_marker)),
        element("VersionIdMarker", version_marker),
        element("IsTruncated", page.truncated),
        element("NextKeyMarker", next_key),
        element("NextVersionIdMarker", page.last_version or None),
        *(_version(question, item) for item in page.items),
        *question.prefix_elements(page),
    ]
    return Answer.of_document(document("ListVersionsResult", inner))


def _listable(state: State, request: Request) -> Bucket:
    bucket = state.store.bucket(request.bucket)
    if not bucket.listing:
        raise RefusalError("AccessDenied")
    return bucket


def _encoding(request: Request) -> str:
    encoding = request.query.get("encoding-type", "")
    if encoding not in {"", "url"}:
        raise RefusalError("InvalidArgument", "Invalid Encoding Method specified")
    return encoding


def _keys(question: _Question, page: _Page, start: str) -> Iterator[str]:
    """Yield the keys from *start* on, collecting common prefixes on the way."""
    key = question.bucket.first_key_from(max(start, question.prefix))
    while key is not None and key.startswith(question.prefix):
        rolled = question.common_prefix(key)
        if rolled is None:
            yield key
            start = key + "\0"
        else:
            if _visible(question.bucket, rolled):
                if len(page) >= question.limit:
                    page.truncated = question.limit > 0
                    return
                page.prefixes.append(rolled)
                page.last, page.last_version = rolled, ""
            start = _beyond(rolled)
        key = question.bucket.first_key_from(start)


def _visible(bucket: Bucket, prefix: str) -> bool:
    """Whether anything but delete markers has *prefix*."""
    key = bucket.first_key_from(prefix)
    while key is not None and key.startswith(prefix):
        if bucket.current(key):
            return True
        key = bucket.first_key_from(key + "\0")
    return False


def _beyond(prefix: str) -> str:
    """Return the least text above all keys with *prefix*."""
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return "\U0010ffff" * MAX_KEY
    return stem[:-1] + chr(ord(stem[-1]) + 1)


def _following(question: _Question, after: str) -> str:
    """Return where to go on after a page that ended with the entry *after*."""
    if not after:
        return ""
    return _beyond(after) if question.common_prefix(after) == after else after + "\0"


def _objects(question: _Question, after: str) -> _Page:
    page = _Page()
    for key in _keys(question, page, _following(question, after)):
        item = question.bucket.current(key)
        if item is None:
            continue
        if len(page) >= question.limit:
            page.truncated = question.limit > 0
            break
        page.items.append(item)
        page.last = key
    return page


def _versions(question: _Question, key_marker: str, version_marker: str) -> _Page:
    page = _Page()
    skipping = version_marker
    start = key_marker if skipping else _following(question, key_marker)
    for key in _keys(question, page, start):
        for item in question.bucket.versions(key):
            if skipping and key == key_marker:
                skipping = "" if item.version_id == skipping else skipping
                continue
            if len(page) >= question.limit:
                page.truncated = question.limit > 0
                return page
            page.items.append(item)
            page.last, page.last_version = key, item.version_id
    return page


def _object(question: _Question, item: StoredObject, *, owner: bool) -> str:
    return group(
        "Contents",
        element("Key", question.text(item.key)),
        element("LastModified", timestamp(item.modified)),
        element("ETag", f'"{item.etag}"'),
        *_checksum_elements(item.checksum),
        element("Size", item.size),
        element("StorageClass", item.storage_class),
        _owner(question, item) if owner else "",
    )


def _owner(question: _Question, item: StoredObject) -> str:
    name = owner_of(question.bucket, item)
    return group("Owner", element("ID", name), element("DisplayName", name))


def _checksum_elements(checksum: Checksum | None) -> list[str]:
    if checksum is None:
        return []
    return [
        element("ChecksumAlgorithm", checksum.algorithm.upper()),
        element("ChecksumType", checksum.kind),
    ]


def _version(question: _Question, item: StoredObject) -> str:
    common = (
        element("Key", question.text(item.key)),
        element("VersionId", item.version_id),
        element("IsLatest", question.bucket.newest(item.key) is item),
        element("LastModified", timestamp(item.modified)),
        _owner(question, item),
    )
    if item.delete_marker:
        return group("DeleteMarker", *common)
    return group(
        "Version",
        *common,
        element("ETag", f'"{item.etag}"'),
        element("Size", item.size),
        element("StorageClass", item.storage_class),
    )


def _token(key: str) -> str:
    return base64.b64encode(key.encode()).decode("ascii")


def _after(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise RefusalError(
            "InvalidArgument", "The continuation token provided is incorrect"
        ) from None
