"""The methods of a store as an object: `open`, and all there is next to it.

A class of several parts, a module each, by what is asked for. Their methods are short:
they read the names, and say who is to do it, on S3 or on this machine. What is dear is
imported when it is needed. `service` makes the public class of it.
"""

from __future__ import annotations

from s3open.filesystem.access import Access
from s3open.filesystem.contents import Contents
from s3open.filesystem.listing import Listing
from s3open.filesystem.marking import Marking
from s3open.filesystem.signing import Signing
from s3open.filesystem.status import Telling
from s3open.filesystem.temporary import Temporary
from s3open.filesystem.versions import Versions

__all__ = ["Files"]


class Files(Telling, Listing, Contents, Versions, Temporary, Access, Marking, Signing):
    """All that is done with files of one configuration, and nothing with buckets."""
