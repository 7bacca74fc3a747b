"""URLs and forms that others can use, signed here: nothing is sent for most of them.

Always by Signature Version 4, and for the region of the bucket.
"""

from __future__ import annotations

import base64
import json
import re
import time
from dataclasses import replace
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
# What stands for the browser's name of the file.
FILENAME: Final = "${filename}"
# Fields that are ours to fill in, and what is no field.
_OWN: Final = ("key", "bucket", "policy", "file")
_SIGNED: Final = frozenset(
    {
        *("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires"),
        *("x-amz-security-token", "x-amz-signature", "x-amz-signedheaders"),
    }
)
_PAYS: Final = ("x-amz-request-payer", "requester")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # of HTTP: RFC 9110, 5.6.2


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
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html
    pays = [_PAYS] if config.requester_pays and at.bucket else []
    given, asked = _headers(headers), _query([*query, *pays])
    now = time.time()
    seconds = _seconds(expires, now)
    # One that is to be made is not anywhere yet.
    new = method == "PUT" and not at.key and not query
    address, credentials = _place(config, at, ask=not new)
    _check_life(credentials, now + seconds)
    path = address.prefix + signer.encoded_path(at.key)
    text = signer.presigned(
        method,
        path,
        asked,
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

    A key with ``${filename}`` in it leaves what follows to the browser.
    """
    from s3open.s3.wire import signer

    _check_fields(fields)
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
        if name == "key" and FILENAME in value:
            # The policy is asked about the key that it becomes.
            exact.append(["starts-with", "$key", value.partition(FILENAME)[0]])
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
        if config.client is None:
            # It needs no credentials, so there need not be any.
            config = replace(config, anonymous=True)
        _check_plain(at)
        address, _ = place_of(config, at)
        url = _base(address) + address.prefix + path
    elif urlsplit(base).scheme not in ("http", "https") or set("?#") & set(base):
        raise ValueError(f"base has to be a URL up to its path, not {base!r}")
    else:
        url = f"{base.rstrip('/')}/{path}"
    if version_id is not None:
        url += "?" + signer.encoded_query([("versionId", version_id)])
    return url


def _place(
    config: Config, at: Location, *, ask: bool = True
) -> tuple[Address, Credentials]:
    """Return where *at* is, and what signs for it; PermissionError if nothing does."""
    _check_plain(at)
    # The account is asked where any bucket would be, if that were no host.
    bucket = at if at.bucket else Location("account", "", at.uri)
    address, credentials = place_of(config, bucket, ask=ask and bool(at.bucket))
    if credentials is None:
        raise errors.S3PermissionError.at(
            at.uri, "there are no credentials to sign with"
        )
    if not at.bucket:
        if address.prefix.endswith("account/"):
            address = address._replace(prefix=address.prefix.removesuffix("account/"))
        else:
            address = address._replace(host=address.host.removeprefix("account."))
    return address, credentials


def _check_plain(at: Location) -> None:
    """Raise ValueError for a bucket that takes other signatures than these.

    Directory buckets want those of sessions, which last for five minutes, multi-region
    access points those that are good for several regions.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-authenticating-authorizing.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html
    """
    if at.bucket.endswith(("--x-s3", "--xa-s3")) or ":s3::" in at.bucket:
        raise ValueError(
            "no URL is made for directory buckets and multi-region access points: "
            f"{at.uri!r}"
        )


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    """Return *given* by names in lower case; ValueError for what nobody can send."""
    found: dict[str, str] = {}
    for name, value in given.items():
        if not _TOKEN.fullmatch(name) or not (value.isascii() and value.isprintable()):
            raise ValueError(f"not a header, in printable ASCII: {name!r}")
        if name.lower() in ("host", *found):
            raise ValueError(f"the header has been said already: {name!r}")
        found[name.lower()] = value
    return found


def _query(given: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return *given*, which nothing may say twice, or say of the signature."""
    found: dict[str, str] = {}
    for name, value in given:
        if name in found or name.lower() in _SIGNED:
            raise ValueError(f"the parameter has been said already: {name!r}")
        found[name] = value
    return list(found.items())


def _check_fields(fields: Mapping[str, str]) -> None:
    for name in fields:
        if name.lower() in {*_OWN, *_SIGNED}:
            raise ValueError(f"the form has that field already: {name!r}")


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
