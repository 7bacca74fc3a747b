"""What a store gives: a reader of spans and a writer of parts.

Everything above (`reading`, `writing`, `files`) knows a store only by these protocols,
so the same spool, the same read-ahead and the same publication serve all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from typing import TypeAlias

    # A body to be sent: piece after piece, so that nobody has to join them.
    Pieces: TypeAlias = Sequence[bytes | memoryview]


@dataclass(frozen=True, slots=True)
class Checksum:
    """A checksum that a store keeps of an object.

    *algorithm* is S3's name (``CRC64NVME``, ``SHA256``, ...), *value* its base64;
    *kind* says whether it is of the object (``FULL_OBJECT``) or of its parts' checksums
    (``COMPOSITE``).
    """

    algorithm: str
    value: str
    kind: str = "FULL_OBJECT"


@dataclass(frozen=True, slots=True)
class Proof:
    """By what an object's bytes can be verified.

    *algorithm* is a name of `checksum.WIDTH`, or of hashlib; *value* is as the store
    writes it, of the object, or of the checksums of its parts of *part_size* bytes.
    """

    algorithm: str
    value: str
    part_size: int | None = None


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a store says of one version of an object.

    *size* is in bytes; *last_modified* knows its time zone; *metadata* has the user's
    names without ``x-amz-meta-``; whatever the store did not say is None.
    """

    size: int
    etag: str | None = None
    version_id: str | None = None
    last_modified: datetime | None = None
    content_type: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What else a copy of it has to be given to be alike, by boto3's names."""
    checksum: Checksum | None = None
    """Where it was asked for (``ChecksumMode``) and the store keeps one."""
    restore: str | None = None
    """Of what is archived: in S3's words, whether a copy is there."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a new object is to be given besides its bytes; None leaves it to S3.

    *settings* has boto3's names (``CacheControl``, ``StorageClass``, ...).
    """

    content_type: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """What has to be true of a key at the moment at which it is written."""

    absent: bool = False
    etag: str | None = None

    def __bool__(self) -> bool:
        return self.absent or self.etag is not None


ALWAYS = Condition()
IF_ABSENT = Condition(absent=True)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an upload, as the store took it.

    *size* is in bytes, *crc* by `checksum.own`, None where the store did not say.
    """

    etag: str
    size: int
    crc: int | None = None


# What an object tells of its bytes besides their type, by boto3's names: of a copy the
# store keeps all of it, or nothing.
DESCRIBING = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "Expires",
)


class Entry(NamedTuple):
    """What a listing tells of a file, of one of its versions, or of a directory.

    *name* is the whole key on S3, and the path below the listed directory on this
    machine, with "/" between its parts; that of a directory (common prefix) ends with
    "/", and it has no size. *last_modified* is in UTC. *deleted* is a delete marker.
    Whatever was not said is None.
    """

    name: str
    size: int | None = None
    last_modified: datetime | None = None
    etag: str | None = None
    storage_class: str | None = None
    version_id: str | None = None
    latest: bool = True
    deleted: bool = False
    owner: str | None = None


class Page(NamedTuple):
    """One answer to a listing, in the order of the keys' UTF-8 bytes.

    *prefixes* are what keys have in common up to the delimiter; *token* asks for the
    page behind this one, None if it is the last. (That of versions is a key and a
    version, with a NUL between them.)
    """

    entries: list[Entry]
    prefixes: list[str]
    token: str | None


class Doomed(NamedTuple):
    """What is to be deleted: a key, one of its versions, or what has this *etag*."""

    key: str
    version_id: str | None = None
    etag: str | None = None


class Body(Protocol):
    """The bytes of one answer, in order. Not thread-safe."""

    def readinto(self, view: memoryview) -> int:
        """Fill the front of *view* and return how much; 0 only at the end.

        Raises S3Error when the connection fails. A body that ends early ends like a
        whole one: whoever reads it has to count.
        """

    def close(self) -> None:
        """Give the connection back, or drop it if bytes are still to come."""


class Answer(NamedTuple):
    """An object's bytes as far as one request fetched them, and what they are of.

    *span* may be larger than what was asked for: stores exist that ignore ranges.
    """

    info: ObjectInfo
    span: range
    body: Body


class Content(Protocol):
    """All bytes of a file, wherever they are."""

    @property
    def size(self) -> int: ...

    def read_at(self, offset: int, view: memoryview, /) -> int:
        """Fill *view* from *offset*, up to the end; return how much."""


class Reader(Protocol):
    """Reads spans of one version of one object. Thread-safe."""

    uri: str

    def fetch(self, span: range) -> Answer:
        """Ask for *span*, which is not empty and lies within the object.

        Raises ObjectChangedError if this version is no longer the object.
        """

    def proof(self, wanted: Callable[[], bool] | None = None) -> Proof | None:
        """Ask by what all bytes can be verified; None if there is nothing.

        Whoever asks in the background may say that it is not *wanted* any more.
        """

    def distrust(self) -> None:
        """Hear that what came is not what was stored: it is about to be asked again."""


class Writer(Protocol):
    """Writes one object, whole or in parts. Thread-safe.

    Nothing is visible to others until `put` or `complete` has returned. Both raise
    FileExistsError or ObjectChangedError if the condition they were made with does not
    hold, and know their own success again when its answer was lost.
    """

    max_parts: int

    @property
    def copies(self) -> bool:
        """Whether there is an object to copy parts from, and the store may do that."""

    def put(self, body: Pieces, crc: int | None = None) -> object:
        """Publish *body* as the whole object, whose CRC has to be *crc*, if given."""

    def begin(self) -> str:
        """Start an upload in parts and return its id."""

    def put_part(
        self, upload: str, number: int, body: Pieces, crc: int | None = None
    ) -> Part:
        """Upload part *number*, counted from 1, again if need be.

        Raises IntegrityError if *body* has not the *crc* that is given.
        """

    def copy_part(self, upload: str, number: int, span: range) -> Part | None:
        """Have *span* of the object that is updated copied as part *number*.

        Return None if the store cannot do that. Raises ObjectChangedError if that
        version is no longer the object.
        """

    def complete(self, upload: str, parts: Sequence[Part]) -> object:
        """Publish *parts*, whose numbers are 1, 2, ..."""

    def abort(self, upload: str) -> None:
        """Forget an upload and its parts; one that is gone already is fine."""


@dataclass(frozen=True, slots=True)
class Base:
    """The object that an update starts from.

    *first* is None if it is empty, or if nobody wants to read it before long.
    """

    info: ObjectInfo
    reader: Reader
    first: Answer | None


class Target(Protocol):
    """A key whose object is updated."""

    def current(self, *, read: bool) -> Base | None:
        """Return the object as it is now, None if there is none.

        With *read* its first bytes come with the same request.
        """

    def writer(self, base: Base | None) -> Writer:
        """Return a writer of an object like *base*, while *base* is the current one.

        Its `Writer.put` and `Writer.complete` raise ObjectChangedError (FileExistsError
        where *base* is None) once it is not.
        """
