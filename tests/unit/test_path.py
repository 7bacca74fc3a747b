"""`S3Path` as a name: as pathlib's on usual names, and to the byte on all others."""

from __future__ import annotations

import copy
import os
import pickle
import re
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import s3open
from s3open import Config
from s3open.path import S3Path
from tests.test_contract_names import KEYS

ACCESS_POINT = "arn:aws:s3:us-west-2:123456789012:accesspoint/point"
usual = st.lists(
    st.text(st.sampled_from("ab.-é "), min_size=1, max_size=5).filter(
        # Without its suffix ``..a`` is a dot, which pathlib takes, or not.
        lambda name: name != "." and not re.fullmatch(r"\.\.[^.]+", name)
    ),
    min_size=1,
    max_size=4,
).map("/".join)


class Named:
    def __uri__(self) -> str:
        return "s3://b/named"


@settings(derandomize=True, database=None, max_examples=300)
@given(usual)
def test_usual_names_are_taken_apart_as_pathlib_does(key: str) -> None:
    path, twin = S3Path(f"s3://b/{key}"), PurePosixPath(f"/{key}")
    assert path.name == twin.name
    assert path.stem == twin.stem
    assert path.suffix == twin.suffix
    assert path.suffixes == twin.suffixes
    assert path.parts == ("s3://b/", *twin.parts[1:])
    assert S3Path(*path.parts) == path
    assert [f"/{each.key}" for each in path.parents] == [
        str(each) for each in twin.parents
    ]
    assert path.parent == path.parents[0]
    assert f"/{path.with_name('x.y').key}" == str(twin.with_name("x.y"))
    assert f"/{path.with_stem('x').key}" == str(twin.with_stem("x"))
    assert f"/{path.with_suffix('.z').key}" == str(twin.with_suffix(".z"))
    assert f"/{path.with_suffix('').key}" == str(twin.with_suffix(""))


@pytest.mark.parametrize("key", [*KEYS, "a/", "a//", "//", "/", "a//b//c"])
def test_every_key_is_kept_to_the_byte(key: str) -> None:
    path = S3Path(f"s3://b/{key}")
    assert path.key == key
    assert path.uri == str(path) == f"s3://b/{key}"
    assert S3Path(path) == S3Path(str(path)) == path
    assert pickle.loads(pickle.dumps(path)).uri == path.uri
    if not key.endswith("/"):
        assert path.parent / path.name == path or not path.name or "://" in path.name
        assert (path.parent / path.name).uri == path.uri
    last = path.parents[-1]
    assert last.key == ""
    assert last.parent == last


@settings(derandomize=True, database=None, max_examples=300)
@given(st.text(st.sampled_from("/.ab"), max_size=10))
def test_what_is_in_a_directory_is_in_its_parents(key: str) -> None:
    path = S3Path(f"s3://b/{key}")
    for parent in path.parents:
        assert path.is_relative_to(parent)
    assert path.parts[:-1] == path.parent.parts or not path.parts[1:]
    try:
        below = path.relative_to(path.parent)
    except ValueError:
        assert path.name == ""
    else:
        assert not below or path.parent / below == path


@pytest.mark.parametrize(
    ("key", "parts", "parent"),
    [
        ("", (), ""),
        ("a/", ("a",), ""),
        ("a/b/", ("a", "b"), "a"),
        ("a//b", ("a", "", "b"), "a//"),
        ("a//", ("a", ""), "a"),
        ("/x", ("", "x"), "/"),
        ("/", ("",), ""),
        ("a/../b", ("a", "..", "b"), "a/.."),
        ("./x", (".", "x"), "."),
    ],
)
def test_parts_may_have_no_name(key: str, parts: tuple[str, ...], parent: str) -> None:
    path = S3Path(f"s3://b/{key}")
    assert path.parts == ("s3://b/", *parts)
    assert path.parent.key == parent
    assert path.name == (parts[-1] if parts else "")


def test_parts_are_joined_and_empty_ones_left_out() -> None:
    path = S3Path("s3://b")
    assert str(path / "a" / "b.txt") == "s3://b/a/b.txt"
    assert str(path.joinpath("a", "b", "", "c")) == "s3://b/a/b/c"
    assert str(S3Path("s3://b/", "a", Path("b/c"))) == "s3://b/a/b/c"
    assert str(S3Path("s3://b/a/") / "c") == "s3://b/a/c"
    assert str(path / "") == "s3://b"
    assert str(path / "a/") == "s3://b/a/"
    assert str(path / "a" / "/x") == "s3://b/x"
    assert str(path / "a" / ".." / "x") == "s3://b/a/../x"
    assert str(path / b"a") == "s3://b/a"
    assert str(S3Path(f"s3://{ACCESS_POINT}/a") / "b") == f"s3://{ACCESS_POINT}/a/b"
    assert S3Path(f"s3://{ACCESS_POINT}/a").bucket == ACCESS_POINT
    with pytest.raises(ValueError, match="a URI cannot be joined"):
        path / "s3://b/c"
    with pytest.raises(ValueError, match="a URI cannot be joined"):
        path / S3Path("s3://b/c")
    for wrong in (1, None, ["a"]):
        with pytest.raises(TypeError, match="unsupported operand"):
            path / wrong  # type: ignore[operator]


def test_it_is_made_of_all_that_names_something_on_s3() -> None:
    assert S3Path(b"s3://b/a").uri == "s3://b/a"
    assert S3Path(Named()).uri == "s3://b/named"
    assert S3Path(Named(), "x").uri == "s3://b/named/x"


@pytest.mark.parametrize("name", ["a", "/a/b", "", "file:///a", "s3:/b/a"])
def test_what_is_not_on_s3_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="an S3Path begins with s3://"):
        S3Path(name)
    with pytest.raises(ValueError, match="an S3Path begins with s3://"):
        S3Path(name, "x")


def test_no_password_is_shown() -> None:
    for name in ("http://u:secret@h/x", "s3://u:secret@b/x"):
        with pytest.raises(ValueError, match=r".") as caught:
            S3Path(name)
        assert "secret" not in str(caught.value)


def test_a_bad_name_is_refused_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="null"):
        S3Path("s3://b") / "a\0"
    with pytest.raises(OSError, match="too long"):
        S3Path("s3://b") / ("k" * 1025)
    with pytest.raises(ValueError, match="bad bucket"):
        S3Path("s3://a b/x")
    with pytest.raises(TypeError, match="int"):
        S3Path(1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="config has to be"):
        S3Path("s3://b", config="x")  # type: ignore[arg-type]


def test_names_are_replaced() -> None:
    path = S3Path("s3://b/a//c.tar.gz")
    assert str(path.with_name("x")) == "s3://b/a//x"
    assert str(path.with_stem("x")) == "s3://b/a//x.gz"
    assert str(path.with_suffix(".bz2")) == "s3://b/a//c.tar.bz2"
    assert str(S3Path("s3://b/a/").with_name("x")) == "s3://b/x"
    assert str(S3Path("s3://b/./x").with_name("..")) == "s3://b/./.."
    for name in ("", "a/b", "/"):
        with pytest.raises(ValueError, match="Invalid name"):
            path.with_name(name)
    for suffix in ("x", ".", ".a/b"):
        with pytest.raises(ValueError, match=r"Invalid (suffix|name)"):
            S3Path("s3://b/x").with_suffix(suffix or "x")
    for key in ("", "a//"):
        with pytest.raises(ValueError, match="has an empty name"):
            S3Path(f"s3://b/{key}").with_name("x")
    with pytest.raises(ValueError, match="has an empty name"):
        S3Path("s3://b").with_suffix(".x")


@pytest.mark.parametrize("name", [".", "..", ".a", "a.", "...", ".a.b"])
def test_dots_are_names(name: str) -> None:
    path = S3Path(f"s3://b/a/{name}")
    assert path.name == name
    assert path.stem + path.suffix == name


@pytest.mark.parametrize(
    ("key", "base", "below"),
    [
        ("a/b/c", "a", "b/c"),
        ("a/b/c", "a/", "b/c"),
        ("a/b/c", "", "a/b/c"),
        ("a", "a", ""),
        ("a", "a/", ""),
        ("a/", "a", ""),
        ("a//b", "a//", "b"),
        ("a/../b", "a", "../b"),
    ],
)
def test_a_path_is_relative_to_what_it_is_below(
    key: str, base: str, below: str
) -> None:
    path, start = S3Path(f"s3://b/{key}"), f"s3a://b/{base}"
    assert path.is_relative_to(start)
    assert path.relative_to(start) == below
    assert path.relative_to(S3Path(start)) == below


@pytest.mark.parametrize(
    "base", ["s3://b/foo", "s3://b/foobar/x/y", "s3://c", "s3://b/foobar/", "s3://b/f"]
)
def test_a_path_is_not_relative_to_what_only_begins_like_it(base: str) -> None:
    path = S3Path("s3://b/foobar/x") if base != "s3://b/foobar/" else S3Path("s3://b/f")
    assert not path.is_relative_to(base)
    with pytest.raises(ValueError, match="is not below"):
        path.relative_to(base)


def test_nothing_relative_begins_with_a_slash() -> None:
    path = S3Path("s3://b/a//b")
    assert path.is_relative_to("s3://b/a")
    with pytest.raises(ValueError, match="a part without a name"):
        path.relative_to("s3://b/a")


@pytest.mark.parametrize(
    ("key", "pattern", "full", "last"),
    [
        ("a/b.py", "*.py", False, True),
        ("b.py", "*.py", True, True),
        ("a/b.py", "a/*.py", True, True),
        ("x/a/b.py", "a/*.py", False, True),
        ("a/b.py", "**/*.py", True, True),
        ("b.py", "**/*.py", True, False),
        ("a/b/c/d.py", "a/**/d.py", True, False),
        ("a/d.py", "a/**/d.py", True, False),
        ("a/b/c", "**", True, True),
        ("a/b/c", "a/**", True, False),
        ("a/b/c", "b/**", False, True),
        ("a/b/c", "**/b/**/c", True, False),
        ("a/b/c", "**/c/**/c", False, False),
        ("a", "?", True, True),
        ("ab", "?", False, False),
        ("a", "[a-c]", True, True),
        ("d", "[!a-c]", True, True),
        ("a/b", "*", False, True),
        (".a", "*", True, True),
        ("A", "a", False, False),
        ("a//b", "a/*/b", True, True),
        ("new\nline", "new*", True, True),
        ("a", "a/b", False, False),
        ("", "*", False, False),
    ],
)
def test_paths_match_patterns(key: str, pattern: str, full: bool, last: bool) -> None:
    path = S3Path(f"s3://b/{key}")
    assert path.full_match(pattern) is full
    assert path.match(pattern) is last
    assert path.full_match(f"s3://b/{pattern}") is full
    assert path.match(f"s3://b/{pattern}") is full
    assert not path.full_match(f"s3://c/{pattern}")


def test_many_stars_take_no_longer() -> None:
    path = S3Path("s3://b/" + "a/" * 300 + "b")
    assert not path.full_match("**/a/" * 60 + "c")
    assert path.full_match("**/a/" * 60 + "b")


def test_an_empty_pattern_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="empty pattern"):
        S3Path("s3://b/a").match("")


def test_the_same_key_is_the_same_path() -> None:
    path = S3Path("s3://b/a")
    assert path == S3Path("S3A://b/a")
    assert hash(path) == hash(S3Path("S3A://b/a"))
    assert S3Path("s3://b") == S3Path("s3://b/")
    assert path != S3Path("s3://b/a/")
    assert path != S3Path("s3://c/a")
    assert path != "s3://b/a"
    assert len({path, S3Path("s3n://b/a"), S3Path("s3://b/a//")}) == 2
    assert path == S3Path("s3://b/a", config=Config(part_size=8 << 20))
    assert path != S3Path("s3://b/a", config=Config(profile="other"))


@settings(derandomize=True, database=None, max_examples=200)
@given(st.lists(st.text(st.sampled_from("/.a\U00010000\uffee"), max_size=4)))
def test_paths_are_in_the_order_of_their_keys(keys: list[str]) -> None:
    paths = sorted(S3Path(f"s3://b/{key}") for key in keys)
    assert [path.key for path in paths] == sorted(keys, key=str.encode)


def test_paths_are_compared_with_paths_only() -> None:
    assert S3Path("s3://a/z") < S3Path("s3://b/a")
    assert S3Path("s3://b/a") >= S3Path("s3://b/a")
    with pytest.raises(TypeError, match="not supported"):
        S3Path("s3://b/a") < "s3://b/b"  # noqa: B015


def test_the_configuration_goes_along() -> None:
    config = Config(region="eu-west-1")
    path = S3Path("s3://b/a/c.txt", config=config)
    others = [path.parent, path / "x", path.with_name("y"), S3Path(path), *path.parents]
    assert all(other.config is config for other in others)
    assert S3Path(path, config=Config()).config == Config()
    assert repr(path) == f"S3Path('s3://b/a/c.txt', config={config!r})"
    assert repr(S3Path("s3://b/a")) == "S3Path('s3://b/a')"


def test_it_pickles_unless_there_are_secrets() -> None:
    path = S3Path("s3a://b/a//c", config=Config(region="eu-west-1"))
    found = pickle.loads(pickle.dumps(path))
    assert found == path
    assert (found.uri, found.config) == (path.uri, path.config)
    secret = S3Path("s3://b/a", config=Config(access_key="a", secret_key="b"))
    with pytest.raises(TypeError, match="cannot pickle a Config"):
        pickle.dumps(secret)
    assert "secret_key" not in repr(secret)
    for copied in (copy.copy(secret), copy.deepcopy(secret)):
        assert copied is secret


def test_a_class_of_ones_own_stays() -> None:
    class Own(S3Path):
        pass

    assert type(Own("s3://b/a").parent / "x") is Own


def test_it_is_no_path_of_this_machine(tmp_path: Path) -> None:
    path: Any = S3Path("s3://b/a")
    assert not isinstance(path, os.PathLike)
    for function in (os.fspath, os.stat, open, Path):
        with pytest.raises(TypeError, match="S3Path"):
            function(path)


def test_it_cannot_be_changed() -> None:
    path: Any = S3Path("s3://b/a")
    with pytest.raises(AttributeError):
        path.other = 1
    with pytest.raises(AttributeError):
        path.uri = "s3://b/c"


def test_names_are_taken_from_it() -> None:
    path = S3Path("s3://b/a/c")
    assert s3open.naming.join(path, "d") == "s3://b/a/c/d"
    assert s3open.naming.dirname(path) == "s3://b/a"
    assert f"{path}" == "s3://b/a/c"


def test_the_same_file_is_told_without_a_request() -> None:
    path = S3Path("s3://b/a", config=Config(region="eu-west-1"))
    assert path.samefile("s3n://b/a")
    assert path.samefile(path)
    assert not path.samefile("s3://b/c")
    assert not path.samefile("/a")
    assert not path.samefile(S3Path("s3://b/a"))
