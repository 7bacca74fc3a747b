"""`Bucket`: made, removed, looked into, configured."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from s3open.service.access import Access
from s3open.service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from typing_extensions import Self

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

        One request (s3:CreateBucket), one more if it is *versioned*, and one more on
        AWS in us-east-1, which takes a bucket of one's own for a new one.

        Args:
            region: where; None is the region of the configuration.
            versioned: have it keep versions.
            acl: a canned ACL, such as ``"public-read"``; needs an *ownership* that has
                ACLs.
            ownership: whom objects belong to: ``"BucketOwnerEnforced"`` (ACLs are
                disabled; S3's default), ``"BucketOwnerPreferred"`` or
                ``"ObjectWriter"``.
            object_lock: let objects be locked; this keeps versions, too.
            tags: the bucket's tags.
            exist_ok: that it is there already, and one's own, is fine; it is left as it
                is.

        Raises:
            OSError: FileExistsError if there is one of that name, also of somebody
                else's; PermissionError.
            ValueError: for bad arguments, before any request.
        """
        raise NotImplementedError

    def delete(self, force: bool = False, *, missing_ok: bool = False) -> None:
        """Remove the bucket. One request (s3:DeleteBucket).

        Args:
            force: delete all that is in it before, all versions and uploads, for good.
            missing_ok: that there is none is fine.

        Raises:
            OSError: ENOTEMPTY if there is something in it; FileNotFoundError if there
                is no such bucket; PermissionError.
        """
        raise NotImplementedError

    def exists(self) -> bool:
        """Whether there is such a bucket, be it somebody else's. One request."""
        raise NotImplementedError

    def location(self) -> str:
        """Return the region where it is. One request, or two.

        FileNotFoundError if there is no such bucket.
        """
        raise NotImplementedError

    def info(self) -> BucketInfo:
        """Return all of its settings; one request for each, side by side.

        FileNotFoundError if there is no such bucket. What may not be asked for is told
        apart from what is not configured.
        """
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

    def versions(self, prefix: str = "", delimiter: str = "") -> Iterator[Listed]:
        """Yield the versions, and delete markers, of keys that begin with *prefix*.

        By keys, the newest first. One request for every thousand
        (s3:ListBucketVersions).
        """
        raise NotImplementedError

    def uploads(self, prefix: str = "") -> Iterator[Upload]:
        """Yield the multipart uploads under way to keys that begin with *prefix*.

        Or left behind, which S3 charges for. One request for every thousand
        (s3:ListBucketMultipartUploads).
        """
        raise NotImplementedError

    def abort_uploads(
        self,
        prefix: str = "",
        older_than: timedelta = timedelta(),  # immutable
        *,
        on_abort: Callable[[Upload], object] | None = None,
    ) -> int:
        """Abort the uploads that `uploads` yields; return how many these were.

        Some may be under way: they fail then.

        Args:
            prefix: what their keys begin with.
            older_than: those begun so long ago at least.
            on_abort: called with each that was aborted.
        """
        raise NotImplementedError
