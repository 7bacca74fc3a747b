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
    names. FileNotFoundError if there is no such bucket; ValueError or TypeError, before
    any request, for what can be no such setting; `S3Error` for what the store refuses
    or lacks. No rules, and no tags, are the same as None.
    """

    def versioning(self) -> bool | None:
        """Whether the bucket keeps versions; None if it has never done so."""
        from s3open.stores import buckets

        return buckets.versioning(self._config, self._location)

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
        from s3open.stores import buckets

        buckets.set_versioning(
            self._config,
            self._location,
            enabled=enabled,
            mfa_delete=mfa_delete,
            mfa=mfa,
        )

    def policy(self) -> dict[str, Any] | None:
        """Return the bucket policy."""
        found: dict[str, Any] | None = self._setting("policy")
        return found

    def set_policy(self, policy: Mapping[str, Any] | str | None) -> None:
        """Have *policy*, a dict or its JSON, be the bucket policy."""
        self._set_setting("policy", policy)

    def cors(self) -> list[dict[str, Any]] | None:
        """Return the rules for browsers on other sites."""
        found: list[dict[str, Any]] | None = self._setting("cors")
        return found

    def set_cors(self, rules: Rules | None) -> None:
        """Have *rules* be those for browsers on other sites."""
        self._set_setting("cors", rules)

    def lifecycle(self) -> list[dict[str, Any]] | None:
        """Return the rules by which objects expire or change their storage class."""
        found: list[dict[str, Any]] | None = self._setting("lifecycle")
        return found

    def set_lifecycle(self, rules: Rules | None) -> None:
        """Have *rules* be those by which objects expire or change their class."""
        self._set_setting("lifecycle", rules)

    def tags(self) -> dict[str, str] | None:
        """Return the bucket's tags."""
        found: dict[str, str] | None = self._setting("tags")
        return found

    def set_tags(self, tags: Mapping[str, str] | None) -> None:
        """Have *tags*, and no others, be the bucket's."""
        self._set_setting("tags", tags)

    def website(self) -> dict[str, Any] | None:
        """Return how the bucket is served as a website."""
        found: dict[str, Any] | None = self._setting("website")
        return found

    def set_website(self, website: Mapping[str, Any] | None) -> None:
        """Have the bucket be served as a website, as *website* says."""
        self._set_setting("website", website)

    def encryption(self) -> list[dict[str, Any]] | None:
        """Return the rules by which new objects are encrypted."""
        found: list[dict[str, Any]] | None = self._setting("encryption")
        return found

    def set_encryption(self, rules: Rules | str | None) -> None:
        """Have new objects be encrypted by *rules*, or by an algorithm: ``AES256``."""
        self._set_setting("encryption", rules)

    def ownership(self) -> str | None:
        """Return whom new objects belong to.

        ``BucketOwnerEnforced`` (ACLs are disabled), ``BucketOwnerPreferred`` or
        ``ObjectWriter``.
        """
        found: str | None = self._setting("ownership")
        return found

    def set_ownership(self, ownership: str | None) -> None:
        """Have new objects belong to whom *ownership* says, in S3's word."""
        self._set_setting("ownership", ownership)

    def public_access_block(self) -> dict[str, bool] | None:
        """Return what of public access is blocked, four answers by S3's names."""
        found: dict[str, bool] | None = self._setting("public_access_block")
        return found

    def set_public_access_block(self, block: Mapping[str, bool] | bool | None) -> None:
        """Have public access be blocked as *block* says, a bool says all four."""
        self._set_setting("public_access_block", block)

    def object_lock(self) -> dict[str, Any] | None:
        """Return how long new objects are kept from being deleted, unless told else.

        ``{"Mode": "GOVERNANCE", "Days": 30}``; ``{}`` if locks are made for each by
        itself; None if the bucket has no object lock.
        """
        found: dict[str, Any] | None = self._setting("object_lock")
        return found

    def set_object_lock(self, lock: Mapping[str, Any] | None) -> None:
        """Have new objects be kept from being deleted as *lock* says, None not at all.

        What is no None lets objects be locked, if that was not so, and this cannot be
        taken from a bucket again: with None there is one request more, to see whether
        there is anything to be changed.
        """
        self._set_setting("object_lock", lock)

    def _setting(self, name: str) -> Any:
        from s3open.stores import buckets

        return buckets.setting(self._config, self._location, name)

    def _set_setting(self, name: str, value: Any) -> None:
        from s3open.stores import buckets

        buckets.set_setting(self._config, self._location, name, value)
