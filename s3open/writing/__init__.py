"""From a spool into a store: parts, publication, and what becomes of failures."""

from s3open.writing import changes
from s3open.writing.append import Append
from s3open.writing.behind import WriteBehind
from s3open.writing.parts import upload
from s3open.writing.publication import Publication

__all__ = ["Append", "Publication", "WriteBehind", "changes", "upload"]
