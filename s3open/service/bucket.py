"""`Bucket`: made, removed, looked into, configured."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from s3open.location import Location
from s3open.service.access import Access
from s3open.service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from typing_extensions import Self

    from s3open.contract import Entry
    from s3open.filesystem.listed import Listed
    from s3open.filesystem.pages import ListedPage
    from s3open.service.information import BucketInfo, Upload

__all__ = ["Bucket"]


class Bucket(Settings, Access):
    """A bucket, which need not be there. Immutable, hashable, cheap to make.

    ``Bucket("name") / "key"`` is an `S3Path`, and what takes a name takes a bucket.
    Two are equal if they have the same name in the same store. Pickles unless its
    configuration has secrets.

    Args:
        name: its name, ``s3://name``, or the ARN of an access point.
        config: how to reach the store; excludes *settings*.
        settings: those of `Config`.
    """

    def create(
        self,
        region: str | None = None,
        versioned: bool = False,
        *,
        acl: str | None = None,
        ownership: str | None = None,
        object_lock: bool = False,
        tags: Mapping[str, str] | None = None,
        exist_ok: bool = False,
    ) -> Self:
        """Make the bucket, and return it.

        One request (s3:CreateBucket), one more if it is *versioned*, one more for
        *tags*, and one more before where a bucket of one's own is taken for a new one:
        by S3 in us-east-1, and by many other stores. If one of those that follow fails
        the bucket is there all the same.

        Args:
            region: where; None is the region of the configuration. Stores other than
                AWS are told of none unless this is given.
            versioned: have it keep versions.
            acl: a canned ACL, such as ``"public-read"``; needs an *ownership* that has
                ACLs.
            ownership: whom objects belong to: ``"BucketOwnerEnforced"`` (ACLs are
                disabled; S3's default), ``"BucketOwnerPreferred"`` or
                ``"ObjectWriter"``.
            object_lock: let objects be locked; this keeps versions, too.
            tags: the bucket's tags.
            exist_ok: that it is there already is fine, unless it is somebody else's and
                may not be looked into; it is left as it is.

        Raises:
            OSError: FileExistsError if there is one of that name, also of somebody
                else's; PermissionError.
            ValueError: for bad arguments, before any request.
        """
        from s3open.stores import buckets

        arguments = {
            "ACL": acl,
            "ObjectOwnership": ownership,
            "ObjectLockEnabledForBucket": object_lock or None,
        }
        new = buckets.create(
            self._config, self._location, region, arguments, exist_ok=exist_ok
        )
        if new and versioned:
            self.set_versioning(True)
        if new and tags:
            self.set_tags(tags)
        return self

    def delete(self, force: bool = False, *, missing_ok: bool = False) -> None:
        """Remove the bucket. One request (s3:DeleteBucket).

        Args:
            force: delete all that is in it before, all versions and uploads, for good.
            missing_ok: that there is none is fine.

        Raises:
            OSError: ENOTEMPTY if there is something in it; FileNotFoundError if there
                is no such bucket; PermissionError.
        """
        from s3open.filesystem import Files
        from s3open.stores import buckets

        if force:
            try:
                self.abort_uploads()
                Files(self._config).rm(
                    self, recursive=True, versions=True, missing_ok=True
                )
            except FileNotFoundError:
                if not missing_ok or self.exists():
                    raise
                return
        buckets.delete(self._config, self._location, missing_ok=missing_ok)

    def exists(self) -> bool:
        """Whether there is such a bucket, be it somebody else's. One request.

        Who may not look into it is told by S3 all the same that it is there. (To one
        without valid credentials all seem to be.)
        """
        from s3open.stores import buckets

        return buckets.exists(self._config, self._location)

    def location(self) -> str:
        """Return the region where it is. One request, or two.

        FileNotFoundError if there is no such bucket.
        """
        from s3open.stores import buckets

        return buckets.location(self._config, self._location)

    def info(self) -> BucketInfo:
        """Return all of its settings; one request for each, side by side.

        FileNotFoundError if there is no such bucket. What may not be asked for is told
        apart from what is not configured.
        """
        from s3open.service import looking

        return looking.info(
            self.name, self.location(), lambda name: getattr(self, name)()
        )

    def objects(
        self,
        prefix: str = "",
        delimiter: str = "",
        *,
        start_after: str = "",
        owner: bool = False,
    ) -> Iterator[Listed]:
        """Yield the objects whose keys begin with *prefix*, in the order of keys.

        One request for every thousand. `FileSystem.ls` has directories instead.

        Args:
            prefix: what keys begin with: ``foo`` is also what ``foobar`` begins with.
            delimiter: keys that have it behind the prefix are told by what they have in
                common up to it, as directories.
            start_after: a key: those behind it only.
            owner: also ask whom the objects belong to.
        """
        from s3open.stores import buckets

        found = buckets.objects(
            self._config, self._at(prefix), delimiter, start_after, owner=owner
        )
        return self._listed(found)

    def page(
        self,
        prefix: str = "",
        *,
        delimiter: str = "",
        start_after: str = "",
        token: str | None = None,
        max_keys: int = 1000,
        owner: bool = False,
    ) -> ListedPage:
        """Return one page of `objects`; see `FileSystem.list_page`. One request."""
        from s3open.filesystem import pages
        from s3open.stores import keys

        at = self._at(prefix)
        page = keys.page(
            self._config,
            at,
            delimiter=delimiter,
            start_after=start_after,
            token=token,
            max_keys=max_keys,
            owner=owner,
        )
        return pages.of_bucket(at, page)

    def versions(self, prefix: str = "", delimiter: str = "") -> Iterator[Listed]:
        """Yield the versions, and delete markers, of keys that begin with *prefix*.

        By keys, the newest first. One request for every thousand
        (s3:ListBucketVersions).
        """
        from s3open.stores import buckets

        return self._listed(buckets.versions(self._config, self._at(prefix), delimiter))

    def uploads(self, prefix: str = "") -> Iterator[Upload]:
        """Yield the multipart uploads under way to keys that begin with *prefix*.

        Or left behind, which S3 charges for. One request for every thousand
        (s3:ListBucketMultipartUploads).
        """
        from s3open.s3 import uploads
        from s3open.s3.clients import boto_for
        from s3open.service.information import Upload

        verbs = boto_for(self._config, self.uri)
        for each in uploads.pending(verbs, self._location, prefix):
            uri = f"{self.uri}/{each.key}"
            yield Upload(uri, each.upload, each.begun, self._config)

    def abort_uploads(
        self,
        prefix: str = "",
        older_than: timedelta = timedelta(),  # immutable
        *,
        on_abort: Callable[[Upload], object] | None = None,
    ) -> int:
        """Abort the uploads that `uploads` yields; return how many these were.

        Some may be under way: they fail then. Of those that cannot be aborted
        `TreeError` tells in the end.

        Args:
            prefix: what their keys begin with.
            older_than: those begun so long ago at least.
            on_abort: called with each that was aborted.
        """
        from s3open.service import looking

        return looking.abort_uploads(self.uploads(prefix), older_than, on_abort)

    def _at(self, prefix: str) -> Location:
        return Location(self.name, prefix, f"{self.uri}/{prefix}")

    def _listed(self, entries: Iterable[Entry]) -> Iterator[Listed]:
        from s3open.filesystem.listed import Listed

        return (Listed(f"{self.uri}/{each.name}", *each) for each in entries)
