"""What is there, and what is known of it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from s3open import errors
from s3open.filesystem.base import (
    Configured,
    check_no_version,
    is_a_directory,
    place,
)

if TYPE_CHECKING:
    from datetime import datetime

    from s3open.contract import Checksum
    from s3open.location import Location
    from s3open.naming import Name
    from s3open.stores.status import Status


class Telling(Configured):
    """Questions about one file or directory.

    On S3 a directory is what keys begin with, up to a slash: ``a/`` is there if there
    is a key ``a/b``, or a marker ``a/``, which is never a file. A bucket is one, too.
    The number of requests is told where it is not one.
    """

    def exists(self, uri: Name, *, version_id: str | None = None) -> bool:
        """Whether there is a file at *uri*, or a directory.

        One request if there is such a key (HeadObject), two if not (a listing of one
        key, which needs s3:ListBucket). A bucket that is not there has nothing in it;
        PermissionError where one may not ask.
        """
        at = place(uri)
        if isinstance(at, str):
            check_no_version(version_id)
            return os.path.exists(at)
        from s3open.stores import keys

        if not at.is_directory_like or version_id is not None:
            if keys.exists(self._config, at, version_id=version_id):
                return True
            if version_id is not None:
                return False
        return self._has_directory(at)

    def isfile(self, uri: Name, *, version_id: str | None = None) -> bool:
        """Whether there is a file at *uri*, which does not end with a slash."""
        at = place(uri)
        if isinstance(at, str):
            check_no_version(version_id)
            return os.path.isfile(at)
        from s3open.stores import keys

        if at.is_directory_like:
            return False
        return keys.exists(self._config, at, version_id=version_id)

    def isdir(self, uri: Name) -> bool:
        """Whether there is a directory at *uri*: whether there is a key below it.

        ``s3://b/foo`` is none for there being a ``foobar``.
        """
        at = place(uri)
        return os.path.isdir(at) if isinstance(at, str) else self._has_directory(at)

    def stat(
        self,
        uri: Name,
        *,
        version_id: str | None = None,
        at: datetime | None = None,
        checksum: bool = False,
        **options: Any,
    ) -> Status:
        """Return what is known of the file or directory at *uri*.

        One request for a file (HeadObject, no permission but s3:GetObject); where there
        is none, one more tells whether it is a directory, if it may be listed. *at*
        takes one more.

        Args:
            uri: a file or a directory.
            version_id: which version; FileNotFoundError if there is none such.
            at: a datetime: the version that was current then, as for `open`.
            checksum: also ask for the checksum that the store keeps.
            options: ``if_match if_none_match if_modified_since if_unmodified_since``
                and ``sse_customer_key``, of a file on S3, as for `open`.

        Raises:
            OSError: FileNotFoundError; PermissionError; NotModifiedError or
                PreconditionFailedError if a condition does not hold.
            ValueError: for bad arguments, before any request.
        """
        from s3open.stores.options import of_head

        where = place(uri)
        settings = of_head("stat", options)
        if isinstance(where, str):
            check_no_version(version_id or at)
            if settings:
                raise ValueError(f"{', '.join(options)}: only for files on S3")
            from s3open.stores import folders

            return folders.status(where)
        from s3open.stores import keys

        version_id = self._version(where, version_id, at)
        try:
            return keys.status(
                self._config,
                where,
                version_id=version_id,
                checksum=checksum,
                settings=settings,
            )
        except FileNotFoundError:
            if version_id is not None or not self._may_be_directory(where):
                raise
        return _directory(where.uri)

    def size(self, uri: Name, *, version_id: str | None = None) -> int:
        """Return how many bytes the file at *uri* has.

        IsADirectoryError for a directory, which `du` is for.
        """
        return self._of_file(uri, version_id=version_id).st_size

    def etag(self, uri: Name, *, version_id: str | None = None) -> str:
        """Return the ETag of the file at *uri*, without its quotes.

        Of one of this machine the MD5, which is its ETag if it is put on S3 at once.
        """
        at = place(uri)
        if isinstance(at, str):
            check_no_version(version_id)
            return self.md5(uri)
        return self._of_file(uri, version_id=version_id).etag or ""

    def etag_matches(self, uri: Name, etag: str) -> bool:
        """Whether the file at *uri* has, or put on S3 may have, the ETag *etag*.

        Of one of this machine all bytes are read, for an ETag of several parts once for
        each size that they may have. False does not say, then, that it is another file.
        """
        at = place(uri)
        if isinstance(at, str):
            from s3open.filesystem.digests import etag_fits

            return etag_fits(at, etag)
        return self.etag(uri) == etag.strip('"')

    def checksum(
        self,
        uri: Name,
        algorithm: str | None = None,
        compute: bool = False,
        *,
        version_id: str | None = None,
    ) -> Checksum:
        """Return the checksum of the file at *uri* that the store keeps.

        Of a file of this machine it is computed, by CRC64NVME if not said otherwise.

        Args:
            uri: a file.
            algorithm: ``CRC64NVME``, ``CRC32C``, ``CRC32``, ``SHA256`` or ``SHA1``,
                of the whole object; None is what there is, which may be of its parts
                (`Checksum.kind`).
            compute: have the object downloaded where the store keeps none such, which
                is ValueError else.
            version_id: which version.
        """
        from s3open.filesystem import digests

        at = place(uri)
        wanted = algorithm.upper() if algorithm is not None else None
        if isinstance(at, str):
            check_no_version(version_id)
            return digests.computed(self._config, at, wanted or "CRC64NVME")
        status = self._of_file(uri, version_id=version_id, checksum=True)
        kept = status.checksum
        if kept is not None and (
            wanted is None or (kept.algorithm, kept.kind) == (wanted, "FULL_OBJECT")
        ):
            return kept
        if not compute:
            what = f"no {wanted} of all bytes" if wanted else "no checksum"
            raise ValueError(f"the store keeps {what} of {at.uri!r}: compute=True")
        same = {"version_id": status.version_id} if version_id else {}
        return digests.computed(self._config, at.uri, wanted or "CRC64NVME", **same)

    def md5(
        self, uri: Name, *, compute: bool = False, version_id: str | None = None
    ) -> str:
        """Return the MD5 of the file at *uri*, in hexadecimal digits.

        Where it is the ETag that is one request, else ValueError that says why, or with
        *compute* a download. Of a file of this machine it is computed.
        """
        from s3open.filesystem import digests

        at = place(uri)
        if isinstance(at, str):
            check_no_version(version_id)
            return digests.md5(self._config, at)
        status = self._of_file(uri, version_id=version_id)
        found = digests.md5_in(status)
        if found is not None:
            return found
        if not compute:
            raise ValueError(
                f"the ETag of {at.uri!r} is no MD5: {digests.why_none(status)}; "
                "compute=True downloads it"
            )
        same = {"version_id": version_id} if version_id else {}
        return digests.md5(self._config, at.uri, **same)

    def _of_file(
        self, uri: Name, *, version_id: str | None = None, checksum: bool = False
    ) -> Status:
        """Return the status of a file; IsADirectoryError if it is a directory."""
        at = place(uri)
        if isinstance(at, str) or at.is_directory_like:
            status = self.stat(uri, version_id=version_id)
            if not status.is_dir:
                return status
            if isinstance(at, str):
                raise is_a_directory(at)
            raise errors.S3IsADirectoryError.at(at.uri)
        from s3open.stores import keys

        try:
            return keys.status(
                self._config, at, version_id=version_id, checksum=checksum
            )
        except FileNotFoundError as error:
            if version_id is None and self._may_be_directory(at):
                raise errors.S3IsADirectoryError.at(at.uri) from error
            raise

    def _version(
        self, at: Location, version_id: str | None, moment: datetime | None
    ) -> str | None:
        """Return the id of the version that is asked for, None for the current one."""
        if moment is None:
            return version_id
        if version_id is not None:
            raise ValueError("version_id and at exclude each other")
        from s3open.stores.attributes import moment as checked
        from s3open.stores.options import ReadOptions
        from s3open.stores.reads import version_of

        return version_of(at, self._config, ReadOptions(at=checked("at", moment)))

    def _has_directory(self, at: Location) -> bool:
        """Whether *at* is a directory, or a bucket that is there."""
        from s3open.stores import keys

        if not at.key:
            return keys.exists(self._config, at)
        return keys.has_below(self._config, at)

    def _may_be_directory(self, at: Location) -> bool:
        """Whether *at* is a directory; False where one may not ask."""
        try:
            return self._has_directory(at)
        except PermissionError:
            return False


def _directory(uri: str) -> Status:
    """Return all there is to say of a directory on S3."""
    from s3open.stores.status import Status

    return Status(uri, 0, 0.0, stat.S_IFDIR | 0o777)
