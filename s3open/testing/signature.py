"""Verification of AWS Signature Version 4, in headers and in presigned URLs.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
S3 differs from other services: the path is signed as it is, encoded once.
"""

from __future__ import annotations

import calendar
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote_to_bytes

from s3open.testing.errors import RefusalError
from s3open.testing.store import OWNER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.testing.request import Request

ALGORITHM: Final = "AWS4-HMAC-SHA256"
UNSIGNED: Final = "UNSIGNED-PAYLOAD"
MAX_SKEW: Final = 900
MAX_EXPIRES: Final = 604_800

_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9/_.~-]*")
_FIELD: Final = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")
_EXEMPT: Final = frozenset({"x-amz-content-sha256"})


@dataclass(frozen=True)
class Credential:
    """A key pair the server knows; with a token it is a temporary one.

    *owner* is the canonical id of the account that it is of.
    """

    access_key: str
    secret_key: str
    session_token: str | None = None
    expired: bool = False
    owner: str = OWNER


@dataclass(frozen=True)
class Signature:
    """A signature taken apart; what chunk signatures continue once it is verified."""

    access_key: str
    day: str
    region: str
    date: str
    signed_headers: str
    value: str
    payload: str
    token: str | None

    @property
    def scope(self) -> str:
        return f"{self.day}/{self.region}/s3/aws4_request"

    def sign(self, credential: Credential, *lines: str) -> str:
        """Return the signature of *lines* under the scope of this one."""
        key = _signing_key(credential.secret_key, self.day, self.region)
        return hmac.new(key, "\n".join(lines).encode(), "sha256").hexdigest()


def signature_of(request: Request) -> Signature | None:
    """Return the signature *request* carries, unverified; None for none at all."""
    if "authorization" in request.headers:
        return _from_header(request.headers)
    if request.presigned:
        return _from_query(request)
    return None


def verify(
    request: Request, signature: Signature, credentials: Mapping[str, Credential]
) -> Credential:
    """Return whose signature it is, once it is proven, fresh and complete."""
    credential = _credential(signature, credentials)
    _require_fresh(request, signature)
    canonical = _canonical_request(request, signature)
    lines = (
        ALGORITHM,
        signature.date,
        signature.scope,
        hashlib.sha256(canonical.encode()).hexdigest(),
    )
    if not hmac.compare_digest(signature.sign(credential, *lines), signature.value):
        raise RefusalError(
            "SignatureDoesNotMatch",
            elements={
                "AWSAccessKeyId": signature.access_key,
                "StringToSign": "\n".join(lines),
                "SignatureProvided": signature.value,
                "CanonicalRequest": canonical,
            },
        )
    _require_all_signed(request, signature)
    return credential


def signature_of_form(fields: Mapping[str, str]) -> Signature:
    """Return the signature that a form carries, unverified."""
    scope = fields.get("x-amz-credential", "").rsplit("/", 4)
    date = fields.get("x-amz-date", "")
    if (
        fields.get("x-amz-algorithm") != ALGORITHM
        or "x-amz-signature" not in fields
        or len(scope) != 5
        or scope[3:] != ["s3", "aws4_request"]
        or date[:8] != scope[1]
    ):
        raise RefusalError("InvalidArgument", "The form lacks a whole signature.")
    return Signature(
        *(scope[0], scope[1], scope[2], date),
        "",
        fields["x-amz-signature"],
        "",
        fields.get("x-amz-security-token"),
    )


def verify_form(
    signature: Signature, policy: str, credentials: Mapping[str, Credential]
) -> Credential:
    """Return whose signature of *policy* it is, once it is proven."""
    credential = _credential(signature, credentials)
    if not hmac.compare_digest(signature.sign(credential, policy), signature.value):
        raise RefusalError(
            "SignatureDoesNotMatch",
            elements={
                "AWSAccessKeyId": signature.access_key,
                "StringToSign": policy,
                "SignatureProvided": signature.value,
            },
        )
    return credential


def _credential(
    signature: Signature, credentials: Mapping[str, Credential]
) -> Credential:
    credential = credentials.get(signature.access_key)
    if credential is None:
        raise RefusalError(
            "InvalidAccessKeyId", elements={"AWSAccessKeyId": signature.access_key}
        )
    _require_token(signature, credential)
    return credential


def _from_header(headers: Mapping[str, str]) -> Signature:
    authorization = headers["authorization"]
    if not authorization.startswith(ALGORITHM):
        raise RefusalError(
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. "
            f"Please use {ALGORITHM}.",
        )
    fields = dict(_FIELD.findall(authorization))
    scope = fields.get("Credential", "").rsplit("/", 4)
    if len(fields) < 3 or len(scope) != 5 or scope[3:] != ["s3", "aws4_request"]:
        raise RefusalError("AuthorizationHeaderMalformed")
    payload = headers.get("x-amz-content-sha256")
    if payload is None:
        raise RefusalError(
            "InvalidRequest",
            "Missing required header for this request: x-amz-content-sha256",
        )
    date = headers.get("x-amz-date", "")
    if date[:8] != scope[1]:
        raise RefusalError(
            "AccessDenied",
            "AWS authentication requires a valid Date or x-amz-date header",
        )
    return Signature(
        scope[0],
        scope[1],
        scope[2],
        date,
        fields["SignedHeaders"],
        fields["Signature"],
        payload,
        headers.get("x-amz-security-token"),
    )


def _from_query(request: Request) -> Signature:
    query = request.query
    scope = query.get("X-Amz-Credential", "").rsplit("/", 4)
    date = query.get("X-Amz-Date", "")
    complete = query.keys() >= {"X-Amz-SignedHeaders", "X-Amz-Signature"}
    if (
        query.get("X-Amz-Algorithm") != ALGORITHM
        or not complete
        or len(scope) != 5
        or scope[3:] != ["s3", "aws4_request"]
        or date[:8] != scope[1]
    ):
        raise RefusalError("AuthorizationQueryParametersError")
    return Signature(
        scope[0],
        scope[1],
        scope[2],
        date,
        query["X-Amz-SignedHeaders"],
        query["X-Amz-Signature"],
        request.headers.get("x-amz-content-sha256", UNSIGNED),
        query.get("X-Amz-Security-Token"),
    )


def _require_token(signature: Signature, credential: Credential) -> None:
    if credential.expired:
        raise RefusalError("ExpiredToken")
    if signature.token == credential.session_token:
        return
    if signature.token is None:
        raise RefusalError(
            "InvalidAccessKeyId", elements={"AWSAccessKeyId": signature.access_key}
        )
    raise RefusalError("InvalidToken")


def _require_fresh(request: Request, signature: Signature) -> None:
    now = time.time()
    try:
        signed_at = _moment(signature.date)
    except ValueError:
        raise RefusalError("AccessDenied", "Invalid date") from None
    if not request.presigned:
        if abs(now - signed_at) > MAX_SKEW:
            raise RefusalError("RequestTimeTooSkewed")
        return
    expires = request.number("X-Amz-Expires", -1)
    if not 1 <= expires <= MAX_EXPIRES:
        raise RefusalError(
            "AuthorizationQueryParametersError",
            "X-Amz-Expires must be between 1 and 604800 seconds",
        )
    if now > signed_at + expires:
        raise RefusalError("AccessDenied", "Request has expired")
    if signed_at > now + MAX_SKEW:
        raise RefusalError("AccessDenied", "Request is not valid yet")


def _require_all_signed(request: Request, signature: Signature) -> None:
    signed = set(signature.signed_headers.split(";"))
    present = {name for name in request.headers if name.startswith("x-amz-")}
    unsigned = (present | {"host"}) - signed - _EXEMPT
    if unsigned:
        raise RefusalError(
            "AccessDenied",
            "There were headers present in the request which were not signed",
            elements={"HeadersNotSigned": ", ".join(sorted(unsigned))},
        )


def _canonical_request(request: Request, signature: Signature) -> str:
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n"
        for name in signature.signed_headers.split(";")
    )
    return "\n".join(
        (
            request.method,
            _canonical_path(request.path),
            _canonical_query(request.pairs),
            headers,
            signature.signed_headers,
            signature.payload,
        )
    )


def _canonical_path(path: str) -> str:
    if _PLAIN_PATH.fullmatch(path):
        return path
    return quote(unquote_to_bytes(path.encode("latin-1")), safe="/")


def _canonical_query(pairs: list[tuple[str, str]]) -> str:
    return "&".join(
        sorted(
            f"{quote(name, safe='')}={quote(value, safe='')}"
            for name, value in pairs
            if name != "X-Amz-Signature"
        )
    )


@lru_cache(maxsize=64)
def _moment(date: str) -> int:
    return calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))


@lru_cache(maxsize=64)
def _signing_key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for step in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, step.encode(), "sha256").digest()
    return key
