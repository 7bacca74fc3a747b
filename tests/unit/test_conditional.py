"""Exactly one outcome, and the right one, whatever answers get lost."""

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from s3open import errors
from s3open.contract import ALWAYS, IF_ABSENT, Attributes, Condition, ObjectInfo
from s3open.errors import ObjectChangedError, S3Error
from s3open.location import Location
from s3open.s3 import conditional, retry, tokens
from tests.fakes import FakeStore, Fault, answered, cut_off, failing, lost

if TYPE_CHECKING:
    # The fake is held against the protocol it stands for.
    from s3open.s3.verbs import Verbs

    def speaks(fake: FakeStore) -> Verbs:
        return fake


AT = Location("b", "k", "s3://b/k")
OURS, THEIRS = b"ours", b"theirs"
TRIES = retry.DEFAULT.attempts

# What may become of one request; None: it works.
FATES: dict[str, Callable[[], Fault | None]] = {
    "fine": lambda: None,
    "lost": lost,
    "cut": lambda: Fault(error=cut_off()),
    "500": lambda: failing("InternalError", 500),
    "500 done": lambda: Fault(error=answered("InternalError", 500), done=True),
    "409": lambda: failing("ConditionalRequestConflict", 409),
}
SEQUENCES = list(itertools.product(FATES, repeat=3)) + [
    (*["cut"] * filler, *ending)
    for filler in (TRIES - 2, TRIES - 1)
    for ending in itertools.product(FATES, repeat=TRIES - filler)
]


def put(store: FakeStore, body: bytes = OURS) -> BaseException | None:
    """Create an object; return the error."""
    try:
        conditional.put(
            store, AT, [body], Attributes("text/plain", {"a": "1"}), IF_ABSENT
        )
    except Exception as error:
        return error
    return None


def complete(store: FakeStore, body: bytes = OURS) -> BaseException | None:
    """Create an object by an upload in parts; return the error."""
    upload = store.create_multipart_upload(AT, Attributes("text/plain"))
    part = store.upload_part(AT, upload, 1, [body])
    try:
        conditional.complete(store, AT, upload, [part], IF_ABSENT)
    except Exception as error:
        return error
    return None


WAYS = {"put": (put, "put_object"), "complete": (complete, "complete_multipart_upload")}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> tuple[Any, str]:
    return WAYS[request.param]


def planned(operation: str, fates: tuple[str, ...]) -> FakeStore:
    store = FakeStore()
    for number, fate in enumerate(fates, start=1):
        fault = FATES[fate]()
        if fault is not None:
            store.plan(operation, number, fault)
    return store


def is_ours(store: FakeStore) -> bool:
    return "k" in store.objects and store.objects["k"].body == OURS


@pytest.mark.parametrize("condition_first", [False, True])
def test_success_is_reported_exactly_where_the_object_is_there(
    way: tuple[Any, str], condition_first: bool
) -> None:
    create, operation = way
    for fates in SEQUENCES:
        store = planned(operation, fates)
        store.condition_first = condition_first
        error = create(store)
        assert (error is None) == is_ours(store), fates
        assert error is None or not isinstance(error, FileExistsError), fates
        assert error is None or isinstance(error, errors.S3Error), fates


@pytest.mark.parametrize("content", [THEIRS, OURS])
def test_an_object_that_was_there_before_is_file_exists_error(
    way: tuple[Any, str], content: bytes
) -> None:
    create, operation = way
    for fates in SEQUENCES:
        if set(fates) <= {"cut", "500", "409"}:
            continue
        store = planned(operation, fates)
        store.add("k", content)
        before = store.objects["k"]
        error = create(store)
        assert store.objects["k"] is before
        # A lost answer is as good as none here: the request was refused.
        assert isinstance(error, FileExistsError), fates
        assert error.filename == "s3://b/k"


@pytest.mark.parametrize("content", [THEIRS, OURS])
@pytest.mark.parametrize("fate", ["cut", "500", "409"])
def test_somebody_who_comes_in_between_wins(
    way: tuple[Any, str], fate: str, content: bytes
) -> None:
    create, operation = way
    store = planned(operation, (fate,))
    store.plan(operation, 2, Fault(first=lambda: store.add("k", content)))
    error = create(store)
    assert isinstance(error, FileExistsError)
    assert store.objects["k"].body == content


def test_what_we_created_and_somebody_replaced_stays_replaced(
    way: tuple[Any, str],
) -> None:
    create, operation = way
    replace = Fault(first=lambda: store.add("k", THEIRS))
    store = planned(operation, ("lost",))
    store.plan("head_object", 1, replace)
    store.plan("upload_exists", 1, replace)
    store.plan(operation, 2, replace)
    error = create(store)
    assert store.objects["k"].body == THEIRS
    # Whether a PUT had been ours nobody can tell any more; an upload that is gone may.
    assert error is None or isinstance(error, errors.S3Error)
    assert error is not None or operation == "complete_multipart_upload"


def test_a_new_object_costs_one_request(way: tuple[Any, str]) -> None:
    create, operation = way
    store = FakeStore()
    assert create(store) is None
    assert len(store.asked(operation)) == 1
    assert not store.asked("head_object")
    assert not store.asked("upload_exists")


def test_the_token_is_beside_the_user_s_metadata_and_new_each_time() -> None:
    seen = set()
    for _ in range(3):
        store = FakeStore()
        put(store)
        attributes = store.objects["k"].attributes
        assert attributes.content_type == "text/plain"
        metadata = dict(attributes.metadata)
        seen.add(metadata.pop(tokens.TOKEN))
        assert metadata == {"a": "1"}
    assert len(seen) == 3


def test_one_put_has_one_token_however_often_it_is_tried() -> None:
    seen = []

    class Watched(FakeStore):
        def put_object(
            self, at: Any, body: Any, attributes: Any, condition: Any
        ) -> ObjectInfo:
            seen.append(attributes.metadata[tokens.TOKEN])
            return super().put_object(at, body, attributes, condition)

    store = Watched()
    store.plan("put_object", 1, failing("InternalError", 500))
    store.plan("put_object", 2, Fault(error=cut_off()))
    store.plan("put_object", 3, lost())
    assert put(store) is None
    assert len(seen) == 3
    assert len(set(seen)) == 1


@pytest.mark.parametrize("before", [0, 1, 120])
@pytest.mark.parametrize(
    ("room", "others"), [(100, 99), (100, 100), (30, 29), (30, 30)]
)
@pytest.mark.parametrize("arrived", [True, False])
def test_a_lost_answer_behind_which_others_write_is_never_guessed_at(
    before: int, room: int, others: int, arrived: bool
) -> None:
    store = FakeStore()
    length = tokens.MAX_METADATA_LENGTH if room == 30 else 10
    metadata = {"a": "1" * (length - 1)}

    def write() -> None:
        there = store.objects["k"]
        conditional.put(
            store, AT, [THEIRS], there.attributes, Condition(etag=there.etag)
        )

    store.add("k", THEIRS, Attributes(metadata=metadata))
    for _ in range(before):
        write()
    base = store.objects["k"]
    number = len(store.asked("put_object")) + 1
    store.plan("put_object", number, Fault(error=cut_off(), done=arrived))

    def come_between() -> None:
        for _ in range(others):
            write()

    # As soon as the answer is lost, before anybody can look.
    store.plan("head_object", 1, Fault(first=come_between))
    condition = Condition(etag=base.etag)
    outcome: S3Error | None = None
    try:
        conditional.put(store, AT, [OURS], base.attributes, condition)
    except S3Error as error:
        outcome = error

    if others >= room:
        assert not isinstance(outcome, ObjectChangedError)
        assert outcome is not None
        assert outcome.ambiguous
    elif arrived:
        assert outcome is None
    else:
        assert isinstance(outcome, ObjectChangedError)


def test_an_unconditional_put_bears_no_token_and_looks_at_nothing() -> None:
    store = FakeStore()
    store.add("k", THEIRS)
    store.plan("put_object", 1, lost())
    conditional.put(store, AT, [OURS], Attributes(), ALWAYS)
    assert is_ours(store)
    assert store.operations() == ["put_object", "put_object"]
    assert store.objects["k"].attributes == Attributes()


def test_an_unconditional_upload_that_is_gone_is_done() -> None:
    store = FakeStore()
    store.plan("complete_multipart_upload", 1, lost())
    upload = store.create_multipart_upload(AT, Attributes())
    part = store.upload_part(AT, upload, 1, [OURS])
    conditional.complete(store, AT, upload, [part], ALWAYS)
    assert is_ours(store)


@pytest.mark.parametrize(
    ("code", "status", "builtin"),
    [
        ("AccessDenied", 403, PermissionError),
        ("NoSuchBucket", 404, FileNotFoundError),
        ("InvalidPart", 400, ValueError),
        ("NotImplemented", 501, OSError),
    ],
)
def test_a_refusal_is_raised_as_it_is(
    way: tuple[Any, str], code: str, status: int, builtin: type[Exception]
) -> None:
    create, operation = way
    store = FakeStore()
    for number in range(1, TRIES + 1):
        store.plan(operation, number, failing(code, status))
    error = create(store)
    assert isinstance(error, builtin)
    assert isinstance(error, errors.S3Error)
    assert error.code == code


def test_tries_are_bounded_and_pauses_grow(
    way: tuple[Any, str], pauses: list[int]
) -> None:
    create, operation = way
    for fate in ("cut", "500", "409"):
        pauses.clear()
        store = planned(operation, (fate,) * 50)
        assert create(store) is not None
        assert len(store.asked(operation)) == TRIES
        assert pauses == list(range(1, TRIES))


def test_an_upload_that_somebody_aborted_is_an_error(way: tuple[Any, str]) -> None:
    for condition_first in (False, True):
        store = FakeStore()
        store.condition_first = condition_first
        fault = Fault(first=store.uploads.clear)
        store.plan("complete_multipart_upload", 1, fault)
        error = complete(store)
        assert isinstance(error, FileNotFoundError)
        assert error.code == "NoSuchUpload"  # type: ignore[attr-defined]  # an S3Error


@pytest.mark.parametrize("condition_first", [False, True])
def test_an_upload_aborted_while_somebody_created_the_object_is_an_error(
    condition_first: bool,
) -> None:
    store = FakeStore()
    store.condition_first = condition_first

    def disturb() -> None:
        store.uploads.clear()
        store.add("k", THEIRS)

    store.plan("complete_multipart_upload", 1, Fault(first=disturb))
    assert isinstance(complete(store), errors.S3Error)
    assert store.objects["k"].body == THEIRS


@pytest.mark.parametrize("fate", ["cut", "500"])
def test_an_upload_aborted_behind_an_unanswered_request_is_an_error(fate: str) -> None:
    # It is gone, and a request went without an answer; but the object is not there.
    store = planned("complete_multipart_upload", (fate,))
    store.plan("complete_multipart_upload", 2, Fault(first=store.uploads.clear))
    store.plan("upload_exists", 1, Fault(first=store.uploads.clear))
    assert complete(store) is not None
    assert not store.objects


@pytest.mark.parametrize("there", [None, THEIRS])
@pytest.mark.parametrize("fates", [("lost",), ("cut", "lost"), ("409",), ("500 done",)])
def test_what_cannot_be_looked_at_is_never_a_success(
    way: tuple[Any, str], fates: tuple[str, ...], there: bytes | None
) -> None:
    create, operation = way
    store = planned(operation, fates)
    store.denied = {"head_object", "upload_exists"}
    if there is not None:
        store.add("k", there)
    error = create(store)
    if error is None:
        # The one way to know without looking: a plain answer.
        assert is_ours(store)
        assert fates == ("409",)
    else:
        assert isinstance(error, errors.S3Error)
    assert there is None or store.objects["k"].body == there


def test_a_clear_refusal_needs_no_permission_to_look(way: tuple[Any, str]) -> None:
    # s3:PutObject alone is enough to create, so it is enough to be told no.
    create, _ = way
    store = FakeStore()
    store.denied = {"head_object", "upload_exists"}
    store.add("k", THEIRS)
    assert isinstance(create(store), FileExistsError)


def test_an_object_that_vanishes_after_the_refusal_leaves_one_outcome() -> None:
    store = FakeStore()
    store.add("k", THEIRS)
    store.plan("head_object", 1, Fault(first=store.objects.clear))
    error = put(store)
    assert error is None or isinstance(error, FileExistsError)
    assert (error is None) == is_ours(store)


def test_an_interrupt_is_not_swallowed(way: tuple[Any, str]) -> None:
    create, operation = way
    store = FakeStore()
    store.plan(operation, 1, Fault(error=KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        create(store)


@pytest.mark.parametrize("failures", range(1, 20))
def test_a_pause_is_random_and_bounded(
    failures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    for _ in range(50):
        retry.pause(failures)
    assert all(0 <= pause <= min(5.0, 0.05 * 2**failures) for pause in slept)
    assert len(set(slept)) > 1


@pytest.mark.parametrize("number", range(1, TRIES + 1))
def test_a_request_that_may_be_repeated_is(number: int, pauses: list[int]) -> None:
    outcomes: list[Exception] = [cut_off() for _ in range(number - 1)]

    def request() -> str:
        if outcomes:
            raise outcomes.pop()
        return "done"

    assert retry.repeated(request) == "done"
    assert pauses == list(range(1, number))


def test_a_request_is_given_up_after_so_many_tries(pauses: list[int]) -> None:
    calls = []

    def request() -> None:
        calls.append(1)
        raise cut_off()

    with pytest.raises(ConnectionError):
        retry.repeated(request)
    assert len(calls) == TRIES
    assert pauses == list(range(1, TRIES))


@pytest.mark.parametrize("error", [answered("AccessDenied", 403), KeyError()])
def test_a_request_that_would_fail_again_is_not_repeated(
    error: Exception, pauses: list[int]
) -> None:
    calls = []

    def request() -> None:
        calls.append(1)
        raise error

    with pytest.raises(type(error)):
        retry.repeated(request)
    assert len(calls) == 1
    assert pauses == []
