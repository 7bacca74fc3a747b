"""Which version of an object was the current one at some moment.

Outside the data path, hence by boto3 itself. S3 tells times in whole seconds: of what
was written within one second the newest counts, as far as the listing tells.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from s3open import errors
from s3open.s3 import retry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from s3open.location import Location
    from s3open.s3.boto import BotoVerbs


def version_at(verbs: BotoVerbs, at: Location, moment: datetime) -> str:
    """Return the id of the version that was current at *moment*, in its time zone.

    Raises FileNotFoundError if there was none, or a delete marker was the newest.
    """
    found: dict[str, Any] | None = None
    for entry in _versions(verbs, at):
        if entry["LastModified"] > moment:
            continue
        if found is None or _rank(entry) > _rank(found):
            found = entry
    if found is None or "ETag" not in found:
        fate = "had been deleted" if found is not None else "did not exist yet"
        raise errors.S3FileNotFoundError.at(
            at.uri, f"it {fate} at {moment.isoformat()}"
        )
    version: str = found["VersionId"]
    return version


def _rank(entry: dict[str, Any]) -> tuple[object, ...]:
    return entry["LastModified"], entry["IsLatest"]


def _versions(verbs: BotoVerbs, at: Location) -> Iterator[dict[str, Any]]:
    """Yield the versions, newest first, and the delete markers of *at*, likewise."""
    markers: dict[str, str] = {}
    while True:
        page = retry.repeated(partial(verbs.list_object_versions, at, **markers))
        for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            if entry["Key"] == at.key:
                yield entry
        # Keys that are longer come behind.
        if not page.get("IsTruncated") or page["NextKeyMarker"] != at.key:
            return
        markers = {
            "KeyMarker": page["NextKeyMarker"],
            "VersionIdMarker": page.get("NextVersionIdMarker", ""),
        }
