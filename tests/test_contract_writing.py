"""Writing: any bytes in any pieces, and nothing to be seen before `close`."""

from __future__ import annotations

import array
import ctypes
import io
import mmap
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from tests.stores import outcome

if TYPE_CHECKING:
    from tests.stores import LocalStore, S3Store, Store

BUFFERINGS = [-1, 0, 4]


def buffers() -> list[tuple[str, Any]]:
    """Return objects of many types that all have 12 bytes to be read."""
    words = array.array("H", range(6))
    grid = memoryview(bytes(range(12))).cast("B", (3, 4))
    cube = memoryview(bytes(range(12))).cast("H", (1, 2, 3))
    mapped = mmap.mmap(-1, 12)
    mapped[:] = b"memory  maps"
    return [
        ("bytes", b"0123456789ab"),
        ("bytearray", bytearray(b"0123456789ab")),
        ("memoryview", memoryview(b"0123456789ab")),
        ("sliced", memoryview(b"__0123456789ab__")[2:-2]),
        ("array", words),
        ("floats", array.array("f", [1.5, -2.5, 3.5])),
        ("two dimensions", grid),
        ("three dimensions", cube),
        ("mmap", mapped),
        ("ctypes", (ctypes.c_uint32 * 3)(1, 2, 3)),
        ("structure", _Structure(1, 2, 3)),
    ]


class _Structure(ctypes.Structure):
    _fields_ = (
        ("a", ctypes.c_uint32),
        ("b", ctypes.c_uint32),
        ("c", ctypes.c_uint32),
    )


@pytest.mark.parametrize("buffering", BUFFERINGS)
@pytest.mark.parametrize(("label", "data"), buffers(), ids=lambda item: str(item)[:9])
def test_any_object_with_bytes_can_be_written(
    store: Store, buffering: int, label: str, data: Any
) -> None:
    with s3open.open(store.name("file"), "wb", buffering) as file:
        assert file.write(data) == 12, label
        assert file.tell() == 12
        file.write(memoryview(data)[:0] if memoryview(data).ndim == 1 else b"")
    assert store.read("file") == memoryview(data).tobytes()


@pytest.mark.parametrize("buffering", BUFFERINGS)
@pytest.mark.parametrize(
    "data",
    [
        "text",
        None,
        7,
        [b"a"],
        1.5,
        object,
        memoryview(b"abcdef")[::2],
        memoryview(b"abcdef")[::-1],
    ],
    ids=["str", "None", "int", "list", "float", "type", "strided", "reversed"],
)
def test_what_builtin_refuses_to_write_is_refused(
    store: Store, twin: LocalStore, buffering: int, data: Any
) -> None:
    with (
        s3open.open(store.name("file"), "wb", buffering) as ours,
        io.open(twin.name("file"), "wb", buffering) as builtin,
    ):
        wanted = outcome(builtin.write, data)
        assert outcome(ours.write, data) == wanted
        ours.write(b"fine")
        builtin.write(b"fine")
    assert store.read("file") == twin.read("file")


@pytest.mark.parametrize("data", [b"bytes", None, 7, ["a"]])
def test_text_files_take_text_only(store: Store, twin: LocalStore, data: Any) -> None:
    with (
        s3open.open(store.name("file"), "w", encoding="utf-8") as ours,
        io.open(twin.name("file"), "w", encoding="utf-8") as builtin,
    ):
        wanted = outcome(builtin.write, data)
        assert outcome(ours.write, data) == wanted
        assert isinstance(wanted, tuple)
        assert wanted[0] == "TypeError"
    assert store.read("file") == b""


@pytest.mark.parametrize("buffering", BUFFERINGS)
def test_writelines_writes_one_after_the_other(store: Store, buffering: int) -> None:
    with s3open.open(store.name("file"), "wb", buffering) as file:
        file.writelines([b"a\n", bytearray(b"b"), memoryview(b"c\n")])
        file.writelines(bytes([number]) for number in range(3))
        file.writelines([])
    assert store.read("file") == b"a\nbc\n\0\1\2"


def test_writelines_that_fails_has_written_what_came_before(store: Store) -> None:
    with s3open.open(store.name("file"), "wb") as file:
        with pytest.raises(TypeError):
            file.writelines([b"a", b"b", "c", b"d"])  # type: ignore[list-item]
        file.write(b"e")
    assert store.read("file") == b"abe"


def test_a_buffer_may_be_changed_once_it_was_written(store: Store) -> None:
    scratch = bytearray(b"first")
    for buffering in BUFFERINGS:
        scratch[:] = b"first"
        with s3open.open(store.name("file"), "wb", buffering) as file:
            file.write(scratch)
            scratch[:] = b"other"
            file.write(scratch)
            scratch.extend(b"can be resized")
            del scratch[5:]
        assert store.read("file") == b"firstother"


@pytest.mark.parametrize("mode", ["wb", "w+b", "xb"])
def test_nothing_is_seen_before_close(s3: S3Store, mode: str) -> None:
    with s3open.open(s3.name("file"), mode) as file:
        file.write(b"x" * 300_000)
        file.flush()
        assert not s3.exists("file")
    assert s3.read("file") == b"x" * 300_000


@pytest.mark.parametrize("mode", ["wb", "w+b", "w"])
def test_the_old_file_is_read_by_others_until_close(s3: S3Store, mode: str) -> None:
    name = s3.put("file", b"old")
    with s3open.open(name, mode) as file:
        file.write("new" if mode == "w" else b"new")
        file.flush()
        with s3open.open(name, "rb") as reader:
            assert reader.read() == b"old"
    assert s3.read("file") == b"new"


@pytest.mark.parametrize("mode", ["w", "wb"])
def test_the_second_close_publishes_nothing(s3: S3Store, mode: str) -> None:
    file = s3open.open(s3.name("file"), mode)
    file.write("mine" if mode == "w" else b"mine")
    file.close()
    s3.put("file", b"somebody else's")
    file.close()
    with pytest.raises(ValueError, match="closed file"), file:
        pass
    assert s3.read("file") == b"somebody else's"


def test_closing_inside_the_block_publishes_once(s3: S3Store) -> None:
    with s3open.open(s3.name("file"), "wb") as file:
        file.write(b"mine")
        file.close()
        assert s3.read("file") == b"mine"
        s3.put("file", b"somebody else's")
    assert s3.read("file") == b"somebody else's"


@pytest.mark.parametrize("mode", ["r", "rb", "w", "wb", "w+b"])
def test_close_can_be_repeated(store: Store, mode: str) -> None:
    store.put("file", b"old")
    file = s3open.open(store.name("file"), mode)
    assert not file.closed
    for _ in range(3):
        file.close()
        assert file.closed


@pytest.mark.parametrize("mode", ["w", "wb", "w+b"])
def test_any_layer_closes_the_file(store: Store, mode: str) -> None:
    file: Any = s3open.open(store.name("file"), mode)
    file.write("text" if mode == "w" else b"text")
    below = file.buffer if mode == "w" else file
    file.flush()
    below.flush()
    below.raw.close()
    assert file.closed
    assert below.closed
    assert store.read("file") == b"text"
    file.close()


def test_a_detached_buffer_goes_on_writing(store: Store) -> None:
    text = s3open.open(store.name("file"), "w", encoding="utf-8")
    text.write("ä")
    buffer = text.detach()
    buffer.write(b"\xff")
    raw = buffer.detach()  # type: ignore[attr-defined]
    raw.write(b"\xfe")
    raw.close()
    assert store.read("file") == b"\xc3\xa4\xff\xfe"


@pytest.mark.parametrize("mode", ["w", "wb", "w+b"])
def test_detaching_inside_the_block_is_an_error_at_its_end(
    store: Store, twin: LocalStore, mode: str
) -> None:
    data: Any = "text" if mode == "w" else b"text"
    errors = []
    for opener, each in ((s3open.open, store), (io.open, twin)):
        file: Any = opener(each.name("file"), mode)
        with pytest.raises(ValueError, match="detached") as caught, file:
            file.write(data)
            below = file.detach()
        errors.append(str(caught.value))
        below.close()
        assert each.read("file") == b"text"
    assert errors[0] == errors[1]


def test_an_exception_counts_for_what_was_detached_too(s3: S3Store) -> None:
    file = s3open.open(s3.name("file"), "wb")
    with pytest.raises(ValueError, match="detached"), file:
        file.write(b"half")
        below = file.detach()
        raise ZeroDivisionError
    below.close()
    assert s3.keys() == []


def test_two_writers_of_one_file_and_the_last_to_close_wins(s3: S3Store) -> None:
    with s3open.open(s3.name("file"), "wb") as one:
        one.write(b"one")
        with s3open.open(s3.name("file"), "wb") as two:
            two.write(b"two!")
        assert s3.read("file") == b"two!"
    assert s3.read("file") == b"one"


def test_many_small_writes_are_as_good_as_one(store: Store) -> None:
    with s3open.open(store.name("file"), "wb") as file:
        for number in range(30_000):
            file.write(number.to_bytes(4, "big"))
    wanted = b"".join(number.to_bytes(4, "big") for number in range(30_000))
    assert store.read("file") == wanted
