"""A ``with`` block that is left by an exception publishes nothing.

Builtin open publishes half of it then: these tests are for S3 only.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import gzip
import io
import lzma
import tarfile
import zipfile
from typing import IO, TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Config
from tests.stores import MIB

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from tests.stores import S3Store

CONFIG = Config(part_size=5 * MIB, memory=2 * MIB)


class ProgramError(Exception):
    """What a program fails with."""


def leave_by(error: BaseException, name: str) -> None:
    with s3open.open(name, "wb") as file:
        file.write(b"half")
        raise error


def binary(name: str) -> None:
    leave_by(ProgramError(), name)


def unbuffered(name: str) -> None:
    with s3open.open(name, "wb", 0) as file:
        file.write(b"half")
        raise ProgramError


def updating(name: str) -> None:
    with s3open.open(name, "w+b") as file:
        file.write(b"half")
        file.seek(0)
        file.read()
        raise ProgramError


def text(name: str) -> None:
    with s3open.open(name, "w", encoding="utf-8") as file:
        file.write("half")
        raise ProgramError


def flushed(name: str) -> None:
    with s3open.open(name, "w") as file:
        file.write("half")
        file.flush()
        raise ProgramError


def nothing_written(name: str) -> None:
    with s3open.open(name, "wb"):
        raise ProgramError


def several_parts(name: str) -> None:
    with s3open.open(name, "wb", config=CONFIG) as file:
        file.write(bytes(11 * MIB))
        raise ProgramError


def text_wrapper(name: str) -> None:
    file = s3open.open(name, "wb")
    with io.TextIOWrapper(file, "utf-8") as wrapper:
        wrapper.write("half")
        raise ProgramError


def text_wrapper_in_a_block(name: str) -> None:
    with s3open.open(name, "wb") as file, io.TextIOWrapper(file, "utf-8") as wrapper:
        wrapper.write("half")
        raise ProgramError


def text_wrapper_over_raw(name: str) -> None:
    raw = s3open.open(name, "wb", 0)
    with io.TextIOWrapper(io.BufferedWriter(raw), "utf-8") as wrapper:
        wrapper.write("half")
        raise ProgramError


def several_parts_in_a_wrapper(name: str) -> None:
    file = s3open.open(name, "wb", config=CONFIG)
    with io.TextIOWrapper(file, "utf-8") as wrapper:
        wrapper.write("x" * 11 * MIB)
        raise ProgramError


def stream_writer(name: str) -> None:
    with codecs.getwriter("utf-8")(s3open.open(name, "wb")) as writer:
        writer.write("half")
        raise ProgramError


def gzip_in_a_block(name: str) -> None:
    with s3open.open(name, "wb") as file, gzip.open(file, "wb") as packed:
        packed.write(b"half")
        raise ProgramError


def gzip_text_in_a_block(name: str) -> None:
    with s3open.open(name, "wb") as file, gzip.open(file, "wt") as packed:
        packed.write("half")
        raise ProgramError


def lzma_in_a_block(name: str) -> None:
    with s3open.open(name, "wb") as file, lzma.open(file, "wb") as packed:
        packed.write(b"half")
        raise ProgramError


def zip_in_a_block(name: str) -> None:
    with s3open.open(name, "wb") as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("member", "half")
        raise ProgramError


def zip_member(name: str) -> None:
    with (
        s3open.open(name, "wb") as file,
        zipfile.ZipFile(file, "w") as archive,
        archive.open("member", "w") as member,
    ):
        member.write(b"half")
        raise ProgramError


def tar_in_a_block(name: str) -> None:
    with (
        s3open.open(name, "wb") as file,
        tarfile.open(fileobj=file, mode="w") as archive,
    ):
        archive.addfile(tarfile.TarInfo("member"), io.BytesIO())
        raise ProgramError


def tar_stream_in_a_block(name: str) -> None:
    with (
        s3open.open(name, "wb") as file,
        tarfile.open(fileobj=file, mode="w|gz") as archive,
    ):
        archive.addfile(tarfile.TarInfo("member"), io.BytesIO())
        raise ProgramError


def exit_stack(name: str) -> None:
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(s3open.open(name, "wb"))
        file.write(b"half")
        raise ProgramError


def exit_stack_with_a_callback(name: str) -> None:
    with contextlib.ExitStack() as stack:
        file = s3open.open(name, "wb")
        stack.callback(file.close)
        file.write(b"half")
        raise ProgramError


def exit_stack_with_wrappers(name: str) -> None:
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(s3open.open(name, "wb"))
        packed = stack.enter_context(gzip.open(file, "wb"))
        wrapper = stack.enter_context(io.TextIOWrapper(packed, "utf-8"))
        wrapper.write("half")
        raise ProgramError


def closing(name: str) -> None:
    with contextlib.closing(s3open.open(name, "w")) as file:
        file.write("half")
        raise ProgramError


@contextlib.contextmanager
def _managed(name: str) -> Iterator[IO[bytes]]:
    file = s3open.open(name, "wb")
    try:
        yield file
    finally:
        file.close()


def context_manager_of_ones_own(name: str) -> None:
    with _managed(name) as file:
        file.write(b"half")
        raise ProgramError


class _Holder:
    """A class of the user's that keeps a file, as so many do."""

    def __init__(self, name: str) -> None:
        self.file = s3open.open(name, "wb")

    def __enter__(self) -> _Holder:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


def class_of_ones_own(name: str) -> None:
    with _Holder(name) as holder:
        holder.file.write(b"half")
        raise ProgramError


def nested(name: str) -> None:
    with s3open.open(name, "w") as outer, s3open.open(name + "2", "w") as inner:
        outer.write("half")
        inner.write("half")
        raise ProgramError


def failing_write(name: str) -> None:
    with s3open.open(name, "w", encoding="ascii") as file:
        file.write("half")
        try:
            file.write("\xe4")
        except UnicodeEncodeError as error:
            raise ProgramError from error


def closed_in_a_handler_that_raises(name: str) -> None:
    with s3open.open(name, "wb") as file:
        try:
            file.write(b"half")
            raise ProgramError
        except ProgramError:
            file.close()
            raise


def closed_on_the_way_out(name: str) -> None:
    with s3open.open(name, "wb") as file:
        try:
            file.write(b"half")
            raise ProgramError
        finally:
            file.close()


def in_an_exception_handler(name: str) -> None:
    try:
        raise KeyError
    except KeyError:
        binary(name)


def block_in_a_handler_that_raises_again(name: str) -> None:
    try:
        raise ProgramError
    except ProgramError:
        with s3open.open(name, "w") as file:
            file.write("half")
            raise


def wrapper_in_a_handler_that_raises_again(name: str) -> None:
    try:
        raise ProgramError
    except ProgramError:
        with io.TextIOWrapper(s3open.open(name, "wb")) as file:
            file.write("half")
            raise


WAYS = [
    binary,
    unbuffered,
    updating,
    text,
    flushed,
    nothing_written,
    several_parts,
    text_wrapper,
    text_wrapper_in_a_block,
    text_wrapper_over_raw,
    several_parts_in_a_wrapper,
    stream_writer,
    gzip_in_a_block,
    gzip_text_in_a_block,
    lzma_in_a_block,
    zip_in_a_block,
    zip_member,
    tar_in_a_block,
    tar_stream_in_a_block,
    exit_stack,
    exit_stack_with_a_callback,
    exit_stack_with_wrappers,
    closing,
    context_manager_of_ones_own,
    class_of_ones_own,
    nested,
    failing_write,
    closed_in_a_handler_that_raises,
    closed_on_the_way_out,
    in_an_exception_handler,
    block_in_a_handler_that_raises_again,
    wrapper_in_a_handler_that_raises_again,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("old", [b"old", None], ids=["old object", "no object"])
def test_leaving_by_an_exception_publishes_nothing(
    s3: S3Store, way: Callable[[str], None], old: bytes | None
) -> None:
    if old is not None:
        s3.put("file", old)
    with pytest.raises(ProgramError):
        way(s3.name("file"))
    assert s3.keys() == ([] if old is None else ["file"])
    if old is not None:
        assert s3.read("file") == old
    assert s3.pending_uploads() == []


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_exceptions_that_are_no_errors_count_as_well(
    s3: S3Store, kind: type[BaseException]
) -> None:
    with pytest.raises(kind):
        leave_by(kind(), s3.name("file"))
    assert s3.keys() == []


def test_a_generator_that_is_closed_publishes_nothing(s3: S3Store) -> None:
    def writer() -> Generator[None]:
        with s3open.open(s3.name("file"), "w") as file:
            file.write("half")
            yield
            file.write("whole")

    generator = writer()
    next(generator)
    generator.close()
    assert s3.keys() == []


def test_a_generator_that_is_thrown_into_publishes_nothing(s3: S3Store) -> None:
    def writer() -> Generator[None]:
        with io.TextIOWrapper(s3open.open(s3.name("file"), "wb")) as file:
            file.write("half")
            yield

    generator = writer()
    next(generator)
    with pytest.raises(ProgramError):
        generator.throw(ProgramError())
    assert s3.keys() == []


def test_a_cancelled_task_publishes_nothing(s3: S3Store) -> None:
    async def write() -> None:
        with s3open.open(s3.name("file"), "wb") as file:
            file.write(b"half")
            started.set()
            await asyncio.Event().wait()

    async def cancel() -> None:
        task = asyncio.create_task(write())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    started = asyncio.Event()
    asyncio.run(cancel())
    assert s3.keys() == []


@pytest.mark.parametrize("mode", ["w", "wb", "w+b", "x", "a", "r+"])
def test_an_end_that_is_called_by_itself_is_told_of_the_exception(
    s3: S3Store, mode: str
) -> None:
    """As by those who leave the block in another thread, of a file nobody entered."""
    if mode != "x":
        s3.put("file", b"old")
    for error in (ProgramError(), None):
        file: Any = s3open.open(s3.name("file"), mode)
        file.write(b"new" if "b" in mode else "new")
        file.__exit__(error and type(error), error, None)
        assert file.closed
        assert s3.exists("file") == (mode != "x" or error is None)
        if s3.exists("file"):
            assert (s3.read("file") == b"old") == (error is not None)


def test_the_file_is_closed_after_an_exception(s3: S3Store) -> None:
    for mode in ("w", "wb", "w+b"):
        file: Any = s3open.open(s3.name("file"), mode)
        with pytest.raises(ProgramError), file:
            raise ProgramError
        assert file.closed
        file.close()
    assert s3.keys() == []


def test_the_exception_is_the_programs_own(s3: S3Store) -> None:
    mine = ProgramError("mine")
    with pytest.raises(ProgramError) as caught:
        leave_by(mine, s3.name("file"))
    assert caught.value is mine
    assert mine.__context__ is None
    assert mine.__cause__ is None


def test_what_was_aborted_is_not_kept_either(s3: S3Store, tmp_path: Any) -> None:
    with pytest.raises(ProgramError):
        binary(s3.name("file"))
    assert not (tmp_path / "state").exists()
