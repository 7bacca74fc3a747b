"""CRCs of bytes, in the form S3 speaks of them.

The sums come from awscrt (29 GB/s and more for CRC64NVME on one core), but for CRC32,
where zlib has twice its pace. It takes 50 ms to import, so the first few bytes are
summed by hand: a program that reads or writes one small file does without it.
Everything here is a pure function and safe from any thread.
"""

from __future__ import annotations

import base64
import sys
import zlib
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from s3open.forking import unforked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Bytes of each sum. Those S3 can give for a whole multipart object:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
WIDTH: Final = {"crc64nvme": 8, "crc32c": 4, "crc32": 4}

# Reflected: https://reveng.sourceforge.io/crc-catalogue/
_POLYNOMIALS: Final = {
    "crc64nvme": 0x9A6C9329AC4BC9B5,
    "crc32c": 0x82F63B78,
    "crc32": 0xEDB88320,
}


class _Sum(NamedTuple):
    crc: Callable[[bytes | memoryview, int], int]
    combine: Callable[[int, int, int], int]


_sums: dict[str, _Sum] = {}
# So many bytes are left to be summed by hand, some 0.2 us each.
_by_hand_left = 32 << 10


def own() -> str:
    """Return the algorithm that uploads are sent with: the fastest one there is."""
    return known()[0]


@cache
def known() -> tuple[str, ...]:
    """Return all algorithms that there is something to compute them with."""
    return tuple(WIDTH) if _is_installed("awscrt") else ("crc32",)


def crc(algorithm: str, data: bytes | bytearray | memoryview, previous: int = 0) -> int:
    """Return the CRC of *data* appended to bytes whose CRC is *previous*.

    *algorithm* is a key of `WIDTH`, else KeyError.
    """
    global _by_hand_left
    view = memoryview(data).cast("B")
    if not _sums:
        if algorithm != "crc32" and len(view) <= _by_hand_left:
            _by_hand_left -= len(view)
            return _summed(algorithm, view, previous)
        _load()
    return _sums[algorithm].crc(view, previous)


def prepare(count: int) -> None:
    """Have loaded whatever sums *count* bytes, so that it is not loaded meanwhile."""
    if not _sums and count > _by_hand_left:
        _load()


def combine(algorithm: str, first: int, second: int, length: int) -> int:
    """Return the CRC of bytes whose CRC is *first* and *length* more with *second*."""
    if not _sums:
        _load()
    return _sums[algorithm].combine(first, second, length)


def combined(algorithm: str, pieces: Iterable[tuple[int, int]]) -> int:
    """Return the CRC of *pieces* one after the other, (CRC, length) each."""
    total = 0
    for value, length in pieces:
        total = combine(algorithm, total, value, length)
    return total


def encode(algorithm: str, value: int) -> str:
    """Return *value* as S3 writes it in its ``x-amz-checksum-*`` headers."""
    return base64.b64encode(value.to_bytes(WIDTH[algorithm], "big")).decode("ascii")


def decode(text: str) -> int:
    """Return the number that `encode` made *text* of; ValueError if it is none."""
    return int.from_bytes(base64.b64decode(text, validate=True), "big")


def _is_installed(name: str) -> bool:
    """Whether there is such a package, which is not imported for it."""
    from importlib.machinery import PathFinder

    if name in sys.modules:
        return sys.modules[name] is not None
    return PathFinder.find_spec(name) is not None


def _load() -> None:
    try:
        with unforked:
            from awscrt import checksums
    except ImportError:
        _sums["crc32"] = _Sum(zlib.crc32, _by_hand("crc32"))
        return
    sums = {
        "crc64nvme": checksums.crc64nvme,
        "crc32c": checksums.crc32c,
        "crc32": zlib.crc32,
    }
    for name, function in sums.items():
        # Before 0.29 awscrt combines none.
        combining = getattr(checksums, f"combine_{name}", None) or _by_hand(name)
        _sums[name] = _Sum(function, combining)


def _summed(algorithm: str, data: memoryview, previous: int) -> int:
    """Do what `crc` does, by hand."""
    table, mask = _table(algorithm), (1 << 8 * WIDTH[algorithm]) - 1
    value = previous ^ mask
    for byte in data:
        value = table[value & 255 ^ byte] ^ value >> 8
    return value ^ mask


@lru_cache(maxsize=2)
def _table(algorithm: str) -> list[int]:
    """Return what each byte adds to a sum."""
    polynomial, table = _POLYNOMIALS[algorithm], []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
        table.append(value)
    return table


def _by_hand(algorithm: str) -> Callable[[int, int, int], int]:
    """Return what combines CRCs without awscrt: some 10 us for pieces of one length."""
    polynomial = _POLYNOMIALS[algorithm]
    bits = 8 * WIDTH[algorithm]

    def combine(first: int, second: int, length: int) -> int:
        moved = _times(first, _shift(bits, polynomial, length), bits, polynomial)
        return moved ^ second

    return combine


@lru_cache(maxsize=64)
def _shift(bits: int, polynomial: int, length: int) -> int:
    """Return x to the power of the bits that *length* bytes have."""
    power, factor = 1 << bits - 1, 1 << bits - 9  # x**0 and x**8
    while length:
        if length & 1:
            power = _times(power, factor, bits, polynomial)
        factor = _times(factor, factor, bits, polynomial)
        length >>= 1
    return power


def _times(left: int, right: int, bits: int, polynomial: int) -> int:
    """Return the product of two polynomials; their highest bit stands for x**0."""
    product = 0
    for bit in range(bits - 1, -1, -1):
        if left >> bit & 1:
            product ^= right
        right = (right >> 1) ^ (polynomial if right & 1 else 0)
    return product
