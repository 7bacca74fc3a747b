"""What all verbs over boto3 stand on: a client's calls, and their errors made ours.

Neither boto3 nor botocore is imported before the first client is made. Their types and
exceptions stay in this module, and in `translation`.
"""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from s3open import contract, errors, tracing
from s3open.answered import answered
from s3open.s3 import answers, denials, sums
from s3open.s3.endpoint import takes_checksums
from s3open.s3.retry import DEFAULT
from s3open.s3.told import Telling, named
from s3open.s3.translation import translated
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Self

    from s3open.location import Location
    from s3open.s3.retry import Patience

# The process that each client last made connections in.
_processes: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


class _Held:
    """A client, and what is known of it; of all verbs that call it.

    *again* makes another one in its place, once its credentials have expired.
    """

    def __init__(self, client: Any, again: Callable[[], Any] | None) -> None:
        self.client = client
        self.reached = False
        self._again = again
        # Clients, their connections with them, are shared by many of us.
        _processes.setdefault(client, os.getpid())

    def renewed(self, used: Any) -> bool:
        """Whether there is another client than *used*, made if need be."""
        if self.client is used and self._again is not None:
            client = self._again()
            _processes.setdefault(client, os.getpid())
            self.client = client
        return self.client is not used


class Basis:
    """Calls *client*, a boto3 S3 client.

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
        self._held = _Held(client, again)
        self._always = {"RequestPayer": "requester"} if requester_pays else {}
        # AWS_REQUEST_CHECKSUM_CALCULATION=when_required spares stores that mind.
        wanted = client.meta.config.request_checksum_calculation
        self._wanted = wanted == "when_supported"

    def patient(self, patience: Patience) -> Self:
        """Return the same verbs, over the same client, for who has that *patience*."""
        if patience == self.patience:
            return self
        other = copy.copy(self)
        other.patience = patience
        return other

    def close(self) -> None:
        """Close the idle connections; the next request makes a new one."""
        self._client.close()

    @property
    def _client(self) -> Any:
        return self._held.client

    @property
    def endpoint(self) -> str:
        url: str = self._client.meta.endpoint_url
        return url

    @property
    def region(self) -> str:
        """Whose region requests are signed for, as botocore has it."""
        return str(self._client.meta.region_name or "")

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

    def _ask(
        self, operation: str, at: Location, settings: Mapping[str, Any], **asked: Any
    ) -> Any:
        """Return the answer to what is asked of a bucket."""
        given = {**self._known(operation, settings), **self._always}
        return self._send(operation, at, **given, **asked)

    def _said(
        self,
        name: str,
        operation: str,
        at: Location,
        settings: Mapping[str, Any],
        **arguments: Any,
    ) -> Any:
        """Return what the answer has under *name*."""
        return self._saying(name, operation, at, settings, **arguments)[name]

    def _saying(
        self,
        name: str,
        operation: str,
        at: Location,
        settings: Mapping[str, Any],
        **arguments: Any,
    ) -> Any:
        """Return an answer that has something under *name*.

        What has an ETag instead is that of a store that took the request for a plain
        GET or PUT (``rclone serve s3`` does): that is a 501.
        """
        try:
            answer = self._call(operation, at, settings, **arguments)
        except errors.S3Error as error:
            # botocore takes an answer that it cannot read for a failure.
            answer = error.response
            if "etag" not in headers_of(answer):
                raise
        if answer.get(name, {}) == {} and "etag" in headers_of(answer):
            metadata = {"ResponseMetadata": answer["ResponseMetadata"]}
            raise answered(
                "NotImplemented", 501, at.uri, metadata, operation=named(operation)
            )
        require(answer, name, at)
        return answer

    def _known(self, operation: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of *settings* that the operation knows."""
        if not settings:
            return {}
        meta = self._client.meta
        name = meta.method_to_api_mapping[operation]
        known = meta.service_model.operation_model(name).input_shape.members
        return {name: settings[name] for name in settings if name in known}

    def _send(self, operation: str, at: Location, **arguments: Any) -> Any:
        """Return the answer to *operation* on the bucket of *at*, "" for none."""
        if at.bucket:
            arguments["Bucket"] = at.bucket
        client = self._client
        try:
            return self._send_once(client, operation, at, arguments)
        except errors.S3Error as error:
            expired = answers.says_expired(error, operation)
            if not expired or not self._held.renewed(client):
                raise
        return self._send_once(self._client, operation, at, arguments)

    def _send_once(
        self, client: Any, operation: str, at: Location, arguments: dict[str, Any]
    ) -> Any:
        if _processes[client] != os.getpid():
            # The idle connections are the parent's; here their descriptors are closed.
            client.close()
            _processes[client] = os.getpid()
        method = getattr(client, operation)
        telling = _telling(client, operation, at, arguments)
        try:
            answer = method(**arguments)
        except Exception as error:
            versioned = "VersionId" in arguments
            denied = denials.advice(operation, versioned=versioned)
            ours = translated(
                error,
                at.uri,
                operation=named(operation),
                versioned=versioned,
                denied=denied,
            )
            if ours is None:
                raise
            ours.operation = named(operation)
            if ours.status:
                telling.answered(ours.status)
            else:
                telling.failed(str(ours))
            self._held.reached = self._held.reached or ours.status is not None
            if ours.unreachable and self._held.reached:
                ours.unreachable, ours.passing = False, True
            try:
                raise ours from error
            finally:
                # Its traceback holds this frame, and so all that called for it: a file
                # that is being opened would not be missed when it is dropped.
                del ours
        self._held.reached = True
        telling.answered(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 200))
        return answer


def _telling(
    client: Any, operation: str, at: Location, arguments: Mapping[str, Any]
) -> Telling:
    """Return who tells how *operation* is answered."""
    verb = ""
    if tracing.is_watched():
        meta = client.meta
        name = meta.method_to_api_mapping[operation]
        verb = meta.service_model.operation_model(name).http["method"]
    size = len(arguments.get("Body", b""))
    return Telling(operation, at.uri, verb, arguments.get("Range"), size)


def require(answer: Mapping[str, Any], name: str, at: Location) -> None:
    """Raise S3ServerError if *answer* lacks what every store's has."""
    if name not in answer:
        raise answers.foreign(at.uri)


def headers_of(answer: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the headers of *answer*, by their names in lower case."""
    found: Mapping[str, str] = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return found


def given_by(attributes: contract.Attributes) -> dict[str, Any]:
    """Return the arguments that give *attributes* to a new object."""
    given = {
        "ContentType": attributes.content_type,
        "Metadata": dict(attributes.metadata),
    }
    return {**attributes.settings, **{k: v for k, v in given.items() if v}}


def stated(condition: contract.Condition) -> dict[str, str]:
    """Return the argument that states a condition, if there is one."""
    if condition.etag is not None:
        return {"IfMatch": condition.etag}
    return {"IfNoneMatch": "*"} if condition.absent else {}


def source_name(at: Location, settings: Mapping[str, Any]) -> dict[str, str]:
    """Return what is copied, the ``VersionId`` among *settings* if there is one."""
    name = {"Bucket": at.bucket, "Key": at.key}
    version = settings.get("VersionId")
    return name if version is None else {**name, "VersionId": version}
