"""The CRC that goes with what is sent, and what the store says of it afterwards.

A store that keeps checksums refuses bytes that do not fit, and says with each answer
which checksum it has kept. One that says nothing has not looked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open import checksum, errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s3open.contract import Part, Pieces


def name() -> str:
    """Return boto3's name of the checksum that uploads are sent with."""
    return f"Checksum{checksum.own().upper()}"


def header() -> str:
    """Return the header of the checksum that uploads are sent with."""
    return f"x-amz-checksum-{checksum.own()}"


def value_of(body: Pieces) -> int:
    """Return the CRC of *body*."""
    algorithm, value = checksum.own(), 0
    for piece in body:
        value = checksum.crc(algorithm, piece, value)
    return value


def sent_with(body: Pieces, settings: Mapping[str, Any]) -> str:
    """Return the checksum that *body* is sent with, which *settings* may know."""
    known: str | None = settings.get(name())
    return known or checksum.encode(checksum.own(), value_of(body))


def of_whole(parts: Sequence[Part]) -> dict[str, Any]:
    """Return what CompleteMultipartUpload is told of the whole object.

    Where the checksum of one part is missing, only how long it is.
    """
    settings: dict[str, Any] = {"MpuObjectSize": sum(part.size for part in parts)}
    pieces = [(part.crc, part.size) for part in parts if part.crc is not None]
    if len(pieces) == len(parts):
        algorithm = checksum.own()
        value = checksum.combined(algorithm, pieces)
        settings[name()] = checksum.encode(algorithm, value)
        settings["ChecksumType"] = "FULL_OBJECT"
    return settings


def without(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return *settings* without what `of_whole` adds, for stores that mind it."""
    ours = (name(), "ChecksumType", "MpuObjectSize")
    return {name: settings[name] for name in settings if name not in ours}


def compare(
    uri: str, sent: str | None, kept: str | None, *, published: bool = False
) -> None:
    """Raise IntegrityError if a store has *kept* another checksum than was *sent*.

    Either may be unknown (None). What is *published* is not to be sent again.
    """
    if not sent or not kept or sent == kept or "-" in kept:
        return
    error = errors.IntegrityError.between(
        uri, sent, kept, "the store has kept other bytes than were sent"
    )
    error.retryable, error.ambiguous = not published, published
    raise error
