"""What is written is what is published, or nothing is: by checksums, end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import checksums
from s3open.testing import Fault
from tests.fakes import pattern
from tests.stores import open_any

if TYPE_CHECKING:
    from s3open.testing import S3Server

MIB = 1 << 20
PART = 5 * MIB
# Three parts, and nothing is even.
LONG = pattern(2 * PART + 4321)
IN_PARTS = s3open.Config(part_size=PART)

pytestmark = pytest.mark.usefixtures(
    "_each_transport", "_known_to_honour", "_private_recovery"
)


@pytest.fixture
def server(s3open_server: S3Server, s3open_bucket: str) -> S3Server:
    s3open_server.put(s3open_bucket, "k", b"old")
    return s3open_server


URI = "s3://s3open-test/k"


def sum_of(content: bytes) -> str:
    return checksums.encode("crc64nvme", checksums.crc("crc64nvme", content))


def kept(server: S3Server) -> tuple[str, str]:
    """Return the checksum that the server has of the object, and its kind."""
    found = server.head("s3open-test", "k").checksum
    assert found is not None
    assert found.algorithm == "crc64nvme"
    return found.value, found.kind


def is_old(server: S3Server) -> bool:
    return (
        server.read("s3open-test", "k") == b"old"
        and server.uploads("s3open-test") == []
    )


@pytest.mark.parametrize("size", [0, 1, MIB, PART, PART + 1, len(LONG)])
@pytest.mark.parametrize("step", [70_001, 3 * MIB])
def test_the_store_has_the_checksum_of_the_whole(
    server: S3Server, size: int, step: int
) -> None:
    content = LONG[:size]
    with s3open.open(URI, "wb", config=IN_PARTS) as file:
        for start in range(0, size, step):
            file.write(content[start : start + step])
    assert server.read("s3open-test", "k") == content
    assert kept(server) == (sum_of(content), "FULL_OBJECT")


def test_so_it_has_where_parts_were_written_again(server: S3Server) -> None:
    content = bytearray(LONG)
    with s3open.open(URI, "wb", config=IN_PARTS) as file:
        file.write(content)
        for start in (0, 3 * MIB + 5, PART - 2, 2 * PART):
            file.seek(start)
            file.write(b"again")
            content[start : start + 5] = b"again"
        file.truncate(len(content) - 100)
        del content[-100:]
    assert server.read("s3open-test", "k") == content
    assert kept(server) == (sum_of(bytes(content)), "FULL_OBJECT")


@pytest.mark.parametrize("mode", ["ab", "r+b"])
def test_so_it_has_where_parts_were_copied(server: S3Server, mode: str) -> None:
    server.put("s3open-test", "k", LONG)
    with open_any(URI, mode, config=IN_PARTS) as file, server.counting() as seen:
        file.seek(0)
        file.write(b"more")
        file.close()
    content = LONG + b"more" if mode == "ab" else b"more" + LONG[4:]
    assert seen.operations["UploadPartCopy"]
    assert server.read("s3open-test", "k") == content
    assert kept(server) == (sum_of(content), "FULL_OBJECT")


def test_a_part_without_a_checksum_leaves_the_whole_without(server: S3Server) -> None:
    # Of synthetic bytes the server keeps no checksums.
    server.synthetic("s3open-test", "k", 30 * MIB)
    with s3open.open(URI, "ab") as file:
        file.write(b"more")
    assert server.head("s3open-test", "k").size == 30 * MIB + 4
    assert server.head("s3open-test", "k").checksum is None


@pytest.mark.parametrize(
    ("operation", "size"), [("PutObject", 1000), ("UploadPart", len(LONG))]
)
def test_a_bit_flipped_on_the_way_up_is_sent_again(
    server: S3Server, operation: str, size: int
) -> None:
    fault = server.fault(Fault(operation=operation, flip_request=999))
    with s3open.open(URI, "wb", config=IN_PARTS) as file:
        file.write(LONG[:size])
    assert fault.fired == 1
    assert server.read("s3open-test", "k") == LONG[:size]


@pytest.mark.parametrize(
    ("operation", "size"), [("PutObject", 1000), ("UploadPart", len(LONG))]
)
def test_bits_that_stay_flipped_leave_the_old_object(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, operation: str, size: int
) -> None:
    monkeypatch.setattr("s3open.s3.retry.pause", lambda _failures: None)
    server.fault(Fault(operation=operation, flip_request=999, times=None))
    with pytest.raises(s3open.IntegrityError) as caught:
        write(LONG[:size])
    assert isinstance(caught.value, s3open.PublishError)
    assert caught.value.where == URI
    assert caught.value.recovery is not None
    assert is_old(server)


@pytest.mark.parametrize("size", [3 * MIB, len(LONG)])
def test_what_is_damaged_in_memory_is_not_published(
    server: S3Server, size: int
) -> None:
    def damage(spool: Any) -> None:
        index = max(spool._blocks)
        spool._blocks[index]._view[3] ^= 1

    with pytest.raises(s3open.IntegrityError, match="on this machine") as caught:
        write(LONG[:size], damage)
    assert caught.value.expected != caught.value.received
    assert is_old(server)


def test_what_is_damaged_on_the_disk_is_not_published(server: S3Server) -> None:
    def damage(spool: Any) -> None:
        index, scratch = next(iter(spool._spilled.items()))
        byte = memoryview(bytearray(1))
        scratch.read_at(index * MIB, byte)
        byte[0] ^= 1
        scratch.write_at(index * MIB, byte)

    config = s3open.Config(memory=2 * MIB)
    with pytest.raises(s3open.IntegrityError, match="on this machine"):
        write(LONG[: 5 * MIB], damage, config)
    assert is_old(server)


@pytest.mark.parametrize("size", [3 * MIB, len(LONG)])
def test_stores_without_checksums_are_sent_nothing_damaged_either(
    server: S3Server, size: int
) -> None:
    for operation in ("PutObject", "CreateMultipartUpload", "UploadPart"):
        server.fault(Fault(operation=operation, ignore=["checksum"], times=None))

    def damage(spool: Any) -> None:
        spool._blocks[max(spool._blocks)]._view[3] ^= 1

    with pytest.raises(s3open.IntegrityError, match="on this machine"):
        write(LONG[:size], damage)
    assert is_old(server)


def test_off_takes_no_sums(server: S3Server) -> None:
    def damage(spool: Any) -> None:
        spool._blocks[0]._view[3] ^= 1

    write(LONG[:MIB], damage, s3open.Config(verify="off"))
    assert server.read("s3open-test", "k") != LONG[:MIB]


def write(content: bytes, damage: Any = None, config: s3open.Config = IN_PARTS) -> None:
    with open_any(URI, "wb", config=config) as file:
        file.write(content)
        file.flush()
        if damage is not None:
            damage(file.raw._spool)
