"""Checksums and MD5s of a file's bytes, read from its beginning to its end."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TYPE_CHECKING

from s3open import checksums
from s3open.config import MAX_PART_SIZE, MIB
from s3open.contract import Checksum, ObjectInfo
from s3open.opening import open as _open
from s3open.s3.proofs import proof_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.config import Config
    from s3open.stores.status import Status

_CHUNK = MIB
_HASHES = ("sha256", "sha1")
# What tools make parts of, next to the smallest size that will do.
_PART_SIZES = [size * MIB for size in (5, 8, 10, 15, 16, 25, 32, 50, 64, 100, 128)]


def computed(config: Config, name: str, algorithm: str, **options: object) -> Checksum:
    """Return the checksum of all bytes of *name*; ValueError for what S3 has not."""
    known = algorithm.lower()
    if known in _HASHES:
        digest = hashlib.new(known, usedforsecurity=False)
        for piece in pieces(config, name, **options):
            digest.update(piece)
        value = base64.b64encode(digest.digest()).decode()
    elif known in checksums.WIDTH:
        total = 0
        for piece in pieces(config, name, **options):
            total = checksums.crc(known, piece, total)
        value = checksums.encode(known, total)
    else:
        names = ", ".join(map(str.upper, (*checksums.WIDTH, *_HASHES)))
        raise ValueError(f"algorithm is one of {names}, not {algorithm!r}")
    return Checksum(known.upper(), value)


def md5(config: Config, name: str, **options: object) -> str:
    """Return the MD5 of all bytes of *name*, in hexadecimal digits."""
    digest = hashlib.md5(usedforsecurity=False)
    for piece in pieces(config, name, **options):
        digest.update(piece)
    return digest.hexdigest()


def md5_in(status: Status) -> str | None:
    """Return the MD5 that the ETag of *status* is, None if it is none."""
    info = ObjectInfo(status.st_size, status.etag, settings=status.settings)
    proof = proof_of(info)
    return proof.value if proof is not None else None


def why_none(status: Status) -> str:
    """Return why the ETag of *status* is no MD5.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    if "-" in (status.etag or ""):
        return "the object came in parts"
    if "SSECustomerAlgorithm" in status.settings:
        return "the object is encrypted with a customer's key"
    if "ServerSideEncryption" in status.settings:
        return "the object is encrypted with a key of KMS"
    return "the store makes others"


def pieces(config: Config, name: str, **options: object) -> Iterator[memoryview]:
    """Yield all bytes of *name*; each piece is good until the next one."""
    buffer = memoryview(bytearray(_CHUNK))
    with _open(name, "rb", config=config, **options) as file:  # type: ignore[call-overload]  # checked there
        while count := file.readinto(buffer):
            yield buffer[:count]


def etag_fits(path: str, etag: str) -> bool:
    """Whether the file at *path*, put on S3, may have *etag*.

    That of an object of several parts depends on where they end, which it does not
    tell: the usual sizes are tried, and the smallest one that makes as many parts.
    """
    wanted, _, number = etag.strip('"').partition("-")
    size = os.path.getsize(path)
    if not number:
        return _md5_of(path, 0, size).hex() == wanted
    if not number.isdigit() or int(number) < 1:
        return False
    tried = _fitting(size, int(number))
    return any(_of_parts(path, size, part) == wanted for part in tried)


def _fitting(size: int, count: int) -> list[int]:
    """Return the sizes of parts of which *count* make *size* bytes."""
    least = max(-(-size // count), 1)
    sizes = {least, -(-least // MIB) * MIB, MAX_PART_SIZE, *_PART_SIZES}
    return sorted(part for part in sizes if max(-(-size // part), 1) == count)


def _of_parts(path: str, size: int, part: int) -> str:
    starts = range(0, size, part) or [0]
    digests = [_md5_of(path, start, min(start + part, size)) for start in starts]
    return hashlib.md5(b"".join(digests), usedforsecurity=False).hexdigest()


def _md5_of(path: str, start: int, stop: int) -> bytes:
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb", buffering=0) as file:
        file.seek(start)
        while start < stop and (data := file.read(min(_CHUNK, stop - start))):
            digest.update(data)
            start += len(data)
    return digest.digest()
