"""Parts that the store copies from the object that is updated, as it was.

AWS copies if the source still has the ETag that the client names. Where a store ignores
that, the object is looked at before the first part is copied and after the last: if it
is the same then, it was the same in between.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from s3open import errors
from s3open.contract import Condition
from s3open.s3 import retry
from s3open.s3.endpoint import (
    COPY,
    Honours,
    check,
    conditionally,
    honours,
    remember,
)
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from s3open.contract import ObjectInfo, Part
    from s3open.location import Location
    from s3open.s3.verbs import Verbs

# Of an answer to a store's copying: it does not know how. 400 is the answer of stores
# that take the request for another one, UploadPart without a body most likely.
_UNKNOWN = (400, 405, 501)
# What else than the source may be missing.
_OTHERS = ("NoSuchBucket", "NoSuchUpload")


class Source:
    """The version of the object at *at* that *info* is of. Thread-safe.

    Its parts become parts of what is written *to* another place, or to its own.
    *settings* go with each copy; it is looked at by *reading*, if that is not *verbs*.
    """

    def __init__(
        self,
        verbs: Verbs,
        at: Location,
        info: ObjectInfo,
        *,
        to: Location | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
        reading: Verbs | None = None,
    ) -> None:
        self._verbs = verbs
        self._reading = reading or verbs
        self._at = at
        self._to = to or at
        self._settings = settings
        self._info = info
        self._condition = Condition(etag=info.etag)
        # Held while it is found out what the store honours: by one request, not many.
        self._first = threading.Lock()
        self._looked = False
        self._blind = False

    @property
    def usable(self) -> bool:
        """Whether the store may be asked to copy, for all that is known of it."""
        known = honours(self._verbs.endpoint, COPY)
        return self._info.etag is not None and known is not Honours.LACKS

    def copy(self, upload: str, number: int, span: range) -> Part | None:
        """Copy *span* as part *number* of *upload*; None if the store cannot do that.

        Raises ObjectChangedError if this version is no longer the object.
        """

        def send(condition: Condition) -> Part:
            return retry.repeated(
                lambda: self._verbs.upload_part_copy(
                    self._to,
                    upload,
                    number,
                    span,
                    if_match=condition.etag or "",
                    source=self._at,
                    settings=self._settings,
                ),
                self._verbs.patience,
            )

        try:
            return self._sent(send)
        except errors.S3Error as error:
            # Credentials that have expired are answered by 400, too.
            if error.status in _UNKNOWN and not isinstance(
                error, PermissionError | TimeoutError
            ):
                remember(self._verbs.endpoint, COPY, Honours.LACKS)
                return None
            if error.status in (404, 412, 416) and error.code not in _OTHERS:
                raise self._changed() from error
            raise

    def verify(self) -> None:
        """Raise ObjectChangedError if parts may be copies of another version.

        To be asked after the last copy.
        """
        if not self._blind:
            return
        try:
            there = retry.repeated(
                lambda: self._reading.head_object(self._at), self._verbs.patience
            )
        except FileNotFoundError as error:
            raise self._changed() from error
        # The time, too: somebody may have put the old bytes back.
        then = self._info
        if (there.etag, there.last_modified) != (then.etag, then.last_modified):
            raise self._changed()

    def _sent(self, send: Callable[[Condition], Part]) -> Part:
        """Return the part that *send* makes, under whatever the store honours."""
        verbs, at, condition = self._reading, self._at, self._condition
        known = honours(verbs.endpoint, COPY)
        if known in (None, Honours.NO) and not self._looked:
            with self._first:
                known = honours(verbs.endpoint, COPY)
                if known is None:
                    part = conditionally(verbs, at, COPY, condition, send)
                    self._looked = True
                    self._blind = honours(verbs.endpoint, COPY) is Honours.NO
                    return part
                if known is Honours.NO and not self._looked:
                    check(verbs, at, condition)
                    self._looked = True
        if known is Honours.NO:
            self._blind = True
            return send(condition)
        return conditionally(verbs, at, COPY, condition, send)

    def _changed(self) -> errors.S3Error:
        return errors.ObjectChangedError.at(
            self._at.uri, "the object was replaced or deleted since it was opened"
        )
