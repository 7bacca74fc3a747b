"""Names: joined and taken apart byte for byte, for keys are no paths."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3open import naming
from s3open.naming import ParseResult
from tests.test_contract_names import KEYS

ACCESS_POINT = "arn:aws:s3:us-west-2:123456789012:accesspoint/point"
ODD = ["a//b", "./x", "../x", "..", "&=//%# ++++", "new\nline", "?v=1#f;p", "/x", "a/"]


class Named:
    """An object that knows its URI."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def __uri__(self) -> str:
        return self._uri


@pytest.mark.parametrize(
    ("base", "parts", "joined"),
    [
        ("s3://b/a", ["c"], "s3://b/a/c"),
        ("s3://b/a/", ["c"], "s3://b/a/c"),
        ("s3://b", ["c"], "s3://b/c"),
        ("s3://b/", ["c"], "s3://b/c"),
        ("s3://b", ["a", "b", "c"], "s3://b/a/b/c"),
        ("s3://b/a", ["b/c"], "s3://b/a/b/c"),
        ("s3://b/a", [], "s3://b/a"),
        ("s3://b/a", [""], "s3://b/a/"),
        ("s3://b/a", ["", "c"], "s3://b/a/c"),
        ("s3://b", [""], "s3://b/"),
        ("s3://b/a//", ["c"], "s3://b/a//c"),
        ("s3://b/a", ["b//c"], "s3://b/a/b//c"),
        ("s3://b/a", ["/x"], "s3://b/x"),
        ("s3://b/a", ["/x", "y"], "s3://b/x/y"),
        ("s3://b/a", ["y", "/x"], "s3://b/x"),
        ("s3://b/a", ["//x"], "s3://b//x"),
        ("s3://b", ["/"], "s3://b/"),
        ("s3://b/a", ["../x"], "s3://b/a/../x"),
        ("s3://b/a", ["./x"], "s3://b/a/./x"),
        ("S3A://b/a", ["c"], "S3A://b/a/c"),
        ("S3A://b/a", ["/c"], "S3A://b/c"),
        (f"s3://{ACCESS_POINT}", ["c"], f"s3://{ACCESS_POINT}/c"),
        (f"s3://{ACCESS_POINT}/a", ["/c"], f"s3://{ACCESS_POINT}/c"),
        ("/a", ["c"], "/a/c"),
        ("/a/", ["c"], "/a/c"),
        ("/a", ["/c"], "/c"),
        ("a", ["..", "c"], "a/../c"),
        ("", ["c"], "c"),
        ("~/a", ["c"], "~/a/c"),
        ("file:///a%20b", ["c%20d"], "/a b/c%20d"),
    ],
)
def test_join_is_that_of_paths_below_a_bucket_or_a_path(
    base: str, parts: list[str], joined: str
) -> None:
    assert naming.join(base, *parts) == joined


@pytest.mark.parametrize("part", ["s3://b/x", "http://u:secret@h/x", "file:///x"])
@pytest.mark.parametrize("base", ["s3://b/a", "/a"])
def test_a_uri_is_not_joined_to_anything_and_not_shown(base: str, part: str) -> None:
    with pytest.raises(ValueError, match="a URI cannot be joined") as caught:
        naming.join(base, "y", part)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "directory", "base"),
    [
        ("s3://b", "s3://b", ""),
        ("s3://b/", "s3://b", ""),
        ("s3://b/a", "s3://b", "a"),
        ("s3://b/a/", "s3://b/a", ""),
        ("s3://b/a/c", "s3://b/a", "c"),
        ("s3://b/a//c", "s3://b/a//", "c"),
        ("s3://b/a//", "s3://b/a/", ""),
        ("s3://b//x", "s3://b//", "x"),
        ("s3://b//", "s3://b/", ""),
        ("s3://b/../x", "s3://b/..", "x"),
        ("s3n://b/./x", "s3n://b/.", "x"),
        ("s3://b/x\ny/z\n", "s3://b/x\ny", "z\n"),
        (f"s3://{ACCESS_POINT}", f"s3://{ACCESS_POINT}", ""),
        (f"s3://{ACCESS_POINT}/a", f"s3://{ACCESS_POINT}", "a"),
        ("/a/b", "/a", "b"),
        ("/a/", "/a", ""),
        ("/", "/", ""),
        ("a", "", "a"),
        ("file:///a%20b/c%20d", "/a b", "c d"),
    ],
)
def test_a_name_is_in_a_directory(name: str, directory: str, base: str) -> None:
    assert naming.dirname(name) == directory
    assert naming.basename(name) == base


keys = st.text(st.sampled_from("//..a&=%#+ \n?é:\\~*"), max_size=12)


@pytest.mark.parametrize("key", KEYS + ODD)
def test_an_odd_key_comes_back_to_the_byte(key: str) -> None:
    name = f"s3://b/{key}"
    assert naming.parse(name) == ParseResult("s3", "b", key, f"/{key}")
    assert naming.key(name) == key
    assert naming.bucket(name) == "b"
    assert naming.child("s3://b", key) == name
    if not name.endswith("//"):
        assert naming.join(naming.dirname(name), naming.basename(name)) == name
    if not key.startswith("/") and "://" not in key:
        assert naming.join("s3://b", key) == name


@settings(derandomize=True, database=None, max_examples=500)
@given(keys)
def test_every_key_is_in_its_directory_under_its_name(key: str) -> None:
    name = f"s3://b/{key}"
    assert naming.key(name) == key
    base, directory = naming.basename(name), naming.dirname(name)
    assert name.startswith(directory)
    assert name.endswith(f"/{base}")
    if not name.endswith("//"):
        assert naming.join(directory, base) == name


@settings(derandomize=True, database=None, max_examples=300)
@given(keys)
def test_walking_up_ends_at_the_bucket(key: str) -> None:
    name = f"s3://b/{key}"
    while name != "s3://b":
        above = naming.dirname(name)
        assert len(above) < len(name)
        name = above


@settings(derandomize=True, database=None, max_examples=300)
@given(keys, st.sampled_from(["s3://b", "s3://b/", "s3://b/a", "s3://b/a/"]))
def test_a_child_is_below_whatever_its_name_is(name: str, base: str) -> None:
    found = naming.child(base, name)
    assert found == f"{base.removesuffix('/')}/{name}"


def test_a_child_of_a_local_directory_is_a_path() -> None:
    assert naming.child("/a", "b/c") == "/a/b/c"
    assert naming.child("/", "c") == "/c"
    assert naming.child("file:///a%20b/", "c") == "/a b/c"


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        ("s3://b", ("s3", "b", "", "")),
        ("s3://b/", ("s3", "b", "", "/")),
        ("S3://b/k", ("s3", "b", "k", "/k")),
        ("s3a://b/k/", ("s3", "b", "k/", "/k/")),
        (f"s3://{ACCESS_POINT}/k", ("s3", ACCESS_POINT, "k", "/k")),
        ("", ("file", "", "", "")),
        ("a/b", ("file", "", "", "a/b")),
        ("~/a", ("file", "", "", "~/a")),
        ("/a/b/", ("file", "", "", "/a/b/")),
        ("C:\\x", ("file", "", "", "C:\\x")),
        ("file:///a%20b/", ("file", "", "", "/a b/")),
        ("FILE:///C:/x", ("file", "", "", "/C:/x")),
        ("http://host/a?b#c", ("http", "", "", "host/a?b#c")),
    ],
)
def test_a_name_is_taken_apart(name: str, parsed: tuple[str, ...]) -> None:
    assert naming.parse(name) == parsed
    assert naming.islocal(name) == (parsed[0] == "file")
    assert naming.isremote(name) == (parsed[0] == "s3")
    assert naming.bucket(name) == parsed[1]
    assert naming.key(name) == parsed[2]


def test_a_home_is_looked_up_where_a_uri_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert naming.parse("file://~/a").path == "/home/someone/a"


@pytest.mark.parametrize("name", ["s3://", "s3:///k", "s3://u:p@b/k", "file://host/x"])
def test_a_malformed_uri_is_a_value_error(name: str) -> None:
    for function in (naming.parse, naming.isremote, naming.key, naming.dirname):
        with pytest.raises(ValueError, match=r"."):
            function(name)
    with pytest.raises(ValueError, match=r"."):
        naming.join(name, "x")


@pytest.mark.parametrize("function", [naming.basename, naming.dirname])
def test_other_schemes_are_not_taken_apart(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="http://"):
        function("http://u:secret@host/x")
    with pytest.raises(ValueError, match="http://"):
        naming.join("http://u:secret@host/x", "y")


def test_names_may_be_bytes_paths_and_what_has_a_uri() -> None:
    assert naming.text("a") == "a"
    assert naming.text(b"s3://b/\xc3\xa9") == "s3://b/é"
    assert naming.text(Path("/a/b")) == "/a/b"
    assert naming.text(Named("s3://b/k")) == "s3://b/k"
    assert naming.text(b"\xff") == os.fsdecode(b"\xff")
    assert naming.join(Named("s3://b/k"), Path("x/y")) == "s3://b/k/x/y"
    assert naming.join(b"/a", b"\xff") == os.fsdecode(b"/a/\xff")


@pytest.mark.parametrize("name", [None, 1, 1.5, Named, ["a"], object()])
def test_what_is_no_name_is_a_type_error(name: object) -> None:
    assert naming.spelled(name) is None
    with pytest.raises(TypeError, match=type(name).__name__):
        naming.text(name)


def test_bytes_stay_bytes_where_open_needs_them() -> None:
    assert naming.spelled(b"x") == b"x"
    assert naming.spelled(Named("s3://b/k")) == "s3://b/k"


def test_a_uri_goes_before_a_path() -> None:
    class Both(Named):
        def __fspath__(self) -> str:
            raise AssertionError("this may download something")

    assert naming.text(Both("s3://b/k")) == "s3://b/k"
