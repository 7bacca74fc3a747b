"""What operations cost: requests, bytes and connections are exact, hence asserted."""

from __future__ import annotations

import io
import random
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.reading import pace
from s3open.s3 import endpoint
from s3open.testing import synthetic_bytes
from tests.stores import open_any

if TYPE_CHECKING:
    from s3open.testing import S3Server

KIB = 1 << 10
MIB = 1 << 20


pytestmark = pytest.mark.usefixtures("_each_transport")


@pytest.fixture
def server(
    s3open_server: S3Server, s3open_bucket: str, _known_to_honour: None
) -> S3Server:
    s3open_server.put(s3open_bucket, "small", b"s" * 4096)
    s3open_server.synthetic(s3open_bucket, "huge", 10 << 30)
    return s3open_server


def uri(key: str) -> str:
    return f"s3://s3open-test/{key}"


def test_a_small_read_is_one_get_in_any_mode(server: S3Server) -> None:
    for mode in ("r", "rb"):
        with server.counting() as seen, s3open.open(uri("small"), mode) as file:
            assert len(file.read()) == 4096
        assert seen.operations == {"GetObject": 1}
        assert seen.bytes_out == 4096


def test_a_small_write_is_one_put(server: S3Server) -> None:
    with server.counting() as seen, s3open.open(uri("new"), "wb") as file:
        file.write(b"w" * 4096)
    assert seen.operations == {"PutObject": 1}
    assert seen.bytes_in == 4096


def test_an_empty_write_is_one_put(server: S3Server) -> None:
    with server.counting() as seen:
        s3open.open(uri("empty"), "w").close()
    assert seen.operations == {"PutObject": 1}
    assert server.read("s3open-test", "empty") == b""


def test_an_empty_read_is_one_get(server: S3Server) -> None:
    server.put("s3open-test", "empty", b"")
    with server.counting() as seen, s3open.open(uri("empty"), "rb") as file:
        assert file.read() == b""
    assert seen.operations == {"GetObject": 1}


def test_an_exclusive_write_is_a_head_and_a_put(server: S3Server) -> None:
    with server.counting() as seen, s3open.open(uri("new"), "xb") as file:
        file.write(b"x")
    assert seen.operations == {"HeadObject": 1, "PutObject": 1}


def test_a_failing_exclusive_write_is_one_head(server: S3Server) -> None:
    with server.counting() as seen, pytest.raises(FileExistsError):
        s3open.open(uri("small"), "x")
    assert seen.operations == {"HeadObject": 1}


def test_opening_for_writing_and_failing_costs_nothing(server: S3Server) -> None:
    def fail_half_way() -> None:
        with s3open.open(uri("new"), "wb") as file:
            file.write(b"half" * MIB)
            raise ZeroDivisionError

    with server.counting() as seen, pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert seen.total == 0


def test_parts_are_sent_while_the_program_writes(server: S3Server) -> None:
    content = bytes(range(256)) * 4 * 1024 * 30 + b"end"
    with server.counting() as seen:
        with s3open.open(uri("new"), "wb") as file:
            for start in range(0, len(content), MIB):
                file.write(content[start : start + MIB])
            assert seen.operations["CreateMultipartUpload"] == 1
        assert seen.operations == {
            "CreateMultipartUpload": 1,
            "UploadPart": 7,
            "CompleteMultipartUpload": 1,
        }
    assert server.read("s3open-test", "new") == content


def test_a_part_that_is_written_to_again_is_sent_again(server: S3Server) -> None:
    with server.counting() as seen, s3open.open(uri("new"), "wb") as file:
        file.write(bytes(30 * MIB))
        file.seek(10 * MIB)
        file.write(b"again")
    assert seen.operations == {
        "CreateMultipartUpload": 1,
        "UploadPart": 7,
        "CompleteMultipartUpload": 1,
    }
    assert server.read("s3open-test", "new") == (
        bytes(10 * MIB) + b"again" + bytes(20 * MIB - 5)
    )


def test_a_large_write_is_its_parts_and_two_requests_more(server: S3Server) -> None:
    config = s3open.Config(part_size=5 * MIB)
    with server.counting() as seen, s3open.open(uri("l"), "wb", config=config) as file:
        file.write(bytes(11 * MIB))
    assert seen.operations == {
        "CreateMultipartUpload": 1,
        "UploadPart": 3,
        "CompleteMultipartUpload": 1,
    }
    assert server.uploads("s3open-test") == []


def test_ten_bytes_of_ten_gib_move_less_than_two_mib(server: S3Server) -> None:
    with server.counting() as seen, s3open.open(uri("huge"), "rb") as file:
        assert len(file.read(10)) == 10
    assert seen.operations == {"GetObject": 1}
    assert seen.bytes_out < 2 * MIB


def test_ten_bytes_in_the_midst_of_ten_gib_move_little(server: S3Server) -> None:
    with server.counting() as seen, s3open.open(uri("huge"), "rb") as file:
        file.seek(5 << 30)
        assert len(file.read(10)) == 10
    assert seen.operations == {"GetObject": 2}
    assert seen.bytes_out < 2 * MIB


def test_reading_on_asks_for_more_each_time(server: S3Server) -> None:
    server.synthetic("s3open-test", "long", 100 * MIB)
    alone = s3open.Config(connections=1)
    with (
        server.counting() as seen,
        s3open.open(uri("long"), "rb", config=alone) as file,
    ):
        while file.read(MIB):
            pass
    # 1, 2, 4, 8, 16, 32 MiB, and what is left of 64. Which checksum the store keeps is
    # asked beside the second one.
    assert seen.operations == {"GetObject": 7, "HeadObject": 1}
    assert seen.bytes_out == 100 * MIB


def test_reading_everything_at_once_asks_twice_and_for_the_checksum(
    server: S3Server,
) -> None:
    server.synthetic("s3open-test", "long", 100 * MIB)
    alone = s3open.Config(connections=1)
    with (
        server.counting() as seen,
        s3open.open(uri("long"), "rb", config=alone) as file,
    ):
        assert len(file.read()) == 100 * MIB
    assert seen.operations == {"GetObject": 2, "HeadObject": 1}
    assert seen.bytes_out == 100 * MIB


@pytest.mark.parametrize("step", [64 << 10, MIB, -1])
def test_over_many_connections_each_byte_moves_once(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(pace, "_FAST", float("inf"))
    server.synthetic("s3open-test", "long", 100 * MIB)
    with server.counting() as seen, s3open.open(uri("long"), "rb") as file:
        while file.read(step):
            pass
    assert seen.bytes_out == 100 * MIB
    assert seen.operations.keys() == {"GetObject", "HeadObject"}
    assert seen.operations["HeadObject"] == 1
    assert 25 <= seen.operations["GetObject"] <= 100


def test_seeking_back_to_what_is_still_here_asks_for_nothing(server: S3Server) -> None:
    server.synthetic("s3open-test", "long", 8 * MIB)
    with s3open.open(uri("long"), "rb") as file:
        first = file.read()
        with server.counting() as seen:
            file.seek(0)
            assert file.read() == first
    assert seen.total == 0


def test_what_was_dropped_is_fetched_once_more_and_kept(server: S3Server) -> None:
    server.synthetic("s3open-test", "long", 16 * MIB)
    config = s3open.Config(memory=2 * MIB)
    with s3open.open(uri("long"), "rb", config=config) as file:
        first = file.read()
        with server.counting() as again:
            file.seek(0)
            assert file.read() == first
        with server.counting() as third:
            file.seek(0)
            assert file.read() == first
    # A large read goes from the socket to the program: nothing of it was here.
    assert again.bytes_out == 16 * MIB
    assert third.bytes_out <= 2 * MIB


def test_a_member_of_a_large_zip_moves_little(server: S3Server) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(16):
            archive.writestr(f"member-{number}", bytes([number]) * (2 * MIB))
    server.put("s3open-test", "archive.zip", made.getvalue())

    with (
        server.counting() as seen,
        s3open.open(uri("archive.zip"), "rb") as file,
        zipfile.ZipFile(file) as archive,
        archive.open("member-9") as member,
    ):
        assert member.read(10) == bytes([9]) * 10

    assert seen.bytes_out < 4 * MIB


def test_many_files_share_one_connection(server: S3Server) -> None:
    with s3open.open(uri("small"), "rb") as file:
        file.read()
    with server.counting() as seen:
        for number in range(25):
            with s3open.open(uri("small"), "rb") as file:
                file.read()
            with s3open.open(uri(f"new-{number}"), "wb") as out:
                out.write(b"n")
    assert seen.total == 50
    assert seen.connections == 1


def test_no_list_no_head_and_no_acl_is_ever_asked_for(server: S3Server) -> None:
    for operation in ("HeadObject", "ListObjectsV2", "ListObjects", "GetObjectAcl"):
        server.deny(operation)
    with s3open.open(uri("new"), "x") as file:
        file.write("least privilege")
    with s3open.open(uri("new")) as file:
        assert file.read() == "least privilege"
    with s3open.open(uri("new"), "w") as file:
        file.write("again")
    assert server.read("s3open-test", "new") == b"again"


def test_the_first_exclusive_write_at_an_unknown_endpoint_tries_it(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(endpoint._known, (server.endpoint_url, "PutObject"))
    for number, requests in enumerate(
        [{"HeadObject": 2, "PutObject": 2}, {"HeadObject": 1, "PutObject": 1}]
    ):
        with server.counting() as seen, s3open.open(uri(f"{number}"), "xb") as file:
            file.write(b"x")
        assert seen.operations == requests


def test_text_needs_no_descriptor_hence_not_all_bytes(server: S3Server) -> None:
    with server.counting() as seen, s3open.open(uri("huge"), encoding=None) as file:
        assert file.seekable()
    assert seen.operations == {"GetObject": 1}
    assert seen.bytes_out < 2 * MIB


@pytest.mark.parametrize("mode", ["rb", "r+b", "r"])
def test_many_ranges_are_fetched_side_by_side(server: S3Server, mode: str) -> None:
    server.synthetic("s3open-test", "long", 100 * MIB)
    wanted = [(start, 1000) for start in range(90 * MIB, 0, -9 * MIB)]
    wanted += [(100 * MIB - 10, 100), (200 * MIB, 5), (7, 0)]
    with open_any(uri("long"), mode) as file:
        raw = file.buffer.raw if mode == "r" else file.raw
        position = file.tell()
        with server.counting() as seen:
            found = raw.read_ranges(wanted)
        assert file.tell() == position
    ends = [min(start + length, 100 * MIB) for start, length in wanted]
    assert found == [
        synthetic_bytes(range(start, max(start, end)))
        for (start, _), end in zip(wanted, ends, strict=True)
    ]
    assert seen.operations == {"GetObject": 11}
    assert seen.bytes_out == 10 * 1000 + 10


def test_ranges_of_a_descriptor_and_of_what_is_written(server: S3Server) -> None:
    with open_any(uri("small"), "rb", buffering=0) as file:
        file.fileno()
        assert file.read_ranges([(4000, 500), (0, 2)]) == [b"s" * 96, b"ss"]
    with open_any(uri("new"), "w+b", buffering=0) as file:
        file.write(b"content")
        file.prefetch([(0, 3)])
        assert file.read_ranges([(3, 2)]) == [b"te"]
        with pytest.raises(ValueError, match="not a range"):
            file.read_ranges([(-1, 2)])


def test_reads_at_random_move_little_more_than_they_ask_for(server: S3Server) -> None:
    server.synthetic("s3open-test", "gib", 1 << 30)
    places = random.Random(0)
    starts = [places.randrange((1 << 30) - 64 * KIB) for _ in range(200)]
    with server.counting() as seen, s3open.open(uri("gib"), "rb") as file:
        for start in starts:
            file.seek(start)
            there = synthetic_bytes(range(start, start + 64 * KIB))
            assert file.read(64 * KIB) == there
    assert 200 < seen.operations["GetObject"] == seen.total <= 1.02 * 200
    assert seen.bytes_out < 1.1 * 200 * 64 * KIB


def test_the_tail_and_fifty_members_move_little(server: S3Server) -> None:
    server.synthetic("s3open-test", "gib", 1 << 30)
    with server.counting() as seen, s3open.open(uri("gib"), "rb") as file:
        file.seek(-64 * KIB - 22, io.SEEK_END)
        assert len(file.read()) == 64 * KIB + 22
        for number in range(50):
            start = number * 1_300_000
            file.seek(start)
            assert file.read(4 * KIB) == synthetic_bytes(range(start, start + 4 * KIB))
    assert seen.operations == {"GetObject": 52}
    assert seen.bytes_out < 6 * MIB


def test_ranges_that_were_asked_for_are_read_without_another_request(
    server: S3Server,
) -> None:
    server.synthetic("s3open-test", "gib", 1 << 30)
    wanted = [(start, 64 * KIB) for start in range(0, 1 << 30, 64 * MIB)]
    with server.counting() as seen, s3open.open(uri("gib"), "rb") as file:
        raw: Any = file.raw
        raw.prefetch(wanted)
        for start, length in wanted:
            file.seek(start)
            assert file.read(length) == synthetic_bytes(range(start, start + length))
    assert seen.operations == {"GetObject": len(wanted) + 1}
