"""The S3 operations of the data path, as one typed protocol.

`boto` speaks them through a boto3 client, the reference; whatever else comes to speak
them has to do the same. All are thread-safe. All raise S3Error with the location's URI
as filename. A condition that does not hold is an S3Error with status 412 or 409.

Each call is one try: whoever calls knows what a failure, or a lost answer, means
(`retry`, `conditional`). What heals without a try of its own (an idle connection that
the store has closed, a bucket in another region) is healed below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s3open.contract import (
        Answer,
        Attributes,
        Condition,
        ObjectInfo,
        Part,
        Pieces,
    )
    from s3open.location import Location


class Verbs(Protocol):
    """One store, reached with one set of credentials."""

    @property
    def endpoint(self) -> str:
        """Where the store is: scheme, host and port."""

    def get_object(
        self, at: Location, span: range, *, if_match: str | None = None
    ) -> Answer:
        """Fetch *span*, or as much of it as exists."""

    def head_object(self, at: Location) -> ObjectInfo:
        """Ask what is there. The answer to a failure has no body, so no code."""

    def put_object(
        self,
        at: Location,
        body: Pieces,
        attributes: Attributes,
        condition: Condition,
    ) -> None:
        """Write the whole object."""

    def get_object_tags(self, at: Location) -> dict[str, str]:
        """Ask for the object's tags."""

    def delete_object(self, at: Location) -> None:
        """Delete the object; none being there is fine."""

    def create_multipart_upload(self, at: Location, attributes: Attributes) -> str:
        """Start an upload and return its id."""

    def upload_part(self, at: Location, upload: str, number: int, body: Pieces) -> Part:
        """Upload a part."""

    def upload_part_copy(
        self, at: Location, upload: str, number: int, span: range, *, if_match: str
    ) -> Part:
        """Have *span* of what is at *at* now copied as a part, if its ETag fits."""

    def complete_multipart_upload(
        self, at: Location, upload: str, parts: Sequence[Part], condition: Condition
    ) -> None:
        """Make the object of *parts*, whose numbers are 1, 2, ..."""

    def abort_multipart_upload(self, at: Location, upload: str) -> None:
        """Forget the upload and its parts."""

    def upload_exists(self, at: Location, upload: str) -> bool:
        """Whether the upload is neither completed nor aborted (ListParts)."""
