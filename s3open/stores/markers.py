"""Markers: empty objects whose keys end with a slash, so that a directory is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s3open import contract
from s3open.s3.clients import opened
from s3open.stores.objects import S3Writer

if TYPE_CHECKING:
    from s3open.config import Config
    from s3open.location import Location

# As AWS's own console calls them.
_MARKER = contract.Attributes(content_type="application/x-directory")


def make(config: Config, at: Location) -> None:
    """Have there be a directory *at*, by one request."""
    if not at.is_directory_like:
        at = replace(at, key=at.key + "/")
    S3Writer(opened(config, at.uri), at, _MARKER, contract.ALWAYS).put([])
