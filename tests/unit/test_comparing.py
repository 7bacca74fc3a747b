"""Files and objects compared by what the store keeps of them."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from s3open import checksums, contract, errors
from s3open.location import Location
from s3open.s3 import retry
from s3open.trees.comparing import (
    Pair,
    differ_from_object,
    files_differ,
    objects_differ,
)
from s3open.trees.tasks import Known
from tests.fakes import pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTENT = pattern(300_000)
OTHER = bytes(300_000)
AT = Location("b", "k", "s3://b/k")


class Told:
    """Verbs that know what a HEAD says, of the object and of its first part."""

    endpoint = "http://localhost"
    patience = retry.DEFAULT

    def __init__(self, info: contract.ObjectInfo | None, part: int = 0) -> None:
        self.info = info
        self.part = part
        self.asked = 0

    def head_object(
        self, at: Location, *, settings: Mapping[str, Any]
    ) -> contract.ObjectInfo:
        self.asked += 1
        if self.info is None:
            raise errors.S3FileNotFoundError.at(at.uri)
        if "PartNumber" in settings:
            return contract.ObjectInfo(self.part, self.info.etag)
        return self.info


def info(kind: str, content: bytes, size: int = 0) -> contract.ObjectInfo:
    """Return what a store says of *content* that keeps this *kind* of checksum."""
    parts = [
        content[start : start + size] for start in range(0, len(content), size or 1)
    ]
    parts = parts if size else [content]
    if kind == "etag":
        sums = b"".join(hashlib.md5(part).digest() for part in parts)
        etag = hashlib.md5(sums).hexdigest() + f"-{len(parts)}"
        if not size:
            etag = hashlib.md5(content).hexdigest()
        return contract.ObjectInfo(len(content), f'"{etag}"')
    if kind in checksums.WIDTH:
        width = checksums.WIDTH[kind]
        crcs = [checksums.crc(kind, part) for part in parts]
        joined = b"".join(crc.to_bytes(width, "big") for crc in crcs)
        value = checksums.encode(kind, checksums.crc(kind, joined) if size else crcs[0])
    else:
        value = base64.b64encode(hashlib.new(kind, content).digest()).decode()
    name, suffix = kind.upper(), f"-{len(parts)}" if size else ""
    found = contract.Checksum(
        name, value + suffix, "COMPOSITE" if size else "FULL_OBJECT"
    )
    return contract.ObjectInfo(len(content), '"opaque"', checksum=found)


KINDS = [
    ("etag", 0),
    ("etag", 100_000),
    ("crc64nvme", 0),
    ("crc32", 0),
    ("crc32c", 70_000),
    ("crc32", 100_000),
    ("sha256", 0),
    ("sha1", 0),
]


@pytest.mark.parametrize(("kind", "size"), KINDS)
@pytest.mark.parametrize("compare", ["auto", "checksum"])
def test_whatever_the_store_keeps_tells(
    tmp_path: Path, kind: str, size: int, compare: str
) -> None:
    for content, expected in ((CONTENT, False), (OTHER, True)):
        (tmp_path / "file").write_bytes(content)
        there = info(kind, CONTENT, size)
        listed = Known(there.size, 0.0, there.etag)
        pair = Pair(str(tmp_path / "file"), AT, listed, compare)
        verbs: Any = Told(there, size)
        assert differ_from_object(verbs, pair) is expected
        assert verbs.asked <= 2


def test_a_small_file_is_told_by_the_etag_of_the_listing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    etag = hashlib.md5(b"content").hexdigest()
    for quoted in (etag, f'"{etag}"'):
        pair = Pair(str(tmp_path / "file"), AT, Known(7, 0.0, quoted), "auto")
        verbs: Any = Told(None)
        assert not differ_from_object(verbs, pair)
        assert verbs.asked == 0


@pytest.mark.parametrize("etag", [None, '"opaque"', f'"{"0" * 32}-1"'])
def test_what_nothing_tells_differs(tmp_path: Path, etag: str | None) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    size = len(CONTENT)
    pair = Pair(str(tmp_path / "file"), AT, Known(size, 0.0, etag), "auto")
    verbs: Any = Told(contract.ObjectInfo(size, etag), size)
    assert differ_from_object(verbs, pair)


def test_what_is_gone_or_another_one_differs(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    pair = Pair(str(tmp_path / "file"), AT, Known(len(CONTENT), 0.0, '"1"'), "auto")
    gone: Any = Told(None)
    assert differ_from_object(gone, pair)
    other: Any = Told(contract.ObjectInfo(len(CONTENT), '"2"'))
    assert differ_from_object(other, pair)


@pytest.mark.parametrize("compare", ["auto", "mtime", "checksum"])
def test_the_time_that_was_put_down(tmp_path: Path, compare: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(OTHER)
    nanoseconds = path.stat().st_mtime_ns
    exact = f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09}"
    there = info("crc64nvme", CONTENT)
    for text, same in ((exact, compare != "checksum"), ("1000", False)):
        said = contract.ObjectInfo(
            there.size, there.etag, metadata={"mtime": text}, checksum=there.checksum
        )
        pair = Pair(str(path), AT, Known(there.size, 0.0, there.etag), compare)
        verbs: Any = Told(said)
        assert differ_from_object(verbs, pair) is not same


def test_objects() -> None:
    crc, other = info("crc64nvme", CONTENT), info("crc64nvme", OTHER)
    parts, more = info("crc32c", CONTENT, 70_000), info("crc32c", CONTENT, 50_000)
    nothing = contract.ObjectInfo(3, '"1"')

    def differ(
        one: contract.ObjectInfo, two: contract.ObjectInfo, *, later: bool = False
    ) -> bool:
        return objects_differ(lambda: one, lambda: two, later=later)

    assert not differ(crc, crc)
    assert differ(crc, other, later=True)
    assert not differ(parts, parts)
    # Of other parts nothing follows, nor of other kinds.
    assert differ(parts, more)
    assert not differ(parts, more, later=True)
    assert differ(crc, parts)
    assert differ(nothing, nothing)
    assert not differ(nothing, nothing, later=True)

    def gone() -> contract.ObjectInfo:
        raise errors.S3FileNotFoundError.at("s3://b/k")

    assert objects_differ(gone, lambda: crc, later=True)


def test_files(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    large = pattern(3 << 20)
    for first, second, expected in (
        (b"", b"", False),
        (b"a", b"b", True),
        (b"a", b"ab", True),
        (large, large, False),
        (large, large[:-1] + b"x", True),
    ):
        one.write_bytes(first)
        two.write_bytes(second)
        assert files_differ(str(one), str(two)) is expected
