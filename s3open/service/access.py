"""Who may do what with a bucket, and where its requests are logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open.service.base import Named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.access import ACL, Logging


class Access(Named):
    """A bucket's ACL and its log."""

    def acl(self) -> ACL:
        """Return the owner of the bucket, and who else may do what with it.

        One request (s3:GetBucketAcl).
        """
        from s3open.s3 import permissions

        return permissions.bucket_acl(self._config, self._location)

    def set_acl(self, acl: ACL | str | bytes | Mapping[str, Any]) -> None:
        """Have *acl* say who may do what with the bucket. One request.

        This needs s3:PutBucketAcl, and ACLs that are not disabled: they are on buckets
        made since April 2023 unless `set_ownership` has said otherwise.

        Args:
            acl: an `ACL`; the name of a canned one (``"public-read"``); the XML of one,
                as S3 has it; or a dict, as boto3 has it.

        Raises:
            OSError: FileNotFoundError if there is no such bucket; PermissionError;
                `S3Error` where ACLs are disabled.
            ValueError: for what is no ACL, before any request.
        """
        from s3open.s3 import permissions

        permissions.set_bucket_acl(self._config, self._location, acl)

    def logging(self) -> Logging | None:
        """Return where the bucket's requests are logged, None if they are not.

        One request (s3:GetBucketLogging).
        """
        from s3open.s3 import permissions

        return permissions.logging(self._config, self._location)

    def set_logging(
        self, logging: Logging | str | bytes | Mapping[str, Any] | None
    ) -> None:
        """Have the bucket's requests be logged, or not (None). One request.

        This needs s3:PutBucketLogging, and a policy of the target's that lets
        ``logging.s3.amazonaws.com`` put objects there.

        Args:
            logging: a `Logging`; the XML of one, as S3 has it; a dict, as boto3 has it;
                or None.

        Raises:
            OSError: FileNotFoundError if there is no such bucket; PermissionError;
                `S3Error` for a target that may not be written to.
            ValueError: for what says nothing of logs, before any request.
        """
        from s3open.s3 import permissions

        permissions.set_logging(self._config, self._location, logging)
