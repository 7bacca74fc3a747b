"""A spool's bytes into a store, in as many parts as it takes, or not at all."""

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3open import UnpublishedWarning
from s3open.config import MAX_OBJECT_SIZE, MAX_PART_SIZE, MAX_PARTS, MIN_PART_SIZE
from s3open.contract import ALWAYS, IF_ABSENT, Attributes
from s3open.location import Location
from s3open.spool import Spool
from s3open.stores.objects import S3Writer
from s3open.writing import parts
from tests.fakes import (
    MIB,
    FakeStore,
    FakeWriter,
    Fault,
    answered,
    cut_off,
    failing,
    lost,
    pattern,
)

PART = 1000
AT = Location("b", "k", "s3://b/k")


@contextlib.contextmanager
def spooled(content: bytes) -> Iterator[Spool]:
    with contextlib.closing(Spool(memory=2 * MIB)) as spool:
        spool.write_at(0, memoryview(content))
        yield spool


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART])
def test_up_to_one_part_is_one_request(size: int) -> None:
    writer = FakeWriter()
    with spooled(pattern(size)) as spool:
        parts.upload(spool, writer, PART)
    assert writer.calls == ["put"]
    assert writer.published == pattern(size)


@pytest.mark.parametrize(
    ("size", "count"),
    [(PART + 1, 2), (2 * PART, 2), (2 * PART + 1, 3), (10 * PART, 10)],
)
def test_more_than_one_part_goes_in_parts(size: int, count: int) -> None:
    writer = FakeWriter()
    with spooled(pattern(size)) as spool:
        parts.upload(spool, writer, PART)
    assert writer.calls == ["begin", *["put_part"] * count, "complete"]
    assert writer.published == pattern(size)
    assert all(len(writer.parts[number]) == PART for number in range(1, count))


def test_holes_are_published_as_zeros() -> None:
    writer = FakeWriter()
    with spooled(b"head") as spool:
        spool.write_at(5 * PART, memoryview(b"tail"))
        spool.truncate(6 * PART + 1)
        parts.upload(spool, writer, PART)
    assert writer.published == (b"head".ljust(5 * PART, b"\0") + b"tail").ljust(
        6 * PART + 1, b"\0"
    )


def test_what_was_spilled_is_published_as_well() -> None:
    content = pattern(5 * MIB + 7)
    writer = FakeWriter()
    with spooled(content) as spool:
        assert spool._spilled
        parts.upload(spool, writer, MIB + 1)
    assert writer.published == content


def test_parts_grow_where_there_would_be_too_many() -> None:
    content = pattern(10 * PART)
    writer = FakeWriter(max_parts=4)
    with spooled(content) as spool:
        parts.upload(spool, writer, PART)
    assert writer.calls.count("put_part") == 4
    assert writer.published == content


@settings(derandomize=True, database=None, max_examples=500)
@given(st.integers(MIN_PART_SIZE, MAX_PART_SIZE), st.integers(1, MAX_OBJECT_SIZE))
def test_every_size_fits_into_the_parts_there_are(part_size: int, size: int) -> None:
    step = parts.grown(part_size, size, MAX_PARTS)
    assert part_size <= step <= MAX_PART_SIZE
    assert -(-size // step) <= MAX_PARTS
    # No larger than it has to be.
    assert step == part_size or -(-size // (step - 1)) > MAX_PARTS


@pytest.mark.parametrize(
    ("size", "step"),
    [
        (10_000 * 8 * MIB, 8 * MIB),
        (10_000 * 8 * MIB + 1, 8 * MIB + 1),
        (10_000 * 8 * MIB + 10_000, 8 * MIB + 1),
        (10_000 * 8 * MIB + 10_001, 8 * MIB + 2),
        (MAX_OBJECT_SIZE, MAX_PART_SIZE),
    ],
)
def test_part_sizes_around_ten_thousand_parts(size: int, step: int) -> None:
    assert parts.grown(8 * MIB, size, MAX_PARTS) == step


FAILURES: list[BaseException] = [
    answered("AccessDenied", 403),
    cut_off(),
    MemoryError(),
    KeyboardInterrupt(),
    SystemExit(1),
]
POINTS = [*(("put_part", number) for number in range(1, 6)), ("complete", 1)]


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point[0]}{point[1]}")
def test_a_failure_at_any_part_aborts_the_upload(
    point: tuple[str, int], error: BaseException
) -> None:
    writer = FakeWriter({point: error})
    with spooled(pattern(5 * PART)) as spool, pytest.raises(type(error)) as caught:
        parts.upload(spool, writer, PART)
    assert caught.value is error
    assert writer.calls[-1] == "abort"
    assert writer.calls.count("abort") == 1
    assert writer.pending == set()
    assert writer.published is None


def test_an_upload_that_did_not_begin_is_not_aborted() -> None:
    writer = FakeWriter({("begin", 1): cut_off()})
    with spooled(pattern(5 * PART)) as spool, pytest.raises(ConnectionError):
        parts.upload(spool, writer, PART)
    assert writer.calls == ["begin"]


def test_a_spool_that_cannot_be_read_aborts_the_upload() -> None:
    class Broken(Spool):
        def read_at(self, offset: int, view: memoryview) -> int:
            if offset >= 2 * PART:
                raise OSError(5, "Input/output error")
            return super().read_at(offset, view)

    writer = FakeWriter()
    with contextlib.closing(Broken(memory=2 * MIB)) as spool:
        spool.write_at(0, memoryview(pattern(5 * PART)))
        with pytest.raises(OSError, match="Input/output"):
            parts.upload(spool, writer, PART)
    assert writer.calls == ["begin", "put_part", "put_part", "abort"]


def test_a_denied_abort_warns_with_the_upload_s_id() -> None:
    error = cut_off()
    faults: dict[tuple[str, int], BaseException] = {
        ("put_part", 2): error,
        ("abort", 1): answered("AccessDenied", 403),
    }
    writer = FakeWriter(faults)
    with (
        spooled(pattern(5 * PART)) as spool,
        pytest.warns(UnpublishedWarning, match="upload-1") as warned,
        pytest.raises(ConnectionError) as caught,
    ):
        parts.upload(spool, writer, PART)
    assert str(caught.value) == str(error)
    assert "AccessDenied" in str(warned[0].message)
    assert warned[0].filename == __file__


@pytest.mark.filterwarnings("error")
def test_warnings_as_errors_do_not_hide_what_failed() -> None:
    error = cut_off()
    faults: dict[tuple[str, int], BaseException] = {
        ("put_part", 1): error,
        ("abort", 1): answered("AccessDenied", 403),
    }
    with (
        spooled(pattern(5 * PART)) as spool,
        pytest.raises((ConnectionError, UnpublishedWarning)) as caught,
    ):
        parts.upload(spool, FakeWriter(faults), PART)
    chain: list[BaseException] = [caught.value]
    while chain[-1].__context__ is not None:
        chain.append(chain[-1].__context__)
    assert error in chain


# From here on with `S3Writer` in between.


def upload(store: FakeStore, size: int = 3 * PART, *, absent: bool = False) -> bytes:
    content = pattern(size)
    condition = IF_ABSENT if absent else ALWAYS
    writer = S3Writer(store, AT, Attributes("text/plain"), condition)
    with spooled(content) as spool:
        parts.upload(spool, writer, PART)
    return content


@pytest.mark.parametrize("absent", [False, True])
def test_an_upload_in_parts_is_three_kinds_of_requests(absent: bool) -> None:
    store = FakeStore()
    content = upload(store, absent=absent)
    assert store.operations() == [
        "create_multipart_upload",
        "upload_part",
        "upload_part",
        "upload_part",
        "complete_multipart_upload",
    ]
    assert store.objects["k"].body == content
    assert store.objects["k"].attributes == Attributes("text/plain")
    assert store.uploads == {}


@pytest.mark.parametrize("fault", [lost(), failing("InternalError", 500)])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_part_without_an_answer_is_sent_again(number: int, fault: Fault) -> None:
    store = FakeStore()
    store.plan("upload_part", number, fault)
    assert upload(store) == store.objects["k"].body
    assert len(store.asked("upload_part")) == 4


@pytest.mark.parametrize("denied", ["upload_part", "complete_multipart_upload"])
def test_a_denied_request_leaves_no_upload_behind(denied: str) -> None:
    store = FakeStore()
    store.add("k", b"old")
    store.denied.add(denied)
    with pytest.raises(PermissionError):
        upload(store)
    assert store.uploads == {}
    assert store.objects["k"].body == b"old"


def test_an_upload_that_is_gone_needs_no_abort() -> None:
    store = FakeStore()
    store.plan("upload_part", 2, Fault(first=store.uploads.clear))
    with pytest.raises(FileNotFoundError) as caught:
        upload(store)
    assert "upload is gone" in str(caught.value)


@pytest.mark.parametrize(
    "fault", [failing("InternalError", 500), Fault(error=cut_off()), lost()]
)
def test_an_abort_without_an_answer_is_tried_again(fault: Fault) -> None:
    store = FakeStore()
    store.denied.add("upload_part")
    store.plan("abort_multipart_upload", 1, fault)
    with pytest.raises(PermissionError):
        upload(store)
    assert store.uploads == {}


def test_somebody_else_s_object_stays_and_the_upload_is_aborted() -> None:
    store = FakeStore()
    store.plan("upload_part", 2, Fault(first=lambda: store.add("k", b"theirs")))
    with pytest.raises(FileExistsError):
        upload(store, absent=True)
    assert store.objects["k"].body == b"theirs"
    assert store.uploads == {}
