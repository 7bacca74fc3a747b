"""URLs and forms that others can use, signed here: nothing is sent for most of them.

Always by Signature Version 4, and for the region of the bucket.
"""

from __future__ import annotations

import base64
import json
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from s3open import errors
from s3open.location import Location
from s3open.s3.clients import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from s3open.config import Config
    from s3open.s3.wire.address import Address
    from s3open.s3.wire.signer import Credentials

# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
LONGEST: Final = 7 * 24 * 3600
METHODS: Final = ("GET", "HEAD", "PUT", "POST", "DELETE")
_ACCOUNT: Final = "s3://"
_KEY: Final = "${filename}"


def presigned(
    config: Config,
    at: Location,
    method: str,
    expires: float | timedelta | datetime,
    headers: Mapping[str, str],
    query: Sequence[tuple[str, str]],
) -> str:
    """Return a URL for *method* on *at*; no bucket is the account."""
    from s3open.s3.wire import signer

    if method not in METHODS:
        raise ValueError(f"method has to be one of {METHODS}, not {method!r}")
    now = time.time()
    seconds = _seconds(expires, now)
    address, credentials = _place(config, at)
    _check_life(credentials, now + seconds)
    path = address.prefix + signer.encoded_path(at.key)
    given = {name.lower(): value for name, value in headers.items()}
    text = signer.presigned(
        method,
        path,
        query,
        {**given, "host": address.host},
        credentials,
        address.scope,
        signer.moment(now),
        seconds,
    )
    return f"{_base(address)}{path}?{text}"


def form(
    config: Config,
    at: Location,
    expires: float | timedelta | datetime,
    fields: Mapping[str, str],
    conditions: Iterable[Any],
) -> tuple[str, dict[str, str]]:
    """Return where a form for *at* is posted to, and its fields but for the file.

    A key that ends with ``${filename}`` leaves the rest of it to the browser.
    """
    from s3open.s3.wire import signer

    now = time.time()
    seconds = _seconds(expires, now)
    address, credentials = _place(config, at)
    _check_life(credentials, now + seconds)
    moment = signer.moment(now)
    own = {
        "key": at.key,
        **fields,
        "x-amz-algorithm": signer.ALGORITHM,
        "x-amz-credential": (
            f"{credentials.access_key}/{signer.within(moment, address.scope)}"
        ),
        "x-amz-date": moment,
    }
    if credentials.token is not None:
        own["x-amz-security-token"] = credentials.token
    exact: list[Any] = [{"bucket": at.bucket}]
    for name, value in own.items():
        if name == "key" and value.endswith(_KEY):
            exact.append(["starts-with", "$key", value.removesuffix(_KEY)])
        else:
            exact.append({name: value})
    ends = datetime.fromtimestamp(now + seconds, timezone.utc)
    document = {
        "expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "conditions": [*exact, *conditions],
    }
    policy = base64.b64encode(json.dumps(document).encode()).decode()
    signature = signer.signature_of(policy, moment, credentials, address.scope)
    own.update({"policy": policy, "x-amz-signature": signature})
    return _base(address) + address.prefix, own


def public(
    config: Config, at: Location, version_id: str | None, base: str | None
) -> str:
    """Return the URL of *at* without a signature; *base* is that of its bucket."""
    from s3open.s3.wire import signer

    path = signer.encoded_path(at.key)
    if base is None:
        address, _ = place_of(config, at)
        url = _base(address) + address.prefix + path
    elif urlsplit(base).scheme not in ("http", "https"):
        raise ValueError(f"base has to be a URL, not {base!r}")
    else:
        url = f"{base.rstrip('/')}/{path}"
    if version_id is not None:
        url += "?" + signer.encoded_query([("versionId", version_id)])
    return url


def _place(config: Config, at: Location) -> tuple[Address, Credentials]:
    """Return where *at* is, and what signs for it; PermissionError if nothing does."""
    # The account is asked where any bucket would be, if that were no host.
    bucket = at if at.bucket else Location("account", "", at.uri)
    address, credentials = place_of(config, bucket)
    if credentials is None:
        raise errors.S3PermissionError.at(
            at.uri, "there are no credentials to sign with"
        )
    if not at.bucket:
        host = address.host.removeprefix("account.")
        prefix = address.prefix.removesuffix("account/")
        address = address._replace(host=host, prefix=prefix or "/")
    return address, credentials


def _base(address: Address) -> str:
    return f"{'https' if address.peer.secure else 'http'}://{address.host}"


def _seconds(expires: float | timedelta | datetime, now: float) -> int:
    """Return for how many seconds it is to be good; ValueError if that cannot be."""
    if isinstance(expires, datetime):
        # A naive one is local time.
        left = expires.timestamp() - now
    elif isinstance(expires, timedelta):
        left = expires.total_seconds()
    else:
        left = expires
    if left < 1:
        raise ValueError(f"it would have expired already: expires={expires!r}")
    if left >= LONGEST + 1:
        raise ValueError(f"a signature is good for 7 days at most: expires={expires!r}")
    return int(left)


def _check_life(credentials: Credentials, end: float) -> None:
    """Raise ValueError if *credentials* are known to expire before *end*."""
    until = credentials.until
    if until is not None and until < end:
        moment = datetime.fromtimestamp(until, timezone.utc)
        raise ValueError(
            f"the credentials expire before that, at {moment:%Y-%m-%d %H:%M:%S} UTC, "
            "and what they have signed with them"
        )
