"""What is logged of requests, at DEBUG: which, of what, and how it was answered.

No header, no body and no argument: there are secrets among them.
"""

from __future__ import annotations

import sys

_DEBUG = 10  # as logging has it


def tell(operation: str, uri: str, status: int | str, asked: str = "all") -> None:
    """Log an answer to who *asked* for so much, if anybody is there to see that."""
    # Who has not imported it has no handler, either; and it would be dear.
    logging = sys.modules.get("logging")
    if logging is None:
        return
    logger = logging.getLogger("s3open")
    if logger.isEnabledFor(_DEBUG):
        logger.debug("%s %r %s: %s", operation, uri, asked, status)
