"""Keys on their way to files: none gets out of the folder, none under another name."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3open.trees import targets

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


def inside(root: Path, relative: str) -> str:
    return os.path.relpath(targets.inside(os.fspath(root), relative), root)


@pytest.mark.parametrize(
    "key",
    [
        "a",
        "a/b/c.txt",
        ".hidden",
        "...",
        "a..b",
        "..a/b..",
        "~",
        "~root/x",
        " ",
        "new\nline",
        "*?[a]",
        "C:/x",
        "C:\\x",
        "a\\..\\b",
        "-rf",
        "é/日本",
        "k" * 255,
        "ü" * 127,
        "s3:",
    ],
)
def test_a_key_is_the_path_below_the_folder(root: Path, key: str) -> None:
    assert inside(root, key) == key
    path = targets.make_parents(os.fspath(root), key)
    with open(path, "x"):
        pass
    assert inside(root, key) == key


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "//x",
        "a//b",
        "a/",
        "a//",
        ".",
        "./x",
        "a/.",
        "a/./b",
        "..",
        "../x",
        "a/..",
        "a/../../x",
        "a/../b",
        "nul\0",
        "a/\0/b",
        "k" * 256,
        "ü" * 128,
        "a/" + "k" * 256 + "/b",
    ],
)
def test_a_key_that_is_no_name_of_a_file_is_refused_by_name(
    root: Path, key: str
) -> None:
    for function in (targets.inside, targets.make_parents):
        with pytest.raises(ValueError, match="no file can have the name") as caught:
            function(os.fspath(root), key)
        assert repr(key) in str(caught.value)
    assert list(root.iterdir()) == []


@pytest.mark.parametrize(
    "key",
    [
        "C:/x",
        "C:x",
        "C:\\x",
        "a\\..\\..\\x",
        "\\\\host\\share",
        "file:stream",
        "a./b",
        "a ",
        "con",
        "Aux.txt",
        "a/COM1",
        "lpt9.a.b",
        "what?",
        "new\nline",
    ],
)
def test_on_windows_its_own_names_are_refused_too(key: str) -> None:
    assert targets._parts(key, windows=False) == key.split("/")
    with pytest.raises(ValueError, match="Windows takes no"):
        targets._parts(key, windows=True)


@pytest.mark.parametrize("key", ["a/b.txt", "console", "com10", ".a", "a b"])
def test_on_windows_other_names_are_taken(key: str) -> None:
    assert targets._parts(key, windows=True) == key.split("/")


@settings(derandomize=True, database=None, max_examples=500)
@given(st.text(st.sampled_from("/.a\\~\n :"), max_size=10))
def test_what_is_taken_lies_below_and_tells_its_key(key: str) -> None:
    try:
        path = targets.inside("/nowhere/root", key)
    except ValueError:
        assert set(key.split("/")) & {"", ".", ".."}
        return
    assert path == os.path.normpath(path) == f"/nowhere/root/{key}"


def test_the_folder_may_be_spelled_in_any_way(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    assert targets.inside(f"{root}/", "a/b") == f"{root}/a/b"
    assert targets.inside(".", "a/b") == "./a/b"
    assert targets.make_parents("", "a/b") == "a/b"
    assert targets.make_parents("", "c") == "c"
    assert (root / "a").is_dir()


def test_parents_are_made_and_the_folder_too(tmp_path: Path) -> None:
    path = targets.make_parents(os.fspath(tmp_path / "new" / "root"), "a/b/c")
    assert path == os.fspath(tmp_path / "new" / "root" / "a" / "b" / "c")
    assert os.listdir(os.path.dirname(path)) == []
    assert targets.make_parents(os.fspath(tmp_path / "new" / "root"), "a/b/c") == path


@pytest.mark.parametrize("key", ["link/x", "link/a/x", "a/link/x", "link", "a/link"])
@pytest.mark.parametrize("existing", [True, False])
def test_a_link_that_leads_out_is_not_followed(
    root: Path, outside: Path, key: str, existing: bool
) -> None:
    (root / "a").mkdir()
    if existing:
        (outside / "a").mkdir()
    target = outside if existing else outside / "new"
    for name in ("link", "a/link"):
        (root / name).symlink_to(target)
    for function in (targets.inside, targets.make_parents):
        with pytest.raises(ValueError, match="leads out of") as caught:
            function(os.fspath(root), key)
        assert repr(key) in str(caught.value)
    assert [path.name for path in outside.iterdir()] == ["a"] * existing


@pytest.mark.parametrize("target", ["..", "../root-too", "/", "../outside/file"])
def test_a_link_that_leads_beside_or_above_is_not_followed(
    root: Path, outside: Path, target: str
) -> None:
    (root.parent / "root-too").mkdir()
    (outside / "file").touch()
    (root / "link").symlink_to(target)
    with pytest.raises(ValueError, match="leads out of"):
        inside(root, "link")


def test_a_link_within_the_folder_is_followed(root: Path) -> None:
    (root / "a").mkdir()
    (root / "link").symlink_to("a")
    (root / "file").symlink_to(root / "a" / "x")
    assert inside(root, "link/x") == "link/x"
    assert inside(root, "file") == "file"
    targets.make_parents(os.fspath(root), "link/b/x")
    assert (root / "a" / "b").is_dir()


def test_a_folder_that_is_a_link_itself_is_what_was_meant(
    root: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(root)
    (root / "a").mkdir()
    (root / "within").symlink_to("a")
    assert inside(link, "a/x") == "a/x"
    assert inside(link, "within/x") == "within/x"


def test_a_link_in_a_circle_leads_nowhere(root: Path) -> None:
    (root / "link").symlink_to("link")
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        inside(root, "link/x")


def test_a_link_that_is_put_there_later_is_found(root: Path, outside: Path) -> None:
    for _ in range(2):
        targets.make_parents(os.fspath(root), "a/b/x")
    (root / "a" / "b").rmdir()
    (root / "a" / "b").symlink_to(outside)
    with pytest.raises(ValueError, match="leads out of"):
        inside(root, "a/b/x")
    (root / "a" / "b").unlink()
    (root / "a").rmdir()
    (outside / "b").mkdir()
    (root / "a").symlink_to(outside)
    with pytest.raises(ValueError, match="leads out of"):
        inside(root, "a/b/x")


def test_a_folder_that_is_gone_is_made_again(root: Path) -> None:
    targets.make_parents(os.fspath(root), "a/x")
    targets.make_parents(os.fspath(root), "a/x")
    (root / "a").rmdir()
    targets.make_parents(os.fspath(root), "a/x")
    assert (root / "a").is_dir()


def test_a_file_where_a_folder_is_needed_is_told(root: Path) -> None:
    (root / "a").touch()
    for key in ("a/b", "a/b/c"):
        for function in (targets.inside, targets.make_parents):
            with pytest.raises(NotADirectoryError) as caught:
                function(os.fspath(root), key)
            assert caught.value.filename == os.fspath(root / "a")
            assert f"where {key!r} needs a folder" in str(caught.value)


def test_a_folder_where_a_file_would_be_is_told(root: Path) -> None:
    (root / "a").mkdir()
    (root / "link").symlink_to("a")
    for key in ("a", "link"):
        with pytest.raises(IsADirectoryError) as caught:
            inside(root, key)
        assert caught.value.filename == os.fspath(root / key)
        assert f"where {key!r} would be" in str(caught.value)


def test_a_file_that_is_put_in_the_way_meanwhile_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.makedirs

    def late(path: str, *, exist_ok: bool) -> None:
        (root / "a").touch()
        real(path, exist_ok=exist_ok)

    monkeypatch.setattr(os, "makedirs", late)
    for key in ("a/x", "a/b/x"):
        with pytest.raises(NotADirectoryError, match="needs a folder"):
            targets.make_parents(os.fspath(root), key)
        (root / "a").unlink()


def test_what_is_in_the_way_and_gone_again_is_told_by_the_system(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(path: str, *, exist_ok: bool) -> None:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)

    monkeypatch.setattr(os, "makedirs", refusing)
    with pytest.raises(FileExistsError):
        targets.make_parents(os.fspath(root), "a/x")


def test_a_link_that_is_put_there_while_folders_are_made_is_found(
    root: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.makedirs

    def late(path: str, *, exist_ok: bool) -> None:
        (root / "a").symlink_to(outside)
        real(path, exist_ok=exist_ok)

    monkeypatch.setattr(os, "makedirs", late)
    with pytest.raises(ValueError, match="leads out of"):
        targets.make_parents(os.fspath(root), "a/b/x")


def test_what_is_only_to_be_removed_may_be_a_link_or_a_folder(
    root: Path, outside: Path
) -> None:
    (root / "link").symlink_to(outside)
    (root / "a").mkdir()
    for key in ("link", "a"):
        path = targets.inside(os.fspath(root), key, follow=False)
        assert path == os.fspath(root / key)
    with pytest.raises(ValueError, match="leads out of"):
        targets.inside(os.fspath(root), "link/x", follow=False)
