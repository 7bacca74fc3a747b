"""Completing a multipart upload: the parts become the object, all at once."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from s3open.testing import holding
from s3open.testing.checksums import (
    ALGORITHMS,
    COMPOSITE,
    DEFAULT,
    Checksum,
    composite,
    digests_of,
    sent_checksums,
)
from s3open.testing.conditions import require_for_write
from s3open.testing.content import Content
from s3open.testing.documents import document, element, parse
from s3open.testing.errors import RefusalError
from s3open.testing.multipart import require_upload
from s3open.testing.objects import version_headers
from s3open.testing.request import Answer
from s3open.testing.store import StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from s3open.testing.request import Request
    from s3open.testing.state import State
    from s3open.testing.store import Part, Upload


class _Named(NamedTuple):
    """A part as the client names it."""

    number: int
    etag: str
    sums: dict[str, str]


def complete_upload(state: State, request: Request) -> Answer:
    bucket, upload = require_upload(state, request)
    named = list(_named_parts(request))
    parts = _chosen(upload, named)
    _require_sizes(parts, state.settings.min_part_size)
    content = Content.joined(part.content for part in parts)
    _require_object_size(request, content.size)
    checksum = _checksum(request, upload, parts, content)
    require_for_write(request.headers, bucket.current(request.key), request.key)
    etags = b"".join(bytes.fromhex(part.etag) for part in parts)
    digest = hashlib.md5(etags, usedforsecurity=False).hexdigest()
    item = StoredObject(
        request.key,
        content,
        f"{digest}-{len(parts)}",
        upload.about,
        checksum,
        tuple(part.content.size for part in parts),
    )
    item.owner, item.acl = upload.owner, upload.acl
    holding.keep(bucket, item)
    bucket.publish(item)
    del bucket.uploads[upload.upload_id]
    inner = [
        element("Location", f"/{bucket.name}/{item.key}"),
        element("Bucket", bucket.name),
        element("Key", item.key),
        element("ETag", f'"{item.etag}"'),
    ]
    if checksum:
        inner.append(element(checksum.element, checksum.value))
        inner.append(element("ChecksumType", checksum.kind))
    answer = Answer.of_document(document("CompleteMultipartUploadResult", inner))
    answer.headers |= version_headers(bucket, item)
    return answer


def _named_parts(request: Request) -> Iterator[_Named]:
    tree = parse(bytes(request.body.content))
    found = tree.findall("Part")
    if tree.tag != "CompleteMultipartUpload" or not found:
        raise RefusalError("MalformedXML")
    for part in found:
        number, etag = part.findtext("PartNumber") or "", part.findtext("ETag")
        if not number.isdecimal() or etag is None:
            raise RefusalError("MalformedXML")
        yield _Named(int(number), etag.strip('"'), _named_sums(part))


def _named_sums(part: Element) -> dict[str, str]:
    values = {name: part.findtext(f"Checksum{name.upper()}") for name in ALGORITHMS}
    return {name: value for name, value in values.items() if value}


def _chosen(upload: Upload, named: list[_Named]) -> list[Part]:
    """Return the parts the client names, each verified against what was received."""
    numbers = [one.number for one in named]
    if any(left >= right for left, right in pairwise(numbers)):
        raise RefusalError("InvalidPartOrder")
    composed = upload.algorithm is not None and upload.kind == COMPOSITE
    if composed and numbers != list(range(1, len(numbers) + 1)):
        raise RefusalError(
            "InvalidPart",
            "Part numbers must be consecutive and begin with 1 when the upload has "
            "composite checksums",
        )
    parts = []
    for one in named:
        part = upload.parts.get(one.number)
        if part is None or part.etag != one.etag:
            raise _invalid_part(upload, one)
        if composed and upload.algorithm not in one.sums:
            raise RefusalError(
                "InvalidRequest",
                f"The upload was created using a {upload.algorithm} checksum. The "
                "complete request must include the checksum for each part. It was "
                f"missing for part {one.number} in the request.",
            )
        if any(part.sums.get(name) != value for name, value in one.sums.items()):
            raise _invalid_part(upload, one)
        parts.append(part)
    return parts


def _invalid_part(upload: Upload, one: _Named) -> RefusalError:
    return RefusalError(
        "InvalidPart",
        elements={
            "UploadId": upload.upload_id,
            "PartNumber": str(one.number),
            "ETag": one.etag,
        },
    )


def _require_sizes(parts: list[Part], minimum: int) -> None:
    for part in parts[:-1]:
        if part.content.size < minimum:
            raise RefusalError(
                "EntityTooSmall",
                elements={
                    "ETag": part.etag,
                    "MinSizeAllowed": str(minimum),
                    "ProposedSize": str(part.content.size),
                    "PartNumber": str(part.number),
                },
            )


def _require_object_size(request: Request, size: int) -> None:
    claimed = request.headers.get("x-amz-mp-object-size")
    if claimed is not None and claimed != str(size):
        raise RefusalError(
            "InvalidRequest",
            f"The provided 'x-amz-mp-object-size' header value {claimed} does not "
            f"match what was computed: {size}",
        )


def _checksum(
    request: Request, upload: Upload, parts: list[Part], content: Content
) -> Checksum | None:
    """Return the checksum of the whole, checked against what the client says of it."""
    if "checksum" in request.ignored:
        return None
    kind = request.headers.get("x-amz-checksum-type", upload.kind).upper()
    claimed = sent_checksums(request.headers)
    algorithm = upload.algorithm or DEFAULT
    if kind != upload.kind or claimed.keys() - {algorithm}:
        raise RefusalError(
            "InvalidRequest",
            "The upload was created using the "
            f"{upload.kind} checksum type of {algorithm}. The complete request must "
            "use the same.",
        )
    if upload.kind == COMPOSITE:
        values = [part.sums.get(algorithm, "") for part in parts]
        whole = composite(algorithm, values) if all(values) else None
    elif content.synthetic:
        # Bytes that were never kept cannot be summed: the client is believed.
        return Checksum(algorithm, claimed[algorithm]) if claimed else None
    else:
        whole = Checksum(algorithm, digests_of(content, [algorithm]).text(algorithm))
    if whole and claimed and claimed[algorithm] != whole.value:
        raise RefusalError(
            "BadDigest",
            f"The {algorithm.upper()} you specified did not match the calculated "
            "checksum.",
        )
    return whole
