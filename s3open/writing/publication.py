"""What becomes of what was written: published once, or kept on this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from s3open import errors
from s3open.writing import recovery

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from s3open.spool import Spool
    from s3open.writing.behind import WriteBehind


class Publication:
    """The way of one spool to one object. Not thread-safe.

    Args:
        uri: where it goes, as the user spelled it.
        upload: publishes the spool, all of it or nothing.
        behind: has begun to upload it, perhaps.
        about: returns what a recovery file is to say of it; no secrets.
        always: publish even if nothing was written.

    *kept* is the recovery file that has it already, None if none has.
    """

    kept: str | None = None

    def __init__(
        self,
        uri: str,
        spool: Spool,
        upload: Callable[[], None],
        *,
        behind: WriteBehind | None = None,
        about: Callable[[], Mapping[str, object]],
        always: bool = True,
    ) -> None:
        self._uri = uri
        self._spool = spool
        self._upload = upload
        self._behind = behind
        self._keeps = behind is None or behind.keeps
        self._about = about
        self._always = always
        self._name = ""
        self._settled = False

    def wrote(self, span: range) -> None:
        """Note that the program has written *span*. Raises what uploading raised."""
        if self._behind is not None:
            self._behind.wrote(span)

    def cut(self, size: int) -> None:
        """Note that the program has cut the file, or made it longer, at *size*."""
        if self._behind is not None:
            self._behind.cut(size)

    def lose_track(self) -> None:
        """Note that nobody says any more what is written: it is a descriptor."""
        if self._behind is not None:
            self._behind.stop()

    def discard(self) -> None:
        """Leave the old object as it is, and nothing behind."""
        if self._behind is not None:
            self._behind.discard()

    def publish(self) -> None:
        """Make the spool the object.

        Raises PublishError, also the builtin that the cause stands for, if that fails
        for good; what was written is kept then, and the error names the file.
        """
        if not (self._always or self._spool.changed):
            return
        try:
            self._upload()
        except Exception as error:
            raise self.failed(error) from error
        except BaseException:
            self.abandon("publishing it was interrupted", sure=False)
            raise
        self._settled = True

    def failed(self, cause: Exception) -> errors.PublishError:
        """Keep what was written and return the error that says so."""
        if self._behind is not None:
            self._behind.fail()
        ambiguous = getattr(cause, "ambiguous", False)
        try:
            kept = self._keep(str(cause), ambiguous=ambiguous)
        except OSError:
            kept = None
        self._settled = True
        return errors.unpublished(cause, self._uri, kept)

    def abandon(self, reason: str, *, sure: bool = True) -> None:
        """Keep what was written, without a word to the store, and warn.

        *sure* says whether nothing can have been published.
        """
        if not (self._always or self._spool.changed):
            return
        try:
            kept = self._keep(reason, ambiguous=not sure)
            fate = f"what was written is kept in {kept}" if kept else "it was empty"
            if not (kept or self._keeps):
                fate = "what was written is lost, for it was streaming"
        except OSError as error:
            fate = f"what was written is lost: {error}"
        self._settled = True
        if self._behind is not None and self._behind.upload_id is not None:
            fate += (
                f"; the multipart upload {self._behind.upload_id} was begun and costs "
                "storage until it is aborted"
            )
        outcome = "was not published" if sure else "may not have been published"
        errors.warn(
            f"{self._uri!r} {outcome}, for {reason}; {fate}", errors.UnpublishedWarning
        )

    def rescue(self) -> None:
        """Keep what was written after an interrupt, unless that is done already."""
        if not self._settled:
            self.abandon("closing it was interrupted", sure=False)

    def _keep(self, reason: str, *, ambiguous: bool) -> str | None:
        if self.kept is not None:
            return self.kept
        if self._spool.size == 0 or not self._keeps:
            return None
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        description = {
            "uri": self._uri,
            "reason": reason,
            "time": now,
            "ambiguous": ambiguous,
            "upload": self._behind.upload_id if self._behind is not None else None,
            **self._about(),
            **(self._behind.sent() if self._behind is not None else {}),
        }
        # One name: who is interrupted here, and tries again, is not to keep it twice.
        self._name = self._name or recovery.new_name()
        self.kept = recovery.keep(self._spool, description, self._name)
        return self.kept
