"""Exceptions that do not leave the ``with`` block publish as builtin does."""

from __future__ import annotations

import contextlib
import gzip
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open import PublishError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import TracebackType

    from tests.stores import S3Store, Store


class ProgramError(Exception):
    """What a program fails with."""


def caught_inside(name: str) -> None:
    with s3open.open(name, "w") as file:
        try:
            raise ProgramError
        except ProgramError:
            file.write("whole")


def caught_inside_a_wrapper(name: str) -> None:
    with io.TextIOWrapper(s3open.open(name, "wb")) as file:
        try:
            raise ProgramError
        except ProgramError:
            file.write("whole")


def suppressed_inside(name: str) -> None:
    with s3open.open(name, "w") as file, contextlib.suppress(ProgramError):
        file.write("whole")
        raise ProgramError


def closed_in_a_handler_inside(name: str) -> None:
    with s3open.open(name, "w") as file:
        try:
            raise ProgramError
        except ProgramError:
            file.write("whole")
            file.close()


def closed_in_a_handler_without_a_block(name: str) -> None:
    file = s3open.open(name, "w")
    try:
        file.write("whole")
        raise ProgramError
    except ProgramError:
        file.close()


def opened_and_closed_in_a_handler(name: str) -> None:
    try:
        raise ProgramError
    except ProgramError:
        file = s3open.open(name, "w")
        file.write("whole")
        file.close()


def a_block_in_a_handler(name: str) -> None:
    try:
        raise ProgramError
    except ProgramError:
        with s3open.open(name, "w") as file:
            file.write("whole")


def wrappers_in_a_handler(name: str) -> None:
    try:
        raise ProgramError
    except ProgramError:
        with io.TextIOWrapper(s3open.open(name, "wb")) as file:
            file.write("whole")


def in_a_handler_inside_a_block_in_a_handler(name: str) -> None:
    try:
        raise ProgramError
    except ProgramError:
        with s3open.open(name, "w") as file:
            try:
                raise KeyError
            except KeyError:
                file.write("whole")


def closed_by_finally_without_a_block(name: str) -> None:
    file = s3open.open(name, "w")
    with contextlib.suppress(ProgramError):
        _write_and_fail(file)


def _write_and_fail(file: io.TextIOBase) -> None:
    try:
        file.write("whole")
        raise ProgramError
    finally:
        file.close()


class _Reporter:
    """Writes a file when its block fails, as a crash reporter does."""

    def __init__(self, report: Callable[[], None]) -> None:
        self._report = report

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._report()
        return True


def written_while_another_block_fails(name: str) -> None:
    def report() -> None:
        with s3open.open(name, "w") as file:
            file.write("whole")

    with _Reporter(report):
        raise ProgramError


def written_without_a_block_while_another_fails(name: str) -> None:
    def report() -> None:
        file = s3open.open(name, "w")
        file.write("whole")
        file.close()

    with _Reporter(report):
        raise ProgramError


def left_by_return(name: str) -> None:
    with s3open.open(name, "w") as file:
        file.write("whole")
        return


def left_by_break(name: str) -> None:
    for _ in range(2):
        with s3open.open(name, "w") as file:
            file.write("whole")
            break


def stop_iteration_inside(name: str) -> None:
    with s3open.open(name, "w") as file:
        empty: Generator[None] = (None for _ in ())
        assert next(empty, None) is None
        file.writelines(word for word in ["wh", "ole"])


def exit_stack_without_a_failure(name: str) -> None:
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(s3open.open(name, "wb"))
        wrapper = stack.enter_context(io.TextIOWrapper(file))
        wrapper.write("whole")


def exit_stack_that_was_emptied(name: str) -> None:
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(s3open.open(name, "w"))
        file.write("whole")
        kept = stack.pop_all()
    kept.close()


def suppressed_in_an_exit_stack(name: str) -> None:
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(s3open.open(name, "w"))
        stack.enter_context(contextlib.suppress(ProgramError))
        file.write("whole")
        raise ProgramError


def suppressed_in_an_exit_stack_of_wrappers(name: str) -> None:
    with contextlib.ExitStack() as stack:
        file = io.TextIOWrapper(s3open.open(name, "wb"))
        stack.enter_context(file)
        stack.enter_context(contextlib.suppress(ProgramError))
        file.write("whole")
        raise ProgramError


def suppressed_in_an_exit_stack_of_callbacks(name: str) -> None:
    with contextlib.ExitStack() as stack:
        file = s3open.open(name, "w")
        stack.callback(file.close)
        stack.enter_context(contextlib.suppress(ProgramError))
        file.write("whole")
        raise ProgramError


WAYS = [
    caught_inside,
    caught_inside_a_wrapper,
    suppressed_inside,
    closed_in_a_handler_inside,
    closed_in_a_handler_without_a_block,
    closed_by_finally_without_a_block,
    opened_and_closed_in_a_handler,
    a_block_in_a_handler,
    wrappers_in_a_handler,
    in_a_handler_inside_a_block_in_a_handler,
    written_while_another_block_fails,
    written_without_a_block_while_another_fails,
    left_by_return,
    left_by_break,
    stop_iteration_inside,
    exit_stack_without_a_failure,
    exit_stack_that_was_emptied,
    suppressed_in_an_exit_stack,
    suppressed_in_an_exit_stack_of_wrappers,
    suppressed_in_an_exit_stack_of_callbacks,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_file_that_is_closed_in_order_is_published(
    store: Store, way: Callable[[str], None]
) -> None:
    store.put("file", b"old")
    way(store.name("file"))
    assert store.read("file") == b"whole"


def test_a_block_inside_that_fails_harms_the_outer_file_not(s3: S3Store) -> None:
    with s3open.open(s3.name("outer"), "w") as outer:
        outer.write("wh")
        with (
            contextlib.suppress(ProgramError),
            s3open.open(s3.name("inner"), "w") as inner,
        ):
            inner.write("half")
            raise ProgramError
        outer.write("ole")
    assert s3.keys() == ["outer"]
    assert s3.read("outer") == b"whole"


def test_a_wrapper_inside_that_fails_harms_the_outer_file_not(s3: S3Store) -> None:
    with s3open.open(s3.name("archive"), "wb") as file:
        with contextlib.suppress(ProgramError), gzip.open(file, "wb") as packed:
            packed.write(b"member")
            raise ProgramError
        file.write(b"rest")
    assert s3.read("archive").endswith(b"rest")


def test_an_outer_block_that_fails_leaves_the_inner_files_published(
    s3: S3Store,
) -> None:
    def write() -> None:
        with s3open.open(s3.name("outer"), "w") as outer:
            outer.write("half")
            with s3open.open(s3.name("inner"), "w") as inner:
                inner.write("whole")
            raise ProgramError

    with pytest.raises(ProgramError):
        write()
    assert s3.keys() == ["inner"]


def test_a_reader_in_a_failing_block_hides_nothing(store: Store) -> None:
    name = store.put("file", b"old")
    for mode in ("r", "rb"):
        file = s3open.open(name, mode)
        with pytest.raises(ProgramError), file:
            raise ProgramError
        assert file.closed
    assert store.read("file") == b"old"


def test_publishing_that_fails_in_a_block_is_raised_from_it(s3: S3Store) -> None:
    file = s3open.open("s3://no-such-bucket-s3open/key", "wb")
    with pytest.raises(FileNotFoundError) as caught, file:
        file.write(b"lost?")
    assert isinstance(caught.value, PublishError)
    assert caught.value.code == "NoSuchBucket"
    assert caught.value.filename == "s3://no-such-bucket-s3open/key"
    assert caught.value.recovery is not None
    with io.open(caught.value.recovery, "rb") as kept:
        assert kept.read() == b"lost?"
    assert file.closed


def test_an_archive_that_is_closed_in_order_is_published(store: Store) -> None:
    name = store.name("archive")
    with s3open.open(name, "wb") as out, zipfile.ZipFile(out, "w") as archive:
        with pytest.raises(ProgramError), archive.open("bad", "w"):
            raise ProgramError
        archive.writestr("good", "whole")
    with s3open.open(name, "rb") as source, zipfile.ZipFile(source) as archive:
        assert archive.read("good") == b"whole"
