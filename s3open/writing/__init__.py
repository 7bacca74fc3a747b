"""From a spool into a store: parts, publication, and what becomes of failures."""

from s3open.writing.publication import Publication

__all__ = ["Publication"]
