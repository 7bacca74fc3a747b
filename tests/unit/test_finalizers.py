"""Files that nobody closed: never published, never lost, never silent."""

import gc
import gzip
import io
import json
import os
import sys
import warnings
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import s3open
from s3open import UnpublishedWarning
from tests.fakes import KIB, FakeStore, pattern
from tests.unit.writers import URI, kept, put

LAYERS: dict[str, Callable[[], Any]] = {
    "raw": lambda: s3open.open(URI, "wb", buffering=0),
    "binary": lambda: s3open.open(URI, "wb"),
    "updating": lambda: s3open.open(URI, "w+b"),
    "creating": lambda: s3open.open(URI, "xb"),
    "text": lambda: s3open.open(URI, "w", encoding="ascii"),
    "lines": lambda: s3open.open(URI, "w", 1, encoding="ascii"),
}


class Holder:
    """Holds a file in a reference cycle, so that only the collector finds it."""

    def __init__(self, *files: Any) -> None:
        self.files = files
        self.itself: Holder | None = self


@pytest.fixture(params=LAYERS)
def layer(request: pytest.FixtureRequest) -> Callable[[], Any]:
    return LAYERS[request.param]


@pytest.fixture(autouse=True, scope="module")
def frozen() -> Iterator[None]:
    """Have the collector look at nothing that was there before: it is much."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def clean(frozen: None) -> None:
    """Have the collector find nothing of other tests."""
    gc.collect()


@pytest.mark.parametrize("size", [3, 300 * KIB])
def test_a_dropped_writer_publishes_nothing_and_keeps_everything(
    store: FakeStore, state: Path, layer: Callable[[], Any], size: int
) -> None:
    content = pattern(size).hex().encode()
    store_before = dict(store.objects)
    file = layer()
    requests = len(store.requests)
    put(file, content)
    put(file, b"the end")
    with pytest.warns(UnpublishedWarning, match="never closed") as warned:
        del file
    assert len(warned) == 1
    assert warned[0].filename == __file__
    assert URI in str(warned[0].message)
    assert store.objects == store_before
    assert len(store.requests) == requests
    assert kept(state) == [content + b"the end"]
    (description,) = state.rglob("*.json")
    assert os.fspath(description.with_suffix(".data")) in str(warned[0].message)
    assert json.loads(description.read_text())["uri"] == URI


def test_a_writer_in_a_cycle_publishes_nothing_and_keeps_everything(
    store: FakeStore, state: Path, layer: Callable[[], Any]
) -> None:
    file = layer()
    requests = len(store.requests)
    put(file, b"one ")
    put(file, b"two")
    file.holder = Holder(file)
    del file
    with pytest.warns(UnpublishedWarning, match="never closed") as warned:
        gc.collect()
    assert len(warned) == 1
    assert warned[0].filename == __file__
    assert len(store.requests) == requests
    assert kept(state) == [b"one two"]


def test_a_writer_whose_every_layer_is_in_a_cycle_is_kept_whole(
    store: FakeStore, state: Path
) -> None:
    # The collector may come to the lower layers first.
    for order in (1, -1):
        file = LAYERS["text"]()
        put(file, b"one ")
        file.flush()
        put(file, b"two")
        Holder(*(file.buffer.raw, file.buffer, file)[::order])
        del file
        with pytest.warns(UnpublishedWarning):
            gc.collect()
    assert kept(state) == [b"one two"] * 2


def test_a_lower_layer_that_lives_on_is_closed_with_the_upper_as_builtin_does(
    store: FakeStore, state: Path
) -> None:
    file = LAYERS["text"]()
    put(file, b"whole")
    below = file.buffer
    with pytest.warns(UnpublishedWarning):
        del file
    assert below.closed
    assert kept(state) == [b"whole"]


def test_an_empty_writer_that_is_dropped_says_so_and_keeps_nothing(
    store: FakeStore, state: Path, layer: Callable[[], Any]
) -> None:
    file = layer()
    with pytest.warns(UnpublishedWarning, match="empty"):
        del file
    assert kept(state) == []


def test_a_closed_writer_is_forgotten_in_silence(
    store: FakeStore, state: Path, layer: Callable[[], Any]
) -> None:
    file = layer()
    put(file, b"whole")
    file.close()
    gone = weakref.ref(file)
    del file
    assert gone() is None
    assert store.objects["k"].body == b"whole"
    assert kept(state) == []


def test_a_writer_that_failed_is_forgotten_in_silence(
    store: FakeStore, state: Path, layer: Callable[[], Any]
) -> None:
    store.denied.add("put_object")
    file = layer()
    put(file, b"whole")
    with pytest.raises(PermissionError):
        file.close()
    del file
    gc.collect()
    assert kept(state) == [b"whole"]


def test_a_closed_file_leaves_no_cycle_behind(store: FakeStore) -> None:
    store.add("k", b"x")
    for mode in ("r", "rb", "w", "wb", "w+b"):
        file = s3open.open(URI, mode)
        gone = weakref.ref(file)
        with file:
            pass
        del file
        assert gone() is None, mode


def _text(file: Any) -> Any:
    return io.TextIOWrapper(file, encoding="ascii")


def _text_of_text(file: Any) -> Any:
    return io.TextIOWrapper(io.BufferedWriter(file, 100), encoding="ascii")


@pytest.mark.parametrize("wrapper", [_text, _text_of_text])
@pytest.mark.parametrize("below", ["raw", "binary", "updating"])
def test_what_a_foreign_layer_held_is_kept(
    store: FakeStore, state: Path, wrapper: Callable[[Any], Any], below: str
) -> None:
    if below == "raw" and wrapper is _text:
        pytest.skip("text needs a buffer below it")
    file = wrapper(LAYERS[below]())
    file.write("one ")
    file.write("two")
    with pytest.warns(UnpublishedWarning, match="never closed") as warned:
        del file
    assert len(warned) == 1
    assert warned[0].filename == __file__
    assert store.requests == []
    assert kept(state) == [b"one two"]


def gzip_makes_cycles() -> bool:
    """Whether a dropped GzipFile waits for the collector (3.12.0 to 3.13.1 do)."""
    # https://github.com/python/cpython/issues/129726
    probe = gzip.GzipFile("", "wb", fileobj=io.BytesIO())
    probe.close()
    gone = weakref.ref(probe)
    del probe
    return gone() is not None


@pytest.mark.skipif(gzip_makes_cycles(), reason="a local file would lose it, too")
@pytest.mark.parametrize("below", ["raw", "binary", "updating"])
def test_what_gzip_held_is_kept(store: FakeStore, state: Path, below: str) -> None:
    content = pattern(100 * KIB)
    file = gzip.GzipFile("", "wb", fileobj=LAYERS[below](), mtime=0)
    file.write(content)
    with pytest.warns(UnpublishedWarning, match="never closed"):
        del file
    assert store.requests == []
    (packed,) = kept(state)
    assert gzip.decompress(packed) == content


@pytest.mark.parametrize("layer_name", ["binary", "updating", "text"])
def test_a_detached_layer_warns_of_nothing(
    store: FakeStore, state: Path, layer_name: str
) -> None:
    file = LAYERS[layer_name]()
    put(file, b"one ")
    below = file.detach()
    del file
    gc.collect()
    assert not below.closed
    below.write(b"two")
    with pytest.warns(UnpublishedWarning, match="never closed") as warned:
        del below
    assert len(warned) == 1
    assert kept(state) == [b"one two"]


def test_a_raw_file_that_is_all_that_is_left_is_kept(
    store: FakeStore, state: Path
) -> None:
    raw = LAYERS["text"]().detach().detach()
    raw.write(b"whole")
    raw.holder = Holder(raw)
    del raw
    with pytest.warns(UnpublishedWarning, match="never closed"):
        gc.collect()
    assert kept(state) == [b"whole"]


def test_a_detached_buffer_under_a_new_layer_is_kept_whole(
    store: FakeStore, state: Path
) -> None:
    file = io.TextIOWrapper(LAYERS["text"]().detach(), encoding="utf-16-le")
    file.write("é")
    with pytest.warns(UnpublishedWarning, match="never closed"):
        del file
    assert kept(state) == ["é".encode("utf-16-le")]


@pytest.mark.parametrize("mode", ["r", "rb"])
@pytest.mark.parametrize("buffering", [-1, 0])
@pytest.mark.parametrize("cycle", [False, True])
def test_a_dropped_reader_warns_as_builtin_does_and_gives_its_connection_back(
    store: FakeStore, mode: str, buffering: int, cycle: bool
) -> None:
    if (mode, buffering) == ("r", 0):
        pytest.skip("text needs a buffer")
    store.add("k", pattern(100))
    store.step = 10
    file: Any = s3open.open(URI, mode, buffering, **_latin(mode))
    assert file.read(1)
    shown = repr(file)
    holders = [Holder(file)]
    if not cycle:
        holders[0].itself = None
    del file
    with pytest.warns(ResourceWarning, match="unclosed file") as warned:
        _drop(holders)
    assert len(warned) == 1
    assert str(warned[0].message) == f"unclosed file {shown}"
    assert warned[0].filename == __file__
    assert all(body.closed for body in store.bodies)


def test_a_dropped_reader_gives_its_connection_back_where_warnings_are_errors(
    store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    unraisable: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    store.add("k", pattern(100))
    store.step = 10
    for buffering in (0, -1):
        file = s3open.open(URI, "rb", buffering)
        assert file.read(1)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            del file
    assert len(unraisable) == 2
    assert all(body.closed for body in store.bodies)


def test_a_closed_reader_is_forgotten_in_silence(store: FakeStore) -> None:
    store.add("k", b"x")
    for mode in ("r", "rb"):
        s3open.open(URI, mode).close()
        with s3open.open(URI, mode) as file:
            file.read()
    gc.collect()


def test_a_file_that_was_never_opened_warns_of_nothing(store: FakeStore) -> None:
    with pytest.raises(FileNotFoundError):
        s3open.open(URI)
    store.add("k", b"x")
    with pytest.raises(FileExistsError):
        s3open.open(URI, "x")
    gc.collect()


def _drop(things: list[Any]) -> None:
    things.clear()
    gc.collect()


def _latin(mode: str) -> dict[str, Any]:
    return {} if "b" in mode else {"encoding": "latin-1"}
