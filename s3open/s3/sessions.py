"""boto3's sessions and clients, made as a `Config` has them."""

from __future__ import annotations

import base64
import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from s3open import checksums, errors
from s3open.config import SIDE_BY_SIDE
from s3open.forking import unforked
from s3open.s3 import sums
from s3open.s3.translation import NO_CREDENTIALS, without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from s3open.config import Config

# What a `Config` says that does not say how the store is reached.
_OF_FILES = (
    *("part_size", "memory", "total_memory", "disk", "connections", "temp_dir"),
    *("deadline", "attempts", "verify"),
)


def make_session(config: Config, uri: str) -> Any:
    """Return the boto3 session for *config*; it raises what `make_client` does."""
    with unforked:
        import boto3

    with _configuring(uri):
        return config.session or boto3.Session(
            profile_name=config.profile,
            aws_access_key_id=config.access_key,
            aws_secret_access_key=config.secret_key,
            aws_session_token=config.session_token,
        )


def make_client(config: Config, uri: str, *, verify: bool | str | None = None) -> Any:
    """Return a new boto3 client for *config*; PermissionError if it cannot be made.

    *uri* is what the error is to name. With *verify* False it believes whoever answers,
    with the name of a file those whose certificates are in it.
    """
    with unforked:
        import botocore
        from botocore.config import Config as BotoConfig
        from botocore.exceptions import NoCredentialsError

    from s3open._version import __version__

    theirs = config.client_config or BotoConfig()
    said = getattr(theirs, "user_agent_extra", None)
    ours = BotoConfig(
        # SigV2 is still botocore's choice for some stores and presigned URLs.
        signature_version=botocore.UNSIGNED if config.anonymous else "s3v4",
        # Ours to do: only who sent a request knows what a lost answer means.
        retries={"total_max_attempts": 1},
        # Ranges carry no checksum on S3; those that stores send are the whole object's.
        response_checksum_validation="when_required",
        user_agent_extra=" ".join(filter(None, (said, f"s3open/{__version__}"))),
    )
    settings = BotoConfig(max_pool_connections=SIDE_BY_SIDE).merge(theirs).merge(ours)
    session = make_session(config, uri)
    with _configuring(uri):
        client = session.client(
            "s3",
            region_name=config.region,
            endpoint_url=config.endpoint_url,
            verify=verify,
            config=settings,
        )
        if not config.anonymous and session.get_credentials() is None:
            # Told at once, and not remembered: they may come any minute.
            raise NoCredentialsError
    client.meta.events.register("before-sign.s3", _leave_payload_unsigned)
    for operation in ("PutObject", "UploadPart"):
        client.meta.events.register(f"before-call.s3.{operation}", _add_no_checksum)
    client.meta.events.register("before-call.s3", _add_md5)
    return client


# Made once for equal settings: those with another one have connections of their own.
_configs: dict[str, Any] = {}
_SEVERAL = 64


def client_config(base: Any, words: Mapping[str, Any]) -> Any:
    """Return the ``botocore.config.Config`` of *base*, which may be None, and *words*.

    TypeError for a word that botocore does not know.
    """
    with unforked:
        from botocore.config import Config as BotoConfig

    if not words:
        return base
    # A repr tells all that these are made of: words, numbers, dicts.
    key = f"{id(base)} {sorted(words.items())!r}"
    if key not in _configs:
        made = BotoConfig(**words)
        while len(_configs) >= _SEVERAL:
            _configs.pop(next(iter(_configs)), None)
        _configs[key] = (base, made if base is None else base.merge(made))
    return _configs[key][1]


def is_unsigned(version: object) -> bool:
    """Whether *version* is the one of botocore's signatures that is none."""
    import botocore

    return version is botocore.UNSIGNED


def believing(config: Config, verify: bool | str) -> Config:
    """Return *config* with a client that believes whom *verify* says, as boto3 does.

    False is anybody; a str is a file of certificates. It raises what `make_client`
    does.
    """
    client = make_client(config, config.endpoint_url or "s3://", verify=verify)
    given = {
        "client": client,
        "requester_pays": config.requester_pays,
        **{name: getattr(config, name) for name in _OF_FILES},
    }
    return type(config)(**given)


@contextmanager
def _configuring(uri: str) -> Iterator[None]:
    with unforked:
        from botocore.exceptions import BotoCoreError

    try:
        yield
    except BotoCoreError as error:
        if type(error).__name__ in NO_CREDENTIALS:
            raise without_credentials(error, uri) from error
        raise errors.S3PermissionError.at(uri, str(error)) from error


def _add_no_checksum(params: dict[str, Any], **_: object) -> None:
    """Keep botocore from adding one, in a trailer, where ours is not understood."""
    params["headers"].pop("x-amz-sdk-checksum-algorithm", None)
    params["context"].get("checksum", {}).pop("request_algorithm", None)


def _add_md5(params: dict[str, Any], model: Any, **_: object) -> None:
    """Send what needs a digest (a configuration, deletions) with one that all know.

    botocore has given it up for checksums that some stores do not know: Ceph 16.2 wants
    this one. (Directory buckets know the others only.)
    """
    needed = model.http_checksum.get("requestChecksumRequired")
    if not needed or "--x-s3" in params["url"]:
        return
    digest = hashlib.md5(params["body"], usedforsecurity=False).digest()
    params["headers"]["Content-MD5"] = base64.b64encode(digest).decode()
    _add_no_checksum(params)


def _leave_payload_unsigned(request: Any, **_: object) -> None:
    """Spare a SHA-256 of the body (0.7 GB/s) where TLS and a CRC protect it.

    botocore does so by itself, but only for checksums that it has computed.
    """
    header = sums.header()
    if header in request.headers:
        algorithm = {"algorithm": checksums.own(), "in": "header", "name": header}
        request.context["checksum"] = {"request_algorithm": algorithm}
