"""The verbs over a boto3 client: the reference.

Neither boto3 nor botocore is imported before the first client is made. Their types and
exceptions stay in this module.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from s3open import checksum, contract, errors
from s3open.s3 import answers, denials
from s3open.s3.retry import DEFAULT
from s3open.s3.translation import (
    NO_CREDENTIALS,
    broken,
    translated,
    without_credentials,
)
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from s3open.config import Config
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
        self._checksums = wanted == "when_supported"
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
        if "ETag" not in answer:
            answer["Body"].close()
            raise answers.foreign(at.uri)
        try:
            arrived, size = answers.arriving(answer)
        except (KeyError, ValueError) as error:
            answer["Body"].close()
            raise errors.S3Error.at(
                at.uri, "the store does not say how long the object is"
            ) from error
        info = answers.info(answer, size)
        return contract.Answer(info, arrived, _BotoBody(answer["Body"], at, arrived))

    def head_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> contract.ObjectInfo:
        answer = self._call("head_object", at, settings)
        _require(answer, "ETag", at)
        return answers.info(answer, answer["ContentLength"])

    def put_object(
        self,
        at: Location,
        body: contract.Pieces,
        attributes: contract.Attributes,
        condition: contract.Condition,
    ) -> None:
        data = b"".join(body)
        arguments = _attributes(attributes) | _condition(condition)
        arguments |= self._checksum(data)
        _require(self._call("put_object", at, Body=data, **arguments), "ETag", at)

    def get_object_tags(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[str, str]:
        answer = self._call("get_object_tagging", at, settings)
        _require(answer, "TagSet", at)
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def delete_object(self, at: Location) -> None:
        self._call("delete_object", at)

    def create_multipart_upload(
        self, at: Location, attributes: contract.Attributes
    ) -> str:
        arguments = _attributes(attributes)
        if self._checksums:
            arguments["ChecksumAlgorithm"] = "CRC64NVME"
        answer = self._call("create_multipart_upload", at, **arguments)
        _require(answer, "UploadId", at)
        upload: str = answer["UploadId"]
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
        data = b"".join(body)
        arguments = {"UploadId": upload, "PartNumber": number, "Body": data}
        arguments |= self._checksum(data)
        answer = self._call("upload_part", at, settings, **arguments)
        _require(answer, "ETag", at)
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
        answer = self._call(
            "upload_part_copy",
            at,
            settings,
            UploadId=upload,
            PartNumber=number,
            CopySource={"Bucket": at.bucket, "Key": at.key},
            CopySourceRange=f"bytes={span.start}-{span.stop - 1}",
            CopySourceIfMatch=if_match,
        )
        _require(answer.get("CopyPartResult", {}), "ETag", at)
        return answers.part(answer["CopyPartResult"], len(span))

    def complete_multipart_upload(
        self,
        at: Location,
        upload: str,
        parts: Sequence[contract.Part],
        condition: contract.Condition,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> None:
        named = [
            {"PartNumber": number, "ETag": part.etag}
            for number, part in enumerate(parts, start=1)
        ]
        answer = self._call(
            "complete_multipart_upload",
            at,
            settings,
            UploadId=upload,
            MultipartUpload={"Parts": named},
            **_condition(condition),
        )
        _require(answer, "ETag", at)

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

    def list_object_versions(self, at: Location, **markers: str) -> Any:
        """Return a page of versions and delete markers, of longer keys, too."""
        return self._send(
            "list_object_versions", at, Prefix=at.key, **markers, **self._always
        )

    def _checksum(self, body: bytes) -> dict[str, str]:
        """Return the CRC of *body* as a header to be signed.

        Left to itself botocore sends one in a trailer, which not all stores understand.
        """
        if not self._checksums:
            return {}
        value = checksum.encode("crc64nvme", checksum.crc("crc64nvme", body))
        return {"ChecksumCRC64NVME": value}

    def _call(
        self,
        operation: str,
        at: Location,
        settings: Mapping[str, Any] = NO_SETTINGS,
        **arguments: Any,
    ) -> Any:
        given = {"Key": at.key, **self._known(operation, settings), **self._always}
        return self._send(operation, at, **given, **arguments)

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
            raise ours from error
        self._reached = True
        return answer


def _require(answer: Mapping[str, Any], name: str, at: Location) -> None:
    """Raise S3ServerError if *answer* lacks what every store's has."""
    if name not in answer:
        raise answers.foreign(at.uri)


class _BotoBody:
    """The body of a boto3 answer, with transport errors made ours."""

    def __init__(self, body: Any, at: Location, span: range) -> None:
        # botocore wraps the stream to verify a checksum, also where a store sends the
        # whole object's with a range (moto does); below the wrapper nothing is checked.
        self._stream = getattr(body, "_raw_stream", body)
        self._uri = at.uri
        self._left = len(span)

    def readinto(self, view: memoryview) -> int:
        try:
            data = self._stream.read(min(len(view), self._left))
        except Exception as error:
            ours = translated(error, self._uri) or broken(error, self._uri)
            raise ours from error
        view[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        release = getattr(self._stream, "release_conn", None)
        if self._left == 0 and release is not None:
            release()
        else:
            self._stream.close()


def make_session(config: Config, uri: str) -> Any:
    """Return the boto3 session for *config*; it raises what `make_client` does."""
    import boto3

    with _configuring(uri):
        return config.session or boto3.Session(
            profile_name=config.profile,
            aws_access_key_id=config.access_key,
            aws_secret_access_key=config.secret_key,
            aws_session_token=config.session_token,
        )


def make_client(config: Config, uri: str) -> Any:
    """Return a new boto3 client for *config*; PermissionError if it cannot be made.

    *uri* is what the error is to name.
    """
    import botocore
    from botocore.config import Config as BotoConfig
    from botocore.exceptions import NoCredentialsError

    from s3open._version import __version__

    settings = BotoConfig(
        # SigV2 is still botocore's choice for some stores and presigned URLs.
        signature_version=botocore.UNSIGNED if config.anonymous else "s3v4",
        max_pool_connections=64,
        # Ours to do: only who sent a request knows what a lost answer means.
        retries={"total_max_attempts": 1},
        # Ranges carry no checksum on S3; those that stores send are the whole object's.
        response_checksum_validation="when_required",
        user_agent_extra=f"s3open/{__version__}",
    )
    session = make_session(config, uri)
    with _configuring(uri):
        client = session.client(
            "s3",
            region_name=config.region,
            endpoint_url=config.endpoint_url,
            config=settings,
        )
        if not config.anonymous and session.get_credentials() is None:
            # Told at once, and not remembered: they may come any minute.
            raise NoCredentialsError
    client.meta.events.register("before-sign.s3", _leave_payload_unsigned)
    return client


@contextmanager
def _configuring(uri: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError

    try:
        yield
    except BotoCoreError as error:
        if type(error).__name__ in NO_CREDENTIALS:
            raise without_credentials(error, uri) from error
        raise errors.S3PermissionError.at(uri, str(error)) from error


def _leave_payload_unsigned(request: Any, **_: object) -> None:
    """Spare a SHA-256 of the body (0.7 GB/s) where TLS and a CRC protect it.

    botocore does so by itself, but only for checksums that it has computed.
    """
    header = "x-amz-checksum-crc64nvme"
    if header in request.headers:
        algorithm = {"algorithm": "crc64nvme", "in": "header", "name": header}
        request.context["checksum"] = {"request_algorithm": algorithm}


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
