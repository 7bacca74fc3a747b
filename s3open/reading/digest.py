"""A digest of an object's bytes, which has to see them in order."""

from __future__ import annotations

import base64
import hashlib


class Digest:
    """The digest *algorithm* of what is read from the beginning on. Not thread-safe."""

    def __init__(self, algorithm: str) -> None:
        self.position = 0
        self._algorithm = algorithm
        self._hash = hashlib.new(algorithm, usedforsecurity=False)

    def read(self, offset: int, data: memoryview) -> None:
        """Note that *data* are the bytes at *offset*; those known already stay."""
        if offset <= self.position < offset + len(data):
            with data[self.position - offset :] as news:
                self._hash.update(news)
                self.position += len(news)

    def text(self) -> str:
        """Return it as S3 writes it: an MD5 as ETags have it."""
        if self._algorithm == "md5":
            return self._hash.hexdigest()
        return base64.b64encode(self._hash.digest()).decode("ascii")
