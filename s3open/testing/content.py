"""The bytes of an object: pieces in memory, synthetic pieces, or both.

Completing a multipart upload, copying a range and answering one all share the pieces
and copy nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from s3open.testing.synthetic import synthetic_views

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Synthetic(NamedTuple):
    """The offsets of *span* in the synthetic object *seed*."""

    span: range
    seed: int

    def __len__(self) -> int:
        return len(self.span)


class Content:
    """An immutable row of bytes; safe to share between threads."""

    def __init__(self, pieces: Iterable[memoryview | Synthetic] = ()) -> None:
        self.pieces = tuple(piece for piece in pieces if len(piece))
        self._starts = [0, *accumulate(len(piece) for piece in self.pieces)]

    @property
    def size(self) -> int:
        return self._starts[-1]

    @classmethod
    def of(cls, data: bytes | bytearray | memoryview) -> Content:
        """Return content that is *data*, which nobody may change any more."""
        return cls([memoryview(data).cast("B")])

    @classmethod
    def synthetic_of(cls, size: int, seed: int = 0) -> Content:
        """Return *size* bytes made up from their offsets."""
        return cls([Synthetic(range(size), seed)])

    @classmethod
    def joined(cls, contents: Iterable[Content]) -> Content:
        """Return all *contents* one after the other."""
        return cls(piece for content in contents for piece in content.pieces)

    @property
    def synthetic(self) -> bool:
        """Whether some of it is made up, so that hashing it would be in vain."""
        return any(isinstance(piece, Synthetic) for piece in self.pieces)

    def part(self, span: range) -> Content:
        """Return the bytes at the offsets of *span*."""
        return Content(self._cut(span))

    def views(self) -> Iterator[memoryview]:
        """Yield the bytes, uncopied, in views of no particular size."""
        for piece in self.pieces:
            if isinstance(piece, Synthetic):
                yield from synthetic_views(piece.span, piece.seed)
            else:
                yield piece

    def __bytes__(self) -> bytes:
        return b"".join(self.views())

    def __repr__(self) -> str:
        return f"<Content of {self.size} bytes>"

    def _cut(self, span: range) -> Iterator[memoryview | Synthetic]:
        first = bisect_right(self._starts, span.start) - 1
        last = bisect_left(self._starts, span.stop)
        for index in range(first, min(last, len(self.pieces))):
            piece = self.pieces[index]
            start = max(0, span.start - self._starts[index])
            stop = min(len(piece), span.stop - self._starts[index])
            if isinstance(piece, Synthetic):
                yield Synthetic(piece.span[start:stop], piece.seed)
            else:
                yield piece[start:stop]
