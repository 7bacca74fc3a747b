"""Botocore, asked what only it knows: credentials, addresses, settings.

It answers by what it does: a request that it has made ready is caught before it is
sent, so endpoint rules, access points, dual stack and whatever comes next need no
second implementation.
"""

from __future__ import annotations

import os
import re
import threading
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakSet

from s3open import errors
from s3open.s3.wire import address
from s3open.s3.wire.settings import CHECKSUMS, Renewable, Settings
from s3open.s3.wire.signer import Credentials, Scope
from s3open.s3.wire.tls import context

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.s3.wire.address import Address

_ALGORITHM = "AWS4-HMAC-SHA256 Credential="
_KEY = "key"
# What poll and sockets can still count: twelve days.
_FOREVER = 1e6


def ask(
    session: Any,
    client: Any,
    remade: Callable[[str], Any],
    again: Callable[[], Any] | None = None,
) -> Settings:
    """Return what botocore makes of its configuration.

    *session* is boto3's, *client* one of its S3 clients, used for nothing else from
    now on; *remade* returns one for another region, *again* another session.
    """
    config = client.meta.config
    sessions = [session]

    def find() -> Callable[[], Credentials] | None:
        # The first time it is the one that the client is of.
        found = sessions.pop() if sessions else again() if again else session
        held = None if _is_anonymous(client) else found.get_credentials()
        return partial(_frozen, held) if held is not None else None

    credentials = Renewable(find)
    clients: dict[str | None, Any] = {None: client}
    for_nothing_else(client)

    def place(bucket: str, region: str | None) -> Address:
        if region is not None and region not in clients:
            clients[region] = remade(region)
            for_nothing_else(clients[region])
        return _place(clients[region], bucket)

    # boto3 has no name of its own for what its session is made of.
    bundle = session._session.get_config_variable("ca_bundle")  # noqa: SLF001
    bundle = bundle or os.environ.get("REQUESTS_CA_BUNDLE")
    return Settings(
        client.meta.endpoint_url,
        credentials.current,
        place,
        lambda: context(bundle),
        (config.connect_timeout or _FOREVER, config.read_timeout or _FOREVER),
        CHECKSUMS[config.request_checksum_calculation],
        credentials.renewed,
    )


def _frozen(held: Any) -> Credentials:
    # Refreshed here where botocore knows that they expire.
    frozen = held.get_frozen_credentials()
    # Only botocore's own kinds of temporary ones tell when they expire.
    until = getattr(held, "_expiry_time", None)
    return Credentials(
        frozen.access_key,
        frozen.secret_key,
        frozen.token,
        until.timestamp() if until is not None else None,
    )


def of_client(client: Any) -> Settings:
    """Return how a *client* of somebody else's signs, which is left as it is."""
    # There is no other way to them.
    held = client._request_signer._credentials  # noqa: SLF001
    if _is_anonymous(client):
        held = None
    if client not in _watched:
        _watched.add(client)
        client.meta.events.register_first("before-send.s3.HeadObject", _catch_own)

    def place(bucket: str, region: str | None) -> Address:
        _own.asking = True
        try:
            found = _place(client, bucket)
        finally:
            _own.asking = False
        return found if region is None else _moved(found, region)

    return Settings(
        client.meta.endpoint_url,
        lambda: _frozen(held) if held is not None else None,
        place,
        lambda: context(None),
        (_FOREVER, _FOREVER),
        checksums=True,
    )


def has_certificate(client: Any) -> bool:
    """Whether *client* shows one, as some stores, or proxies before them, want it."""
    return client.meta.config.client_cert is not None


def is_behind_proxy(client: Any) -> bool:
    """Whether botocore would reach the store of *client* through a proxy."""
    from botocore.utils import get_environ_proxies

    url = client.meta.endpoint_url
    proxies = client.meta.config.proxies or get_environ_proxies(url)
    return urlsplit(url).scheme in proxies


class _CaughtError(Exception):
    """A request that was ready to be sent."""

    def __init__(self, request: Any) -> None:
        super().__init__()
        self.request = request


def for_nothing_else(client: Any) -> None:
    """Have *client* send nothing any more."""
    client.meta.events.register("before-send.s3", _catch)


def _catch(request: Any, **_: object) -> None:
    raise _CaughtError(request)


# Clients of the user's, which go on to send what is not asked here, in this thread.
_watched: WeakSet[Any] = WeakSet()
_own = threading.local()


def _catch_own(request: Any, **_: object) -> None:
    if getattr(_own, "asking", False):
        raise _CaughtError(request)


def _moved(found: Address, region: str) -> Address:
    """Return where a bucket is in *region* that was taken to be in another one."""
    host = found.host.replace(f".{found.scope.region}.", f".{region}.")
    if host == found.host:
        # The first region has hosts without its name, which do not serve others.
        host = re.sub(r"\bs3\.amazonaws\.com$", f"s3.{region}.amazonaws.com", host)
    scheme = "https" if found.peer.secure else "http"
    return address.at(f"{scheme}://{host}", found.prefix, Scope(region))


def _place(client: Any, bucket: str) -> Address:
    try:
        client.head_object(Bucket=bucket, Key=_KEY)
    except _CaughtError as caught:
        request = caught.request
    url = request.url
    scope = Scope(client.meta.region_name)
    signature = request.headers.get("Authorization")
    if signature is not None:
        # Bytes, where botocore is older.
        text = signature.decode() if isinstance(signature, bytes) else signature
        if text.startswith("AWS "):
            # Version 2, which some clients still have: the place is the same.
            text = f"{_ALGORITHM}/-/{scope.region}/s3/"
        if not text.startswith(_ALGORITHM):
            raise errors.S3Error.at(
                f"s3://{bucket}/", "it needs a signature that only boto3 can make"
            )
        _, _, region, service, _ = text.partition(",")[0].rsplit("/", 4)
        scope = Scope(region, service)
    prefix = urlsplit(url).path.removesuffix(_KEY)
    return address.at(url, prefix, scope)


def _is_anonymous(client: Any) -> bool:
    import botocore

    return client.meta.config.signature_version is botocore.UNSIGNED
