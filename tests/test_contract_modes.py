"""What each mode allows, and what comes of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from tests.stores import builtin_any, open_any, outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.stores import LocalStore, Store

READING = ["r", "rt", "rb", "br"]
WRITING = ["w", "wt", "wb", "x", "xb", "bx"]
UPDATING = ["w+", "wt+", "w+b", "+wb", "x+", "xb+"]
MODES = READING + WRITING + UPDATING


def text(mode: str) -> dict[str, str]:
    """Return the arguments that keep a text file the same on every machine."""
    return {} if "b" in mode else {"encoding": "utf-8"}


def opened(
    store: Store, twin: LocalStore, mode: str, buffering: int = -1
) -> tuple[Any, Any]:
    """Return the same file, ours and builtin's."""
    if "r" in mode:
        store.put("file", b"one\ntwo\nthree\n")
        twin.put("file", b"one\ntwo\nthree\n")
    ours = open_any(store.name("file"), mode, buffering, **text(mode))
    return ours, builtin_any(twin.name("file"), mode, buffering, **text(mode))


@pytest.mark.parametrize("mode", READING)
def test_a_reader_gives_what_is_there(store: Store, mode: str) -> None:
    name = store.put("file", b"one\ntwo\n")
    with open_any(name, mode, **text(mode)) as file:
        assert file.read() == (b"one\ntwo\n" if "b" in mode else "one\ntwo\n")


@pytest.mark.parametrize("mode", WRITING + UPDATING)
def test_a_writer_makes_the_file(store: Store, mode: str) -> None:
    with open_any(store.name("new"), mode, **text(mode)) as file:
        file.write(b"one\n" if "b" in mode else "one\n")
    assert store.read("new") == b"one\n"


@pytest.mark.parametrize("mode", ["w", "wb", "w+", "w+b"])
def test_w_replaces_all_of_what_was_there(store: Store, mode: str) -> None:
    name = store.put("old", b"much longer than what follows")
    with open_any(name, mode, **text(mode)) as file:
        file.write(b"new" if "b" in mode else "new")
    assert store.read("old") == b"new"


@pytest.mark.parametrize("mode", WRITING + UPDATING)
def test_a_writer_that_writes_nothing_makes_an_empty_file(
    store: Store, mode: str
) -> None:
    buffering = 0 if "b" in mode else -1
    open_any(store.name("empty"), mode, buffering, **text(mode)).close()
    assert store.exists("empty")
    assert store.read("empty") == b""


@pytest.mark.parametrize("mode", ["w", "wb", "w+", "w+b"])
def test_w_empties_an_old_file_without_a_write(store: Store, mode: str) -> None:
    name = store.put("old", b"old")
    open_any(name, mode, **text(mode)).close()
    assert store.read("old") == b""


@pytest.mark.parametrize("mode", UPDATING)
def test_what_was_written_can_be_read_back(store: Store, mode: str) -> None:
    with open_any(store.name("new"), mode, **text(mode)) as file:
        file.write(b"one\ntwo\n" if "b" in mode else "one\ntwo\n")
        file.seek(4)
        assert file.read() == (b"two\n" if "b" in mode else "two\n")
        file.seek(0)
        assert file.readline() == (b"one\n" if "b" in mode else "one\n")
        file.seek(0)
        file.write(b"ONE" if "b" in mode else "ONE")
    assert store.read("new") == b"ONE\ntwo\n"


@pytest.mark.parametrize("mode", MODES)
def test_the_file_says_what_it_can_do_as_builtin_does(
    store: Store, twin: LocalStore, mode: str
) -> None:
    ours, builtin = opened(store, twin, mode)
    with ours, builtin:
        for question in ("readable", "writable", "seekable", "isatty"):
            assert getattr(ours, question)() is getattr(builtin, question)()


@pytest.mark.parametrize(
    ("mode", "buffering"),
    [(mode, -1) for mode in MODES]
    + [(mode, 100) for mode in ("r", "rb", "w", "wb", "w+", "w+b")]
    + [(mode, 0) for mode in ("rb", "wb", "w+b")]
    + [(mode, 1) for mode in ("r", "w", "w+")],
)
def test_the_layers_are_those_of_builtin(
    store: Store, twin: LocalStore, mode: str, buffering: int
) -> None:
    ours, builtin = opened(store, twin, mode, buffering)
    kinds = [
        io.TextIOWrapper,
        io.BufferedReader,
        io.BufferedWriter,
        io.BufferedRandom,
        io.RawIOBase,
        io.BufferedIOBase,
        io.TextIOBase,
        io.IOBase,
    ]
    with ours, builtin:
        for below in ("", "buffer", "raw", "buffer.raw"):
            pair = [layer(file, below) for file in (ours, builtin)]
            assert (pair[0] is None) is (pair[1] is None)
            for kind in kinds:
                assert isinstance(pair[0], kind) is isinstance(pair[1], kind)


def layer(file: Any, path: str) -> Any:
    for attribute in filter(None, path.split(".")):
        file = getattr(file, attribute, None)
    return file


@pytest.mark.parametrize("buffering", [0, 2, 7, 4096, 1 << 20, -1])
@pytest.mark.parametrize("size", [3, 8192, 200_000])
def test_every_buffer_size_writes_and_reads_the_same(
    store: Store, buffering: int, size: int
) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    pieces = [content[:size], b"", content[:1], content[: size // 2]]
    with open_any(store.name("file"), "wb", buffering) as out:
        for piece in pieces:
            assert out.write(piece) == len(piece)
    whole = b"".join(pieces)
    assert store.read("file") == whole
    with open_any(store.name("file"), "rb", buffering) as file:
        assert file.read(1) == whole[:1]
        assert file.read(size) == whole[1 : 1 + size]
        assert file.read() == whole[1 + size :]
        assert file.read() == b""


def test_line_buffering_hands_each_line_down(store: Store) -> None:
    with open_any(store.name("file"), "w+", 1, encoding="utf-8") as file:
        assert file.line_buffering
        file.write("half")
        file.write(" and half\n")
        file.buffer.seek(0)
        assert file.buffer.read() == b"half and half\n"


# What a file refuses, and how.

CALLS: dict[str, Callable[[Any], object]] = {
    "read": lambda file: file.read(),
    "read one": lambda file: file.read(1),
    "read none": lambda file: file.read(0),
    "read1": lambda file: file.read1(),
    "readinto": lambda file: file.readinto(bytearray(3)),
    "readinto1": lambda file: file.readinto1(bytearray(3)),
    "readline": lambda file: file.readline(),
    "readlines": lambda file: file.readlines(),
    "readall": lambda file: file.readall(),
    "peek": lambda file: file.peek(1)[:3],
    "next": lambda file: next(file),
    "iterate": lambda file: list(file),
    "write": lambda file: file.write("x" if hasattr(file, "encoding") else b"x"),
    "write nothing": lambda file: file.write("" if hasattr(file, "encoding") else b""),
    "write the other kind": lambda file: file.write(
        b"x" if hasattr(file, "encoding") else "x"
    ),
    "write None": lambda file: file.write(None),
    "write a number": lambda file: file.write(7),
    "writelines": lambda file: file.writelines(
        ["x", "y"] if hasattr(file, "encoding") else [b"x", b"y"]
    ),
    "writelines of nothing": lambda file: file.writelines([]),
    "writelines of numbers": lambda file: file.writelines([1]),
    "writelines of a number": lambda file: file.writelines(1),
    "truncate": lambda file: file.truncate(),
    "truncate to 2": lambda file: file.truncate(2),
    "truncate to -1": lambda file: file.truncate(-1),
    "truncate to a word": lambda file: file.truncate("two"),
    "tell": lambda file: file.tell(),
    "seek": lambda file: file.seek(1),
    "seek to -1": lambda file: file.seek(-1),
    "seek far back": lambda file: file.seek(-99, 1),
    "seek before the start": lambda file: file.seek(-99, 2),
    "seek to 1.5": lambda file: file.seek(1.5),
    "seek to a word": lambda file: file.seek("end"),
    "seek from nowhere": lambda file: file.seek(0, 9),
    "seek to the end": lambda file: file.seek(0, 2),
    "flush": lambda file: file.flush(),
    "isatty": lambda file: file.isatty(),
    "readable": lambda file: file.readable(),
    "writable": lambda file: file.writable(),
    "seekable": lambda file: file.seekable(),
    "enter": lambda file: file.__enter__() is file,
    "closed": lambda file: file.closed,
    "read a word": lambda file: file.read("all"),
    "read 1.5": lambda file: file.read(1.5),
    "readline of a word": lambda file: file.readline("all"),
    "readinto bytes": lambda file: file.readinto(b"constant"),
    "readinto a number": lambda file: file.readinto(3),
    "an attribute that is not there": lambda file: file.nothing,
    "reconfigure": lambda file: file.reconfigure(newline="\n"),
    "detach twice": lambda file: file.detach() and file.detach(),
}
SHAPES = [(mode, -1) for mode in MODES]
SHAPES += [(mode, 0) for mode in ("rb", "wb", "w+b", "xb", "xb+")]
# RawIOBase.read words a wrong argument otherwise than FileIO.read; FileIO.readinto does
# by version; and FileIO.readall leaves it to the system to refuse a writer.
WORDED_BY_FILEIO = {
    "read a word",
    "read 1.5",
    "readinto bytes",
    "readinto a number",
    "readall",
}


def outcomes(file: Any, *, without: str = "") -> dict[str, object]:
    """Return what comes of every call, made one after the other on the same file."""
    results = {
        label: outcome(call, file) for label, call in CALLS.items() if label != without
    }
    if isinstance(file, io.RawIOBase):
        for label in WORDED_BY_FILEIO:
            results[label] = _kind(results[label])
    return results


def _kind(result: object) -> object:
    if isinstance(result, tuple):
        kind: str = result[0]
        return "OSError" if kind == "UnsupportedOperation" else kind
    return result


@pytest.mark.parametrize(("mode", "buffering"), SHAPES)
def test_every_method_gives_or_raises_what_builtin_does(
    store: Store, twin: LocalStore, mode: str, buffering: int
) -> None:
    ours, builtin = opened(store, twin, mode, buffering)
    with ours, builtin:
        wanted = outcomes(builtin, without="detach twice")
        assert outcomes(ours, without="detach twice") == wanted


@pytest.mark.parametrize(("mode", "buffering"), SHAPES)
def test_a_closed_file_refuses_what_a_closed_builtin_file_refuses(
    store: Store, twin: LocalStore, mode: str, buffering: int
) -> None:
    ours, builtin = opened(store, twin, mode, buffering)
    ours.close()
    builtin.close()
    assert outcomes(ours) == outcomes(builtin)


@pytest.mark.parametrize("mode", MODES)
def test_a_detached_layer_refuses_what_builtin_refuses(
    store: Store, twin: LocalStore, mode: str
) -> None:
    ours, builtin = opened(store, twin, mode)
    with ours.detach(), builtin.detach():
        assert outcomes(ours) == outcomes(builtin)
