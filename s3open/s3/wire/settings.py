"""What the wire has to know of the user's configuration, which is botocore's.

Where everything is in the environment, botocore need not be imported to find it: that
takes some 150 ms, ten times as long as the rest of a small program. Else it is asked,
once a bucket for the address, and for credentials with every request.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s3open.s3.wire import address
from s3open.s3.wire.signer import Credentials
from s3open.s3.wire.tls import context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from s3open.config import Config
    from s3open.s3.wire.address import Address

# botocore's, to connect and to read.
_TIMEOUTS: Final = (60.0, 60.0)

# What else is in the environment may mean anything, so that botocore has to read it.
_UNDERSTOOD: Final = re.compile(
    r"(?!AWS_)|AWS_("
    r"ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|DEFAULT_REGION|REGION|"
    r"ENDPOINT_URL|ENDPOINT_URL_[A-Z0-9_]+|CONFIG_FILE|SHARED_CREDENTIALS_FILE|"
    r"CA_BUNDLE|REQUEST_CHECKSUM_CALCULATION|RESPONSE_CHECKSUM_VALIDATION|"
    r"EC2_METADATA_DISABLED|MAX_ATTEMPTS|RETRY_MODE|STS_REGIONAL_ENDPOINTS|"
    r"CREDENTIAL_EXPIRATION|EXECUTION_ENV|LAMBDA_\w+|XRAY_\w+)"
)
CHECKSUMS: Final = {"when_supported": True, "when_required": False}


@dataclass(frozen=True)
class Settings:
    """How to reach a store.

    *address* takes a bucket, and its region where that has become known; *credentials*
    returns None for anonymous access; *renewed* looks for others than those given,
    which have expired, and returns whether there are. All may raise what botocore does.
    """

    endpoint: str
    credentials: Callable[[], Credentials | None]
    address: Callable[[str, str | None], Address]
    tls: Callable[[], ssl.SSLContext]
    timeouts: tuple[float, float]
    checksums: bool
    renewed: Callable[[Credentials], bool] = lambda _: False


class Renewable:
    """Credentials as *find* finds them, which are looked for again once they expire.

    *find* returns what gives them, or None where there are none (any more).
    """

    def __init__(self, find: Callable[[], Callable[[], Credentials] | None]) -> None:
        self._find = find
        self._current = find()

    def current(self) -> Credentials | None:
        """Return those to be used now."""
        return self._current() if self._current is not None else None

    def renewed(self, used: Credentials) -> bool:
        """Whether there are others than *used*. For one thread at a time."""
        if self.current() == used:
            self._current = self._find() or self._current
        return self.current() != used


def from_environment(config: Config) -> Settings | None:
    """Return what *config* and the environment say, None if botocore has to be asked.

    Where buckets with suffixes (``--``) and ARNs are it does not know.
    """
    environ = os.environ
    region = config.region or environ.get("AWS_DEFAULT_REGION")
    checksums = environ.get("AWS_REQUEST_CHECKSUM_CALCULATION", "when_supported")
    if (
        region is None
        or config.profile is not None
        or config.session is not None
        or config.client_config is not None
        or checksums not in CHECKSUMS
        or not all(map(_UNDERSTOOD.match, environ))
        or _has_files()
        or _has_proxies()
    ):
        return None
    named = (
        config.endpoint_url
        or environ.get("AWS_ENDPOINT_URL_S3")
        or environ.get("AWS_ENDPOINT_URL")
    )
    endpoint = address.plain_endpoint(named, region)
    credentials = Renewable(lambda: _static_credentials(config))
    if endpoint is None or not (credentials.current() or config.anonymous):
        return None
    bundle = environ.get("AWS_CA_BUNDLE") or environ.get("REQUESTS_CA_BUNDLE")
    return Settings(
        endpoint,
        credentials.current,
        lambda bucket, elsewhere: _plain_address(named, bucket, elsewhere or region),
        lambda: context(bundle),
        _TIMEOUTS,
        CHECKSUMS[checksums],
        credentials.renewed,
    )


def _static_credentials(config: Config) -> Callable[[], Credentials] | None:
    found = None if config.anonymous else _named_credentials(config)
    return (lambda: found) if found is not None else None


def _named_credentials(config: Config) -> Credentials | None:
    if config.access_key and config.secret_key:
        return Credentials(config.access_key, config.secret_key, config.session_token)
    access_key = os.environ.get("AWS_ACCESS_KEY_ID")
    secret_key = os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not (access_key and secret_key):
        return None
    token = os.environ.get("AWS_SESSION_TOKEN") or None
    return Credentials(access_key, secret_key, token, _expiration())


def _expiration() -> float | None:
    """Return when the environment says that its credentials expire, if it does."""
    text = os.environ.get("AWS_CREDENTIAL_EXPIRATION")
    if not text:
        return None
    from datetime import datetime

    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None


def _plain_address(named: str | None, bucket: str, region: str) -> Address:
    endpoint = address.plain_endpoint(named, region)
    if endpoint is None:
        raise ValueError(f"unknown region: {region!r}")
    return address.resolved(endpoint, bucket, region, named=named is not None)


def _has_files() -> bool:
    """Whether there is a file that botocore would read."""
    return any(
        os.path.isfile(os.path.expanduser(os.environ.get(variable) or usual))
        for variable, usual in (
            ("AWS_CONFIG_FILE", "~/.aws/config"),
            ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        )
    )


def _has_proxies() -> bool:
    if sys.platform == "darwin":
        # The system has settings, too.
        from urllib.request import getproxies

        return bool(getproxies())
    found = {name.lower() for name in os.environ if name.lower().endswith("_proxy")}
    return bool(found - {"no_proxy"})
