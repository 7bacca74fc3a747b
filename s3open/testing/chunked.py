"""Bodies in ``aws-chunked`` encoding: chunks, their signatures, and trailers.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
The body is decoded where it lies: each chunk moves left over the header before it.
"""

from __future__ import annotations

import hashlib
from string import hexdigits
from typing import TYPE_CHECKING, Final

from s3open.testing.errors import RefusalError

if TYPE_CHECKING:
    from s3open.testing.signature import Credential, Signature

STREAMING: Final = frozenset(
    {
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    }
)
MIN_CHUNK: Final = 8192  # but for the last one
_EMPTY: Final = hashlib.sha256().hexdigest()
_LINE: Final = 256  # of size, name and signature: 64 + 17 + 16


class ChunkSigner:
    """Checks the chain of signatures: each covers the one before it."""

    def __init__(self, signature: Signature, credential: Credential) -> None:
        self._signature = signature
        self._credential = credential
        self._previous = signature.value

    def require_chunk(self, data: memoryview, claimed: str) -> None:
        digest = hashlib.sha256(data).hexdigest()
        self._require("PAYLOAD", claimed, _EMPTY, digest)

    def require_trailer(self, trailers: dict[str, str], claimed: str) -> None:
        lines = "".join(f"{name}:{value}\n" for name, value in trailers.items())
        digest = hashlib.sha256(lines.encode()).hexdigest()
        self._require("TRAILER", claimed, digest)

    def _require(self, what: str, claimed: str, *digests: str) -> None:
        signature = self._signature
        self._previous = signature.sign(
            self._credential,
            f"AWS4-HMAC-SHA256-{what}",
            signature.date,
            signature.scope,
            self._previous,
            *digests,
        )
        if claimed != self._previous:
            raise RefusalError("SignatureDoesNotMatch")


def decode(
    raw: memoryview, signer: ChunkSigner | None
) -> tuple[memoryview, dict[str, str]]:
    """Return the payload of *raw*, which is overwritten, and the trailers."""
    read = written = 0
    size = previous = MIN_CHUNK
    while size:
        size, claimed, read = _chunk_header(raw, read)
        if size and previous < MIN_CHUNK:
            raise RefusalError(
                "InvalidChunkSizeError",
                "Only the last chunk is allowed to have a size less than 8192 bytes",
                status=403,
            )
        if read + size > len(raw):
            raise RefusalError("IncompleteBody")
        chunk = raw[read : read + size]
        if signer:
            signer.require_chunk(chunk, claimed)
        raw[written : written + size] = chunk
        written += size
        read += size
        if size and bytes(raw[read : read + 2]) != b"\r\n":
            raise RefusalError("IncompleteBody")
        read += 2 if size else 0
        previous = size
    trailers = _trailers(raw[read:])
    claimed = trailers.pop("x-amz-trailer-signature", "")
    if signer and (trailers or claimed):
        signer.require_trailer(trailers, claimed)
    return raw[:written], trailers


def size_of_chunk(text: str) -> int | None:
    """Return the number that *text* is in hexadecimal digits, None if it is none."""
    return int(text, 16) if text and not text.strip(hexdigits) else None


def _chunk_header(raw: memoryview, start: int) -> tuple[int, str, int]:
    """Return size and signature of the chunk at *start*, and where its data begin."""
    line, found, _ = bytes(raw[start : start + _LINE]).partition(b"\r\n")
    size, _, extension = line.decode("latin-1").partition(";")
    name, _, claimed = extension.partition("=")
    number = size_of_chunk(size)
    if not found or number is None or name not in {"", "chunk-signature"}:
        raise RefusalError("IncompleteBody")
    return number, claimed, start + len(line) + 2


def _trailers(raw: memoryview) -> dict[str, str]:
    trailers = {}
    for line in bytes(raw).decode("latin-1").replace("\r\n", "\n").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            trailers[name.strip().lower()] = value.strip()
    return trailers
