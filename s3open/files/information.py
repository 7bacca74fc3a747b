"""What can be told of an open file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from s3open.files.remote import RemoteFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from s3open.contract import Checksum


@dataclass(frozen=True)
class Info:
    """An open file's object, as it was when it was opened.

    *size* is the file's, in bytes, as it is now. What is not known, or not yet, is
    None: a file that is being written has no ETag. *last_modified* knows its time zone.
    *checksum* is that of the whole object, if it was asked for and the store keeps one.
    """

    uri: str
    bucket: str
    key: str
    size: int
    etag: str | None = None
    version_id: str | None = None
    last_modified: datetime | None = None
    content_type: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    checksum: Checksum | None = None


def bottom(file: IO[Any]) -> RemoteFile:
    """Return the raw file below *file*, through any layers; else TypeError."""
    layer: Any = file
    while not isinstance(layer, RemoteFile):
        below = getattr(layer, "buffer", None) or getattr(layer, "raw", None)
        if below is None:
            raise TypeError(f"not a file that s3open has opened on S3: {file!r}")
        layer = below
    return layer


def about(raw: RemoteFile, *, checksum: bool) -> Info:
    """Return what is known of the object of *raw*."""
    place, found = raw.place, raw.describe(checksum=checksum)
    return Info(
        place.uri,
        place.bucket,
        place.key,
        raw.size,
        found.etag,
        found.version_id,
        found.last_modified,
        found.content_type,
        found.metadata,
        found.checksum,
    )
