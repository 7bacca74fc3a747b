"""What a file says of itself: name, mode, encoding, repr, and what it refuses."""

from __future__ import annotations

import copy
import io
import os
import pickle
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from tests.stores import builtin_any, outcome

if TYPE_CHECKING:
    from tests.stores import LocalStore, Store

MODES = ["r", "rt", "rb", "w", "wb", "x", "xb", "w+", "wt+", "wb+", "x+", "x+b"]
LAYERS = ["", "buffer", "raw", "buffer.raw"]


class Name:
    """A path as other libraries bring their own."""

    def __init__(self, name: Any) -> None:
        self._name = name

    def __fspath__(self) -> Any:
        return self._name


def opened(store: Store, key: str, opener: Any, mode: str) -> Any:
    if "r" in mode:
        store.put(key, b"one\n")
    return opener(store.name(key), mode)


def layers(file: Any, attribute: str) -> list[object]:
    """Return what *attribute* is on every layer."""
    found = []
    for path in LAYERS:
        layer = file
        for step in filter(None, path.split(".")):
            layer = getattr(layer, step, None)
        found.append(outcome(getattr, layer, attribute))
    return found


@pytest.mark.parametrize("mode", MODES)
def test_every_layer_says_what_builtin_says(
    store: Store, twin: LocalStore, mode: str
) -> None:
    with (
        opened(store, "file", s3open.open, mode) as ours,
        opened(twin, "file", io.open, mode) as builtin,
    ):
        for attribute in ("mode", "closed", "closefd"):
            assert layers(ours, attribute) == layers(builtin, attribute)
    for attribute in ("mode", "closed", "closefd"):
        assert layers(ours, attribute) == layers(builtin, attribute)


@pytest.mark.parametrize("mode", MODES)
def test_every_layer_has_the_name_that_was_given(store: Store, mode: str) -> None:
    with opened(store, "file", s3open.open, mode) as file:
        wanted = store.name("file")
        names = layers(file, "name")
        assert names[0] == wanted
        assert set(map(str, names)) <= {wanted, "AttributeError"}
        assert names.count(wanted) == 2 if "b" in mode else 3


@pytest.mark.parametrize("mode", ["r", "rb", "w", "wb"])
def test_the_name_has_the_type_that_was_given(store: Store, mode: str) -> None:
    store.put("file", b"one\n")
    given: list[Any] = [store.name("file"), os.fsencode(store.name("file"))]
    for name in given:
        with s3open.open(name, mode) as file:
            assert file.name == name


def test_an_object_with_a_path_stands_for_it(store: Store, twin: LocalStore) -> None:
    for name in (store.name("file"), os.fsencode(store.name("file"))):
        with s3open.open(Name(name), "wb") as file:
            file.write(b"one\n")
        assert store.read("file") == b"one\n"
        with s3open.open(Name(name), "rb") as file:
            assert file.read() == b"one\n"
    builtin = Name(twin.put("file", b""))
    ours = Name(store.name("file"))
    with io.open(builtin) as expected, s3open.open(ours) as got:
        assert (expected.name is builtin) is (got.name is ours)


@pytest.mark.parametrize("mode", ["r", "w", "w+", "x"])
def test_text_attributes_are_those_of_builtin(
    store: Store, twin: LocalStore, mode: str
) -> None:
    with (
        opened(store, "file", s3open.open, mode) as ours,
        opened(twin, "file", io.open, mode) as builtin,
    ):
        for attribute in (
            "encoding",
            "errors",
            "newlines",
            "line_buffering",
            "write_through",
        ):
            assert getattr(ours, attribute) == getattr(builtin, attribute)


@pytest.mark.parametrize("mode", ["r", "w", "x+"])
def test_repr_of_a_text_file_is_that_of_builtin(
    store: Store, twin: LocalStore, mode: str
) -> None:
    with (
        opened(store, "file", s3open.open, mode) as ours,
        opened(twin, "file", io.open, mode) as builtin,
    ):
        expected = repr(builtin).replace(repr(builtin.name), repr(ours.name))
        # Only the class may have another name.
        assert repr(ours).split(" ", 1)[1] == expected.split(" ", 1)[1]


@pytest.mark.parametrize(
    ("mode", "buffering"), [("rb", -1), ("wb", -1), ("w+b", -1), ("rb", 0), ("w", -1)]
)
def test_repr_names_the_file_open_or_closed(
    store: Store, mode: str, buffering: int
) -> None:
    store.put("file", b"")
    file = s3open.open(store.name("file"), mode, buffering)
    assert repr(store.name("file")) in repr(file)
    file.close()
    assert repr(file)


def test_a_user_may_hang_attributes_on_a_file(store: Store) -> None:
    for mode in ("w", "wb"):
        with s3open.open(store.name("file"), mode) as file:
            file.note = "mine"  # type: ignore[attr-defined]
            assert file.note == "mine"  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", ["w", "wb", "w+", "w+b", "r+", "ab"])
def test_a_file_that_is_written_can_neither_be_copied_nor_pickled(
    store: Store, twin: LocalStore, mode: str
) -> None:
    copiers: list[Any] = [pickle.dumps, copy.copy, copy.deepcopy]
    with (
        opened(store, "file", s3open.open, mode) as ours,
        opened(twin, "file", io.open, mode) as builtin,
    ):
        for copier in copiers:
            with pytest.raises(TypeError) as wanted:
                copier(builtin)
            with pytest.raises(TypeError) as got:
                copier(ours)
            # The message names the class, of which ours is a private one.
            assert str(got.value).split("'")[0] == str(wanted.value).split("'")[0]


def test_files_are_hashable_and_equal_to_themselves_only(store: Store) -> None:
    name = store.put("file", b"")
    with s3open.open(name) as one, s3open.open(name) as two:
        assert len({one, two}) == 2
        assert one == one
        assert one != two


@pytest.mark.parametrize("mode", ["r", "rb"])
def test_a_file_that_is_not_there(store: Store, twin: LocalStore, mode: str) -> None:
    with pytest.raises(FileNotFoundError) as wanted:
        builtin_any(twin.name("missing"), mode)
    with pytest.raises(FileNotFoundError) as got:
        s3open.open(store.name("missing"), mode)
    assert got.value.errno == wanted.value.errno
    assert got.value.strerror == wanted.value.strerror
    assert got.value.filename == store.name("missing")
    expected = str(wanted.value).replace(twin.name("missing"), store.name("missing"))
    assert str(got.value) == expected


def test_the_filename_of_an_error_has_the_type_that_was_given(store: Store) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        s3open.open(os.fsencode(store.name("missing")))
    assert os.fsdecode(caught.value.filename) == store.name("missing")


def test_a_file_is_a_context_manager_that_gives_itself(store: Store) -> None:
    for mode in ("w", "wb", "w+", "w+b"):
        file = s3open.open(store.name("file"), mode)
        with file as same:
            assert same is file
        assert file.closed


def test_a_dict_of_arguments_works_by_name(store: Store) -> None:
    arguments: dict[str, Any] = {
        "file": store.name("file"),
        "mode": "w",
        "buffering": 100,
        "encoding": "utf-16",
        "errors": "strict",
        "newline": "\r\n",
        "closefd": True,
        "opener": None,
    }
    with s3open.open(**arguments) as file:
        file.write("a\n")
    assert store.read("file") == "a\r\n".encode("utf-16")


def test_all_arguments_work_by_position(store: Store) -> None:
    with s3open.open(
        store.name("file"), "w", 100, "utf-16", "strict", "\r\n", True, None
    ) as file:
        file.write("a\n")
    assert store.read("file") == "a\r\n".encode("utf-16")
