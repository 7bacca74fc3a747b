"""What becomes of what was written: published once, or kept on this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from s3open import errors
from s3open.writing import parts, recovery

if TYPE_CHECKING:
    from s3open.contract import Attributes, Condition, Writer
    from s3open.spool import Spool


class Publication:
    """The way of one spool to one object. Not thread-safe.

    Args:
        uri: where it goes, as the user spelled it.
        part_size: bytes of a part, at least.
    """

    def __init__(
        self,
        uri: str,
        spool: Spool,
        writer: Writer,
        *,
        attributes: Attributes,
        condition: Condition,
        part_size: int,
    ) -> None:
        self._uri = uri
        self._spool = spool
        self._writer = writer
        self._attributes = attributes
        self._condition = condition
        self._part_size = part_size

    def publish(self) -> None:
        """Make the spool the object.

        Raises PublishError, also the builtin that the cause stands for, if that fails
        for good; what was written is kept then, and the error names the file.
        """
        try:
            parts.upload(self._spool, self._writer, self._part_size)
        except Exception as error:
            raise self.failed(error) from error
        except BaseException:
            self.abandon("publishing it was interrupted", sure=False)
            raise

    def failed(self, cause: Exception) -> errors.PublishError:
        """Keep what was written and return the error that says so."""
        try:
            kept = self._keep(str(cause))
        except OSError:
            kept = None
        return errors.unpublished(cause, self._uri, kept)

    def abandon(self, reason: str, *, sure: bool = True) -> None:
        """Keep what was written, without a word to the store, and warn.

        *sure* says whether nothing can have been published.
        """
        try:
            kept = self._keep(reason)
            fate = f"what was written is kept in {kept}" if kept else "it was empty"
        except OSError as error:
            fate = f"what was written is lost: {error}"
        outcome = "was not published" if sure else "may not have been published"
        errors.warn(
            f"{self._uri!r} {outcome}, for {reason}; {fate}", errors.UnpublishedWarning
        )

    def _keep(self, reason: str) -> str | None:
        if self._spool.size == 0:
            return None
        description = {
            "uri": self._uri,
            "reason": reason,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "if_absent": self._condition.absent,
            "content_type": self._attributes.content_type,
            "metadata": dict(self._attributes.metadata),
        }
        return recovery.keep(self._spool, description)
