"""One request and its answer: signed, sent, healed; errors made ours.

Each is sent once. What is sent again has not been carried out: because it was sent to,
or signed for, the wrong place, or over a connection that was closed already.
"""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from s3open import errors
from s3open._version import __version__
from s3open.answered import answered
from s3open.location import Location
from s3open.s3 import answers, denials
from s3open.s3.told import Telling, named
from s3open.s3.translation import raise_as_ours
from s3open.s3.wire import documents, signer
from s3open.s3.wire.address import redirected
from s3open.s3.wire.body import Body, broken
from s3open.s3.wire.connection import connect
from s3open.s3.wire.pool import Pool, UnreachableError
from s3open.tracing import retried

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.contract import Pieces
    from s3open.s3.wire.address import Address
    from s3open.s3.wire.connection import Connection, Head, Peer
    from s3open.s3.wire.pool import Reply
    from s3open.s3.wire.settings import Settings
    from s3open.s3.wire.signer import Credentials

# Listings have a thousand entries; errors are shorter by far.
_LONGEST_DOCUMENT: Final = 16 << 20
_LONGEST_ERROR: Final = 256 << 10
# One for the region, one for the host, as AWS answers in turn.
_HEALINGS: Final = 2
# What these may say of a bucket is that it is elsewhere.
_ELSEWHERE: Final = frozenset({301, 302, 307, 308, 400})
_CODES: Final = frozenset(
    {
        "AuthorizationHeaderMalformed",
        "PermanentRedirect",
        "TemporaryRedirect",
        "Redirect",
        "IllegalLocationConstraintException",
        *map(str, _ELSEWHERE),
    }
)
# So much is worth asking for leave before it is sent.
_LARGE: Final = 64 << 10
# What sends the bytes of objects.
_WRITES: Final = frozenset({"put_object", "upload_part"})
_ALWAYS: Final = f"user-agent: s3open/{__version__}\r\naccept-encoding: identity\r\n"


@dataclass(slots=True)
class Sent:
    """A request, before it is signed; *headers* by their names in lower case."""

    operation: str
    method: str
    at: Location
    headers: dict[str, str] = field(default_factory=dict)
    query: list[tuple[str, str]] = field(default_factory=list)
    body: Pieces = ()
    signer: Credentials | None = None


class Requests:
    """Sends requests to the store that *settings* lead to. Thread-safe."""

    def __init__(self, settings: Settings, *, requester_pays: bool = False) -> None:
        self.endpoint = settings.endpoint
        self._settings = settings
        # Not a method: pool and connections end with us, not with the next collection.
        self._pool = Pool(partial(_connected, settings))
        self._always = {"x-amz-request-payer": "requester"} if requester_pays else {}
        # By bucket: as configured, or as the store has corrected it.
        self._addresses: dict[str, Address] = {}
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._reached = False
        # Buckets that have taken something, and whether it is of use to ask others.
        self._welcoming: set[str] = set()
        self._hears = True

    def place(self, at: Location, region: str | None = None) -> Address:
        """Return where the bucket of *at* is, which is in *region* where that is known.

        Nothing is sent.
        """
        address = self._address(at)
        if region in (None, address.scope.region):
            return address
        return self._resolve(at, region)

    def region(self, at: Location) -> str | None:
        """Ask the bucket of *at* for its region; None if it does not tell."""
        return self._ask_region(at, self._address(at))

    def credentials(self, at: Location) -> Credentials | None:
        """Return what requests for *at* are signed with."""
        try:
            return self._settings.credentials()
        except Exception as error:
            raise_as_ours(error, at.uri)

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()

    def open(self, request: Sent) -> tuple[Head, Body]:
        """Return the answer to *request*, its body still to come."""
        reply = self._reply(request)
        return reply.head, Body(reply.payload, request.at.uri)

    def head(self, request: Sent) -> Mapping[str, str]:
        """Return the headers of the answer to a HEAD."""
        return self._reply(request).head.headers

    def finish(self, request: Sent) -> Mapping[str, str]:
        """Return the headers of the answer to *request*, whose body is of no use."""
        return self.document(request)[0].headers

    def document(self, request: Sent) -> tuple[Head, bytes, bool]:
        """Return the whole answer to *request*, and whether that was sent twice."""
        reply = self._reply(request)
        if not reply.payload.length and reply.payload.length is not None:
            return reply.head, b"", reply.resent
        try:
            document = reply.payload.whole(_LONGEST_DOCUMENT)
        except OSError as error:
            raise broken(error, request.at.uri) from error
        return reply.head, document, reply.resent

    def error(
        self, request: Sent, head: Head, document: bytes, *, resent: bool
    ) -> errors.S3Error:
        """Return the error that an answer tells of."""
        response = documents.response(head, document, resent=resent)
        return self._answered(request, response)

    def _answered(self, request: Sent, response: dict[str, Any]) -> errors.S3Error:
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        versioned = any(name == "versionId" for name, _ in request.query)
        denied = denials.advice(request.operation, versioned=versioned)
        code = response["Error"]["Code"]
        return answered(
            code,
            status,
            request.at.uri,
            response,
            operation=named(request.operation),
            versioned=versioned,
            denied=denied,
        )

    def _reply(self, request: Sent) -> Reply:
        """Return the answer to *request*, sent where the bucket turns out to be.

        And signed with credentials that have not expired, where there are such.
        """
        healings, renewed, unasked = 0, False, False
        while True:
            address = self._address(request.at)
            reply = self._exchange(request, address)
            head = reply.head
            if 200 <= head.status < 300:
                return reply
            document = _error_document(request, reply)
            if head.status == 417 and not self._hears and not unasked:
                unasked = True
                continue
            response = documents.response(head, document, resent=reply.resent)
            if not renewed and answers.says_expired(
                self._answered(request, response), request.operation
            ):
                renewed = True
                if self._renewed(request):
                    continue
            healings += 1
            if (
                healings > _HEALINGS
                or head.status not in _ELSEWHERE
                or not self._healed(request, address, head, response)
            ):
                raise self._answered(request, response)

    def _address(self, at: Location) -> Address:
        found = self._addresses.get(at.bucket)
        return found or self._resolve(at, None)

    def _own_lock(self) -> threading.Lock:
        if self._process != os.getpid():
            # A thread that was not forked off may have held it.
            self._lock, self._process = threading.Lock(), os.getpid()
        return self._lock

    def _renewed(self, request: Sent) -> bool:
        """Whether there are other credentials than those that *request* was sent with.

        Of many who find them expired one looks for new ones.
        """
        used = request.signer
        if used is None or used.token is None:
            return False
        with self._own_lock():
            try:
                return self._settings.renewed(used)
            except Exception as error:
                raise_as_ours(error, request.at.uri)

    def _resolve(self, at: Location, region: str | None) -> Address:
        # botocore must not be asked by two at once where it makes a client.
        with self._own_lock():
            try:
                found = self._settings.address(at.bucket, region)
            except Exception as error:
                raise_as_ours(error, at.uri)
        self._addresses[at.bucket] = found
        return found

    def _exchange(self, request: Sent, address: Address) -> Reply:
        head, size = self._head(request, address)
        bodiless = request.method == "HEAD"
        asking = self._asks_first(request, size)
        if asking:
            # Not signed, for it is about this connection only.
            head = head[:-2] + b"expect: 100-continue\r\n\r\n"
        operation, uri = request.operation, request.at.uri
        telling = Telling(
            operation,
            uri,
            request.method,
            request.headers.get("range"),
            size if operation in _WRITES else 0,
        )
        try:
            reply = self._pool.exchange(
                address.peer, head, request.body, size, bodiless=bodiless, asking=asking
            )
        except UnreachableError as error:
            # What the store said of its place may be out of date.
            self._addresses.pop(request.at.bucket, None)
            telling.failed(str(error))
            ours = broken(error.__cause__ or error, uri, str(error))
            ours.operation = named(operation)
            ours.ambiguous = error.resent
            ours.passing = self._reached
            ours.unreachable = not self._reached
            raise ours from error
        except OSError as error:
            telling.failed(str(error))
            ours = broken(error, uri)
            ours.operation = named(operation)
            raise ours from error
        self._reached = True
        self._learn(request, reply, asking=asking)
        telling.answered(reply.head.status)
        if reply.resent:
            retried(named(operation), uri)
        return reply

    def _asks_first(self, request: Sent, size: int) -> bool:
        """Whether to ask before the body is sent: where it may well be in vain.

        That costs the time of a way there and back, so it is done until a bucket has
        taken something, and not for small ones.
        """
        asks = size > _LARGE and request.operation in _WRITES
        return asks and self._hears and request.at.bucket not in self._welcoming

    def _learn(self, request: Sent, reply: Reply, *, asking: bool) -> None:
        """Remember who takes what is written, and who does not know to be asked."""
        status = reply.head.status
        if asking and (not reply.heard or status == 417):
            self._hears = False
        if request.method in ("PUT", "POST") and status < 300:
            self._welcoming.add(request.at.bucket)

    def _head(self, request: Sent, address: Address) -> tuple[bytes, int]:
        """Return the head of *request*, signed, and the size of its body."""
        path = address.prefix + signer.encoded_path(request.at.key)
        query = signer.encoded_query(request.query) if request.query else ""
        size = sum(memoryview(piece).nbytes for piece in request.body)
        signed = {"host": address.host, **request.headers, **self._always}
        signed["x-amz-content-sha256"] = _payload_hash(request, address, size)
        request.signer = credentials = self.credentials(request.at)
        if credentials is not None:
            _sign(request.method, path, query, signed, credentials, address)
        lines = "".join([f"{name}: {value}\r\n" for name, value in signed.items()])
        if size or request.method in ("PUT", "POST"):
            lines += f"content-length: {size}\r\n"
        target = f"{path}?{query}" if query else path
        head = f"{request.method} {target} HTTP/1.1\r\n{lines}{_ALWAYS}\r\n"
        return head.encode(), size

    def _healed(
        self, request: Sent, address: Address, head: Head, response: dict[str, Any]
    ) -> bool:
        """Whether the bucket's place was wrong, and is known now."""
        if response["Error"]["Code"] not in _CODES:
            return False
        at = request.at
        region = head.headers.get("x-amz-bucket-region") or response["Error"].get(
            "Region"
        )
        location = head.headers.get("location")
        if region is None and location is None and request.method == "HEAD":
            # The answer to a HEAD has no body to say so.
            region = self._ask_region(at, address)
        if region is not None and region != address.scope.region:
            return self._resolve(at, region) != address
        if location is not None:
            path = address.prefix + signer.encoded_path(at.key)
            found = redirected(location, path, address, head.headers)
            if found is not None:
                self._addresses[at.bucket] = found
            return found is not None
        return False

    def _ask_region(self, at: Location, address: Address) -> str | None:
        """Ask where the bucket is: even who is sent away is told."""
        prefix = address.prefix.rstrip("/") or "/"
        request = Sent("head_bucket", "HEAD", Location("", "", at.uri))
        try:
            reply = self._exchange(request, address._replace(prefix=prefix))
        except errors.S3Error:
            return None
        return reply.head.headers.get("x-amz-bucket-region")


def _error_document(request: Sent, reply: Reply) -> bytes:
    """Return what explains a status; S3ConnectionError if it breaks off.

    It alone tells a missing key from a missing bucket, or a refusal from a moment's
    trouble.
    """
    try:
        document = reply.payload.whole(_LONGEST_ERROR)
    except OSError as error:
        raise broken(error, request.at.uri) from error
    if len(document) < min(reply.payload.length or 0, _LONGEST_ERROR):
        raise errors.S3ConnectionError.at(request.at.uri, "the answer ended early")
    return document


def _connected(settings: Settings, peer: Peer) -> Connection:
    tls = settings.tls() if peer.secure else None
    return connect(peer, tls, settings.timeouts)


def _sign(
    method: str,
    path: str,
    query: str,
    headers: dict[str, str],
    credentials: Credentials,
    address: Address,
) -> None:
    headers["x-amz-date"] = signer.now()
    if credentials.token is not None:
        headers["x-amz-security-token"] = credentials.token
    headers["authorization"] = signer.authorization(
        method, path, query, headers, credentials, address.scope
    )


def _payload_hash(request: Sent, address: Address, size: int) -> str:
    """Return what is signed of the body.

    A CRC does not stop an attacker; where nobody can listen in it is enough.
    """
    if not size:
        return signer.EMPTY
    if address.is_private:
        return signer.UNSIGNED
    digest = hashlib.sha256()
    for piece in request.body:
        digest.update(piece)
    return digest.hexdigest()
