"""The verbs over a boto3 client: the reference.

Neither boto3 nor botocore is imported before the first client is made. Their types and
exceptions stay in this module.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from s3open import contract, errors
from s3open.s3 import answers, denials, sums
from s3open.s3.body import BotoBody
from s3open.s3.endpoint import checksummed, takes_checksums, watch_range
from s3open.s3.retry import DEFAULT
from s3open.s3.translation import (
    translated,
)
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from s3open.location import Location

# The process that each client last made connections in.
_processes: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


class BotoVerbs:
    """Speaks `s3open.s3.verbs.Verbs` through *client*, a boto3 S3 client.

    *again* makes another one, once the credentials of *client* have expired.
    """

    patience = DEFAULT

    def __init__(
        self,
        client: Any,
        *,
        requester_pays: bool = False,
        again: Callable[[], Any] | None = None,
    ) -> None:
        self._client = client
        self._again = again
        # Clients, their connections with them, are shared by many of us.
        _processes.setdefault(client, os.getpid())
        self._always = {"RequestPayer": "requester"} if requester_pays else {}
        # AWS_REQUEST_CHECKSUM_CALCULATION=when_required spares stores that mind.
        wanted = client.meta.config.request_checksum_calculation
        self._wanted = wanted == "when_supported"
        self._reached = False

    @property
    def endpoint(self) -> str:
        url: str = self._client.meta.endpoint_url
        return url

    def get_object(
        self,
        at: Location,
        span: range,
        *,
        if_match: str | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Answer:
        arguments: dict[str, Any] = {"Range": f"bytes={span.start}-{span.stop - 1}"}
        if if_match is not None:
            arguments["IfMatch"] = if_match
        answer = self._call("get_object", at, settings, **arguments)
        if not {"ETag", "ContentRange"} & answer.keys():
            answer["Body"].close()
            raise answers.foreign(at.uri)
        try:
            arrived, size = answers.arriving(answer)
        except (KeyError, ValueError) as error:
            answer["Body"].close()
            raise errors.S3Error.at(
                at.uri, "the store does not say how long the object is"
            ) from error
        watch_range(self.endpoint, span, arrived)
        info = answers.info(answer, size)
        return contract.Answer(info, arrived, BotoBody(answer["Body"], at, arrived))

    def head_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> contract.ObjectInfo:
        answer = self._call("head_object", at, settings)
        _require(answer, "ETag", at)
        return answers.info(answer, answer["ContentLength"])

    @checksummed
    def put_object(
        self,
        at: Location,
        body: contract.Pieces,
        attributes: contract.Attributes,
        condition: contract.Condition,
    ) -> contract.ObjectInfo:
        data = b"".join(body)
        sent = self._checksum(data, attributes.settings)
        arguments = _attributes(attributes) | _condition(condition) | sent
        answer = self._call("put_object", at, Body=data, **arguments)
        _require(answer, "ETag", at)
        sums.compare(at.uri, sums.name(), sent, answer, published=True)
        return answers.info(answer, len(data))

    def get_object_tags(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[str, str]:
        tags = self._said("TagSet", "get_object_tagging", at, settings)
        return {tag["Key"]: tag["Value"] for tag in tags}

    def delete_object(self, at: Location) -> None:
        self._call("delete_object", at)

    @checksummed
    def create_multipart_upload(
        self, at: Location, attributes: contract.Attributes
    ) -> str:
        arguments = _attributes(attributes)
        if self._checksums:
            arguments |= sums.announced()
        answer = self._call("create_multipart_upload", at, **arguments)
        _require(answer, "UploadId", at)
        return str(answer["UploadId"])

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
        data = b"".join(body)
        sent = self._checksum(data, settings)
        arguments = {"UploadId": upload, "PartNumber": number, "Body": data} | sent
        answer = self._call("upload_part", at, sums.without(settings), **arguments)
        _require(answer, "ETag", at)
        sums.compare(at.uri, sums.name(), sent, answer)
        return answers.part(answer, len(data))

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
        made = self._said(
            "CopyPartResult",
            "upload_part_copy",
            at,
            settings,
            UploadId=upload,
            PartNumber=number,
            CopySource={"Bucket": at.bucket, "Key": at.key},
            CopySourceRange=f"bytes={span.start}-{span.stop - 1}",
            CopySourceIfMatch=if_match,
        )
        return answers.part(made, len(span))

    def complete_multipart_upload(
        self,
        at: Location,
        upload: str,
        parts: Sequence[contract.Part],
        condition: contract.Condition,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.ObjectInfo:
        named = [
            {"PartNumber": number, "ETag": part.etag}
            for number, part in enumerate(parts, start=1)
        ]
        if not self._checksums:
            settings = sums.without(settings)
        answer = self._call(
            "complete_multipart_upload",
            at,
            settings,
            UploadId=upload,
            MultipartUpload={"Parts": named},
            **_condition(condition),
        )
        _require(answer, "ETag", at)
        sums.compare(at.uri, sums.name(), settings, answer, published=True)
        return answers.info(answer, sum(part.size for part in parts))

    def abort_multipart_upload(self, at: Location, upload: str) -> None:
        self._call("abort_multipart_upload", at, UploadId=upload)

    def upload_exists(self, at: Location, upload: str) -> bool:
        try:
            answer = self._call("list_parts", at, UploadId=upload, MaxParts=1)
            _require(answer, "UploadId", at)
        except errors.S3Error as error:
            if error.code == "NoSuchUpload":
                return False
            raise
        return True

    def list_parts(
        self, at: Location, upload: str, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[int, contract.Part]:
        found: dict[int, contract.Part] = {}
        more: dict[str, int] = {}
        while True:
            answer = self._call("list_parts", at, settings, UploadId=upload, **more)
            for item in answer.get("Parts", ()):
                found[item["PartNumber"]] = answers.part(item, item["Size"])
            if not answer.get("IsTruncated"):
                return found
            more = {"PartNumberMarker": answer["NextPartNumberMarker"]}

    def list_object_versions(self, at: Location, **markers: str) -> Any:
        """Return a page of versions and delete markers, of longer keys, too."""
        return self._send(
            "list_object_versions", at, Prefix=at.key, **markers, **self._always
        )

    def list_multipart_uploads(
        self, at: Location, prefix: str, *, encoding: str | None = None, **markers: str
    ) -> Any:
        """Return a page of the uploads that are under way in the bucket of *at*.

        Their keys as they are, or in that *encoding*, if the store knows it.
        """
        if encoding is not None:
            markers["EncodingType"] = encoding
        return self._send(
            "list_multipart_uploads",
            at,
            Prefix=prefix,
            **markers,
            **self._always,
        )

    @property
    def _checksums(self) -> bool:
        """Whether to send them."""
        return self._wanted and takes_checksums(self.endpoint)

    def _checksum(self, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the CRC of *body* as a header to be signed.

        Left to itself botocore sends one in a trailer, which not all stores understand.
        """
        if not self._checksums:
            return {}
        return {sums.name(): sums.sent_with([body], settings)}

    def _call(
        self,
        operation: str,
        at: Location,
        settings: Mapping[str, Any] = NO_SETTINGS,
        **arguments: Any,
    ) -> Any:
        given = {"Key": at.key, **self._known(operation, settings), **self._always}
        return self._send(operation, at, **given, **arguments)

    def _said(
        self,
        name: str,
        operation: str,
        at: Location,
        settings: Mapping[str, Any],
        **arguments: Any,
    ) -> Any:
        """Return what the answer has under *name*.

        What has an ETag instead is that of a store that took the request for a plain
        GET or PUT (``rclone serve s3`` does): that is a 501.
        """
        try:
            answer = self._call(operation, at, settings, **arguments)
        except errors.S3Error as error:
            # botocore takes an answer that it cannot read for a failure.
            answer = error.response
            if "etag" not in _headers(answer):
                raise
        if answer.get(name, {}) != {}:
            return answer[name]
        if "etag" in _headers(answer):
            metadata = {"ResponseMetadata": answer["ResponseMetadata"]}
            raise errors.answered("NotImplemented", 501, at.uri, metadata)
        return answer[name]

    def _known(self, operation: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of *settings* that the operation knows."""
        if not settings:
            return {}
        meta = self._client.meta
        name = meta.method_to_api_mapping[operation]
        known = meta.service_model.operation_model(name).input_shape.members
        return {name: settings[name] for name in settings if name in known}

    def _send(self, operation: str, at: Location, **arguments: Any) -> Any:
        try:
            return self._send_once(operation, at, **arguments)
        except errors.S3Error as error:
            if self._again is None or not answers.says_expired(error, operation):
                raise
        client = self._again()
        _processes.setdefault(client, os.getpid())
        self._client = client
        return self._send_once(operation, at, **arguments)

    def _send_once(self, operation: str, at: Location, **arguments: Any) -> Any:
        if _processes[self._client] != os.getpid():
            # The idle connections are the parent's; here their descriptors are closed.
            self._client.close()
            _processes[self._client] = os.getpid()
        method = getattr(self._client, operation)
        try:
            answer = method(Bucket=at.bucket, **arguments)
        except Exception as error:
            denied = denials.advice(operation, versioned="VersionId" in arguments)
            ours = translated(error, at.uri, denied=denied)
            if ours is None:
                raise
            self._reached = self._reached or ours.status is not None
            if ours.unreachable and self._reached:
                ours.unreachable, ours.passing = False, True
            try:
                raise ours from error
            finally:
                # Its traceback holds this frame, and so all that called for it: a file
                # that is being opened would not be missed when it is dropped.
                del ours
        self._reached = True
        return answer


def _require(answer: Mapping[str, Any], name: str, at: Location) -> None:
    """Raise S3ServerError if *answer* lacks what every store's has."""
    if name not in answer:
        raise answers.foreign(at.uri)


def _headers(answer: Mapping[str, Any]) -> Mapping[str, str]:
    found: Mapping[str, str] = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return found


def _attributes(attributes: contract.Attributes) -> dict[str, Any]:
    given = {
        "ContentType": attributes.content_type,
        "Metadata": dict(attributes.metadata),
    }
    return {**attributes.settings, **{k: v for k, v in given.items() if v}}


def _condition(condition: contract.Condition) -> dict[str, str]:
    if condition.etag is not None:
        return {"IfMatch": condition.etag}
    return {"IfNoneMatch": "*"} if condition.absent else {}
