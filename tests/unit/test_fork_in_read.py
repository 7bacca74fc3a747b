"""A fork while another thread is inside a call of an open file: nobody hangs."""

from __future__ import annotations

import contextlib
import io
import threading
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Config
from tests.fakes import KIB, MIB, FakeStore, Fault, pattern
from tests.unit.forking import in_child
from tests.unit.writers import LAYERS, URI, kept, opened, put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CONTENT = pattern(5 * MIB + 11)
SMALL = Config(memory=2 * MIB)


class Gate:
    """What a request waits at, until it is let through."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()

    def wait(self) -> None:
        self.reached.set()
        assert self.open.wait(30)


@contextlib.contextmanager
def inside(gate: Gate, action: Callable[[], object]) -> Iterator[list[object]]:
    """Have a thread be in the middle of *action*, at *gate*, until the block ends."""
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(action()))
    thread.start()
    try:
        assert gate.reached.wait(30)
        yield results
    finally:
        gate.open.set()
        thread.join()


def gated(store: FakeStore, operation: str, number: int) -> Gate:
    gate = Gate()
    store.plan(operation, number, Fault(first=gate.wait))
    return gate


@pytest.mark.parametrize("buffering", [0, -1, 100])
@pytest.mark.parametrize("before", [10, 200 * KIB])
def test_a_reader_goes_on_in_both(
    store: FakeStore, buffering: int, before: int
) -> None:
    store.add("k", CONTENT)
    gate = gated(store, "get_object", 2)
    with s3open.open(URI, "rb", buffering) as file:
        assert file.read(before) == CONTENT[:before]

        def go_on() -> bool:
            with file:
                start = file.tell()
                right = file.read(1000) == CONTENT[start : start + 1000]
                file.seek(0)
                return right and file.read() == CONTENT

        with inside(gate, file.read) as results:
            assert in_child(go_on)
        assert results == [CONTENT[before:]]
        file.seek(3)
        assert file.read(10) == CONTENT[3:13]


def test_a_reader_of_text_goes_on_in_both(store: FakeStore) -> None:
    lines = [f"{number:7}äöü\n" for number in range(100_000)]
    store.add("k", "".join(lines).encode())
    gate = gated(store, "get_object", 2)
    with s3open.open(URI, encoding="utf-8") as file:
        assert file.readline() == lines[0]

        def go_on() -> bool:
            with file:
                file.seek(0)
                return list(file) == lines

        with inside(gate, file.readlines) as results:
            assert in_child(go_on)
        assert results == [lines[1:]]


def test_a_child_stands_where_its_parent_stood(store: FakeStore) -> None:
    store.add("k", CONTENT)
    with s3open.open(URI, "rb", config=SMALL) as file:
        for position in (0, 10, 130 * KIB, 4 * MIB, len(CONTENT) + 5):
            file.seek(position)
            file.read(1)
            stands = file.tell()
            assert in_child(lambda: (file.tell(), file.peek(1)[:1])) == (
                stands,
                CONTENT[stands : stands + 1],
            )
            assert file.tell() == stands


def test_a_fork_in_the_middle_of_a_seek_gives_a_position_that_exists(
    store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add("k", CONTENT)
    gate = Gate()
    with s3open.open(URI, "rb") as file:
        file.seek(3 * MIB)
        file.read(10)
        seek: Any = file.raw.seek

        def seek_and_wait(*arguments: int) -> int:
            position: int = seek(*arguments)
            if threading.current_thread() is not threading.main_thread():
                gate.wait()
            return position

        monkeypatch.setattr(file.raw, "seek", seek_and_wait)

        def go_on() -> bool:
            start = file.tell()
            return bytes(file.read()) == CONTENT[start:]

        with inside(gate, lambda: file.seek(5)) as results:
            assert in_child(go_on)
        assert results == [5]
        assert file.read(10) == CONTENT[5:15]


def test_a_fork_does_not_move_a_file_that_is_a_descriptor(
    store: FakeStore,
) -> None:
    store.add("k", CONTENT)
    with s3open.open(URI, "rb") as file:
        file.fileno()
        assert file.read(10) == CONTENT[:10]
        assert in_child(lambda: file.read(10) == CONTENT[10:20])
        assert file.read() == CONTENT[10:]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_child_drops_its_copy_of_a_file_that_is_being_published(
    store: FakeStore, state: Path, layer: str
) -> None:
    file = opened(layer)
    put(file, b"whole")
    gate = gated(store, "put_object", 1)

    def drop() -> tuple[bool, int]:
        file.close()
        return file.closed, len(store.asked("put_object"))

    with inside(gate, file.close):
        assert in_child(drop) == (True, 1)
    assert store.objects["k"].body == b"whole"
    assert kept(state) == []


@pytest.mark.parametrize("layer", LAYERS)
def test_a_child_drops_its_copy_of_a_file_that_is_being_written(
    store: FakeStore, state: Path, layer: str
) -> None:
    content = pattern(30 * MIB)
    gate = gated(store, "create_multipart_upload", 1)
    file = opened(layer)

    def write() -> None:
        put(file, content)
        file.close()

    def drop() -> None:
        with contextlib.suppress(io.UnsupportedOperation):
            file.close()
        assert file.closed

    with inside(gate, write):
        in_child(drop)
        assert in_child(lambda: file.__exit__(None, None, None)) is None
    assert store.objects["k"].body == content
    assert kept(state) == []
    assert store.uploads == {}


def test_a_child_reads_what_had_been_handed_down(store: FakeStore) -> None:
    store.add("k", CONTENT)
    gate = gated(store, "get_object", 2)
    with s3open.open(URI, "r+b", config=SMALL) as file:
        file.write(b"new")
        file.flush()
        file.seek(2 * MIB)

        def read() -> bool:
            file.seek(0)
            return file.read(100) == b"new" + CONTENT[3:100]

        with inside(gate, lambda: file.read(100)) as results:
            assert in_child(read)
        assert results == [CONTENT[2 * MIB : 2 * MIB + 100]]
    assert store.objects["k"].body == b"new" + CONTENT[3:]
