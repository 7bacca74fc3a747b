"""Versions of an object: listed, and made the current ones again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.filesystem.base import Configured, place, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.filesystem.listed import Listed
    from s3open.location import Location
    from s3open.naming import Name


class Versions(Configured):
    """What a versioned bucket has kept, and what an archive has."""

    def versions(self, uri: Name) -> Iterator[Listed]:
        """Yield the versions of the file at *uri*, delete markers too, newest first.

        One request for every thousand; this needs s3:ListBucketVersions. Of those of a
        directory `ls` tells, with ``versions=True``. A file of this machine has the one
        that it is. FileNotFoundError if there has never been one.
        """
        from s3open.filesystem import pages

        at = place(uri)
        if isinstance(at, str):
            return iter([pages.local_file(at)])
        return pages.versions_of(self._config, at)

    def restore(self, uri: Name, *, recursive: bool = False) -> int:
        """Have what was deleted be there again; return how many files that were.

        The delete markers that are the newest of a key's versions are removed, as many
        of them as there are on top of each other. What was not deleted, or for good, is
        left alone. One request lists a thousand versions, and one removes a thousand
        markers.

        Args:
            uri: a file, or a directory on S3.
            recursive: all that is below *uri*, which is a directory.
        """
        from s3open.stores import keys

        at = self._remote(uri)
        if recursive:
            return sum(1 for _ in keys.restore(self._config, within(at), below=True))
        return sum(1 for _ in keys.restore(self._config, at))

    def undo(self, uri: Name) -> str | None:
        """Take back the last change of the file at *uri*; nothing is lost by it.

        Its last version stays, and what was before it is the current one again: a copy
        of the version before; a delete marker where the file was new; and where it was
        deleted the delete marker is removed. So undoing twice does it again. One
        request to list, and one to delete, or two to copy.

        Returns:
            The id of the version whose bytes are there now, None if there is no file.

        Raises:
            FileNotFoundError: if there has never been such a file.
            ValueError: if the bucket does not keep versions, so that one might be lost.
        """
        from s3open.stores import history

        return history.undo(self._config, self._remote(uri))

    def unarchive(
        self,
        uri: Name,
        days: int | None = 1,
        tier: str = "Standard",
        *,
        version_id: str | None = None,
    ) -> None:
        """Ask for a copy of what is archived (Glacier), to be read in some hours.

        `stat` tells the ``storage_class``; until the copy is there, reading is
        PermissionError (InvalidObjectState). To ask again is fine. One request; this
        needs s3:RestoreObject.

        Args:
            uri: a file on S3.
            days: how long the copy is kept; None for Intelligent-Tiering, whose objects
                come back for good.
            tier: "Standard", "Bulk" (cheap and slow) or "Expedited".
            version_id: which version.
        """
        from s3open.stores import history

        history.unarchive(self._config, self._remote(uri), days, tier, version_id)

    def _remote(self, uri: Name) -> Location:
        """Return where *uri* is on S3; ValueError for a file of this machine."""
        at = place(uri)
        if isinstance(at, str):
            raise ValueError(f"a file of this machine has no versions: {at!r}")
        return at
