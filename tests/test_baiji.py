"""What programs do that were written for baiji, where need be as the README has it.

The first two are what baiji's own README shows, with another import.
"""

from __future__ import annotations

import builtins
import os
import re
import shlex
import subprocess
import sys
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import s3open
import s3open as s3

if TYPE_CHECKING:
    from s3open.testing import S3Server

BUCKET = "example"
README = Path(__file__).parent.parent / "README.md"


@pytest.fixture
def server(
    s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> S3Server:
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(tmp_path / "state"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for bucket in (BUCKET, "another-example"):
        s3open_server.create_bucket(bucket, versioned=True)
    return s3open_server


def test_its_readme_opens_files(server: S3Server, tmp_path: Path) -> None:
    for name in ("s3://example/info.txt", f"file://{tmp_path}/info.txt"):
        with s3.open(name, "w") as f:
            f.write("hello")
        with s3.open(name, "r") as f:
            contents = f.readlines()
        assert contents == ["hello"]
    assert server.read(BUCKET, "info.txt") == b"hello"
    assert (tmp_path / "info.txt").read_bytes() == b"hello"


def test_its_readme_runs_commands(server: S3Server) -> None:
    Path("foo.txt").write_bytes(b"foo")
    for line in (
        "s3 cp foo.txt s3://example/bar.txt",
        "s3 cp s3://example/bar.txt s3://another-example/bazinga.txt",
        "s3 rm s3://example/bar.txt",
    ):
        command = [sys.executable, "-m", "s3open", *shlex.split(line)[1:]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    assert server.read("another-example", "bazinga.txt") == b"foo"
    assert "bar.txt" not in server.keys(BUCKET)


def test_what_the_table_names_is_there() -> None:
    table = README.read_text().partition("## From baiji")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")]
    assert len(rows) > 15
    for theirs, ours, *_ in rows[2:]:
        told = theirs if ours == "the same" else ours
        for name in re.findall(r"`(?:with )?([A-Za-z_0-9]+)[`(]", told):
            assert is_there(name), name


def is_there(name: str) -> bool:
    owners = (s3open.Bucket, s3open.FileSystem, builtins)
    return name in s3open.__all__ or any(hasattr(owner, name) for owner in owners)


@pytest.mark.parametrize("project", ["python-s3", "awsutils"])
def test_what_other_tables_name_is_there(project: str) -> None:
    text = README.read_text().partition(f"## From {project}")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) > 10
    names = [
        name
        for _, ours, *_ in rows[2:]
        for name in re.findall(r"`(?:Bucket|FileSystem\(\))?\.?([a-z_]{4,})[`(]", ours)
    ]
    assert len(names) > 15
    for name in names:
        assert is_there(name) or hasattr(s3open.Config(), name), name


def put(name: str, text: str = "text") -> None:
    s3open.write_text(name, text)


def test_nothing_is_replaced_without_force_in_any_direction(server: S3Server) -> None:
    names = "one", "two", f"s3://{BUCKET}/one", f"s3://{BUCKET}/two"
    for name in names:
        put(name, name)
    for source, target in permutations(names, 2):
        with pytest.raises(FileExistsError):
            s3open.cp(source, target, force=False)
        assert s3open.cp(source, target, skip=True).skipped == 1
        assert s3open.read_text(target) == target


def test_a_policy_an_encoding_and_a_type_are_given(server: S3Server) -> None:
    put("page", "<!DOCTYPE html>")
    name = f"s3://{BUCKET}/page"
    with server.counting() as tally:
        s3open.cp(
            "page",
            name,
            acl="public-read",
            content_encoding="x",
            content_type="text/html",
        )
    [record] = tally.records
    assert record.headers["x-amz-acl"] == "public-read"
    found = s3open.stat(name)
    assert found.content_type == "text/html"
    assert found.settings["ContentEncoding"] == "x"
    with pytest.raises(ValueError, match="acl is for targets on S3"):
        s3open.cp(name, "page", acl="public-read")


def test_a_folder_is_uploaded_compared_and_mirrored(server: S3Server) -> None:
    for name in ("foo/same", "foo/deep/changed", "foo/new"):
        put(name)
    there = f"s3://{BUCKET}/foo"
    for name in ("same", "deep/changed", "old", "kept/old"):
        put(f"{there}/{name}", "text" if name == "same" else "other")
    server.put(BUCKET, "foo/", b"")
    put(f"s3://{BUCKET}/foobar")
    s3open.sync("foo", there, delete=True, protect=["kept"])
    assert [name[len(there) :] for name in s3open.find(there)] == [
        "/deep/changed",
        "/kept/old",
        "/new",
        "/same",
    ]
    assert s3open.read_text(f"{there}/deep/changed") == "text"
    assert s3open.exists(f"s3://{BUCKET}/foobar")
    s3open.cp(there, "back", recursive=True)
    assert sorted(os.listdir("back")) == ["deep", "kept", "new", "same"]


def test_what_was_deleted_is_restored(server: S3Server) -> None:
    name = f"s3://{BUCKET}/key"
    put(name)
    s3open.rm(name)
    assert not s3open.exists(name)
    with pytest.raises(FileNotFoundError):
        s3open.rm(name)
    s3open.restore(name)
    s3open.restore(name)
    assert s3open.read_text(name) == "text"


def test_strings_and_digests(server: S3Server) -> None:
    name = f"s3://{BUCKET}/a//b"
    put(name, "first")
    with pytest.raises(FileExistsError):
        s3open.write_text(name, "second", overwrite=False)
    put("local", "first")
    assert s3open.md5("local") == s3open.md5(name) == s3open.etag(name)
    assert s3open.etag_matches("local", s3open.etag(name))
    assert s3open.size(name) == 5
    assert s3open.glob(f"s3://{BUCKET}/a/**/[!c]") == [name]
    assert list(s3open.ls(f"s3://{BUCKET}/a", recursive=True)) == [name]


def test_an_object_is_written_anew_over_itself(server: S3Server) -> None:
    name = f"s3://{BUCKET}/key"
    put(name)
    s3open.cp(name, name, sse="AES256")
    assert s3open.stat(name).settings["ServerSideEncryption"] == "AES256"
    assert s3open.read_text(name) == "text"
