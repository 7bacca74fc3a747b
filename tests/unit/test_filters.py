"""Which files take part, by aws-cli's rules, and which are protected."""

from __future__ import annotations

import pickle
import re

import pytest

from s3open.trees.filters import Filter, Rule

NAMES = ["a.txt", "a.jpg", "d/a.txt", "d/e/b.txt", "[x]", "new\nline.txt", ".hidden"]


def admitted(chosen: Filter) -> list[str]:
    return [name for name in NAMES if chosen.admits(name)]


def test_every_file_takes_part_where_nothing_is_said() -> None:
    assert admitted(Filter()) == NAMES
    assert admitted(Filter.of()) == NAMES


def test_a_star_matches_across_slashes() -> None:
    assert admitted(Filter.of(exclude="*.txt")) == ["a.jpg", "[x]", ".hidden"]
    assert admitted(Filter.of(exclude=["d/*"])) == [
        name for name in NAMES if not name.startswith("d/")
    ]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("a.???", ["a.txt", "a.jpg"]),
        ("[ab].txt", ["a.txt"]),
        ("[!b].txt", ["a.txt"]),
        ("[[]x]", ["[x]"]),
        ("A.txt", []),
        ("", []),
        ("*", NAMES),
    ],
)
def test_patterns_are_those_of_the_shell(pattern: str, names: list[str]) -> None:
    assert admitted(Filter.of(include=pattern)) == names


def test_the_last_that_matches_decides() -> None:
    none = Filter([Rule(True, "*.txt"), Rule(False, "*")])
    some = Filter([Rule(False, "*"), Rule(True, "*.txt"), Rule(False, "d/e/*")])
    assert admitted(none) == []
    assert admitted(some) == ["a.txt", "d/a.txt", "new\nline.txt"]


def test_what_is_included_is_an_exception_of_what_is_excluded() -> None:
    assert admitted(Filter.of(include="d/*", exclude="*.txt")) == [
        "a.jpg",
        "d/a.txt",
        "d/e/b.txt",
        "[x]",
        ".hidden",
    ]


def test_what_has_an_order_keeps_it() -> None:
    rules = [Rule(True, "*"), Rule(False, "a.*")]
    assert admitted(Filter.of(include=iter(rules))) == NAMES[2:]
    assert admitted(Filter.of(exclude=rules)) == NAMES[2:]
    # As with aws, this alone says nothing.
    assert admitted(Filter.of(include=[Rule(True, "*.txt")])) == NAMES


@pytest.mark.parametrize("protect", [["keep", "a/b/"], iter(["keep/", "a/b"])])
def test_what_is_protected_is_protected_with_all_below(protect: list[str]) -> None:
    chosen = Filter.of(protect=protect)
    for name in ("keep", "keep/", "keep/x", "a/b", "a/b/c/d"):
        assert chosen.protects(name)
    for name in ("keeper", "x/keep", "a", "a/bc", ""):
        assert not chosen.protects(name)


def test_what_is_protected_may_be_a_pattern() -> None:
    chosen = Filter.of(protect=["*.db", "log?/", "[x]"])
    for name in ("a.db", "d/a.db", "a.db/x", "logs", "logs/x", "log?/x", "x", "[x]/y"):
        assert chosen.protects(name)
    for name in ("adb", "log", "d/log/x", "y"):
        assert not chosen.protects(name)


def test_all_is_protected_by_no_name() -> None:
    assert Filter.of(protect="").protects("anything")
    assert not Filter.of().protects("anything")
    assert Filter.of(protect="keep").protects("keep/x")


@pytest.mark.parametrize("name", ["s3://bucket/keep", "/keep", "./keep", "../keep"])
def test_what_would_protect_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(name))):
        Filter.of(protect=[name])


def test_a_filter_can_be_pickled() -> None:
    chosen = Filter.of(exclude="*.txt", protect="keep")
    copy = pickle.loads(pickle.dumps(chosen))
    assert admitted(copy) == admitted(chosen)
    assert copy.protects("keep")
