"""An object that changes while it is read: an error, and never a mixture."""

import errno
from collections.abc import Callable

import pytest

import s3open
from s3open import config, errors
from tests.fakes import MIB, FakeStore, Fault, failing, pattern

CONTENT = pattern(9 * MIB + 123)

Change = Callable[[FakeStore], None]


def replace_by_same_size(store: FakeStore) -> None:
    store.add("k", pattern(len(CONTENT), seed=1))


def replace_by_same_content(store: FakeStore) -> None:
    store.add("k", CONTENT)


def cut_short(store: FakeStore) -> None:
    store.add("k", b"short")


def make_empty(store: FakeStore) -> None:
    store.add("k", b"")


def make_longer(store: FakeStore) -> None:
    store.add("k", CONTENT + b"more")


def delete(store: FakeStore) -> None:
    del store.objects["k"]


CHANGES = [
    replace_by_same_size,
    replace_by_same_content,
    cut_short,
    make_empty,
    make_longer,
    delete,
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("ignores_if_match", [False, True])
@pytest.mark.parametrize("ignores_ranges", [False, True])
def test_a_change_midway_is_an_error_and_never_a_mixture(
    store: FakeStore, change: Change, ignores_if_match: bool, ignores_ranges: bool
) -> None:
    store.add("k", CONTENT)
    store.ignores_if_match = ignores_if_match
    store.ignores_ranges = ignores_ranges
    with s3open.open("s3://b/k", "rb", buffering=0) as file:
        assert file.read(1000) == CONTENT[:1000]
        change(store)
        file.seek(5 * MIB)
        with pytest.raises(s3open.ObjectChangedError) as caught:
            file.read(10)
        assert caught.value.filename == "s3://b/k"
        assert caught.value.errno == errno.ESTALE
        # What is here already is of the version that was opened.
        file.seek(0)
        assert file.read(1000) == CONTENT[:1000]
    assert [request.if_match for request in store.asked("get_object")] == [None, '"1"']
    assert all(body.closed for body in store.bodies)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_behind_a_broken_body_is_an_error(
    store: FakeStore, change: Change
) -> None:
    store.add("k", CONTENT)
    store.plan("get_object", 1, Fault(stops=1000))
    store.plan("get_object", 2, Fault(first=lambda: change(store)))
    with (
        s3open.open("s3://b/k", "rb", buffering=0) as file,
        pytest.raises(s3open.ObjectChangedError),
    ):
        file.read(2000)


@pytest.mark.parametrize(
    ("code", "status"), [("PreconditionFailed", 412), ("NoSuchKey", 404)]
)
def test_the_cause_of_a_change_is_kept(
    store: FakeStore, code: str, status: int
) -> None:
    store.add("k", CONTENT)
    store.plan("get_object", 2, failing(code, status))
    with s3open.open("s3://b/k", "rb") as file:
        file.seek(5 * MIB)
        with pytest.raises(s3open.ObjectChangedError) as caught:
            file.read(10)
        cause = caught.value.__cause__
        assert isinstance(cause, errors.S3Error)
        assert (cause.code, cause.status) == (code, status)


def test_a_denial_midway_stays_a_denial(store: FakeStore) -> None:
    store.add("k", CONTENT)
    with s3open.open("s3://b/k", "rb") as file:
        store.denied.add("get_object")
        file.seek(5 * MIB)
        with pytest.raises(PermissionError):
            file.read(10)


def test_a_store_that_ignores_ranges_and_conditions_still_works(
    store: FakeStore,
) -> None:
    store.add("k", CONTENT)
    store.ignores_ranges = store.ignores_if_match = True
    with s3open.open("s3://b/k", "rb", config=config.Config(memory=2 * MIB)) as file:
        file.seek(-100, 2)
        assert file.read() == CONTENT[-100:]
        file.seek(0)
        assert file.read() == CONTENT


def test_an_empty_object_is_empty_by_one_request(store: FakeStore) -> None:
    store.add("k", b"")
    with s3open.open("s3://b/k", "rb") as file:
        assert file.read() == b""
    assert len(store.requests) == 1


def test_a_small_read_is_one_request(store: FakeStore) -> None:
    store.add("k", b"small")
    with s3open.open("s3://b/k") as file:
        assert file.read() == "small"
    assert len(store.requests) == 1


def test_every_request_that_fails_once_is_asked_again(store: FakeStore) -> None:
    store.add("k", CONTENT)
    for number in range(2, 6):
        store.plan("get_object", number, failing("InternalError", 500))
        with s3open.open("s3://b/k", "rb") as file:
            assert file.read() == CONTENT
        store.requests.clear()
