"""Whether two files are the same: asked of no more than it takes to know.

What a listing tells decides most: see `obvious`. What it leaves open is looked into
here, by whoever would copy the file: its bytes are read where they are on this machine,
and compared with the checksum that the store keeps of the object.
"""

from __future__ import annotations

import hashlib
import os
import re
from datetime import timezone
from typing import TYPE_CHECKING, NamedTuple

from s3open import checksums, contract, errors
from s3open.s3 import retry
from s3open.s3.proofs import parts_in, proof_of
from s3open.stores import folders
from s3open.stores.objects import S3Reader
from s3open.transfers.sources import FileSource

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from s3open.contract import ObjectInfo, Proof
    from s3open.location import Location
    from s3open.s3.verbs import Verbs
    from s3open.trees.tasks import Known

# Up to here a file is read, and its MD5 compared with the ETag that the listing has
# told: to ask the store takes as long as to hash so much.
_SMALL = 256 << 10
_CHUNK = 1 << 20
_PLAIN_ETAG = re.compile(r'"?([0-9a-f]{32})"?')
_PARTS_ETAG = re.compile(r'"?([0-9a-f]{32})-([0-9]+)"?')


class Pair(NamedTuple):
    """A file of this machine, and an object, which a listing has told of."""

    path: str
    at: Location
    listed: Known
    compare: str


def differ_from_object(verbs: Verbs, pair: Pair) -> bool:
    """Whether the file and the object of *pair*, of the same size, differ.

    Where nothing can tell they do: a copy too many does no harm.
    """
    listed = pair.listed
    small = listed.size <= _SMALL and pair.compare != "mtime"
    match = _PLAIN_ETAG.fullmatch(listed.etag or "") if small else None
    if match is not None and _digest(pair.path, "md5") == match[1]:
        return False
    reader = S3Reader(verbs, pair.at, contract.ObjectInfo(listed.size, listed.etag))
    try:
        info = reader.head()
    except (errors.ObjectChangedError, FileNotFoundError):
        return True
    # An MD5 that is another one says more than a time, which anybody can set.
    proven = match is not None and proof_of(info) is not None
    timed = pair.compare != "checksum" and not proven
    if timed and _same_time(pair.path, info):
        return False
    if pair.compare == "mtime":
        return True
    return not _proven(pair.path, info, reader)


def objects_differ(
    one: Callable[[], ObjectInfo], other: Callable[[], ObjectInfo], *, later: bool
) -> bool:
    """Whether two objects differ, whose ETags do, by the checksums that are kept.

    Where these do not compare they do, unless the other one is *later*: then it was
    made of the first one, or on purpose. (Who wants checksums alone never says so.)
    """
    try:
        first, second = one().checksum, other().checksum
    except (errors.ObjectChangedError, FileNotFoundError):
        return True
    if first is not None and second is not None:
        alike = (first.algorithm, first.kind) == (second.algorithm, second.kind)
        if alike and (first.kind == "FULL_OBJECT" or first.value == second.value):
            return first.value != second.value
    return not later


def files_differ(one: str, other: str) -> bool:
    """Whether the bytes of two files of this machine differ."""
    with FileSource(one, 0, None) as first, FileSource(other, 0, None) as second:
        if first.size != second.size:
            return True
        here, there = (memoryview(bytearray(_CHUNK)) for _ in range(2))
        offset = 0
        while count := first.fill(offset, here):
            if second.fill(offset, there) != count or here[:count] != there[:count]:
                return True
            offset += count
    return False


def is_newer(verbs: Verbs, at: Location, modified: float) -> bool:
    """Whether what was *modified* then is newer than the object, if there is one."""
    try:
        info = retry.repeated(lambda: verbs.head_object(at), verbs.patience)
    except FileNotFoundError:
        return True
    return modified > time_of(info)


def time_of(info: ObjectInfo) -> float:
    """Return when an object's bytes were written: what is kept, or its own time."""
    kept = folders.modified(info.metadata)
    return kept / 1e9 if kept is not None else seconds(info.last_modified)


def seconds(moment: datetime | None) -> float:
    """Return *moment* in seconds since 1970, the beginning of time if it is None."""
    if moment is None:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.timestamp()


def check_free(verbs: Verbs, at: Location) -> None:
    """Raise FileExistsError if there is something at *at*."""
    try:
        retry.repeated(lambda: verbs.head_object(at), verbs.patience)
    except FileNotFoundError:
        return
    raise errors.S3FileExistsError.at(at.uri)


def _same_time(path: str, info: ObjectInfo) -> bool:
    """Whether a file has the time that was put down when the object was written.

    An object without one has its own time, which downloads are given then.
    """
    found = os.stat(path).st_mtime_ns
    kept = folders.modified(info.metadata)
    if kept is None:
        return found == round(seconds(info.last_modified) * 1e9)
    return found == kept


def _proven(path: str, info: ObjectInfo, reader: S3Reader) -> bool:
    """Whether the checksum that the store keeps of an object is that of a file."""
    parts = _PARTS_ETAG.fullmatch(info.etag or "")
    try:
        size = None
        if parts_in(info) > 1 or (info.checksum is None and parts):
            size = reader.head(PartNumber=1).size
    except errors.ObjectChangedError:
        return False
    except errors.S3Error:
        size = None
    proof = proof_of(info, size)
    if proof is not None:
        return _sum(path, proof) == proof.value
    if parts and size and -(-info.size // size) == int(parts[2]):
        return _digest_of_parts(path, size) == parts[1]
    return False


def _sum(path: str, proof: Proof) -> str:
    """Return the checksum of a file as *proof* has it."""
    name = proof.algorithm
    if name not in checksums.WIDTH:
        import base64

        text = _digest(path, name)
        return text if name == "md5" else base64.b64encode(bytes.fromhex(text)).decode()
    if proof.part_size is None:
        return checksums.encode(name, _crc(path, name, None))
    width = checksums.WIDTH[name]
    with FileSource(path, 0, None) as source:
        size = source.size or 0
    joined = b"".join(
        _crc(path, name, range(start, min(start + proof.part_size, size))).to_bytes(
            width, "big"
        )
        for start in range(0, size, proof.part_size)
    )
    return checksums.encode(name, checksums.crc(name, joined))


def _crc(path: str, algorithm: str, span: range | None) -> int:
    value = 0

    def add(data: memoryview) -> None:
        nonlocal value
        value = checksums.crc(algorithm, data, value)

    _read(path, span, add)
    return value


def _digest(path: str, algorithm: str) -> str:
    found = hashlib.new(algorithm, usedforsecurity=False)
    _read(path, None, found.update)
    return found.hexdigest()


def _digest_of_parts(path: str, size: int) -> str:
    """Return the MD5 of the MD5s of the parts of a file, *size* bytes each."""
    whole = hashlib.md5(usedforsecurity=False)
    with FileSource(path, 0, None) as source:
        length = source.size or 0
    for start in range(0, length, size):
        part = hashlib.md5(usedforsecurity=False)
        _read(path, range(start, min(start + size, length)), part.update)
        whole.update(part.digest())
    return whole.hexdigest()


def _read(path: str, span: range | None, take: Callable[[memoryview], object]) -> None:
    """Give the bytes of a file, or those of *span*, to *take*."""
    stop = None if span is None else span.stop
    with FileSource(path, 0 if span is None else span.start, stop) as source:
        buffer = memoryview(bytearray(min(_CHUNK, max(1, source.size or 1))))
        offset = 0
        while count := source.fill(
            offset, buffer[: max(0, (source.size or 0) - offset)]
        ):
            take(buffer[:count])
            offset += count
