"""The S3 operations of the data path, as one typed protocol.

`boto` speaks them through a boto3 client, the reference; whatever else comes to speak
them has to do the same. All are thread-safe. All raise S3Error with the location's URI
as filename. A condition that does not hold is an S3Error with status 412 or 409.

Each call is one try: whoever calls knows what a failure, or a lost answer, means
(`retry`, `conditional`). *settings* are whatever else S3 has for the request, by
boto3's names (``VersionId``, ``SSECustomerKey``, ``IfNoneMatch``, ``ChecksumMode``);
names that an operation does not know are left out. What heals without a try of its own
(an idle connection that the store has closed, a bucket in another region) is healed
below.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s3open.contract import (
        Answer,
        Attributes,
        Condition,
        ObjectInfo,
        Part,
        Pieces,
    )
    from s3open.location import Location
    from s3open.s3.retry import Patience

NO_SETTINGS: Mapping[str, Any] = MappingProxyType({})


class Verbs(Protocol):
    """One store, reached with one set of credentials."""

    @property
    def endpoint(self) -> str:
        """Where the store is: scheme, host and port."""

    @property
    def patience(self) -> Patience:
        """How long callers are to try again."""

    def get_object(
        self,
        at: Location,
        span: range,
        *,
        if_match: str | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Answer:
        """Fetch *span*, or as much of it as exists."""

    def head_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> ObjectInfo:
        """Ask what is there. The answer to a failure has no body, so no code."""

    def put_object(
        self,
        at: Location,
        body: Pieces,
        attributes: Attributes,
        condition: Condition,
    ) -> ObjectInfo:
        """Write the whole object; return what the store says of it: ETag, version."""

    def get_object_tags(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[str, str]:
        """Ask for the object's tags."""

    def delete_object(self, at: Location) -> None:
        """Delete the object; none being there is fine."""

    def create_multipart_upload(self, at: Location, attributes: Attributes) -> str:
        """Start an upload and return its id."""

    def upload_part(
        self,
        at: Location,
        upload: str,
        number: int,
        body: Pieces,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Part:
        """Upload a part."""

    def upload_part_copy(
        self,
        at: Location,
        upload: str,
        number: int,
        span: range,
        *,
        if_match: str,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Part:
        """Have *span* of what is at *at* now copied as a part, if its ETag fits."""

    def complete_multipart_upload(
        self,
        at: Location,
        upload: str,
        parts: Sequence[Part],
        condition: Condition,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> ObjectInfo:
        """Make the object of *parts*, whose numbers are 1, 2, ...

        Return what the store says of it: ETag, version.
        """

    def abort_multipart_upload(self, at: Location, upload: str) -> None:
        """Forget the upload and its parts."""

    def upload_exists(self, at: Location, upload: str) -> bool:
        """Whether the upload is neither completed nor aborted (ListParts)."""

    def list_parts(
        self, at: Location, upload: str, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[int, Part]:
        """Return the parts that the store has of *upload*, by number.

        S3Error with code NoSuchUpload if it is completed or aborted.
        """
