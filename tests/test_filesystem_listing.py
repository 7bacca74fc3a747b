"""Directories, pages and trees, listed alike on S3 and on this machine."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

import pytest

import s3open
from tests.stores import LocalStore
from tests.trees import below, plant, top

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server
    from tests.stores import S3Store, Store

TREE = ["b/x", "b/y/z", "a.txt", "b.txt", "b-c/d", "é/ü", "[x]*?.csv"]
IN_ORDER = ["[x]*?.csv", "a.txt", "b-c/d", "b.txt", "b/x", "b/y/z", "é/ü"]
# What a local file system cannot keep.
ODD = [
    "a//b",
    "a/../b",
    "a/./b",
    "/leading",
    "trailing//",
    "new\nline",
    "&=//%# ++++",
    "x" * 1024,
    "ö" * 512,
    "\U0001f600",
    "\uffff",
]


def test_one_level_is_listed_in_the_order_of_keys(store: Store) -> None:
    plant(store, *TREE)
    for name in (top(store), top(store) + "/"):
        found = below(store, s3open.ls(name))
        assert found == ["[x]*?.csv", "a.txt", "b-c/", "b.txt", "b/", "é/"]
    assert below(store, s3open.ls(store.name("b"))) == ["b/x", "b/y/"]
    assert below(store, s3open.ls(f"{top(store)}/b/")) == ["b/x", "b/y/"]


def test_all_levels_are_listed_in_the_order_of_keys(store: Store) -> None:
    plant(store, *TREE)
    assert below(store, s3open.ls(top(store), recursive=True)) == IN_ORDER
    assert below(store, s3open.find(top(store))) == IN_ORDER
    assert below(store, s3open.find(store.name("b"))) == ["b/x", "b/y/z"]


def test_what_is_listed_can_be_read(store: Store) -> None:
    plant(store, *TREE)
    for name in s3open.find(top(store)):
        assert s3open.read_bytes(name) == b"12345"


def test_a_file_is_listed_as_itself(store: Store) -> None:
    plant(store, *TREE)
    for key in ("a.txt", "[x]*?.csv"):
        name = store.name(key)
        assert list(s3open.ls(name)) == [name]
        assert list(s3open.find(name)) == [name]
        (found,) = s3open.ls(name, full=True)
        assert found.size == 5


def test_what_is_not_there_is_an_error(store: Store) -> None:
    plant(store, "foobar/file")
    name = store.name("foo")
    for ask in (s3open.ls, s3open.find):
        with pytest.raises(FileNotFoundError) as caught:
            list(ask(name))
        assert caught.value.filename == name
    with pytest.raises(FileNotFoundError):
        s3open.du(name)
    assert s3open.glob(name + "/*") == []
    assert list(s3open.walk(name)) == []


def test_listing_asks_for_nothing_before_it_is_used(store: Store) -> None:
    for ask in (s3open.ls, s3open.find, s3open.walk, s3open.iglob):
        ask(store.name("nothing"))
    with pytest.raises(TypeError, match="int"):
        s3open.ls(5)  # type: ignore[call-overload]  # which is what is tested
    with pytest.raises(ValueError, match="bad bucket name"):
        s3open.ls("s3://?/x")


def test_a_bucket_that_is_not_there_is_an_error(s3: S3Store) -> None:
    for ask in (s3open.ls, s3open.find, s3open.walk, s3open.glob, s3open.versions):
        with pytest.raises(FileNotFoundError, match="bucket") as caught:
            list(ask("s3://no-such-bucket-1/*"))
        assert caught.value.filename == "s3://no-such-bucket-1/*"


def test_a_listing_goes_on_behind_a_name(store: Store) -> None:
    plant(store, *TREE)
    for recursive in (False, True):
        names = list(s3open.ls(top(store), recursive=recursive))
        for index, name in enumerate(names):
            rest = s3open.ls(top(store), recursive=recursive, start_after=name)
            assert list(rest) == names[index + 1 :]


def test_all_that_a_listing_tells_is_given(store: Store) -> None:
    plant(store, "dir/file", "key")
    folder, file = s3open.ls(top(store), full=True)
    assert folder.is_dir
    assert (folder.uri, folder.size) == (f"{top(store)}/dir/", None)
    assert not file.is_dir
    assert (file.uri, file.size) == (store.name("key"), 5)
    assert file.last_modified is not None
    assert file.last_modified.utcoffset() == timedelta(0)
    assert file.latest
    assert not file.deleted


def test_any_key_is_listed_and_found(s3: S3Store) -> None:
    kept = []
    for key in ODD:
        if s3.kind == "ceph" and key == "\uffff":
            # It quotes what it was asked for by what is no XML, for boto3, too.
            continue
        try:
            s3.put(key, b"12345")
        except Exception:  # boto3's, of what the store does not take
            continue
        kept.append(key)
    there = s3.keys()
    kept = [key for key in kept if key in there]
    assert len(kept) > 5
    files = sorted((key for key in kept if key[-1] != "/"), key=str.encode)
    assert below(s3, s3open.find(top(s3))) == files
    everything = sorted(kept, key=str.encode)
    assert below(s3, s3open.ls(top(s3), recursive=True)) == everything
    assert below(s3, s3open.glob(top(s3) + "/**"))
    walked = [
        s3open.join(folder, name)
        for folder, _, names in s3open.walk(top(s3))
        for name in names
    ]
    assert sorted(below(s3, walked), key=str.encode) == files
    for key in files:
        name = s3.name(key)
        assert list(s3open.ls(name)) == [name]
        assert s3open.isfile(name)
        assert s3open.size(name) == 5
        assert s3open.glob(s3open.escape(name)) == [name]


def test_a_marker_is_told_as_the_directory_that_it_is(s3: S3Store) -> None:
    s3.put("marked/", b"")
    plant(s3, "marked/file", "other/file")
    s3.put("marked/inner/", b"")
    assert below(s3, s3open.ls(top(s3))) == ["marked/", "other/"]
    assert below(s3, s3open.ls(s3.name("marked"))) == ["marked/file", "marked/inner/"]
    assert list(s3open.ls(s3.name("marked/inner"))) == []
    assert below(s3, s3open.find(top(s3))) == ["marked/file", "other/file"]
    assert s3open.du(top(s3)).files == 2
    assert below(s3, s3open.glob(s3.name("marked/*"))) == [
        "marked/file",
        "marked/inner/",
    ]
    assert below(s3, s3open.glob(s3.name("**"))) == [
        "marked/",
        "marked/file",
        "marked/inner/",
        "other/",
        "other/file",
    ]
    assert list(s3open.walk(s3.name("marked"))) == [
        (s3.name("marked"), ["inner"], ["file"]),
        (s3.name("marked/inner"), [], []),
    ]


def test_names_are_found_by_their_last_part(store: Store) -> None:
    plant(store, "x.csv", "a/y.csv", "a/b.csv/z", "a/X.CSV")
    assert below(store, s3open.find(top(store), "*.csv")) == ["a/y.csv", "x.csv"]
    (found,) = s3open.find(store.name("a"), "[!x].csv", full=True)
    assert found.uri == store.name("a/y.csv")


def test_pages_are_as_they_come(store: Store) -> None:
    plant(store, "a", "b/c", "b/d", "bc", "d", "e/f")
    prefix = f"{top(store)}/b"
    page = s3open.list_page(prefix)
    assert below(store, (entry.uri for entry in page.entries)) == ["b/c", "b/d", "bc"]
    assert page.common_prefixes == []
    assert not page.is_truncated
    page = s3open.list_page(prefix, delimiter="/")
    assert below(store, (entry.uri for entry in page.entries)) == ["bc"]
    assert below(store, page.common_prefixes) == ["b/"]


@pytest.mark.parametrize("delimiter", ["", "/"])
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_pages_follow_each_other(store: Store, delimiter: str, size: int) -> None:
    plant(store, "a", "b/c", "b/d", "bc", "d", "e/f")
    found: list[str] = []
    token = None
    while True:
        page = s3open.list_page(
            top(store) + "/", delimiter=delimiter, token=token, max_keys=size
        )
        told = [*(entry.uri for entry in page.entries), *page.common_prefixes]
        assert len(told) <= size
        found += told
        token = page.next_token
        assert page.is_truncated == (token is not None)
        if token is None:
            break
    listed = s3open.ls(top(store), recursive=not delimiter)
    assert sorted(found) == sorted(listed)


def test_a_page_begins_behind_a_key(store: Store) -> None:
    plant(store, "a", "b", "c")
    behind = store.name("a") if isinstance(store, LocalStore) else "a"
    page = s3open.list_page(top(store) + "/", start_after=behind)
    assert below(store, (entry.uri for entry in page.entries)) == ["b", "c"]


def test_a_page_tells_the_owner_if_asked(s3: S3Store) -> None:
    plant(s3, "a", "b")
    assert s3open.list_page(top(s3)).owner is None
    asked = s3open.list_page(top(s3), owner=True)
    assert asked.owner
    assert asked.entries[0].owner == asked.owner


def test_a_page_of_this_machine_knows_one_delimiter(twin: LocalStore) -> None:
    with pytest.raises(ValueError, match="delimiter"):
        s3open.list_page(top(twin), delimiter="-")


def test_walking_is_as_os_walk_does_it(store: Store, twin: LocalStore) -> None:
    plant(store, *TREE)
    plant(twin, *TREE)
    expected = [
        (os.path.relpath(folder, twin.folder), sorted(folders), sorted(files))
        for folder, folders, files in os.walk(twin.folder)
    ]
    levels = list(s3open.walk(top(store)))
    assert levels[0] == (top(store), ["b-c", "b", "é"], [*IN_ORDER[:2], "b.txt"])
    found = [
        (os.path.relpath(folder, top(store)), sorted(folders), files)
        for folder, folders, files in levels
    ]
    assert sorted(found) == sorted(expected)


def test_walking_leaves_out_what_is_taken_from_the_list(store: Store) -> None:
    plant(store, "a/b/c", "d/e", "f")
    seen = []
    for folder, folders, files in s3open.walk(top(store)):
        seen += [s3open.join(folder, name) for name in files]
        if "a" in folders:
            folders.remove("a")
    assert sorted(below(store, seen)) == ["d/e", "f"]


def test_walking_knows_no_depth(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("box")
    key = "/" * 1023 + "x"
    s3open_server.put("box", key, b"x")
    levels = list(s3open.walk("s3://box"))
    assert len(levels) == 1024
    assert s3open.join(levels[-1][0], "x") == f"s3://box/{key}"


def test_usage_is_of_all_files_below(store: Store) -> None:
    plant(store, "a/b/x", "a/b/y", "a/z", "c/x", "d")
    plant(store, "ab/x", content=b"1")
    whole = s3open.du(top(store))
    assert (whole.files, whole.size, whole.directories) == (6, 26, [])
    assert s3open.du(store.name("a")).files == 3
    assert s3open.du(store.name("a")).size == 15
    file = s3open.du(store.name("d"))
    assert (file.uri, file.files, file.size) == (store.name("d"), 1, 5)
    deep = s3open.du(top(store), max_depth=1)
    assert [(each.uri, each.files, each.size) for each in deep.directories] == [
        (f"{top(store)}/{name}/", files, size)
        for name, files, size in (("a", 3, 15), ("ab", 1, 1), ("c", 1, 5))
    ]
    assert (deep.files, deep.size) == (6, 26)
    deepest = s3open.du(top(store), max_depth=9)
    assert deepest.directories[0].directories[0].uri == f"{top(store)}/a/b/"
    assert deepest.directories[0].directories[0].files == 2


def test_an_empty_place_has_nothing_in_it(s3: S3Store, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in (top(s3), os.fspath(tmp_path / "empty")):
        assert list(s3open.ls(name)) == []
        assert list(s3open.find(name)) == []
        assert s3open.du(name).files == 0
        assert list(s3open.walk(name)) == [(name, [], [])]


def test_names_of_this_machine_may_be_relative_or_uris(
    twin: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(twin, "a/b", "c")
    monkeypatch.chdir(twin.folder)
    assert list(s3open.ls(".")) == ["./a/", "./c"]
    assert list(s3open.ls("a")) == ["a/b"]
    assert list(s3open.ls(f"file://{twin.folder}")) == [
        f"{twin.folder}/a/",
        f"{twin.folder}/c",
    ]
    assert list(s3open.ls(os.fsencode(twin.folder))) == list(s3open.ls(twin.folder))
    assert s3open.glob("*") == ["a/", "c"]
    assert s3open.glob("./*/*") == ["./a/b"]


def test_long_listings_are_streamed(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("box")
    for number in range(2500):
        s3open_server.put("box", f"{number:05}", b"")
    with s3open_server.counting() as seen:
        first = list(islice(s3open.ls("s3://box"), 10))
    assert first[-1] == "s3://box/00009"
    # The page behind it may be under way.
    assert seen.total <= 2
    names = list(s3open.ls("s3://box"))
    assert names == [f"s3://box/{number:05}" for number in range(2500)]


def test_a_random_tree_is_the_same_everywhere(s3: S3Store, twin: LocalStore) -> None:
    chosen = random.Random(6)
    names = ["a", "b", "a-b", "a.b", "ab", "é", "-"]
    keys = {"/".join(chosen.choices(names, k=chosen.randint(1, 4))) for _ in range(60)}
    # A file cannot be a directory, too, on this machine.
    keys = {
        key for key in keys if not any(other.startswith(key + "/") for other in keys)
    }
    plant(s3, *keys)
    plant(twin, *keys)
    for recursive in (False, True):
        here, there = (
            below(store, s3open.ls(top(store), recursive=recursive))
            for store in (twin, s3)
        )
        assert here == there
    for pattern in ("*", "a*", "*/", "**", "a/**", "**/a", "*/*", "**/", "[!a]*/**/b"):
        here, there = (
            below(store, s3open.iglob(f"{top(store)}/{pattern}"))
            for store in (twin, s3)
        )
        assert here == there, pattern
        assert len(set(here)) == len(here)
