"""The body of a boto3 answer, as the contract has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open.s3.translation import broken, translated
from s3open.tracing import received

if TYPE_CHECKING:
    from s3open.location import Location


class BotoBody:
    """The bytes of *span*, with transport errors made ours."""

    def __init__(self, body: Any, at: Location, span: range) -> None:
        # botocore wraps the stream to verify a checksum, also where a store sends the
        # whole object's with a range (moto does); below the wrapper nothing is checked.
        self._stream = getattr(body, "_raw_stream", body)
        self._uri = at.uri
        self._left = len(span)

    def readinto(self, view: memoryview) -> int:
        try:
            data = self._stream.read(min(len(view), self._left))
        except Exception as error:
            ours = translated(error, self._uri) or broken(error, self._uri)
            ours.operation = "GetObject"
            raise ours from error
        view[: len(data)] = data
        self._left -= len(data)
        received("GetObject", self._uri, len(data))
        return len(data)

    def close(self) -> None:
        release = getattr(self._stream, "release_conn", None)
        if self._left == 0 and release is not None:
            release()
        else:
            self._stream.close()
