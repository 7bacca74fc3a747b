"""Bytes of objects that were read once, kept on this machine for the next time."""

from s3open.cache.folder import Cache, Usage
from s3open.cache.reader import CachingReader

__all__ = ["Cache", "CachingReader", "Usage"]
