"""One set of verbs per process and configuration, made when first needed."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from s3open.s3.boto import BotoVerbs, make_client

if TYPE_CHECKING:
    from s3open.config import Config
    from s3open.s3.verbs import Verbs

# A program that changes these has another store or other credentials in mind; a client
# that was made before must not answer for them.
_ENVIRONMENT = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CA_BUNDLE",
)

# So many clients are kept, the newest; each costs some 12 MB and its connections.
_KEPT = 16

_lock = threading.Lock()
_verbs: dict[tuple[object, ...], Verbs] = {}


def verbs_for(config: Config, uri: str) -> Verbs:
    """Return the verbs for *config*, the same ones for equal settings. Thread-safe.

    Raises PermissionError for *uri* if no client can be made: there are no credentials,
    or the profile does not exist.
    """
    if config.client is not None:
        return BotoVerbs(config.client, requester_pays=config.requester_pays)
    key = (*config.connection(), *map(os.environ.get, _ENVIRONMENT))
    found = _verbs.get(key)
    if found is None:
        # boto3 must not make two clients at once: its sessions are not thread-safe.
        with _lock:
            found = _verbs.get(key)
            if found is None:
                client = make_client(config, uri)
                found = BotoVerbs(client, requester_pays=config.requester_pays)
                while len(_verbs) >= _KEPT:
                    del _verbs[next(iter(_verbs))]
                _verbs[key] = found
    return found


def boto_for(config: Config, uri: str) -> BotoVerbs:
    """Return verbs over boto3, for what is asked outside the data path.

    Raises what `verbs_for` raises.
    """
    verbs = verbs_for(config, uri)
    if isinstance(verbs, BotoVerbs):
        return verbs
    client = make_client(config, uri)
    return BotoVerbs(client, requester_pays=config.requester_pays)


def _forget() -> None:
    """Leave the parent's clients, and its sockets, to the parent."""
    global _lock
    _lock = threading.Lock()
    _verbs.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
