"""One set of verbs per process and configuration, made when first needed."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from s3open.forking import unforked
from s3open.location import Location
from s3open.s3.boto import BotoVerbs
from s3open.s3.endpoint import is_aws, warn_if_plain
from s3open.s3.patched import is_patched
from s3open.s3.retry import Patience
from s3open.s3.sessions import make_client, make_session
from s3open.s3.settled import opened_by
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.config import Config
    from s3open.s3.verbs import Verbs
    from s3open.s3.wire.address import Address
    from s3open.s3.wire.signer import Credentials
    from s3open.s3.wire.verbs import WireVerbs

# A program that changes these has another store or other credentials in mind; a client
# that was made before must not answer for them.
_ENVIRONMENT = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CA_BUNDLE",
    "S3OPEN_TRANSPORT",
)

# Where CPython keeps them, as the system has them, to look at without calls into
# Python, which would be a tenth of the time that a small file takes.
_VARIABLES: Mapping[Any, Any] = getattr(os.environ, "_data", os.environ)
_NAMES: tuple[Any, ...] = tuple(
    getattr(os.environ, "encodekey", str)(name)
    if _VARIABLES is not os.environ
    else name
    for name in _ENVIRONMENT
)

# Buckets that take signatures, or sessions, which only botocore knows how to make:
# directory buckets, multi-region access points, outposts and object lambdas.
_BOTO_ONLY = re.compile(r"(?i:s3[an]?)://([^/]+--xa?-s3(/|$)|arn:[^/:]*:(s3::|s3-))")
# And those whose place it has to be asked for.
_ASKED = re.compile(r"(?i:s3[an]?)://(arn:|[^/]*--)")

# What signs for others sends nothing, so it needs no proxy.
_SIGNING, _SIGNING_ASKED = "signing", "signing asked"
_MEANS = ("boto3", "wire", "asked", _SIGNING, _SIGNING_ASKED)

# So many clients are kept, the newest; each costs some 12 MB and its connections.
_KEPT = 16

_lock = threading.Lock()
_verbs: dict[tuple[object, ...], BotoVerbs | WireVerbs] = {}
# The regions of buckets, as they have told them to who has asked.
_regions: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()


def verbs_for(config: Config, uri: str) -> Verbs:
    """Return the verbs for *config*, the same ones for equal settings. Thread-safe.

    They speak to the store directly, or through boto3 where somebody else has to see
    the requests, or knows better what they have to look like. Raises PermissionError
    for *uri* if there are no credentials, or the profile does not exist.
    """
    if config.client is not None:
        verbs = BotoVerbs(config.client, requester_pays=config.requester_pays)
        warn_if_plain(verbs.endpoint)
        return verbs
    environment = tuple(map(_VARIABLES.get, _NAMES))
    means = _means(config, uri, environment[-1] and os.environ["S3OPEN_TRANSPORT"])
    return _kept(config, uri, means, environment)


def _kept(
    config: Config, uri: str, means: str, environment: tuple[object, ...]
) -> BotoVerbs | WireVerbs:
    """Return the verbs for *config* that speak by *means*, made if there are none."""
    key = (means, *config.connection(), *environment)
    found = _verbs.get(key)
    if found is None:
        # boto3 must not make two clients at once: its sessions are not thread-safe.
        with _lock:
            found = _verbs.get(key)
            if found is None:
                found = _make(config, uri, means)
                warn_if_plain(found.endpoint)
                while len(_verbs) >= _KEPT:
                    del _verbs[next(iter(_verbs))]
                _verbs[key] = found
    return found


def opened(
    config: Config, uri: str, settings: Mapping[str, Any] = NO_SETTINGS
) -> Verbs:
    """Return `verbs_for` *uri* that send *settings*, as patient as *config* says."""
    return opened_by(config, verbs_for(config, uri), settings)


def _means(config: Config, uri: str, transport: str | None) -> str:
    """Return what is to speak to the store of *uri*: boto3, or the wire.

    The latter with botocore's advice where *uri* asks for it.
    """
    if transport not in (None, "", "boto3", "wire"):
        raise ValueError(f"S3OPEN_TRANSPORT has to be boto3 or wire: {transport!r}")
    if transport == "boto3" or _BOTO_ONLY.match(uri):
        return "boto3"
    if transport != "wire" and (config.session is not None or is_patched()):
        return "boto3"
    return "asked" if _ASKED.match(uri) else "wire"


def _make(config: Config, uri: str, means: str) -> BotoVerbs | WireVerbs:
    pays = config.requester_pays
    # What the user has given is all there is.
    fixed = config.access_key is not None or config.session is not None
    again = None if fixed else partial(make_client, config, uri)
    if means == "boto3":
        return BotoVerbs(make_client(config, uri), requester_pays=pays, again=again)
    # Only now: who has local files only needs none of it.
    with unforked:
        from s3open.s3.wire import inquiry, settings
        from s3open.s3.wire.verbs import WireVerbs

    plain = means in ("wire", _SIGNING)
    found = settings.from_environment(config) if plain else None
    if found is None:
        sessions = None if fixed else partial(make_session, config, uri)
        config = replace(config, session=make_session(config, uri))
        client = make_client(config, uri)
        apart = inquiry.is_behind_proxy(client) or inquiry.has_certificate(client)
        if apart and means not in (_SIGNING, _SIGNING_ASKED):
            return BotoVerbs(client, requester_pays=pays, again=again)
        found = inquiry.ask(
            config.session,
            client,
            lambda region: make_client(replace(config, region=region), uri),
            sessions,
        )
    return WireVerbs(found, requester_pays=pays)


def place_of(
    config: Config, at: Location, *, ask: bool = True
) -> tuple[Address, Credentials | None]:
    """Return where the bucket of *at* is, and what signs for it, None if nothing.

    A signature is for one region: if *ask*, a bucket of AWS's is asked for its own, by
    one HEAD, which is remembered. One that does not tell is taken to be in the region
    of *config*. Raises PermissionError as `verbs_for` does.
    """
    with unforked:
        from s3open.s3.wire import inquiry
        from s3open.s3.wire.verbs import WireVerbs

    verbs = verbs_for(config, at.uri)
    if isinstance(verbs, WireVerbs):
        signing = verbs
    elif config.client is not None:
        signing = WireVerbs(inquiry.of_client(config.client))
    else:
        means = _SIGNING_ASKED if _ASKED.match(at.uri) else _SIGNING
        kept = _kept(config, at.uri, means, tuple(map(_VARIABLES.get, _NAMES)))
        assert isinstance(kept, WireVerbs)
        signing = kept
    # The region of an access point is part of its name.
    if not ask or at.bucket.startswith("arn:") or not is_aws(signing.endpoint):
        return signing.place(at)
    asked = cast("BotoVerbs | WireVerbs", verbs)
    # Verbs for a client of the user's are made each time.
    return signing.place(at, _region_of(at, asked, config.client or asked))


def _region_of(
    at: Location, verbs: BotoVerbs | WireVerbs, asking: object
) -> str | None:
    """Return the region of a bucket as it tells it, or has told who is *asking*."""
    known = _regions.setdefault(asking, {})
    if at.bucket not in known:
        found = verbs.region_of(Location(at.bucket, "", at.uri))
        if found is None:
            return None
        known[at.bucket] = found
    return known[at.bucket]


def boto_for(config: Config, uri: str) -> BotoVerbs:
    """Return verbs over boto3, for what is asked outside the data path.

    They are as patient as *config* says, and share their client, which is dear, and
    remembers where buckets are, with all others for equal settings. Thread-safe.
    Raises PermissionError as `verbs_for` does.
    """
    if config.client is not None:
        verbs = verbs_for(config, uri)
    else:
        verbs = _kept(config, uri, "boto3", tuple(map(_VARIABLES.get, _NAMES)))
    assert isinstance(verbs, BotoVerbs)
    return verbs.patient(Patience.of(config))


def close(config: Config) -> None:
    """Close the idle connections of what speaks for *config*, but for its own client.

    Whoever asks next makes new ones. Thread-safe.
    """
    environment = tuple(map(_VARIABLES.get, _NAMES))
    for means in _MEANS:
        found = _verbs.get((means, *config.connection(), *environment))
        if found is not None and config.client is None:
            found.close()


def _forget() -> None:
    """Leave the parent's clients, and its sockets, to the parent."""
    global _lock
    _lock = threading.Lock()
    _verbs.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
