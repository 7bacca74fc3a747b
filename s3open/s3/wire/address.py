"""Where requests for a bucket go, and what they are signed for.

What is decided here is what botocore decides, for the plain cases: AWS's own endpoints
by region, and stores that are named. For all others botocore is asked.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from s3open.s3.wire.connection import Peer
from s3open.s3.wire.signer import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

_URL: Final = re.compile(r"https?://[A-Za-z0-9._-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?")
# The first region is still reached where all of S3 was once.
_FIRST: Final = "us-east-1"
_REGIONS: Final = (
    (re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-[0-9]+"), "amazonaws.com"),
    (re.compile(r"us-gov-[a-z]+-[0-9]+"), "amazonaws.com"),
    (re.compile(r"cn-[a-z]+-[0-9]+"), "amazonaws.com.cn"),
)
# Without a dot, which no certificate of AWS's covers.
_HOST_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{3,63}(?<!-)")
_PORTS: Final = {"http": 80, "https": 443}
_LOOPBACK: Final = re.compile(r"localhost|127\.[0-9.]+|::1")


class Address(NamedTuple):
    """A bucket's place: *host* as the header has it, *prefix* in front of the key."""

    peer: Peer
    host: str
    prefix: str
    scope: Scope

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can change what is sent."""
        peer = self.peer
        return peer.secure or _LOOPBACK.fullmatch(peer.host) is not None


def at(url: str, prefix: str, scope: Scope) -> Address:
    """Return the address of the host of *url*; ValueError if it has none."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"not the URL of a store: {url!r}")
    usual = _PORTS[parts.scheme]
    port = parts.port or usual
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    host = name if port == usual else f"{name}:{port}"
    peer = Peer(parts.hostname, port, parts.scheme == "https")
    return Address(peer, host, prefix, scope)


def plain_endpoint(endpoint_url: str | None, region: str) -> str | None:
    """Return where the store is, None if only botocore can tell."""
    if endpoint_url is not None:
        plain = _URL.fullmatch(endpoint_url) and ".s3-accelerate." not in endpoint_url
        return endpoint_url if plain else None
    if region == _FIRST:
        return "https://s3.amazonaws.com"
    for pattern, domain in _REGIONS:
        if pattern.fullmatch(region):
            return f"https://s3.{region}.{domain}"
    return None


def resolved(endpoint: str, bucket: str, region: str, *, named: bool) -> Address:
    """Return the address of *bucket* at *endpoint*, which is a `plain_endpoint`.

    One that was *named* need not know other hosts than itself.
    """
    scope = Scope(region)
    if not named and _HOST_LABEL.fullmatch(bucket):
        scheme, _, rest = endpoint.partition("://")
        return at(f"{scheme}://{bucket}.{rest}", "/", scope)
    path = urlsplit(endpoint).path.rstrip("/")
    return at(endpoint, f"{path}/{bucket}/", scope)


def redirected(
    location: str, path: str, old: Address, headers: Mapping[str, str]
) -> Address | None:
    """Return the address that *location*, for the encoded *path*, leads to.

    None if it leads nowhere else, or out of TLS.
    """
    key = path.removeprefix(old.prefix)
    try:
        there = urlsplit(location)
        prefix = there.path.removesuffix(key) if there.path.endswith(key) else "/"
        region = headers.get("x-amz-bucket-region", old.scope.region)
        found = at(location, prefix, old.scope._replace(region=region))
    except ValueError:
        return None
    if old.peer.secure and not found.peer.secure:
        return None
    return found if found != old else None
