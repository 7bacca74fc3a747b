"""The verbs of the data path, spoken directly.

An answer's bytes go from the socket into the caller's memory, a body from the caller's
memory to the socket; a small request takes a tenth of the time that it takes boto3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open import checksums, contract, errors
from s3open.s3 import answers, sums
from s3open.s3.endpoint import checksummed, watch_range
from s3open.s3.verbs import NO_SETTINGS
from s3open.s3.wire import documents, headers
from s3open.s3.wire.basis import asking, given_by, length_of, part_of, source_name
from s3open.s3.wire.requests import Sent
from s3open.s3.wire.trees import TreeVerbs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s3open.location import Location
    from s3open.s3.wire.address import Address
    from s3open.s3.wire.signer import Credentials


class WireVerbs(TreeVerbs):
    """Speaks `s3open.s3.verbs.Verbs` with the store that *settings* lead to."""

    def place(
        self, at: Location, region: str | None = None
    ) -> tuple[Address, Credentials | None]:
        """Return where the bucket of *at* is, and what its requests are signed with.

        It is in *region*, where that is known. Nothing is sent.
        """
        return self._requests.place(at, region), self._requests.credentials(at)

    def region_of(self, at: Location) -> str | None:
        """Ask the bucket of *at* for its region, whoever may see it; None if unsaid."""
        return self._requests.region(at)

    def get_object(
        self,
        at: Location,
        span: range,
        *,
        if_match: str | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Answer:
        given = {"range": answers.ranged(span)}
        if if_match is not None:
            given["if-match"] = if_match
        request = asking("get_object", "GET", at, settings, given)
        head, body = self._requests.open(request)
        if not {"etag", "content-range"} & head.headers.keys():
            body.close()
            raise answers.foreign(at.uri)
        try:
            arrived, size = _arriving(head.status, head.headers, body.length)
        except ValueError as error:
            body.close()
            raise errors.S3Error.at(
                at.uri, "the store does not say how long the object is"
            ) from error
        watch_range(self.endpoint, answers.meant(span, size), arrived)
        body.expect(len(arrived))
        return contract.Answer(headers.info(head.headers, size), arrived, body)

    def head_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> contract.ObjectInfo:
        found = self._requests.head(asking("head_object", "HEAD", at, settings))
        if "etag" not in found:
            raise answers.foreign(at.uri)
        try:
            size = int(found["content-length"])
        except (KeyError, ValueError) as error:
            raise errors.S3Error.at(
                at.uri, "the store does not say how long the object is"
            ) from error
        return headers.info(found, size)

    @checksummed
    def put_object(
        self,
        at: Location,
        body: contract.Pieces,
        attributes: contract.Attributes,
        condition: contract.Condition,
    ) -> contract.ObjectInfo:
        request = Sent("put_object", "PUT", at, body=body)
        request.headers |= given_by(attributes, at)
        request.headers |= headers.condition(condition)
        sent = self._checksum(body, attributes.settings)
        request.headers |= sent
        found = self._requests.finish(request)
        if "etag" not in found:
            raise answers.foreign(at.uri)
        sums.compare(at.uri, sums.header(), sent, found, published=True)
        return headers.info(found, length_of(body))

    def get_object_tags(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[str, str]:
        request = asking("get_object_tags", "GET", at, settings)
        request.query.append(("tagging", ""))
        return documents.tags(self._document(request, "Tagging"))

    def put_object_tags(
        self,
        at: Location,
        tags: Mapping[str, str],
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> None:
        request = asking("put_object_tags", "PUT", at, settings)
        request.query.append(("tagging", ""))
        body = documents.tagging(tags)
        request.headers |= headers.of_document(body)
        request.body = [body]
        self._requests.finish(request)

    @checksummed
    def create_multipart_upload(
        self, at: Location, attributes: contract.Attributes
    ) -> str:
        request = Sent("create_multipart_upload", "POST", at, query=[("uploads", "")])
        request.headers |= given_by(attributes, at)
        if self._checksums:
            request.headers["x-amz-checksum-algorithm"] = checksums.own().upper()
            request.headers["x-amz-checksum-type"] = "FULL_OBJECT"
        root = self._document(request, "InitiateMultipartUploadResult")
        upload = documents.text(root, "UploadId")
        if not upload:
            raise answers.foreign(at.uri)
        return upload

    @checksummed
    def upload_part(
        self,
        at: Location,
        upload: str,
        number: int,
        body: contract.Pieces,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Part:
        request = asking("upload_part", "PUT", at, settings)
        request.query += [("partNumber", str(number)), ("uploadId", upload)]
        sent = self._checksum(body, settings)
        request.headers |= sent
        request.body = body
        found = self._requests.finish(request)
        sums.compare(at.uri, sums.header(), sent, found)
        crc = found.get(sums.header())
        return part_of(at, found.get("etag"), length_of(body), crc)

    def upload_part_copy(
        self,
        at: Location,
        upload: str,
        number: int,
        span: range,
        *,
        if_match: str,
        source: Location | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Part:
        given = {
            "x-amz-copy-source": source_name(source or at, settings),
            "x-amz-copy-source-range": f"bytes={span.start}-{span.stop - 1}",
            "x-amz-copy-source-if-match": if_match,
        }
        request = asking("upload_part_copy", "PUT", at, settings, given)
        request.query += [("partNumber", str(number)), ("uploadId", upload)]
        root = self._document(request, "CopyPartResult")
        crc = documents.text(root, sums.name())
        return part_of(at, documents.text(root, "ETag"), len(span), crc)

    def complete_multipart_upload(
        self,
        at: Location,
        upload: str,
        parts: Sequence[contract.Part],
        condition: contract.Condition,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.ObjectInfo:
        if not self._checksums:
            settings = sums.without(settings)
        request = asking(
            "complete_multipart_upload",
            "POST",
            at,
            settings,
            {"content-type": "application/xml", **headers.condition(condition)},
        )
        request.query.append(("uploadId", upload))
        request.body = [documents.completion(parts)]
        head, root = self._answer(request, "CompleteMultipartUploadResult")
        found = {documents.tag(child): child.text for child in root}
        sums.compare(at.uri, sums.name(), settings, found, published=True)
        found["VersionId"] = head.headers.get("x-amz-version-id")
        return answers.info(found, sum(part.size for part in parts))

    def abort_multipart_upload(self, at: Location, upload: str) -> None:
        request = Sent("abort_multipart_upload", "DELETE", at)
        request.query.append(("uploadId", upload))
        # There is nothing to say.
        if self._requests.document(request)[1]:
            raise answers.foreign(at.uri)

    def upload_exists(self, at: Location, upload: str) -> bool:
        query = [("max-parts", "1"), ("uploadId", upload)]
        try:
            request = Sent("upload_exists", "GET", at, query=query)
            self._document(request, "ListPartsResult")
        except errors.S3Error as error:
            if error.code == "NoSuchUpload":
                return False
            raise
        return True

    def list_parts(
        self, at: Location, upload: str, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[int, contract.Part]:
        found: dict[int, contract.Part] = {}
        marker: str | None = ""
        while marker is not None:
            request = asking("list_parts", "GET", at, settings)
            request.query += [("uploadId", upload)]
            if marker:
                request.query.insert(0, ("part-number-marker", marker))
            root = self._document(request, "ListPartsResult")
            for number, etag, size, crc in documents.parts(root, sums.name()):
                found[number] = part_of(at, etag, size, crc)
            marker = documents.marker(root)
        return found


def _arriving(
    status: int, found: Mapping[str, str], length: int | None
) -> tuple[range, int]:
    """Return the span that an answer holds, and the size of the whole object.

    Raises ValueError if it does not say.
    """
    text = found.get("content-range")
    if status != 206 and text is None:
        # The store does not know ranges and sends the whole object.
        if length is None:
            raise ValueError("no length")
        return range(length), length
    match = answers.CONTENT_RANGE.fullmatch(text or "")
    if match is None:
        raise ValueError(text)
    return range(int(match[1]), int(match[2]) + 1), int(match[3])
