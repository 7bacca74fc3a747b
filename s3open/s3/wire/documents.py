"""S3's XML, in and out. The parser is imported at the first document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from s3open.contract import Doomed, Part
    from s3open.s3.wire.connection import Head

_SPECIAL = re.compile(r"[&<>\r\n\t]")
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def parsed(document: bytes) -> Element | None:
    """Return the root of *document*, None if it is no XML."""
    from xml.etree import ElementTree

    try:
        return ElementTree.fromstring(document)
    except ElementTree.ParseError:
        return None


def text(root: Element, *path: str) -> str | None:
    """Return the text below *root* at *path*, whatever the namespaces."""
    found: Element | None = root
    for name in path:
        # An element without children is false.
        children = () if found is None else found
        found = next((child for child in children if tag(child) == name), None)
    return None if found is None else (found.text or "")


def tag(element: Element) -> str:
    """Return its name without its namespace."""
    return element.tag.rpartition("}")[2]


def tags(root: Element) -> dict[str, str]:
    """Return the tags that the answer to GetObjectTagging lists."""
    return {
        text(item, "Key") or "": text(item, "Value") or ""
        for item in root.iter()
        if tag(item) == "Tag"
    }


def tagging(tags: Mapping[str, str]) -> bytes:
    """Return what PutObjectTagging is sent."""
    listed = "".join(
        f"<Tag><Key>{_escaped(name)}</Key><Value>{_escaped(value)}</Value></Tag>"
        for name, value in tags.items()
    )
    return (
        f'<Tagging xmlns="{_NAMESPACE}"><TagSet>{listed}</TagSet></Tagging>'
    ).encode()


def parts(root: Element, checksum: str) -> Iterator[tuple[int, str, int, str | None]]:
    """Yield number, ETag, size and *checksum* of what the answer to ListParts lists."""
    for item in root.iter():
        if tag(item) == "Part":
            number, size = text(item, "PartNumber"), text(item, "Size")
            crc = text(item, checksum)
            yield int(number or 0), text(item, "ETag") or "", int(size or 0), crc


def marker(root: Element) -> str | None:
    """Return where the next page of ListParts begins, None if there is none."""
    more = text(root, "IsTruncated") == "true"
    return (text(root, "NextPartNumberMarker") or None) if more else None


def completion(parts: Sequence[Part]) -> bytes:
    """Return what CompleteMultipartUpload is sent."""
    listed = "".join(
        f"<Part><ETag>{_escaped(part.etag)}</ETag><PartNumber>{number}</PartNumber></Part>"
        for number, part in enumerate(parts, start=1)
    )
    return (
        f'<CompleteMultipartUpload xmlns="{_NAMESPACE}">{listed}'
        "</CompleteMultipartUpload>"
    ).encode()


def deletion(doomed: Iterable[Doomed]) -> bytes:
    """Return what DeleteObjects is sent: to tell only of what was not deleted."""
    listed = "".join(
        f"<Object><Key>{_escaped(key)}</Key>{_optional('VersionId', version)}"
        f"{_optional('ETag', etag)}</Object>"
        for key, version, etag in doomed
    )
    return (
        f'<Delete xmlns="{_NAMESPACE}">{listed}<Quiet>true</Quiet></Delete>'
    ).encode()


def refusals(root: Element) -> Iterator[tuple[str, str | None, dict[str, str]]]:
    """Yield key, version and all that is said of what was not deleted."""
    for item in root:
        if tag(item) == "Error":
            said = {tag(child): child.text or "" for child in item}
            yield said.pop("Key", ""), said.get("VersionId") or None, said


def response(head: Head, document: bytes, *, resent: bool) -> dict[str, Any]:
    """Return a failed answer in the shape that botocore gives it."""
    root = parsed(document) if document else None
    found = {"Code": str(head.status), "Message": head.reason}
    if root is not None and tag(root) == "ErrorResponse":
        root = next((child for child in root if tag(child) == "Error"), None)
    if root is not None and tag(root) == "Error":
        found = {"Code": "", "Message": ""}
        found |= {tag(child): child.text or "" for child in root}
    headers = head.headers
    request_id = headers.get("x-amz-request-id") or found.get("RequestId")
    return {
        "Error": {k: v for k, v in found.items() if k not in ("RequestId", "HostId")},
        "ResponseMetadata": {
            "RequestId": request_id,
            "HostId": headers.get("x-amz-id-2") or found.get("HostId"),
            "HTTPStatusCode": head.status,
            "HTTPHeaders": dict(headers),
            "RetryAttempts": int(resent),
        },
    }


def _optional(name: str, value: str | None) -> str:
    return "" if value is None else f"<{name}>{_escaped(value)}</{name}>"


def _escaped(value: str) -> str:
    """Return *value* as a text; a parser would take a bare CR for a newline."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", value)
