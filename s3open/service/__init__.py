"""A store as an object: its files, its buckets, and the connections to it.

What is done with files is `filesystem`'s; `S3Path` needs no more than that. Buckets
give paths, so they stand above these, and what gives buckets is up here, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open.config import DEFAULT, Config
from s3open.filesystem import Files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.service.bucket import Bucket
    from s3open.service.information import BucketEntry

__all__ = ["FileSystem"]


class FileSystem(Files):
    """S3, reached with one configuration. Immutable, thread-safe, cheap to make.

    ``FileSystem(profile="backup").open(...)`` is ``open(..., config=Config(
    profile="backup"))``. Pickles where its configuration does. All methods take names
    of S3 and of this machine: str, bytes, PathLike, `S3Path`.

    Args:
        config: the configuration; excludes *settings*.
        settings: those of `Config`.
    """

    def __init__(self, config: Config | None = None, **settings: Any) -> None:
        if config is not None and settings:
            raise TypeError("FileSystem takes a Config or settings, not both")
        super().__init__(config or (Config(**settings) if settings else DEFAULT))

    def buckets(
        self, prefix: str = "", *, region: str | None = None
    ) -> Iterator[BucketEntry]:
        """Yield the buckets of this account, in the order of their names.

        One request for every thousand; this needs s3:ListAllMyBuckets.

        Args:
            prefix: what their names begin with.
            region: where they are; None is anywhere.

        Raises:
            PermissionError: if these credentials may not list them.
        """
        from s3open.access import Owner
        from s3open.service.information import BucketEntry
        from s3open.stores import buckets

        for entry, owner in buckets.listed(self._config, prefix, region):
            yield BucketEntry(
                entry["Name"],
                entry.get("CreationDate"),
                entry.get("BucketRegion"),
                Owner(owner["ID"], owner.get("DisplayName", "")) if owner else None,
            )

    def bucket(self, name: str) -> Bucket:
        """Return the bucket *name*, which may be spelled ``s3://name``. No request.

        It need not be there: see `Bucket.create`. ValueError for what is no bucket.
        """
        from s3open.service.bucket import Bucket

        return Bucket(name, self._config)

    def close(self) -> None:
        """Close the idle connections to the store.

        What is open goes on, and what is done next makes new ones: this is for who
        counts sockets. Others with the same configuration share these connections; a
        *client* that was given is its owner's to close.
        """
        from s3open.s3 import clients

        clients.close(self._config)
