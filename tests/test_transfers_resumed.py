"""Uploads and downloads whose process is killed: the next one goes on, and is right."""

from __future__ import annotations

import base64
import hashlib
import os
import queue
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.s3 import retry
from s3open.testing import Fault
from tests.fakes import pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing import S3Server

MIB = 1 << 20
BUCKET = "s3open-test"
URI = f"s3://{BUCKET}/key"
# Six parts, the last one short.
CONTENT = pattern(25 * MIB + 7)
ONE = s3open.Config(part_size=5 * MIB, connections=1)

_UPLOAD = "s3open.upload(sys.argv[1], sys.argv[2], config=config)"
_DOWNLOAD = "s3open.download(sys.argv[1], sys.argv[2], config=config)"
_MANY = "many = s3open.Config(part_size=5 << 20, connections={})"
_CODE = """
import sys, s3open
config = s3open.Config(part_size=5 << 20, connections=1)
"""

pytestmark = pytest.mark.usefixtures("_private_recovery")


@pytest.fixture
def server(
    s3open_server: S3Server, s3open_bucket: str, _known_to_honour: None
) -> S3Server:
    return s3open_server


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.bin"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder / "target.bin"


def killed(
    server: S3Server,
    fault: dict[str, Any],
    code: str,
    *names: object,
    by: signal.Signals = signal.SIGKILL,
) -> None:
    """Run *code*, and kill its process at the request that *fault* is about."""
    children: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
    armed = server.fault(
        Fault(before=lambda _: children.get().send_signal(by), **fault)
    )
    child = subprocess.Popen(
        [sys.executable, "-c", _CODE + code, *map(str, names)],
        stderr=None if by is signal.SIGKILL else subprocess.DEVNULL,
    )
    children.put(child)
    assert child.wait() == -by
    assert armed.fired == 1
    armed.remove()
    server.disconnect()


def journals() -> list[Path]:
    folder = Path(os.environ["XDG_STATE_HOME"]) / "s3open" / "transfers"
    return sorted(folder.iterdir()) if folder.exists() else []


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("_each_transport")
@pytest.mark.parametrize("done", [0, 2, 5])
def test_an_upload_that_was_killed_is_gone_on_with(
    server: S3Server, source: Path, done: int
) -> None:
    killed(server, {"operation": "UploadPart", "skip": done}, _UPLOAD, source, URI)
    (pending,) = server.uploads(BUCKET)
    there = len(pending.parts)
    assert there in (done, done + 1)
    with server.counting() as seen:
        info = s3open.upload(source, URI, config=ONE)
    assert seen.operations["UploadPart"] == 6 - there
    assert seen.total == 6 - there + 2
    assert seen.operations["ListParts"] == 1
    assert seen.operations["CompleteMultipartUpload"] == 1
    assert server.read(BUCKET, "key") == CONTENT
    assert info.size == len(CONTENT)
    assert info.etag == server.head(BUCKET, "key").etag
    assert server.uploads(BUCKET) == []
    assert journals() == []


def test_an_upload_that_was_killed_when_it_was_complete_is_done_again(
    server: S3Server, source: Path
) -> None:
    killed(server, {"operation": "CompleteMultipartUpload"}, _UPLOAD, source, URI)
    assert server.read(BUCKET, "key") == CONTENT
    s3open.upload(source, URI, config=ONE)
    assert server.read(BUCKET, "key") == CONTENT
    assert server.uploads(BUCKET) == []
    assert journals() == []


def rewritten(source: Path) -> None:
    source.write_bytes(CONTENT[::-1])


def touched(source: Path) -> None:
    os.utime(source, ns=(1, 1))


def replaced(source: Path) -> None:
    before = source.stat()
    other = source.with_name("other")
    other.write_bytes(CONTENT)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(source)


@pytest.mark.parametrize("change", [rewritten, touched, replaced])
def test_another_file_is_uploaded_anew_and_only_our_upload_is_aborted(
    server: S3Server, source: Path, change: Callable[[Path], None]
) -> None:
    killed(server, {"operation": "UploadPart", "skip": 2}, _UPLOAD, source, URI)
    (ours,) = server.uploads(BUCKET)
    others = begun()
    change(source)
    with server.counting() as seen:
        s3open.upload(source, URI, config=ONE)
    assert seen.operations["UploadPart"] == 6
    assert seen.operations["AbortMultipartUpload"] == 1
    assert server.read(BUCKET, "key") == source.read_bytes()
    (left,) = server.uploads(BUCKET)
    assert left.upload_id == others != ours.upload_id


def begun() -> str:
    """Begin somebody else's upload to the same key."""
    upload: str = boto().create_multipart_upload(Bucket=BUCKET, Key="key")["UploadId"]
    return upload


def boto() -> Any:
    import boto3

    return boto3.client("s3")


def test_an_object_that_is_to_be_given_something_else_is_uploaded_anew(
    server: S3Server, source: Path
) -> None:
    killed(server, {"operation": "UploadPart", "skip": 2}, _UPLOAD, source, URI)
    with server.counting() as seen:
        s3open.upload(source, URI, config=ONE, metadata={"a": "1"})
    assert seen.operations["UploadPart"] == 6
    assert boto().head_object(Bucket=BUCKET, Key="key")["Metadata"] == {"a": "1"}
    assert server.uploads(BUCKET) == []


def test_a_part_that_is_not_the_files_is_sent_again(
    server: S3Server, source: Path
) -> None:
    killed(server, {"operation": "UploadPart", "skip": 3}, _UPLOAD, source, URI)
    (pending,) = server.uploads(BUCKET)
    there = len(pending.parts)
    boto().upload_part(
        Bucket=BUCKET,
        Key="key",
        UploadId=pending.upload_id,
        PartNumber=2,
        Body=bytes(5 * MIB),
        ChecksumAlgorithm="CRC64NVME",
    )
    with server.counting() as seen:
        s3open.upload(source, URI, config=ONE)
    assert seen.operations["UploadPart"] == 6 - there + 1
    assert server.read(BUCKET, "key") == CONTENT


def test_an_upload_that_is_gone_is_begun_anew(server: S3Server, source: Path) -> None:
    killed(server, {"operation": "UploadPart", "skip": 3}, _UPLOAD, source, URI)
    (pending,) = server.uploads(BUCKET)
    boto().abort_multipart_upload(Bucket=BUCKET, Key="key", UploadId=pending.upload_id)
    s3open.upload(source, URI, config=ONE)
    assert server.read(BUCKET, "key") == CONTENT
    assert journals() == []


def test_other_parts_than_it_was_begun_with_do_not_matter(
    server: S3Server, source: Path
) -> None:
    killed(server, {"operation": "UploadPart", "skip": 3}, _UPLOAD, source, URI)
    (pending,) = server.uploads(BUCKET)
    there = len(pending.parts)
    with server.counting() as seen:
        s3open.upload(source, URI, config=s3open.Config(part_size=7 * MIB))
    assert seen.operations["UploadPart"] == 6 - there
    assert server.read(BUCKET, "key") == CONTENT


def test_the_window_is_part_of_what_is_uploaded(server: S3Server, source: Path) -> None:
    killed(server, {"operation": "UploadPart", "skip": 3}, _UPLOAD, source, URI)
    with server.counting() as seen:
        s3open.upload(source, URI, 1, config=ONE)
    assert seen.operations["UploadPart"] == 6
    assert server.read(BUCKET, "key") == CONTENT[1:]
    s3open.upload(source, URI, config=ONE)
    assert server.uploads(BUCKET) == []


@pytest.fixture
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    def pause(failures: int) -> None:
        """Wait for nothing."""

    monkeypatch.setattr(retry, "pause", pause)


@pytest.mark.usefixtures("_no_pauses")
def test_a_store_out_of_reach_is_told_and_gone_on_with(
    server: S3Server, source: Path
) -> None:
    fault = Fault(operation="UploadPart", skip=2, times=None, status=500)
    with (
        server.faulty(fault),
        pytest.warns(s3open.UnpublishedWarning, match="goes on with it"),
        pytest.raises(s3open.S3Error),
    ):
        s3open.upload(source, URI, config=ONE)
    assert not server.keys(BUCKET)
    with server.counting() as seen:
        s3open.upload(source, URI, config=ONE)
    assert seen.operations["UploadPart"] == 4
    assert server.read(BUCKET, "key") == CONTENT


@pytest.mark.usefixtures("_no_pauses")
def test_a_journal_outlives_a_store_that_is_out_of_reach_again(
    server: S3Server, source: Path
) -> None:
    killed(server, {"operation": "UploadPart", "skip": 3}, _UPLOAD, source, URI)
    fault = Fault(operation="ListParts", times=None, status=500)
    with server.faulty(fault), pytest.raises(s3open.S3Error):
        s3open.upload(source, URI, config=ONE)
    with server.counting() as seen:
        s3open.upload(source, URI, config=ONE)
    assert seen.operations["UploadPart"] <= 3


@pytest.mark.usefixtures("_no_pauses")
def test_where_a_store_keeps_no_checksums_its_etags_tell(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from s3open.testing import S3Server

    with S3Server(ignore=("checksum",)) as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        server.create_bucket(BUCKET)
        killed(server, {"operation": "UploadPart", "skip": 3}, _UPLOAD, source, URI)
        (pending,) = server.uploads(BUCKET)
        assert len(pending.parts) in (3, 4)
        boto().upload_part(
            Bucket=BUCKET,
            Key="key",
            UploadId=pending.upload_id,
            PartNumber=2,
            Body=bytes(5 * MIB),
        )
        with server.counting() as seen:
            s3open.upload(source, URI, config=ONE)
        # Of the fourth, if it arrived, nobody has noted the ETag.
        assert seen.operations["UploadPart"] == 4
        assert server.read(BUCKET, "key") == CONTENT


def test_what_will_never_work_is_aborted(server: S3Server, source: Path) -> None:
    fault = Fault(operation="UploadPart", skip=2, status=403)
    with server.faulty(fault), pytest.raises(PermissionError):
        s3open.upload(source, URI, config=ONE)
    assert server.uploads(BUCKET) == []
    assert journals() == []


def test_ctrl_c_is_gone_on_with(
    server: S3Server, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from s3open.transfers import sending

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sending.Sending, "_there", interrupted)
        with (
            pytest.warns(s3open.UnpublishedWarning),
            pytest.raises(KeyboardInterrupt),
        ):
            s3open.upload(source, URI, config=ONE)
    assert len(journals()) == 1
    with server.counting() as seen:
        s3open.upload(source, URI, config=ONE)
    assert seen.operations["CreateMultipartUpload"] == 0
    assert server.read(BUCKET, "key") == CONTENT


@pytest.mark.parametrize("connections", [1, 8])
def test_a_program_that_is_interrupted_leaves_what_it_has_to_the_next_one(
    server: S3Server, source: Path, target: Path, connections: int
) -> None:
    def interrupted(operation: str, call: str, *names: object) -> None:
        code = call.replace("config=config", "config=many")
        code = f"{_MANY.format(connections)};{code}"
        fault = {"operation": operation, "skip": 2}
        killed(server, fault, code, *names, by=signal.SIGINT)

    interrupted("UploadPart", _UPLOAD, source, URI)
    with server.counting() as seen:
        s3open.upload(source, URI, config=ONE)
    assert seen.operations["CreateMultipartUpload"] == 0
    assert seen.operations["UploadPart"] <= 4
    assert server.read(BUCKET, "key") == CONTENT
    interrupted("GetObject", _DOWNLOAD, URI, target)
    with server.counting() as seen:
        s3open.download(URI, target, config=ONE)
    # Of many ranges none may have been whole when it came.
    assert seen.operations["HeadObject"] == 1
    assert seen.operations["GetObject"] <= (4 if connections == 1 else 6)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    assert server.uploads(BUCKET) == []
    assert journals() == []


def test_a_journal_is_the_users_alone_and_has_no_secrets(
    server: S3Server, source: Path
) -> None:
    key = b"0123456789abcdef0123456789ABCDEF"
    code = f"s3open.upload(*sys.argv[1:], config=config, sse_customer_key={key!r})"
    killed(server, {"operation": "UploadPart", "skip": 2}, code, source, URI)
    (journal,) = journals()
    assert permissions(journal) == 0o600
    assert permissions(journal.parent) == 0o700
    text = journal.read_text()
    digest = hashlib.md5(key, usedforsecurity=False).digest()
    secrets = [key.decode(), key.hex(), digest.hex(), server.secret_key]
    secrets += [base64.b64encode(each).decode() for each in (key, digest)]
    assert not [secret for secret in secrets if secret in text]


def test_two_that_upload_the_same_at_once_do_not_meet(
    server: S3Server, source: Path
) -> None:
    killed(server, {"operation": "UploadPart", "skip": 3}, _UPLOAD, source, URI)

    def second(_: object) -> None:
        # While the first one, which goes on with the upload, waits for its answer.
        (journal,) = journals()
        s3open.upload(source, URI, config=ONE)
        assert journals() == [journal]

    with server.counting() as seen:
        with server.faulty(Fault(operation="ListParts", before=second)):
            s3open.upload(source, URI, config=ONE)
        assert seen.operations["ListParts"] == 1
        assert seen.operations["CreateMultipartUpload"] == 1
        assert seen.operations["CompleteMultipartUpload"] == 2
    assert server.read(BUCKET, "key") == CONTENT
    assert server.uploads(BUCKET) == []
    assert journals() == []


def test_a_second_one_that_was_killed_is_gone_on_with(
    server: S3Server, source: Path
) -> None:
    killed(server, {"operation": "UploadPart", "skip": 3}, _UPLOAD, source, URI)
    (journal,) = journals()
    # As if the first one had gone well.
    journal.rename(journal.with_name(journal.name.replace("-0.", "-1.")))
    with server.counting() as seen:
        s3open.upload(source, URI, config=ONE)
    assert seen.operations["CreateMultipartUpload"] == 0
    assert server.read(BUCKET, "key") == CONTENT
    assert journals() == []


def test_of_two_that_were_killed_the_first_that_is_done_tidies_up(
    server: S3Server, source: Path
) -> None:
    def second(_: object) -> None:
        killed(
            server,
            {"operation": "UploadPart", "skip": 1, "key": "key"},
            _UPLOAD,
            source,
            URI,
        )

    children: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()

    def first(owner: object) -> None:
        second(owner)
        children.get().kill()

    server.fault(Fault(operation="UploadPart", skip=2, before=first))
    child = subprocess.Popen(
        [sys.executable, "-c", _CODE + _UPLOAD, os.fspath(source), URI]
    )
    children.put(child)
    assert child.wait() == -signal.SIGKILL
    assert len(journals()) == 2
    assert len(server.uploads(BUCKET)) == 2
    s3open.upload(source, URI, config=ONE)
    assert server.read(BUCKET, "key") == CONTENT
    assert journals() == []
    assert server.uploads(BUCKET) == []


@pytest.mark.usefixtures("_each_transport")
@pytest.mark.parametrize("done", [1, 3, 5])
def test_a_download_that_was_killed_is_gone_on_with(
    server: S3Server, target: Path, done: int
) -> None:
    server.put(BUCKET, "key", CONTENT)
    target.write_bytes(b"old")
    killed(server, {"operation": "GetObject", "skip": done}, _DOWNLOAD, URI, target)
    assert target.read_bytes() == b"old"
    (beside,) = [path for path in target.parent.iterdir() if path != target]
    assert permissions(beside) == 0o600
    with server.counting() as seen:
        info = s3open.download(URI, target, config=ONE)
    assert seen.operations == {"HeadObject": 1, "GetObject": 6 - done}
    assert seen.bytes_out == len(CONTENT) - done * 5 * MIB
    assert target.read_bytes() == CONTENT
    assert info.size == len(CONTENT)
    assert list(target.parent.iterdir()) == [target]
    assert journals() == []


def test_of_an_object_that_has_changed_everything_is_fetched(
    server: S3Server, target: Path
) -> None:
    server.put(BUCKET, "key", CONTENT)
    killed(server, {"operation": "GetObject", "skip": 3}, _DOWNLOAD, URI, target)
    server.put(BUCKET, "key", CONTENT[::-1])
    with server.counting() as seen:
        s3open.download(URI, target, config=ONE)
    assert seen.operations == {"HeadObject": 2, "GetObject": 6}
    assert target.read_bytes() == CONTENT[::-1]
    assert list(target.parent.iterdir()) == [target]
    assert journals() == []


def test_a_range_that_was_damaged_is_fetched_again(
    server: S3Server, target: Path
) -> None:
    server.put(BUCKET, "key", CONTENT)
    killed(server, {"operation": "GetObject", "skip": 4}, _DOWNLOAD, URI, target)
    (beside,) = target.parent.iterdir()
    with beside.open("r+b") as file:
        file.seek(6 * MIB)
        file.write(b"damage")
    with server.counting() as seen:
        s3open.download(URI, target, config=ONE)
    assert seen.operations == {"HeadObject": 1, "GetObject": 3}
    assert [each.range for each in seen.records if each.range] == [
        "bytes=5242880-10485759",
        "bytes=20971520-26214399",
        "bytes=26214400-26214406",
    ]
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("loss", ["file", "journal", "lines", "header"])
def test_whatever_is_lost_costs_no_more_than_time(
    server: S3Server, target: Path, loss: str
) -> None:
    server.put(BUCKET, "key", CONTENT)
    killed(server, {"operation": "GetObject", "skip": 3}, _DOWNLOAD, URI, target)
    (beside,) = target.parent.iterdir()
    (journal,) = journals()
    if loss == "file":
        beside.unlink()
    elif loss == "journal":
        journal.unlink()
        beside.unlink()
    elif loss == "lines":
        journal.write_bytes(journal.read_bytes()[:-5])
    else:
        journal.write_bytes(b"[]\n")
        beside.unlink()
    s3open.download(URI, target, config=ONE)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    assert journals() == []


def test_two_that_download_the_same_at_once_do_not_meet(
    server: S3Server, target: Path
) -> None:
    server.put(BUCKET, "key", CONTENT)
    killed(server, {"operation": "GetObject", "skip": 3}, _DOWNLOAD, URI, target)

    def second(_: object) -> None:
        s3open.download(URI, target, config=ONE)
        assert target.read_bytes() == CONTENT
        assert len(journals()) == 1

    with server.faulty(Fault(operation="HeadObject", before=second)):
        s3open.download(URI, target, config=ONE)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    assert journals() == []


@pytest.mark.usefixtures("_no_pauses")
def test_a_download_from_a_store_out_of_reach_is_told_and_gone_on_with(
    server: S3Server, target: Path
) -> None:
    server.put(BUCKET, "key", CONTENT)
    fault = Fault(operation="GetObject", skip=3, times=None, status=500)
    with (
        server.faulty(fault),
        pytest.warns(s3open.UnpublishedWarning, match="goes on with it"),
        pytest.raises(s3open.S3Error),
    ):
        s3open.download(URI, target, config=ONE)
    with server.counting() as seen:
        s3open.download(URI, target, config=ONE)
    assert seen.operations == {"HeadObject": 1, "GetObject": 3}
    assert target.read_bytes() == CONTENT


def test_without_a_place_for_journals_all_works_but_going_on(
    server: S3Server, source: Path, target: Path, tmp_path: Path
) -> None:
    (tmp_path / "state").touch()
    s3open.upload(source, URI, config=ONE)
    s3open.download(URI, target, config=ONE)
    assert target.read_bytes() == CONTENT
