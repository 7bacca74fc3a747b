"""From a store into a spool: how far ahead to ask, and the download itself."""

from s3open.reading.download import Download

__all__ = ["Download"]
