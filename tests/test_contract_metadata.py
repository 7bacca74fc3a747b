"""What an object is given besides its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Config
from tests.stores import MIB

if TYPE_CHECKING:
    from tests.stores import S3Store, Store

PARTS = Config(part_size=5 * MIB)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("page.html", "text/html"),
        ("PAGE.HTML", "text/html"),
        ("table.csv", "text/csv"),
        ("data.json", "application/json"),
        ("image.png", "image/png"),
        ("file.txt", "text/plain"),
        ("archive.zip", "application/zip"),
        ("archive.tar.gz", "application/gzip"),
        ("text.txt.gz", "application/gzip"),
        ("text.txt.bz2", "application/x-bzip2"),
        ("text.txt.xz", "application/x-xz"),
        ("folder.html/photo.jpg", "image/jpeg"),
        ("a b/?#%.svg", "image/svg+xml"),
    ],
)
def test_the_content_type_is_guessed_from_the_name(
    s3: S3Store, key: str, kind: str
) -> None:
    s3open.open(s3.name(key), "wb").close()
    assert s3.head(key)["ContentType"] == kind


@pytest.mark.parametrize("key", ["noextension", "strange.qqq", "folder.html/file"])
def test_a_name_that_says_nothing_leaves_the_type_to_the_store(
    s3: S3Store, key: str
) -> None:
    s3.put("by hand", b"")
    s3open.open(s3.name(key), "wb").close()
    assert s3.head(key)["ContentType"] == s3.head("by hand")["ContentType"]


@pytest.mark.parametrize("mode", ["w", "wb", "x", "w+b"])
@pytest.mark.parametrize("size", [10, 5 * MIB + 1], ids=["small", "in parts"])
def test_what_is_asked_for_is_kept(s3: S3Store, mode: str, size: int) -> None:
    options: dict[str, Any] = {
        "content_type": "application/x-mine",
        "metadata": {"color": "red", "number": "12"},
        "config": PARTS,
    }
    with s3open.open(s3.name("file.html"), mode, **options) as file:
        file.write(bytes(size) if "b" in mode else "x" * size)
    head = s3.head("file.html")
    assert head["ContentType"] == "application/x-mine"
    kept = {k: v for k, v in head["Metadata"].items() if k != "s3open-write"}
    assert kept == {"color": "red", "number": "12"}


def test_large_objects_get_a_guessed_type_too(s3: S3Store) -> None:
    with s3open.open(s3.name("film.mp4"), "wb", config=PARTS) as file:
        file.write(bytes(5 * MIB + 1))
    assert s3.head("film.mp4")["ContentType"] == "video/mp4"


def test_a_plain_write_adds_no_metadata(s3: S3Store) -> None:
    s3open.open(s3.name("file"), "wb").close()
    assert s3.head("file")["Metadata"] == {}
    assert "ContentEncoding" not in s3.head("file")


def test_the_metadata_given_is_not_changed(s3: S3Store) -> None:
    metadata = {"color": "red"}
    with s3open.open(s3.name("file"), "x", metadata=metadata) as file:
        metadata["color"] = "blue"
        file.write("x")
    assert s3.head("file")["Metadata"]["color"] == "red"
    assert metadata == {"color": "blue"}


def test_the_options_have_no_effect_on_local_files_and_readers(store: Store) -> None:
    name = store.put("file", b"old")
    options: dict[str, Any] = {"content_type": "a/b", "metadata": {}, "config": PARTS}
    with s3open.open(name, "rb", **options) as file:
        assert file.read() == b"old"
    with s3open.open(name, "wb", **options) as file:
        file.write(b"new")
    assert store.read("file") == b"new"


@pytest.mark.parametrize("name", ["s3://bucket/key", "/nowhere/file"])
def test_an_unknown_option_is_a_type_error(name: str) -> None:
    with pytest.raises(TypeError, match="unknown_option"):
        s3open.open(name, unknown_option=1)  # type: ignore[call-overload]
