"""A file's bytes into a store: by one request up to one part, in parts above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open import errors
from s3open.spool import gathered

if TYPE_CHECKING:
    from s3open.contract import Content, Writer


def upload(content: Content, writer: Writer, part_size: int) -> None:
    """Publish all of *content*, or nothing. Raises what *writer* raises."""
    if content.size <= part_size:
        writer.put([gathered(range(content.size), content.read_at)])
    else:
        _upload_in_parts(content, writer, part_size)


def grown(part_size: int, size: int, max_parts: int) -> int:
    """Return *part_size*, or as much more as *size* bytes in *max_parts* need."""
    return max(part_size, -(-size // max_parts))


def _upload_in_parts(content: Content, writer: Writer, part_size: int) -> None:
    step = grown(part_size, content.size, writer.max_parts)
    upload_id = writer.begin()
    try:
        parts = []
        for number, start in enumerate(range(0, content.size, step), start=1):
            span = range(start, min(start + step, content.size))
            body = gathered(span, content.read_at)
            parts.append(writer.put_part(upload_id, number, [body]))
        writer.complete(upload_id, parts)
    except BaseException:
        abort(writer, upload_id)
        raise


def abort(writer: Writer, upload_id: str) -> None:
    """Abort an upload that failed; warn if that fails, too."""
    try:
        writer.abort(upload_id)
    except errors.S3Error as error:
        # The caller is about to hear of the failure that matters.
        errors.warn(
            f"the multipart upload {upload_id} could not be aborted and costs storage "
            f"until it is: {error}",
            errors.UnpublishedWarning,
        )
