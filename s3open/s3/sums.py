"""The CRC that goes with what is sent, and what the store says of it afterwards.

A store that keeps checksums refuses bytes that do not fit, and says with each answer
which checksum it has kept. One that says nothing has not looked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open import checksums, errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s3open.contract import Part, Pieces


def name() -> str:
    """Return boto3's name of the checksum that uploads are sent with."""
    return f"Checksum{checksums.own().upper()}"


def header() -> str:
    """Return the header of the checksum that uploads are sent with."""
    return f"x-amz-checksum-{checksums.own()}"


def announced() -> dict[str, str]:
    """Return what an upload in parts is begun with."""
    return {"ChecksumAlgorithm": checksums.own().upper(), "ChecksumType": "FULL_OBJECT"}


def value_of(body: Pieces) -> int:
    """Return the CRC of *body*."""
    algorithm, value = checksums.own(), 0
    for piece in body:
        value = checksums.crc(algorithm, piece, value)
    return value


def settings_of(crc: int) -> dict[str, str]:
    """Return what says that a body has this *crc*."""
    return {name(): checksums.encode(checksums.own(), crc)}


def require(uri: str, body: Pieces, crc: int) -> None:
    """Raise IntegrityError if *body* is not what was written, and had *crc*."""
    found = value_of(body)
    if found != crc:
        algorithm = checksums.own()
        raise errors.IntegrityError.between(
            uri,
            checksums.encode(algorithm, crc),
            checksums.encode(algorithm, found),
            "what was written was damaged on this machine",
        )


def sent_with(body: Pieces, settings: Mapping[str, Any]) -> str:
    """Return the checksum that *body* is sent with, which *settings* may know."""
    known: str | None = settings.get(name())
    return known or checksums.encode(checksums.own(), value_of(body))


def of_whole(parts: Sequence[Part]) -> dict[str, Any]:
    """Return what CompleteMultipartUpload is told of the whole object.

    Where the checksum of one part is missing, only how long it is.
    """
    settings: dict[str, Any] = {"MpuObjectSize": sum(part.size for part in parts)}
    pieces = [(part.crc, part.size) for part in parts if part.crc is not None]
    if len(pieces) == len(parts):
        algorithm = checksums.own()
        value = checksums.combined(algorithm, pieces)
        settings[name()] = checksums.encode(algorithm, value)
        settings["ChecksumType"] = "FULL_OBJECT"
    return settings


def without(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return *settings* without what `of_whole` adds, for stores that mind it."""
    ours = (name(), "ChecksumType", "MpuObjectSize")
    return {name: settings[name] for name in settings if name not in ours}


def compare(
    uri: str,
    name: str,
    asked: Mapping[str, Any],
    answer: Mapping[str, Any],
    *,
    published: bool = False,
) -> None:
    """Raise IntegrityError if a store has kept another checksum than was sent.

    Both are called *name*, in what was *asked* and in the *answer*; either may be
    missing. What is *published* is not to be sent again.
    """
    sent, kept = asked.get(name), answer.get(name)
    if not sent or not kept or sent == kept or "-" in kept:
        return
    error = errors.IntegrityError.between(
        uri, sent, kept, "the store has kept other bytes than were sent"
    )
    error.retryable, error.ambiguous = not published, published
    raise error
