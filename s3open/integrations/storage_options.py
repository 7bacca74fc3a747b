"""fsspec's ``storage_options``, with the meaning that s3fs gives them.

Who comes from s3fs has a dict of these, often far from where files are opened. What
has no equal here (read caches, event loops) is accepted as far as it can be left out
without a difference to what is read or written.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from s3open.config import MIN_PART_SIZE, Config
from s3open.stores import attributes

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["StorageOptions", "parsed", "read"]

# s3fs's names, or boto3's, and those of `Config`.
_DIRECT = {
    "key": "access_key",
    "username": "access_key",
    "secret": "secret_key",
    "password": "secret_key",
    "token": "session_token",
    "anon": "anonymous",
    "endpoint_url": "endpoint_url",
    "profile": "profile",
    "requester_pays": "requester_pays",
    "session": "session",
    "max_concurrency": "connections",
}
_OF_CLIENT = {
    "aws_access_key_id": "access_key",
    "aws_secret_access_key": "secret_key",
    "aws_session_token": "session_token",
    "endpoint_url": "endpoint_url",
    "region_name": "region",
}
# Those of `Config` for which s3fs has no word.
_OURS = (
    *("region", "part_size", "memory", "total_memory", "disk", "connections"),
    *("temp_dir", "deadline", "attempts", "verify", "cache", "cache_size"),
)
# Reading has its own read-ahead, parts their own sizes, and regions are remembered
# anyhow. Of *asynchronous* file systems fsspec's AsyncFileSystemWrapper makes something
# (zarr gives it that). The last four are for fsspec itself.
_WITHOUT_EFFECT = {
    *("default_fill_cache", "default_cache_type", "cache_regions", "loop"),
    "asynchronous",
    *("fixed_upload_size", "local_expiry_check"),
    *("use_listings_cache", "listings_expiry_time", "max_paths", "skip_instance_cache"),
}
_READ_APART = {
    *("client_kwargs", "config_kwargs", "s3_additional_kwargs", "use_ssl"),
    *("default_block_size", "version_aware"),
}
NAMES = {*_DIRECT, *_OURS, *_WITHOUT_EFFECT, *_READ_APART}

_SECRETS = ("access_key", "secret_key", "session_token")
_CUSTOMER_KEY = ("SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")


@dataclass(frozen=True)
class StorageOptions:
    """What storage options say.

    *writing* are options of `open`; those that do not concern readers do nothing there.
    """

    config: Config
    writing: Mapping[str, Any] = field(repr=False)
    version_aware: bool = False


def without_secrets(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return storage options, or what holds such, without what nobody is to be told."""
    secret = {
        name
        for names in (_DIRECT, _OF_CLIENT)
        for name, meant in names.items()
        if meant in ("secret_key", "session_token")
    }
    # A customer's key, and what botocore's configuration may hold.
    secret |= {"SSECustomerKey", "session", "config"}
    return {
        name: without_secrets(value) if isinstance(value, dict) else value
        for name, value in given.items()
        if name not in secret
    }


def parsed(storage_options: Mapping[str, Any] | None) -> tuple[Config, dict[str, Any]]:
    """Return the `Config`, and the options of `open`, that *storage_options* mean.

    Raises TypeError for an option that is none, ValueError for what it cannot be.
    """
    found = read(storage_options or {})
    return found.config, dict(found.writing)


def read(given: Mapping[str, Any]) -> StorageOptions:
    """Return what *given* says; it raises what `parsed` does.

    Args:
        given: ``key`` and ``secret`` (also ``username``, ``password``), ``token``,
            ``anon``, ``endpoint_url``, ``profile``, ``requester_pays``,
            ``session`` (a ``boto3.Session``), ``client_kwargs`` (of a boto3 client),
            ``config_kwargs`` (of ``botocore.config.Config``), ``s3_additional_kwargs``
            (boto3's names, for what is written), ``use_ssl``, ``version_aware``,
            ``default_block_size`` (the size of parts, 5 MiB at least),
            ``max_concurrency``; and by the names of `Config` ``region part_size memory
            total_memory disk connections temp_dir deadline attempts verify cache
            cache_size``. Of no effect: ``default_fill_cache default_cache_type
            cache_regions fixed_upload_size local_expiry_check asynchronous``.
    """
    for name in given:
        if name not in NAMES:
            raise TypeError(f"unknown storage option {name!r}")
    given = {name: value for name, value in given.items() if value is not None}
    settings = _settings(given)
    writing, pays = _writing(given.get("s3_additional_kwargs", {}))
    if pays:
        settings["requester_pays"] = True
    return StorageOptions(
        _verified(Config(**settings), given.get("client_kwargs", {})),
        writing,
        bool(given.get("version_aware", False)),
    )


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `Config`."""
    client = given.get("client_kwargs", {})
    settings = _of_client(client)
    seen: dict[str, str] = {}
    for name, ours in (*_DIRECT.items(), *((each, each) for each in _OURS)):
        if name not in given:
            continue
        if ours in seen:
            raise ValueError(f"{seen[ours]} and {name} exclude each other")
        seen[ours] = name
        settings[ours] = given[name]
    settings["anonymous"] = bool(settings.get("anonymous", False))
    if "requester_pays" in settings:
        settings["requester_pays"] = bool(settings["requester_pays"])
    if "session" in settings and not hasattr(settings["session"], "resource"):
        raise TypeError("session has to be a boto3.Session: s3open has no event loop")
    if "default_block_size" in given:
        settings.setdefault("part_size", part_size(given["default_block_size"]))
    words = dict(given.get("config_kwargs", {}))
    said = getattr(client.get("config"), "signature_version", None)
    if _is_unsigned(words.pop("signature_version", said)):
        settings["anonymous"] = True
    if settings["anonymous"]:
        # Nobody signs, so nobody needs them.
        settings = {k: v for k, v in settings.items() if k not in _SECRETS}
    if words or "config" in client:
        from s3open.s3 import sessions

        settings["client_config"] = sessions.client_config(client.get("config"), words)
    _check_tls(given, client, settings)
    return settings


def part_size(block_size: Any) -> int:
    """Return the size of parts for a *block_size*, which may be less than S3 takes."""
    if not isinstance(block_size, int):
        raise TypeError(f"a block size is an int, not {type(block_size).__name__}")
    return max(MIN_PART_SIZE, block_size)


def _of_client(client: Mapping[str, Any]) -> dict[str, Any]:
    """Return what arguments of a boto3 client say, as far as `Config` has a word."""
    settings = {}
    for name, value in client.items():
        if name in _OF_CLIENT:
            if value is not None:
                settings[_OF_CLIENT[name]] = value
        elif name not in ("use_ssl", "verify", "config", "api_version"):
            raise TypeError(f"unknown argument in client_kwargs: {name!r}")
    return settings


def _check_tls(
    given: Mapping[str, Any], client: Mapping[str, Any], settings: Mapping[str, Any]
) -> None:
    """Raise ValueError for plain HTTP where no URL says so.

    As with botocore, a URL's own scheme decides where there is one.
    """
    if client.get("use_ssl", given.get("use_ssl", True)):
        return
    places = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    if "endpoint_url" not in settings and not any(map(os.environ.get, places)):
        raise ValueError("use_ssl=False needs an endpoint_url that begins with http://")


def _verified(config: Config, client: Mapping[str, Any]) -> Config:
    """Return *config* with whom to believe: ``verify`` of a boto3 client."""
    verify = client.get("verify")
    if verify in (None, True):
        return config
    from s3open.s3 import sessions

    return sessions.believing(config, verify)


def _is_unsigned(version: object) -> bool:
    if version is None or isinstance(version, str):
        return False
    from s3open.s3 import sessions

    return sessions.is_unsigned(version)


def _writing(additional: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return the options of `open` for boto3's names, and whether the requester pays.

    Raises ValueError for what is none of `open`'s.
    """
    extra = {name: value for name, value in additional.items() if value is not None}
    pays = extra.pop("RequestPayer", None) == "requester"
    key = {name: extra.pop(name) for name in _CUSTOMER_KEY if name in extra}
    options: dict[str, Any] = {"extra_args": extra} if extra else {}
    if "SSECustomerKey" in key:
        options["sse_customer_key"] = _customer_key(key)
    attributes.parsed(options)
    return options, pays


def _customer_key(given: Mapping[str, Any]) -> bytes:
    """Return the key itself: boto3 takes one with its MD5 to be in base64 already."""
    import base64

    key = given["SSECustomerKey"]
    plain = key.encode() if isinstance(key, str) else key
    return base64.b64decode(plain) if "SSECustomerKeyMD5" in given else bytes(plain)
