"""The verbs of the data path, spoken directly.

An answer's bytes go from the socket into the caller's memory, a body from the caller's
memory to the socket; a small request takes a tenth of the time that it takes boto3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open import checksum, contract, errors
from s3open.s3 import answers
from s3open.s3.retry import DEFAULT
from s3open.s3.verbs import NO_SETTINGS
from s3open.s3.wire import documents, headers
from s3open.s3.wire.requests import Requests, Sent
from s3open.s3.wire.signer import encoded_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from xml.etree.ElementTree import Element

    from s3open.location import Location
    from s3open.s3.wire.settings import Settings


class WireVerbs:
    """Speaks `s3open.s3.verbs.Verbs` with the store that *settings* lead to."""

    patience = DEFAULT

    def __init__(self, settings: Settings, *, requester_pays: bool = False) -> None:
        self._requests = Requests(settings, requester_pays=requester_pays)
        self._checksums = settings.checksums

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
        if "etag" not in head.headers:
            body.close()
            raise answers.foreign(at.uri)
        try:
            arrived, size = _arriving(head.status, head.headers, body.length)
        except ValueError as error:
            body.close()
            raise errors.S3Error.at(
                at.uri, "the store does not say how long the object is"
            ) from error
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

    def put_object(
        self,
        at: Location,
        body: contract.Pieces,
        attributes: contract.Attributes,
        condition: contract.Condition,
    ) -> None:
        request = Sent("put_object", "PUT", at, body=body)
        request.headers |= _attributes(attributes, at)
        request.headers |= headers.condition(condition)
        request.headers |= self._checksum(body)
        if "etag" not in self._requests.finish(request):
            raise answers.foreign(at.uri)

    def get_object_tags(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[str, str]:
        request = _request("get_object_tags", "GET", at, settings)
        request.query.append(("tagging", ""))
        return documents.tags(self._document(request, "Tagging"))

    def delete_object(self, at: Location) -> None:
        self._requests.finish(Sent("delete_object", "DELETE", at))

    def create_multipart_upload(
        self, at: Location, attributes: contract.Attributes
    ) -> str:
        request = Sent("create_multipart_upload", "POST", at, query=[("uploads", "")])
        request.headers |= _attributes(attributes, at)
        if self._checksums:
            request.headers["x-amz-checksum-algorithm"] = "CRC64NVME"
        root = self._document(request, "InitiateMultipartUploadResult")
        upload = documents.text(root, "UploadId")
        if not upload:
            raise answers.foreign(at.uri)
        return upload

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
        request.headers |= self._checksum(body)
        request.body = body
        found = self._requests.finish(request)
        size = sum(memoryview(piece).nbytes for piece in body)
        return _part(at, found.get("etag"), size, found.get("x-amz-checksum-crc64nvme"))

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
        crc = documents.text(root, "ChecksumCRC64NVME")
        return _part(at, documents.text(root, "ETag"), len(span), crc)

    def complete_multipart_upload(
        self,
        at: Location,
        upload: str,
        parts: Sequence[contract.Part],
        condition: contract.Condition,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> None:
        request = _request(
            "complete_multipart_upload",
            "POST",
            at,
            settings,
            {"content-type": "application/xml", **headers.condition(condition)},
        )
        request.query.append(("uploadId", upload))
        request.body = [documents.completion(parts)]
        self._document(request, "CompleteMultipartUploadResult")

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

    def _checksum(self, body: contract.Pieces) -> dict[str, str]:
        """Return the CRC of *body* as a header to be signed."""
        if not self._checksums:
            return {}
        value = 0
        for piece in body:
            value = checksum.crc("crc64nvme", piece, value)
        return {"x-amz-checksum-crc64nvme": checksum.encode("crc64nvme", value)}

    def _document(self, request: Sent, name: str) -> Element:
        """Return the XML that *request* is answered by, whose root has this *name*.

        Where the answer was begun before the work was done, an error may be inside it.
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
        """
        head, document, resent = self._requests.document(request)
        root = documents.parsed(document)
        if root is None:
            # Nobody knows what became of it.
            raise errors.S3ServerError.at(request.at.uri, "the answer is incomplete")
        found = documents.tag(root)
        if found == name:
            return root
        if found != "Error":
            raise answers.foreign(request.at.uri)
        failed = head._replace(status=answers.status_of(documents.text(root, "Code")))
        raise self._requests.error(request, failed, document, resent=resent)


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
    return contract.Part(etag, size, checksum.decode(crc) if crc else None)


def _source(at: Location) -> str:
    """Return the name of what is copied, as its header has it."""
    between = "/object/" if at.bucket.startswith("arn:") else "/"
    return encoded_path(f"{at.bucket}{between}{at.key}")
