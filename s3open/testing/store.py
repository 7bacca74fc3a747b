"""Buckets, objects, versions and pending uploads: plain data, no rules of HTTP."""

from __future__ import annotations

import secrets
import time
from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from s3open.testing.content import Content
from s3open.testing.errors import RefusalError

if TYPE_CHECKING:
    from s3open.testing.checksums import Checksum

NULL_VERSION = "null"
# Whose all is that nobody else has made.
OWNER: Final = "s3open"


@dataclass(frozen=True)
class Described:
    """What a client says about an object besides its bytes."""

    headers: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def storage_class(self) -> str:
        return self.headers.get("x-amz-storage-class", "STANDARD")

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "binary/octet-stream")


@dataclass(eq=False)
class StoredObject:
    """One version of an object, or a delete marker; *etag* without its quotes."""

    key: str
    content: Content
    etag: str
    about: Described = field(default_factory=Described)
    checksum: Checksum | None = None
    part_sizes: tuple[int, ...] = ()
    delete_marker: bool = False
    version_id: str = NULL_VERSION
    modified: float = field(default_factory=time.time)
    owner: str = OWNER
    acl: Any = None
    hold: bool | None = None  # a legal one; None was never said
    retention: tuple[str, float] | None = None  # a mode, and until when
    restoring: int | None = None  # for so many days, once it is there
    restored: float | None = None  # until when

    @property
    def size(self) -> int:
        return self.content.size

    @property
    def metadata(self) -> dict[str, str]:
        return self.about.metadata

    @property
    def tags(self) -> dict[str, str]:
        return self.about.tags

    @property
    def content_type(self) -> str:
        return self.about.content_type

    @property
    def storage_class(self) -> str:
        return self.about.storage_class


@dataclass(frozen=True)
class Part:
    """One part of a pending upload; *sums* are all that are known, by algorithm."""

    number: int
    content: Content
    etag: str
    sums: dict[str, str]
    modified: float = field(default_factory=time.time)


@dataclass
class Upload:
    """A multipart upload neither completed nor aborted."""

    key: str
    about: Described
    algorithm: str | None
    kind: str
    upload_id: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    initiated: float = field(default_factory=time.time)
    parts: dict[int, Part] = field(default_factory=dict)
    owner: str = OWNER
    acl: Any = None


class Bucket:
    """The objects of one bucket, each a row of versions with the current one last."""

    def __init__(self, name: str, region: str) -> None:
        self.name = name
        self.region = region
        self.versioning = ""  # or "Enabled", or "Suspended"
        self.created = time.time()
        self.anonymous = False
        self.listing = True
        self.owner = OWNER
        # Made by a test, not by a request: ACLs are not disabled.
        self.ownership = "ObjectWriter"
        self.acl: Any = None
        self.settings: dict[str, bytes] = {}
        self.mfa: str | None = None
        self.lock = False
        self.uploads: dict[str, Upload] = {}
        self._versions: dict[str, list[StoredObject]] = {}
        # Python orders text by code point, which is the order of its UTF-8 bytes.
        self._keys: list[str] = []

    @property
    def empty(self) -> bool:
        return not self._versions

    def first_key_from(self, start: str) -> str | None:
        """Return the least key that is not less than *start*, hidden ones included."""
        index = bisect_left(self._keys, start)
        return self._keys[index] if index < len(self._keys) else None

    def current_keys(self) -> list[str]:
        return [key for key in self._keys if self.current(key)]

    def versions(self, key: str) -> list[StoredObject]:
        """Return the versions and delete markers of *key*, newest first."""
        return self._versions.get(key, [])[::-1]

    def newest(self, key: str) -> StoredObject | None:
        """Return the current version of *key*, which may be a delete marker."""
        row = self._versions.get(key)
        return row[-1] if row else None

    def current(self, key: str) -> StoredObject | None:
        """Return what a plain GET of *key* sees."""
        newest = self.newest(key)
        return None if newest is None or newest.delete_marker else newest

    def all_versions(self) -> list[StoredObject]:
        return [item for row in self._versions.values() for item in row]

    def version(self, key: str, version_id: str) -> StoredObject | None:
        row = self._versions.get(key, ())
        return next((one for one in row if one.version_id == version_id), None)

    def publish(self, item: StoredObject) -> StoredObject:
        """Make *item* the current version of its key, as versioning has it."""
        if self.versioning == "Enabled":
            item.version_id = secrets.token_urlsafe(24)
        else:
            self.remove_version(item.key, NULL_VERSION)
        if item.key not in self._versions:
            insort(self._keys, item.key)
        self._versions.setdefault(item.key, []).append(item)
        return item

    def delete(self, key: str) -> StoredObject | None:
        """Remove *key*, or hide it behind the delete marker returned."""
        if not self.versioning:
            self.remove_version(key, NULL_VERSION)
            return None
        return self.publish(marker(key, self.owner))

    def remove_version(self, key: str, version_id: str) -> StoredObject | None:
        """Remove one version for good and return it."""
        removed = self.version(key, version_id)
        if removed is None:
            return None
        row = self._versions[key]
        row.remove(removed)
        if not row:
            del self._versions[key]
            del self._keys[bisect_left(self._keys, key)]
        return removed


def marker(key: str, owner: str = OWNER) -> StoredObject:
    """Return a delete marker."""
    return StoredObject(key, Content(), etag="", delete_marker=True, owner=owner)


class Store:
    """All buckets. Not safe between threads: the service has the lock."""

    def __init__(self) -> None:
        self.buckets: dict[str, Bucket] = {}

    def bucket(self, name: str) -> Bucket:
        """Return a bucket; refused as NoSuchBucket."""
        try:
            return self.buckets[name]
        except KeyError:
            raise RefusalError("NoSuchBucket", elements={"BucketName": name}) from None
