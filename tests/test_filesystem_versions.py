"""Versions, told, brought back, and directories that are there for a while."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open.s3 import retry
from s3open.stores import status
from s3open.testing import Fault
from tests.test_testing_support import client_of

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server
    from tests.stores import Endpoint

KEY = "s3://box/key"


@pytest.fixture
def server(s3open_server: S3Server, _each_transport: None) -> S3Server:
    s3open_server.create_bucket("box", versioned=True)
    return s3open_server


def delete(server: S3Server, key: str) -> None:
    """Have a delete marker be the newest version of *key*."""
    client_of(server).delete_object(Bucket="box", Key=key)


def history(name: str) -> list[bytes | None]:
    """Return the contents of all versions, newest first, None for a delete marker."""
    return [
        None if each.deleted else s3open.read_bytes(name, version_id=each.version_id)
        for each in s3open.versions(name)
    ]


def test_versions_come_newest_first(server: S3Server) -> None:
    for content in (b"one", b"two"):
        s3open.write_bytes(KEY, content)
    delete(server, "key")
    s3open.write_bytes("s3://box/key-2", b"other")
    marker, newer, older = s3open.versions(KEY)
    assert (marker.deleted, marker.latest, marker.size) == (True, True, None)
    assert (newer.deleted, newer.latest, newer.size) == (False, False, 3)
    assert (older.uri, older.name) == (KEY, "key")
    assert history(KEY) == [None, b"two", b"one"]


def test_versions_are_listed_with_directories(server: S3Server) -> None:
    for name in ("s3://box/dir/a", "s3://box/dir/a", "s3://box/dir/b", KEY):
        s3open.write_bytes(name, b"x")
    delete(server, "dir/b")
    found = s3open.ls("s3://box/dir", versions=True, full=True)
    assert [(each.name, each.deleted, each.latest) for each in found] == [
        ("dir/a", False, True),
        ("dir/a", False, False),
        ("dir/b", True, True),
        ("dir/b", False, False),
    ]
    assert list(s3open.ls("s3://box", versions=True)) == ["s3://box/dir/", KEY]
    recursive = list(s3open.ls("s3://box", versions=True, recursive=True))
    assert len(recursive) == 5
    assert list(s3open.ls(KEY, versions=True)) == [KEY]


def test_of_what_has_never_been_there_are_no_versions(server: S3Server) -> None:
    s3open.write_bytes("s3://box/key-2", b"other")
    with pytest.raises(FileNotFoundError) as caught:
        list(s3open.versions(KEY))
    assert caught.value.filename == KEY


def test_a_file_of_this_machine_has_one_version(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"abc")
    (found,) = s3open.versions(tmp_path / "key")
    assert (found.size, found.latest, found.version_id) == (3, True, None)
    with pytest.raises(FileNotFoundError):
        s3open.versions(tmp_path / "nothing")
    for ask in (s3open.undo, s3open.restore, s3open.unarchive):
        with pytest.raises(ValueError, match="no versions"):
            ask(tmp_path / "key")


def test_what_was_deleted_is_restored(server: S3Server) -> None:
    s3open.write_bytes(KEY, b"one")
    s3open.write_bytes("s3://box/key-2", b"other")
    delete(server, "key")
    delete(server, "key-2")
    assert s3open.restore(KEY) == 1
    assert s3open.read_bytes(KEY) == b"one"
    assert not s3open.exists("s3://box/key-2")
    assert s3open.restore(KEY) == 0
    assert history(KEY) == [b"one"]


def test_what_was_deleted_before_stays_in_the_history(server: S3Server) -> None:
    s3open.write_bytes(KEY, b"one")
    delete(server, "key")
    s3open.write_bytes(KEY, b"two")
    assert s3open.restore(KEY) == 0
    assert len(history(KEY)) == 3
    delete(server, "key")
    delete(server, "key")
    assert s3open.restore(KEY) == 1
    assert s3open.read_bytes(KEY) == b"two"
    if os.environ["S3OPEN_TRANSPORT"] == "wire":
        # What is of one second boto3 gives in no order.
        assert history(KEY) == [b"two", None, b"one"]


def test_a_directory_is_restored_up_to_its_slash(server: S3Server) -> None:
    for key in ("dir/a", "dir/b/c", "dir2/a", "dir/kept"):
        s3open.write_bytes(f"s3://box/{key}", b"x")
    for key in ("dir/a", "dir/b/c", "dir2/a"):
        delete(server, key)
    assert s3open.restore("s3://box/dir", recursive=True) == 2
    assert sorted(s3open.find("s3://box")) == [
        f"s3://box/{key}" for key in ("dir/a", "dir/b/c", "dir/kept")
    ]


def test_an_overwritten_file_is_undone(server: S3Server) -> None:
    old = s3open.write_bytes(KEY, b"one", metadata={"colour": "red"}).version_id
    s3open.write_bytes(KEY, b"two")
    with server.counting() as seen:
        assert s3open.undo(KEY) == old
    assert seen.operations == {
        "ListObjectVersions": 1,
        "HeadObject": 1,
        "CopyObject": 1,
    }
    assert s3open.read_bytes(KEY) == b"one"
    assert dict(s3open.stat(KEY).metadata) == {"colour": "red"}
    assert history(KEY) == [b"one", b"two", b"one"]
    s3open.undo(KEY)
    assert history(KEY) == [b"two", b"one", b"two", b"one"]


def test_a_deletion_is_undone(server: S3Server) -> None:
    old = s3open.write_bytes(KEY, b"one").version_id
    delete(server, "key")
    with server.counting() as seen:
        assert s3open.undo(KEY) == old
    assert seen.operations == {"ListObjectVersions": 1, "DeleteObject": 1}
    assert history(KEY) == [b"one"]


def test_a_creation_is_undone_by_a_marker(server: S3Server) -> None:
    s3open.write_bytes(KEY, b"one")
    assert s3open.undo(KEY) is None
    assert history(KEY) == [None, b"one"]
    s3open.write_bytes(KEY, b"two")
    assert s3open.undo(KEY) is None
    assert not s3open.exists(KEY)
    # What is of one second boto3 gives in no order.
    assert sorted(map(str, history(KEY))) == ["None", "None", "b'one'", "b'two'"]


def test_two_deletions_are_undone_one_by_one(server: S3Server) -> None:
    s3open.write_bytes(KEY, b"one")
    delete(server, "key")
    delete(server, "key")
    assert s3open.undo(KEY) is None
    assert s3open.undo(KEY) is not None
    assert s3open.read_bytes(KEY) == b"one"


def test_nothing_is_undone_where_it_would_be_lost(server: S3Server) -> None:
    server.create_bucket("plain")
    s3open.write_bytes("s3://plain/key", b"one")
    with server.counting() as seen, pytest.raises(ValueError, match="might lose one"):
        s3open.undo("s3://plain/key")
    assert seen.operations == {"ListObjectVersions": 1, "GetBucketVersioning": 1}
    assert s3open.read_bytes("s3://plain/key") == b"one"
    with pytest.raises(FileNotFoundError):
        s3open.undo("s3://plain/nothing")
    with pytest.raises(IsADirectoryError):
        s3open.undo("s3://plain/dir/")


def test_what_is_older_than_versioning_is_undone(server: S3Server) -> None:
    server.create_bucket("late")
    s3open.write_bytes("s3://late/key", b"one")
    client_of(server).put_bucket_versioning(
        Bucket="late", VersioningConfiguration={"Status": "Enabled"}
    )
    s3open.write_bytes("s3://late/key", b"two")
    with server.counting() as seen:
        assert s3open.undo("s3://late/key") == "null"
    assert seen.operations["GetBucketVersioning"] == 1
    assert history("s3://late/key") == [b"one", b"two", b"one"]


def test_undoing_outlives_failures(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "pause", lambda _: None)
    s3open.write_bytes(KEY, b"one")
    s3open.write_bytes(KEY, b"two")
    for operation in ("ListObjectVersions", "HeadObject", "CopyObject"):
        with server.faulty(Fault(operation, status=503, times=1)) as armed:
            s3open.undo(KEY)
        assert armed.fired == 1
    assert s3open.read_bytes(KEY) == b"one"


def test_an_archived_object_is_asked_for(
    moto_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in moto_endpoint.environment().items():
        monkeypatch.setenv(name, value)
    client = moto_endpoint.client
    client.create_bucket(Bucket="archive")
    client.put_object(Bucket="archive", Key="k", Body=b"x", StorageClass="GLACIER")
    assert s3open.stat("s3://archive/k").storage_class == "GLACIER"
    s3open.unarchive("s3://archive/k", days=2, tier="Bulk")
    assert client.head_object(Bucket="archive", Key="k")["Restore"]
    s3open.unarchive("s3://archive/k")
    with pytest.raises(FileNotFoundError):
        s3open.unarchive("s3://archive/nothing")
    with pytest.raises(ValueError, match="tier"):
        s3open.unarchive("s3://archive/k", tier="Quick")
    with pytest.raises(ValueError, match="days"):
        s3open.unarchive("s3://archive/k", days=0)


def test_what_is_archived_says_so(server: S3Server) -> None:
    s3open.write_bytes(KEY, b"x", storage_class="GLACIER")
    with pytest.raises(PermissionError, match="archive"):
        s3open.read_bytes(KEY)


def test_it_is_told_how_far_an_archived_object_has_come(server: S3Server) -> None:
    s3open.write_bytes(KEY, b"x", storage_class="DEEP_ARCHIVE")
    found = s3open.stat(KEY)
    assert (found.restoring, found.restored_until) == (False, None)
    with server.counting() as seen:
        s3open.unarchive(KEY, days=2, tier="Bulk")
    assert seen.operations == {"RestoreObject": 1}
    found = s3open.stat(KEY)
    assert (found.restoring, found.restored_until) == (True, None)
    s3open.unarchive(KEY)
    with pytest.raises(PermissionError, match="archive"):
        s3open.read_bytes(KEY)
    server.finish_restores("box")
    found = s3open.stat(KEY)
    assert not found.restoring
    assert found.restored_until is not None
    left = found.restored_until - datetime.now(timezone.utc)
    assert timedelta(days=1) < left <= timedelta(days=2)
    assert s3open.read_bytes(KEY) == b"x"
    s3open.set_storage_class(KEY, "STANDARD")
    found = s3open.stat(KEY)
    assert (found.storage_class, found.restored_until) == ("STANDARD", None)


def test_a_moment_that_nobody_can_read_is_not_known() -> None:
    said = 'ongoing-request="false", expiry-date="soon"'
    assert status.restoring(said) == (False, None)


def test_a_temporary_directory_is_there_for_a_while(server: S3Server) -> None:
    s3open.write_bytes("s3://box/tmp", b"kept")
    s3open.write_bytes("s3://box/dir/kept", b"kept")
    for parent in ("s3://box", "s3://box/dir", "s3://box/dir/"):
        with s3open.tempdir(parent) as name:
            assert name.startswith(parent.rstrip("/") + "/tmp")
            assert s3open.isdir(name)
            assert list(s3open.ls(name)) == []
            s3open.write_bytes(f"{name}/a/b", b"x")
            s3open.write_bytes(s3open.join(name, "c"), b"x")
            s3open.write_bytes(f"{name}-beside", b"kept")
            assert len(list(s3open.find(name))) == 2
        assert not s3open.exists(name)
        assert s3open.exists(f"{name}-beside")
    assert s3open.read_bytes("s3://box/tmp") == b"kept"
    assert s3open.read_bytes("s3://box/dir/kept") == b"kept"


def test_it_is_gone_after_an_exception_too(server: S3Server) -> None:
    with pytest.raises(ZeroDivisionError), s3open.tempdir("s3://box", "mine-") as name:
        assert "/mine-" in name
        s3open.write_bytes(f"{name}/a", b"x")
        raise ZeroDivisionError
    assert not s3open.exists(name)


def test_it_may_be_gone_before(server: S3Server) -> None:
    with s3open.tempdir("s3://box") as name:
        s3open.rm(name, recursive=True)
    assert not s3open.exists(name)


def test_a_temporary_directory_is_a_marker_a_listing_and_a_deletion(
    server: S3Server,
) -> None:
    with server.counting() as seen, s3open.tempdir("s3://box") as name:
        assert seen.operations == {"PutObject": 1}
        s3open.write_bytes(f"{name}/a", b"x")
    assert seen.operations == {
        "PutObject": 2,
        "ListObjectsV2": 1,
        "DeleteObjects": 1,
    }


def test_a_temporary_directory_may_be_in_one_with_any_name(server: S3Server) -> None:
    for key in ("a*/kept", "ab/tmp-kept/x", "[ab]/kept"):
        s3open.write_bytes(f"s3://box/{key}", b"kept")
    for parent in ("s3://box/a*", "s3://box/[ab]"):
        with s3open.tempdir(parent) as name:
            s3open.write_bytes(f"{name}/x", b"x")
            s3open.write_bytes(s3open.join("s3://box/ab", name[-35:], "x"), b"kept")
    left = [each.rpartition("/")[2] for each in s3open.find("s3://box")]
    assert sorted(left) == ["kept", "kept", "x", "x", "x"]


def test_where_there_is_no_bucket_is_no_directory(server: S3Server) -> None:
    with pytest.raises(FileNotFoundError), s3open.tempdir("s3://no-such-bucket-1"):
        pytest.fail("it was made")


def test_only_who_made_it_removes_it(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3open.tempdir("s3://box") as name, monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: -1)
        manager = s3open.tempdir("s3://box")
        other = manager.__enter__()
        patch.undo()
        manager.__exit__(None, None, None)
    assert not s3open.exists(name)
    assert s3open.isdir(other)


def test_a_temporary_directory_of_this_machine(tmp_path: Path) -> None:
    with s3open.tempdir(tmp_path) as name:
        assert os.path.dirname(name) == os.fspath(tmp_path)
        s3open.write_bytes(f"{name}/a/b", b"x")
    assert list(tmp_path.iterdir()) == []
