"""How a with block is left, or a file closed, decides what becomes of it."""

import contextlib
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

import s3open
from s3open import PublishError, UnpublishedWarning
from tests.fakes import FakeStore
from tests.unit.writers import (
    LAYERS,
    URI,
    kept,
    opened,
    published,
    put,
    write_and_leave,
)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(
    "error", [ZeroDivisionError(), KeyboardInterrupt(), SystemExit(), GeneratorExit()]
)
def test_a_block_left_by_an_exception_publishes_and_keeps_nothing(
    store: FakeStore, state: Path, layer: str, error: BaseException
) -> None:
    store.add("k", b"old")
    file = opened(layer)
    with pytest.raises(type(error)):
        write_and_leave(file, b"half", error)
    assert file.closed
    assert published(store) == b"old"
    assert store.requests == []
    assert kept(state) == []


@pytest.mark.parametrize("layer", LAYERS)
def test_a_block_left_in_peace_publishes_once(store: FakeStore, layer: str) -> None:
    with opened(layer) as file:
        put(file, b"whole")
        file.flush()
        assert store.requests == []
    assert file.closed
    assert published(store) == b"whole"
    file.close()
    assert store.operations() == ["put_object"]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_close_within_the_block_publishes_at_once(
    store: FakeStore, layer: str
) -> None:
    with opened(layer) as file:
        put(file, b"whole")
        file.close()
        assert published(store) == b"whole"
    assert len(store.requests) == 1


def test_a_close_within_the_block_publishes_and_the_block_may_fail_later(
    store: FakeStore,
) -> None:
    with contextlib.suppress(ZeroDivisionError), opened("text") as file:
        put(file, b"whole")
        file.close()
        raise ZeroDivisionError
    assert published(store) == b"whole"


@pytest.mark.parametrize("layer", LAYERS)
def test_a_close_while_handling_an_error_within_the_block_waits_for_its_end(
    store: FakeStore, layer: str
) -> None:
    with opened(layer) as file:
        put(file, b"whole")
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            file.close()
        assert file.closed
        assert store.requests == []
    assert published(store) == b"whole"
    assert len(store.requests) == 1


@pytest.mark.parametrize("layer", LAYERS)
def test_a_close_on_the_way_out_of_the_block_publishes_nothing(
    store: FakeStore, layer: str
) -> None:
    with contextlib.suppress(ZeroDivisionError), opened(layer) as file:
        put(file, b"half")
        try:
            raise ZeroDivisionError
        finally:
            file.close()
    assert file.closed
    assert store.requests == []


def test_a_close_that_was_put_off_raises_at_the_end_of_the_block(
    store: FakeStore, state: Path
) -> None:
    store.denied.add("put_object")

    def close_while_handling() -> None:
        with opened("text") as file:
            put(file, b"whole")
            try:
                raise ZeroDivisionError
            except ZeroDivisionError:
                file.close()

    with pytest.raises(PermissionError) as caught:
        close_while_handling()
    assert isinstance(caught.value, PublishError)
    assert kept(state) == [b"whole"]


def test_a_close_that_was_put_off_for_ever_is_kept(
    store: FakeStore, state: Path
) -> None:
    # The block was entered by hand, and nobody leaves it.
    file = opened("text")
    file.__enter__()
    put(file, b"whole")
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        file.close()
    assert store.requests == []
    with pytest.warns(UnpublishedWarning):
        del file
    assert kept(state) == [b"whole"]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_plain_close_publishes_whatever_is_being_handled(
    store: FakeStore, layer: str
) -> None:
    file = opened(layer)
    put(file, b"whole")
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        file.close()
    assert published(store) == b"whole"


@pytest.mark.parametrize("layer", LAYERS)
def test_a_plain_close_on_the_way_of_an_exception_publishes_as_builtin_does(
    store: FakeStore, layer: str
) -> None:
    file = opened(layer)
    put(file, b"whole")

    def fail() -> None:
        try:
            raise ZeroDivisionError
        finally:
            file.close()

    with contextlib.suppress(ZeroDivisionError):
        fail()
    assert published(store) == b"whole"


@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_written_about_an_error_is_published(
    store: FakeStore, layer: str
) -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        with opened(layer) as file:
            put(file, b"log")
        assert published(store) == b"log"
        file = opened(layer)
        put(file, b"more")
        file.close()
        assert published(store) == b"more"


class Reports:
    """A context manager that writes a file about the exception it is left by."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        with s3open.open(URI, "w") as file:
            file.write(repr(error))


def test_what_is_written_by_somebody_s_exit_is_published(store: FakeStore) -> None:
    with contextlib.suppress(ZeroDivisionError), Reports():
        raise ZeroDivisionError
    assert published(store) == b"ZeroDivisionError()"


def test_an_error_that_was_handled_within_the_block_does_not_matter(
    store: FakeStore,
) -> None:
    with opened("text") as file:
        with contextlib.suppress(ZeroDivisionError):
            raise ZeroDivisionError
        put(file, b"whole")
    assert published(store) == b"whole"


@contextlib.contextmanager
def _text(file: Any) -> Iterator[IO[Any]]:
    with io.TextIOWrapper(file, encoding="ascii") as wrapper:
        yield wrapper


@contextlib.contextmanager
def _stacked(file: Any) -> Iterator[IO[Any]]:
    with contextlib.ExitStack() as exits:
        wrapper = io.TextIOWrapper(file, encoding="ascii")
        exits.callback(wrapper.close)
        yield wrapper


@contextlib.contextmanager
def _closing(file: Any) -> Iterator[IO[Any]]:
    with contextlib.closing(io.TextIOWrapper(file, encoding="ascii")) as wrapper:
        yield wrapper


@contextlib.contextmanager
def _zipped(file: Any) -> Iterator[IO[Any]]:
    with (
        contextlib.closing(file),
        zipfile.ZipFile(file, "w") as archive,
        archive.open("name", "w") as member,
    ):
        yield io.TextIOWrapper(member, encoding="ascii", write_through=True)


@contextlib.contextmanager
def _gzipped(file: Any) -> Iterator[IO[Any]]:
    with contextlib.closing(file), gzip.GzipFile(fileobj=file, mode="wb") as packed:
        yield io.TextIOWrapper(packed, encoding="ascii", write_through=True)


WRAPPERS: list[Callable[[Any], contextlib.AbstractContextManager[IO[Any]]]] = [
    _text,
    _stacked,
    _closing,
    _zipped,
    _gzipped,
]


@pytest.mark.parametrize("layer", ["raw", "binary", "updating"])
@pytest.mark.parametrize("entered", [False, True])
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_wrapper_s_block_left_by_an_exception_publishes_nothing(
    store: FakeStore, wrapper: Callable[[Any], Any], entered: bool, layer: str
) -> None:
    store.add("k", b"old")
    file = opened(layer)
    block = file if entered else contextlib.nullcontext()
    with contextlib.suppress(ZeroDivisionError), block, wrapper(file) as top:
        top.write("half")
        raise ZeroDivisionError
    assert file.closed
    assert published(store) == b"old"
    assert store.requests == []


@pytest.mark.parametrize("layer", ["raw", "binary", "updating"])
@pytest.mark.parametrize("entered", [False, True])
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_wrapper_s_block_left_in_peace_publishes(
    store: FakeStore, wrapper: Callable[[Any], Any], entered: bool, layer: str
) -> None:
    file = opened(layer)
    with file if entered else contextlib.nullcontext(), wrapper(file) as top:
        top.write("whole")
    assert file.closed
    assert published(store) is not None
    assert len(store.requests) == 1
