"""What is asked of, or done with, many things in a bucket side by side."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timezone
from operator import methodcaller
from typing import TYPE_CHECKING, Any

from s3open import errors
from s3open.service.information import BucketInfo
from s3open.trees.executing import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta

    from s3open.service.information import Upload

_SETTINGS = (
    *("versioning", "policy", "cors", "lifecycle", "tags", "website", "encryption"),
    *("ownership", "public_access_block", "object_lock", "acl", "logging"),
)
_WORKERS = 16
# A store that does not have such a setting.
_UNKNOWN = (405, 501)


def info(name: str, region: str, ask: Callable[[str], Any]) -> BucketInfo:
    """Return what *ask* tells of each setting of the bucket *name*."""
    found: dict[str, Any] = {"name": name, "region": region}
    denied = []
    with closing(run(_SETTINGS, ask, workers=_WORKERS)) as results:
        for setting, value in results:
            if not isinstance(value, BaseException):
                found[setting] = value
            elif _may_not_be_asked(value):
                denied.append(setting)
            else:
                raise value
    return BucketInfo(**found, denied=tuple(sorted(denied, key=_SETTINGS.index)))


def _may_not_be_asked(error: BaseException) -> bool:
    return isinstance(error, errors.S3PermissionError) or (
        isinstance(error, errors.S3Error) and error.status in _UNKNOWN
    )


def abort_uploads(
    uploads: Iterable[Upload],
    older_than: timedelta,
    on_abort: Callable[[Upload], object] | None,
) -> int:
    """Abort those of *uploads* that are so old; return how many these were."""
    from s3open.trees.events import Event
    from s3open.trees.report import Report

    latest = datetime.now(timezone.utc) - older_than
    report = Report()
    found = (each for each in uploads if each.begun <= latest)
    with closing(run(found, methodcaller("abort"), workers=_WORKERS)) as results:
        for upload, error in results:
            if isinstance(error, OSError):
                report.add(Event("fail", upload.uri, error=error))
                continue
            if isinstance(error, BaseException):
                raise error
            report.add(Event("remove", upload.uri))
            if on_abort is not None:
                on_abort(upload)
    report.raise_for_failures()
    return report.removed
