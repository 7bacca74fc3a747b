"""Which version of an object was the current one at some moment.

S3 tells times in whole seconds: of what was written within one second the newest
counts, as far as the listing tells.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from s3open import coded, errors
from s3open.s3 import retry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from s3open.contract import Entry
    from s3open.location import Location
    from s3open.s3.verbs import Verbs


def version_at(verbs: Verbs, at: Location, moment: datetime) -> str:
    """Return the id of the version that was current at *moment*, in its time zone.

    Raises FileNotFoundError if there was none, or a delete marker was the newest.
    """
    for entry in versions_of(verbs, at):
        if entry.last_modified is None or entry.last_modified > moment:
            continue
        if entry.deleted or entry.version_id is None:
            break
        return entry.version_id
    else:
        raise _missing(at, "did not exist yet", moment)
    raise _missing(at, "had been deleted", moment)


def versions_of(verbs: Verbs, at: Location) -> Iterator[Entry]:
    """Yield the versions and delete markers of the object *at*, newest first."""
    token: str | None = None
    while True:
        ask = partial(verbs.list_versions, at, token=token)
        page = retry.repeated(ask, verbs.patience)
        for entry in page.entries:
            if entry.name != at.key:
                # Keys that are longer come behind.
                return
            yield entry
        token = page.token
        if token is None:
            return


def _missing(at: Location, fate: str, moment: datetime) -> errors.S3Error:
    return coded.NoSuchVersion.at(at.uri, f"it {fate} at {moment.isoformat()}")
