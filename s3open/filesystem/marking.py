"""What an object is given besides its bytes, changed after it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open.filesystem.base import Configured, place

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from s3open.location import Location
    from s3open.naming import Name
    from s3open.s3.locks import Retention


class Marking(Configured):
    """Tags, metadata, storage classes, encryption and locks of objects on S3.

    S3 changes tags and locks in place. All else it takes for another object: that is a
    copy onto itself, on the server, in parts above 5 GB, which fails if somebody else
    writes it meanwhile (ObjectChangedError), and is a new version where these are kept:
    one that no lock holds yet, but for the bucket's own.
    A file of this machine is a ValueError, before any request.
    """

    def tags(self, uri: Name, *, version_id: str | None = None) -> dict[str, str]:
        """Return the tags of the file at *uri*. One request (s3:GetObjectTagging)."""
        from s3open.stores import marking

        return marking.tags(self._config, _remote(uri), version_id)

    def set_tags(
        self, uri: Name, tags: Mapping[str, str], *, version_id: str | None = None
    ) -> None:
        """Have *tags*, and no others, be the tags of the file at *uri*. One request.

        Args:
            uri: a file on S3.
            tags: 10 at most; none removes those that are there.
            version_id: which version.

        Raises:
            OSError: FileNotFoundError if there is none; PermissionError.
            ValueError: for tags that S3 would not take, before any request.
        """
        from s3open.stores import marking

        marking.set_tags(self._config, _remote(uri), tags, version_id)

    def set_metadata(
        self, uri: Name, metadata: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        """Have *metadata*, and no other, be that of the file at *uri*.

        Args:
            uri: a file on S3.
            metadata: the user's own; None keeps what is there.
            options: what else is to be new, by the names of `open`: ``content_type
                content_encoding content_disposition content_language cache_control
                expires website_redirect``. What is not named is kept, and so are tags,
                storage class and encryption. ``sse_customer_key`` is the key that it
                has. As of any new object the ACL is private, but for what ``acl`` or
                ``grants`` say, or with ``preserve_acl=True`` as it was (two requests
                more). Who may not read the tags, which is PermissionError, says
                ``keep_tags="warn"`` or ``"drop"``.

        Raises:
            OSError: FileNotFoundError if there is none; PermissionError;
                ObjectChangedError if somebody else has written it meanwhile.
            ValueError: for bad metadata or options, before any request.
            TypeError: for options that there are not, likewise.
        """
        from s3open.stores import marking

        at = _remote(uri)
        if metadata is not None:
            options["metadata"] = metadata
        marking.describe(self._config, at, options)

    def set_storage_class(self, uri: Name, name: str, **options: Any) -> None:
        """Have the file at *uri* be of the storage class *name*; all else is kept.

        One HEAD if it is already, else a copy, too.

        Args:
            uri: a file on S3.
            name: such as ``"STANDARD_IA"`` or ``"GLACIER"``, in S3's words.
            options: ``sse_customer_key acl grants preserve_acl keep_tags``, as for
                `set_metadata`.

        Raises:
            OSError: FileNotFoundError if there is none; PermissionError, also for what
                is archived; ObjectChangedError if somebody else writes it meanwhile.
        """
        from s3open.stores import marking

        at = _remote(uri)
        marking.store_as(self._config, at, {**options, "storage_class": name})

    def encrypt(self, uri: Name, sse: str = "AES256", **options: Any) -> bool:
        """Have the store encrypt the file at *uri*; return whether it had to.

        One HEAD if it is encrypted in that way already, else a copy, too. All else is
        kept.

        Args:
            uri: a file on S3.
            sse: ``"AES256"``, ``"aws:kms"`` or ``"aws:kms:dsse"``.
            options: ``sse_kms_key_id``, ``bucket_key_enabled``, or (instead of *sse*)
                ``sse_customer_key``, as of `open`; ``acl grants preserve_acl
                keep_tags``, as for `set_metadata`. What has a customer's key already
                cannot be read without: copy it with `open` to have another one.

        Raises:
            OSError: FileNotFoundError if there is none; PermissionError;
                ObjectChangedError if somebody else writes it meanwhile.
            ValueError: for bad arguments, before any request.
        """
        from s3open.stores import marking

        at = _remote(uri)
        return marking.encrypt(self._config, at, sse, options)

    def legal_hold(self, uri: Name, *, version_id: str | None = None) -> bool:
        """Whether a legal hold keeps the file at *uri* from being deleted.

        One request (s3:GetObjectLegalHold). `S3Error` where the bucket has no object
        lock.
        """
        from s3open.stores import marking

        return marking.legal_hold(self._config, _remote(uri), version_id)

    def set_legal_hold(
        self, uri: Name, held: bool, *, version_id: str | None = None
    ) -> None:
        """Put a legal hold on the file at *uri*, or take it away.

        One request (s3:PutObjectLegalHold). `S3Error` where the bucket has no object
        lock.
        """
        from s3open.stores import marking

        marking.set_legal_hold(self._config, _remote(uri), held, version_id)

    def retention(
        self, uri: Name, *, version_id: str | None = None
    ) -> Retention | None:
        """Return until when the file at *uri* is kept from being deleted, and how.

        None if it is not. One request (s3:GetObjectRetention). `S3Error` where the
        bucket has no object lock.
        """
        from s3open.stores import marking

        return marking.retention(self._config, _remote(uri), version_id)

    def set_retention(
        self,
        uri: Name,
        mode: str | None,
        until: datetime | None,
        *,
        version_id: str | None = None,
        bypass_governance: bool = False,
    ) -> None:
        """Keep the file at *uri* from being deleted before *until*. One request.

        Args:
            uri: a file on S3.
            mode: ``"GOVERNANCE"``, which some may shorten or take away, or
                ``"COMPLIANCE"``, which nobody can; None, and no *until*, takes it away.
            until: a moment to come; a naive one is in local time.
            version_id: which version.
            bypass_governance: shorten or take away what is in governance mode
                (s3:BypassGovernanceRetention).

        Raises:
            OSError: FileNotFoundError if there is none; PermissionError, also where the
                retention in place forbids it; `S3Error` without object lock.
            ValueError: for bad arguments, before any request.
        """
        from s3open.stores import marking

        marking.set_retention(
            self._config,
            _remote(uri),
            None if mode is None and until is None else (mode, until),
            version_id,
            bypass_governance=bypass_governance,
        )


def _remote(uri: Name) -> Location:
    """Return where *uri* is on S3; ValueError for a file of this machine."""
    at = place(uri)
    if isinstance(at, str):
        raise ValueError(f"a file of this machine has nothing of the kind: {at!r}")
    return at
