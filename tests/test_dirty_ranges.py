"""Updates of large objects: only what changed travels, and nothing else changes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import s3open
from s3open.s3 import endpoint, retry
from s3open.testing import Fault, S3Server, Shape, synthetic_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.stores import S3Store

KIB = 1 << 10
MIB = 1 << 20
BUCKET = "s3open-test"
SIZE = 12 * MIB
CONTENT = random.Random(4).randbytes(SIZE)
PARTS = s3open.Config(part_size=5 * MIB)


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    _known_to_honour: None,
) -> S3Server:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(retry, "pause", lambda failures: None)
    s3open_server.put(s3open_bucket, "file", CONTENT)
    s3open_server.synthetic(s3open_bucket, "big", 256 * MIB)
    return s3open_server


def uri(key: str) -> str:
    return f"s3://{BUCKET}/{key}"


def append(key: str, data: bytes, **options: Any) -> None:
    with s3open.open(uri(key), "ab", **options) as file:
        file.write(data)


def patch(key: str, offset: int, data: bytes, **options: Any) -> None:
    with s3open.open(uri(key), "r+b", **options) as file:
        file.seek(offset)
        file.write(data)


def patched(content: bytes, offset: int, data: bytes) -> bytes:
    return content[:offset] + data + content[offset + len(data) :]


def copied_ranges(server: S3Server) -> list[str]:
    return [
        each.headers["x-amz-copy-source-range"]
        for each in server.requests
        if each.operation == "UploadPartCopy"
    ]


def test_an_append_to_256_mib_downloads_nothing_and_sends_its_tail(
    server: S3Server,
) -> None:
    tail = os.urandom(KIB)
    with server.counting() as seen:
        append("big", tail)
    assert seen.operations == {
        "HeadObject": 1,
        "GetObjectTagging": 1,
        "CreateMultipartUpload": 1,
        "UploadPartCopy": 1,
        "UploadPart": 1,
        "CompleteMultipartUpload": 1,
    }
    # What travels is the tail, and XML.
    assert KIB <= seen.bytes_in <= 4 * KIB
    assert seen.bytes_out <= 4 * KIB
    found = server.head(BUCKET, "big")
    assert found.size == 256 * MIB + KIB
    end = bytes(found.content.part(range(255 * MIB, found.size)))
    assert end == synthetic_bytes(range(255 * MIB, 256 * MIB)) + tail


def test_a_patch_of_256_mib_moves_what_makes_it_a_part(server: S3Server) -> None:
    data = os.urandom(MIB)
    with server.counting() as seen:
        patch("big", 100 * MIB, data)
    assert seen.operations == {
        "GetObject": 2,
        "GetObjectTagging": 1,
        "CreateMultipartUpload": 1,
        "UploadPartCopy": 2,
        "UploadPart": 1,
        "CompleteMultipartUpload": 1,
    }
    assert 5 * MIB <= seen.bytes_in <= 5 * MIB + 4 * KIB
    # 1 MiB of it opened the file.
    assert 4 * MIB <= seen.bytes_out <= 5 * MIB + 4 * KIB
    found = server.head(BUCKET, "big")
    assert found.size == 256 * MIB
    around = bytes(found.content.part(range(99 * MIB, 107 * MIB)))
    old = synthetic_bytes(range(99 * MIB, 107 * MIB))
    assert around == patched(old, MIB, data)


def test_the_third_append_sends_no_more_than_the_first(server: S3Server) -> None:
    for number in range(3):
        with server.counting() as seen:
            append("big", b"line\n")
        assert seen.bytes_in + seen.bytes_out <= 4 * KIB, number
    assert server.head(BUCKET, "big").size == 256 * MIB + 15


def test_opening_a_huge_object_to_append_moves_nothing(server: S3Server) -> None:
    server.synthetic(BUCKET, "huge", 10 << 30)
    with server.counting() as seen, s3open.open(uri("huge"), "ab") as file:
        assert file.tell() == 10 << 30
    assert seen.operations == {"HeadObject": 1}
    assert seen.bytes_out == 0


def test_a_huge_object_is_copied_by_many_requests(server: S3Server) -> None:
    server.synthetic(BUCKET, "huge", 10 << 30)
    # Else one thread may have done it all before another one begins.
    server.shape = Shape(latency=0.02)
    with server.counting() as seen:
        append("huge", b"line\n")
    server.shape = Shape()
    assert seen.operations["UploadPartCopy"] == 20
    assert seen.bytes_in + seen.bytes_out <= 16 * KIB
    assert seen.connections > 1
    assert server.head(BUCKET, "huge").size == (10 << 30) + 5


def test_cutting_a_large_object_short_moves_nothing_but_its_first_bytes(
    server: S3Server,
) -> None:
    with server.counting() as seen, s3open.open(uri("big"), "r+b") as file:
        file.truncate(100 * MIB + 1)
    assert seen.operations["UploadPartCopy"] == 1
    assert seen.operations["UploadPart"] == 0
    assert seen.bytes_in <= 4 * KIB
    assert server.head(BUCKET, "big").size == 100 * MIB + 1


def test_a_hole_behind_the_end_is_zeros(server: S3Server) -> None:
    with s3open.open(uri("file"), "r+b", config=PARTS) as file:
        file.seek(SIZE + 3 * MIB)
        file.write(b"end")
    assert server.read(BUCKET, "file") == CONTENT + bytes(3 * MIB) + b"end"
    assert copied_ranges(server) == [f"bytes=0-{SIZE - 1}"]


def test_what_was_cut_off_and_grown_again_is_zeros(server: S3Server) -> None:
    with s3open.open(uri("file"), "r+b", config=PARTS) as file:
        file.truncate(6 * MIB)
        file.truncate(SIZE)
    assert server.read(BUCKET, "file") == CONTENT[: 6 * MIB] + bytes(6 * MIB)
    assert copied_ranges(server) == [f"bytes=0-{6 * MIB - 1}"]


@pytest.mark.parametrize("mode", ["r+b", "a+b"])
def test_what_was_read_before_is_copied_all_the_same(
    server: S3Server, mode: str
) -> None:
    file: Any = s3open.open(uri("file"), mode, config=PARTS)
    with file:
        file.seek(0)
        assert file.read() == CONTENT
        file.write(b"end")
    assert server.read(BUCKET, "file") == CONTENT + b"end"
    assert copied_ranges(server) == [f"bytes=0-{SIZE - 1}"]


@pytest.mark.parametrize("mode", ["r+b", "a+b"])
def test_what_was_written_through_the_descriptor_is_sent(
    server: S3Server, mode: str
) -> None:
    file: Any = s3open.open(uri("file"), mode, config=PARTS)
    with file:
        descriptor = file.fileno()
        os.ftruncate(descriptor, 11 * MIB)
        os.write(descriptor, b"x" * MIB)
    wanted = CONTENT[: 11 * MIB] + b"x" * MIB
    if mode == "r+b":
        wanted = b"x" * MIB + CONTENT[MIB : 11 * MIB]
    assert server.read(BUCKET, "file") == wanted
    assert copied_ranges(server) == []


def test_what_was_written_through_the_descriptor_is_kept_if_it_cannot_be_published(
    server: S3Server,
) -> None:
    file = s3open.open(uri("file"), "r+b", config=PARTS)
    os.pwrite(file.fileno(), b"NEW", 7 * MIB)
    server.put(BUCKET, "file", b"theirs")
    with pytest.raises(s3open.PublishError) as caught:
        file.close()
    assert caught.value.recovery is not None
    with open(caught.value.recovery, "rb") as kept:
        assert kept.read() == patched(CONTENT, 7 * MIB, b"NEW")


# Faults at every kind of request.


def replaced(server: Any) -> None:
    server.put(BUCKET, "file", CONTENT[::-1] + b"theirs")


PUBLISHING = [
    "CreateMultipartUpload",
    "UploadPartCopy",
    "UploadPart",
    "CompleteMultipartUpload",
]


@pytest.mark.parametrize("operation", [*PUBLISHING, "HeadObject", "GetObjectTagging"])
@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"status": 503}, {"drop": "before"}, {"drop": "after"}],
    ids=str,
)
def test_a_failure_that_passes_is_not_seen(
    server: S3Server, operation: str, fault: dict[str, Any]
) -> None:
    with server.faulty(Fault(operation, **fault)) as armed:
        append("file", b"tail", config=PARTS)
    assert armed.fired == 1
    assert server.read(BUCKET, "file") == CONTENT + b"tail"
    # Only an upload whose id never came is left.
    lost = operation == "CreateMultipartUpload" and fault == {"drop": "after"}
    assert len(server.uploads(BUCKET)) == int(lost)


def test_an_error_within_a_200_is_an_error(server: S3Server) -> None:
    with server.faulty(Fault("UploadPartCopy", error_in_200="InternalError")) as armed:
        patch("file", 0, b"new", config=PARTS)
    assert armed.fired == 1
    assert server.read(BUCKET, "file") == b"new" + CONTENT[3:]


@pytest.mark.parametrize("operation", PUBLISHING)
@pytest.mark.parametrize("status", [403, 500])
@pytest.mark.parametrize("edit", [append, lambda *a, **o: patch(a[0], 7, a[1], **o)])
def test_a_failure_that_stays_leaves_the_old_object_and_no_upload(
    server: S3Server, operation: str, status: int, edit: Callable[..., None]
) -> None:
    with (
        server.faulty(Fault(operation, status=status, times=None)),
        pytest.raises(s3open.PublishError) as caught,
    ):
        edit("file", b"new", config=PARTS)
    assert isinstance(caught.value, PermissionError) == (status == 403)
    assert server.read(BUCKET, "file") == CONTENT
    assert server.uploads(BUCKET) == []
    assert caught.value.recovery is not None


@pytest.mark.parametrize("operation", PUBLISHING)
def test_an_append_goes_behind_an_object_that_came_in_between(
    server: S3Server, operation: str
) -> None:
    with (
        server.faulty(Fault(operation, before=replaced)),
        server.counting() as seen,
    ):
        append("file", b"tail", config=PARTS)
    assert server.read(BUCKET, "file") == CONTENT[::-1] + b"theirs" + b"tail"
    assert server.uploads(BUCKET) == []
    # Neither the old object nor the new one was downloaded.
    assert seen.operations["GetObject"] == 0
    assert seen.bytes_out <= 16 * KIB


@pytest.mark.parametrize("operation", PUBLISHING)
def test_an_update_never_mixes_with_an_object_that_came_in_between(
    server: S3Server, operation: str
) -> None:
    with (
        server.faulty(Fault(operation, before=replaced)),
        pytest.raises(s3open.ObjectChangedError) as caught,
    ):
        patch("file", 3, b"new", config=PARTS)
    assert isinstance(caught.value, s3open.PublishError)
    assert server.read(BUCKET, "file") == CONTENT[::-1] + b"theirs"
    assert server.uploads(BUCKET) == []
    assert caught.value.recovery is not None
    with open(caught.value.recovery, "rb") as kept:
        assert kept.read()[3:6] == b"new"


def test_an_append_to_a_large_object_that_vanished_is_there_alone(
    server: S3Server,
) -> None:
    with server.faulty(
        Fault("UploadPartCopy", before=lambda here: here.delete(BUCKET, "file"))
    ):
        append("file", b"tail", config=PARTS)
    assert server.read(BUCKET, "file") == b"tail"
    assert server.uploads(BUCKET) == []


def test_an_append_goes_behind_a_small_object_that_came_in_between(
    server: S3Server,
) -> None:
    def shrunk(here: Any) -> None:
        here.put(BUCKET, "file", b"small")

    with server.faulty(Fault("UploadPartCopy", before=shrunk)):
        append("file", b"tail", config=PARTS)
    assert server.read(BUCKET, "file") == b"smalltail"


# Weak stores.


@pytest.mark.parametrize(("status", "code"), [(501, None), (405, None), (400, "Other")])
def test_where_the_store_cannot_copy_everything_is_sent(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, status: int, code: str | None
) -> None:
    known = (server.endpoint_url, endpoint.COPY)
    monkeypatch.setitem(endpoint._known, known, endpoint.Honours.YES)
    lacking = Fault("UploadPartCopy", status=status, code=code, times=None)
    with server.faulty(lacking):
        append("file", b"tail", config=PARTS)
        assert server.uploads(BUCKET) == []
        patch("file", 0, b"new", config=PARTS)
    assert server.read(BUCKET, "file") == b"new" + CONTENT[3:] + b"tail"
    assert server.uploads(BUCKET) == []
    # It is remembered: the second update does not ask.
    assert server.counts()["UploadPartCopy"] == 1
    assert endpoint._known[known] is endpoint.Honours.LACKS


def test_credentials_that_expire_are_no_reason_to_send_everything(
    server: S3Server,
) -> None:
    with (
        server.faulty(Fault("UploadPartCopy", code="ExpiredToken", times=None)),
        pytest.raises(PermissionError),
    ):
        append("file", b"tail", config=PARTS)
    known = endpoint._known[server.endpoint_url, endpoint.COPY]
    assert known is endpoint.Honours.YES


@pytest.mark.parametrize("ignored", [True, False])
def test_what_an_unknown_store_does_with_the_condition_is_found_out_by_one_request(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, ignored: bool
) -> None:
    monkeypatch.delitem(endpoint._known, (server.endpoint_url, endpoint.COPY))
    ignore = {"x-amz-copy-source-if-match"} if ignored else set()
    content = CONTENT * 5
    server.put(BUCKET, "file", content)
    fault = Fault("UploadPartCopy", ignore=ignore, times=None)
    with server.faulty(fault), server.counting() as seen:
        for offset in range(0, 60 * MIB, 12 * MIB):
            content = patched(content, offset, b"PATCH")
        with s3open.open(uri("file"), "r+b", config=PARTS) as file:
            for offset in range(0, 60 * MIB, 12 * MIB):
                file.seek(offset)
                file.write(b"PATCH")
    assert server.read(BUCKET, "file") == content
    # Where it is ignored, the object is looked at before the first and after the last.
    assert seen.operations["UploadPartCopy"] == (5 if ignored else 6)
    # And the checksum is asked for by who reads the object from its beginning.
    assert seen.operations["HeadObject"] == 1 + (2 if ignored else 1)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("restored", [False, True])
def test_where_the_condition_is_ignored_a_change_is_seen_all_the_same(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, number: int, restored: bool
) -> None:
    known = (server.endpoint_url, endpoint.COPY)
    monkeypatch.setitem(endpoint._known, known, endpoint.Honours.NO)

    def changed(here: Any) -> None:
        replaced(here)
        if restored:
            here.put(BUCKET, "file", CONTENT)
            here.head(BUCKET, "file").modified += 2

    weak = {"x-amz-copy-source-if-match"}
    with (
        server.faulty(
            Fault("UploadPartCopy", skip=number, before=changed, ignore=weak)
        ),
        server.faulty(Fault("UploadPartCopy", ignore=weak, times=None)),
        pytest.raises(s3open.ObjectChangedError),
    ):
        patch("file", 6 * MIB, b"new", config=PARTS)
    assert server.uploads(BUCKET) == []
    theirs = CONTENT if restored else CONTENT[::-1] + b"theirs"
    assert server.read(BUCKET, "file") == theirs


def test_where_the_condition_is_ignored_a_change_before_the_first_copy_is_seen(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = (server.endpoint_url, endpoint.COPY)
    monkeypatch.setitem(endpoint._known, known, endpoint.Honours.NO)
    with (
        server.faulty(Fault("CreateMultipartUpload", before=replaced)),
        pytest.raises(s3open.ObjectChangedError),
    ):
        patch("file", 6 * MIB, b"new", config=PARTS)
    assert server.counts()["UploadPartCopy"] == 0


# Opening by a HEAD.


def test_an_archived_object_is_refused_when_it_is_opened(server: S3Server) -> None:
    server.put(BUCKET, "cold", CONTENT, x_amz_storage_class="DEEP_ARCHIVE")
    with pytest.raises(PermissionError, match="archived"):
        s3open.open(uri("cold"), "ab")


def test_a_missing_bucket_is_told_when_a_file_is_opened_to_append(
    server: S3Server,
) -> None:
    with pytest.raises(FileNotFoundError, match="bucket does not exist"):
        s3open.open("s3://nowhere/file", "ab")


def test_what_the_answer_to_a_head_cannot_say_the_error_says(server: S3Server) -> None:
    server.deny("GetObject")
    server.deny("HeadObject")
    with pytest.raises(PermissionError, match=r"AccessDenied.*s3:GetObject"):
        s3open.open(uri("file"), "ab")


# Threads.


def test_importing_loads_no_thread_pool() -> None:
    code = "import sys, s3open; sys.exit('concurrent.futures' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_at_the_end_of_a_program_no_thread_is_needed(server: S3Server) -> None:
    code = (
        "import atexit, s3open\n"
        f"file = s3open.open({uri('file')!r}, 'ab')\n"
        "file.write(b'tail')\n"
        "atexit.register(file.close)\n"
    )
    environment = {**os.environ, **server.environment()}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=False
    )
    assert done.stderr == b""
    assert server.read(BUCKET, "file") == CONTENT + b"tail"
    assert server.counts()["UploadPartCopy"] >= 1


# Random edits, as builtin files take them.

SIZES = st.integers(5 * MIB, 40 * MIB)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "write", "append", "cut", "grow", "read"]),
        st.floats(0, 1),
        st.sampled_from([1, 100, MIB, 5 * MIB - 1, 6 * MIB]),
    ),
    min_size=1,
    max_size=6,
)
RANDOM = random.Random(1).randbytes(48 * MIB)


def edit(file: Any, edits: list[tuple[str, float, int]]) -> None:
    """Do *edits*; where they go to is relative to the end."""
    for what, where, length in edits:
        end = file.seek(0, os.SEEK_END)
        offset = int(end * where)
        file.seek(offset)
        if what == "write":
            file.write(RANDOM[offset % 1000 : offset % 1000 + length])
        elif what == "append":
            file.seek(end + offset % 3)
            file.write(RANDOM[:length])
        elif what == "cut":
            file.truncate(end - min(end, length))
        elif what == "grow":
            file.truncate(end + length)
        else:
            file.read(length)


@pytest.mark.parametrize("mode", ["r+b", "a+b"])
def test_random_edits_are_as_builtin_files_take_them(
    s3: S3Store, tmp_path: Path, mode: str
) -> None:
    local = tmp_path / "twin"

    @settings(derandomize=True, database=None, max_examples=12, deadline=None)
    @given(SIZES, EDITS, st.sampled_from([5 * MIB, 8 * MIB]))
    def run(size: int, edits: list[tuple[str, float, int]], part_size: int) -> None:
        local.write_bytes(RANDOM[:size])
        name = s3.put("file", RANDOM[:size])
        config = s3open.Config(part_size=part_size, memory=4 * MIB)
        ours: Any = s3open.open(name, mode, config=config)
        with ours:
            edit(ours, edits)
        builtin: Any = open(local, mode)
        with builtin:
            edit(builtin, edits)
        # pytest would take minutes to show how megabytes differ.
        same = s3.read("file") == local.read_bytes()
        assert same, (size, edits, part_size)
        assert s3.pending_uploads() == []

    run()


def test_no_update_of_a_large_object_overwrites_somebody_else_s(s3: S3Store) -> None:
    name = s3.put("file", CONTENT)
    file = s3open.open(name, "r+b", config=PARTS)
    file.write(b"our")
    s3.put("file", CONTENT[::-1])
    with pytest.raises(s3open.ObjectChangedError):
        file.close()
    same = s3.read("file") == CONTENT[::-1]
    assert same
    assert s3.pending_uploads() == []


def test_an_append_to_a_large_object_goes_behind_another_one(s3: S3Store) -> None:
    name = s3.put("file", CONTENT)
    with s3open.open(name, "ab", config=PARTS) as one:
        one.write(b"one")
        with s3open.open(name, "ab", config=PARTS) as two:
            two.write(b"two")
    assert s3.read("file")[SIZE:] == b"twoone"
    assert s3.pending_uploads() == []
