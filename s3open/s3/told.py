"""What is logged of requests, at DEBUG: which, of what, and how it was answered.

No header, no body and no argument: there are secrets among them.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Final

_DEBUG = 10  # as logging has it


# What we call otherwise than S3 does, after the use that is made of it.
_NAMES: Final = {
    "get_object_tags": "GetObjectTagging",
    "list_objects": "ListObjectsV2",
    "upload_exists": "ListParts",
}


@cache
def named(operation: str) -> str:
    """Return S3's name for *operation*, such as ``GetObject`` for ``get_object``."""
    known = _NAMES.get(operation)
    return known or "".join(map(str.capitalize, operation.split("_")))


def tell(operation: str, uri: str, status: int | str, asked: str = "all") -> None:
    """Log an answer to who *asked* for so much, if anybody is there to see that."""
    # Who has not imported it has no handler, either; and it would be dear.
    logging = sys.modules.get("logging")
    if logging is None:
        return
    logger = logging.getLogger("s3open")
    if logger.isEnabledFor(_DEBUG):
        logger.debug("%s %r %s: %s", operation, uri, asked, status)
