"""boto3's names of what a request says, and of what an answer says, as headers.

So settings have one spelling above, whichever transport carries them.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from s3open import contract
from s3open.s3 import answers

if TYPE_CHECKING:
    from collections.abc import Mapping

_SSE_C = "x-amz-server-side-encryption-customer"
_SOURCE_SSE_C = "x-amz-copy-source-server-side-encryption-customer"

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
_HEADERS: Final = {
    "ACL": "x-amz-acl",
    "AnnotationDirective": "x-amz-object-annotation-directive",
    "BucketKeyEnabled": "x-amz-server-side-encryption-bucket-key-enabled",
    "BypassGovernanceRetention": "x-amz-bypass-governance-retention",
    "CacheControl": "cache-control",
    "ChecksumAlgorithm": "x-amz-checksum-algorithm",
    "ChecksumMode": "x-amz-checksum-mode",
    "ChecksumType": "x-amz-checksum-type",
    **{
        f"Checksum{name}": f"x-amz-checksum-{name.lower()}"
        for name in (
            *("CRC32", "CRC32C", "CRC64NVME", "MD5", "SHA1", "SHA256", "SHA512"),
            *("XXHASH128", "XXHASH3", "XXHASH64"),
        )
    },
    "ContentDisposition": "content-disposition",
    "ContentEncoding": "content-encoding",
    "ContentLanguage": "content-language",
    "ContentMD5": "content-md5",
    "ContentType": "content-type",
    "CopySourceIfMatch": "x-amz-copy-source-if-match",
    "CopySourceIfModifiedSince": "x-amz-copy-source-if-modified-since",
    "CopySourceIfNoneMatch": "x-amz-copy-source-if-none-match",
    "CopySourceIfUnmodifiedSince": "x-amz-copy-source-if-unmodified-since",
    "CopySourceRange": "x-amz-copy-source-range",
    "CopySourceSSECustomerAlgorithm": f"{_SOURCE_SSE_C}-algorithm",
    "CopySourceSSECustomerKey": f"{_SOURCE_SSE_C}-key",
    "CopySourceSSECustomerKeyMD5": f"{_SOURCE_SSE_C}-key-md5",
    "ExpectedBucketOwner": "x-amz-expected-bucket-owner",
    "ExpectedSourceBucketOwner": "x-amz-source-expected-bucket-owner",
    "Expires": "expires",
    "GrantFullControl": "x-amz-grant-full-control",
    "GrantRead": "x-amz-grant-read",
    "GrantReadACP": "x-amz-grant-read-acp",
    "GrantWriteACP": "x-amz-grant-write-acp",
    "IfMatch": "if-match",
    "IfMatchLastModifiedTime": "x-amz-if-match-last-modified-time",
    "IfMatchSize": "x-amz-if-match-size",
    "IfModifiedSince": "if-modified-since",
    "IfNoneMatch": "if-none-match",
    "IfUnmodifiedSince": "if-unmodified-since",
    "MFA": "x-amz-mfa",
    "MetadataDirective": "x-amz-metadata-directive",
    "MpuObjectSize": "x-amz-mp-object-size",
    "ObjectLockEventHold": "x-amz-object-lock-event-hold",
    "ObjectLockEventHoldDurationDays": "x-amz-object-lock-event-hold-duration-days",
    "ObjectLockEventHoldDurationYears": "x-amz-object-lock-event-hold-duration-years",
    "ObjectLockLegalHoldStatus": "x-amz-object-lock-legal-hold",
    "ObjectLockMode": "x-amz-object-lock-mode",
    "ObjectLockRetainUntilDate": "x-amz-object-lock-retain-until-date",
    "Range": "range",
    "RequestPayer": "x-amz-request-payer",
    "SSECustomerAlgorithm": f"{_SSE_C}-algorithm",
    "SSECustomerKey": f"{_SSE_C}-key",
    "SSECustomerKeyMD5": f"{_SSE_C}-key-md5",
    "SSEKMSEncryptionContext": "x-amz-server-side-encryption-context",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "StorageClass": "x-amz-storage-class",
    "Tagging": "x-amz-tagging",
    "TaggingDirective": "x-amz-tagging-directive",
    "WebsiteRedirectLocation": "x-amz-website-redirect-location",
}
_QUERY: Final = {
    "PartNumber": "partNumber",
    "ResponseCacheControl": "response-cache-control",
    "ResponseContentDisposition": "response-content-disposition",
    "ResponseContentEncoding": "response-content-encoding",
    "ResponseContentLanguage": "response-content-language",
    "ResponseContentType": "response-content-type",
    "ResponseExpires": "response-expires",
    "VersionId": "versionId",
}
_OF_ANY = ("RequestPayer", "ExpectedBucketOwner")
_CUSTOMER_KEY = ("SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")
_CONDITIONS = ("IfMatch", "IfModifiedSince", "IfNoneMatch", "IfUnmodifiedSince")
_OF_READING = (*_QUERY, *_CONDITIONS, *_CUSTOMER_KEY, *_OF_ANY, "ChecksumMode")
_SUMS = tuple(name for name in _HEADERS if name.startswith("Checksum"))
_NAMES: Final = {_HEADERS[name]: name for name in _SUMS}
_OF_DOOMED = ("IfMatch", "IfMatchLastModifiedTime", "IfMatchSize")
_OF_DELETING = ("MFA", "BypassGovernanceRetention", *_OF_ANY)
# What an operation knows; others' settings are left out.
_KNOWN: Final = {
    "get_object": frozenset(_OF_READING),
    "head_object": frozenset(_OF_READING),
    "get_object_tags": frozenset(("VersionId", *_OF_ANY)),
    "put_object_tags": frozenset(("VersionId", *_OF_ANY)),
    "list_objects": frozenset(_OF_ANY),
    "list_versions": frozenset(_OF_ANY),
    "delete_objects": frozenset(_OF_DELETING),
    "delete_object": frozenset((*_OF_DELETING, "VersionId", *_OF_DOOMED)),
    # What a new object may be given, and of which source.
    "copy_object": frozenset(_HEADERS).difference(
        ("CopySourceRange", "ContentMD5", "Range"),
        ("MFA", "BypassGovernanceRetention", "MpuObjectSize"),
        (*_CONDITIONS, *_OF_DOOMED),
        (name for name in _SUMS if name != "ChecksumAlgorithm"),
    ),
    "list_parts": frozenset((*_CUSTOMER_KEY, *_OF_ANY)),
    "upload_part": frozenset((*_CUSTOMER_KEY, *_OF_ANY, "ContentMD5")),
    "upload_part_copy": frozenset(
        (
            *_CUSTOMER_KEY,
            *_OF_ANY,
            "ExpectedSourceBucketOwner",
            *(name for name in _HEADERS if name.startswith("CopySource")),
        )
    ),
    "complete_multipart_upload": frozenset(
        (*_CUSTOMER_KEY, *_OF_ANY, *_SUMS, "IfMatch", "IfNoneMatch", "MpuObjectSize")
    ).difference(("ChecksumAlgorithm", "ChecksumMode")),
}
_KEPT_HEADERS: Final = {_HEADERS[name]: name for name in answers.KEPT}
# What every answer has, and nobody looks for.
_USUAL: Final = frozenset(
    (
        *("accept-ranges", "connection", "content-length", "content-range"),
        *("content-type", "date", "etag", "keep-alive", "last-modified", "server"),
        *("x-amz-id-2", "x-amz-request-id", "x-amz-server-side-encryption"),
        *("x-amz-storage-class", "x-amz-version-id"),
    )
)
_METADATA: Final = "x-amz-meta-"

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def requested(
    settings: Mapping[str, Any], operation: str
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return those of *settings* that *operation* knows as headers and as query.

    Raises ValueError for a value that no request can have.
    """
    known = _KNOWN[operation]
    headers: dict[str, str] = {}
    query: list[tuple[str, str]] = []
    for name, value in _with_digests(settings).items():
        if name not in known:
            continue
        if name in _QUERY:
            query.append((_QUERY[name], _text(name, value)))
        else:
            headers[_HEADERS[name]] = _line(name, _text(name, value))
    return headers, query


def attributes(given: contract.Attributes) -> dict[str, str]:
    """Return the headers that give *given* to a new object.

    Raises ValueError for a setting that no object can have.
    """
    headers: dict[str, str] = {}
    for name, value in _with_digests(given.settings).items():
        if name not in _HEADERS:
            raise ValueError(f"unknown parameter: {name!r}")
        headers[_HEADERS[name]] = _line(name, _text(name, value))
    if given.content_type:
        headers["content-type"] = _line("ContentType", given.content_type)
    headers.update(metadata(given.metadata))
    return headers


def metadata(given: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of user metadata."""
    return {
        _METADATA + _line(name, name).lower(): _line(name, value)
        for name, value in given.items()
    }


def condition(given: contract.Condition) -> dict[str, str]:
    """Return the header that states a condition, if there is one."""
    if given.etag is not None:
        return {"if-match": given.etag}
    return {"if-none-match": "*"} if given.absent else {}


def of_document(body: bytes) -> dict[str, str]:
    """Return what goes with an XML *body*, and the one digest that every store knows.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
    """
    digest = hashlib.md5(body, usedforsecurity=False).digest()
    return {
        "content-md5": base64.b64encode(digest).decode(),
        "content-type": "application/xml",
    }


def info(headers: Mapping[str, str], size: int) -> contract.ObjectInfo:
    """Return what *headers* say of an object of *size* bytes."""
    get = headers.get
    modified = get("last-modified")
    given = {}
    sums = {}
    for name in headers.keys() - _USUAL:
        if name.startswith(_METADATA):
            given[name[len(_METADATA) :]] = headers[name]
        elif name.startswith("x-amz-checksum-"):
            sums[name] = headers[name]
    return contract.ObjectInfo(
        size,
        get("etag"),
        get("x-amz-version-id"),
        moment(modified) if modified else None,
        get("content-type"),
        given,
        {
            name: value
            for header in headers.keys() & _KEPT_HEADERS.keys()
            if (value := _value(name := _KEPT_HEADERS[header], headers[header]))
        },
        _stored_checksum(headers, sums) if sums else None,
        get("x-amz-restore"),
    )


def _stored_checksum(
    headers: Mapping[str, str], sums: Mapping[str, str]
) -> contract.Checksum | None:
    found = {_NAMES[header]: sums[header] for header in sums if header in _NAMES}
    if "content-range" in headers:
        found["ContentRange"] = headers["content-range"]
        found["ETag"] = headers.get("etag", "")
    return answers.stored_checksum(found)


@lru_cache(maxsize=64)
def moment(text: str) -> datetime | None:
    """Return the time that a header names, None if it names none."""
    try:
        # "Wed, 25 Nov 2026 20:20:48 GMT"
        day, month, year = int(text[5:7]), _MONTHS.index(text[8:11]), int(text[12:16])
        hour, minute, second = int(text[17:19]), int(text[20:22]), int(text[23:25])
        return datetime(year, month + 1, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return _odd_moment(text)


def _odd_moment(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        try:
            found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _value(name: str, text: str) -> Any:
    """Return what boto3 makes of a header's *text*."""
    if name == "Expires":
        return moment(text)
    if name == "BucketKeyEnabled":
        return text.lower() == "true"
    return text


def _with_digests(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *settings* with customers' keys as S3 wants them: encoded, and digested.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
    """
    for name in ("SSECustomerKey", "CopySourceSSECustomerKey"):
        if name in settings and f"{name}MD5" not in settings:
            key = settings[name]
            raw = key.encode() if isinstance(key, str) else bytes(key)
            digest = hashlib.md5(raw, usedforsecurity=False).digest()
            settings = {
                **settings,
                name: base64.b64encode(raw).decode(),
                f"{name}MD5": base64.b64encode(digest).decode(),
            }
    return settings


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _date(name, value)
    if isinstance(value, (str, int)):
        return str(value)
    raise ValueError(f"{name} cannot be a {type(value).__name__}")


def _date(name: str, value: datetime) -> str:
    there = value.astimezone(timezone.utc)
    if name == "ObjectLockRetainUntilDate":
        return there.strftime("%Y-%m-%dT%H:%M:%SZ")
    # Not by strftime, which speaks the user's language.
    return (
        f"{_DAYS[there.weekday()]}, {there.day:02} {_MONTHS[there.month - 1]} "
        f"{there.year:04} {there:%H:%M:%S} GMT"
    )


def _line(name: str, value: str) -> str:
    """Return *value*, refused if it would not stay within its header."""
    if "\r" in value or "\n" in value or "\0" in value:
        raise ValueError(f"{name} has to be a single line")
    return value
