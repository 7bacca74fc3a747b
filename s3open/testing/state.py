"""What one server knows: its settings, its buckets, who may do what."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from s3open.testing.checksums import digests_of
from s3open.testing.store import Store

if TYPE_CHECKING:
    from s3open.testing.checksums import Digests
    from s3open.testing.content import Content
    from s3open.testing.signature import Credential


@dataclass(frozen=True)
class Settings:
    """What a server is started with; see `S3Server`."""

    region: str = "us-east-1"
    anonymous: bool = False
    md5_etags: bool = True
    keep_bodies: bool = True
    min_part_size: int = 5 * 1024 * 1024
    ignore: frozenset[str] = frozenset()


class Denial(NamedTuple):
    """Requests to be answered AccessDenied; None and "" match all."""

    operation: str | None
    bucket: str | None
    key_prefix: str

    def matches(self, operation: str, bucket: str, key: str) -> bool:
        return (
            self.operation in {None, operation}
            and self.bucket in {None, bucket}
            and key.startswith(self.key_prefix)
        )


@dataclass
class State:
    """Shared by all connections and by the thread of the tests: hold *lock*.

    An operation holds it from its conditions to its publication, which is what makes
    a conditional write atomic.
    """

    settings: Settings
    credentials: dict[str, Credential] = field(default_factory=dict)
    store: Store = field(default_factory=Store)
    denials: list[Denial] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def reset(self, credential: Credential) -> None:
        """Forget everything but *credential*."""
        with self.lock:
            self.store.buckets.clear()
            self.denials.clear()
            self.credentials.clear()
            self.credentials[credential.access_key] = credential

    def etag(self, digests: Digests) -> str:
        """Return the ETag of a body: its MD5, or nothing that can be derived from it.

        S3 has opaque ETags with SSE-KMS.
        """
        if "md5" in digests:
            return digests.raw("md5").hex()
        return secrets.token_hex(16)

    def etag_of(self, content: Content) -> str:
        """Return the ETag of content that was not received with this request."""
        if content.synthetic or not self.settings.md5_etags:
            return secrets.token_hex(16)
        return digests_of(content, ["md5"]).raw("md5").hex()
