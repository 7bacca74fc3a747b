"""From a store into a spool: how far ahead to ask, and the download itself."""

from s3open.reading.download import Download
from s3open.reading.verification import Verification

__all__ = ["Download", "Verification"]
