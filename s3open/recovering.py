"""What was written and not published: found again, and published after all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s3open import naming

if TYPE_CHECKING:
    from datetime import datetime

    from s3open.config import Config
    from s3open.naming import Name
    from s3open.writing.kept import Kept

__all__ = ["Recovered", "recover"]


@dataclass(frozen=True, slots=True)
class Recovered:
    """Something that was written and could not be published, kept on this machine.

    Attributes:
        uri: where it belongs.
        reason: why it was not published.
        time: when, in UTC.
        size: bytes of the file.
        path: the file with the bytes; a description lies beside it. It may be read.
        condition: what has to be true of `uri` to be published there: "always" nothing;
            "absent" nothing is there (mode ``x``); "match" the object is still what was
            to be replaced (``if_match``); "unchanged" it is still the version that was
            updated (``r+``); "append" nothing either: it comes behind
            what is there then.
        partial: only what was changed of an object is here, and the rest of it is
            where the object is. In `path` there are zeros for it.
        ambiguous: it may have been published all the same: an answer was lost.
    """

    uri: str
    reason: str
    time: datetime
    size: int
    path: str
    condition: str
    partial: bool
    ambiguous: bool

    @property
    def name(self) -> str:
        """What the command ``s3open recover`` calls it."""
        return os.path.basename(self.path).removesuffix(".data")

    def publish(
        self,
        uri: Name | None = None,
        *,
        config: Config | None = None,
        force: bool = False,
        **options: Any,
    ) -> None:
        """Publish it, and delete the recovery file when that is done.

        It is given the content type, metadata, ... that it was written with; a
        multipart upload that was begun with it is aborted.

        Args:
            uri: where to, None for where it belongs. Elsewhere nothing may be there,
                but for what is appended.
            config: how to reach the store; None is as it was reached, with credentials
                from botocore's places.
            force: whatever is there now, and even if it may have been published.
            options: those of `open` for writing, which go before what was recorded. A
                customer's key was not.

        Raises FileExistsError or ObjectChangedError if the condition does not hold;
        ValueError where *force*, a key, or another place is needed (a partial one
        belongs to its object); FileNotFoundError if it was published or discarded
        already, BlockingIOError while another process is at it; whatever `open` and
        ``close()`` raise. Unless it returns, the recovery file stays.
        """
        from s3open.stores import salvage
        from s3open.stores.described import options_of
        from s3open.stores.options import Options
        from s3open.writing import kept as keeping
        from s3open.writing import recovery

        path = Path(self.path)
        with keeping.claimed(path) as data:
            kept = keeping.read(path)
            keeping.check(kept, data)
            target = kept.uri if uri is None else naming.text(uri)
            if salvage.is_elsewhere(target):
                salvage.send_elsewhere(kept, data, target, config, options)
                recovery.remove(path)
                return
            place = salvage.located(target)
            config = config or salvage.config_for(kept, place)
            given = Options(writing=options_of(kept.about, options), kept=self.path)
            salvage.Salvage(kept, data, place, config, given).publish(force=force)
            recovery.remove(path)
            salvage.abort_upload(kept, config)

    def discard(self, *, config: Config | None = None) -> None:
        """Delete the recovery file; what was written is lost then.

        Costs no request, but one where a multipart upload was begun, which is aborted:
        *config* as for `publish`. That this failed is a warning. Raises
        FileNotFoundError if it was published or discarded already, BlockingIOError
        while another process publishes it.
        """
        from s3open.stores import salvage
        from s3open.stores.described import config_of
        from s3open.writing import kept as keeping
        from s3open.writing import recovery

        path = Path(self.path)
        with keeping.claimed(path):
            kept = keeping.read(path)
            recovery.remove(path)
            salvage.abort_upload(kept, config or config_of(kept.about))


def recover() -> list[Recovered]:
    """Return what was written and not published, on this machine, the oldest first.

    Files that could not be published when they were closed (`PublishError`), and those
    that were never closed (`UnpublishedWarning`), of this user's programs.
    """
    # Only now: nobody who loses nothing needs it.
    from s3open.writing import kept as keeping

    return [_shown(kept) for kept in keeping.found()]


def _shown(kept: Kept) -> Recovered:
    return Recovered(
        kept.uri,
        kept.reason,
        kept.time,
        kept.size,
        str(kept.data),
        kept.condition,
        kept.condition == "unchanged" and not kept.whole,
        kept.ambiguous,
    )
