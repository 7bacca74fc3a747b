"""Reading bytes: every method gives what builtin gives, to the end of the file."""

from __future__ import annotations

import array
import io
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.stores import builtin_any, open_any, outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.stores import LocalStore, Store

CONTENT = b"one\ntwo\r\n\nthree\rfour\x00\xff\nlast without an end"
BUFFERINGS = [-1, 0, 3]


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_read_gives_at_most_what_was_asked_for_and_then_nothing(
    store: Store, buffering: int
) -> None:
    with open_any(store.put("file", CONTENT), "rb", buffering) as file:
        assert file.read(0) == b""
        assert file.read(3) == b"one"
        assert file.read(1) == b"\n"
        assert file.read(-1) == CONTENT[4:]
        assert file.read(-1) == file.read(5) == file.read() == file.read(0) == b""


@pytest.mark.parametrize("buffering", BUFFERINGS)
@pytest.mark.parametrize("size", [None, -1])
def test_read_of_none_or_a_negative_size_gives_the_rest(
    store: Store, buffering: int, size: int | None
) -> None:
    with open_any(store.put("file", CONTENT), "rb", buffering) as file:
        file.seek(5)
        assert file.read(size) == CONTENT[5:]


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_a_read_longer_than_the_file_gives_all_of_it(
    store: Store, buffering: int
) -> None:
    with open_any(store.put("file", CONTENT), "rb", buffering) as file:
        assert file.read(1 << 20) == CONTENT


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_one_byte_at_a_time_gives_the_whole_file(store: Store, buffering: int) -> None:
    with open_any(store.put("file", CONTENT), "rb", buffering) as file:
        assert b"".join(iter(lambda: file.read(1), b"")) == CONTENT


def test_read1_gives_something_until_the_end(store: Store) -> None:
    with open_any(store.put("file", CONTENT), "rb") as file:
        assert file.read1(3) == b"one"
        assert file.read1(0) == b""
        rest = b"".join(iter(file.read1, b""))
        assert rest == CONTENT[3:]
        assert file.read1() == file.read1(5) == b""


def test_peek_shows_what_comes_and_moves_nothing(store: Store) -> None:
    with open_any(store.put("file", CONTENT), "rb") as file:
        assert file.peek(3)[:3] == b"one"
        assert file.tell() == 0
        assert file.read(4) == b"one\n"
        assert file.peek()[:3] == b"two"
        file.read()
        assert file.peek() == b""


@pytest.mark.parametrize(
    ("buffering", "method"),
    # Raw files have no readinto1.
    [(-1, "readinto"), (0, "readinto"), (3, "readinto"), (-1, "readinto1")],
)
@pytest.mark.parametrize(
    "make",
    [
        bytearray,
        lambda size: memoryview(bytearray(size)),
        lambda size: array.array("B", bytes(size)),
    ],
    ids=["bytearray", "memoryview", "array"],
)
def test_readinto_fills_any_writable_buffer(
    store: Store, buffering: int, method: str, make: Callable[[int], Any]
) -> None:
    target = make(9)
    with open_any(store.put("file", CONTENT), "rb", buffering) as file:
        assert getattr(file, method)(target) == 9
        assert bytes(target) == CONTENT[:9]
        assert file.tell() == 9


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_readinto_fills_up_to_the_end_and_no_further(
    store: Store, buffering: int
) -> None:
    with open_any(store.put("file", CONTENT), "rb", buffering) as file:
        target = bytearray(b"#" * 100)
        assert file.readinto(target) == len(CONTENT)
        assert target == CONTENT + b"#" * (100 - len(CONTENT))
        assert file.readinto(target) == 0
        assert file.readinto(bytearray()) == 0


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_readinto_takes_items_wider_than_bytes(store: Store, buffering: int) -> None:
    numbers = array.array("I", [1, 2, 3, 4])
    target = array.array("I", [0, 0, 0, 0])
    with open_any(store.put("file", numbers.tobytes()), "rb", buffering) as file:
        assert file.readinto(target) == numbers.itemsize * 4
    assert target == numbers


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_readinto_refuses_a_buffer_that_is_read_only(
    store: Store, buffering: int
) -> None:
    with (
        open_any(store.put("file", CONTENT), "rb", buffering) as file,
        pytest.raises(TypeError),
    ):
        file.readinto(b"constant")
    with (
        open_any(store.put("file", CONTENT), "rb", buffering) as file,
        pytest.raises(TypeError),
    ):
        file.readinto(memoryview(b"constant"))


LINES = CONTENT.splitlines(keepends=True)


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_lines_end_at_line_feeds_only(store: Store, buffering: int) -> None:
    wanted = [b"one\n", b"two\r\n", b"\n", b"three\rfour\x00\xff\n"]
    wanted.append(b"last without an end")
    name = store.put("file", CONTENT)
    with open_any(name, "rb", buffering) as file:
        assert list(file) == wanted
        assert list(file) == []
    with open_any(name, "rb", buffering) as file:
        assert file.readlines() == wanted
    with open_any(name, "rb", buffering) as file:
        assert list(iter(file.readline, b"")) == wanted


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_readline_stops_at_its_limit(store: Store, buffering: int) -> None:
    with open_any(store.put("file", CONTENT), "rb", buffering) as file:
        assert file.readline(2) == b"on"
        assert file.readline(0) == b""
        assert file.readline(2) == b"e\n"
        assert file.readline(100) == b"two\r\n"
        assert file.readline(-1) == b"\n"


@pytest.mark.parametrize("buffering", BUFFERINGS)
@pytest.mark.parametrize("hint", [None, -1, 0, 1, 4, 5, 12, 1000])
def test_readlines_heeds_its_hint_as_builtin_does(
    store: Store, twin: LocalStore, buffering: int, hint: int | None
) -> None:
    name = twin.put("file", CONTENT)
    with (
        open_any(store.put("file", CONTENT), "rb", buffering) as ours,
        builtin_any(name, "rb", buffering) as builtin,
    ):
        assert ours.readlines(hint) == builtin.readlines(hint)
        assert ours.read() == builtin.read()


def test_iteration_and_other_reads_can_be_mixed(store: Store) -> None:
    with open_any(store.put("file", CONTENT), "rb") as file:
        assert next(file) == b"one\n"
        assert file.tell() == 4
        assert file.read(2) == b"tw"
        assert next(file) == b"o\r\n"
        file.seek(0)
        assert next(file) == b"one\n"


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_an_empty_file_has_nothing(store: Store, buffering: int) -> None:
    with open_any(store.put("empty", b""), "rb", buffering) as file:
        assert file.read() == file.read(10) == file.readline() == b""
        assert file.readinto(bytearray(3)) == 0
        assert list(file) == file.readlines() == []
        assert file.tell() == file.seek(0, os.SEEK_END) == 0
        assert file.seek(5) == 5
        assert file.read(1) == b""


def test_an_empty_text_file_has_nothing(store: Store) -> None:
    with open_any(store.put("empty", b""), encoding="utf-8") as file:
        assert file.read() == file.read(10) == file.readline() == ""
        assert list(file) == file.readlines() == []
        assert file.tell() == 0
        assert file.newlines is None


def test_a_raw_file_reads_all_of_it_at_once(store: Store) -> None:
    with open_any(store.put("file", CONTENT), "rb", 0) as file:
        assert isinstance(file, io.RawIOBase)
        assert file.read(4) == b"one\n"
        assert file.readall() == CONTENT[4:]
        assert file.readall() == b""


def test_the_layers_can_be_taken_apart(store: Store) -> None:
    text = open_any(store.put("file", CONTENT), encoding="latin-1")
    assert text.readline() == "one\n"
    buffer = text.detach()
    assert isinstance(buffer, io.BufferedReader)
    with pytest.raises(ValueError, match="detached"):
        text.read()
    buffer.seek(4)
    assert buffer.readline() == b"two\r\n"
    raw = buffer.detach()
    assert isinstance(raw, io.RawIOBase)
    raw.seek(0)
    assert raw.read(3) == b"one"
    raw.close()


@pytest.mark.parametrize(("mode", "encoding"), [("rb", None), ("r", "latin-1")])
def test_two_readers_of_one_file_have_positions_of_their_own(
    store: Store, mode: str, encoding: str | None
) -> None:
    name = store.put("file", CONTENT)
    with (
        open_any(name, mode, encoding=encoding) as one,
        open_any(name, mode, encoding=encoding) as two,
    ):
        first = one.readline()
        one.readline()
        assert two.readline() == first


@pytest.mark.parametrize("size", [-2, -99])
@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_sizes_below_minus_one_are_taken_as_builtin_takes_them(
    store: Store, twin: LocalStore, buffering: int, size: int
) -> None:
    name = twin.put("file", CONTENT)
    with (
        open_any(store.put("file", CONTENT), "rb", buffering) as ours,
        builtin_any(name, "rb", buffering) as builtin,
    ):
        for method in ("read", "readline", "read1", "peek", "readlines"):
            wanted = outcome(lambda name: getattr(builtin, name)(size), method)
            assert outcome(lambda name: getattr(ours, name)(size), method) == wanted


def test_a_reader_can_be_wrapped_as_any_file(store: Store) -> None:
    name = store.put("file", "zwölf\r\nBoxkämpfer\r\n".encode())
    with (
        open_any(name, "rb") as binary,
        io.TextIOWrapper(binary, "utf-8", newline="") as text,
    ):
        assert text.read() == "zwölf\r\nBoxkämpfer\r\n"
    with open_any(name, "rb", 0) as raw, io.BufferedReader(raw, 16) as buffered:
        assert buffered.readline() == "zwölf\r\n".encode()
