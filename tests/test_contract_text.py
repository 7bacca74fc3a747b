"""Text: encodings and their byte order marks, line ends, errors; all as builtin."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from tests.stores import outcome

if TYPE_CHECKING:
    from tests.stores import LocalStore, Store

TEXT = "Zwölf\nBoxkämpfer\r\njagen\rViktor €\n\nquer \U0001f600 über\n"
ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-32-le",
    "utf-7",
]
NARROW = ["latin-1", "ascii", "cp1252", "koi8-r", "shift_jis", "gb18030", "hz"]
NEWLINES = [None, "", "\n", "\r", "\r\n"]
# Every encoding with two, every newline with two.
PAIRS = [(encoding, newline) for encoding in ENCODINGS for newline in (None, "\r\n")]
PAIRS += [
    (encoding, newline) for encoding in ("utf-8", "utf-16") for newline in NEWLINES
]
PAIRS = list(dict.fromkeys(PAIRS))
MIXED = b"one\ntwo\r\nthree\rfour\n\r\n\r\rfive\r\n"


@pytest.mark.parametrize(("encoding", "newline"), PAIRS)
def test_text_is_written_to_the_byte_as_builtin_writes_it(
    store: Store, twin: LocalStore, encoding: str, newline: str | None
) -> None:
    for opener, each in ((s3open.open, store), (io.open, twin)):
        arguments: Any = {"encoding": encoding, "newline": newline}
        with opener(each.name("file"), "w", **arguments) as file:
            file.write(TEXT[:5])
            file.flush()
            file.writelines([TEXT[5:20], TEXT[20:]])
    assert store.read("file") == twin.read("file")


@pytest.mark.parametrize(("encoding", "newline"), PAIRS)
def test_text_is_read_as_builtin_reads_it(
    store: Store, twin: LocalStore, encoding: str, newline: str | None
) -> None:
    content = TEXT.encode(encoding)
    arguments: Any = {"encoding": encoding, "newline": newline}
    with (
        s3open.open(store.put("file", content), **arguments) as ours,
        io.open(twin.put("file", content), **arguments) as builtin,
    ):
        assert ours.read(7) == builtin.read(7)
        assert ours.readline() == builtin.readline()
        assert ours.read() == builtin.read()
        assert ours.newlines == builtin.newlines


@pytest.mark.parametrize("newline", NEWLINES)
def test_lines_end_where_builtin_ends_them(
    store: Store, twin: LocalStore, newline: str | None
) -> None:
    arguments: Any = {"encoding": "ascii", "newline": newline}
    with (
        s3open.open(store.put("file", MIXED), **arguments) as ours,
        io.open(twin.put("file", MIXED), **arguments) as builtin,
    ):
        for line, wanted in itertools.zip_longest(ours, builtin):
            assert line == wanted
            assert ours.newlines == builtin.newlines
        for file in (ours, builtin):
            file.seek(0)
        assert ours.readlines(9) == builtin.readlines(9)
        assert ours.readline(2) == builtin.readline(2)
        assert ours.readlines() == builtin.readlines()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_written_once_at_the_start(
    store: Store, encoding: str
) -> None:
    with s3open.open(store.name("file"), "w", encoding=encoding) as file:
        for piece in ("a", "b", "c"):
            file.write(piece)
            file.flush()
    assert store.read("file") == "abc".encode(encoding)
    with s3open.open(store.name("file"), encoding=encoding) as file:
        assert file.read() == "abc"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_text_file_without_a_write_has_no_byte_order_mark(
    store: Store, encoding: str
) -> None:
    s3open.open(store.name("file"), "w", encoding=encoding).close()
    assert store.read("file") == b""


@pytest.mark.parametrize(
    "errors",
    [None, "strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace"],
)
def test_what_cannot_be_encoded_is_treated_as_builtin_treats_it(
    store: Store, twin: LocalStore, errors: str | None
) -> None:
    for encoding in NARROW:
        results = []
        for opener, each in ((s3open.open, store), (io.open, twin)):
            file = opener(each.name("file"), "w", encoding=encoding, errors=errors)
            results.append(outcome(file.write, TEXT))
            file.close()
        assert results[0] == results[1]
        assert store.read("file") == twin.read("file")


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("utf-8", b"good \xff bad \xe2\x82"),
        ("ascii", b"caf\xe9"),
        ("utf-16", b"\xff\xfea\0b"),
        ("utf-32", b"\xff\xfe\0\0a\0"),
        ("shift_jis", b"ab\x81"),
        ("cp1252", b"a\x81b"),
    ],
)
def test_what_cannot_be_decoded_is_treated_as_builtin_treats_it(
    store: Store, twin: LocalStore, encoding: str, content: bytes
) -> None:
    ours, builtin = store.put("file", content), twin.put("file", content)
    for errors in (
        "strict",
        "ignore",
        "replace",
        "backslashreplace",
        "surrogateescape",
    ):
        results = []
        for opener, name in ((s3open.open, ours), (io.open, builtin)):
            with opener(name, encoding=encoding, errors=errors) as file:
                results.append(outcome(file.read))
        assert results[0] == results[1]


def test_surrogates_bring_any_bytes_through_unharmed(store: Store) -> None:
    content = bytes(range(256))
    arguments: Any = {"encoding": "utf-8", "errors": "surrogateescape", "newline": ""}
    with s3open.open(store.put("in", content), **arguments) as file:
        text = file.read()
    with s3open.open(store.name("out"), "w", **arguments) as file:
        file.write(text)
    assert store.read("out") == content


@pytest.mark.parametrize("buffering", [1, 2, 5, 8192])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_characters_are_whole_however_small_the_buffer(
    store: Store, buffering: int, encoding: str
) -> None:
    text = "äöü€\U0001f600" * 50 + "\n"
    name = store.name("file")
    with s3open.open(name, "w", buffering, encoding=encoding) as file:
        for character in text:
            assert file.write(character) == 1
    assert store.read("file") == text.encode(encoding)
    with s3open.open(name, "r", buffering, encoding=encoding) as file:
        assert "".join(iter(lambda: file.read(1), "")) == text


def test_the_default_encoding_is_that_of_builtin(
    store: Store, twin: LocalStore
) -> None:
    name = twin.put("file", b"")
    with (
        s3open.open(store.put("file", b"")) as ours,
        io.open(name) as builtin,
    ):
        assert ours.encoding == builtin.encoding
        assert ours.errors == builtin.errors


def test_the_encoding_locale_is_understood(store: Store, twin: LocalStore) -> None:
    with (
        s3open.open(store.put("file", b""), encoding="locale") as ours,
        io.open(twin.put("file", b""), encoding="locale") as builtin,
    ):
        assert ours.encoding == builtin.encoding


@pytest.mark.parametrize(
    ("encoding", "errors"),
    [
        ("UTF8", None),
        ("Latin-1", "replace"),
        ("utf_8_sig", "ignore"),
        ("U16", "strict"),
    ],
)
def test_encoding_and_errors_are_shown_as_builtin_shows_them(
    store: Store, twin: LocalStore, encoding: str, errors: str | None
) -> None:
    with (
        s3open.open(store.put("file", b""), encoding=encoding, errors=errors) as ours,
        io.open(twin.put("file", b""), encoding=encoding, errors=errors) as builtin,
    ):
        assert ours.encoding == builtin.encoding
        assert ours.errors == builtin.errors


@pytest.mark.parametrize("newline", NEWLINES)
def test_what_was_written_is_read_back_with_the_same_line_ends(
    store: Store, twin: LocalStore, newline: str | None
) -> None:
    texts = []
    arguments: Any = {"encoding": "utf-8", "newline": newline}
    for opener, each in ((s3open.open, store), (io.open, twin)):
        with opener(each.name("file"), "w+", **arguments) as file:
            file.write("a\nb\r\nc\rd")
            file.seek(0)
            texts.append((file.readlines(), file.newlines))
    assert texts[0] == texts[1]
    assert store.read("file") == twin.read("file")


def test_a_text_file_can_be_reconfigured(store: Store) -> None:
    with s3open.open(store.name("file"), "w", encoding="latin-1") as file:
        file.write("ä\n")
        file.reconfigure(encoding="utf-8", newline="\r\n", line_buffering=True)
        assert file.line_buffering
        file.write("ä\n")
    assert store.read("file") == b"\xe4\n\xc3\xa4\r\n"


def test_a_text_file_can_write_through(store: Store) -> None:
    with s3open.open(store.name("file"), "w+", encoding="utf-8") as file:
        file.reconfigure(write_through=True)
        file.write("ä")
        buffer: Any = file.buffer
        buffer.seek(0)
        assert buffer.read() == "ä".encode()


def test_bytes_and_text_can_be_mixed_by_way_of_the_buffer(store: Store) -> None:
    with s3open.open(store.name("file"), "w", encoding="utf-8") as file:
        file.write("text\n")
        file.flush()
        file.buffer.write(b"\x00\xff\n")
        file.write("more\n")
    assert store.read("file") == b"text\n\x00\xff\nmore\n"


@pytest.mark.parametrize("newline", [None, ""])
def test_print_writes_to_a_file(store: Store, newline: str | None) -> None:
    with s3open.open(store.name("f"), "w", encoding="utf-8", newline=newline) as file:
        print("a", 1, sep="-", end="!\n", file=file, flush=True)
        print(file=file)
    assert store.read("f") == b"a-1!\n\n"


@pytest.mark.parametrize("layer", ["file", "buffer", "raw"])
def test_text_is_closed_whichever_layer_is(
    store: Store, twin: LocalStore, layer: str
) -> None:
    seen = []
    for opener, each in ((s3open.open, store), (io.open, twin)):
        file: Any = opener(each.put("file", b"one\ntwo\n"))
        layers = {"file": file, "buffer": file.buffer, "raw": file.buffer.raw}
        before = file.closed
        layers[layer].close()
        seen.append((before, file.closed, outcome(lambda f=file: next(f))))
    assert seen[0] == seen[1]
    assert seen[0][:2] == (False, True)


def test_text_without_its_buffer_does_not_know_whether_it_is_closed(
    store: Store, twin: LocalStore
) -> None:
    seen = []
    for opener, each in ((s3open.open, store), (io.open, twin)):
        file = opener(each.put("file", b"one\ntwo\n"))
        with file.detach():  # type: ignore[attr-defined]  # IO has no such method
            seen.append(outcome(lambda f=file: f.closed))
    assert seen[0] == seen[1]
