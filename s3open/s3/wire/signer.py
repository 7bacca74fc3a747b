"""AWS Signature Version 4, carried in the Authorization header, or in a URL.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
Pure functions. S3 differs from other services: a path is signed as it is sent, encoded
once, nothing of it normalised.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What x-amz-content-sha256 says of a body that is not there, or not signed.
EMPTY: Final = hashlib.sha256().hexdigest()
UNSIGNED: Final = "UNSIGNED-PAYLOAD"

ALGORITHM: Final = "AWS4-HMAC-SHA256"

# OpenSSL looks up what it has never been asked for under a lock of its own, which a
# child would wait for that is forked in that moment (see `forking`). So it is asked
# while this is imported.
hmac.digest(b"key", b"", "sha256")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key pair; a temporary one has a session token."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    # When they expire, in seconds since 1970, where that is known.
    until: float | None = field(default=None, repr=False, compare=False)


class Scope(NamedTuple):
    """What a signature is good for, on its day."""

    region: str
    service: str = "s3"


def authorization(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    credentials: Credentials,
    scope: Scope,
) -> str:
    """Return the value of the Authorization header.

    All *headers* are signed; their names are in lower case, ``host``, ``x-amz-date``
    and ``x-amz-content-sha256`` are among them. *path* and *query* are encoded, as by
    `encoded_path` and `encoded_query`.
    """
    signed, lines = _signed(headers)
    canonical = (
        f"{method}\n{path}\n{query}\n{lines}\n{signed}\n"
        f"{headers['x-amz-content-sha256']}"
    )
    moment = headers["x-amz-date"]
    credential = f"{credentials.access_key}/{within(moment, scope)}"
    signature = _signature(canonical, moment, credentials, scope)
    return (
        f"{ALGORITHM} Credential={credential}, "
        f"SignedHeaders={signed}, Signature={signature}"
    )


def presigned(
    method: str,
    path: str,
    parameters: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    credentials: Credentials,
    scope: Scope,
    moment: str,
    expires: int,
) -> str:
    """Return the query of a URL that is good for *expires* seconds from *moment* on.

    *headers*, ``host`` among them, have to be sent just so; a body may be anything,
    unless they say what it is.
    """
    signed, lines = _signed(headers)
    own = [
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", f"{credentials.access_key}/{within(moment, scope)}"),
        ("X-Amz-Date", moment),
        ("X-Amz-Expires", str(expires)),
        ("X-Amz-SignedHeaders", signed),
    ]
    if credentials.token is not None:
        own.append(("X-Amz-Security-Token", credentials.token))
    query = encoded_query([*parameters, *own])
    payload = headers.get("x-amz-content-sha256", UNSIGNED)
    canonical = f"{method}\n{path}\n{query}\n{lines}\n{signed}\n{payload}"
    signature = _signature(canonical, moment, credentials, scope)
    return f"{query}&X-Amz-Signature={signature}"


def moment(seconds: float) -> str:
    """Return a moment in *seconds* since 1970 as ``x-amz-date`` has it."""
    return _formatted(int(seconds))


def now() -> str:
    """Return this moment as ``x-amz-date`` has it."""
    return moment(time.time())


def _signed(headers: Mapping[str, str]) -> tuple[str, str]:
    """Return the names of *headers*, and their lines, as they are signed."""
    names = sorted(headers)
    lines = [f"{name}:{' '.join(headers[name].split())}\n" for name in names]
    return ";".join(names), "".join(lines)


def within(moment: str, scope: Scope) -> str:
    """Return what a signature of *moment* is good for, as it names that."""
    return f"{moment[:8]}/{scope.region}/{scope.service}/aws4_request"


def _signature(
    canonical: str, moment: str, credentials: Credentials, scope: Scope
) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{moment}\n{within(moment, scope)}\n{digest}"
    return signature_of(text, moment, credentials, scope)


def signature_of(text: str, moment: str, credentials: Credentials, scope: Scope) -> str:
    """Return the signature of *text*, such as the policy of a form, at *moment*."""
    key = _signing_key(credentials.secret_key, moment[:8], scope)
    return hmac.digest(key, text.encode(), "sha256").hex()


def encoded_path(path: str) -> str:
    """Return *path* percent-encoded, its slashes and dots left where they are."""
    return quote(path, safe="/~")


def encoded_query(parameters: Iterable[tuple[str, str]]) -> str:
    """Return *parameters* percent-encoded, in the order in which they are signed."""
    pairs = [
        (quote(name, safe="~"), quote(value, safe="~")) for name, value in parameters
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


@lru_cache(maxsize=4)
def _formatted(second: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))


@lru_cache(maxsize=64)
def _signing_key(secret: str, day: str, scope: Scope) -> bytes:
    key = f"AWS4{secret}".encode()
    for step in (day, scope.region, scope.service, "aws4_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    return key
