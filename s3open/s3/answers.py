"""What boto3's answers say, as the contract has it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from s3open import checksums, codes, contract, errors
from s3open.answered import answered
from s3open.s3 import denials, sums

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from s3open.location import Location

CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")

# What an object has besides bytes, type and metadata, and keeps when it is rewritten.
KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "Expires",
    "StorageClass",
    "ServerSideEncryption",
    "SSECustomerAlgorithm",
    "SSEKMSKeyId",
    "BucketKeyEnabled",
    "WebsiteRedirectLocation",
)
# In the order in which they are asked for, where there are several.
CHECKSUMS = ("CRC64NVME", "CRC32C", "CRC32", "SHA256", "SHA1")

_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired")


def ranged(span: range) -> str:
    """Return *span* as a request asks for it; ``range(-9, 0)`` are the last 9 bytes."""
    if span.start < 0:
        return f"bytes={span.start}"
    return f"bytes={span.start}-{span.stop - 1}"


def meant(span: range, size: int) -> range:
    """Return *span* as it lies in an object of *size* bytes."""
    return range(max(0, size + span.start), size) if span.start < 0 else span


def arriving(answer: Mapping[str, Any]) -> tuple[range, int]:
    """Return the span that *answer* holds, and the size of the whole object.

    Raises KeyError or ValueError if it does not say.
    """
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if status != 206 and "ContentRange" not in answer:
        # The store does not know ranges and sends the whole object.
        length: int = answer["ContentLength"]
        return range(length), length
    match = CONTENT_RANGE.fullmatch(answer["ContentRange"])
    if match is None:
        raise ValueError(answer["ContentRange"])
    return range(int(match[1]), int(match[2]) + 1), int(match[3])


def says_expired(error: errors.S3Error, operation: str) -> bool:
    """Whether *error* says that the credentials have expired, or may mean that.

    The answer to a HEAD has no body, so it says no more than 400.
    """
    silent = operation.startswith("head_") and error.code in ("", "400")
    return error.code in _EXPIRED or (silent and error.status == 400)


def status_of(code: str | None) -> int:
    """Return the status that an error inside a 200 would have come with.

    CompleteMultipartUpload and copies may find one out after they said 200, and
    DeleteObjects says one of each object.
    500 where it is not known, as botocore has it: it may be tried again.
    """
    return codes.STATUS.get(code or "", 500)


def foreign(uri: str) -> errors.S3Error:
    """Return the error for a success that S3 would have worded otherwise.

    Somebody on the way has answered: a proxy, or a hotel that wants a login. Nothing
    says whether the request was carried out.
    """
    return errors.S3ServerError.at(uri, "the answer is not a store's: not S3's words")


def refused(
    at: Location,
    doomed: Sequence[contract.Doomed],
    said: Iterable[tuple[str, str | None, dict[str, str]]],
) -> dict[contract.Doomed, errors.S3Error]:
    """Return which of *doomed* were not deleted, and why not.

    By what was *said*: key, version, and the rest of it by boto3's names.
    """
    known = {(one.key, one.version_id): one for one in doomed}
    # Stores exist that leave the version out.
    by_key = {one.key: one for one in doomed}
    found = {}
    for key, version, why in said:
        one = known.get((key, version)) or by_key.get(key)
        uri = f"s3://{at.bucket}/{key}"
        code = why.get("Code", "")
        denied = denials.advice("delete_object", versioned=version is not None)
        error = answered(
            code,
            status_of(code),
            uri,
            {"Error": why},
            operation="DeleteObjects",
            denied=denied,
        )
        if one is None:
            # Of something else than was asked for: nothing here can be relied on.
            raise foreign(at.uri) from error
        found[one] = error
    return found


def newest_first(entries: list[contract.Entry]) -> list[contract.Entry]:
    """Return versions by key, the newest first; those of one second as they come.

    Stores exist that list delete markers by themselves.
    """
    return sorted(entries, key=_rank)


def _rank(entry: contract.Entry) -> tuple[str, bool, float]:
    moment = entry.last_modified
    return entry.name, not entry.latest, -moment.timestamp() if moment else 0.0


def copied(
    answer: Mapping[str, Any], version: str | None, at: Location
) -> contract.ObjectInfo:
    """Return what *answer* says of a copy, whose size it does not say."""
    if not answer.get("ETag"):
        raise foreign(at.uri)
    modified = answer.get("LastModified")
    # Ceph 16.2 leaves the quotes out.
    etag = answer["ETag"].strip('"')
    return contract.ObjectInfo(
        0,
        f'"{etag}"',
        version,
        modified if isinstance(modified, datetime) else None,
        checksum=stored_checksum(answer),
    )


def part(answer: Mapping[str, Any], size: int) -> contract.Part:
    """Return what *answer* says of a part of *size* bytes."""
    crc = answer.get(sums.name())
    return contract.Part(answer["ETag"], size, checksums.decode(crc) if crc else None)


def info(answer: Mapping[str, Any], size: int) -> contract.ObjectInfo:
    """Return what *answer* says of an object of *size* bytes."""
    return contract.ObjectInfo(
        size,
        answer.get("ETag"),
        answer.get("VersionId"),
        answer.get("LastModified"),
        answer.get("ContentType"),
        # Stores exist that give names in a case of their own.
        {name.lower(): value for name, value in answer.get("Metadata", {}).items()},
        {name: answer[name] for name in KEPT if answer.get(name)},
        stored_checksum(answer),
        answer.get("Restore"),
    )


def stored_checksum(answer: Mapping[str, Any]) -> contract.Checksum | None:
    """Return the checksum that *answer* has of the whole object, as HEAD does.

    A GET whose range is all of the object is answered with it, too.
    """
    if "ContentRange" in answer and not _is_whole(answer["ContentRange"]):
        # Stores exist that send the whole object's with a range, and one of the range.
        return None
    for name in CHECKSUMS:
        if value := answer.get(f"Checksum{name}"):
            kind = answer.get("ChecksumType") or _kind(answer, value)
            return contract.Checksum(name, value, kind)
    return None


def _kind(answer: Mapping[str, Any], value: str) -> str:
    """Return what kind of checksum *value* is, where the store does not say.

    AWS leaves the "-1" out with a range: what came in parts may be meant.
    https://github.com/boto/botocore/issues/3346
    """
    in_parts = "ContentRange" in answer and "-" in str(answer.get("ETag"))
    return "COMPOSITE" if in_parts or "-" in value else "FULL_OBJECT"


def _is_whole(content_range: str) -> bool:
    match = CONTENT_RANGE.fullmatch(content_range)
    start, last, size = map(int, match.groups()) if match else (1, 0, 0)
    return start == 0 and last + 1 == size
