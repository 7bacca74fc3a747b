"""`cp`: in all four directions, one file, a pattern, a tree; what it costs."""

from __future__ import annotations

import gzip
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import errors
from s3open.config import Config
from s3open.s3 import retry
from s3open.testing import Fault, Shape
from s3open.trees.copying import cp, mv
from s3open.trees.progress import Silent
from s3open.trees.report import Report
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
)

if TYPE_CHECKING:
    from s3open.testing import S3Server
    from s3open.trees.events import Event

MIB = 1 << 20
SUMMED = {"ChecksumMode": "ENABLED"}

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
def test_a_tree_goes_up_and_comes_down_again(server: S3Server, tmp_path: Path) -> None:
    source = fill(tmp_path / "source", TREE)
    told = Told()
    report = cp(CONFIG, source, ROOT + "up", recursive=True, on_event=told.append)
    assert counts(report) == {"copied": len(TREE)}
    assert report.copied_bytes == sum(map(len, TREE.values()))
    assert stored(server, "up/") == TREE
    assert told.of("copy") == sorted(f"{source}/{name}" for name in TREE)
    assert {event.target for event in told} == {f"{ROOT}up/{name}" for name in TREE}
    cp(CONFIG, ROOT + "up", tmp_path / "down", recursive=True)
    assert read(tmp_path / "down") == TREE


@pytest.mark.usefixtures("_each_transport")
def test_a_tree_is_copied_inside_the_store(server: S3Server) -> None:
    put(server, "from/", TREE)
    server.put(BUCKET, "from/typed", b"x", content_type="text/x", x_amz_meta_a="1")
    with server.counting() as seen:
        report = cp(CONFIG, ROOT + "from/", ROOT + "to", recursive=True)
    assert counts(report) == {"copied": len(TREE) + 1}
    assert stored(server, "to/") == {**TREE, "typed": b"x"}
    assert seen.operations == {"ListObjectsV2": 1, "CopyObject": len(TREE) + 1}
    found = server.head(BUCKET, "to/typed")
    assert (found.content_type, found.metadata) == ("text/x", {"a": "1"})


def test_a_tree_is_copied_on_this_machine(tmp_path: Path) -> None:
    source = fill(tmp_path / "source", TREE)
    os.utime(source / "a", ns=(1, 1_234_567_890_123_456_789))
    (source / "a").chmod(0o751)
    report = cp(CONFIG, source, tmp_path / "target", recursive=True)
    assert counts(report) == {"copied": len(TREE)}
    assert read(tmp_path / "target") == TREE
    found = (tmp_path / "target" / "a").stat()
    assert found.st_mtime_ns == 1_234_567_890_123_456_789
    assert stat.S_IMODE(found.st_mode) == 0o751


def test_time_and_mode_travel_with_a_file(server: S3Server, tmp_path: Path) -> None:
    path = fill(tmp_path, {"file": b"content"}) / "file"
    path.chmod(0o640)
    os.utime(path, ns=(1, 1_234_567_890_123_456_789))
    cp(CONFIG, path, ROOT)
    cp(CONFIG, ROOT + "file", tmp_path / "copy")
    found = (tmp_path / "copy").stat()
    assert found.st_mtime_ns == 1_234_567_890_123_456_789
    assert stat.S_IMODE(found.st_mode) == 0o640
    # Through the store's own copy, too.
    cp(CONFIG, ROOT + "file", ROOT + "other", storage_class="STANDARD_IA")
    cp(CONFIG, ROOT + "other", tmp_path / "again")
    assert (tmp_path / "again").stat().st_mtime_ns == 1_234_567_890_123_456_789


def test_a_mode_that_makes_no_sense_is_none(server: S3Server, tmp_path: Path) -> None:
    server.put(BUCKET, "p/x", b"1", x_amz_meta_mode="file")
    server.put(BUCKET, "p/y", b"1")
    before = os.umask(0o022)
    try:
        cp(CONFIG, ROOT + "p", tmp_path, recursive=True)
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode == (tmp_path / "y").stat().st_mode


def test_a_download_without_a_time_has_that_of_the_object(
    server: S3Server, tmp_path: Path
) -> None:
    server.put(BUCKET, "key", b"content")
    cp(CONFIG, ROOT + "key", tmp_path / "file")
    moment = server.head(BUCKET, "key").modified
    assert (tmp_path / "file").stat().st_mtime == int(moment)
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~umask


def test_small_files_cost_one_request_each(server: S3Server, tmp_path: Path) -> None:
    files = {f"{number % 7}/{number:04}": b"%d" % number for number in range(300)}
    fill(tmp_path / "source", files)
    with server.counting() as seen:
        cp(CONFIG, tmp_path / "source", ROOT + "t", recursive=True)
    assert seen.operations == {"PutObject": 300}
    with server.counting() as seen:
        cp(CONFIG, ROOT + "t", tmp_path / "target", recursive=True)
    assert seen.operations == {"ListObjectsV2": 1, "GetObject": 300}
    assert read(tmp_path / "target") == files


def test_an_empty_object_costs_one_request(server: S3Server, tmp_path: Path) -> None:
    server.put(BUCKET, "t/empty", b"")
    with server.counting() as seen:
        cp(CONFIG, ROOT + "t", tmp_path, recursive=True)
    assert seen.operations == {"ListObjectsV2": 1, "HeadObject": 1}
    cp(CONFIG, ROOT + "t/empty", tmp_path / "single")
    assert (tmp_path / "single").read_bytes() == b""


def test_one_file_costs_one_request_each_way(server: S3Server, tmp_path: Path) -> None:
    path = fill(tmp_path, {"file.txt": b"content"}) / "file.txt"
    with server.counting() as seen:
        cp(CONFIG, path, ROOT + "key.txt")
    assert seen.operations == {"PutObject": 1}
    assert server.head(BUCKET, "key.txt").content_type == "text/plain"
    with server.counting() as seen:
        cp(CONFIG, ROOT + "key.txt", tmp_path / "back")
    assert seen.operations == {"GetObject": 1}
    assert (tmp_path / "back").read_bytes() == b"content"


def test_a_large_file_goes_in_parts_and_comes_in_ranges(
    server: S3Server, tmp_path: Path
) -> None:
    content = pattern(12 * MIB)
    path = fill(tmp_path, {"large": content}) / "large"
    os.utime(path, ns=(1, 1_234_567_890_000_000_000))
    cp(CONFIG, tmp_path, ROOT, recursive=True)
    assert server.read(BUCKET, "large") == content
    assert server.uploads(BUCKET) == []
    with server.counting() as seen:
        cp(CONFIG, ROOT, tmp_path / "back", recursive=True)
    assert seen.operations["GetObject"] > 1
    assert read(tmp_path / "back") == {"large": content}
    assert (tmp_path / "back/large").stat().st_mtime_ns == 1_234_567_890_000_000_000


TARGETS = [
    ("target", "target", False),
    ("target/", "target/name", False),
    ("", "name", False),
    ("there", "there/name", True),
    ("deep/new/target", "deep/new/target", False),
    ("deep/new/", "deep/new/name", False),
]


@pytest.mark.parametrize(("given", "expected", "exists"), TARGETS)
def test_where_a_file_goes_on_this_machine(
    server: S3Server, tmp_path: Path, given: str, expected: str, exists: bool
) -> None:
    server.put(BUCKET, "p/name", b"content")
    if exists:
        (tmp_path / given).mkdir()
    cp(CONFIG, ROOT + "p/name", f"{tmp_path}/{given}")
    assert read(tmp_path) == {expected: b"content"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [("key", "key"), ("p/", "p/name"), ("", "name"), ("p//", "p//name")],
)
def test_where_a_file_goes_on_s3(
    server: S3Server, tmp_path: Path, given: str, expected: str
) -> None:
    path = fill(tmp_path, {"name": b"content"}) / "name"
    cp(CONFIG, path, ROOT + given)
    assert stored(server) == {expected: b"content"}


def test_a_bucket_without_a_slash_is_a_directory(
    server: S3Server, tmp_path: Path
) -> None:
    cp(CONFIG, fill(tmp_path, {"name": b"1"}) / "name", f"s3://{BUCKET}")
    assert stored(server) == {"name": b"1"}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("other", ["", "/"])
def test_of_a_directory_the_contents_go_to_the_target(
    server: S3Server, tmp_path: Path, slash: str, other: str
) -> None:
    put(server, "p/", {"x": b"1", "y/z": b"2"})
    put(server, "pq/", {"other": b"3"})
    (tmp_path / "there").mkdir()
    cp(CONFIG, f"{ROOT}p{slash}", f"{tmp_path}/there{other}", recursive=True)
    assert read(tmp_path / "there") == {"x": b"1", "y/z": b"2"}
    cp(CONFIG, f"{tmp_path}/there{slash}", f"{ROOT}to{other}", recursive=True)
    assert stored(server, "to/") == {"x": b"1", "y/z": b"2"}


def test_a_whole_bucket_is_a_directory(server: S3Server, tmp_path: Path) -> None:
    put(server, "", TREE)
    cp(CONFIG, f"s3://{BUCKET}", tmp_path / "t", recursive=True)
    assert read(tmp_path / "t") == TREE


def test_recursive_copies_a_file_that_is_no_directory(
    server: S3Server, tmp_path: Path
) -> None:
    server.put(BUCKET, "p/name", b"1")
    (tmp_path / "d").mkdir()
    cp(CONFIG, ROOT + "p/name", tmp_path / "d", recursive=True)
    assert read(tmp_path) == {"d/name": b"1"}
    cp(CONFIG, tmp_path / "d/name", ROOT + "q/", recursive=True)
    assert server.read(BUCKET, "q/name") == b"1"


@pytest.mark.parametrize("recursive", [False, True])
def test_a_missing_source_is_told(
    server: S3Server, tmp_path: Path, recursive: bool
) -> None:
    server.put(BUCKET, "foobar/x", b"")
    for source in (ROOT + "foo", tmp_path / "foo"):
        with pytest.raises(FileNotFoundError) as caught:
            cp(CONFIG, source, tmp_path / "target", recursive=recursive)
        assert caught.value.filename == str(source)
    with pytest.raises(FileNotFoundError):
        cp(CONFIG, "s3://no-such-bucket/x", tmp_path / "t", recursive=recursive)
    assert read(tmp_path) == {}


def test_a_directory_needs_recursive(server: S3Server, tmp_path: Path) -> None:
    put(server, "p/", {"x": b"1"})
    for source in (ROOT + "p", ROOT + "p/", ROOT, tmp_path, f"{tmp_path}/"):
        with pytest.raises(IsADirectoryError, match=r"recursive|directory"):
            cp(CONFIG, source, tmp_path / "target")
        with pytest.raises(IsADirectoryError):
            cp(CONFIG, source, ROOT + "target")
    assert not (tmp_path / "target").exists()


def test_a_key_may_be_a_directory_as_well(server: S3Server, tmp_path: Path) -> None:
    put(server, "", {"foo": b"file", "foo/bar": b"below"})
    cp(CONFIG, ROOT + "foo", tmp_path / "f")
    assert read(tmp_path) == {"f": b"file"}


def test_markers_become_directories(server: S3Server, tmp_path: Path) -> None:
    put(server, "p/", {"": b"", "d/": b"", "d/e/": b"", "f": b"1"})
    report = cp(CONFIG, ROOT + "p", tmp_path / "t", recursive=True)
    assert read(tmp_path / "t") == {"f": b"1"}
    assert (tmp_path / "t/d/e").is_dir()
    assert counts(report) == {"copied": 1, "skipped": 2}
    cp(CONFIG, ROOT + "p", ROOT + "q", recursive=True)
    assert stored(server, "q/") == {"d/": b"", "d/e/": b"", "f": b"1"}


def test_a_marker_with_bytes_is_not_lost_silently(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "p/", {"d/": b"bytes"})
    with pytest.raises(errors.TreeError, match="5 bytes"):
        cp(CONFIG, ROOT + "p", tmp_path / "t", recursive=True)


ESCAPES = ["../evil", "a/../../evil", "/evil", "./x", "x//y", "a/./b", ".."]


def test_nothing_leaves_the_target(server: S3Server, tmp_path: Path) -> None:
    put(server, "p/", dict.fromkeys(ESCAPES, b"bad"))
    put(server, "p/", {"good": b"1", "link/evil": b"bad"})
    target, outside = tmp_path / "target", tmp_path / "outside"
    target.mkdir()
    outside.mkdir()
    (target / "link").symlink_to(outside)
    report = Report()
    cp(CONFIG, ROOT + "p", target, recursive=True, report=report)
    assert counts(report) == {"copied": 1, "failures": len(ESCAPES) + 1}
    assert read(tmp_path) == {"target/good": b"1"}
    assert {name for name, _ in report.failed} == {
        f"{ROOT}p/{name}" for name in (*ESCAPES, "link/evil")
    }
    assert all(isinstance(error, ValueError) for _, error in report.failed)
    server.put(BUCKET, "q/..", b"bad")
    with pytest.raises(ValueError, match="resolved"):
        cp(CONFIG, ROOT + "q/..", target)


def test_a_failure_is_told_and_the_rest_goes_on(
    server: S3Server, tmp_path: Path
) -> None:
    source = fill(tmp_path / "source", TREE)
    (source / "broken").symlink_to("nowhere")
    (source / "a").unlink()
    os.mkfifo(source / "a")
    told = Told()
    with pytest.raises(errors.TreeError) as caught:
        cp(CONFIG, source, ROOT + "t", recursive=True, on_event=told.append)
    assert caught.value.count == 2
    assert told.of("fail") == [f"{source}/a", f"{source}/broken"]
    assert stored(server, "t/") == {k: v for k, v in TREE.items() if k != "a"}


def test_who_brings_a_report_is_not_raised_at(server: S3Server, tmp_path: Path) -> None:
    report = Report()
    cp(CONFIG, ROOT + "missing", tmp_path / "t", report=report)
    assert counts(report) == {"failures": 1}
    assert isinstance(report.failed[0][1], FileNotFoundError)


def test_a_pattern_names_several_files(server: S3Server, tmp_path: Path) -> None:
    put(server, "p/", {"a.txt": b"1", "b.txt": b"2", "c.csv": b"3", "d/a.txt": b"4"})
    cp(CONFIG, ROOT + "p/*.txt", tmp_path / "t")
    assert read(tmp_path / "t") == {"a.txt": b"1", "b.txt": b"2"}
    cp(CONFIG, ROOT + "p/**/a.txt", tmp_path / "u")
    assert read(tmp_path / "u") == {"a.txt": b"1", "d/a.txt": b"4"}
    cp(CONFIG, tmp_path / "t/[!a]*", ROOT + "q")
    assert stored(server, "q/") == {"b.txt": b"2"}
    cp(CONFIG, ROOT + "p/*", ROOT + "r", recursive=True)
    assert set(stored(server, "r/")) == {"a.txt", "b.txt", "c.csv", "d/a.txt"}
    with pytest.raises(FileNotFoundError, match="matches"):
        cp(CONFIG, ROOT + "p/*.pdf", tmp_path / "v")


def test_a_pattern_that_is_a_name_means_the_file(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "", {"a*": b"star", "ab": b"other"})
    cp(CONFIG, ROOT + "a*", tmp_path / "t")
    assert (tmp_path / "t").read_bytes() == b"star"
    with pytest.raises(FileNotFoundError):
        cp(CONFIG, ROOT + "?b", tmp_path / "u", glob=False)


def test_patterns_choose_what_takes_part(server: S3Server, tmp_path: Path) -> None:
    source = fill(tmp_path / "source", TREE)
    cp(CONFIG, source, ROOT + "t", recursive=True, exclude=["*"], include="b/*")
    assert set(stored(server, "t/")) == {"b/c", "b/d/e.txt"}
    cp(CONFIG, ROOT + "t", tmp_path / "t", recursive=True, exclude="*.txt")
    assert set(read(tmp_path / "t")) == {"b/c"}


DIRECTIONS = ["up", "down", "within", "here"]


def pair(server: S3Server, tmp_path: Path, direction: str) -> tuple[str, str]:
    """Return a source and a target of one file each, and fill both."""
    names = {
        "up": (f"{tmp_path}/source", ROOT + "target"),
        "down": (ROOT + "source", f"{tmp_path}/target"),
        "within": (ROOT + "source", ROOT + "target"),
        "here": (f"{tmp_path}/source", f"{tmp_path}/target"),
    }[direction]
    for name, content in zip(names, (b"new", b"old"), strict=True):
        if name.startswith("s3:"):
            server.put(BUCKET, name[len(ROOT) :], content)
        else:
            Path(name).write_bytes(content)
    return names


def content(server: S3Server, name: str) -> bytes:
    if name.startswith("s3:"):
        return server.read(BUCKET, name[len(ROOT) :])
    return Path(name).read_bytes()


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_what_is_there_is_replaced_only_if_it_may_be(
    server: S3Server, tmp_path: Path, direction: str
) -> None:
    source, target = pair(server, tmp_path, direction)
    with pytest.raises(FileExistsError):
        cp(CONFIG, source, target, force=False)
    assert content(server, target) == b"old"
    told = Told()
    report = cp(CONFIG, source, target, skip=True, on_event=told.append)
    assert counts(report) == {"skipped": 1}
    assert told.of("skip") == [source]
    assert content(server, target) == b"old"
    cp(CONFIG, source, target)
    assert content(server, target) == b"new"
    cp(CONFIG, source, target + "-2", force=False)
    assert content(server, target + "-2") == b"new"


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_only_what_is_older_is_replaced_if_that_is_wanted(
    server: S3Server, tmp_path: Path, direction: str
) -> None:
    source, target = pair(server, tmp_path, direction)
    later = [path for path in (source, target) if not path.startswith("s3:")]
    for path in later:
        os.utime(path, (2e9, 2e9) if path == source else (3e9, 3e9))
    if direction == "up":
        os.utime(source, (1e9, 1e9))
    if direction == "within":
        cp(CONFIG, source, target, metadata={"mtime": "4000000000"})
        server.put(BUCKET, "source", b"newer")
        assert counts(cp(CONFIG, source, target, if_newer=True)) == {"skipped": 1}
        server.put(BUCKET, "target", b"old", x_amz_meta_mtime="1000")
    else:
        assert counts(cp(CONFIG, source, target, if_newer=True)) == {"skipped": 1}
        assert content(server, target) == b"old"
    if direction == "up":
        os.utime(source, (3e9, 3e9))
    elif direction != "within":
        os.utime(target, (1e9, 1e9))
    assert counts(cp(CONFIG, source, target, if_newer=True)) == {"copied": 1}
    assert content(server, target).startswith(b"new")


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_dry_run_tells_and_does_nothing(
    server: S3Server, tmp_path: Path, direction: str
) -> None:
    source, target = pair(server, tmp_path, direction)
    told = Told()
    cp(CONFIG, source, target, dry_run=True, on_event=told.append)
    assert told.of("copy") == [source]
    assert content(server, target) == b"old"
    with pytest.raises(FileExistsError):
        cp(CONFIG, source, target, dry_run=True, force=False)
    with pytest.raises(FileNotFoundError):
        cp(CONFIG, source + "-missing", target, dry_run=True)


def test_gzip_packs_on_the_way(server: S3Server, tmp_path: Path) -> None:
    files = {"small.txt": b"text " * 1000, "large.txt": os.urandom(1000) * 7000}
    source = fill(tmp_path, files)
    cp(CONFIG, source, ROOT + "t", recursive=True, gzip=True)
    for name, plain in files.items():
        found = server.head(BUCKET, f"t/{name}")
        assert gzip.decompress(bytes(found.content)) == plain
        assert found.about.headers["content-encoding"] == "gzip"
        assert found.content_type == "text/plain"
        assert found.size < len(plain)


def test_an_upload_is_given_what_was_asked_for(
    server: S3Server, tmp_path: Path
) -> None:
    source = fill(
        tmp_path, {"page": b"<!DOCTYPE html>\n<p>", "a.tar.gz": b"", "b": b""}
    )
    cp(
        CONFIG,
        source,
        ROOT,
        recursive=True,
        metadata={"who": "me"},
        cache_control="no-store",
        storage_class="STANDARD_IA",
        tags={"a": "b"},
    )
    found = server.head(BUCKET, "page")
    assert found.content_type == "text/html"
    assert found.metadata["who"] == "me"
    assert found.about.headers["cache-control"] == "no-store"
    assert found.storage_class == "STANDARD_IA"
    assert found.tags == {"a": "b"}
    assert server.head(BUCKET, "a.tar.gz").content_type == "application/gzip"
    cp(CONFIG, source / "b", ROOT + "c.html", content_type="x/y")
    assert server.head(BUCKET, "c.html").content_type == "x/y"


def test_a_copy_keeps_what_is_not_given(server: S3Server) -> None:
    server.put(
        BUCKET,
        "key",
        b"content",
        content_type="text/x",
        x_amz_meta_a="1",
        x_amz_meta_b="2",
        cache_control="no-cache",
        x_amz_tagging="t=1",
    )
    cp(CONFIG, ROOT + "key", ROOT + "copy", metadata={"b": "3"}, content_encoding="br")
    found = server.head(BUCKET, "copy")
    assert found.metadata == {"a": "1", "b": "3"}
    assert found.content_type == "text/x"
    assert found.about.headers["cache-control"] == "no-cache"
    assert found.about.headers["content-encoding"] == "br"
    assert found.tags == {"t": "1"}


def test_what_is_no_word_about_the_bytes_changes_alone(server: S3Server) -> None:
    server.put(BUCKET, "key", b"content", x_amz_meta_a="1", x_amz_tagging="t=1")
    with server.counting() as seen:
        cp(CONFIG, ROOT + "key", ROOT + "copy", storage_class="STANDARD_IA")
    assert seen.operations == {"HeadObject": 1, "CopyObject": 1}
    found = server.head(BUCKET, "copy")
    assert found.storage_class == "STANDARD_IA"
    assert (found.metadata, found.tags) == ({"a": "1"}, {"t": "1"})
    cp(CONFIG, ROOT + "key", ROOT + "copy", tags={"u": "2"})
    found = server.head(BUCKET, "copy")
    assert (found.metadata, found.tags) == ({"a": "1"}, {"u": "2"})
    cp(CONFIG, ROOT + "key", ROOT + "copy", replace_metadata=True, tags={})
    found = server.head(BUCKET, "copy")
    assert (found.metadata, found.tags) == ({}, {})


def test_a_version_is_copied(server: S3Server, tmp_path: Path) -> None:
    server.create_bucket("versions", versioned=True)
    server.put("versions", "key", b"old", x_amz_meta_a="1")
    version = server.head("versions", "key").version_id
    server.put("versions", "key", b"new one", x_amz_meta_a="2")
    source = "s3://versions/key"
    cp(CONFIG, source, tmp_path / "file", version_id=version)
    assert (tmp_path / "file").read_bytes() == b"old"
    cp(CONFIG, source, ROOT + "copy", version_id=version)
    assert server.read(BUCKET, "copy") == b"old"
    assert server.head(BUCKET, "copy").metadata == {"a": "1"}
    cp(CONFIG, source, ROOT + "copy2", version_id=version, content_type="x/y")
    assert server.read(BUCKET, "copy2") == b"old"
    assert server.head(BUCKET, "copy2").metadata == {"a": "1"}
    with pytest.raises(ValueError, match="one file"):
        cp(CONFIG, "s3://versions", tmp_path, version_id=version, recursive=True)


def test_a_pipe_can_be_a_source_and_a_target(server: S3Server, tmp_path: Path) -> None:
    # Pipes of its own: what is tested is that no device is ever replaced.
    server.put(BUCKET, "key", b"content")
    os.mkfifo(tmp_path / "pipe")
    with ThreadPoolExecutor(1) as other:
        came = other.submit((tmp_path / "pipe").read_bytes)
        cp(CONFIG, ROOT + "key", tmp_path / "pipe")
        assert came.result() == b"content"
        other.submit((tmp_path / "pipe").write_bytes, b"piped")
        cp(CONFIG, tmp_path / "pipe", ROOT + "piped")
    assert server.read(BUCKET, "piped") == b"piped"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("size", [3, 6 * MIB])
def test_no_pipe_or_device_in_a_tree_is_replaced(
    server: S3Server, tmp_path: Path, size: int
) -> None:
    server.put(BUCKET, "p/pipe", bytes(size))
    source, target = fill(tmp_path / "s", {"pipe": bytes(size)}), tmp_path / "t"
    target.mkdir()
    os.mkfifo(target / "pipe")
    for function in (cp, mv):
        for place in (ROOT + "p", source):
            with pytest.raises(errors.TreeError, match="Not a regular file"):
                function(CONFIG, place, target, recursive=True)
    assert stat.S_ISFIFO((target / "pipe").stat().st_mode)
    assert read(source) == {"pipe": bytes(size)}


def test_no_pipe_that_a_pattern_matches_is_waited_for(
    server: S3Server, tmp_path: Path
) -> None:
    fill(tmp_path, {"d/x": b"1"})
    os.mkfifo(tmp_path / "d/pipe")
    with pytest.raises(errors.TreeError, match="regular"):
        cp(CONFIG, tmp_path / "*/pipe", ROOT + "t")
    assert stored(server) == {}


def test_a_link_is_written_through(server: S3Server, tmp_path: Path) -> None:
    server.put(BUCKET, "key", b"content")
    (tmp_path / "link").symlink_to("file")
    cp(CONFIG, ROOT + "key", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"content"


def test_links_in_a_tree_are_followed_or_left_out(
    server: S3Server, tmp_path: Path
) -> None:
    source = fill(tmp_path / "source", {"a": b"1"})
    (source / "link").symlink_to("a")
    cp(CONFIG, source, ROOT + "t", recursive=True)
    assert stored(server, "t/") == {"a": b"1", "link": b"1"}
    cp(CONFIG, source, ROOT + "u", recursive=True, follow_links=False)
    assert stored(server, "u/") == {"a": b"1"}


WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("{here}", "{here}", {"content_type": "x/y"}),
    ("{there}", "{here}", {"content_type": "x/y"}),
    ("{there}", "{here}", {"metadata": {"a": "b"}}),
    ("{there}", "{here}", {"gzip": True}),
    ("{there}", "{there}", {"gzip": True}),
    ("{here}", "{there}", {"preserve_acl": True}),
    ("{here}", "{there}", {"version_id": "1"}),
    ("{here}", "{here}", {"sse_customer_key": b"0" * 32}),
    ("{here}", "{there}", {"gzip": True, "content_encoding": "br"}),
    ("{there}", "{there}", {"preserve_acl": True, "acl": "private"}),
    ("{here}", "{there}", {"acl": "nonsense"}),
    ("{here}", "{there}", {"if_newer": True, "force": False}),
    ("{here}", "{there}", {"if_newer": True, "skip": True}),
    ("http://host/x", "{there}", {}),
    ("{here}", "s3://", {}),
]


@pytest.mark.parametrize(("source", "target", "options"), WRONG)
def test_what_cannot_be_is_a_value_error_before_any_request(
    server: S3Server, tmp_path: Path, source: str, target: str, options: dict[str, Any]
) -> None:
    names = {"here": f"{tmp_path}/x", "there": ROOT + "x"}
    with server.counting() as seen, pytest.raises(ValueError):  # noqa: PT011
        cp(CONFIG, source.format(**names), target.format(**names), **options)
    assert seen.total == 0


def test_an_unknown_option_is_a_type_error(server: S3Server, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="nonsense"):
        cp(CONFIG, tmp_path / "x", ROOT + "x", nonsense=1)
    with pytest.raises(FileNotFoundError):
        cp(CONFIG, "", ROOT + "x", recursive=True)


def test_a_directory_is_not_copied_into_itself(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "a/", {"x": b"1", "a/x": b"2", "y": b"3"})
    for target in ("a", "a/", "a/b"):
        with pytest.raises(ValueError, match="in the source"):
            cp(CONFIG, ROOT + "a", ROOT + target, recursive=True)
    fill(tmp_path / "a", {"x": b"1"})
    with pytest.raises(ValueError, match="in the source"):
        cp(CONFIG, tmp_path / "a", tmp_path / "a/b", recursive=True)
    # Upwards it may go, but not over what is still to be copied.
    report = Report()
    cp(CONFIG, ROOT + "a", ROOT, recursive=True, report=report)
    assert counts(report) == {"copied": 2, "failures": 1}
    assert server.read(BUCKET, "a/x") == b"1"
    assert (server.read(BUCKET, "x"), server.read(BUCKET, "y")) == (b"1", b"3")


def test_the_target_of_a_tree_has_to_be_a_directory(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "p/", {"x": b"1"})
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        cp(CONFIG, ROOT + "p", tmp_path / "file", recursive=True)


def test_nothing_is_left_of_a_file_that_cannot_be_placed(
    server: S3Server, tmp_path: Path
) -> None:
    server.put(BUCKET, "key", b"content")
    (tmp_path / "d").mkdir()
    with pytest.raises(IsADirectoryError):
        cp(CONFIG, ROOT + "p/d", tmp_path, report=None)
    server.put(BUCKET, "t/d", b"content")
    with pytest.raises(errors.TreeError):
        cp(CONFIG, ROOT + "t", tmp_path, recursive=True)
    assert [path.name for path in tmp_path.iterdir() if path.name != "state"] == ["d"]


def test_verify_always_is_kept_for_small_files(
    server: S3Server, tmp_path: Path
) -> None:
    server.put(BUCKET, "key", b"content")
    server.synthetic(BUCKET, "unsummed", 100)
    strict = Config(verify="always")
    cp(strict, ROOT + "key", tmp_path / "file")
    with pytest.raises(errors.IntegrityError):
        cp(strict, ROOT + "unsummed", tmp_path / "other")
    assert read(tmp_path) == {"file": b"content"}


class Watched(Silent):
    """A bar that remembers what it was told."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.expected = 0

    def expect(self, size: int | None, count: int = 1) -> None:
        self.expected += size or 0

    def add(self, size: int) -> None:
        self.steps.append(size)


@pytest.mark.parametrize("place", ["up", "down", "within"])
def test_a_bar_sees_a_large_file_on_its_way(
    server: S3Server, tmp_path: Path, place: str
) -> None:
    content = pattern(12 * MIB)
    source = fill(tmp_path / "source", {"large": content, "small": b"1234"})
    put(server, "p/", {"large": content, "small": b"1234"})
    bar = Watched()
    here: Any = source if place == "up" else ROOT + "p"
    there: Any = tmp_path / "t" if place == "down" else ROOT + "t"
    cp(CONFIG, here, there, recursive=True, progress=bar)
    assert sum(bar.steps) == bar.expected == len(content) + 4
    if place != "within":
        assert len([step for step in bar.steps if step > 4]) > 3


def test_a_bar_takes_back_what_came_of_a_file_that_failed(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "p/", {"large": pattern(12 * MIB)})
    server.fault(Fault(operation="GetObject", skip=1, times=None, status=403))
    bar, report = Watched(), Report()
    cp(CONFIG, ROOT + "p", tmp_path, recursive=True, progress=bar, report=report)
    assert counts(report) == {"failures": 1}
    # What is over is over: the bar ends at its end.
    assert sum(bar.steps) == bar.expected


def test_who_may_do_what_with_a_copy(server: S3Server) -> None:
    server.create_bucket("versioned", versioned=True)
    at = "s3://versioned/key"
    with s3open.open(at, "wb", acl="public-read") as file:
        file.write(b"one")
    put(server, "", {"other": b""})
    version = server.head("versioned", "key").version_id
    s3open.write_bytes(at, b"two")
    with server.counting() as seen:
        cp(CONFIG, at, ROOT + "copy", preserve_acl=True, version_id=version)
    assert seen.operations == {
        "HeadObject": 1,
        "CopyObject": 1,
        "GetObjectAcl": 1,
        "PutObjectAcl": 1,
    }
    assert server.read(BUCKET, "copy") == b"one"
    acl = s3open.acl(at, version_id=version)
    assert s3open.acl(ROOT + "copy") == acl != s3open.acl(at)


@pytest.mark.parametrize("direction", ["up", "down"])
def test_who_stops_early_does_not_wait_for_the_rest_of_a_large_file(
    server: S3Server, tmp_path: Path, direction: str
) -> None:
    size = 64 * MIB
    folder = fill(tmp_path / "folder", {"small": b"soon"} if direction == "up" else {})
    if direction == "up":
        os.truncate(fill(folder, {"large": b""}) / "large", size)
    else:
        put(server, "from/", {"small": b"soon"})
        server.synthetic(BUCKET, "from/large", size)
    # Some seconds, if it were waited for.
    server.shape = Shape(bandwidth=16 * MIB)

    def interrupt(event: Event) -> None:
        assert event.size == 4
        raise KeyboardInterrupt

    down = tmp_path / "down"
    ends = (folder, f"{ROOT}to") if direction == "up" else (f"{ROOT}from", down)
    with pytest.raises(KeyboardInterrupt):
        cp(Config(connections=1), *ends, recursive=True, on_event=interrupt)
    assert not (down / "large").exists()
    assert "large" not in stored(server, "to/")
