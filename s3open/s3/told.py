"""What is told of requests: at DEBUG to who logs, and to who traces.

Which, of what, and how it was answered. No header, no body and no argument: there are
secrets among them.
"""

from __future__ import annotations

import sys
import time
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from s3open import tracing

if TYPE_CHECKING:
    from logging import Logger

_DEBUG = 10  # as logging has it

# What we call otherwise than S3 does, after the use that is made of it.
_NAMES: Final = {
    "get_object_tags": "GetObjectTagging",
    "put_object_tags": "PutObjectTagging",
    "list_objects": "ListObjectsV2",
    "list_versions": "ListObjectVersions",
    "upload_exists": "ListParts",
}


@cache
def named(operation: str) -> str:
    """Return S3's name for *operation*, such as ``GetObject`` for ``get_object``."""
    known = _NAMES.get(operation)
    return known or "".join(map(str.capitalize, operation.split("_")))


def logger() -> Logger | None:
    """Return where to log, None where nobody listens.

    Who has not imported logging has no handler, either; and it would be dear.
    """
    logging: Any = sys.modules.get("logging")
    if logging is None:
        return None
    found: Logger = logging.getLogger("s3open")
    if not found.handlers:
        # Not to the handler of last resort, which is there for warnings.
        found.addHandler(logging.NullHandler())
    return found


class Telling:
    """Tells how a request is answered, which begins now.

    *verb* is HTTP's; *span* and *size* are what it asks for, and the bytes of an
    object that it sends.
    """

    __slots__ = ("_began", "_operation", "_range", "_size", "_uri", "_verb")

    def __init__(
        self, operation: str, uri: str, verb: str, span: str | None, size: int
    ) -> None:
        self._operation = operation
        self._uri = uri
        self._verb = verb
        self._range = span
        self._size = size
        self._began = time.perf_counter()

    def answered(self, status: int) -> None:
        """Tell the *status* of the answer."""
        self._tell(status, status)

    def failed(self, why: str) -> None:
        """Tell *why* no answer came."""
        self._tell(None, why)

    def _tell(self, status: int | None, said: int | str) -> None:
        log = logger()
        logs = log is not None and log.isEnabledFor(_DEBUG)
        watched = tracing.is_watched()
        if not logs and not watched:
            return
        seconds = time.perf_counter() - self._began
        name = named(self._operation)
        if watched:
            tracing.asked(name, self._uri, self._verb, status, self._size, seconds)
        if log is not None and logs:
            span = f" {self._range}" if self._range else ""
            log.debug("%s %r%s: %s in %.3f s", name, self._uri, span, said, seconds)
