"""Places: what lies below them, in each other, and where they are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s3open.trees.places import inner, overlap, place, same

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "told", "key"),
    [
        ("s3://b", "s3://b/", ""),
        ("s3://b/", "s3://b/", ""),
        ("s3://b/k", "s3://b/k/", "k/"),
        ("s3://b/k//", "s3://b/k//", "k//"),
        ("s3a://b/k?#%", "s3a://b/k?#%/", "k?#%/"),
    ],
)
def test_a_directory_of_keys(name: str, told: str, key: str) -> None:
    found = place(name).directory()
    assert found.at is not None
    assert (found.name, found.at.key, found.at.uri) == (told, key, told)
    below = found.location("x/y")
    assert (below.bucket, below.key, below.uri) == ("b", key + "x/y", told + "x/y")
    assert found.below("x/y").basename == "y"
    assert found.directory() is not None
    assert found.named_directory


def test_a_directory_here() -> None:
    assert place("/a/b").directory().local("c/d") == "/a/b/c/d"
    assert place("/a/b/").directory().local("c") == "/a/b/c"
    assert place(".").directory().told("c") == "./c"
    assert place("file:///a/b").path == "/a/b"
    assert place(b"/a").basename == "a"
    assert not place("/a").named_directory


def test_what_is_no_place() -> None:
    # Nothing, with a slash behind it, were the root of all files.
    with pytest.raises(FileNotFoundError):
        place("")
    for name in ("a\0b", "http://host/x", "s3://", "s3://key:secret@b/x"):
        with pytest.raises(ValueError):  # noqa: PT011
            place(name)
    with pytest.raises(TypeError):
        place(3)  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize(
    ("source", "target", "expected", "names"),
    [
        ("s3://b/p/", "s3://b/q/", (False, False), None),
        ("s3://b/p/", "s3://c/p/", (False, False), None),
        ("s3://b/p/", "s3://b/pq/", (False, False), None),
        ("s3://b/p/", "s3://b/p/q/", (True, False), None),
        ("s3://b/p/q/", "s3://b/p/", (False, True), "q/"),
        ("s3://b/p/", "s3://b/", (False, True), "p/"),
        ("s3://b/", "s3://b/", (True, True), ""),
        ("s3://b/p/", "/p/", (False, False), None),
        ("/x/p/", "/x/p/q/", (True, False), None),
        ("/x/p/q/", "/x/p/../p/", (False, True), "q/"),
        ("/x/p/", "/x/pq/", (False, False), None),
    ],
)
def test_what_lies_in_what(
    source: str, target: str, expected: tuple[bool, bool], names: str | None
) -> None:
    here, there = place(source), place(target)
    assert overlap(here, there) == expected
    assert inner(here, there) == names


POINT = "arn:aws:s3:eu-west-1:123456789012:accesspoint/point"


@pytest.mark.parametrize("point", [POINT, "point-abc-s3alias", "m1x2.mrap"])
def test_an_access_point_may_be_of_any_bucket(point: str) -> None:
    key, inside = place(f"s3://{point}/p/k"), place("s3://b/p/")
    assert same(key, place("s3://b/p/k"))
    assert not same(key, place("s3://b/k"))
    source = place(f"s3://{point}/p/")
    assert overlap(source, inside) == (False, False)
    assert overlap(source, inside, removing=True) == (True, True)
    assert inner(source, place("s3://b"), removing=True) == "p/"
    assert inner(source, place("s3://b")) is None
    assert overlap(source, place("s3://b/q/"), removing=True) == (False, False)


def test_the_same_file(tmp_path: Path) -> None:
    assert same(place("s3://b/k"), place("s3a://b/k"))
    assert not same(place("s3://b/k"), place("s3://b/k/"))
    assert not same(place("s3://b/k"), place("/k"))
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "link").symlink_to("a")
    assert same(place(tmp_path / "a"), place(tmp_path / "link"))
    assert not same(place(tmp_path / "a"), place(tmp_path / "missing"))
