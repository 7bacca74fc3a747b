"""What a bucket is configured with, each setting by itself.

Values are as boto3 has them, without what is around them. None is what is not
configured: to set it removes the setting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open.service.base import Named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    Rules: TypeAlias = Sequence[Mapping[str, Any]]


class Settings(Named):
    """A bucket's settings: one request to ask for one, and one to set it.

    Each needs the permission that S3 calls after the setting, which a PermissionError
    names. FileNotFoundError if there is no such bucket; ValueError, before any request,
    for what can be no such setting; `S3Error` for what the store refuses or lacks.
    """

    def versioning(self) -> bool | None:
        """Whether the bucket keeps versions; None if it has never done so."""
        raise NotImplementedError

    def set_versioning(
        self,
        enabled: bool,
        *,
        mfa_delete: bool | None = None,
        mfa: str | None = None,
    ) -> None:
        """Have the bucket keep versions, or make no more of them.

        Those that are there stay in any case.

        Args:
            enabled: whether to keep versions from now on.
            mfa_delete: whether it shall take a device's code to delete one for good;
                None leaves that as it is.
            mfa: ``"SERIAL CODE"``, the device and what it shows.
        """
        raise NotImplementedError

    def policy(self) -> dict[str, Any] | None:
        """Return the bucket policy."""
        raise NotImplementedError

    def set_policy(self, policy: Mapping[str, Any] | str | None) -> None:
        """Have *policy*, a dict or its JSON, be the bucket policy."""
        raise NotImplementedError

    def cors(self) -> list[dict[str, Any]] | None:
        """Return the rules for browsers on other sites."""
        raise NotImplementedError

    def set_cors(self, rules: Rules | None) -> None:
        """Have *rules* be those for browsers on other sites."""
        raise NotImplementedError

    def lifecycle(self) -> list[dict[str, Any]] | None:
        """Return the rules by which objects expire or change their storage class."""
        raise NotImplementedError

    def set_lifecycle(self, rules: Rules | None) -> None:
        """Have *rules* be those by which objects expire or change their class."""
        raise NotImplementedError

    def tags(self) -> dict[str, str] | None:
        """Return the bucket's tags."""
        raise NotImplementedError

    def set_tags(self, tags: Mapping[str, str] | None) -> None:
        """Have *tags*, and no others, be the bucket's."""
        raise NotImplementedError

    def website(self) -> dict[str, Any] | None:
        """Return how the bucket is served as a website."""
        raise NotImplementedError

    def set_website(self, website: Mapping[str, Any] | None) -> None:
        """Have the bucket be served as a website, as *website* says."""
        raise NotImplementedError

    def encryption(self) -> list[dict[str, Any]] | None:
        """Return the rules by which new objects are encrypted."""
        raise NotImplementedError

    def set_encryption(self, rules: Rules | str | None) -> None:
        """Have new objects be encrypted by *rules*, or by an algorithm: ``AES256``."""
        raise NotImplementedError

    def ownership(self) -> str | None:
        """Return whom new objects belong to.

        ``BucketOwnerEnforced`` (ACLs are disabled), ``BucketOwnerPreferred`` or
        ``ObjectWriter``.
        """
        raise NotImplementedError

    def set_ownership(self, ownership: str | None) -> None:
        """Have new objects belong to whom *ownership* says, in S3's word."""
        raise NotImplementedError

    def public_access_block(self) -> dict[str, bool] | None:
        """Return what of public access is blocked, four answers by S3's names."""
        raise NotImplementedError

    def set_public_access_block(self, block: Mapping[str, bool] | bool | None) -> None:
        """Have public access be blocked as *block* says, a bool says all four."""
        raise NotImplementedError

    def object_lock(self) -> dict[str, Any] | None:
        """Return how long new objects are kept from being deleted, unless told else.

        None if the bucket has no object lock.
        """
        raise NotImplementedError

    def set_object_lock(self, lock: Mapping[str, Any] | None) -> None:
        """Have new objects be kept from being deleted as *lock* says, None not at all.

        The lock itself cannot be taken from a bucket.
        """
        raise NotImplementedError
