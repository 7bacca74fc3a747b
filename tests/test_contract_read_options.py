"""The options for reading: versions, conditions, and a stretch of an object."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.testing import Fault
from tests.stores import MIB, S3Store, open_any

if TYPE_CHECKING:
    from s3open.testing import S3Server

CONTENT = bytes(range(256)) * 64
LONG_AGO = datetime(2001, 2, 3, tzinfo=timezone.utc)
LATER = datetime.now(timezone.utc) + timedelta(days=1)


@pytest.fixture
def versioned(s3: S3Store) -> S3Store:
    """A bucket that keeps versions."""
    s3.client.put_bucket_versioning(
        Bucket=s3.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    return s3


def put(s3: S3Store, content: bytes) -> str:
    """Make a new version; return its id."""
    answer = s3.client.put_object(Bucket=s3.bucket, Key="key", Body=content)
    version: str = answer["VersionId"]
    return version


@pytest.mark.parametrize("size", [0, 10, 3 * MIB], ids=["empty", "small", "large"])
def test_a_version_is_read_whatever_came_after_it(
    versioned: S3Store, size: int
) -> None:
    old = put(versioned, b"o" * size)
    put(versioned, b"new")
    uri = versioned.name("key")
    with s3open.open(uri, "rb", version_id=old) as file:
        versioned.delete("key")
        assert file.read() == b"o" * size
        assert s3open.info(file).version_id == old
    with pytest.raises(FileNotFoundError):
        s3open.open(uri)


def test_a_version_that_is_none_is_not_found(versioned: S3Store) -> None:
    gone = put(versioned, b"old")
    put(versioned, b"new")
    at = {"Bucket": versioned.bucket, "Key": "key"}
    versioned.client.delete_object(**at, VersionId=gone)
    marker = versioned.client.delete_object(**at)["VersionId"]
    for version in (gone, marker, "no such id"):
        with pytest.raises(FileNotFoundError) as caught:
            s3open.open(versioned.name("key"), version_id=version)
        assert caught.value.filename == versioned.name("key")
        assert isinstance(caught.value, s3open.S3Error)


def test_a_version_that_is_deleted_while_it_is_read_is_told(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    s3open_server.create_bucket("versions", versioned=True)
    s3open_server.put("versions", "key", bytes(3 * MIB))
    version = s3open_server.head("versions", "key").version_id
    with s3open.open("s3://versions/key", "rb", version_id=version) as file:
        file.read(10)
        client().delete_object(Bucket="versions", Key="key", VersionId=version)
        s3open_server.put("versions", "key", bytes(3 * MIB))
        with pytest.raises(s3open.ObjectChangedError):
            file.seek(2 * MIB)
            file.read()


def client() -> Any:
    import boto3

    return boto3.client("s3")


def test_each_request_for_a_version_names_it_and_a_small_read_is_one(
    s3open_server: S3Server,
) -> None:
    s3open_server.create_bucket("versions", versioned=True)
    s3open_server.put("versions", "key", bytes(3 * MIB))
    version = s3open_server.head("versions", "key").version_id
    uri = "s3://versions/key"
    for denied in ("HeadObject", "ListObjectVersions", "GetObjectTagging"):
        s3open_server.deny(denied)
    with s3open_server.counting() as seen:
        with s3open.open(uri, "rb", version_id=version) as file:
            file.read(10)
        assert seen.operations == {"GetObject": 1}
    s3open_server.put("versions", "key", b"new")
    with s3open.open(uri, "rb", version_id=version) as file:
        assert file.read() == bytes(3 * MIB)


def test_who_may_not_read_versions_is_told_what_is_missing(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    s3open_server.deny("GetObject")
    s3open_server.deny("ListObjectVersions")
    uri = f"s3://{s3open_bucket}/key"
    with pytest.raises(PermissionError, match="s3:GetObjectVersion"):
        s3open.open(uri, version_id="1")
    with pytest.raises(PermissionError, match="s3:ListBucketVersions"):
        s3open.open(uri, at=LATER)


class TestAt:
    """Versions of known dates: the server's clock is set by hand."""

    @pytest.fixture(autouse=True)
    def _history(self, s3open_server: S3Server) -> None:
        server = s3open_server
        server.create_bucket("versions", versioned=True)
        for key in ("key", "key2"):
            for day in (1, 2, 3):
                server.put("versions", key, f"{key} {day}".encode())
                server.head("versions", key).modified = self.day(day).timestamp()
            server.delete("versions", key)
            bucket = server._state.store.bucket("versions")
            newest = bucket.newest(key)
            assert newest is not None
            newest.modified = self.day(4).timestamp()
            server.put("versions", key, b"back")
            server.head("versions", key).modified = self.day(5).timestamp()

    @staticmethod
    def day(number: int) -> datetime:
        return datetime(2021, 1, number, 12, tzinfo=timezone.utc)

    @pytest.mark.parametrize(
        ("moment", "content"),
        [
            (day(1), "key 1"),
            (day(2) - timedelta(seconds=1), "key 1"),
            (day(2), "key 2"),
            (day(3) + timedelta(hours=23), "key 3"),
            (day(6), "back"),
        ],
    )
    def test_what_was_current_then_is_read(
        self, s3open_server: S3Server, moment: datetime, content: str
    ) -> None:
        with s3open_server.counting() as seen:
            with s3open.open("s3://versions/key", at=moment) as file:
                assert file.read() == content
        assert seen.operations == {"ListObjectVersions": 1, "GetObject": 1}

    @pytest.mark.parametrize("moment", [LONG_AGO, day(4), day(5) - timedelta(hours=1)])
    def test_what_was_not_there_is_not_found(self, moment: datetime) -> None:
        with pytest.raises(FileNotFoundError) as caught:
            s3open.open("s3://versions/key", at=moment)
        assert caught.value.filename == "s3://versions/key"

    def test_a_naive_time_is_local_time(self) -> None:
        local = self.day(2).astimezone().replace(tzinfo=None)
        with s3open.open("s3://versions/key", at=local) as file:
            assert file.read() == "key 2"
        with s3open.open("s3://versions/key", at=local - timedelta(1)) as file:
            assert file.read() == "key 1"

    def test_many_versions_come_page_by_page(self, s3open_server: S3Server) -> None:
        for number in range(1500):
            s3open_server.put("versions", "key", b"%d" % number)
        with s3open.open("s3://versions/key", at=self.day(1)) as file:
            assert file.read() == "key 1"

    def test_an_older_version_is_found_by_a_client_of_the_users_own(self) -> None:
        config = s3open.Config(client=client())
        with s3open.open("s3://versions/key", at=self.day(2), config=config) as file:
            assert file.read() == "key 2"


def test_what_was_current_then_is_read_on_every_store(versioned: S3Store) -> None:
    put(versioned, b"content")
    with s3open.open(versioned.name("key"), at=LATER) as file:
        assert file.read() == "content"
    with pytest.raises(FileNotFoundError):
        s3open.open(versioned.name("key"), at=LONG_AGO)
    versioned.delete("key")
    with pytest.raises(FileNotFoundError):
        s3open.open(versioned.name("key"), at=LATER)


def test_without_versions_the_only_one_is_found(s3: S3Store) -> None:
    with s3open.open(s3.put("key", b"content"), at=LATER) as file:
        assert file.read() == "content"


@pytest.mark.parametrize("size", [0, 10], ids=["empty", "small"])
def test_conditions_that_hold_change_nothing(s3: S3Store, size: int) -> None:
    uri = s3.put("key", b"x" * size)
    with s3open.open(uri) as file:
        etag = s3open.info(file).etag
    assert etag is not None
    for given in (
        {"if_match": etag},
        {"if_match": f'"{etag}"'},
        {"if_none_match": "0123"},
        {"if_modified_since": LONG_AGO},
        {"if_unmodified_since": LATER},
    ):
        with open_any(uri, "rb", **given) as file:
            assert file.read() == b"x" * size


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"if_match": "0123"}, s3open.PreconditionFailedError),
        ({"if_none_match": "its own"}, s3open.NotModifiedError),
        ({"if_modified_since": datetime.now()}, s3open.NotModifiedError),
        ({"if_unmodified_since": LONG_AGO}, s3open.PreconditionFailedError),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_condition_that_does_not_hold_is_an_error_of_its_own(
    s3: S3Store, given: dict[str, Any], kind: type[s3open.S3Error]
) -> None:
    uri = s3.put("key", b"content")
    if "if_none_match" in given:
        given = {"if_none_match": s3.head("key")["ETag"].strip('"')}
    if "if_modified_since" in given:
        given = {"if_modified_since": s3.head("key")["LastModified"]}
    with pytest.raises(kind) as caught:
        open_any(uri, "rb", **given)
    error = caught.value
    assert error.filename == uri
    assert error.status == (304 if kind is s3open.NotModifiedError else 412)
    assert not isinstance(error, s3open.ObjectChangedError)


def test_conditions_are_asked_once_and_cost_nothing(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    s3open_server.put(s3open_bucket, "key", bytes(5 * MIB))
    with s3open_server.counting() as seen:
        with s3open.open(
            f"s3://{s3open_bucket}/key",
            "rb",
            if_none_match="0123",
            if_modified_since=LONG_AGO,
        ) as file:
            assert len(file.read()) == 5 * MIB
    conditional = ["if-none-match" in request.headers for request in seen.records]
    assert conditional[0]
    assert not any(conditional[1:])
    with s3open_server.counting() as seen, pytest.raises(s3open.NotModifiedError):
        etag = s3open_server.head(s3open_bucket, "key").etag
        s3open.open(f"s3://{s3open_bucket}/key", if_none_match=etag)
    assert seen.operations == {"GetObject": 1}


RANGES = [
    (0, 10),
    (5, 300),
    range(100, 200),
    (0, None),
    (16_000, 20_000),
    (16_000, None),
    (300, 300),
    (0, 0),
    (16_384, 16_385),
    (20_000, 30_000),
]


@pytest.mark.parametrize("wanted", RANGES, ids=str)
def test_a_byte_range_is_all_of_the_file(s3: S3Store, wanted: Any) -> None:
    start, stop = getattr(wanted, "start", 0), getattr(wanted, "stop", None)
    if isinstance(wanted, tuple):
        start, stop = wanted
    part = CONTENT[start:stop]
    uri = s3.put("key", CONTENT)
    with s3open.open(uri, "rb", byte_range=wanted) as file:
        assert file.tell() == 0
        assert file.read() == part
        assert file.tell() == len(part)
        assert file.read(1) == b""
        assert file.seek(0, os.SEEK_END) == len(part)
        assert file.seek(-min(3, len(part)), os.SEEK_END) == max(0, len(part) - 3)
        assert file.read() == part[-3:]
        info = s3open.info(file)
        assert info.size == len(part)
        assert info.etag == s3.head("key")["ETag"].strip('"')
        file.seek(0)
        assert os.pread(file.fileno(), 1 << 20, 0) == part


def test_a_byte_range_of_a_missing_object_is_not_found(s3: S3Store) -> None:
    for wanted in ((0, 0), (5, 10)):
        with pytest.raises(FileNotFoundError):
            s3open.open(s3.name("key"), "rb", byte_range=wanted)


def test_only_the_range_travels(s3open_server: S3Server, s3open_bucket: str) -> None:
    s3open_server.synthetic(s3open_bucket, "huge", 10 << 30)
    with (
        s3open_server.counting() as seen,
        s3open.open(
            f"s3://{s3open_bucket}/huge",
            "rb",
            byte_range=(5 << 30, (5 << 30) + 3 * MIB),
        ) as file,
    ):
        assert len(file.read()) == 3 * MIB
    assert seen.bytes_out == 3 * MIB
    ranges = [request.range for request in seen.records]
    assert ranges[0] == f"bytes={5 << 30}-{(5 << 30) + MIB - 1}"


def test_a_large_range_is_read_as_any_file(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    content = os.urandom(MIB) * 5
    s3open_server.put(s3open_bucket, "key", content)
    with s3open.open(
        f"s3://{s3open_bucket}/key", "rb", byte_range=(MIB + 7, 4 * MIB + 3)
    ) as file:
        file.seek(2 * MIB + 5)
        assert file.read() == content[3 * MIB + 12 : 4 * MIB + 3]
        file.seek(0)
        assert file.read() == content[MIB + 7 : 4 * MIB + 3]


@pytest.mark.parametrize("wanted", RANGES, ids=str)
def test_a_store_that_ignores_ranges_gives_them_all_the_same(
    s3open_server: S3Server, s3open_bucket: str, wanted: Any
) -> None:
    start, stop = wanted if isinstance(wanted, tuple) else (wanted.start, wanted.stop)
    s3open_server.put(s3open_bucket, "key", CONTENT)
    fault = Fault(operation="GetObject", times=None, ignore=["range"])
    with (
        s3open_server.faulty(fault),
        s3open.open(f"s3://{s3open_bucket}/key", "rb", byte_range=wanted) as file,
    ):
        assert file.read() == CONTENT[start:stop]


def test_a_changed_object_is_told_within_a_range_too(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    s3open_server.put(s3open_bucket, "key", bytes(5 * MIB))
    with s3open.open(f"s3://{s3open_bucket}/key", "rb", byte_range=(MIB, None)) as file:
        file.read(10)
        s3open_server.put(s3open_bucket, "key", bytes(5 * MIB) + b"x")
        file.seek(3 * MIB)
        with pytest.raises(s3open.ObjectChangedError):
            file.read()


def test_the_checksum_is_told_where_the_store_keeps_one(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    for body in (b"", b"content"):
        s3open_server.put(s3open_bucket, "key", body)
        stored = s3open_server.head(s3open_bucket, "key").checksum
        assert stored is not None
        with s3open.open(f"s3://{s3open_bucket}/key", "rb") as file:
            file.read()
            with s3open_server.counting() as seen:
                found = s3open.info(file, checksum=True).checksum
            assert seen.operations == {"HeadObject": 1}
        assert found is not None
        assert (found.algorithm, found.kind) == ("CRC64NVME", "FULL_OBJECT")
        assert found.value == stored.value
    s3open_server.synthetic(s3open_bucket, "without", 10)
    with s3open.open(f"s3://{s3open_bucket}/without", "rb") as file:
        assert s3open.info(file, checksum=True).checksum is None
        assert s3open.info(file).checksum is None


def test_the_checksum_of_another_object_is_never_told(s3: S3Store) -> None:
    with s3open.open(s3.put("key", b"old"), "rb") as file:
        assert file.read() == b"old"
        s3.put("key", b"newer")
        with pytest.raises(s3open.ObjectChangedError):
            s3open.info(file, checksum=True)
        s3.delete("key")
        with pytest.raises(s3open.ObjectChangedError):
            s3open.info(file, checksum=True)


BAD: list[tuple[type[Exception], dict[str, Any]]] = [
    (TypeError, {"version_id": 1}),
    (ValueError, {"version_id": ""}),
    (ValueError, {"version_id": "1", "at": LATER}),
    (TypeError, {"at": "yesterday"}),
    (TypeError, {"if_match": 1}),
    (ValueError, {"if_match": 'a"b'}),
    (ValueError, {"if_none_match": "ä"}),
    (TypeError, {"if_modified_since": 1.5}),
    (TypeError, {"if_unmodified_since": "now"}),
    (TypeError, {"byte_range": 5}),
    (TypeError, {"byte_range": (1, 2, 3)}),
    (TypeError, {"byte_range": (1.0, 2)}),
    (ValueError, {"byte_range": (-10, 2)}),
    (ValueError, {"byte_range": (3, 2)}),
    (ValueError, {"byte_range": range(0, 10, 2)}),
]


@pytest.mark.parametrize(("kind", "given"), BAD, ids=lambda value: str(value)[:60])
def test_what_cannot_be_is_refused_before_any_request(
    s3open_server: S3Server, kind: type[Exception], given: dict[str, Any]
) -> None:
    with s3open_server.counting() as seen, pytest.raises(kind) as caught:
        open_any("s3://bucket/key", "rb", **given)
    assert caught.type is kind
    assert any(name in str(caught.value) for name in given)
    assert not seen.operations


@pytest.mark.parametrize("mode", ["w", "xb", "a", "r+", "w+"])
@pytest.mark.parametrize(
    "given",
    [
        {"version_id": "1"},
        {"at": LATER},
        {"byte_range": (1, 2)},
        {"if_none_match": "1"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_they_are_for_reading_only(
    s3open_server: S3Server, mode: str, given: dict[str, Any]
) -> None:
    with s3open_server.counting() as seen, pytest.raises(ValueError, match="only read"):
        open_any("s3://bucket/key", mode, **given)
    assert not seen.operations


def test_they_are_of_no_effect_on_local_files(tmp_path: os.PathLike[str]) -> None:
    name = os.path.join(tmp_path, "file")
    with s3open.open(name, "w", version_id="1") as file:
        file.write("content")
    with s3open.open(name, byte_range=(1, 2), if_match="1", at=LATER) as file:
        assert file.read() == "content"
