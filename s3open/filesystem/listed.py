"""What a listing tells, with names that can be given to anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class Listed(NamedTuple):
    """A file, a version of one, or a directory, as a listing tells of it.

    *uri* is its name, which ends with a slash if it is a directory, on this machine
    too: on S3 ``a`` and ``a/`` may both be there. The rest is as it is in
    `contract.Entry`: a directory has no size, *last_modified* is in UTC, *deleted* is
    a delete marker, *latest* the current version; what was not said is None.
    """

    uri: str
    name: str
    size: int | None = None
    last_modified: datetime | None = None
    etag: str | None = None
    storage_class: str | None = None
    version_id: str | None = None
    latest: bool = True
    deleted: bool = False
    owner: str | None = None

    @property
    def is_dir(self) -> bool:
        """Whether it is a directory."""
        return self.name.endswith("/")
