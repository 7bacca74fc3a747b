"""Patterns, on S3 and on this machine alike, and what they cost."""

from __future__ import annotations

import glob
import sys
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open.trees import globbing
from tests.trees import below, plant, top

if TYPE_CHECKING:
    from s3open.testing import S3Server
    from tests.stores import LocalStore, S3Store, Store

TREE = [
    ".hidden",
    "a.csv",
    "b.csv",
    "bb.txt",
    "dir/.hidden/x.csv",
    "dir/deep/er/x.csv",
    "dir/x.csv",
    "dir2/x.csv",
    "dir2/x.csv.gz",
    "dir2/y.csv",
    "e[1].csv",
    "new-line.csv",
]

MATCHES: list[tuple[str, list[str]]] = [
    (
        "*",
        [
            ".hidden",
            "a.csv",
            "b.csv",
            "bb.txt",
            "dir/",
            "dir2/",
            "e[1].csv",
            "new-line.csv",
        ],
    ),
    ("*.csv", ["a.csv", "b.csv", "e[1].csv", "new-line.csv"]),
    ("?.csv", ["a.csv", "b.csv"]),
    ("??.*", ["bb.txt"]),
    ("[ab].csv", ["a.csv", "b.csv"]),
    ("[a-c]*", ["a.csv", "b.csv", "bb.txt"]),
    ("[!a-d]*", [".hidden", "e[1].csv", "new-line.csv"]),
    ("[]]*", []),
    ("[z-a]*", []),
    ("[!z-a]*.txt", ["bb.txt"]),
    ("[a", []),
    ("[\\]*", []),
    ("e[[]1].csv", ["e[1].csv"]),
    ("e[1].csv", []),
    ("a.csv", ["a.csv"]),
    ("dir", ["dir/"]),
    ("dir/", ["dir/"]),
    ("a.csv/", []),
    ("nothing", []),
    ("nothing/*", []),
    ("*/", ["dir/", "dir2/"]),
    ("*/x.csv", ["dir/x.csv", "dir2/x.csv"]),
    ("*/x.csv*", ["dir/x.csv", "dir2/x.csv", "dir2/x.csv.gz"]),
    ("dir/*", ["dir/.hidden/", "dir/deep/", "dir/x.csv"]),
    ("dir*/[xy].csv", ["dir/x.csv", "dir2/x.csv", "dir2/y.csv"]),
    ("*/*/", ["dir/.hidden/", "dir/deep/"]),
    ("*/deep/er/*", ["dir/deep/er/x.csv"]),
    ("*/deep/*/", ["dir/deep/er/"]),
    ("*/nothing/*", []),
    ("**/x.csv", ["dir/.hidden/x.csv", "dir/deep/er/x.csv", "dir/x.csv", "dir2/x.csv"]),
    ("dir/**/x.csv", ["dir/.hidden/x.csv", "dir/deep/er/x.csv", "dir/x.csv"]),
    ("dir/**/er/*", ["dir/deep/er/x.csv"]),
    ("dir/**/*/x.csv", ["dir/.hidden/x.csv", "dir/deep/er/x.csv"]),
    (
        "dir/**",
        [
            "dir/.hidden/",
            "dir/.hidden/x.csv",
            "dir/deep/",
            "dir/deep/er/",
            "dir/deep/er/x.csv",
            "dir/x.csv",
        ],
    ),
    ("dir/**/", ["dir/.hidden/", "dir/deep/", "dir/deep/er/"]),
    ("**/deep", ["dir/deep/"]),
    ("*/**/er/", ["dir/deep/er/"]),
    ("d**x.csv", ["dir/.hidden/x.csv", "dir/deep/er/x.csv", "dir/x.csv", "dir2/x.csv"]),
    ("dir2/x**", ["dir2/x.csv", "dir2/x.csv.gz"]),
    ("**.gz", ["dir2/x.csv.gz"]),
]


def test_patterns_match(store: Store) -> None:
    plant(store, *TREE)
    for pattern, expected in MATCHES:
        found = s3open.glob(f"{top(store)}/{pattern}")
        assert below(store, found) == expected, pattern
        full = s3open.iglob(f"{top(store)}/{pattern}", full=True)
        assert [each.uri for each in full] == found, pattern


def test_a_line_may_end_within_a_name(
    s3open_server: S3Server, twin: LocalStore
) -> None:
    s3open_server.create_bucket("box")
    s3open_server.put("box", "a\nb/c\nd", b"")
    plant(twin, "a\nb/c\nd")
    for start in ("s3://box", top(twin)):
        for pattern in ("*/*", "**/c*", "a?b/c?d", "a[!x]b/**", "a\n*/c\nd"):
            assert s3open.glob(f"{start}/{pattern}") == [f"{start}/a\nb/c\nd"]


def test_it_is_what_python_matches(twin: LocalStore) -> None:
    if sys.version_info < (3, 11):
        pytest.skip("this Python hides what begins with a dot")
    plant(twin, *TREE)
    for pattern, _ in MATCHES:
        if any("**" in part and part != "**" for part in pattern.split("/")):
            # There Python takes ** for *.
            continue
        name = f"{top(twin)}/{pattern}"
        expected = set(glob.glob(name, recursive=True, include_hidden=True))
        # Python has no slash behind a directory, and counts what ** begins in.
        found = {each.rstrip("/") for each in s3open.glob(name)}
        inside = top(twin) + "/dir"
        assert found | {inside} == {each.rstrip("/") for each in expected} | {inside}


def test_no_pattern_but_a_name_is_taken_literally_elsewhere(store: Store) -> None:
    plant(store, "a*", "ab", "[x]", "x")
    assert list(s3open.ls(store.name("a*"))) == [store.name("a*")]
    assert s3open.size(store.name("[x]")) == 5
    assert not s3open.exists(store.name("a?"))
    with pytest.raises(FileNotFoundError):
        s3open.stat(store.name("a?"))


@pytest.mark.parametrize("name", ["a*b?c[d]e", "[!x]", "**", "plain", "]["])
def test_an_escaped_name_matches_itself_only(name: str, store: Store) -> None:
    plant(store, name, "aXbXcde", "y", "other")
    pattern = s3open.escape(store.name(name))
    assert s3open.glob(pattern) == [store.name(name)]


def test_a_directory_and_a_file_of_one_name_both_match(s3: S3Store) -> None:
    plant(s3, "x", "x-1", "x/y", "xy")
    assert below(s3, s3open.glob(s3.name("x"))) == ["x", "x/"]
    assert below(s3, s3open.glob(s3.name("[x]"))) == ["x", "x/"]
    assert below(s3, s3open.glob(s3.name("**/x"))) == ["x", "x/"]
    assert below(s3, s3open.glob(s3.name("x/"))) == ["x/"]


def test_names_without_letters_match_too(s3: S3Store) -> None:
    plant(s3, "a//b", "a/x/b")
    if s3.keys() != ["a//b", "a/x/b"]:
        pytest.skip("not on this store")
    assert below(s3, s3open.glob(s3.name("a/*/b"))) == ["a//b", "a/x/b"]
    assert below(s3, s3open.glob(s3.name("a//*"))) == ["a//b"]
    assert below(s3, s3open.glob(s3.name("a/*"))) == ["a//", "a/x/"]
    assert below(s3, s3open.glob(s3.name("a/**/b"))) == ["a//b", "a/x/b"]


def test_the_bucket_matches_itself(s3: S3Store) -> None:
    assert s3open.glob(f"s3://{s3.bucket}/") == [f"s3://{s3.bucket}/"]


def test_a_pattern_is_told_from_a_name() -> None:
    assert globbing.has_magic("s3://box/*.csv")
    assert globbing.has_magic("/tmp/[a]")
    assert globbing.has_magic("x?")
    assert not globbing.has_magic("s3://box/plain")
    assert not globbing.has_magic("plain")


COSTS = [
    ("*.csv", 1),
    ("dir/*", 1),
    ("dir/x*", 1),
    ("dir/x.csv", 1),
    ("nothing", 1),
    ("dir/", 1),
    # The level at the top, and one of each directory that matches.
    ("*/x.csv", 3),
    ("*/x*", 3),
    ("*2/x*", 2),
    ("*/deep/er/*.csv", 3),
    ("*/*/*", 5),
    ("**/x.csv", 1),
    ("dir/**", 1),
    ("*/**/er/", 3),
]


@pytest.mark.parametrize(("pattern", "requests"), COSTS)
def test_only_what_may_match_is_listed(
    s3open_server: S3Server, pattern: str, requests: int
) -> None:
    s3open_server.create_bucket("box")
    for key in TREE:
        s3open_server.put("box", key, b"12345")
    with s3open_server.counting() as seen:
        s3open.glob(f"s3://box/{pattern}")
    assert seen.operations == {"ListObjectsV2": requests}


def test_what_is_literal_is_what_is_asked_for(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("box")
    for number in range(3000):
        s3open_server.put("box", f"a{number}", b"")
    for key in ("data/2024-01/x.csv", "data/2024-02/x.csv", "data/2025-01/x.csv"):
        s3open_server.put("box", key, b"")
    with s3open_server.counting() as seen:
        found = s3open.glob("s3://box/data/2024-*/x.csv")
    assert found == ["s3://box/data/2024-01/x.csv", "s3://box/data/2024-02/x.csv"]
    assert seen.total == 3
