"""TLS: always verified, by the certificates that boto3 goes by."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


@lru_cache(maxsize=4)
def context(bundle: str | None) -> ssl.SSLContext:
    """Return a context that trusts *bundle*, a file or folder; None is boto3's choice.

    It is made once: reading the certificates takes some 20 ms.
    """
    # Only now: a store on this machine needs none of it.
    import ssl

    place = bundle or _usual_bundle()
    if place is not None and os.path.isdir(place):
        made = ssl.create_default_context(capath=place)
    else:
        made = ssl.create_default_context(cafile=place)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.sslsocket_class = _forgotten()
    made.set_alpn_protocols(["http/1.1"])
    return made


@lru_cache(maxsize=1)
def _forgotten() -> type[ssl.SSLSocket]:
    """Return a class of sockets that close themselves without a warning."""
    import ssl

    class Forgotten(ssl.SSLSocket):
        def __del__(self) -> None:
            self.close()

    return Forgotten


def _usual_bundle() -> str | None:
    """Return certifi's certificates, else botocore's; neither is imported."""
    for name in ("certifi", "botocore"):
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            return os.path.join(os.path.dirname(spec.origin), "cacert.pem")
    return None
