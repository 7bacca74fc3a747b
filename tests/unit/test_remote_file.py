"""Writing, interrupts and close(): all of it is published, or nothing."""

import contextlib
import errno
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

import s3open
from s3open import PublishError, UnpublishedWarning
from s3open.contract import ObjectInfo
from s3open.files import RemoteFile
from s3open.files.layers import stack
from s3open.files.mode import parse
from s3open.location import Location
from s3open.spool import Spool
from s3open.writing import Publication, upload
from tests.fakes import KIB, MIB, FakeStore, FakeWriter, Fault, cut_off, lost
from tests.unit.interrupting import interrupts
from tests.unit.writers import (
    LAYERS,
    URI,
    bottom,
    flushed,
    kept,
    opened,
    published,
    put,
    write_and_leave,
)


class Failing:
    """Stands in for a spool's `write_at` and fails once."""

    def __init__(self, file: Any, error: BaseException, *, done: bool) -> None:
        self._spool = bottom(file)._spool
        self._real = self._spool.write_at
        self._error = error
        self._done = done
        self._spool.write_at = self  # type: ignore[method-assign]  # that is the point

    def __call__(self, offset: int, data: memoryview) -> None:
        self._spool.write_at = self._real  # type: ignore[method-assign]  # likewise
        if self._done:
            self._real(offset, data)
        raise self._error


def full_disk() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp")


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("done", [False, True])
def test_after_a_write_that_failed_close_never_publishes(
    store: FakeStore, state: Path, layer: str, done: bool
) -> None:
    store.add("k", b"old")
    file = opened(layer)
    put(file, b"one")
    file.flush()
    Failing(file, full_disk(), done=done)
    with pytest.raises(OSError, match="No space") as caught:
        flushed(file, b"two")
    assert caught.value.errno == errno.ENOSPC
    # The disk has room again, and the rest is written well.
    with contextlib.suppress(OSError):
        flushed(file, b"three")
    with pytest.raises(PublishError) as failed:
        file.close()
    assert file.closed
    assert failed.value.errno == errno.ENOSPC
    assert failed.value.filename == URI
    assert failed.value.recovery is not None
    assert published(store) == b"old"
    assert store.requests == []
    assert kept(state)[0].startswith(b"one")
    file.close()


@pytest.mark.parametrize("layer", LAYERS[1:])
def test_a_flush_that_fails_within_close_publishes_nothing(
    store: FakeStore, layer: str
) -> None:
    file = opened(layer)
    put(file, b"one")
    Failing(file, full_disk(), done=False)
    with pytest.raises(PublishError) as caught:
        file.close()
    assert caught.value.errno == errno.ENOSPC
    assert file.closed
    assert store.requests == []


@pytest.mark.parametrize("layer", LAYERS[1:])
def test_a_flush_that_fails_at_the_end_of_with_publishes_nothing(
    store: FakeStore, layer: str
) -> None:
    file = opened(layer)
    put(file, b"one")
    Failing(file, full_disk(), done=False)
    with pytest.raises(PublishError), file:
        pass
    assert file.closed
    assert store.requests == []


@pytest.mark.parametrize("layer", LAYERS)
def test_a_failed_write_that_leaves_the_with_block_is_the_error_that_is_seen(
    store: FakeStore, state: Path, layer: str
) -> None:
    file = opened(layer)
    put(file, b"one")
    Failing(file, full_disk(), done=False)
    with pytest.raises(OSError, match="No space") as caught, file:
        flushed(file, b"two")
    assert not isinstance(caught.value, PublishError)
    assert file.closed
    assert store.requests == []


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("done", [False, True])
def test_an_interrupted_write_that_is_repeated_doubles_and_loses_nothing(
    store: FakeStore, layer: str, done: bool
) -> None:
    file = opened(layer)
    flushed(file, b"one ")
    Failing(file, KeyboardInterrupt(), done=done)
    try:
        flushed(file, b"two ")
    except KeyboardInterrupt:
        if layer == "raw":
            put(file, b"two ")
        file.flush()
    put(file, b"three")
    file.close()
    assert published(store) == b"one two three"


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("done", [False, True])
def test_a_large_write_that_is_interrupted_and_repeated_is_there_once(
    store: FakeStore, layer: str, done: bool
) -> None:
    large = b"0123456789abcdef" * (20 * KIB)
    file = opened(layer)
    put(file, b"one ")
    if layer == "text":
        # TextIOWrapper itself forgets what it could not hand down.
        file = file.detach()
    Failing(file, KeyboardInterrupt(), done=done)
    with pytest.raises(KeyboardInterrupt):
        put(file, large)
    put(file, large)
    put(file, b"three")
    file.close()
    assert published(store) == b"one " + large + b"three"


def remote(writer: FakeWriter, layer: str) -> Any:
    """Return a file that `FakeWriter` publishes in parts of 100 bytes."""
    spool = Spool(memory=2 * MIB)
    publication = Publication(
        URI, spool, lambda: upload(spool, writer, 100), about=dict
    )
    mode = parse({"binary": "wb", "updating": "w+b", "text": "w", "raw": "wb"}[layer])
    assert mode is not None
    raw = RemoteFile(
        URI,
        mode,
        spool,
        place=Location("b", "k", URI),
        describe=lambda **_: ObjectInfo(0),
        publication=publication,
    )
    encoding = None if mode.binary else "ascii"
    return stack(raw, mode, 0 if layer == "raw" else 256, encoding, None, None)


@pytest.mark.parametrize("layer", LAYERS[1:])
def test_ctrl_c_anywhere_in_flush_doubles_and_loses_nothing(layer: str) -> None:
    for interrupt in interrupts():
        writer = FakeWriter()
        file = remote(writer, layer)
        put(file, b"one " * 50)
        with contextlib.suppress(KeyboardInterrupt), interrupt:
            file.flush()
        put(file, b"two")
        file.close()
        assert writer.published == b"one " * 50 + b"two", interrupt.where


@pytest.mark.parametrize("layer", ["raw", "binary", "updating"])
def test_ctrl_c_anywhere_in_a_write_that_is_repeated_doubles_nothing(
    layer: str,
) -> None:
    large = b"0123456789" * 100
    for interrupt in interrupts():
        writer = FakeWriter()
        file = remote(writer, layer)
        put(file, b"one ")
        with contextlib.suppress(KeyboardInterrupt), interrupt:
            put(file, large)
        if interrupt.struck:
            put(file, large)
        put(file, b"two")
        file.close()
        assert writer.published == b"one " + large + b"two", interrupt.where


@pytest.mark.filterwarnings("ignore::s3open.UnpublishedWarning")
@pytest.mark.parametrize("layer", LAYERS)
def test_ctrl_c_anywhere_in_close_publishes_everything_or_nothing(
    state: Path, layer: str
) -> None:
    content = b"0123456789" * 25
    for interrupt in interrupts():
        writer = FakeWriter()
        file = remote(writer, layer)
        put(file, content)
        with contextlib.suppress(KeyboardInterrupt), interrupt:
            file.close()
        assert writer.published in (None, content), interrupt.where
        with contextlib.suppress(Exception):
            file.close()
        assert writer.published in (None, content), interrupt.where
        # A begin() that was carried out may leave an upload that nobody knows of.
        assert not writer.pending or "begin" in writer.calls
        del file
        assert writer.published or interrupt.struck
        left = kept(state)
        assert left == [content] or (writer.published and not left), interrupt.where
        shutil.rmtree(state, ignore_errors=True)


@pytest.mark.parametrize("layer", LAYERS[1:])
@pytest.mark.parametrize("done", [False, True])
def test_a_flush_that_is_interrupted_within_close_publishes_nothing(
    store: FakeStore, state: Path, layer: str, done: bool
) -> None:
    file = opened(layer)
    put(file, b"one")
    file.flush()
    put(file, b"two")
    Failing(file, KeyboardInterrupt(), done=done)
    with (
        pytest.warns(UnpublishedWarning, match="interrupted"),
        pytest.raises(KeyboardInterrupt),
    ):
        file.close()
    assert file.closed
    assert store.requests == []
    assert kept(state)[0].startswith(b"one")


@pytest.mark.parametrize("layer", LAYERS)
def test_an_error_of_publishing_is_raised_once(store: FakeStore, layer: str) -> None:
    store.denied.add("put_object")
    file = opened(layer)
    put(file, b"whole")
    with pytest.raises(PublishError):
        file.close()
    assert file.closed
    file.close()
    assert len(store.requests) == 1
    with pytest.raises(ValueError, match="closed"):
        put(file, b"more")


def test_an_unanswered_publication_is_repeated_and_there_once(
    store: FakeStore,
) -> None:
    store.plan("put_object", 1, Fault(error=cut_off()))
    store.plan("put_object", 2, Fault(error=cut_off()))
    store.plan("put_object", 3, lost())
    with s3open.open(URI, "x") as file:
        file.write("whole")
    assert published(store) == b"whole"
    assert len(store.asked("put_object")) == 3


@pytest.mark.parametrize("layer", ["binary", "updating", "text"])
def test_a_detached_layer_leaves_the_rest_to_publish(
    store: FakeStore, layer: str
) -> None:
    file = opened(layer)
    put(file, b"one ")
    below = file.detach()
    below.write(b"two")
    with pytest.raises(ValueError, match="detached"):
        file.close()
    del file
    assert store.requests == []
    below.close()
    assert published(store) == b"one two"


def test_all_layers_can_be_detached(store: FakeStore, state: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_leave(opened("text").detach().detach(), b"half", ZeroDivisionError())
    assert store.requests == []
    with opened("text").detach().detach() as raw:
        raw.write(b"whole")
    assert published(store) == b"whole"
    assert kept(state) == []


def test_a_buffer_that_cannot_be_made_publishes_nothing(store: FakeStore) -> None:
    with pytest.raises((MemoryError, OverflowError)):
        s3open.open(URI, "wb", buffering=1 << 62)
    assert store.requests == []


def test_what_an_exception_dropped_needs_no_disk(store: FakeStore, state: Path) -> None:
    file = opened("binary")
    Failing(file, full_disk(), done=False)
    with pytest.raises(ZeroDivisionError):
        write_and_leave(file, b"half", ZeroDivisionError())
    assert store.requests == []
    assert kept(state) == []


def test_a_raw_file_is_not_pickled_and_says_what_it_is(store: FakeStore) -> None:
    with opened("raw") as file:
        with pytest.raises(TypeError, match="cannot pickle"):
            pickle.dumps(file)
        assert repr(file) == "<s3open.RemoteFile name='s3://b/k' mode='wb'>"
    assert "closed" in repr(file)
