"""Who may do what with an object: its access control list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open.filesystem.base import Configured, place
from s3open.location import check_is_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.access import ACL
    from s3open.location import Location
    from s3open.naming import Name


class Access(Configured):
    """ACLs of objects; those of buckets are methods of `Bucket`."""

    def acl(self, uri: Name, *, version_id: str | None = None) -> ACL:
        """Return the owner of the file at *uri*, and who else may do what with it.

        One request; this needs s3:GetObjectAcl.

        Args:
            uri: a file on S3.
            version_id: which version.

        Raises:
            OSError: FileNotFoundError if there is none; PermissionError.
            ValueError: for a file of this machine, before any request.
        """
        from s3open.s3 import permissions

        return permissions.acl(self._config, _object(uri), version_id)

    def set_acl(
        self,
        uri: Name,
        acl: ACL | str | bytes | Mapping[str, Any],
        *,
        version_id: str | None = None,
    ) -> None:
        """Have *acl* say who may do what with the file at *uri*.

        One request; this needs s3:PutObjectAcl. Buckets made since April 2023 have ACLs
        disabled unless they were told otherwise (``set_ownership``).

        Args:
            uri: a file on S3.
            acl: an `ACL`; the name of a canned one (``"public-read"``); the XML of one,
                as S3 has it; or a dict, as boto3 has it.
            version_id: which version.

        Raises:
            OSError: FileNotFoundError if there is no such file; PermissionError;
                `S3Error` where ACLs are disabled.
            ValueError: for a file of this machine, and for what is no ACL, before any
                request.
        """
        from s3open.s3 import permissions

        permissions.set_acl(self._config, _object(uri), acl, version_id)


def _object(uri: Name) -> Location:
    """Return where *uri* is on S3; ValueError for a file of this machine."""
    at = place(uri)
    if isinstance(at, str):
        raise ValueError(f"a file of this machine has no ACL of S3: {at!r}")
    check_is_file(at)
    return at
