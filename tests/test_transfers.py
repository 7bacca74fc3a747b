"""Whole files there and back: what moves, what is refused, and what is left behind."""

from __future__ import annotations

import gzip
import io
import os
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.contract import Attributes
from s3open.location import Location
from s3open.s3 import clients, retry
from s3open.testing import Fault
from tests.fakes import pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing import S3Server

MIB = 1 << 20
BUCKET = "s3open-test"
URI = f"s3://{BUCKET}/key.txt"
LARGE = pattern(17 * MIB + 3)
SMALL = b"a few bytes"
PARTS = s3open.Config(part_size=5 * MIB)

pytestmark = pytest.mark.usefixtures("_private_recovery", "_each_transport")


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    _known_to_honour: None,
    monkeypatch: pytest.MonkeyPatch,
) -> S3Server:
    def pause(failures: int) -> None:
        """Wait for nothing."""

    monkeypatch.setattr(retry, "pause", pause)
    return s3open_server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(LARGE)
    return path


def stored(server: S3Server) -> bytes:
    return server.read(BUCKET, "key.txt")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


WINDOWS = [
    (0, None),
    (3, None),
    (0, 7),
    (1, 5 * MIB + 1),
    (5 * MIB - 1, 16 * MIB),
    (4, 4),
    (17 * MIB, 1 << 40),
    (1 << 40, None),
]


@pytest.mark.parametrize(("start", "end"), WINDOWS)
@pytest.mark.parametrize("kind", ["path", "file", "bytes", "pipe", "gzip"])
def test_any_window_of_any_source_is_uploaded(
    server: S3Server, source: Path, kind: str, start: int, end: int | None
) -> None:
    with opened(source, kind) as file:
        info = s3open.upload(file, URI, start, end, config=PARTS)
    assert stored(server) == LARGE[start:end]
    assert info.size == len(LARGE[start:end])
    assert info.etag == server.head(BUCKET, "key.txt").etag
    assert (info.bucket, info.key, info.content_type) == (
        BUCKET,
        "key.txt",
        "text/plain",
    )
    assert server.uploads(BUCKET) == []


class Piped:
    """What can only be read once, a little at a time."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def seekable(self) -> bool:
        return False

    def read(self, count: int) -> bytes:
        return self._file.read(min(count, 65_537))

    def __enter__(self) -> Piped:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def opened(source: Path, kind: str) -> Any:
    if kind == "gzip":
        compressed = source.with_suffix(".gz")
        compressed.write_bytes(gzip.compress(LARGE, 1))
        return gzip.open(compressed)
    kinds: dict[str, Callable[[], object]] = {
        "path": lambda: Held(source),
        "file": lambda: source.open("rb"),
        "bytes": lambda: io.BytesIO(LARGE),
        "pipe": lambda: Piped(LARGE),
    }
    return kinds[kind]()


class Held:
    """A path, as something to leave."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Path:
        return self._path

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(("start", "end"), WINDOWS)
@pytest.mark.parametrize("kind", ["path", "bytes"])
def test_any_window_of_an_object_is_downloaded(
    server: S3Server, folder: Path, kind: str, start: int, end: int | None
) -> None:
    server.put(BUCKET, "key.txt", LARGE)
    target: Any = folder / "target" if kind == "path" else io.BytesIO()
    info = s3open.download(URI, target, (start, end), config=PARTS)
    found = target.read_bytes() if kind == "path" else target.getvalue()
    assert found == LARGE[start:end]
    assert info.size == len(LARGE[start:end])
    assert info.etag == server.head(BUCKET, "key.txt").etag
    assert names(folder) == (["target"] if kind == "path" else [])


@pytest.mark.parametrize(("start", "end"), WINDOWS)
def test_from_here_to_here_it_is_copied(
    source: Path, folder: Path, start: int, end: int | None
) -> None:
    up, down = folder / "up", folder / "down"
    assert s3open.upload(source, up, start, end).size == len(LARGE[start:end])
    info = s3open.download(source.as_uri(), down, (start, end))
    assert (info.uri, info.size) == (os.fspath(down), len(LARGE[start:end]))
    assert up.read_bytes() == down.read_bytes() == LARGE[start:end]
    assert names(folder) == ["down", "up"]


def test_what_is_small_is_one_request(server: S3Server, folder: Path) -> None:
    (folder / "small").write_bytes(SMALL)
    with server.counting() as seen:
        s3open.upload(folder / "small", URI)
    assert seen.operations == {"PutObject": 1}
    with server.counting() as seen:
        s3open.download(URI, folder / "again")
    assert seen.operations == {"GetObject": 1}
    assert (folder / "again").read_bytes() == SMALL
    assert not (folder.parent / "state").exists()


def test_what_is_empty_goes_there_and_back(server: S3Server, folder: Path) -> None:
    (folder / "empty").touch()
    assert s3open.upload(folder / "empty", URI).size == 0
    info = s3open.download(URI, folder / "again")
    assert (info.size, info.etag) == (0, server.head(BUCKET, "key.txt").etag)
    assert (folder / "again").read_bytes() == b""


def test_what_is_large_goes_in_parts_and_ranges(
    server: S3Server, source: Path, folder: Path
) -> None:
    with server.counting() as seen:
        s3open.upload(source, URI, config=PARTS)
    assert seen.operations == {
        "CreateMultipartUpload": 1,
        "UploadPart": 4,
        "CompleteMultipartUpload": 1,
    }
    with server.counting() as seen:
        info = s3open.download(URI, folder / "again", config=PARTS)
    # One asks for the checksum, which the ranges do not bring.
    assert seen.operations == {"GetObject": 4, "HeadObject": 1}
    assert seen.bytes_out == len(LARGE)
    assert info.checksum is not None
    assert [each.headers.get("if-match") for each in seen.records].count(None) <= 1


@pytest.mark.parametrize("operation", ["UploadPart", "GetObject"])
def test_parts_are_under_way_side_by_side(
    server: S3Server, source: Path, folder: Path, operation: str
) -> None:
    server.put(BUCKET, "key.txt", LARGE)
    # Neither of two goes on before the other has come.
    meeting = threading.Barrier(2, timeout=60)
    fault = Fault(operation=operation, skip=1, times=2, before=lambda _: meeting.wait())
    config = s3open.Config(part_size=5 * MIB, connections=3)
    with server.faulty(fault):
        if operation == "UploadPart":
            s3open.upload(source, URI, config=config)
        else:
            s3open.download(URI, folder / "target", config=config)
    assert not meeting.broken


def test_a_file_system_uploads_and_downloads(
    server: S3Server, source: Path, folder: Path
) -> None:
    there = s3open.FileSystem(part_size=5 * MIB)
    with server.counting() as seen:
        info = there.upload(source, URI, 1, overwrite=False, metadata={"a": "1"})
        assert there.download(URI, folder / "target", (0, 5)).size == 5
    assert seen.operations["UploadPart"] == 4
    assert info.metadata == {"a": "1"}
    assert (folder / "target").read_bytes() == LARGE[1:6]
    with pytest.raises(FileExistsError):
        there.download(URI, folder / "target", overwrite=False)
    with pytest.raises(TypeError):
        there.upload(source, URI, config=PARTS)


def test_more_parts_than_one_answer_lists_are_listed(server: S3Server) -> None:
    verbs = clients.verbs_for(s3open.Config(), URI)
    at = Location(BUCKET, "key.txt", URI)
    upload = verbs.create_multipart_upload(at, Attributes())
    sent = {
        number: verbs.upload_part(at, upload, number, [b"%d" % number])
        for number in range(1, 1003)
    }
    assert verbs.list_parts(at, upload) == sent
    verbs.abort_multipart_upload(at, upload)
    with pytest.raises(FileNotFoundError):
        verbs.list_parts(at, upload)


def test_the_options_of_open_are_taken(server: S3Server, folder: Path) -> None:
    (folder / "small").write_bytes(SMALL)
    key = b"k" * 32
    info = s3open.upload(
        folder / "small",
        URI,
        content_type="text/x-poem",
        metadata={"a": "1"},
        cache_control="no-cache",
        sse_customer_key=key,
    )
    assert (info.content_type, info.metadata) == ("text/x-poem", {"a": "1"})
    back = s3open.download(
        URI, folder / "back", sse_customer_key=key, if_match=info.etag
    )
    assert (back.content_type, back.metadata) == ("text/x-poem", {"a": "1"})
    assert back.last_modified is not None
    with pytest.raises(s3open.PreconditionFailedError):
        s3open.download(URI, folder / "x", sse_customer_key=key, if_match="other")
    with pytest.raises(s3open.NotModifiedError):
        s3open.download(
            URI, folder / "x", sse_customer_key=key, if_none_match=info.etag
        )
    assert names(folder) == ["back", "small"]


def test_versions_are_told_and_fetched(server: S3Server, folder: Path) -> None:
    import boto3

    client = boto3.client("s3")
    client.put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
    )
    first = s3open.upload(io.BytesIO(LARGE), URI, config=PARTS)
    second = s3open.upload(io.BytesIO(SMALL), URI)
    assert first.version_id != second.version_id
    found = s3open.download(
        URI, folder / "first", config=PARTS, version_id=first.version_id
    )
    assert (folder / "first").read_bytes() == LARGE
    assert found.version_id == first.version_id
    with pytest.raises(FileNotFoundError):
        s3open.download(URI, folder / "none", version_id="none-such")


@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_what_is_there_is_not_overwritten_unless_that_is_wanted(
    server: S3Server, folder: Path, content: bytes
) -> None:
    server.put(BUCKET, "key.txt", b"old")
    (folder / "new").write_bytes(content)
    with server.counting() as seen, pytest.raises(FileExistsError):
        s3open.upload(folder / "new", URI, overwrite=False, config=PARTS)
    # It is known before anything is sent in parts.
    assert seen.total == 1
    assert stored(server) == b"old"
    with pytest.raises(FileExistsError):
        s3open.download(URI, folder / "new", overwrite=False)
    assert (folder / "new").read_bytes() == content
    with pytest.raises(FileExistsError):
        s3open.upload(folder / "new", folder / "new", overwrite=False)
    server.delete(BUCKET, "key.txt")
    s3open.upload(folder / "new", URI, overwrite=False, config=PARTS)
    s3open.download(URI, folder / "other", overwrite=False)
    assert (folder / "other").read_bytes() == stored(server) == content
    assert names(folder) == ["new", "other"]


@pytest.mark.parametrize("operation", ["PutObject", "CompleteMultipartUpload"])
def test_what_came_first_is_not_overwritten(
    server: S3Server, source: Path, operation: str
) -> None:
    fault = Fault(
        operation=operation, before=lambda owner: owner.put(BUCKET, "key.txt", b"1st")
    )
    end = 9 if operation == "PutObject" else None
    with server.faulty(fault), pytest.raises(FileExistsError):
        s3open.upload(source, URI, 0, end, overwrite=False, config=PARTS)
    assert stored(server) == b"1st"
    assert server.uploads(BUCKET) == []


def test_a_file_that_came_first_is_not_overwritten(
    server: S3Server, folder: Path
) -> None:
    server.put(BUCKET, "key.txt", LARGE)
    target = folder / "target"
    fault = Fault(operation="GetObject", before=lambda _: target.write_bytes(b"1st"))
    with server.faulty(fault), pytest.raises(FileExistsError) as caught:
        s3open.download(URI, target, overwrite=False, config=PARTS)
    assert caught.value.filename == os.fspath(target)
    assert target.read_bytes() == b"1st"
    assert names(folder) == ["target"]


def test_a_file_that_changes_meanwhile_is_not_published(
    server: S3Server, source: Path
) -> None:
    def grow(_: object) -> None:
        with source.open("ab") as file:
            file.write(b"more")

    with (
        server.faulty(Fault(operation="UploadPart", skip=1, before=grow)),
        pytest.raises(OSError, match="changed") as caught,
    ):
        s3open.upload(source, URI, config=PARTS)
    assert caught.value.filename == os.fspath(source)
    assert server.keys(BUCKET) == []
    assert server.uploads(BUCKET) == []


def test_a_file_that_shrinks_meanwhile_is_not_published(
    server: S3Server, source: Path
) -> None:
    alone = s3open.Config(part_size=5 * MIB, connections=1)
    shrink = Fault(
        operation="CreateMultipartUpload", before=lambda _: os.truncate(source, 6 * MIB)
    )
    with server.faulty(shrink), pytest.raises(OSError, match="bytes are left"):
        s3open.upload(source, URI, config=alone)
    assert server.keys(BUCKET) == []
    assert server.uploads(BUCKET) == []


@pytest.mark.parametrize("moment", [0, 2])
def test_an_object_that_changes_meanwhile_is_not_mixed(
    server: S3Server, folder: Path, moment: int
) -> None:
    server.put(BUCKET, "key.txt", LARGE)
    (folder / "target").write_bytes(b"old")
    fault = Fault(
        operation="GetObject",
        skip=moment + 1,
        before=lambda owner: owner.put(BUCKET, "key.txt", LARGE[::-1]),
    )
    with server.faulty(fault), pytest.raises(s3open.ObjectChangedError):
        s3open.download(URI, folder / "target", config=PARTS)
    assert (folder / "target").read_bytes() == b"old"
    assert names(folder) == ["target"]


# How an object is put, and whether it takes verify="always" to find a flipped bit.
KEPT: dict[str, tuple[dict[str, str], bool]] = {
    "full": ({"ChecksumAlgorithm": "CRC64NVME"}, False),
    "crc32": ({"ChecksumAlgorithm": "CRC32"}, False),
    "crc32c": ({"ChecksumAlgorithm": "CRC32C"}, False),
    "sha256": ({"ChecksumAlgorithm": "SHA256"}, True),
    "composite": ({"ChecksumAlgorithm": "CRC32", "ChecksumType": "COMPOSITE"}, False),
}


def put(kind: str, content: bytes) -> bool:
    """Put an object with a checksum of *kind*; return whether that is a slow one."""
    import boto3

    client = boto3.client("s3")
    settings, slow = KEPT[kind]
    at = {"Bucket": BUCKET, "Key": "key.txt"}
    if kind != "composite":
        client.put_object(**at, Body=content, **settings)
        return slow
    upload = client.create_multipart_upload(**at, **settings)["UploadId"]
    parts = []
    for number, start in enumerate(range(0, len(content), 6 * MIB), start=1):
        answer = client.upload_part(
            **at,
            UploadId=upload,
            PartNumber=number,
            Body=content[start : start + 6 * MIB],
            ChecksumAlgorithm="CRC32",
        )
        named = {name: answer[name] for name in ("ETag", "ChecksumCRC32")}
        parts.append({"PartNumber": number, **named})
    client.complete_multipart_upload(
        **at, UploadId=upload, MultipartUpload={"Parts": parts}
    )
    return slow


@pytest.mark.parametrize("kind", KEPT)
@pytest.mark.parametrize("size", [len(SMALL), 17 * MIB + 3])
@pytest.mark.parametrize("verify", ["auto", "always", "off"])
def test_a_flipped_bit_is_found(
    server: S3Server, folder: Path, kind: str, size: int, verify: str
) -> None:
    content = LARGE[:size]
    slow = put(kind, content)
    target = folder / "target"
    s3open.download(URI, target, config=PARTS, verify=verify)
    assert target.read_bytes() == content
    target.write_bytes(b"old")
    finds = verify == "always" or (verify == "auto" and not slow)
    last = 0 if size == len(SMALL) else 2
    with server.faulty(Fault(operation="GetObject", skip=last, flip=7)):
        if not finds:
            s3open.download(URI, target, config=PARTS, verify=verify)
        else:
            with pytest.raises(s3open.IntegrityError) as caught:
                s3open.download(URI, target, config=PARTS, verify=verify)
            assert caught.value.expected != caught.value.received
            assert target.read_bytes() == b"old"
    assert names(folder) == ["target"]
    assert not any((folder.parent / "state" / "s3open" / "transfers").glob("*"))


def test_what_cannot_be_verified_is_refused_where_that_is_wanted(
    server: S3Server, folder: Path
) -> None:
    put("composite", LARGE)
    server.deny("HeadObject")
    with pytest.raises(s3open.IntegrityError, match="no checksum"):
        s3open.download(URI, folder / "target", config=PARTS, verify="always")
    assert names(folder) == []
    with server.counting() as seen:
        s3open.download(URI, folder / "target", config=PARTS, verify="off")
    assert seen.operations == {"GetObject": 4}


@pytest.mark.parametrize("reset", [False, True])
def test_ranges_that_break_off_are_gone_on_with(
    server: S3Server, folder: Path, reset: bool
) -> None:
    server.put(BUCKET, "key.txt", LARGE)
    alone = s3open.Config(part_size=5 * MIB, connections=1)
    fault = Fault(operation="GetObject", times=3, cut=3 * MIB, reset=reset)
    with server.faulty(fault), server.counting() as seen:
        s3open.download(URI, folder / "target", config=alone)
    assert (folder / "target").read_bytes() == LARGE
    # Two of four broke off, or three where a reset has lost what was on its way.
    assert seen.operations["GetObject"] in ((6, 7) if reset else (6,))
    if not reset:
        assert seen.bytes_out == len(LARGE)


FAULTS: list[dict[str, Any]] = [
    {"drop": "before"},
    {"drop": "after"},
    {"status": 500},
    {"status": 503},
    {"times": 3, "status": 503},
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("content", [SMALL, LARGE])
@pytest.mark.parametrize("overwrite", [True, False])
def test_what_fails_for_a_moment_is_done_all_the_same(
    server: S3Server,
    folder: Path,
    fault: dict[str, Any],
    content: bytes,
    overwrite: bool,
) -> None:
    (folder / "source").write_bytes(content)
    for operation in (
        "PutObject",
        "UploadPart",
        "CompleteMultipartUpload",
        "GetObject",
        "HeadObject",
    ):
        with server.faulty(Fault(operation=operation, **fault)):
            s3open.upload(folder / "source", URI, overwrite=overwrite, config=PARTS)
            s3open.download(URI, folder / "target", overwrite=overwrite, config=PARTS)
        assert stored(server) == (folder / "target").read_bytes() == content
        assert server.uploads(BUCKET) == []
        (folder / "target").unlink()
        server.delete(BUCKET, "key.txt")
    assert names(folder) == ["source"]


def test_a_store_that_ignores_ranges_sends_everything_once(
    server: S3Server, folder: Path
) -> None:
    server.put(BUCKET, "key.txt", LARGE)
    fault = Fault(operation="GetObject", times=None, ignore=("range",))
    with server.faulty(fault), server.counting() as seen:
        s3open.download(URI, folder / "all", config=PARTS)
        s3open.download(URI, folder / "some", (5, 6 * MIB), config=PARTS)
    assert (folder / "all").read_bytes() == LARGE
    assert (folder / "some").read_bytes() == LARGE[5 : 6 * MIB]
    assert seen.operations["GetObject"] == 2


def test_who_may_not_ask_for_the_checksum_downloads_all_the_same(
    server: S3Server, folder: Path
) -> None:
    server.put(BUCKET, "key.txt", LARGE)
    server.deny("HeadObject")
    s3open.download(URI, folder / "target", config=PARTS)
    assert (folder / "target").read_bytes() == LARGE


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA256"])
def test_whatever_checksum_the_store_keeps_is_compared_if_it_can_be(
    server: S3Server, folder: Path, algorithm: str
) -> None:
    import boto3

    boto3.client("s3").put_object(
        Bucket=BUCKET, Key="key.txt", Body=LARGE, ChecksumAlgorithm=algorithm
    )
    info = s3open.download(URI, folder / "target", config=PARTS)
    assert info.checksum is not None
    assert info.checksum.algorithm == algorithm
    assert (folder / "target").read_bytes() == LARGE


@pytest.mark.parametrize("umask", [0o022, 0o077, 0])
def test_a_downloaded_file_has_the_mode_of_a_new_one(
    server: S3Server, folder: Path, umask: int
) -> None:
    server.put(BUCKET, "key.txt", SMALL)
    before = os.umask(umask)
    try:
        s3open.download(URI, folder / "target")
    finally:
        os.umask(before)
    mode = stat.S_IMODE((folder / "target").stat().st_mode)
    assert mode == 0o666 & ~umask


def test_a_directory_is_no_target(server: S3Server, folder: Path) -> None:
    server.put(BUCKET, "key.txt", SMALL)
    for target in (folder, f"{folder}/", f"{folder}/new/"):
        for function, first in ((s3open.download, URI), (s3open.upload, __file__)):
            with server.counting() as seen, pytest.raises(IsADirectoryError):
                function(first, target)
            assert seen.total == 0
    with pytest.raises(FileNotFoundError):
        s3open.download(URI, folder / "none" / "target")
    with pytest.raises(FileNotFoundError):
        s3open.download(URI, "")
    with pytest.raises(IsADirectoryError):
        s3open.upload(__file__, f"s3://{BUCKET}/folder/")
    with pytest.raises(IsADirectoryError):
        s3open.upload(folder, URI)
    assert names(folder) == []


def test_a_link_is_followed_as_open_does(server: S3Server, folder: Path) -> None:
    server.put(BUCKET, "key.txt", SMALL)
    (folder / "real").write_bytes(b"old")
    (folder / "link").symlink_to("real")
    s3open.download(URI, folder / "link")
    assert (folder / "link").is_symlink()
    assert (folder / "real").read_bytes() == SMALL
    (folder / "dangling").symlink_to("other")
    s3open.download(URI, folder / "dangling")
    assert (folder / "other").read_bytes() == SMALL


def test_a_device_is_written_to_and_not_replaced(server: S3Server) -> None:
    server.put(BUCKET, "key.txt", SMALL)
    s3open.download(URI, os.devnull)
    s3open.upload(__file__, os.devnull)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_named_pipe_is_read_and_written(server: S3Server, folder: Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(LARGE,))
    writer.start()
    s3open.upload(pipe, URI, 5, config=PARTS)
    writer.join()
    assert stored(server) == LARGE[5:]


def test_a_missing_object_leaves_nothing(server: S3Server, folder: Path) -> None:
    (folder / "target").write_bytes(b"old")
    with pytest.raises(FileNotFoundError):
        s3open.download(URI, folder / "target")
    with pytest.raises(FileNotFoundError):
        s3open.upload(folder / "none", URI)
    assert names(folder) == ["target"]
    assert (folder / "target").read_bytes() == b"old"


@pytest.mark.parametrize(
    "call",
    [
        lambda: s3open.upload(URI, URI),
        lambda: s3open.download(URI, URI),
        lambda: s3open.upload(__file__, URI, -1),
        lambda: s3open.upload(__file__, URI, 5, 4),
        lambda: s3open.download(URI, "x", (5, 4)),
        lambda: s3open.upload(__file__, URI, acl="nonsense"),
        lambda: s3open.upload(__file__, "http://example.com/x"),
    ],
)
def test_what_cannot_be_is_refused_before_any_request(
    server: S3Server, call: Callable[[], object]
) -> None:
    with server.counting() as seen, pytest.raises(ValueError):  # noqa: PT011
        call()
    assert seen.total == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: s3open.upload(io.StringIO("text"), URI),  # type: ignore[arg-type]
        lambda: s3open.download(URI, io.StringIO()),  # type: ignore[arg-type]
        lambda: s3open.upload(7, URI),  # type: ignore[arg-type]
        lambda: s3open.upload(__file__, URI, streaming=True),
        lambda: s3open.upload(__file__, URI, version_id="1"),
        lambda: s3open.download(URI, "x", nonsense=1),
        lambda: s3open.download(URI, "x", config={}),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_another_kind_is_refused_before_any_request(
    server: S3Server, call: Callable[[], object]
) -> None:
    with server.counting() as seen, pytest.raises(TypeError):
        call()
    assert seen.total == 0


def test_a_file_that_was_written_to_is_flushed_first(
    server: S3Server, folder: Path
) -> None:
    with (folder / "file").open("w+b") as file:
        file.write(SMALL)
        s3open.upload(file, URI)
        assert stored(server) == SMALL


def test_what_fails_in_one_part_is_raised_and_nothing_is_left(
    server: S3Server, source: Path, folder: Path
) -> None:
    server.put(BUCKET, "old", LARGE)
    with (
        server.faulty(Fault(operation="UploadPart", skip=2, status=403)),
        pytest.raises(PermissionError),
    ):
        s3open.upload(io.BytesIO(LARGE), URI, config=PARTS)
    with (
        server.faulty(Fault(operation="GetObject", skip=2, status=403)),
        pytest.raises(PermissionError),
    ):
        s3open.download(f"s3://{BUCKET}/old", folder / "target", config=PARTS)
    assert server.uploads(BUCKET) == []
    assert server.keys(BUCKET) == ["old"]
    assert names(folder) == []
