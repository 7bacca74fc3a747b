"""What a store keeps of an object by which its bytes can be verified."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from s3open import checksums
from s3open.contract import Proof

if TYPE_CHECKING:
    from s3open.contract import ObjectInfo

_MD5 = re.compile(r'"?([0-9a-f]{32})"?')
_DIGESTS = ("sha256", "sha1")


def proof_of(info: ObjectInfo, part_size: int | None = None) -> Proof | None:
    """Return what *info* proves an object by, None if by nothing.

    *part_size* is what its parts have, but for the last one, None if that is not known.
    """
    found = info.checksum
    if found is None:
        return _by_etag(info)
    name = found.algorithm.lower()
    if found.kind == "FULL_OBJECT":
        known = name in checksums.WIDTH or name in _DIGESTS
        return Proof(name, found.value) if known else None
    value, count = found.value.partition("-")[0], parts_in(info)
    size = info.size if count == 1 else part_size
    if name not in checksums.WIDTH or not size:
        return None
    # Parts of several sizes have boundaries that nobody tells.
    fits = (count - 1) * size < info.size <= count * size
    return Proof(name, value, size) if fits else None


def quick_proof_of(info: ObjectInfo) -> Proof | None:
    """Return what `proof_of` does, but no digest: those are too slow, unasked."""
    found = proof_of(info)
    return found if found is not None and found.algorithm in checksums.WIDTH else None


def parts_in(info: ObjectInfo) -> int:
    """Return of how many parts the checksum is that *info* has."""
    value = info.checksum.value if info.checksum is not None else ""
    count = value.partition("-")[2]
    return int(count) if count.isdigit() else 1


def _by_etag(info: ObjectInfo) -> Proof | None:
    """Return the MD5 that the ETag is, if it is one.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    match = _MD5.fullmatch(info.etag or "")
    encryption = info.settings.get("ServerSideEncryption")
    secret = "SSECustomerAlgorithm" in info.settings
    if match is None or secret or encryption not in (None, "AES256"):
        return None
    return Proof("md5", match[1])
