"""Files of this machine, listed in the order of keys and told as a store's are."""

from __future__ import annotations

import errno
import os
import random
import socket
import stat
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from s3open.stores import folders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES = [b"a", b"b", b"a.b", b"a-", b"a0", b"A", b" ", b"\xc3\xa9", b"\n", b".h"]
# Not UTF-8; U+FFFD and U+10000, which UTF-16 would sort the other way round.
NAMES += [
    b"\xff",
    b"\x80x",
    b"\xef\xbf\xbd",
    b"\xf0\x90\x80\x80",
    b"a\\b",
    b"~",
    b"...",
]


def names(path: Path, **options: Any) -> list[str]:
    return [entry.name for entry in folders.entries(os.fspath(path), **options)]


def told(path: Path, **options: bool) -> tuple[list[str], list[tuple[int, str]]]:
    """Return what is listed, and what is told: errno and path below *path*."""
    errors: list[tuple[int, str]] = []

    def tell(error: OSError) -> None:
        assert error.errno
        errors.append((error.errno, os.path.relpath(error.filename, path)))

    found = folders.entries(os.fspath(path), on_error=tell, **options)
    return [entry.name for entry in found], errors


def planted(root: bytes, chance: random.Random, depth: int = 0) -> list[bytes]:
    """Make a random tree; return its files' names below *root*."""
    made = []
    for name in chance.sample(NAMES, chance.randrange(len(NAMES))):
        path = os.path.join(root, name)
        if depth < 3 and chance.random() < 0.4:
            os.mkdir(path)
            made += [name + b"/" + file for file in planted(path, chance, depth + 1)]
        else:
            with open(path, "wb") as file:
                file.write(b"x" * chance.randrange(3))
            made.append(name)
    return made


@pytest.mark.parametrize("seed", range(25))
def test_a_tree_is_listed_in_the_order_of_its_keys(tmp_path: Path, seed: int) -> None:
    made = planted(os.fsencode(tmp_path), random.Random(seed))
    expected = [os.fsdecode(name) for name in sorted(made)]
    found = list(folders.entries(os.fspath(tmp_path)))
    assert [entry.name for entry in found] == expected
    for entry in found:
        status = (tmp_path / entry.name).stat()
        assert entry.size == status.st_size
        assert entry.last_modified is not None
        assert entry.last_modified.tzinfo is timezone.utc
        assert entry.last_modified.timestamp() == pytest.approx(status.st_mtime)


@pytest.mark.parametrize("seed", range(5))
def test_one_level_has_its_folders_in_place(tmp_path: Path, seed: int) -> None:
    made = planted(os.fsencode(tmp_path), random.Random(seed))
    found = names(tmp_path, recursive=False)
    inside = {
        os.fsdecode(name).partition("/")[0] + "/" for name in made if b"/" in name
    }
    # Empty folders are told, too, which no key shows.
    assert {name for name in found if name.endswith("/")} >= inside
    assert [name for name in found if not name.endswith("/")] == [
        os.fsdecode(name) for name in sorted(made) if b"/" not in name
    ]
    assert found == sorted(found, key=os.fsencode)


def test_a_folder_sorts_as_its_name_with_a_slash(tmp_path: Path) -> None:
    for name in ("a.b", "a", "a0", "a-"):
        (tmp_path / name).mkdir() if name == "a" else (tmp_path / name).touch()
    (tmp_path / "a" / "z").touch()
    assert names(tmp_path) == ["a-", "a.b", "a/z", "a0"]
    assert names(tmp_path, recursive=False) == ["a-", "a.b", "a/", "a0"]
    entry = list(folders.entries(os.fspath(tmp_path), recursive=False))[2]
    assert entry.size is None
    assert entry.last_modified is None


def test_a_slash_at_the_end_of_the_folder_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    found = folders.entries(f"{os.fspath(tmp_path)}/")
    assert [entry.name for entry in found] == ["a"]


def test_the_current_folder_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").touch()
    assert [entry.name for entry in folders.entries(".")] == ["a"]


@pytest.mark.parametrize("recursive", [True, False])
def test_what_is_no_folder_raises(tmp_path: Path, recursive: bool) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileNotFoundError) as caught:
        told(tmp_path / "none", recursive=recursive)
    assert caught.value.filename == os.fspath(tmp_path / "none")
    with pytest.raises(NotADirectoryError) as caught_too:
        told(tmp_path / "file", recursive=recursive)
    assert caught_too.value.filename == os.fspath(tmp_path / "file")


def test_only_one_folder_at_a_time_is_read(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").touch()
    found = folders.entries(os.fspath(tmp_path))
    assert next(found).name == "a/x"
    (tmp_path / "b" / "new").touch()
    assert [entry.name for entry in found] == ["b/new", "b/x"]


def test_links_are_what_they_lead_to(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_bytes(b"123")
    root = tmp_path / "root"
    root.mkdir()
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "x")
    found = list(folders.entries(os.fspath(root)))
    assert [(entry.name, entry.size) for entry in found] == [
        ("file", 3),
        ("folder/x", 3),
    ]
    assert names(root, recursive=False) == ["file", "folder/"]


def test_links_may_be_left_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "x").touch()
    (root / "folder").symlink_to(tmp_path)
    (root / "file").symlink_to(root / "x")
    (root / "none").symlink_to(root / "nothing")
    assert told(root, follow_links=False) == (["x"], [])
    # That a link is named is another matter.
    (tmp_path / "link").symlink_to(root)
    assert names(tmp_path / "link", follow_links=False) == ["x"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "x").touch()
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "b" / "top").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert told(tmp_path) == (
        ["a/x"],
        [
            (errno.ELOOP, "self"),
            (errno.ELOOP, "a/b/top"),
            (errno.ELOOP, "a/b/up"),
        ],
    )
    assert names(tmp_path) == ["a/x"]


def test_a_folder_that_is_linked_twice_comes_twice(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").touch()
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert names(tmp_path) == ["a/x", "b/x"]


def test_what_is_no_file_is_told_and_left_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "nowhere").symlink_to(tmp_path / "nothing")
    (tmp_path / "device").symlink_to(os.devnull)
    (tmp_path / "x").touch()
    with socket.socket(socket.AF_UNIX) as bound:
        # Names of sockets are short.
        here = os.open(tmp_path, os.O_RDONLY)
        bound.bind(f"/proc/self/fd/{here}/socket")
        os.close(here)
        expected = [
            (errno.EINVAL, "device"),
            (errno.ENOENT, "nowhere"),
            (errno.EINVAL, "pipe"),
            (errno.EINVAL, "socket"),
        ]
        assert told(tmp_path) == (["x"], expected)
        assert told(tmp_path, recursive=False) == (["x"], expected)
    assert names(tmp_path) == ["x"]


def test_a_file_that_is_gone_meanwhile_is_told(tmp_path: Path) -> None:
    for name in ("a", "b", "c/x", "d"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    errors: list[OSError] = []
    found = folders.entries(os.fspath(tmp_path), on_error=errors.append)
    assert next(found).name == "a"
    (tmp_path / "b").unlink()
    (tmp_path / "c" / "x").unlink()
    (tmp_path / "c").rmdir()
    assert [entry.name for entry in found] == ["d"]
    assert [error.filename for error in errors] == [
        os.fspath(tmp_path / "b"),
        os.fspath(tmp_path / "c"),
    ]


@pytest.fixture
def forbidden(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, str], None]:
    """Have a function of os fail for a path, as it does for all but root."""

    def forbid(path: Path, function: str) -> None:
        real = getattr(os, function)

        def refusing(name: bytes) -> object:
            if name.rstrip(b"/") == os.fsencode(path):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
            return real(name)

        monkeypatch.setattr(f"s3open.stores.folders.os.{function}", refusing)

    return forbid


@pytest.mark.parametrize("function", ["scandir", "stat"])
def test_what_may_not_be_read_is_told_and_the_rest_goes_on(
    tmp_path: Path, forbidden: Callable[[Path, str], None], function: str
) -> None:
    for name in ("a/x", "b/x", "c/x"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    forbidden(tmp_path / "b", function)
    assert told(tmp_path) == (["a/x", "c/x"], [(errno.EACCES, "b")])
    found = folders.entries(os.fspath(tmp_path))
    assert next(found).name == "a/x"
    with pytest.raises(PermissionError) as caught:
        next(found)
    assert caught.value.filename == os.fspath(tmp_path / "b")


def test_a_file_that_may_not_be_looked_at_is_not_passed_over(
    tmp_path: Path, forbidden: Callable[[Path, str], None]
) -> None:
    (tmp_path / "x").touch()
    forbidden(tmp_path / "x", "stat")
    with pytest.raises(PermissionError):
        names(tmp_path)
    assert told(tmp_path) == ([], [(errno.EACCES, "x")])


def test_a_time_out_of_all_bounds_is_none(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    os.utime(tmp_path / "x", (1 << 40, 1 << 40))
    if (tmp_path / "x").stat().st_mtime < 1 << 40:
        pytest.skip("the file system does not reach as far")
    (entry,) = folders.entries(os.fspath(tmp_path))
    assert entry.last_modified is None


def test_a_deep_tree_needs_no_deep_stack(tmp_path: Path) -> None:
    # Made, and removed, step by step: others have a deep stack for that.
    here = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(1200):
            os.mkdir("d")
            os.chdir("d")
        with open("x", "wb"):
            pass
        assert names(tmp_path) == ["d/" * 1200 + "x"]
        os.unlink("x")
        for _ in range(1200):
            os.chdir("..")
            os.rmdir("d")
    finally:
        os.chdir(here)


def test_status_is_like_that_of_os(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"123")
    os.utime(path, ns=(0, 1_500_000_000_500_000_000))
    found = folders.status(os.fspath(path))
    assert (found.uri, found.size, found.st_size) == (os.fspath(path), 3, 3)
    assert found.st_mtime == 1_500_000_000.5
    assert found.last_modified == datetime(
        2017, 7, 14, 2, 40, 0, 500_000, tzinfo=timezone.utc
    )
    assert stat.S_ISREG(found.st_mode)
    assert not found.is_dir
    assert (found.etag, found.version_id, found.checksum) == (None, None, None)
    assert found.metadata == {}
    assert folders.status(os.fspath(tmp_path)).is_dir
    with pytest.raises(FileNotFoundError):
        folders.status(os.fspath(tmp_path / "none"))


def test_a_tree_is_removed_but_not_what_links_lead_to(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "x").touch()
    root = tmp_path / "root"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "x").touch()
    (root / "link").symlink_to(kept)
    folders.remove_tree(os.fspath(root))
    assert not root.exists()
    assert (kept / "x").exists()


def test_only_a_folder_is_a_tree(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("x", "link", "none"):
        with pytest.raises(OSError, match=r"."):
            folders.remove_tree(os.fspath(tmp_path / name))
    assert (tmp_path / "x").exists()


def test_the_rest_of_a_tree_is_removed_and_each_error_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for name in ("x", "y", "z"):
        (root / name).touch()
    real = os.unlink

    def refusing(name: str, **options: int) -> None:
        if os.path.basename(name) == "y":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
        real(name, **options)

    monkeypatch.setattr(os, "unlink", refusing)
    errors: list[OSError] = []
    folders.remove_tree(os.fspath(root), on_error=errors.append)
    assert [type(error) for error in errors] == [PermissionError]
    assert [path.name for path in root.iterdir()] == ["y"]
    with pytest.raises(PermissionError):
        folders.remove_tree(os.fspath(root))


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (1_600_000_000_123_456_789, "1600000000.123456789"),
        (1_600_000_000_000_000_000, "1600000000"),
        (1_600_000_000_000_000_100, "1600000000.0000001"),
        (0, "0"),
        (-1, "-0.000000001"),
        (-1_500_000_000, "-1.5"),
    ],
)
def test_a_time_is_kept_to_the_nanosecond(
    tmp_path: Path, nanoseconds: int, text: str
) -> None:
    path = tmp_path / "x"
    path.touch()
    os.utime(path, ns=(0, nanoseconds))
    metadata = folders.describe(os.fspath(path))
    assert metadata["mtime"] == text
    assert folders.modified(metadata) == nanoseconds
    os.utime(path, ns=(5, 5))
    folders.restore(os.fspath(path), metadata)
    found = path.stat()
    assert (found.st_atime_ns, found.st_mtime_ns) == (5, nanoseconds)


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o400, 0o777])
def test_a_mode_is_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "x"
    path.touch()
    path.chmod(mode)
    metadata = folders.describe(os.fspath(path))
    assert metadata["mode"] == f"100{mode:o}"
    # As another program has it.
    for text in (metadata["mode"], str(0o100000 | mode)):
        path.chmod(0o666)
        folders.restore(os.fspath(path), {"mode": text})
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_no_download_makes_a_program_run_as_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.touch()
    folders.restore(os.fspath(path), {"mode": "107755"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"mtime": "", "mode": ""},
        {"mtime": "nan", "mode": "rw-r--r--"},
        {"mtime": "inf", "mode": "040755"},
        {"mtime": "1e9", "mode": "644"},
        {"mtime": "2026-01-01T00:00:00Z", "mode": "0o100644"},
        {"mtime": "9" * 5000, "mode": "9" * 5000},
        {"mtime": "٣", "mode": "٣"},
        {"mtime": " 1", "mode": "120777"},
    ],
)
def test_what_others_mean_by_it_is_left_alone(
    tmp_path: Path, metadata: dict[str, str]
) -> None:
    path = tmp_path / "x"
    path.touch()
    before = path.stat()
    folders.restore(os.fspath(path), metadata)
    assert path.stat() == before


def test_where_no_modes_are_kept_the_time_still_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.touch()
    number = errno.EPERM

    def refuse(name: str, mode: int) -> None:
        raise OSError(number, os.strerror(number), name)

    monkeypatch.setattr(os, "chmod", refuse)
    metadata = {"mtime": "1", "mode": "100600"}
    folders.restore(os.fspath(path), metadata)
    assert path.stat().st_mtime == 1
    number = errno.EROFS
    with pytest.raises(OSError, match=os.strerror(number)):
        folders.restore(os.fspath(path), metadata)
