"""The verbs of `S3Path`, on a store: as pathlib's, as far as S3 goes."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s3open.path import S3Path

if TYPE_CHECKING:
    from tests.stores import S3Store


@pytest.fixture
def root(s3: S3Store) -> S3Path:
    return S3Path(s3.name(""))


def plant(root: S3Path, *keys: str) -> None:
    for key in keys:
        (root / key).write_bytes(key.encode())


def keys(paths: object) -> list[str]:
    return [path.key for path in paths]  # type: ignore[attr-defined]  # an iterable


def test_contents_are_written_and_read(root: S3Path) -> None:
    path = root / "a//b.txt"
    assert path.write_text("é\n") == 2
    assert path.read_text() == "é\n"
    assert path.read_bytes() == "é\n".encode()
    assert path.write_bytes(b"xyz", content_type="text/x-own") == 3
    with path.open("rb") as file:
        assert file.read() == b"xyz"
    with path.open("a") as file:
        file.write("!")
    assert path.stat().size == 4
    assert path.stat().content_type == "text/x-own"


def test_what_is_there_is_told(root: S3Path) -> None:
    plant(root, "a/x")
    assert (root / "a" / "x").is_file()
    assert (root / "a" / "x").exists()
    assert (root / "a").is_dir()
    assert (root / "a").exists()
    assert not (root / "a").is_file()
    assert not (root / "a" / "x").is_dir()
    assert not (root / "b").exists()
    with pytest.raises(FileNotFoundError):
        (root / "b").stat()


def test_directories_are_listed(root: S3Path) -> None:
    plant(root, "a/x", "a/y", "a/b/z", "ab", "a//n")
    assert keys((root / "a").iterdir()) == ["a//", "a/b", "a/x", "a/y"]
    assert keys((root / "a/").iterdir()) == ["a//", "a/b", "a/x", "a/y"]
    assert list((root / "a//").iterdir()) == [root / "a//n"]
    assert keys(root.glob("a*")) == ["a", "ab"]
    assert keys(root.rglob("[xz]")) == ["a/b/z", "a/x"]
    for pattern in ("", "/a", "s3://b/a"):
        with pytest.raises(ValueError, match="Unacceptable pattern"):
            root.glob(pattern)


def test_names_that_look_like_patterns_are_names(root: S3Path) -> None:
    plant(root, "[ab]*/x", "a1/x")
    assert keys((root / "[ab]*").glob("*")) == ["[ab]*/x"]
    (root / "[ab]*" / "x").unlink()
    assert (root / "a1/x").exists()
    plant(root, "*", "b")
    (root / "*").rename(root / "c*")
    assert keys(root.iterdir()) == ["a1", "b", "c*"]


def test_trees_are_walked_both_ways(root: S3Path) -> None:
    plant(root, "a/x", "a/b/y", "z")
    down = [
        (root, ["a"], ["z"]),
        (root / "a", ["b"], ["x"]),
        (root / "a" / "b", [], ["y"]),
    ]
    assert list(root.walk()) == down
    assert list(root.walk(top_down=False)) == down[::-1]


def test_files_are_touched_and_removed(root: S3Path) -> None:
    path = root / "x"
    path.touch()
    path.write_bytes(b"1")
    path.touch()
    assert path.read_bytes() == b"1"
    with pytest.raises(FileExistsError):
        path.touch(exist_ok=False)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        path.unlink()
    path.unlink(missing_ok=True)


def test_mkdir_makes_nothing(root: S3Path) -> None:
    path = root / "a"
    path.mkdir()
    path.mkdir(parents=True, exist_ok=True)
    assert not path.exists()
    plant(path, "x")
    path.mkdir(exist_ok=True)
    with pytest.raises(FileExistsError):
        path.mkdir()
    with pytest.raises(FileExistsError):
        (path / "x").mkdir()


def test_rmdir_removes_empty_directories_only(root: S3Path) -> None:
    path = root / "a"
    path.rmdir()
    plant(path, "x")
    with pytest.raises(OSError, match="not empty") as caught:
        path.rmdir()
    assert caught.value.errno == errno.ENOTEMPTY
    with pytest.raises(NotADirectoryError):
        (path / "x").rmdir()
    with pytest.raises(ValueError, match="no bucket"):
        root.rmdir()


def test_rmdir_removes_the_marker(root: S3Path, s3: S3Store) -> None:
    s3.put("a/", b"")
    (root / "a").rmdir()
    assert s3.keys() == []
    s3.put("a/", b"")
    s3.put("a/x", b"")
    with pytest.raises(OSError, match="not empty"):
        (root / "a").rmdir()
    assert s3.keys() == ["a/", "a/x"]


def test_files_and_directories_are_renamed(root: S3Path) -> None:
    plant(root, "x", "a/1", "a/b/2")
    assert (root / "x").rename(root / "y") == root / "y"
    assert (root / "y").replace(str(root / "d/")) == root / "d/y"
    assert (root / "a").rename(root / "c") == root / "c"
    assert keys(root.rglob("*")) == ["c", "c/1", "c/b", "c/b/2", "d", "d/y"]
    with pytest.raises(FileNotFoundError):
        (root / "none").rename(root / "y")
    with pytest.raises(ValueError, match="use move"):
        (root / "c").rename("relative")


def test_copies_go_to_this_machine_and_stay_on_s3(root: S3Path, tmp_path: Path) -> None:
    plant(root, "x", "a/1", "a/b/2")
    assert (root / "x").copy(root / "y") == root / "y"
    assert (root / "x").copy(tmp_path / "x") == tmp_path / "x"
    assert (root / "x").copy(tmp_path) == tmp_path / "x"
    assert (root / "a").copy(tmp_path / "new") == tmp_path / "new"
    assert (tmp_path / "new" / "b" / "2").read_bytes() == b"a/b/2"
    assert (root / "a").copy_into(root / "in") == root / "in/a"
    assert (root / "in/a/b/2").read_bytes() == b"a/b/2"
    assert (root / "x").move_into(tmp_path / "new") == tmp_path / "new" / "x"
    assert not (root / "x").exists()
    assert (root / "a").move(tmp_path / "moved") == tmp_path / "moved"
    assert not (root / "a").exists()
    with pytest.raises(ValueError, match="has an empty name"):
        root.copy_into(tmp_path)
