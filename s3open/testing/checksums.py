"""All the sums S3 knows about a body, taken in one pass."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s3open import checksums

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from s3open.testing.content import Content

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
ALGORITHMS: Final = ("crc32", "crc32c", "crc64nvme", "sha1", "sha256")
DEFAULT: Final = "crc64nvme"  # what S3 takes when the client sends none
FULL: Final = "FULL_OBJECT"
COMPOSITE: Final = "COMPOSITE"


@dataclass(frozen=True)
class Checksum:
    """A sum S3 keeps with an object or a part; *value* as in the headers."""

    algorithm: str
    value: str
    kind: str = FULL

    @property
    def header(self) -> str:
        return f"x-amz-checksum-{self.algorithm}"

    @property
    def element(self) -> str:
        return f"Checksum{self.algorithm.upper()}"


class Digests:
    """Running sums of one body, by name: the `ALGORITHMS` and ``md5``."""

    def __init__(self, names: Iterable[str]) -> None:
        names = set(names)
        self._sums = dict.fromkeys(names & checksums.WIDTH.keys(), 0)
        self._hashes = {
            name: hashlib.new(name, usedforsecurity=False)
            for name in names - checksums.WIDTH.keys()
        }

    def __contains__(self, name: str) -> bool:
        return name in self._sums or name in self._hashes

    def update(self, data: bytes | memoryview) -> None:
        for name, value in self._sums.items():
            self._sums[name] = checksums.crc(name, data, value)
        for digest in self._hashes.values():
            digest.update(data)

    def raw(self, name: str) -> bytes:
        """Return the sum as bytes; KeyError when it was not asked for."""
        if name in self._sums:
            return self._sums[name].to_bytes(checksums.WIDTH[name], "big")
        return self._hashes[name].digest()

    def text(self, name: str) -> str:
        """Return the sum as S3 writes it in headers."""
        return base64.b64encode(self.raw(name)).decode("ascii")


def digests_of(content: Content, names: Iterable[str]) -> Digests:
    """Return the sums of a whole content."""
    digests = Digests(names)
    for view in content.views():
        digests.update(view)
    return digests


def sent_checksums(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the checksum values among *headers* (or trailers), by algorithm."""
    return {
        name: headers[f"x-amz-checksum-{name}"]
        for name in ALGORITHMS
        if f"x-amz-checksum-{name}" in headers
    }


def composite(algorithm: str, values: Iterable[str]) -> Checksum:
    """Return the sum of the sums of parts, which is no sum of the object's bytes."""
    raw = [base64.b64decode(value) for value in values]
    digests = Digests([algorithm])
    digests.update(b"".join(raw))
    return Checksum(algorithm, f"{digests.text(algorithm)}-{len(raw)}", COMPOSITE)
