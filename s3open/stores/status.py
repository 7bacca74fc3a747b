"""What is known of what a name names, on S3 and on this machine alike."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from s3open.contract import Checksum


@dataclass(frozen=True)
class Status:
    """Like what `os.stat` returns, and what else a store tells; None is not known.

    *st_size* is in bytes; *st_mtime* in seconds since 1970; *last_modified* is the same
    moment, in UTC.
    """

    uri: str
    st_size: int
    st_mtime: float
    st_mode: int
    last_modified: datetime | None = None
    etag: str | None = None
    version_id: str | None = None
    content_type: str | None = None
    storage_class: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    checksum: Checksum | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    restoring: bool = False
    """Whether a copy of what is archived was asked for, and is not there yet."""
    restored_until: datetime | None = None
    """Until when there is one, in UTC."""

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return self.st_size

    @property
    def is_dir(self) -> bool:
        """Whether it is a directory."""
        return stat.S_ISDIR(self.st_mode)


# https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
_RESTORED = re.compile(r'expiry-date="([^"]*)"')


def restoring(said: str | None) -> tuple[bool, datetime | None]:
    """Return whether a copy is being restored, and until when there is one.

    By what the store has *said* of it, None if nothing.
    """
    if said is None:
        return False, None
    from email.utils import parsedate_to_datetime

    found = _RESTORED.search(said)
    try:
        until = parsedate_to_datetime(found[1]) if found else None
    except ValueError:
        until = None
    return 'ongoing-request="true"' in said, until
