"""What a new object is given besides its bytes: the write options of `open`.

They are checked here, before any request, as far as S3, or HTTP, would refuse them at
the end, when everything has been written.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from s3open.access import OBJECT_ACLS
from s3open.s3.tagging import tagging
from s3open.s3.tokens import MAX_METADATA_LENGTH

_MAX_METADATA = MAX_METADATA_LENGTH
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # of HTTP: RFC 9110, 5.6.2

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
_MAX_TAGS, _MAX_TAG_NAME, _MAX_TAG_VALUE = 10, 128, 256
_IN_TAGS = "+-=._:/@"

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
_KEY_BYTES = 32

# Our options that are one header each, and boto3's names for them.
_TEXTS = {
    "content_encoding": "ContentEncoding",
    "content_language": "ContentLanguage",
    "content_disposition": "ContentDisposition",
    "cache_control": "CacheControl",
    "storage_class": "StorageClass",
    "acl": "ACL",
    "sse": "ServerSideEncryption",
    "sse_kms_key_id": "SSEKMSKeyId",
    "website_redirect": "WebsiteRedirectLocation",
    "object_lock_mode": "ObjectLockMode",
}
_TIMES = {
    "expires": "Expires",
    "object_lock_retain_until": "ObjectLockRetainUntilDate",
}
_GRANTS = {
    "full_control": "GrantFullControl",
    "read": "GrantRead",
    "read_acp": "GrantReadACP",
    "write_acp": "GrantWriteACP",
}

NAMES = {
    *_TEXTS,
    *_TIMES,
    "content_type",
    "metadata",
    "tags",
    "grants",
    "sse_customer_key",
    "bucket_key_enabled",
    "object_lock_legal_hold",
    "keep_tags",
    "extra_args",
}

# What extra_args may have: what PutObject and CreateMultipartUpload have in common, but
# for what is ours to say, what `Config` says (RequestPayer), and a customer's key, for
# which boto3 takes two spellings.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
EXTRA = {
    *_TEXTS.values(),
    *_TIMES.values(),
    *_GRANTS.values(),
    "BucketKeyEnabled",
    "ContentType",
    "ExpectedBucketOwner",
    "Metadata",
    "ObjectLockEventHold",
    "ObjectLockEventHoldDurationDays",
    "ObjectLockEventHoldDurationYears",
    "ObjectLockLegalHoldStatus",
    "SSEKMSEncryptionContext",
    "Tagging",
}
# These go with every request for an object, not only with those that create one.
_CUSTOMER_KEY = ("SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")
_ALWAYS = (*_CUSTOMER_KEY, "ExpectedBucketOwner")
_SECRETS = (*_CUSTOMER_KEY, "SSEKMSEncryptionContext")

# One of them replaces all of them: a KMS key does not go with AES256.
_ENCRYPTION = {
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "SSEKMSEncryptionContext",
    "BucketKeyEnabled",
    *_CUSTOMER_KEY,
}


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """The write options, with boto3's names where they need no names of ours.

    What is None was not given. An empty ``Tagging`` among *settings* means no tags.
    """

    content_type: str | None = None
    metadata: Mapping[str, str] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    keep_tags: str = "warn"

    @property
    def always(self) -> dict[str, Any]:
        """What every request has to say: SSE-C, also of the source of a copy."""
        if not self.settings:
            return {}
        found = {name: self.settings[name] for name in _ALWAYS if name in self.settings}
        copied = {
            f"CopySource{name}": found[name] for name in _CUSTOMER_KEY if name in found
        }
        return {**found, **copied}

    def over(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """Return what an object that had the settings *kept* is to have."""
        if _ENCRYPTION & self.settings.keys():
            kept = {name: kept[name] for name in kept if name not in _ENCRYPTION}
        return {**kept, **self.settings}


def told(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of *settings* that are no secrets."""
    return {name: settings[name] for name in settings if name not in _SECRETS}


def withheld(settings: Mapping[str, Any]) -> list[str]:
    """Return the names of those of *settings* that are secrets."""
    return [name for name in _SECRETS if name in settings]


def encrypts(settings: Mapping[str, Any]) -> bool:
    """Whether *settings* say how an object is to be encrypted."""
    return not _ENCRYPTION.isdisjoint(settings)


def with_times(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return *settings* that were JSON, with times that are times again."""
    found = dict(settings)
    for name in _TIMES.values():
        # Through extra_args it may have been words.
        with contextlib.suppress(KeyError, ValueError):
            found[name] = datetime.fromisoformat(found[name])
    return found


def parsed(given: Mapping[str, Any]) -> WriteOptions:
    """Return the write options among *given*, options of `open` by their names.

    Raises TypeError and ValueError for what S3 would not take.
    """
    given = {name: given[name] for name in NAMES if given.get(name) is not None}
    settings = {
        **_texts(given),
        **_times(given),
        **_encryption(given),
        **_lock(given),
        **_grants(given),
    }
    if "tags" in given:
        settings["Tagging"] = _tags(given["tags"])
    keep = given.get("keep_tags", "warn")
    if keep not in ("warn", "require", "drop"):
        raise ValueError(f"keep_tags is 'warn', 'require' or 'drop', not {keep!r}")
    kind, metadata = given.get("content_type"), given.get("metadata")
    extra = _extra(given.get("extra_args", {}), {*settings, *_named(kind, metadata)})
    if "ContentType" in extra:
        kind = extra.pop("ContentType")
    if "Metadata" in extra:
        metadata = extra.pop("Metadata")
    return WriteOptions(
        None if kind is None else _text("content_type", kind),
        None if metadata is None else _metadata(metadata),
        {**settings, **extra},
        keep,
    )


def _named(kind: object, metadata: object) -> set[str]:
    """Return boto3's names of those two, as far as they were given."""
    named = {"ContentType": kind, "Metadata": metadata}
    return {name for name, value in named.items() if value is not None}


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    acl = given.get("acl")
    if isinstance(acl, str) and acl not in OBJECT_ACLS:
        raise ValueError(f"acl has to be one of {sorted(OBJECT_ACLS)}, not {acl!r}")
    redirect = given.get("website_redirect")
    here = ("/", "http://", "https://")
    if isinstance(redirect, str) and not redirect.startswith(here):
        raise ValueError("website_redirect begins with '/', 'http://' or 'https://'")
    return {
        theirs: _text(ours, given[ours])
        for ours, theirs in _TEXTS.items()
        if ours in given
    }


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} has to be a str, not {type(value).__name__}")
    if not (value.isascii() and value.isprintable()):
        raise ValueError(f"{name} has to be printable ASCII, not {value!r}")
    return value


def _times(given: Mapping[str, Any]) -> dict[str, datetime]:
    return {
        theirs: moment(ours, given[ours])
        for ours, theirs in _TIMES.items()
        if ours in given
    }


def moment(name: str, value: object) -> datetime:
    """Return *value* with its time zone; a naive one is local time."""
    if not isinstance(value, datetime):
        raise TypeError(f"{name} has to be a datetime, not {type(value).__name__}")
    return value.astimezone()


def _encryption(given: Mapping[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if "bucket_key_enabled" in given:
        settings["BucketKeyEnabled"] = _flag(given, "bucket_key_enabled")
    if "sse_kms_key_id" in given:
        settings["ServerSideEncryption"] = given.get("sse", "aws:kms")
        if settings["ServerSideEncryption"] == "AES256":
            raise ValueError("sse_kms_key_id needs sse='aws:kms', not 'AES256'")
    key = given.get("sse_customer_key")
    if key is None:
        return settings
    others = {"sse", "sse_kms_key_id", "bucket_key_enabled"} & given.keys()
    if others:
        raise ValueError(f"sse_customer_key excludes {', '.join(sorted(others))}")
    if not isinstance(key, bytes):
        raise TypeError(f"sse_customer_key has to be bytes, not {type(key).__name__}")
    if len(key) != _KEY_BYTES:
        raise ValueError(f"sse_customer_key has {_KEY_BYTES} bytes, not {len(key)}")
    import base64
    import hashlib

    digest = hashlib.md5(key, usedforsecurity=False).digest()
    return {
        "SSECustomerAlgorithm": "AES256",
        "SSECustomerKey": base64.b64encode(key).decode(),
        "SSECustomerKeyMD5": base64.b64encode(digest).decode(),
    }


def _flag(given: Mapping[str, Any], name: str) -> bool:
    value = given[name]
    if not isinstance(value, bool):
        raise TypeError(f"{name} has to be a bool, not {type(value).__name__}")
    return value


def _lock(given: Mapping[str, Any]) -> dict[str, str]:
    if ("object_lock_mode" in given) != ("object_lock_retain_until" in given):
        raise ValueError("object_lock_mode and object_lock_retain_until go together")
    mode = given.get("object_lock_mode", "GOVERNANCE")
    if mode not in ("GOVERNANCE", "COMPLIANCE"):
        raise ValueError(f"object_lock_mode is no mode that S3 knows: {mode!r}")
    if "object_lock_legal_hold" not in given:
        return {}
    held = _flag(given, "object_lock_legal_hold")
    return {"ObjectLockLegalHoldStatus": "ON" if held else "OFF"}


def _grants(given: Mapping[str, Any]) -> dict[str, str]:
    grants = given.get("grants", {})
    if not isinstance(grants, Mapping):
        raise TypeError(f"grants has to be a mapping, not {type(grants).__name__}")
    if grants and "acl" in given:
        raise ValueError("acl and grants exclude each other")
    unknown = grants.keys() - _GRANTS.keys()
    if unknown:
        raise ValueError(f"grants are {', '.join(_GRANTS)}, not {unknown.pop()!r}")
    return {_GRANTS[name]: _text("grants", grants[name]) for name in grants}


def _tags(tags: object) -> str:
    """Return *tags* as S3 wants them in a header."""
    if not isinstance(tags, Mapping):
        raise TypeError(f"tags has to be a mapping, not {type(tags).__name__}")
    for name, value in tags.items():
        if not (isinstance(name, str) and isinstance(value, str)):
            raise TypeError(f"tags has to be str to str, not {name!r}: {value!r}")
        short = 0 < len(name) <= _MAX_TAG_NAME and len(value) <= _MAX_TAG_VALUE
        if not (short and all(map(_fits_tag, name + value))):
            raise ValueError(
                f"tags have 1 to {_MAX_TAG_NAME} letters, digits, blanks or "
                f"{_IN_TAGS}, and values of {_MAX_TAG_VALUE} at most, unlike "
                f"{name!r}: {value!r}"
            )
    if len(tags) > _MAX_TAGS:
        raise ValueError(f"an object has at most {_MAX_TAGS} tags")
    return tagging(tags)


def _fits_tag(letter: str) -> bool:
    return letter.isalnum() or letter in _IN_TAGS or letter == " "


def _metadata(metadata: object) -> dict[str, str]:
    """Return *metadata*, refused here if S3, or HTTP, would refuse it at the end.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    """
    if not isinstance(metadata, Mapping):
        raise TypeError(f"metadata has to be a mapping, not {type(metadata).__name__}")
    for name, value in metadata.items():
        if not (isinstance(name, str) and isinstance(value, str)):
            raise TypeError(f"metadata has to be str to str, not {name!r}: {value!r}")
        if not _TOKEN.fullmatch(name) or not (value.isascii() and value.isprintable()):
            raise ValueError(
                f"metadata has to be printable ASCII, and names without blanks, not "
                f"{name!r}: {value!r}"
            )
    if sum(len(name) + len(value) for name, value in metadata.items()) > _MAX_METADATA:
        raise ValueError("metadata has at most 2 KB, names and values together")
    if len({name.lower() for name in metadata}) < len(metadata):
        raise ValueError("metadata names have to differ in more than case")
    return dict(metadata)


def _extra(extra: object, taken: set[str]) -> dict[str, Any]:
    if not isinstance(extra, Mapping):
        raise TypeError(f"extra_args has to be a mapping, not {type(extra).__name__}")
    for name in extra:
        if name in taken:
            raise ValueError(f"extra_args has {name}, which another option has said")
        if name not in EXTRA:
            raise ValueError(
                f"extra_args has {name!r}, which is none of {sorted(EXTRA)}"
            )
    return dict(extra)
