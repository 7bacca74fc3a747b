"""`S3OpenFileSystem`: what it does, by which requests, and what it leaves undone."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import pickle
import threading
from typing import TYPE_CHECKING, Any

import pytest

if os.environ.get("S3OPEN_TEST_CONSUMERS") != "1":
    pytest.importorskip("fsspec")

import fsspec
from fsspec.implementations.asyn_wrapper import AsyncFileSystemWrapper

import s3open
from s3open.integrations.fsspec import S3OpenFileSystem
from s3open.testing import Fault, S3Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MIB = 1 << 20
BUCKET = "s3open-test"
TREE = {"d/a": b"1", "d/b.csv": b"22", "d/e/c.csv": b"333", "d/e/f/g": b"4444"}


@pytest.fixture
def server(fs: Any, s3open_server: S3Server) -> S3Server:
    for key, content in TREE.items():
        s3open_server.put(BUCKET, key, content)
    return s3open_server


def stored(server: S3Server) -> dict[str, bytes]:
    return {key: server.read(BUCKET, key) for key in server.keys(BUCKET)}


def requests(server: S3Server, action: Callable[[], Any]) -> tuple[Any, list[str]]:
    """Return what *action* returns, and which requests it takes."""
    before = len(server.requests)
    result = action()
    return result, [str(each.operation) for each in server.requests[before:]]


def names(*keys: str) -> list[str]:
    return [f"{BUCKET}/{key}" for key in keys]


class BreakError(Exception):
    pass


# What is there.


@pytest.mark.parametrize(
    ("action", "result", "asked"),
    [
        (lambda f: f.ls("B/d", detail=False), names("d/a", "d/b.csv", "d/e"), ["L"]),
        (lambda f: f.ls("s3open://B/d/a", detail=False), names("d/a"), ["L", "H"]),
        (lambda f: f.ls("B", detail=False), names("d"), ["L"]),
        (lambda f: f.ls("", detail=False), [BUCKET], ["ListBuckets"]),
        (lambda f: f.find("B"), names(*TREE), ["L"]),
        (lambda f: f.find("B/d/e"), names("d/e/c.csv", "d/e/f/g"), ["L"]),
        (lambda f: f.find("B/d/a"), names("d/a"), ["L", "H"]),
        (lambda f: f.find("B/none"), [], ["L", "H", "L"]),
        (lambda f: f.find("B/d", maxdepth=1), names("d/a", "d/b.csv"), ["L"]),
        (
            lambda f: f.find("B/d", withdirs=True),
            names("d", "d/a", "d/b.csv", "d/e", "d/e/c.csv", "d/e/f", "d/e/f/g"),
            ["L"],
        ),
        (lambda f: f.find("B/d", prefix="b"), names("d/b.csv"), ["L"]),
        (lambda f: f.glob("B/d/*.csv"), names("d/b.csv"), ["L"]),
        (lambda f: f.glob("B/*/*.csv"), names("d/b.csv"), ["L", "L"]),
        (lambda f: f.glob("B/d/*/"), names("d/e"), ["L"]),
        (lambda f: f.glob("B/d/e*/c.*"), names("d/e/c.csv"), ["L", "L"]),
        (lambda f: f.glob("B/**/*.csv"), names("d/b.csv", "d/e/c.csv"), ["L"]),
        (lambda f: f.glob("B/d/[ab]"), names("d/a"), ["L"]),
        (lambda f: f.glob("B/none*"), [], ["L"]),
        (lambda f: f.glob("s3open-t*/d"), names("d"), ["ListBuckets", "L"]),
        (lambda f: f.du("B/d"), 10, ["L"]),
        (lambda f: f.du("B/d", total=False, maxdepth=1)[f"{BUCKET}/d/a"], 1, ["L"]),
        (lambda f: f.exists("B/d/a"), True, ["H"]),
        (lambda f: f.exists("B/d"), True, ["H", "L"]),
        (lambda f: f.exists("B/no"), False, ["H", "L"]),
        (lambda f: f.exists("B"), True, ["L"]),
        (lambda f: f.exists("no-such-bucket"), False, ["L"]),
        (lambda f: f.isdir("B/d"), True, ["L"]),
        (lambda f: f.isdir("B/d/a"), False, ["L"]),
        (lambda f: f.isdir(""), True, []),
        (lambda f: f.isfile("B/d/a"), True, ["H"]),
        (lambda f: f.isfile("B/d"), False, ["H"]),
        (lambda f: f.isfile(""), False, []),
        (lambda f: f.info("B/d")["type"], "directory", ["H", "L"]),
        (lambda f: f.info("B")["type"], "directory", ["L"]),
        (lambda f: f.size("B/d/b.csv"), 2, ["H"]),
        (
            lambda f: [each[1:] for each in f.walk("B/d")],
            [(["e"], ["a", "b.csv"]), (["f"], ["c.csv"]), ([], ["g"])],
            ["L", "L", "L"],
        ),
    ],
)
def test_questions_take_the_fewest_requests(
    fs: Any, server: S3Server, action: Any, result: object, asked: list[str]
) -> None:
    class Named:
        """The file system, asked about the bucket B."""

        def __getattr__(self, name: str) -> Any:
            method = getattr(fs, name)
            return lambda path, **more: method(path.replace("B/", f"{BUCKET}/"), **more)

    class Whole(Named):
        def __getattr__(self, name: str) -> Any:
            method = super().__getattr__(name)
            return lambda path, **more: method(BUCKET if path == "B" else path, **more)

    words = {"L": "ListObjectsV2", "H": "HeadObject"}
    found, took = requests(server, lambda: action(Whole()))
    assert found == result
    assert took == [words.get(each, each) for each in asked]


def test_what_is_told_of_a_file(fs: Any, server: S3Server) -> None:
    path = f"{BUCKET}/d/a"
    told, listed = fs.info(path), next(each for each in fs.ls(f"{BUCKET}/d"))
    assert told["name"] == told["Key"] == listed["name"] == path
    assert told["size"] == told["Size"] == listed["size"] == 1
    assert told["ETag"] == listed["ETag"] == '"c4ca4238a0b923820dcc509a6f75849b"'
    assert told["type"] == listed["type"] == "file"
    assert told["mtime"] == fs.modified(path).timestamp()
    # A listing knows milliseconds.
    seconds = listed["LastModified"].replace(microsecond=0)
    assert fs.created(path) == fs.modified(path) == seconds
    assert fs.checksum(path) == int("c4ca4238a0b923820dcc509a6f75849b", 16)
    before = fs.ukey(path)
    assert fs.ukey(path) == before
    fs.pipe(path, b"2")
    assert fs.ukey(path) != before
    with pytest.raises(IsADirectoryError):
        fs.modified(f"{BUCKET}/d")
    with pytest.raises(FileNotFoundError) as caught:
        fs.info(f"{BUCKET}/none")
    assert caught.value.filename == f"s3://{BUCKET}/none"


def test_who_may_not_ask_is_told_so(fs: Any, server: S3Server) -> None:
    server.fault(Fault(operation="HeadObject", status=403, code="AccessDenied"))
    with pytest.raises(PermissionError):
        fs.exists(f"{BUCKET}/none")


def test_versions_are_seen_by_who_wants_them(fs: Any, server: S3Server) -> None:
    fs._files.bucket(BUCKET).set_versioning(True)
    path = f"{BUCKET}/v"
    for content in (b"old", b"new"):
        fs.pipe(path, content)
    with pytest.raises(ValueError, match="version_aware"):
        fs.ls(path, versions=True)
    aware = S3OpenFileSystem(version_aware=True)
    found = [each["name"] for each in aware.ls(BUCKET, versions=True, detail=True)]
    old = next(
        each for each in found if each.startswith(path) and aware.cat(each) == b"old"
    )
    assert aware.info(old)["VersionId"] == old.rpartition("=")[2]
    with aware.open(path, version_id=old.rpartition("=")[2]) as file:
        assert file.read() == b"old"
    with pytest.raises(ValueError, match="cannot be changed"):
        aware.pipe(old, b"x")
    aware.rm_file(old)
    assert not aware.exists(old)
    assert aware.cat(path) == b"new"


# Whole files and ranges.


@pytest.mark.parametrize(
    ("start", "end", "asked"),
    [
        (None, None, ["GetObject"]),
        (2, None, ["GetObject"]),
        (2, 5, ["GetObject"]),
        (0, 0, None),
        (7, 3, None),
        (-3, None, ["GetObject"]),
        (1, -2, ["HeadObject", "GetObject"]),
        (-4, -1, ["HeadObject", "GetObject"]),
        (-100, 3, ["HeadObject", "GetObject"]),
        (100, 200, None),
        (8, 200, ["GetObject"]),
    ],
)
def test_a_slice_is_that_of_bytes(
    fs: Any, server: S3Server, start: Any, end: Any, asked: list[str] | None
) -> None:
    server.put(BUCKET, "ten", b"0123456789")
    found, took = requests(server, lambda: fs.cat_file(f"{BUCKET}/ten", start, end))
    assert found == b"0123456789"[start:end]
    assert asked is None or took == asked


def test_ranges_of_a_file_come_together(fs: Any, server: S3Server) -> None:
    content = os.urandom(3 * MIB)
    server.put(BUCKET, "k", content)
    path, other = f"{BUCKET}/k", f"{BUCKET}/d/a"
    starts = [5, MIB, 2 * MIB + 7, 0]
    ends = [100, MIB + 50, 3 * MIB, None]
    found = fs.cat_ranges([path] * 3 + [other], starts, ends)
    assert found[:3] == [
        content[s:e] for s, e in zip(starts[:3], ends[:3], strict=True)
    ]
    assert found[3] == b"1"
    near = [(number * 100, number * 100 + 50) for number in range(200)]
    found, took = requests(
        server, lambda: fs.cat_ranges([path] * 200, *map(list, zip(*near, strict=True)))
    )
    assert found == [content[s:e] for s, e in near]
    assert took == ["GetObject"]
    found = fs.cat_ranges([other, f"{BUCKET}/none"], 0, 1)
    assert found[0] == b"1"
    assert isinstance(found[1], FileNotFoundError)
    with pytest.raises(FileNotFoundError):
        fs.cat_ranges([other, f"{BUCKET}/none"], 0, 1, on_error="raise")


def test_several_files_at_once(fs: Any, server: S3Server) -> None:
    assert fs.cat(f"{BUCKET}/d/a") == b"1"
    assert fs.cat([f"{BUCKET}/d/a"]) == {f"{BUCKET}/d/a": b"1"}
    assert fs.cat(f"{BUCKET}/d/*.csv") == {f"{BUCKET}/d/b.csv": b"22"}
    whole = {f"{BUCKET}/{key}": content for key, content in TREE.items()}
    assert fs.cat(f"{BUCKET}/d", recursive=True) == whole
    paths = [f"{BUCKET}/d/a", f"{BUCKET}/none"]
    assert fs.cat(paths, on_error="omit") == {paths[0]: b"1"}
    assert isinstance(fs.cat(paths, on_error="return")[paths[1]], FileNotFoundError)
    with pytest.raises(FileNotFoundError):
        fs.cat(paths)
    fs.pipe({f"{BUCKET}/p/{n}": b"%d" % n for n in range(40)})
    assert server.read(BUCKET, "p/39") == b"39"


def test_what_is_new_is_decided_by_the_store(fs: Any, server: S3Server) -> None:
    path = f"{BUCKET}/d/a"
    with pytest.raises(FileExistsError):
        fs.pipe(path, b"", mode="create")
    assert server.requests[-1].operation == "PutObject"
    fs.touch(path, truncate=False)
    assert server.read(BUCKET, "d/a") == b"1"
    fs.touch(path)
    assert server.read(BUCKET, "d/a") == b""
    fs.touch(f"{BUCKET}/new", truncate=False)
    assert fs.size(f"{BUCKET}/new") == 0


def test_there_and_back(fs: Any, server: S3Server, tmp_path: Path) -> None:
    fs.get(f"{BUCKET}/d", str(tmp_path / "t"), recursive=True)
    assert (tmp_path / "t/e/f/g").read_bytes() == b"4444"
    callback = fsspec.callbacks.Callback()
    fs.put(str(tmp_path / "t"), f"{BUCKET}/u", recursive=True, callback=callback)
    assert callback.value == callback.size
    expected = {f"u/{key[2:]}": content for key, content in TREE.items()}
    assert stored(server) == {**TREE, **expected}
    one, took = requests(
        server, lambda: fs.get_file(f"{BUCKET}/d/a", tmp_path / "x" / "a")
    )
    assert (one, took) == (None, ["GetObject"])
    target = io.BytesIO()
    fs.get_file(f"{BUCKET}/d/b.csv", target)
    assert target.getvalue() == b"22"
    with pytest.raises(FileNotFoundError):
        fs.get(f"{BUCKET}/none", str(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_a_key_does_not_leave_the_folder(
    fs: Any, server: S3Server, tmp_path: Path
) -> None:
    server.put(BUCKET, "d/../../evil", b"bad")
    with pytest.raises(ValueError, match="would not be in"):
        fs.get(f"{BUCKET}/d", str(tmp_path / "in" / "t"), recursive=True)
    assert list(tmp_path.rglob("*")) == []


def test_a_download_that_fails_leaves_what_was_there(
    fs: Any, server: S3Server, tmp_path: Path
) -> None:
    there = tmp_path / "a"
    there.write_bytes(b"before")
    server.fault(Fault(operation="GetObject", status=403, code="AccessDenied"))
    with pytest.raises(PermissionError):
        fs.get(f"{BUCKET}/d/a", str(there))
    assert [each.read_bytes() for each in tmp_path.rglob("a*")] == [b"before"]


def test_copies_are_the_stores_work(fs: Any, server: S3Server) -> None:
    _, took = requests(server, lambda: fs.cp_file(f"{BUCKET}/d/a", f"{BUCKET}/x"))
    assert "CopyObject" in took
    assert not {"GetObject", "PutObject"} & set(took)
    assert server.read(BUCKET, "x") == b"1"
    fs.copy(f"{BUCKET}/d", f"{BUCKET}/new", recursive=True)
    assert server.read(BUCKET, "new/e/f/g") == b"4444"
    with pytest.raises(FileNotFoundError):
        fs.copy(f"{BUCKET}/none", f"{BUCKET}/x")
    fs.mv(f"{BUCKET}/x", f"{BUCKET}/y")
    fs.mv(f"{BUCKET}/new", f"{BUCKET}/moved", recursive=True)
    assert {key for key in stored(server) if key[0] in "xyn"} == {"y"}
    assert server.read(BUCKET, "moved/e/c.csv") == b"333"


def test_a_move_that_fails_loses_nothing(fs: Any, server: S3Server) -> None:
    server.fault(Fault(operation="CopyObject", status=403, code="AccessDenied"))
    with pytest.raises(PermissionError):
        fs.mv(f"{BUCKET}/d", f"{BUCKET}/t", recursive=True)
    found = stored(server)
    assert sorted(found.values()) == sorted(TREE.values())


def test_trees_are_removed_a_thousand_at_a_time(fs: Any, server: S3Server) -> None:
    for number in range(1500):
        server.put(BUCKET, f"many/{number}", b"")
    server.put(BUCKET, "manyfold", b"")
    _, took = requests(server, lambda: fs.rm(f"{BUCKET}/many", recursive=True))
    assert sorted(took) == ["DeleteObjects"] * 2 + ["ListObjectsV2"] * 2
    assert set(stored(server)) == {*TREE, "manyfold"}
    _, took = requests(server, lambda: fs.rm(names("d/a", "d/b.csv")))
    assert took == ["DeleteObjects"]
    fs.rm(f"{BUCKET}/d/e/*.csv")
    assert set(stored(server)) == {"d/e/f/g", "manyfold"}
    with pytest.raises(FileNotFoundError):
        fs.rm(f"{BUCKET}/none")
    with pytest.raises(FileNotFoundError):
        fs.rm(f"{BUCKET}/none", recursive=True)
    fs.rm(f"{BUCKET}/manyfold", recursive=True)
    assert set(stored(server)) == {"d/e/f/g"}


def test_a_name_that_could_be_a_pattern_is_a_name(fs: Any, server: S3Server) -> None:
    for key in ("p[1]", "p1", "p*"):
        server.put(BUCKET, key, key.encode())
    assert fs.cat(f"{BUCKET}/p[1]") == b"p[1]"
    fs.cp(f"{BUCKET}/p*", f"{BUCKET}/copied")
    assert server.read(BUCKET, "copied") == b"p*"
    fs.rm(f"{BUCKET}/p[1]")
    fs.rm(f"{BUCKET}/p*")
    assert set(stored(server)) == {*TREE, "p1", "copied"}
    assert fs.glob(f"{BUCKET}/d/*", withdirs=False) == names("d/a", "d/b.csv")
    fs.rm(f"{BUCKET}/p[1-3]")
    assert set(stored(server)) == {*TREE, "copied"}
    with pytest.raises(ValueError, match="by its name only"):
        fs.rm("s3open-*", recursive=True)


# Directories and buckets.


def test_buckets_are_made_as_s3fs_makes_them(fs: Any, server: S3Server) -> None:
    fs.mkdir("another")
    assert fs.ls("another") == []
    with pytest.raises(FileExistsError):
        fs.mkdir("another")
    fs.makedirs("another", exist_ok=True)
    fs.makedirs("another/deep/er")
    assert fs.find("another") == []
    with pytest.raises(FileNotFoundError):
        fs.mkdir("missing/dir", create_parents=False)
    fs.mkdir("a-third/dir")
    assert sorted(fs.ls("", detail=False)) == ["a-third", "another", BUCKET]
    fs.rmdir("a-third")
    with pytest.raises(OSError, match="not empty"):
        fs.rmdir(BUCKET)
    with pytest.raises(FileExistsError):
        fs.rmdir(f"{BUCKET}/d")
    with pytest.raises(FileNotFoundError):
        fs.rmdir(f"{BUCKET}/none")
    fs.pipe("another/k", b"")
    fs.rm("another", recursive=True)
    assert fs.ls("", detail=False) == [BUCKET]


def test_the_marker_of_a_directory_is_one(fs: Any, server: S3Server) -> None:
    server.put(BUCKET, "m/", b"")
    assert fs.isdir(f"{BUCKET}/m")
    assert fs.find(f"{BUCKET}/m") == []
    assert fs.find(f"{BUCKET}/m", withdirs=True) == [f"{BUCKET}/m"]
    assert fs.ls(f"{BUCKET}/m") == []
    fs.rmdir(f"{BUCKET}/m")
    assert not fs.exists(f"{BUCKET}/m")


# Files.


def test_files_are_s3opens_own(fs: Any, server: S3Server, tmp_path: Path) -> None:
    path = f"{BUCKET}/f"
    with fs.open(path, "w", encoding="utf-16") as text:
        assert isinstance(text, io.TextIOWrapper)
        text.write("one\ntwo\n")
    with fs.open(path, "a", encoding="utf-16", newline="\n") as text:
        text.write("three\n")
    assert fs.read_text(path, encoding="utf-16") == "one\ntwo\nthree\n"
    with fs.open(path) as file:
        assert file.size == fs.size(path)
        assert isinstance(file, io.BufferedReader)
        assert os.pread(file.fileno(), 2, 0) == b"\xff\xfe"
        assert s3open.info(file).key == "f"
    with fs.open(path, "r+b") as file:
        file.seek(2)
        file.write(b"O")
    assert fs.read_text(path, encoding="utf-16")[:3] == "One"
    assert fs.read_block(path, 0, 4) == "O".encode("utf-16")
    with pytest.raises(FileExistsError):
        fs.open(path, "xb")


def test_an_exception_publishes_nothing(fs: Any, server: S3Server) -> None:
    path = f"s3open://{BUCKET}/d/a"
    for opened, half in (
        (fs.open(path, "wb"), b"half"),
        (fs.open(path, "w"), "half"),
        (fs.open(path, "wb", compression="gzip"), b"half"),
        (fs.open(path, "w", compression="gzip"), "half"),
        (fsspec.open(path, "wb"), b"half"),
        (fsspec.open(path, "wt"), "half"),
        (fsspec.open(path, "wb", compression="gzip"), b"half"),
    ):
        with pytest.raises(BreakError), opened as file:
            file.write(half)
            raise BreakError
        assert server.read(BUCKET, "d/a") == b"1"


@pytest.mark.parametrize("codec", ["gzip", "bz2", "xz"])
def test_codecs_are_closed_with_their_files(
    fs: Any, server: S3Server, codec: str
) -> None:
    path = f"{BUCKET}/packed"
    with fs.open(path, "wb", compression=codec) as file:
        file.write(b"content")
    file = fs.open(path, "w", compression=codec)
    file.write("content\nof it")
    file.close()
    with fs.open(path, "r", compression=codec) as text:
        assert text.readlines() == ["content\n", "of it"]
    file = fs.open(path, "rb", compression=codec)
    assert file.read(3) == b"con"
    assert file.seek(0) == 0
    file.close()
    assert fs.cat(path) != b"content"


def test_a_codec_is_inferred(fs: Any, server: S3Server) -> None:
    with fs.open(f"{BUCKET}/k.gz", "wb", compression="infer") as file:
        file.write(b"content")
    assert gzip.decompress(server.read(BUCKET, "k.gz")) == b"content"
    with fs.open(f"{BUCKET}/k.txt", "wb", compression="infer") as file:
        file.write(b"content")
    assert server.read(BUCKET, "k.txt") == b"content"


def test_what_is_written_has_what_was_given(fs: Any, server: S3Server) -> None:
    path = f"{BUCKET}/k"
    given = S3OpenFileSystem(s3_additional_kwargs={"CacheControl": "max-age=1"})
    given.pipe(path, b"", ContentType="a/b")
    found = fs._files.stat(f"s3://{path}")
    assert found.content_type == "a/b"
    assert found.settings["CacheControl"] == "max-age=1"
    with given.open(path, "wb", Metadata={"m": "x"}, CacheControl="no-store") as file:
        file.write(b"1")
    found = fs._files.stat(f"s3://{path}")
    assert dict(found.metadata) == {"m": "x"}
    assert found.settings["CacheControl"] == "no-store"


def test_metadata_and_tags_by_s3fss_names(fs: Any, server: S3Server) -> None:
    path = f"{BUCKET}/d/a"
    fs.setxattr(path, copy_kwargs={"ContentType": "a/b"}, one_word="1", two="2")
    assert fs.metadata(path) == {"one-word": "1", "two": "2"}
    fs.setxattr(path, two=None)
    assert fs.getxattr(path, "one_word") == "1"
    assert fs.getxattr(path, "two") is None
    assert fs.info(path)["ContentType"] == "a/b"
    fs.put_tags(path, {"a": "1"})
    fs.put_tags(path, {"b": "2"}, mode="m")
    assert fs.get_tags(path) == {"a": "1", "b": "2"}
    assert server.read(BUCKET, "d/a") == b"1"


def test_access_by_a_canned_acl(fs: Any, server: S3Server) -> None:
    fs._files.bucket(BUCKET).set_ownership("ObjectWriter")
    fs.chmod(f"{BUCKET}/d", "public-read", recursive=True)
    with fs.open(f"{BUCKET}/k", "wb", acl="public-read"):
        pass
    fs.pipe(f"{BUCKET}/l", b"", acl=False)
    public = [
        each
        for each in fs.find(BUCKET)
        if "AllUsers" in f"{fs._files.acl('s3://' + each)}"
    ]
    assert public == names(*TREE, "k")


def test_a_customers_key_goes_with_everything(
    fs: Any, server: S3Server, tmp_path: Path
) -> None:
    key = bytes(range(32))
    given = S3OpenFileSystem(s3_additional_kwargs={"SSECustomerKey": key})
    path = f"{BUCKET}/secret"
    given.pipe(path, b"0123456789")
    with pytest.raises(OSError, match="secret"):
        fs.cat(path)
    given.cp_file(path, path + "2")
    given.mv(path + "2", path + "3")
    given.get(path + "3", f"{tmp_path}/x")
    given.put(f"{tmp_path}/x", path + "4")
    assert given.cat(path + "4") == b"0123456789"
    assert given.cat_ranges([path] * 2, [0, 5], [2, 7]) == [b"01", b"56"]
    assert given.cat_file(path, -3) == b"789"
    with given.open(path) as file:
        assert file.read() == b"0123456789"
    assert given.info(path)["size"] == 10


def test_settings_of_fsspecs_own_are_heeded(
    fs: Any, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fsspec.config.conf, "s3", {"requester_pays": True})
    assert S3OpenFileSystem()._files.config.requester_pays


def test_large_files_go_in_parts(fs: Any, server: S3Server) -> None:
    def write() -> None:
        with fs.open(f"{BUCKET}/k", "wb", block_size=6 * MIB) as file:
            for _ in range(13):
                file.write(bytes(MIB))

    _, took = requests(server, write)
    assert took.count("UploadPart") == 3
    assert fs.size(f"{BUCKET}/k") == 13 * MIB


# Transactions.


def test_a_transaction_publishes_in_the_end(fs: Any, server: S3Server) -> None:
    path = f"{BUCKET}/t"
    with fs.transaction:
        with fs.open(path + "1", "wb") as file:
            file.write(b"1")
        with fs.open(path + "2", "w") as text:
            text.write("2")
        fs.pipe(path + "3", b"3")
        fs.pipe({path + "4": b"4"})
        with fs.open(path + "5", "wb", compression="gzip") as packed:
            packed.write(b"5")
        big = fs.open(path + "6", "wb")
        big.write(bytes(11 * MIB))
        assert set(stored(server)) == set(TREE)
    found = stored(server)
    assert [found[f"t{n}"] for n in (1, 2, 3, 4)] == [b"1", b"2", b"3", b"4"]
    assert gzip.decompress(found["t5"]) == b"5"
    assert len(found["t6"]) == 11 * MIB
    with fs.open(path, "wb") as file:
        file.write(b"after")
    assert server.read(BUCKET, "t") == b"after"


def test_a_transaction_that_fails_publishes_nothing(
    fs: Any, server: S3Server, tmp_path: Path
) -> None:
    (tmp_path / "local").write_bytes(b"local")
    with pytest.raises(BreakError), fs.transaction:
        with fs.open(f"{BUCKET}/t1", "wb") as file:
            file.write(bytes(11 * MIB))
        fs.put(str(tmp_path / "local"), f"{BUCKET}/t2")
        open_yet = fs.open(f"{BUCKET}/t3", "wb")
        open_yet.write(b"3")
        raise BreakError
    assert set(stored(server)) == set(TREE)
    assert s3open.recover() == []
    assert list(fs._files.bucket(BUCKET).uploads()) == []


def test_a_block_that_fails_in_a_transaction(fs: Any, server: S3Server) -> None:
    with fs.transaction:
        with pytest.raises(BreakError), fs.open(f"{BUCKET}/t1", "wb") as file:
            file.write(b"half")
            raise BreakError
        fs.pipe(f"{BUCKET}/t2", b"2")
    assert set(stored(server)) == {*TREE, "t2"}


def test_what_cannot_be_published_ends_the_transaction(
    fs: Any, server: S3Server
) -> None:
    server.fault(
        Fault(operation="PutObject", key="t2", status=403, code="AccessDenied")
    )
    with pytest.raises(PermissionError), fs.transaction:
        for number in (1, 2, 3):
            fs.pipe(f"{BUCKET}/t{number}", b"x")
    assert set(stored(server)) == {*TREE, "t1"}
    fs.pipe(f"{BUCKET}/t4", b"x")
    assert server.read(BUCKET, "t4") == b"x"


def test_a_file_may_wait_by_itself(fs: Any, server: S3Server) -> None:
    file = fs.open(f"{BUCKET}/t", "wb", autocommit=False)
    file.write(b"x")
    file.close()
    assert not fs.exists(f"{BUCKET}/t")
    file.commit()
    assert server.read(BUCKET, "t") == b"x"
    other = fs.open(f"{BUCKET}/t", "wb", autocommit=False)
    other.write(b"y")
    other.discard()
    other.discard()
    assert other.closed
    assert server.read(BUCKET, "t") == b"x"


def test_who_forgets_to_commit_has_a_recovery_file(fs: Any, server: S3Server) -> None:
    files = [fs.open(f"{BUCKET}/t", "wb", autocommit=False)]
    files[0].write(b"x")
    files[0].close()
    with pytest.warns(s3open.UnpublishedWarning):
        files.clear()
    assert not fs.exists(f"{BUCKET}/t")


# The object.


def test_it_is_registered() -> None:
    entries = s3open_entries("fsspec.specs")
    if "s3open" not in entries and os.environ.get("S3OPEN_TEST_CONSUMERS") != "1":
        pytest.skip("this s3open is not installed")
    assert entries["s3open"] == "s3open.integrations.fsspec.S3OpenFileSystem"


def s3open_entries(group: str) -> dict[str, str]:
    from importlib.metadata import distribution

    found = distribution("s3open").entry_points
    return {each.name: each.value for each in found if each.group == group}


def test_a_dump_has_no_secrets_unless_they_are_wanted() -> None:
    made = S3OpenFileSystem(
        key="k",
        client_kwargs={"aws_session_token": "hidden", "region_name": "eu-west-1"},
        secret="hidden",
        token="hidden",
    )
    told = made.to_json(include_password=False)
    assert "hidden" not in told
    assert "eu-west-1" in told
    assert S3OpenFileSystem.from_json(made.to_json()) == made


def test_it_pickles_and_hashes_as_fsspecs_do(fs: Any) -> None:
    one = S3OpenFileSystem(key="k", secret="hidden", endpoint_url="http://a")
    two = S3OpenFileSystem(key="k", secret="other", endpoint_url="http://a")
    assert one == S3OpenFileSystem(key="k", secret="hidden", endpoint_url="http://a")
    assert one != two
    assert len({one, two, fs}) == 3
    again = pickle.loads(pickle.dumps(one))
    assert again is one
    S3OpenFileSystem.clear_instance_cache()
    again = pickle.loads(pickle.dumps(one))
    assert again == one
    assert again._files.config == one._files.config
    assert "hidden" not in f"{one!r} {one} {one.fsid} {one._files!r}"
    assert S3OpenFileSystem.from_json(one.to_json()) == one


def test_sessions_are_told_apart() -> None:
    import boto3

    one, two = (
        boto3.Session(aws_access_key_id=k, aws_secret_access_key=k) for k in "ab"
    )
    assert S3OpenFileSystem(session=one) != S3OpenFileSystem(session=two)
    assert S3OpenFileSystem(session=one) is S3OpenFileSystem(session=one)
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(S3OpenFileSystem(session=one))


def test_what_is_no_option_is_told() -> None:
    with pytest.raises(TypeError, match="endpoint"):
        S3OpenFileSystem(endpoint="http://a")


def test_a_url_can_be_given_away(fs: Any, server: S3Server) -> None:
    from urllib.request import urlopen

    with urlopen(fs.sign(f"{BUCKET}/d/b.csv", 60)) as answer:
        assert answer.read() == b"22"
    assert "X-Amz-Expires=7" in fs.url(f"{BUCKET}/d/a", 7, "put_object")


def test_threads_share_it(fs: Any, server: S3Server) -> None:
    found: list[bytes] = []
    workers = [
        threading.Thread(target=lambda: found.append(fs.cat(f"{BUCKET}/d/a")))
        for _ in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [b"1"] * 8


def test_coroutines_reach_it_through_fsspecs_wrapper(fs: Any, server: S3Server) -> None:
    async def work() -> tuple[Any, ...]:
        wrapped = AsyncFileSystemWrapper(fs, asynchronous=True)
        await wrapped._pipe_file(f"{BUCKET}/async", b"0123456789")
        return (
            await wrapped._cat_file(f"{BUCKET}/async", start=2, end=4),
            await wrapped._cat_ranges([f"{BUCKET}/async"] * 2, [0, 5], [1, 7]),
            (await wrapped._info(f"{BUCKET}/async"))["size"],
            await wrapped._find(f"{BUCKET}/d/e"),
            [each async for each in wrapped._walk(f"{BUCKET}/d/e/f")],
            await wrapped._exists(f"{BUCKET}/none"),
        )

    assert asyncio.run(work()) == (
        b"23",
        [b"0", b"56"],
        10,
        names("d/e/c.csv", "d/e/f/g"),
        [(f"{BUCKET}/d/e/f", [], ["g"])],
        False,
    )


def test_a_map_of_keys(fs: Any, server: S3Server) -> None:
    found = fs.get_mapper(f"{BUCKET}/d")
    assert sorted(found) == ["a", "b.csv", "e/c.csv", "e/f/g"]
    found["new"] = b"x"
    del found["a"]
    assert found.getitems(["new", "b.csv", "a"], on_error="omit") == {
        "new": b"x",
        "b.csv": b"22",
    }
    with pytest.raises(KeyError):
        found["a"]
