"""Which bytes of an object a GET or HEAD asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from s3open.testing.errors import RefusalError

if TYPE_CHECKING:
    from s3open.testing.request import Request
    from s3open.testing.store import StoredObject

_RANGE: Final = re.compile(r"bytes=\s*([0-9]*)-([0-9]*)\s*")


def wanted_span(request: Request, item: StoredObject) -> range | None:
    """Return the offsets asked for, None for the whole object (200, not 206)."""
    text = request.headers.get("range")
    if "partNumber" in request.query:
        if text is not None:
            raise RefusalError(
                "InvalidRequest",
                "Cannot specify both Range header and partNumber query parameter",
            )
        return _span_of_part(request.number("partNumber", 0), item)
    return None if text is None else _span_of_range(text, item.size)


def copied_span(text: str, size: int) -> range:
    """Return the offsets of an x-amz-copy-source-range, which has to be exact."""
    match = _RANGE.fullmatch(text)
    if not match or not (match[1] and match[2]):
        raise RefusalError(
            "InvalidArgument",
            "The x-amz-copy-source-range value must be of the form bytes=first-last "
            "where first and last are the zero-based offsets of the first and last "
            "bytes to copy",
        )
    span = range(int(match[1]), int(match[2]) + 1)
    if not span or span.stop > size:
        raise RefusalError(
            "InvalidArgument",
            f"Range specified is not valid for source object of size: {size}",
        )
    return span


def _span_of_range(text: str, size: int) -> range | None:
    """S3 takes what it cannot read, several ranges among them, for no range."""
    match = _RANGE.fullmatch(text)
    if not match or match[0] == "bytes=-" or not (match[1] or match[2]):
        return None
    if not match[1]:
        span = range(max(0, size - int(match[2])), size)
    else:
        start = int(match[1])
        last = int(match[2]) if match[2] else max(start, size - 1)
        if last < start:
            return None
        span = range(start, min(size, last + 1))
    if not span:
        raise RefusalError(
            "InvalidRange",
            headers={"Content-Range": f"bytes */{size}"},
            elements={"RangeRequested": text, "ActualObjectSize": str(size)},
        )
    return span


def _span_of_part(number: int, item: StoredObject) -> range | None:
    sizes = item.part_sizes or (item.size,)
    if not 1 <= number <= len(sizes):
        raise RefusalError(
            "InvalidPartNumber",
            elements={
                "PartNumberRequested": str(number),
                "ActualPartCount": str(len(sizes)),
            },
        )
    start = sum(sizes[: number - 1])
    # The only part of an empty object is all of it.
    return range(start, start + sizes[number - 1]) or None
