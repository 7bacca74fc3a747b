"""Objects of any size that cost no memory: the content follows from the offset.

A pseudo-random tile is repeated. Its length is a prime, so that bytes at offsets
which differ by a power of two differ too: a reader that mixes up its parts is found
out.
"""

from __future__ import annotations

import random
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TILE: Final = 1_048_583  # the first prime above 1 MiB
_REPEATS: Final = 4  # longer views, fewer of them


def synthetic_bytes(span: range, seed: int = 0) -> bytes:
    """Return the content of the synthetic object *seed* at the offsets of *span*."""
    return b"".join(synthetic_views(span, seed))


def synthetic_views(span: range, seed: int) -> Iterator[memoryview]:
    """Yield that content without copying it."""
    tiles = _tiles(seed)
    offset = span.start
    while offset < span.stop:
        start = offset % _TILE
        view = tiles[start : min(len(tiles), start + span.stop - offset)]
        yield view
        offset += len(view)


@lru_cache(maxsize=8)
def _tiles(seed: int) -> memoryview:
    return memoryview(random.Random(seed).randbytes(_TILE) * _REPEATS)
