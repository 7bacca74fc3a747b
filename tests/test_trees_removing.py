"""`rm`: keys, directories, versions, patterns; and what it leaves alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s3open import errors
from s3open.s3 import retry
from s3open.testing import Fault
from s3open.trees.removing import rm
from s3open.trees.report import Report
from tests.forest import (
    BUCKET,
    CONFIG,
    ROOT,
    TREE,
    Told,
    counts,
    fill,
    put,
    read,
    stored,
)

if TYPE_CHECKING:
    from s3open.testing import S3Server

pytestmark = pytest.mark.usefixtures("_private_recovery")


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    _known_to_honour: None,
    monkeypatch: pytest.MonkeyPatch,
) -> S3Server:
    monkeypatch.setattr(retry, "pause", lambda failures: None)
    return s3open_server


@pytest.mark.usefixtures("_each_transport")
def test_a_directory_ends_where_its_name_does(server: S3Server) -> None:
    put(server, "", {"foo": b"0", "foo/a": b"1", "foo/b/c": b"2", "foo/": b""})
    put(server, "", {"foobar": b"3", "foo!": b"4", "fo": b"5"})
    told = Told()
    report = rm(CONFIG, ROOT + "foo", recursive=True, on_event=told.append)
    assert counts(report) == {"removed": 4}
    assert told.of("remove") == [
        f"{ROOT}{key}" for key in ("foo", "foo/", "foo/a", "foo/b/c")
    ]
    assert set(stored(server)) == {"foobar", "foo!", "fo"}


def test_with_a_slash_only_what_is_below_goes(server: S3Server) -> None:
    put(server, "", {"foo": b"0", "foo/a": b"1"})
    rm(CONFIG, ROOT + "foo/", recursive=True)
    assert set(stored(server)) == {"foo"}


def test_a_thousand_keys_go_with_one_request(server: S3Server) -> None:
    put(server, "p/", {f"{number:05}": b"" for number in range(3500)})
    with server.counting() as seen:
        report = rm(CONFIG, ROOT + "p/", recursive=True)
    assert counts(report) == {"removed": 3500}
    assert seen.operations == {"ListObjectsV2": 4, "DeleteObjects": 4}
    assert stored(server) == {}


def test_a_single_key_is_looked_at_first(server: S3Server) -> None:
    put(server, "", {"a": b"1", "b": b"2"})
    with server.counting() as seen:
        rm(CONFIG, ROOT + "a")
    assert seen.operations == {"HeadObject": 1, "DeleteObject": 1}
    with pytest.raises(FileNotFoundError):
        rm(CONFIG, ROOT + "a")
    rm(CONFIG, ROOT + "a", missing_ok=True)
    with server.counting() as seen:
        rm(CONFIG, ROOT + "b", missing_ok=True)
    assert seen.operations == {"DeleteObject": 1}
    assert stored(server) == {}
    with pytest.raises(FileNotFoundError):
        rm(CONFIG, "s3://no-such-bucket/x")


def test_a_directory_needs_recursive(server: S3Server, tmp_path: Path) -> None:
    put(server, "p/", {"x": b"1"})
    fill(tmp_path, {"d/x": b"1"})
    for target in (ROOT + "p", ROOT, f"s3://{BUCKET}", tmp_path / "d"):
        with pytest.raises(IsADirectoryError, match="recursive"):
            rm(CONFIG, target)
    assert stored(server) == {"p/x": b"1"}
    assert read(tmp_path) == {"d/x": b"1"}


def test_a_missing_directory_is_told(server: S3Server, tmp_path: Path) -> None:
    put(server, "", {"foobar/x": b""})
    for target in (ROOT + "foo", ROOT + "foo/", tmp_path / "foo"):
        with pytest.raises(FileNotFoundError):
            rm(CONFIG, target, recursive=True)
        assert counts(rm(CONFIG, target, recursive=True, missing_ok=True)) == {}
    rm(CONFIG, ROOT, recursive=True)
    assert stored(server) == {}
    # An empty bucket is a directory with nothing in it.
    rm(CONFIG, ROOT, recursive=True)


def test_a_marker_is_a_key(server: S3Server) -> None:
    put(server, "", {"d/": b"", "d/x": b"1"})
    rm(CONFIG, ROOT + "d/")
    assert set(stored(server)) == {"d/x"}


def test_all_versions_go_if_that_is_wanted(server: S3Server) -> None:
    server.create_bucket("versions", versioned=True)
    for key in ("foo", "foo/a", "foobar"):
        server.put("versions", key, b"1")
        server.put("versions", key, b"2")
    server.delete("versions", "foo")
    rm(CONFIG, "s3://versions/foo", recursive=True, versions=True)
    assert server.keys("versions") == ["foobar"]
    with pytest.raises(FileNotFoundError):
        rm(CONFIG, "s3://versions/foo", recursive=True, versions=True)
    rm(CONFIG, "s3://versions/foobar", versions=True)
    with pytest.raises(FileNotFoundError):
        rm(CONFIG, "s3://versions/foobar", versions=True)


def test_no_marker_is_made_for_a_key_that_is_not_there(server: S3Server) -> None:
    server.create_bucket("versions", versioned=True)
    server.put("versions", "foo/a", b"1")
    rm(CONFIG, "s3://versions/foo", recursive=True)
    with pytest.raises(FileNotFoundError):
        rm(CONFIG, "s3://versions/foo", versions=True)


def test_one_version_goes(server: S3Server) -> None:
    server.create_bucket("versions", versioned=True)
    server.put("versions", "key", b"1")
    first = server.head("versions", "key").version_id
    server.put("versions", "key", b"2")
    with server.counting() as seen:
        rm(CONFIG, "s3://versions/key", version_id=first)
    assert seen.operations == {"DeleteObject": 1}
    assert server.read("versions", "key") == b"2"
    with pytest.raises(KeyError):
        server.head("versions", "key", first)


def test_the_code_of_a_device_goes_along(server: S3Server) -> None:
    put(server, "p/", {"x": b"1", "y": b"2"})
    rm(CONFIG, ROOT + "p/x", mfa="serial 123456")
    rm(CONFIG, ROOT + "p/", recursive=True, mfa="serial 123456")
    deletions = [each for each in server.requests if "Delete" in each.operation]
    assert [each.headers["x-amz-mfa"] for each in deletions] == ["serial 123456"] * 2


def test_what_is_refused_is_told_and_the_rest_goes(server: S3Server) -> None:
    put(server, "p/", {"a": b"1", "b": b"2", "c": b"3"})
    server.deny("DeleteObject", key_prefix="p/b")
    report = Report()
    rm(CONFIG, ROOT + "p/", recursive=True, report=report)
    assert counts(report) == {"removed": 2, "failures": 1}
    name, error = report.failed[0]
    assert name == ROOT + "p/b"
    assert isinstance(error, PermissionError)
    with pytest.raises(errors.TreeError):
        rm(CONFIG, ROOT + "p/", recursive=True)
    assert stored(server, "p/") == {"b": b"2"}


def test_patterns(server: S3Server, tmp_path: Path) -> None:
    files = {"a.txt": b"1", "b.txt": b"2", "c": b"3", "d/a.txt": b"4", "e/f": b"5"}
    put(server, "p/", files)
    rm(CONFIG, ROOT + "p/*.txt")
    assert set(stored(server, "p/")) == {"c", "d/a.txt", "e/f"}
    rm(CONFIG, ROOT + "p/[de]*", recursive=True)
    assert set(stored(server, "p/")) == {"c"}
    fill(tmp_path / "p", files)
    rm(CONFIG, tmp_path / "p/*.txt")
    assert set(read(tmp_path / "p")) == {"c", "d/a.txt", "e/f"}
    report = Report()
    rm(CONFIG, tmp_path / "p/*", report=report)
    assert counts(report) == {"removed": 1, "failures": 2}
    rm(CONFIG, tmp_path / "p/*", recursive=True)
    assert list((tmp_path / "p").iterdir()) == []
    for pattern in (tmp_path / "p/*", ROOT + "p/x*"):
        with pytest.raises(FileNotFoundError):
            rm(CONFIG, pattern)
        rm(CONFIG, pattern, missing_ok=True)


def test_a_pattern_that_is_a_name_means_the_file(server: S3Server) -> None:
    put(server, "", {"a*": b"1", "ab": b"2"})
    rm(CONFIG, ROOT + "a*")
    assert set(stored(server)) == {"ab"}


@pytest.mark.parametrize("recursive", [True, False])
def test_a_pattern_that_is_a_directory_means_no_other(
    server: S3Server, tmp_path: Path, recursive: bool
) -> None:
    files = {"run[1]/x": b"1", "run1/x": b"2", "run1": b"3"}
    put(server, "", files)
    if recursive:
        assert counts(rm(CONFIG, ROOT + "run[1]", recursive=True)) == {"removed": 1}
    else:
        with pytest.raises(IsADirectoryError):
            rm(CONFIG, ROOT + "run[1]")
    assert {"run1/x", "run1"} <= set(stored(server))
    assert ("run[1]/x" in stored(server)) is not recursive


def test_what_a_pattern_matches_may_be_excluded(
    server: S3Server, tmp_path: Path
) -> None:
    files = {"a.txt": b"1", "a.keep": b"2", "d/b.txt": b"3", "d/b.keep": b"4"}
    put(server, "p/", files)
    rm(CONFIG, ROOT + "p/*", recursive=True, exclude=["a.keep", "d/*.keep"])
    assert set(stored(server, "p/")) == {"a.keep", "d/b.keep"}
    fill(tmp_path / "p", files)
    rm(CONFIG, tmp_path / "p/*", recursive=True, exclude=["a.keep", "d/*.keep"])
    assert set(read(tmp_path / "p")) == {"a.keep", "d/b.keep"}


@pytest.mark.parametrize("pattern", ["*", "**"])
def test_a_pattern_removes_nothing_behind_a_link(tmp_path: Path, pattern: str) -> None:
    kept = fill(tmp_path / "kept", {"x": b"1", "d/y": b"2"})
    target = fill(tmp_path / "target", {"a": b"3", "d/b": b"4"})
    for name in ("link", "d/link"):
        (target / name).symlink_to(kept)
    (target / "file").symlink_to(kept / "x")
    with pytest.raises(FileNotFoundError):
        rm(CONFIG, target / "*/x")
    report = rm(CONFIG, target / pattern, recursive=True)
    assert counts(report) == {"removed": 5}
    assert list(target.iterdir()) == []
    assert read(kept) == {"x": b"1", "d/y": b"2"}


def test_a_pattern_removes_directories_with_their_markers(server: S3Server) -> None:
    put(server, "p/", {"d1/": b"", "d1/x": b"1", "d2/": b"", "e/": b""})
    assert counts(rm(CONFIG, ROOT + "p/d*", recursive=True)) == {"removed": 3}
    assert set(stored(server, "p/")) == {"e/"}


def test_filters(server: S3Server, tmp_path: Path) -> None:
    put(server, "p/", TREE)
    rm(CONFIG, ROOT + "p", recursive=True, exclude="b*")
    assert set(stored(server, "p/")) == {"b/c", "b/d/e.txt", "b!"}
    fill(tmp_path / "p", TREE)
    rm(CONFIG, tmp_path / "p", recursive=True, include="b/*")
    assert set(read(tmp_path / "p")) == TREE.keys() - {"b/c", "b/d/e.txt"}
    assert not (tmp_path / "p/b").exists()


def test_a_dry_run_removes_nothing(server: S3Server, tmp_path: Path) -> None:
    put(server, "p/", TREE)
    fill(tmp_path / "p", TREE)
    told = Told()
    for target in (ROOT + "p", tmp_path / "p"):
        rm(CONFIG, target, recursive=True, dry_run=True, on_event=told.append)
    assert len(told.of("remove")) == 2 * len(TREE)
    rm(CONFIG, ROOT + "p/a", dry_run=True, on_event=told.append)
    rm(CONFIG, tmp_path / "p/a", dry_run=True, on_event=told.append)
    assert len(told) == 2 * len(TREE) + 2
    assert stored(server, "p/") == read(tmp_path / "p") == TREE
    with pytest.raises(FileNotFoundError):
        rm(CONFIG, ROOT + "p/missing", dry_run=True)


def test_links_are_removed_and_not_what_they_lead_to(tmp_path: Path) -> None:
    kept = fill(tmp_path / "kept", {"x": b"1", "d/y": b"2"})
    target = fill(tmp_path / "target", {"a": b"3"})
    (target / "file").symlink_to(kept / "x")
    (target / "folder").symlink_to(kept / "d")
    (target / "broken").symlink_to("nowhere")
    rm(CONFIG, target, recursive=True)
    assert not target.exists()
    assert read(kept) == {"x": b"1", "d/y": b"2"}
    (tmp_path / "link").symlink_to(kept)
    rm(CONFIG, tmp_path / "link", recursive=True)
    assert read(kept) == {"x": b"1", "d/y": b"2"}


def test_a_tree_may_have_more_levels_than_python(tmp_path: Path) -> None:
    top = tmp_path / "top"
    deepest = top / "/".join("d" * 1500)
    for limit in (500, 1000, 1500):
        (top / "/".join("d" * limit)).mkdir(parents=True, exist_ok=True)
    (deepest / "file").write_bytes(b"1")
    assert counts(rm(CONFIG, top, recursive=True)) == {"removed": 1}
    assert not top.exists()


def test_what_cannot_be(server: S3Server, tmp_path: Path) -> None:
    path = fill(tmp_path, {"x": b"1"}) / "x"
    with pytest.raises(ValueError, match="S3"):
        rm(CONFIG, path, versions=True)
    with pytest.raises(ValueError, match="one key"):
        rm(CONFIG, ROOT + "x", version_id="1", recursive=True)
    with pytest.raises(ValueError, match="directory"):
        rm(CONFIG, ROOT + "x*", versions=True)
    with pytest.raises(TypeError, match="nonsense"):
        rm(CONFIG, path, nonsense=True)
    assert read(tmp_path) == {"x": b"1"}


def test_the_root_of_all_files_is_never_removed() -> None:
    # As a dry run: were it not refused, nothing would be lost.
    with pytest.raises(ValueError, match="root"):
        rm(CONFIG, "/", recursive=True, dry_run=True)


def test_a_batch_that_fails_is_tried_again(server: S3Server) -> None:
    put(server, "p/", {"a": b"1", "b": b"2"})
    server.fault(Fault(operation="DeleteObjects", status=503))
    server.fault(Fault(operation="DeleteObjects", drop="after"))
    assert counts(rm(CONFIG, ROOT + "p/", recursive=True)) == {"removed": 2}
    assert stored(server) == {}


def test_a_listing_that_fails_is_raised(server: S3Server) -> None:
    put(server, "p/", {f"{number:04}": b"" for number in range(1500)})
    server.fault(Fault(operation="ListObjectsV2", skip=1, times=None, status=403))
    with pytest.raises(PermissionError):
        rm(CONFIG, ROOT + "p/", recursive=True)
    assert {f"{number:04}" for number in range(1000, 1500)} <= set(stored(server, "p/"))
