"""The body of an answer, as the contract has it; and what it is that broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open import errors
from s3open.tracing import received

if TYPE_CHECKING:
    from s3open.s3.wire.payload import Payload


class Body:
    """The bytes of an answer, as `s3open.contract.Body` has them."""

    def __init__(self, payload: Payload, uri: str) -> None:
        self._payload = payload
        self._uri = uri
        self._left: int | None = None

    @property
    def length(self) -> int | None:
        """How long it says it is."""
        return self._payload.length

    def expect(self, size: int) -> None:
        """Give *size* bytes at most."""
        if self.length != size:
            self._left = size

    def readinto(self, view: memoryview) -> int:
        if self._left is not None:
            view = view[: self._left]
        try:
            count = self._payload.readinto(view)
        except OSError as error:
            ours = broken(error, self._uri)
            ours.operation = "GetObject"
            raise ours from error
        if self._left is not None:
            self._left -= count
        received("GetObject", self._uri, count)
        return count

    def close(self) -> None:
        self._payload.close()


def broken(error: BaseException, uri: str, advice: str = "") -> errors.S3Error:
    """Return the error for a connection that broke off, or was too slow."""
    late = isinstance(error, TimeoutError)
    kind = errors.S3TimeoutError if late else errors.S3ConnectionError
    return kind.at(uri, advice or str(error))
