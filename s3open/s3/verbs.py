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
        Doomed,
        ObjectInfo,
        Page,
        Part,
        Pieces,
    )
    from s3open.errors import S3Error
    from s3open.location import Location
    from s3open.s3.retry import Patience

NO_SETTINGS: Mapping[str, Any] = MappingProxyType({})
# S3 tells it if the first request turns out to be for all of an object.
WITH_CHECKSUM: Mapping[str, Any] = MappingProxyType({"ChecksumMode": "ENABLED"})


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
        """Fetch *span*, or as much of it as exists.

        ``range(-9, 0)`` are the last nine bytes, or as many as there are.
        """

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

    def put_object_tags(
        self,
        at: Location,
        tags: Mapping[str, str],
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> None:
        """Have the object's tags be *tags*, one at least."""

    def delete_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> None:
        """Delete the object (``VersionId``: that version); none being there is fine."""

    def delete_objects(
        self,
        at: Location,
        doomed: Sequence[Doomed],
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> dict[Doomed, S3Error]:
        """Delete up to 1,000 objects in the bucket of *at*; return what was refused.

        Those that are not there are deleted.
        """

    def list_objects(
        self,
        at: Location,
        *,
        delimiter: str = "",
        start_after: str = "",
        token: str | None = None,
        max_keys: int = 1000,
        owner: bool = False,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Page:
        """Return a page of the objects in the bucket of *at*.

        Of those whose keys begin with its key, behind *start_after*; keys that have
        *delimiter* behind that are told by what they have in common up to it.
        """

    def list_versions(
        self,
        at: Location,
        *,
        delimiter: str = "",
        token: str | None = None,
        max_keys: int = 1000,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Page:
        """Return a page of the versions, delete markers among them, newest first.

        Of the keys that begin with that of *at*.
        """

    def copy_object(
        self,
        source: Location,
        at: Location,
        attributes: Attributes | None,
        condition: Condition,
        *,
        if_match: str | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> ObjectInfo:
        """Have the store write *source*, 5 GiB at most, to *at*; return what it says.

        (But for its size.) With the *source*'s attributes and tags, or with these
        *attributes* instead of all of those, their ``MetadataDirective`` and
        ``TaggingDirective`` aside. If *if_match* is not its ETag any more, that is a
        412. *settings* may have the *source*'s ``VersionId``.
        """

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
        source: Location | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Part:
        """Have *span* of what is at *at* now copied as a part, if its ETag fits.

        Or of what is at *source* (its ``VersionId`` may be among *settings*).
        """

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
