"""Requests that fail, half-way or with the answer lost: right bytes, or an error."""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.s3 import retry
from s3open.testing import Fault, synthetic_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server

MIB = 1 << 20
BUCKET = "s3open-test"
PARTS = s3open.Config(part_size=5 * MIB)


pytestmark = pytest.mark.usefixtures("_each_transport")


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> S3Server:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    # Neither botocore nor we are to wait between tries.
    monkeypatch.setattr(retry, "pause", lambda failures: None)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    return s3open_server


def uri(key: str) -> str:
    return f"s3://{BUCKET}/{key}"


@pytest.mark.parametrize("broken", [0, 1, 2])
@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize("cut", [0, 1, 70_000])
def test_a_body_that_breaks_off_is_taken_up_at_the_missing_byte(
    server: S3Server, broken: int, reset: bool, cut: int
) -> None:
    size = 5 * MIB + 7
    server.synthetic(BUCKET, "long", size)
    fault = Fault("GetObject", skip=broken, cut=cut, reset=reset)

    with server.faulty(fault) as armed, s3open.open(uri("long"), "rb") as file:
        assert file.read(MIB + 1) == synthetic_bytes(range(MIB + 1))
        assert file.read() == synthetic_bytes(range(MIB + 1, size))

    assert armed.fired == 1


def test_a_body_that_never_arrives_is_an_error(server: S3Server) -> None:
    server.synthetic(BUCKET, "long", 5 * MIB)
    with s3open.open(uri("long"), "rb") as file:
        file.read(100)
        with server.faulty(Fault("GetObject", cut=0, times=None)):
            file.seek(4 * MIB)
            with pytest.raises(ConnectionError):
                file.read(10)
        # Once the store answers again, so does the file.
        assert file.read(10) == synthetic_bytes(range(4 * MIB, 4 * MIB + 10))


@pytest.mark.parametrize("status", [500, 503])
def test_a_store_in_trouble_is_asked_again(server: S3Server, status: int) -> None:
    server.put(BUCKET, "small", b"content")
    with (
        server.faulty(Fault("GetObject", status=status, times=2)),
        s3open.open(uri("small"), "rb") as file,
    ):
        assert file.read() == b"content"
    with (
        server.faulty(Fault("PutObject", status=status, times=2)),
        s3open.open(uri("small"), "wb") as out,
    ):
        out.write(b"new")
    assert server.read(BUCKET, "small") == b"new"


def replace(server: Any) -> None:
    server.synthetic(BUCKET, "long", 5 * MIB, seed=1)


def resize(server: Any) -> None:
    server.synthetic(BUCKET, "long", 4 * MIB, seed=1)


def delete(server: Any) -> None:
    server.delete(BUCKET, "long")


@pytest.mark.parametrize("change", [replace, resize, delete])
@pytest.mark.parametrize("ignore", [(), ("if-match",)])
def test_a_change_under_the_reader_is_told_and_never_mixed(
    server: S3Server, change: Any, ignore: tuple[str, ...]
) -> None:
    server.synthetic(BUCKET, "long", 5 * MIB)
    with (
        server.faulty(Fault("GetObject", ignore=ignore, times=None)),
        s3open.open(uri("long"), "rb") as file,
    ):
        assert file.read(MIB) == synthetic_bytes(range(MIB))
        change(server)
        with pytest.raises(s3open.ObjectChangedError) as caught:
            file.read(MIB)
    assert caught.value.filename == uri("long")
    assert caught.value.errno == errno.ESTALE


def test_a_change_while_a_body_breaks_off_is_told_too(server: S3Server) -> None:
    server.synthetic(BUCKET, "long", 5 * MIB)
    with (
        s3open.open(uri("long"), "rb") as file,
        server.faulty(Fault("GetObject", cut=100_000)),
        server.faulty(Fault("GetObject", before=replace)),
        pytest.raises(s3open.ObjectChangedError),
    ):
        file.read()


def test_a_store_that_knows_no_ranges_works(server: S3Server) -> None:
    server.synthetic(BUCKET, "long", 5 * MIB)
    config = s3open.Config(memory=2 * MIB)
    with (
        server.faulty(Fault("GetObject", ignore=["range"], times=None)),
        s3open.open(uri("long"), "rb", config=config) as file,
    ):
        file.seek(4 * MIB)
        assert file.read(10) == synthetic_bytes(range(4 * MIB, 4 * MIB + 10))
        file.seek(MIB)
        assert file.read() == synthetic_bytes(range(MIB, 5 * MIB))
        file.seek(0)
        assert file.read(10) == synthetic_bytes(range(10))


@pytest.mark.parametrize("size", [0, 4, 11 * MIB])
@pytest.mark.parametrize("drop", ["before", "after"])
def test_exclusive_creation_whose_answer_is_lost_succeeds_once(
    server: S3Server, size: int, drop: Any
) -> None:
    publishing = "CompleteMultipartUpload" if size > MIB else "PutObject"
    content = bytes(size)
    with (
        server.faulty(Fault(publishing, drop=drop)) as armed,
        s3open.open(uri("new"), "xb", config=PARTS) as file,
    ):
        file.write(content)
    assert armed.fired == 1
    assert server.read(BUCKET, "new") == content
    assert server.uploads(BUCKET) == []


@pytest.mark.parametrize("size", [0, 4, 11 * MIB])
def test_exclusive_creation_that_comes_second_fails_with_equal_content_too(
    server: S3Server, size: int
) -> None:
    content = bytes(size)
    file = s3open.open(uri("new"), "xb", config=PARTS)
    file.write(content)
    server.put(BUCKET, "new", content)
    before = server.head(BUCKET, "new")
    with pytest.raises(FileExistsError) as caught:
        file.close()
    assert isinstance(caught.value, s3open.PublishError)
    assert file.closed
    assert server.head(BUCKET, "new") is before
    assert server.uploads(BUCKET) == []


def test_exclusive_creation_that_loses_answer_and_race_fails(server: S3Server) -> None:
    def somebody_else(server: Any) -> None:
        server.put(BUCKET, "new", b"mine")

    file = s3open.open(uri("new"), "xb")
    file.write(b"mine")
    with (
        server.faulty(Fault("PutObject", drop="before")),
        server.faulty(Fault("PutObject", before=somebody_else)),
        pytest.raises(FileExistsError),
    ):
        file.close()


def test_the_token_is_no_business_of_readers(server: S3Server) -> None:
    with s3open.open(uri("new"), "x", metadata={"colour": "red"}) as file:
        file.write("x")
    assert set(server.head(BUCKET, "new").metadata) == {"colour", "s3open-write"}


@pytest.mark.parametrize(
    "operation", ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]
)
def test_a_failed_upload_in_parts_leaves_nothing_behind(
    server: S3Server, operation: str
) -> None:
    server.put(BUCKET, "old", b"old")
    file = s3open.open(uri("old"), "wb", buffering=0, config=PARTS)
    with server.faulty(Fault(operation, status=403, times=None)):
        # It is told as soon as it is known.
        with contextlib.suppress(PermissionError):
            file.write(bytes(11 * MIB))
        with pytest.raises(PermissionError) as caught:
            file.close()
    assert isinstance(caught.value, s3open.PublishError)
    assert file.closed
    assert server.read(BUCKET, "old") == b"old"
    assert server.uploads(BUCKET) == []
    assert caught.value.recovery is not None
    with open(caught.value.recovery, "rb") as kept:
        assert kept.read() == bytes(11 * MIB)


def test_an_error_document_inside_a_200_is_an_error(server: S3Server) -> None:
    file = s3open.open(uri("new"), "wb", config=PARTS)
    file.write(bytes(11 * MIB))
    fault = Fault("CompleteMultipartUpload", error_in_200="InternalError", times=None)
    with server.faulty(fault), pytest.raises(s3open.PublishError):
        file.close()
    assert server.keys(BUCKET) == []
    assert server.uploads(BUCKET) == []


@pytest.mark.parametrize("operation", ["PutObject", "UploadPart"])
def test_a_bit_flipped_on_the_way_up_is_noticed_and_sent_again(
    server: S3Server, operation: str
) -> None:
    content = bytes(1000 if operation == "PutObject" else 11 * MIB)
    with (
        server.faulty(Fault(operation, flip_request=100)) as armed,
        s3open.open(uri("new"), "wb", config=PARTS) as file,
    ):
        file.write(content)
    assert armed.fired == 1
    assert server.read(BUCKET, "new") == content
