"""The verbs of the data path, spoken directly.

An answer's bytes go from the socket into the caller's memory, a body from the caller's
memory to the socket; a small request takes a tenth of the time that it takes boto3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open import checksums, contract, errors
from s3open.s3 import answers, sums
from s3open.s3.endpoint import checksummed, takes_checksums, watch_range
from s3open.s3.retry import DEFAULT
from s3open.s3.verbs import NO_SETTINGS
from s3open.s3.wire import documents, headers
from s3open.s3.wire.requests import Requests, Sent
from s3open.s3.wire.signer import encoded_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from xml.etree.ElementTree import Element

    from s3open.location import Location
    from s3open.s3.wire.connection import Head
    from s3open.s3.wire.settings import Settings


class WireVerbs:
    """Speaks `s3open.s3.verbs.Verbs` with the store that *settings* lead to."""

    patience = DEFAULT

    def __init__(self, settings: Settings, *, requester_pays: bool = False) -> None:
        self._requests = Requests(settings, requester_pays=requester_pays)
        self._wanted = settings.checksums

    @property
    def endpoint(self) -> str:
        return self._requests.endpoint

    def get_object(
        self,
        at: Location,
        span: range,
        *,
        if_match: str | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Answer:
        given = {"range": f"bytes={span.start}-{span.stop - 1}"}
        if if_match is not None:
            given["if-match"] = if_match
        request = _request("get_object", "GET", at, settings, given)
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
        watch_range(self.endpoint, span, arrived)
        body.expect(len(arrived))
        return contract.Answer(headers.info(head.headers, size), arrived, body)

    def head_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> contract.ObjectInfo:
        found = self._requests.head(_request("head_object", "HEAD", at, settings))
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
        request.headers |= _attributes(attributes, at)
        request.headers |= headers.condition(condition)
        sent = self._checksum(body, attributes.settings)
        request.headers |= sent
        found = self._requests.finish(request)
        if "etag" not in found:
            raise answers.foreign(at.uri)
        sums.compare(at.uri, sums.header(), sent, found, published=True)
        return headers.info(found, _length(body))

    def get_object_tags(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[str, str]:
        request = _request("get_object_tags", "GET", at, settings)
        request.query.append(("tagging", ""))
        return documents.tags(self._document(request, "Tagging"))

    def delete_object(self, at: Location) -> None:
        self._requests.finish(Sent("delete_object", "DELETE", at))

    @checksummed
    def create_multipart_upload(
        self, at: Location, attributes: contract.Attributes
    ) -> str:
        request = Sent("create_multipart_upload", "POST", at, query=[("uploads", "")])
        request.headers |= _attributes(attributes, at)
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
        request = _request("upload_part", "PUT", at, settings)
        request.query += [("partNumber", str(number)), ("uploadId", upload)]
        sent = self._checksum(body, settings)
        request.headers |= sent
        request.body = body
        found = self._requests.finish(request)
        sums.compare(at.uri, sums.header(), sent, found)
        crc = found.get(sums.header())
        return _part(at, found.get("etag"), _length(body), crc)

    def upload_part_copy(
        self,
        at: Location,
        upload: str,
        number: int,
        span: range,
        *,
        if_match: str,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Part:
        given = {
            "x-amz-copy-source": _source(at),
            "x-amz-copy-source-range": f"bytes={span.start}-{span.stop - 1}",
            "x-amz-copy-source-if-match": if_match,
        }
        request = _request("upload_part_copy", "PUT", at, settings, given)
        request.query += [("partNumber", str(number)), ("uploadId", upload)]
        root = self._document(request, "CopyPartResult")
        crc = documents.text(root, sums.name())
        return _part(at, documents.text(root, "ETag"), len(span), crc)

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
        request = _request(
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
            request = _request("list_parts", "GET", at, settings)
            request.query += [("uploadId", upload)]
            if marker:
                request.query.insert(0, ("part-number-marker", marker))
            root = self._document(request, "ListPartsResult")
            for number, etag, size, crc in documents.parts(root, sums.name()):
                found[number] = _part(at, etag, size, crc)
            marker = documents.marker(root)
        return found

    @property
    def _checksums(self) -> bool:
        """Whether to send them."""
        return self._wanted and takes_checksums(self.endpoint)

    def _checksum(
        self, body: contract.Pieces, settings: Mapping[str, Any]
    ) -> dict[str, str]:
        """Return the CRC of *body* as a header to be signed."""
        if not self._checksums:
            return {}
        return {sums.header(): sums.sent_with(body, settings)}

    def _document(self, request: Sent, name: str) -> Element:
        """Return the XML that *request* is answered by, whose root has this *name*."""
        return self._answer(request, name)[1]

    def _answer(self, request: Sent, name: str) -> tuple[Head, Element]:
        """Return the head of the answer to *request*, and its XML.

        Where the answer was begun before the work was done, an error may be inside it.
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html

        What answers with an ETag and none of the *known* documents took the request for
        a plain GET or PUT (``rclone serve s3`` does): that is a 501.
        """
        head, document, resent = self._requests.document(request)
        root = documents.parsed(document)
        found = documents.tag(root) if root is not None else None
        if found is not None and _stem(found) == _stem(name):
            found = name
        if "etag" in head.headers and found not in (name, "Error"):
            # The store took the request for a plain GET or PUT.
            failed = head._replace(status=501)
            raise self._requests.error(request, failed, b"", resent=resent)
        if root is None:
            # Nobody knows what became of it.
            raise errors.S3ServerError.at(request.at.uri, "the answer is incomplete")
        if found == name:
            return head, root
        if found != "Error":
            raise answers.foreign(request.at.uri)
        failed = head._replace(status=answers.status_of(documents.text(root, "Code")))
        raise self._requests.error(request, failed, document, resent=resent)


def _stem(name: str) -> str:
    """Return what stores agree on of a document's *name*: others leave "Result" out."""
    return name.removesuffix("Result").removesuffix("Response")


def _request(
    operation: str,
    method: str,
    at: Location,
    settings: Mapping[str, Any],
    given: dict[str, str] | None = None,
) -> Sent:
    """Return a request that says what *settings* and the headers *given* say."""
    request = Sent(operation, method, at, given or {})
    if settings:
        try:
            found, request.query = headers.requested(settings, operation)
        except ValueError as error:
            raise errors.S3InvalidArgumentError.at(at.uri, str(error)) from error
        request.headers.update(found)
    return request


def _attributes(given: contract.Attributes, at: Location) -> dict[str, str]:
    try:
        return headers.attributes(given)
    except ValueError as error:
        raise errors.S3InvalidArgumentError.at(at.uri, str(error)) from error


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


def _part(at: Location, etag: str | None, size: int, crc: str | None) -> contract.Part:
    if etag is None:
        raise answers.foreign(at.uri)
    return contract.Part(etag, size, checksums.decode(crc) if crc else None)


def _length(body: contract.Pieces) -> int:
    return sum(memoryview(piece).nbytes for piece in body)


def _source(at: Location) -> str:
    """Return the name of what is copied, as its header has it."""
    between = "/object/" if at.bucket.startswith("arn:") else "/"
    return encoded_path(f"{at.bucket}{between}{at.key}")
