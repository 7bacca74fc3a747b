"""What all verbs of the wire stand on: requests, and answers that are documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open import checksums, contract, errors
from s3open.s3 import answers, sums
from s3open.s3.endpoint import takes_checksums
from s3open.s3.retry import DEFAULT
from s3open.s3.wire import documents, headers
from s3open.s3.wire.requests import Requests, Sent
from s3open.s3.wire.signer import encoded_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

    from s3open.location import Location
    from s3open.s3.wire.connection import Head
    from s3open.s3.wire.settings import Settings


class Basis:
    """Asks the store that *settings* lead to. Thread-safe."""

    patience = DEFAULT

    def __init__(self, settings: Settings, *, requester_pays: bool = False) -> None:
        self._requests = Requests(settings, requester_pays=requester_pays)
        self._wanted = settings.checksums

    def close(self) -> None:
        """Close the idle connections; the next request makes a new one."""
        self._requests.close()

    @property
    def endpoint(self) -> str:
        return self._requests.endpoint

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
        """Return the head of the answer to *request*, and its XML, called *name*."""
        head, document, resent = self._requests.document(request)
        return head, self._judged(request, name, (head, document, resent))

    def _judged(
        self, request: Sent, name: str, answer: tuple[Head, bytes, bool]
    ) -> Element:
        """Return the XML of the *answer* to *request*, if it is called *name*.

        Where the answer was begun before the work was done, an error may be inside it.
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html

        What answers with an ETag and another document took the request for a plain GET
        or PUT (``rclone serve s3`` does): that is a 501.
        """
        head, document, resent = answer
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
            return root
        if found != "Error":
            raise answers.foreign(request.at.uri)
        failed = head._replace(status=answers.status_of(documents.text(root, "Code")))
        raise self._requests.error(request, failed, document, resent=resent)


def _stem(name: str) -> str:
    """Return what stores agree on of a document's *name*: others leave "Result" out."""
    return name.removesuffix("Result").removesuffix("Response")


def asking(
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


def given_by(given: contract.Attributes, at: Location) -> dict[str, str]:
    """Return the headers that give *given* to what is written *at* a place."""
    try:
        return headers.attributes(given)
    except ValueError as error:
        raise errors.S3InvalidArgumentError.at(at.uri, str(error)) from error


def part_of(
    at: Location, etag: str | None, size: int, crc: str | None
) -> contract.Part:
    """Return the part that an answer tells of."""
    if etag is None:
        raise answers.foreign(at.uri)
    return contract.Part(etag, size, checksums.decode(crc) if crc else None)


def length_of(body: contract.Pieces) -> int:
    """Return how many bytes *body* has."""
    return sum(memoryview(piece).nbytes for piece in body)


def source_name(at: Location, settings: Mapping[str, Any]) -> str:
    """Return the name of what is copied, as its header has it.

    With the ``VersionId`` that is among *settings*.
    """
    between = "/object/" if at.bucket.startswith("arn:") else "/"
    name = encoded_path(f"{at.bucket}{between}{at.key}")
    version = settings.get("VersionId")
    return name if version is None else f"{name}?versionId={encoded_path(version)}"
