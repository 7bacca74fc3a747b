"""CRCs of bytes, in the form S3 speaks of them.

The sums come from awscrt (29 GB/s for CRC64NVME on one core); it is imported at the
first sum, not before. Everything here is a pure function and safe from any thread.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# Bytes of each sum. Those S3 can give for a whole multipart object:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
WIDTH: Final = {"crc64nvme": 8, "crc32c": 4, "crc32": 4}

_sums: dict[str, Callable[[bytes | memoryview, int], int]] = {}


def crc(algorithm: str, data: bytes | bytearray | memoryview, previous: int = 0) -> int:
    """Return the CRC of *data* appended to bytes whose CRC is *previous*.

    *algorithm* is a key of `WIDTH`, else KeyError.
    """
    if not _sums:
        _load()
    return _sums[algorithm](memoryview(data).cast("B"), previous)


def encode(algorithm: str, value: int) -> str:
    """Return *value* as S3 writes it in its ``x-amz-checksum-*`` headers."""
    return base64.b64encode(value.to_bytes(WIDTH[algorithm], "big")).decode("ascii")


def decode(text: str) -> int:
    """Return the number that `encode` made *text* of; ValueError if it is none."""
    return int.from_bytes(base64.b64decode(text, validate=True), "big")


def _load() -> None:
    from awscrt import checksums

    _sums.update(
        crc64nvme=checksums.crc64nvme, crc32c=checksums.crc32c, crc32=checksums.crc32
    )
