"""What is told of buckets, and of uploads that are under way in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from s3open import location as locations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from s3open.access import ACL, Logging, Owner
    from s3open.config import Config
    from s3open.contract import Part
    from s3open.location import Location


class BucketEntry(NamedTuple):
    """A bucket, as the list of them tells of it; what it does not say is None."""

    name: str
    created: datetime | None = None
    region: str | None = None
    owner: Owner | None = None


@dataclass(frozen=True, kw_only=True)
class BucketInfo:
    """A bucket and all of its settings.

    Each is what the method of that name returns, None if it is not configured. Those
    named in *denied* could not be asked for, and are None, too.
    """

    name: str
    region: str | None = None
    versioning: bool | None = None
    policy: dict[str, Any] | None = None
    cors: list[dict[str, Any]] | None = None
    lifecycle: list[dict[str, Any]] | None = None
    tags: Mapping[str, str] | None = None
    website: dict[str, Any] | None = None
    encryption: list[dict[str, Any]] | None = None
    ownership: str | None = None
    public_access_block: dict[str, bool] | None = None
    object_lock: dict[str, Any] | None = None
    acl: ACL | None = None
    logging: Logging | None = None
    denied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload that was neither completed nor aborted; *begun* in UTC."""

    uri: str
    upload_id: str
    begun: datetime
    config: Config

    def parts(self) -> dict[int, Part]:
        """Return the parts that are there, by number. One request for every thousand.

        FileNotFoundError if the upload was completed or aborted meanwhile.
        """
        from s3open.s3 import retry
        from s3open.s3.clients import boto_for

        at, verbs = self._location(), boto_for(self.config, self.uri)
        return retry.repeated(
            lambda: verbs.list_parts(at, self.upload_id), verbs.patience
        )

    def abort(self) -> None:
        """Abort it: its parts are deleted. One request; that it is gone is fine."""
        from s3open.s3 import uploads
        from s3open.s3.clients import boto_for

        at = self._location()
        uploads.abort(boto_for(self.config, at.uri), at, self.upload_id)

    def _location(self) -> Location:
        found = locations.parse(self.uri)
        assert found is not None
        return found
