"""The CRC of bytes whose pieces' CRCs are known, in whatever order those came."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from s3open.checksum import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable

# Reflected: the highest bit stands for x**0.
# https://reveng.sourceforge.io/crc-catalogue/
_POLYNOMIALS = {
    "crc64nvme": 0x9A6C9329AC4BC9B5,
    "crc32c": 0x82F63B78,
    "crc32": 0xEDB88320,
}


def combined(algorithm: str, pieces: Iterable[tuple[int, int]]) -> int:
    """Return the CRC of *pieces* one behind the other; CRC and length of each."""
    bits, polynomial = 8 * WIDTH[algorithm], _POLYNOMIALS[algorithm]
    total = 0
    for crc, length in pieces:
        total = _times(total, _power(bits, polynomial, length), bits, polynomial) ^ crc
    return total


@lru_cache(maxsize=16)
def _power(bits: int, polynomial: int, length: int) -> int:
    """Return x**(8 * length)."""
    result, square = 1 << bits - 1, 1 << bits - 9
    while length:
        if length & 1:
            result = _times(result, square, bits, polynomial)
        square = _times(square, square, bits, polynomial)
        length >>= 1
    return result


def _times(left: int, right: int, bits: int, polynomial: int) -> int:
    product = 0
    for bit in range(bits - 1, -1, -1):
        if left >> bit & 1:
            product ^= right
        right = right >> 1 ^ (polynomial if right & 1 else 0)
    return product
