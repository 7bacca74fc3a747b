"""What tests ask of the store itself, past HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.testing import holding
from s3open.testing.buckets import make_bucket
from s3open.testing.checksums import DEFAULT, FULL, Checksum, digests_of
from s3open.testing.content import Content
from s3open.testing.descriptions import described
from s3open.testing.errors import RefusalError
from s3open.testing.locks import finish_restores
from s3open.testing.signature import Credential
from s3open.testing.state import Denial
from s3open.testing.store import OWNER, StoredObject

if TYPE_CHECKING:
    from s3open.testing.state import State
    from s3open.testing.store import Bucket, Upload


class DirectAccess:
    """The store as a plain object; safe from any thread.

    What is missing is a LookupError here, not a refusal of S3.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def create_bucket(
        self,
        name: str,
        region: str | None = None,
        *,
        versioned: bool = False,
        ownership: str = "ObjectWriter",
        lock: bool = False,
    ) -> None:
        """Make a bucket; ValueError if S3 would not.

        Its ACLs are disabled by the *ownership* "BucketOwnerEnforced". With *lock* its
        objects may be kept from being deleted; it is versioned, then.
        """
        with self._state.lock:
            try:
                bucket = make_bucket(
                    self._state, name, region or self._state.settings.region
                )
            except RefusalError as refusal:
                raise ValueError(f"{name}: {refusal.message}") from refusal
            bucket.versioning = "Enabled" if versioned or lock else ""
            bucket.lock = lock
            bucket.ownership = ownership

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes | bytearray | memoryview,
        **headers: str,
    ) -> str:
        """Store an object and return its ETag, without quotes.

        *headers* are those of PutObject, with underscores: ``content_type="text/csv"``.
        """
        about = described(
            {name.replace("_", "-").lower(): text for name, text in headers.items()}
        )
        content = Content.of(bytes(body))
        value = digests_of(content, [DEFAULT]).text(DEFAULT)
        etag = self._state.etag_of(content)
        checksum = Checksum(DEFAULT, value, FULL)
        self._publish(bucket, StoredObject(key, content, etag, about, checksum))
        return etag

    def synthetic(self, bucket: str, key: str, size: int, seed: int = 0) -> str:
        """Store an object of any size that takes no memory; return its ETag.

        `synthetic_bytes` tells what is in it. Nobody hashes it: it has no checksum and
        an ETag that is no MD5.
        """
        content = Content.synthetic_of(size, seed)
        etag = self._state.etag_of(content)
        self._publish(bucket, StoredObject(key, content, etag))
        return etag

    def read(self, bucket: str, key: str, version_id: str | None = None) -> bytes:
        """Return the bytes of an object or a version; KeyError if there is none."""
        return bytes(self.head(bucket, key, version_id).content)

    def head(
        self, bucket: str, key: str, version_id: str | None = None
    ) -> StoredObject:
        """Return what is stored: etag, size, metadata, tags, content_type, checksum."""
        with self._state.lock:
            found = self._bucket(bucket)
            if version_id is None:
                item = found.current(key)
            else:
                item = found.version(key, version_id)
        if item is None:
            raise KeyError(key)
        return item

    def keys(self, bucket: str) -> list[str]:
        """Return the keys that a listing shows, in its order."""
        with self._state.lock:
            return self._bucket(bucket).current_keys()

    def delete(self, bucket: str, key: str) -> None:
        """Delete an object as DeleteObject does; KeyError if there is none."""
        with self._state.lock:
            self.head(bucket, key)
            self._bucket(bucket).delete(key)

    def uploads(self, bucket: str) -> list[Upload]:
        """Return the pending multipart uploads, oldest first."""
        with self._state.lock:
            return list(self._bucket(bucket).uploads.values())

    def forget_uploads(self, bucket: str) -> None:
        """Abort all pending multipart uploads, as a lifecycle rule would."""
        with self._state.lock:
            self._bucket(bucket).uploads.clear()

    def deny(
        self,
        operation: str | None,
        bucket: str | None = None,
        key_prefix: str | None = None,
    ) -> None:
        """Answer AccessDenied to *operation* (None: to all) on what matches.

        *bucket* and *key_prefix* None are any. It holds until `S3Server.reset`, which
        is before the next test; denials add up.
        """
        with self._state.lock:
            self._state.denials.append(Denial(operation, bucket, key_prefix or ""))

    def bucket_listing(self, bucket: str, *, allowed: bool) -> None:
        """Grant s3:ListBucket or take it away; without it 404 becomes 403."""
        with self._state.lock:
            self._bucket(bucket).listing = allowed

    def bucket_anonymous(self, bucket: str, *, allowed: bool) -> None:
        """Let unsigned requests use a bucket, or not."""
        with self._state.lock:
            self._bucket(bucket).anonymous = allowed

    def add_credentials(
        self,
        access_key: str,
        secret_key: str,
        session_token: str | None = None,
        *,
        expired: bool = False,
        owner: str = OWNER,
    ) -> None:
        """Make a key pair known, or change what is known of it.

        *owner* is the account that it is of, the server's own unless it is told.
        """
        credential = Credential(access_key, secret_key, session_token, expired, owner)
        with self._state.lock:
            self._state.credentials[access_key] = credential

    def mfa_device(self, bucket: str, mfa: str | None) -> None:
        """Have versions be deleted only with *mfa*, "serial code"; None: by anybody."""
        with self._state.lock:
            self._bucket(bucket).mfa = mfa

    def finish_restores(self, bucket: str) -> int:
        """Have all copies of archived objects be there that were asked for."""
        with self._state.lock:
            return finish_restores(self._bucket(bucket))

    def _publish(self, bucket: str, item: StoredObject) -> None:
        with self._state.lock:
            found = self._bucket(bucket)
            item.owner = found.owner
            holding.keep(found, item)
            found.publish(item)

    def _bucket(self, name: str) -> Bucket:
        return self._state.store.buckets[name]
