"""A spool's bytes into a store: by one request up to one part, in parts above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open import errors
from s3open.spool import gathered

if TYPE_CHECKING:
    from s3open.contract import Writer
    from s3open.spool import Spool


def upload(spool: Spool, writer: Writer, part_size: int) -> None:
    """Publish all of *spool*, or nothing. Raises what *writer* raises."""
    if spool.size <= part_size:
        writer.put(gathered(range(spool.size), spool.read_at))
    else:
        _upload_in_parts(spool, writer, part_size)


def grown(part_size: int, size: int, max_parts: int) -> int:
    """Return *part_size*, or as much more as *size* bytes in *max_parts* need."""
    return max(part_size, -(-size // max_parts))


def _upload_in_parts(spool: Spool, writer: Writer, part_size: int) -> None:
    step = grown(part_size, spool.size, writer.max_parts)
    upload_id = writer.begin()
    try:
        tags = []
        for number, start in enumerate(range(0, spool.size, step), start=1):
            span = range(start, min(start + step, spool.size))
            content = gathered(span, spool.read_at)
            tags.append(writer.put_part(upload_id, number, content))
        writer.complete(upload_id, tags)
    except BaseException:
        _abort(writer, upload_id)
        raise


def _abort(writer: Writer, upload_id: str) -> None:
    try:
        writer.abort(upload_id)
    except errors.S3Error as error:
        # The caller is about to hear of the failure that matters.
        errors.warn(
            f"the multipart upload {upload_id} could not be aborted and costs storage "
            f"until it is: {error}",
            errors.UnpublishedWarning,
        )
