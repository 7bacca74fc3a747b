"""`mv`: what was copied leaves its place, and nothing that was not."""

from __future__ import annotations

import os
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from s3open import FileSystem, errors
from s3open.s3 import endpoint, retry
from s3open.testing import Fault
from s3open.trees import downloads
from s3open.trees.copying import mv
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
    from pathlib import Path

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
def test_a_tree_moves_in_all_directions(server: S3Server, tmp_path: Path) -> None:
    source = fill(tmp_path / "source", TREE)
    told = Told()
    report = mv(CONFIG, source, ROOT + "up", recursive=True, on_event=told.append)
    assert counts(report) == {"moved": len(TREE)}
    assert told.of("move") == sorted(f"{source}/{name}" for name in TREE)
    assert not source.exists()
    mv(CONFIG, ROOT + "up", ROOT + "over", recursive=True)
    assert stored(server) == {f"over/{name}": data for name, data in TREE.items()}
    mv(CONFIG, ROOT + "over", tmp_path / "down", recursive=True)
    assert stored(server) == {}
    mv(CONFIG, tmp_path / "down", tmp_path / "across", recursive=True)
    assert not (tmp_path / "down").exists()
    assert read(tmp_path / "across") == TREE


def test_what_moved_is_removed_a_thousand_at_a_time(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = (server.endpoint_url, endpoint.DELETE_MANY)
    monkeypatch.setitem(endpoint._known, known, endpoint.Honours.YES)
    put(server, "p/", {f"{number:04}": b"x" for number in range(1100)})
    with server.counting() as seen:
        mv(CONFIG, ROOT + "p", ROOT + "q", recursive=True)
    assert len(server.keys(BUCKET)) == 1100
    assert seen.operations["CopyObject"] == 1100
    assert seen.operations["DeleteObjects"] == 2
    assert seen.operations["ListObjectsV2"] == 2


def test_what_was_copied_before_a_listing_breaks_off_is_moved(
    server: S3Server,
) -> None:
    # Of the first page one takes no part: fewer are left than are removed at once.
    put(server, "p/", {f"{number:04}": b"x" for number in range(999)})
    put(server, "p/", {"5": b"", "9990": b""})
    server.fault(Fault(operation="ListObjectsV2", skip=1, times=None, status=403))
    report = Report()
    with pytest.raises(PermissionError):
        mv(CONFIG, ROOT + "p", ROOT + "q", recursive=True, exclude="5*", report=report)
    assert counts(report) == {"moved": 999}
    assert set(stored(server, "p/")) == {"5", "9990"}


@pytest.mark.parametrize("kind", ["up", "down", "within", "here"])
def test_one_file_moves(server: S3Server, tmp_path: Path, kind: str) -> None:
    here, there = tmp_path / "file", ROOT + "key"
    other: Any = {"up": there, "down": tmp_path / "new"}.get(kind)
    if kind in ("up", "here"):
        here.write_bytes(b"content")
        mv(CONFIG, here, other or tmp_path / "new")
        assert not here.exists()
    else:
        server.put(BUCKET, "key", b"content")
        mv(CONFIG, there, other or ROOT + "new")
        assert "key" not in server.keys(BUCKET)
    found = {**read(tmp_path), **stored(server)}
    assert list(found.values()) == [b"content"]


@pytest.mark.parametrize("target", ["t", "q"])
def test_an_object_that_was_replaced_meanwhile_stays(
    server: S3Server, tmp_path: Path, target: str
) -> None:
    put(server, "p/", {"a": b"1", "b": b"2"})
    replaced: list[str] = []

    def replace(there: S3Server) -> None:
        # After it was copied: before the batch is removed.
        replaced.append(there.put(BUCKET, "p/b", b"new"))

    server.fault(Fault(operation="DeleteObjects", before=replace))
    report = Report()
    place: Any = tmp_path / "t" if target == "t" else ROOT + "q"
    mv(CONFIG, ROOT + "p", place, recursive=True, report=report)
    assert replaced
    assert counts(report) == {"moved": 1, "failures": 1}
    assert report.failed[0][0] == ROOT + "p/b"
    assert server.read(BUCKET, "p/b") == b"new"
    assert "p/a" not in server.keys(BUCKET)


def test_a_file_that_was_changed_meanwhile_stays(
    server: S3Server, tmp_path: Path
) -> None:
    source = fill(tmp_path / "source", {"a": b"1", "b": b"2"})

    def change(_: S3Server) -> None:
        (source / "b").write_bytes(b"other")

    server.fault(Fault(operation="PutObject", key="q/b", before=change))
    report = Report()
    mv(CONFIG, source, ROOT + "q", recursive=True, report=report)
    assert counts(report) == {"moved": 1, "failures": 1}
    assert "only copied" in str(report.failed[0][1])
    assert read(source) == {"b": b"other"}


def test_what_was_not_copied_stays(server: S3Server, tmp_path: Path) -> None:
    source = fill(tmp_path / "source", TREE)
    server.put(BUCKET, "q/a", b"there")
    server.deny("PutObject", key_prefix="q/b")
    report = Report()
    mv(CONFIG, source, ROOT + "q", recursive=True, skip=True, report=report)
    assert counts(report) == {"moved": 3, "skipped": 1, "failures": 3}
    assert read(source) == {
        name: TREE[name] for name in ("a", "b!", "b/c", "b/d/e.txt")
    }
    put(server, "p/", {"x": b"1", "../y": b"2"})
    with pytest.raises(errors.TreeError):
        mv(CONFIG, ROOT + "p", tmp_path / "t", recursive=True)
    assert stored(server, "p/") == {"../y": b"2"}


def test_a_refused_removal_is_told(server: S3Server, tmp_path: Path) -> None:
    put(server, "p/", {"x": b"1"})
    server.deny("DeleteObject")
    server.deny("DeleteObjects")
    with pytest.raises(PermissionError):
        mv(CONFIG, ROOT + "p/x", tmp_path / "x")
    assert stored(server, "p/") == {"x": b"1"}


def test_a_dry_run_moves_nothing(server: S3Server, tmp_path: Path) -> None:
    source = fill(tmp_path / "source", TREE)
    put(server, "p/", TREE)
    told = Told()
    mv(CONFIG, source, ROOT + "q", recursive=True, dry_run=True, on_event=told.append)
    mv(CONFIG, ROOT + "p", source, recursive=True, dry_run=True, on_event=told.append)
    assert len(told.of("move")) == 2 * len(TREE)
    assert read(source) == TREE
    assert stored(server) == {f"p/{name}": data for name, data in TREE.items()}


def test_nothing_moves_onto_or_into_itself(server: S3Server, tmp_path: Path) -> None:
    put(server, "p/", {"x": b"1", "p/x": b"2"})
    with pytest.raises(ValueError, match="same"):
        mv(CONFIG, ROOT + "p/x", ROOT + "p/x")
    with pytest.raises(ValueError, match="same"):
        mv(CONFIG, ROOT + "p/x", ROOT + "p/")
    fill(tmp_path, {"a": b"1"})
    (tmp_path / "link").symlink_to("a")
    with pytest.raises(ValueError, match="same"):
        mv(CONFIG, tmp_path / "a", tmp_path / "link")
    with pytest.raises(ValueError, match="in the source"):
        mv(CONFIG, ROOT + "p", ROOT + "p/q", recursive=True)
    report = Report()
    mv(CONFIG, ROOT + "p", ROOT, recursive=True, report=report)
    assert counts(report) == {"moved": 1, "failures": 1}
    assert stored(server) == {"x": b"1", "p/p/x": b"2"}


def test_a_pattern_that_is_a_directory_means_no_other(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "", {"run[1]/x": b"1", "run1/x": b"2"})
    mv(CONFIG, ROOT + "run[1]", tmp_path / "t", recursive=True)
    assert read(tmp_path / "t") == {"x": b"1"}
    assert stored(server) == {"run1/x": b"2"}


@pytest.mark.parametrize("kind", ["up", "here", "copied"])
def test_what_is_behind_a_link_is_copied_and_stays(
    server: S3Server, tmp_path: Path, kind: str
) -> None:
    kept = fill(tmp_path / "kept", {"x": b"1", "d/y": b"2"})
    source = fill(tmp_path / "source", {"a": b"3"})
    (source / "link").symlink_to(kept)
    (source / "file").symlink_to(kept / "x")
    target = ROOT + "t" if kind == "up" else tmp_path / "target"
    mv(CONFIG, source, target, recursive=True, force=kind != "copied")
    assert read(kept) == {"x": b"1", "d/y": b"2"}
    assert [each.name for each in source.iterdir()] == ["link"]
    moved = stored(server, "t/") if kind == "up" else read(tmp_path / "target")
    assert moved == {"a": b"3", "file": b"1", "link/x": b"1", "link/d/y": b"2"}


def test_nothing_moves_onto_what_may_be_itself(server: S3Server) -> None:
    point = "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/point/p"
    with pytest.raises(ValueError, match="may be"):
        mv(CONFIG, f"{point}/x", ROOT + "p/x")
    with pytest.raises(ValueError, match="may be"):
        mv(CONFIG, ROOT + "p", point, recursive=True)
    assert server.requests == []


@pytest.mark.parametrize("size", [1, 6 << 20])
def test_what_is_moved_replaces_what_was_there(
    server: S3Server, tmp_path: Path, size: int
) -> None:
    target = fill(tmp_path / "target", {"x": b"old"})
    put(server, "p/", {"x": b"1" * size})
    mv(CONFIG, ROOT + "p", target, recursive=True)
    assert read(target) == {"x": b"1" * size}


@pytest.mark.parametrize("size", [1, 6 << 20])
def test_of_keys_that_are_one_name_here_one_stays(
    server: S3Server, tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small files may be here within the tick in which it began.
    before = SimpleNamespace(time=lambda: time.time() - 9)
    monkeypatch.setattr(downloads, "time", before)
    # As "A" and "a" are where large and small letters are the same.
    target = fill(tmp_path / "target", {"real/y": b""})
    (target / "link").symlink_to("real")
    put(server, "p/", {"link/x": b"1" * size, "real/x": b"2" * size})
    report = Report()
    mv(CONFIG, ROOT + "p", target, recursive=True, report=report)
    assert counts(report) == {"moved": 1, "failures": 1}
    left = stored(server, "p/")
    assert {*left.values(), read(target)["real/x"]} == {b"1" * size, b"2" * size}


def test_a_version_is_not_moved(server: S3Server, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="version"):
        mv(CONFIG, ROOT + "x", tmp_path / "x", version_id="1")


def test_across_file_systems_a_file_is_copied_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, {"a": b"content"})
    replace = os.replace

    def elsewhere(source: str, target: str) -> None:
        if source.endswith("/a"):
            raise OSError(18, "Invalid cross-device link", source)
        replace(source, target)

    monkeypatch.setattr(os, "replace", elsewhere)
    mv(CONFIG, tmp_path / "a", tmp_path / "b")
    assert read(tmp_path) == {"b": b"content"}
    mv(CONFIG, tmp_path / "b", tmp_path / "c", force=False)
    assert read(tmp_path) == {"c": b"content"}


def test_a_file_is_placed_where_there_are_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: str, target: str) -> None:
        raise PermissionError(1, "Operation not permitted", source, None, target)

    monkeypatch.setattr(os, "link", refuse)
    fill(tmp_path, {"a": b"content", "b": b"there"})
    mv(CONFIG, tmp_path / "a", tmp_path / "c", force=False)
    with pytest.raises(FileExistsError):
        mv(CONFIG, tmp_path / "c", tmp_path / "b", force=False)
    assert read(tmp_path) == {"c": b"content", "b": b"there"}


def test_what_has_a_customers_key_leaves_its_place(server: S3Server) -> None:
    key = bytes(range(32))
    endpoint._known.clear()
    FileSystem(CONFIG).write_bytes(ROOT + "a", b"content", sse_customer_key=key)
    mv(CONFIG, ROOT + "a", ROOT + "b", sse_customer_key=key)
    with pytest.raises(FileNotFoundError):
        FileSystem(CONFIG).size(ROOT + "a")
    found = FileSystem(CONFIG).read_bytes(ROOT + "b", sse_customer_key=key)
    assert found == b"content"
