"""`sync`: what is copied, what is compared by what, what is removed; what it costs."""

from __future__ import annotations

import os
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from s3open import errors
from s3open.s3 import retry
from s3open.testing import Fault
from s3open.trees import obvious
from s3open.trees.copying import cp
from s3open.trees.report import Report
from s3open.trees.syncing import sync
from tests.fakes import pattern
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
    touched,
)

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server

MIB = 1 << 20
KEY = f"{ROOT}t/"

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


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return fill(tmp_path / "source", TREE)


@pytest.mark.usefixtures("_each_transport")
def test_a_tree_is_synced_in_all_directions(
    server: S3Server, source: Path, tmp_path: Path
) -> None:
    places: list[Any] = [source, KEY, ROOT + "u", tmp_path / "down", tmp_path / "copy"]
    for here, there in pairwise(places):
        assert counts(sync(CONFIG, here, there)) == {"copied": len(TREE)}
        told = Told()
        report = sync(CONFIG, here, there, delete=True, on_event=told.append)
        assert counts(report) == {"skipped": len(TREE)}
        assert len(told.of("skip")) == len(TREE)
    assert stored(server, "t/") == stored(server, "u/") == TREE
    assert read(tmp_path / "down") == read(tmp_path / "copy") == TREE


def test_what_is_unchanged_costs_listings_only(
    server: S3Server, tmp_path: Path
) -> None:
    files = {f"{number % 9}/{number:05}": b"%d" % number for number in range(1500)}
    source = fill(tmp_path / "source", files)
    with server.counting() as seen:
        sync(CONFIG, source, KEY)
    assert seen.operations == {"ListObjectsV2": 1, "PutObject": 1500}
    for here, there in ((source, KEY), (KEY, source), (KEY, KEY[:-1] + "2")):
        if there == KEY[:-1] + "2":
            cp(CONFIG, here, there, recursive=True)
        with server.counting() as seen:
            assert counts(sync(CONFIG, here, there)) == {"skipped": 1500}
        assert set(seen.operations) == {"ListObjectsV2"}
        assert seen.total == (4 if there == KEY[:-1] + "2" else 2)


def test_large_files_that_were_touched_before_cost_nothing(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = fill(tmp_path / "source", {"large": pattern(6 * MIB), "b": bytes(MIB)})
    sync(CONFIG, source, KEY)
    monkeypatch.setattr(obvious, "CLOCKS", -5.0)
    with server.counting() as seen:
        assert counts(sync(CONFIG, source, KEY)) == {"skipped": 2}
    assert seen.operations == {"ListObjectsV2": 1}


def test_large_files_cost_a_request_where_the_listing_leaves_it_open(
    server: S3Server, tmp_path: Path
) -> None:
    source = fill(tmp_path / "source", {"large": pattern(6 * MIB), "b": bytes(MIB)})
    sync(CONFIG, source, KEY)
    for here, there in ((source, KEY), (KEY, source)):
        with server.counting() as seen:
            assert counts(sync(CONFIG, here, there)) == {"skipped": 2}
        assert seen.operations == {"ListObjectsV2": 1, "HeadObject": 2}
    # The time that was put down is another one: now the bytes are looked at.
    touched(source / "large", 1e9)
    with server.counting() as seen:
        assert counts(sync(CONFIG, source, KEY)) == {"skipped": 2}
    assert seen.operations == {"ListObjectsV2": 1, "HeadObject": 2}
    (source / "large").write_bytes(bytes(6 * MIB))
    touched(source / "large", 1e9)
    assert counts(sync(CONFIG, source, KEY)) == {"copied": 1, "skipped": 1}
    assert server.read(BUCKET, "t/large") == bytes(6 * MIB)


@pytest.mark.parametrize("compare", ["auto", "checksum", "mtime"])
def test_a_change_of_the_same_size_is_found_though_it_is_older(
    server: S3Server, source: Path, tmp_path: Path, compare: str
) -> None:
    touched(source / "a", 2e9)
    sync(CONFIG, source, KEY)
    # Another file, as old as the hills, in its place: times alone hide that.
    other = fill(tmp_path, {"other": b"ALPHA"}) / "other"
    touched(other, 1e9)
    other.replace(source / "a")
    report = sync(CONFIG, source, KEY, compare=compare)
    assert counts(report)["copied"] == 1
    assert server.read(BUCKET, "t/a") == b"ALPHA"


@pytest.mark.parametrize("kind", ["up", "down", "here"])
def test_a_change_of_the_same_size_and_time_is_found(
    server: S3Server, source: Path, tmp_path: Path, kind: str
) -> None:
    # As builds that can be repeated make them: all files have one time.
    touched(source / "a", 1e9)
    there: Any = tmp_path / "there" if kind == "here" else KEY
    sync(CONFIG, source, there)
    target = source
    if kind == "down":
        target = tmp_path / "down"
        sync(CONFIG, KEY, target)
    (source / "a").write_bytes(b"ALPHA")
    touched(source / "a", 1e9)
    if kind == "down":
        cp(CONFIG, source / "a", KEY)
        report = sync(CONFIG, KEY, target)
    else:
        report = sync(CONFIG, source, there)
    assert counts(report)["copied"] == 1
    found = {**stored(server, "t/"), **read(tmp_path)}
    assert all(data == b"ALPHA" for name, data in found.items() if name[-1] == "a")


@pytest.mark.parametrize("size", [5, 6 * MIB])
def test_a_renamed_directory_is_looked_into(
    server: S3Server, tmp_path: Path, size: int
) -> None:
    source = fill(tmp_path / "source", {"d/e/a": pattern(size)})
    other = fill(tmp_path / "other", {"e/a": bytes(size)})
    sync(CONFIG, source, KEY)
    # All that is in it is older than the object.
    touched(other / "e/a", 1e9)
    touched(other / "e", 1e9)
    (source / "d").rename(tmp_path / "gone")
    other.rename(source / "d")
    sync(CONFIG, source, KEY)
    assert server.read(BUCKET, "t/d/e/a") == bytes(size)


def test_a_download_replaces_what_was_changed_here(
    server: S3Server, source: Path, tmp_path: Path
) -> None:
    put(server, "t/", {"a": b"alpha", "b": b"bytes"})
    target = tmp_path / "target"
    sync(CONFIG, KEY, target)
    with server.counting() as seen:
        assert counts(sync(CONFIG, KEY, target)) == {"skipped": 2}
    assert seen.total == 1
    # Newer than the object, and older.
    (target / "a").write_bytes(b"ALPHA")
    (target / "b").write_bytes(b"BYTES")
    touched(target / "b", 1e9)
    assert counts(sync(CONFIG, KEY, target)) == {"copied": 2}
    assert read(target) == {"a": b"alpha", "b": b"bytes"}


def test_size_alone_sees_what_it_sees(server: S3Server, source: Path) -> None:
    sync(CONFIG, source, KEY)
    (source / "a").write_bytes(b"ALPHA")
    (source / "b!").write_bytes(b"longer than before, by far")
    with server.counting() as seen:
        report = sync(CONFIG, source, KEY, compare="size")
    assert counts(report) == {"copied": 1, "skipped": len(TREE) - 1}
    assert seen.operations == {"ListObjectsV2": 1, "PutObject": 1}


def test_checksums_cost_one_request_of_each_pair_at_most(
    server: S3Server, tmp_path: Path
) -> None:
    source = fill(tmp_path / "source", {"a": b"1", "b": bytes(MIB), "c": b"22"})
    sync(CONFIG, source, KEY)
    (source / "c").write_bytes(b"333")
    with server.counting() as seen:
        report = sync(CONFIG, source, KEY, compare="checksum")
    assert counts(report) == {"copied": 1, "skipped": 2}
    assert seen.operations == {"ListObjectsV2": 1, "HeadObject": 1, "PutObject": 1}
    touched(source / "b", 1e9)
    assert counts(sync(CONFIG, KEY, source, compare="checksum")) == {"skipped": 3}


def test_objects_in_parts_compare_right(
    server: S3Server, s3_client: Any, tmp_path: Path
) -> None:
    content = pattern(17 * MIB)
    source = fill(tmp_path / "source", {"a": content, "b": content, "c": content})
    for key, algorithm in (("a", None), ("b", "CRC32"), ("c", "SHA256")):
        more = {} if algorithm is None else {"ChecksumAlgorithm": algorithm}
        upload = s3_client.create_multipart_upload(
            Bucket=BUCKET, Key=f"t/{key}", **more
        )
        at = {"Bucket": BUCKET, "Key": f"t/{key}", "UploadId": upload["UploadId"]}
        parts = []
        for number in range(1, 4):
            body = content[(number - 1) * 8 * MIB : number * 8 * MIB]
            part = s3_client.upload_part(**at, PartNumber=number, Body=body, **more)
            names = ("ETag", *(name for name in part if name.startswith("Checksum")))
            told = {name: part[name] for name in names if isinstance(part[name], str)}
            told.pop("ChecksumType", None)
            parts.append({"PartNumber": number, **told})
        s3_client.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})
    with server.counting() as seen:
        report = sync(CONFIG, source, KEY, exclude="c")
    assert counts(report) == {"skipped": 2}
    assert "PutObject" not in seen.operations
    # What nothing tells is copied: a copy too many does no harm.
    (source / "a").write_bytes(bytes(17 * MIB))
    assert counts(sync(CONFIG, source, KEY, exclude="c")) == {
        "copied": 1,
        "skipped": 1,
    }


@pytest.fixture
def s3_client(server: S3Server) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        config=Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
        ),
    )


def test_copies_inside_the_store_compare_by_checksum(server: S3Server) -> None:
    put(server, "t/", {"a": b"alpha", "b": b"bytes"})
    sync(CONFIG, KEY, ROOT + "u")
    # Encrypted otherwise, so the ETags say nothing.
    for key in ("a", "b"):
        server.head(BUCKET, f"u/{key}").etag = "0" * 32
    with server.counting() as seen:
        assert counts(sync(CONFIG, KEY, ROOT + "u")) == {"skipped": 2}
    assert seen.operations == {"ListObjectsV2": 2, "HeadObject": 4}
    server.put(BUCKET, "u/a", b"ALPHA")
    assert counts(sync(CONFIG, KEY, ROOT + "u"))["copied"] == 1
    assert server.read(BUCKET, "u/a") == b"alpha"


def test_objects_that_nothing_compares_go_by_their_times(server: S3Server) -> None:
    server.synthetic(BUCKET, "t/a", 100)
    server.synthetic(BUCKET, "u/a", 100, seed=1)
    server.head(BUCKET, "u/a").modified = time.time() + 100
    assert counts(sync(CONFIG, KEY, ROOT + "u")) == {"skipped": 1}
    report = sync(CONFIG, KEY, ROOT + "u", compare="checksum", dry_run=True)
    assert counts(report) == {"copied": 1}
    server.head(BUCKET, "u/a").modified = time.time() - 100
    assert counts(sync(CONFIG, KEY, ROOT + "u", compare="mtime")) == {"copied": 1}


def test_nothing_is_removed_unless_that_is_asked_for(
    server: S3Server, source: Path
) -> None:
    put(server, "t/", {"more": b"1", "zz/more": b"2"})
    put(server, "tt/", {"other": b"3"})
    assert counts(sync(CONFIG, source, KEY)) == {"copied": len(TREE)}
    told = Told()
    with server.counting() as seen:
        report = sync(CONFIG, source, KEY, delete=True, on_event=told.append)
    assert counts(report) == {"skipped": len(TREE), "removed": 2}
    assert told.of("remove") == [KEY + "more", KEY + "zz/more"]
    assert seen.operations == {"ListObjectsV2": 1, "DeleteObjects": 1}
    assert stored(server, "t/") == TREE
    assert stored(server, "tt/") == {"other": b"3"}


def test_surplus_files_go_and_the_folders_that_are_empty_then(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "t/", {"d/a": b"1"})
    target = fill(tmp_path / "target", {"d/b": b"2", "e/f/g": b"3", "e/h": b"4"})
    assert counts(sync(CONFIG, KEY, target, delete=True)) == {
        "copied": 1,
        "removed": 3,
    }
    assert read(target) == {"d/a": b"1"}
    assert not (target / "e").exists()


def test_what_is_behind_a_link_is_not_removed(server: S3Server, tmp_path: Path) -> None:
    put(server, "t/", {"2024/x": b"1"})
    target = fill(tmp_path / "target", {"2024/x": b"1"})
    (target / "latest").symlink_to("2024")
    report = Report()
    sync(CONFIG, KEY, target, delete=True, report=report)
    assert counts(report) == {"skipped": 1, "failures": 1}
    assert report.failed[0][0] == f"{target}/latest/x"
    assert read(target) == {"2024/x": b"1"}


def test_what_was_written_meanwhile_is_not_removed(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "t/", {"README": b"new"})
    target = fill(tmp_path / "target", {"readme": b"old", "x": b"1", "y": b"2"})
    os.link(target / "x", target / "z")

    def on_event(event: Any) -> None:
        # Where large and small letters are the same this is the copy.
        if event.action == "copy":
            (target / "README").replace(target / "readme")
            (target / "y").unlink()

    report = Report()
    sync(CONFIG, KEY, target, delete=True, report=report, on_event=on_event)
    # One goes before it is listed, or behind that.
    assert report.removed in (2, 3), report
    assert (report.copied, report.failures) == (1, 1)
    assert report.failed[0][0] == f"{target}/readme"
    assert read(target) == {"readme": b"new"}


def test_what_is_protected_or_takes_no_part_stays(
    server: S3Server, source: Path
) -> None:
    put(server, "t/", {"keep/x": b"1", "keeper": b"2", "x.log": b"3", "y": b"4"})
    put(server, "t/", {"db/1/x": b"5", "logs/x": b"6"})
    keep = ["keep", "db/?", "*/logs", "log[s]"]
    sync(CONFIG, source, KEY, delete=True, protect=keep, exclude="*.log")
    left = {"keep/x": b"1", "x.log": b"3", "db/1/x": b"5", "logs/x": b"6"}
    assert stored(server, "t/") == {**TREE, **left}


def test_a_file_gives_way_to_a_directory_and_the_other_way_round(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "t/", {"a/b": b"1", "c": b"2", "a!": b"3"})
    target = fill(tmp_path / "target", {"a": b"old", "c/d/e": b"old"})
    with pytest.raises(errors.TreeError):
        sync(CONFIG, KEY, target)
    told = Told()
    sync(CONFIG, KEY, target, delete=True, dry_run=True, on_event=told.append)
    assert told.of("remove") == [f"{target}/a", f"{target}/c/d/e"]
    assert told.of("copy") == [KEY + "a/b", KEY + "c"]
    sync(CONFIG, KEY, target, delete=True)
    assert read(target) == {"a/b": b"1", "c": b"2", "a!": b"3"}


def test_a_missing_source_removes_nothing(server: S3Server, tmp_path: Path) -> None:
    target = fill(tmp_path / "target", TREE)
    put(server, "u/", TREE)
    put(server, "missing", {"-other": b""})
    for there in (target, ROOT + "u"):
        for here in (tmp_path / "missing", ROOT + "missing"):
            with pytest.raises(FileNotFoundError):
                sync(CONFIG, here, there, delete=True)
    with pytest.raises(NotADirectoryError):
        sync(CONFIG, target / "a", ROOT + "u", delete=True)
    assert read(target) == stored(server, "u/") == TREE


def test_an_empty_directory_is_a_source(server: S3Server, tmp_path: Path) -> None:
    put(server, "t/", TREE)
    (tmp_path / "empty").mkdir()
    sync(CONFIG, tmp_path / "empty", KEY, delete=True)
    assert stored(server) == {}
    target = fill(tmp_path / "target", {"x": b"1"})
    sync(CONFIG, ROOT, target, delete=True)
    assert read(target) == {}


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_listing_that_fails_half_way_removes_nothing(
    server: S3Server, tmp_path: Path, side: str
) -> None:
    files = {f"{number:05}": b"" for number in range(1500)}
    put(server, "t/", files)
    other = fill(tmp_path / "other", {"00000!": b"1", "zzz": b"2", "0": b"3"})
    before = read(other)
    server.fault(Fault(operation="ListObjectsV2", skip=1, times=None, status=403))
    pair: tuple[Any, Any] = (KEY, other) if side == "source" else (other, KEY)
    with pytest.raises(PermissionError):
        sync(CONFIG, *pair, delete=True)
    assert before.items() <= read(other).items()
    assert files.items() <= stored(server, "t/").items()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_could_not_be_read_is_not_removed(
    server: S3Server, source: Path
) -> None:  # pragma: no cover - as root it cannot be shown
    sync(CONFIG, source, KEY)
    (source / "b").chmod(0)
    report = Report()
    sync(CONFIG, source, KEY, delete=True, report=report)
    (source / "b").chmod(0o755)
    assert stored(server, "t/") == TREE


def test_what_cannot_be_told_of_the_source_is_not_removed(
    server: S3Server, source: Path
) -> None:
    sync(CONFIG, source, KEY)
    put(server, "t/", {"broken": b"1", "broken-too": b"2", "loop/x": b"3"})
    (source / "broken").symlink_to("nowhere")
    (source / "loop").symlink_to(".")
    report = Report()
    sync(CONFIG, source, KEY, delete=True, report=report)
    assert counts(report) == {"skipped": len(TREE), "failures": 2, "removed": 1}
    assert stored(server, "t/") == {**TREE, "broken": b"1", "loop/x": b"3"}


def test_markers_of_directories_that_are_there_stay(
    server: S3Server, source: Path, tmp_path: Path
) -> None:
    sync(CONFIG, source, KEY)
    put(server, "t/", {"": b"", "b/": b"", "gone/": b""})
    sync(CONFIG, source, KEY, delete=True)
    assert stored(server, "t/").keys() == {*TREE, "", "b/"}
    sync(CONFIG, KEY, tmp_path / "down", delete=True)
    assert read(tmp_path / "down") == TREE


def test_what_lies_in_each_other_is_refused(server: S3Server, tmp_path: Path) -> None:
    put(server, "t/", {"a": b"1", "d/b": b"2"})
    with pytest.raises(ValueError, match="in the source"):
        sync(CONFIG, KEY, KEY + "d")
    with pytest.raises(ValueError, match="in the source"):
        sync(CONFIG, KEY, KEY[:-1])
    with pytest.raises(ValueError, match="in the target"):
        sync(CONFIG, KEY + "d", KEY, delete=True)
    with pytest.raises(ValueError, match="in the target, or may be"):
        sync(CONFIG, KEY + "d", "s3://point-abc-s3alias/t", delete=True)
    sync(CONFIG, KEY + "d", KEY)
    assert stored(server, "t/") == {"a": b"1", "b": b"2", "d/b": b"2"}


def test_what_cannot_be(server: S3Server, source: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="compare"):
        sync(CONFIG, source, KEY, compare="nonsense")
    with pytest.raises(ValueError, match="synced"):
        sync(CONFIG, source, KEY, gzip=True)
    with pytest.raises(ValueError, match="targets on S3"):
        sync(CONFIG, source, tmp_path / "t", content_type="x/y")
    with pytest.raises(TypeError, match="nonsense"):
        sync(CONFIG, source, KEY, nonsense=True)
    assert server.requests == []


def test_a_dry_run_compares_and_does_nothing(server: S3Server, source: Path) -> None:
    put(server, "t/", {**TREE, "a": b"other", "more": b""})
    told = Told()
    sync(CONFIG, source, KEY, delete=True, dry_run=True, on_event=told.append)
    assert told.of("copy") == [f"{source}/a"]
    assert told.of("remove") == [KEY + "more"]
    assert stored(server, "t/") == {**TREE, "a": b"other", "more": b""}


def test_no_name_leaves_the_target(server: S3Server, tmp_path: Path) -> None:
    put(server, "t/", {"../evil": b"bad", "good": b"1", "a//b": b"bad"})
    report = Report()
    sync(CONFIG, KEY, tmp_path / "target", delete=True, report=report)
    assert counts(report) == {"copied": 1, "failures": 2}
    assert read(tmp_path) == {"target/good": b"1"}


def test_what_new_objects_are_given(server: S3Server, source: Path) -> None:
    sync(CONFIG, source, KEY, storage_class="STANDARD_IA", metadata={"a": "b"})
    found = server.head(BUCKET, "t/a")
    assert found.storage_class == "STANDARD_IA"
    assert found.metadata["a"] == "b"
    assert "mtime" in found.metadata
