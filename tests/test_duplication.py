"""Copies made inside the store: of any size, alike, conditional, whatever gets lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from s3open import errors
from s3open.config import Config
from s3open.contract import ALWAYS, IF_ABSENT, Attributes, Condition, ObjectInfo
from s3open.location import Location
from s3open.s3 import duplication, endpoint, retry, threads
from s3open.s3.clients import verbs_for
from s3open.s3.duplication import duplicate
from s3open.s3.retry import Patience
from s3open.s3.settled import settled
from s3open.s3.tokens import TOKEN
from s3open.testing import Fault, S3Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.s3.verbs import Verbs

BUCKET = "s3open-test"
MIB = 1 << 20
GIB = 1 << 30
# What never goes away again is not waited for.
HASTY = Patience(0.02, 3)

pytestmark = pytest.mark.usefixtures("_each_transport")


def at(key: str, bucket: str = BUCKET) -> Location:
    return Location(bucket, key, f"s3://{bucket}/{key}")


BODY = bytes(range(256)) * 40
SOURCE, TARGET = at("a +b"), at("target/ü")
GIVEN = {
    "content_type": "text/odd",
    "cache_control": "no-cache",
    "x_amz_meta_color": "blue",
    "x_amz_tagging": "tag=va%20lue",
    "x_amz_storage_class": "STANDARD_IA",
}


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with S3Server(min_part_size=1) as server:
        yield server


@pytest.fixture
def server(running: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    running.reset()
    running.create_bucket(BUCKET)
    for name, value in running.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(retry, "pause", lambda failures: None)
    monkeypatch.setattr(endpoint, "_known", {})
    for verb in (endpoint.COPY_WHOLE, "CompleteMultipartUpload", endpoint.COPY):
        endpoint.remember(running.endpoint_url, verb, endpoint.Honours.YES)
    endpoint.remember(running.endpoint_url, endpoint.TAGGED, endpoint.Honours.HAS)
    running.put(BUCKET, SOURCE.key, BODY, **GIVEN)
    return running


@pytest.fixture
def verbs(server: S3Server) -> Verbs:
    return verbs_for(Config(), SOURCE.uri)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have more than 6,000 bytes be copied in parts."""
    monkeypatch.setattr(duplication, "MAX_COPY", 6000)
    monkeypatch.setattr(duplication, "PART_SIZE", 6000)


def listed(server: S3Server, place: Location = SOURCE) -> ObjectInfo:
    """Return what a listing says."""
    found = server.head(place.bucket, place.key)
    return ObjectInfo(found.size, f'"{found.etag}"')


def is_alike(server: S3Server, place: Location = TARGET) -> bool:
    old, new = (server.head(each.bucket, each.key) for each in (SOURCE, place))
    same = bytes(old.content) == bytes(new.content)
    metadata = {k: v for k, v in new.metadata.items() if k != TOKEN}
    return (
        same
        and (old.content_type, old.tags) == (new.content_type, new.tags)
        and metadata == {"color": "blue"}
        and new.about.headers["cache-control"] == "no-cache"
        and new.storage_class == "STANDARD"
    )


@pytest.mark.parametrize("headed", [True, False])
def test_a_copy_is_one_request(server: S3Server, verbs: Verbs, headed: bool) -> None:
    info = verbs.head_object(SOURCE) if headed else listed(server)
    told: list[int] = []
    with server.counting() as seen:
        made = duplicate(
            verbs, SOURCE, TARGET, info, None, ALWAYS, progress=told.append
        )
    assert seen.operations == {"CopyObject": 1}
    assert is_alike(server)
    assert (made.etag, made.size) == (listed(server, TARGET).etag, len(BODY))
    assert told == [len(BODY)]


def test_a_conditional_copy_is_one_request_if_all_is_known(
    server: S3Server, verbs: Verbs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "is_aws", lambda _: True)
    info = verbs.head_object(SOURCE)
    for condition in (IF_ABSENT, Condition(etag=info.etag)):
        with server.counting() as seen:
            duplicate(verbs, SOURCE, TARGET, info, None, condition)
        assert seen.operations == {"CopyObject": 1}
        assert is_alike(server)
    server.delete(BUCKET, TARGET.key)
    with server.counting() as seen:
        duplicate(verbs, SOURCE, TARGET, listed(server), None, IF_ABSENT)
    assert seen.operations == {"CopyObject": 1, "HeadObject": 1}
    assert is_alike(server)


def test_elsewhere_it_needs_the_tags(server: S3Server, verbs: Verbs) -> None:
    info = verbs.head_object(SOURCE)
    with server.counting() as seen:
        duplicate(verbs, SOURCE, TARGET, info, None, IF_ABSENT)
    assert seen.operations == {"CopyObject": 1, "GetObjectTagging": 1}
    assert is_alike(server)
    server.delete(BUCKET, TARGET.key)
    settings = {"Tagging": "x=y"}
    duplicate(verbs, SOURCE, TARGET, info, None, IF_ABSENT, settings=settings)
    assert server.head(BUCKET, TARGET.key).tags == {"x": "y"}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("condition", [ALWAYS, IF_ABSENT])
def test_a_large_copy_is_made_in_parts(
    server: S3Server, verbs: Verbs, condition: Condition
) -> None:
    told: list[int] = []
    with server.counting() as seen:
        made = duplicate(
            verbs,
            SOURCE,
            TARGET,
            listed(server),
            None,
            condition,
            progress=told.append,
        )
    assert seen.operations == {
        "HeadObject": 1 + bool(condition),
        "GetObjectTagging": 1,
        "CreateMultipartUpload": 1,
        "UploadPartCopy": 2,
        "CompleteMultipartUpload": 1,
    }
    assert is_alike(server)
    assert told == [6000, 4240]
    assert (made.etag, made.size) == (listed(server, TARGET).etag, len(BODY))
    checksum = server.head(BUCKET, TARGET.key).checksum
    assert checksum == server.head(BUCKET, SOURCE.key).checksum


def test_what_is_larger_than_one_request_may_copy_is_copied(
    server: S3Server, verbs: Verbs
) -> None:
    size = 6 * GIB + 1
    server.synthetic(BUCKET, "huge", size)
    with server.counting() as seen:
        duplicate(verbs, at("huge"), TARGET, listed(server, at("huge")), None, ALWAYS)
    assert seen.operations["UploadPartCopy"] == 49
    made = server.head(BUCKET, TARGET.key)
    assert made.size == size
    span = range(size - 100, size)
    there = server.head(BUCKET, "huge").content
    assert bytes(made.content.part(span)) == bytes(there.part(span))


@pytest.mark.parametrize("size", [5 * GIB + 1, 100 * GIB, 48 << 40, 10_000 * 5 * GIB])
def test_parts_are_as_many_and_as_large_as_may_be(size: int) -> None:
    spans = duplication.spans(size)
    assert len(spans) <= 10_000
    assert {len(span) for span in spans[:-1]} == {len(spans[0])}
    assert len(spans[0]) <= 5 * GIB
    assert 0 < len(spans[-1]) <= len(spans[0])
    assert sum(map(len, spans)) == size


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("condition", [ALWAYS, IF_ABSENT])
def test_a_copy_may_be_given_something_else(
    server: S3Server,
    verbs: Verbs,
    condition: Condition,
    large: bool,
    request: pytest.FixtureRequest,
) -> None:
    if large:
        request.getfixturevalue("small")
    other = Attributes("image/png", {"a": "b"}, {"Tagging": "x=y"})
    settings = {"StorageClass": "GLACIER_IR"}
    duplicate(
        verbs, SOURCE, TARGET, listed(server), other, condition, settings=settings
    )
    made = server.head(BUCKET, TARGET.key)
    assert made.content_type == "image/png"
    assert {k: v for k, v in made.metadata.items() if k != TOKEN} == {"a": "b"}
    assert made.tags == {"x": "y"}
    assert made.storage_class == "GLACIER_IR"
    server.delete(BUCKET, TARGET.key)
    other = replace(other, settings={"TaggingDirective": "COPY"})
    duplicate(verbs, SOURCE, TARGET, listed(server), other, condition)
    assert server.head(BUCKET, TARGET.key).tags == {"tag": "va lue"}
    server.delete(BUCKET, TARGET.key)
    duplicate(verbs, SOURCE, TARGET, listed(server), None, condition, settings=settings)
    made = server.head(BUCKET, TARGET.key)
    assert (made.content_type, made.storage_class) == ("text/odd", "GLACIER_IR")


def test_tags_that_may_not_be_read_are_kept_as_it_is_said(
    server: S3Server, verbs: Verbs, small: None
) -> None:
    server.deny("GetObjectTagging")
    info = listed(server)
    with pytest.raises(PermissionError):
        duplicate(verbs, SOURCE, TARGET, info, None, ALWAYS, keep_tags="require")
    with pytest.warns(RuntimeWarning, match="loses its tags"):
        duplicate(verbs, SOURCE, TARGET, info, None, ALWAYS)
    duplicate(verbs, SOURCE, TARGET, info, None, ALWAYS, keep_tags="drop")
    assert server.head(BUCKET, TARGET.key).tags == {}


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("condition", [ALWAYS, IF_ABSENT])
def test_a_version_is_copied_whatever_came_after_it(
    server: S3Server,
    verbs: Verbs,
    condition: Condition,
    large: bool,
    request: pytest.FixtureRequest,
) -> None:
    if large:
        request.getfixturevalue("small")
    server.create_bucket("old", versioned=True)
    body = server.read(BUCKET, SOURCE.key)
    source = at("a +b", "old")
    server.put("old", "a +b", body, **GIVEN)
    version = server.head("old", "a +b").version_id
    info = listed(server, source)
    server.put("old", "a +b", b"new")
    duplicate(verbs, source, TARGET, info, None, condition, version_id=version)
    assert is_alike(server)
    server.delete(BUCKET, TARGET.key)
    server._state.store.bucket("old").remove_version("a +b", version)
    with pytest.raises(FileNotFoundError) as caught:
        duplicate(verbs, source, TARGET, info, None, condition, version_id=version)
    assert caught.value.filename == source.uri
    assert server.keys(BUCKET) == [SOURCE.key]
    assert server.uploads(BUCKET) == []


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("condition", [ALWAYS, IF_ABSENT, Condition(etag='"t"')])
def test_another_source_is_not_copied(
    server: S3Server,
    verbs: Verbs,
    condition: Condition,
    large: bool,
    request: pytest.FixtureRequest,
) -> None:
    if large:
        request.getfixturevalue("small")
    if condition.etag:
        server.put(BUCKET, TARGET.key, b"there")
        condition = Condition(etag=listed(server, TARGET).etag)
    info = listed(server)
    before = server.keys(BUCKET)
    given = Attributes("a/b")
    for attributes in (None, given):
        server.put(BUCKET, SOURCE.key, bytes(len(BODY)))
        with pytest.raises(errors.ObjectChangedError) as changed:
            duplicate(verbs, SOURCE, TARGET, info, attributes, condition)
        assert changed.value.filename == SOURCE.uri
    server.delete(BUCKET, SOURCE.key)
    for attributes in (None, given):
        with pytest.raises((FileNotFoundError, errors.ObjectChangedError)) as missing:
            duplicate(verbs, SOURCE, TARGET, info, attributes, condition)
        assert missing.value.filename == SOURCE.uri
    assert server.keys(BUCKET) == before[1:]
    assert server.uploads(BUCKET) == []


@pytest.mark.parametrize("large", [False, True])
def test_what_is_there_is_replaced_only_if_it_was_meant(
    server: S3Server, verbs: Verbs, large: bool, request: pytest.FixtureRequest
) -> None:
    if large:
        request.getfixturevalue("small")
    server.put(BUCKET, TARGET.key, b"there")
    info = listed(server)
    with server.counting() as seen:
        with pytest.raises(FileExistsError) as exists:
            duplicate(verbs, SOURCE, TARGET, info, None, IF_ABSENT)
        with pytest.raises(errors.ObjectChangedError) as changed:
            duplicate(verbs, SOURCE, TARGET, info, None, Condition(etag='"other"'))
    for caught in (exists, changed):
        assert caught.value.filename == TARGET.uri
    # It is found out before anything is copied.
    assert seen.operations["UploadPartCopy"] == 0
    assert server.read(BUCKET, TARGET.key) == b"there"
    with pytest.raises(errors.ObjectChangedError) as gone:
        duplicate(verbs, SOURCE, at("none"), info, None, Condition(etag='"other"'))
    assert gone.value.filename == at("none").uri


def test_a_bucket_that_is_missing_is_told_by_its_name(
    server: S3Server, verbs: Verbs
) -> None:
    info = listed(server)
    for source, target, name in (
        (at("k", "nowhere"), TARGET, "s3://nowhere/k"),
        (SOURCE, at("k", "nowhere"), "s3://nowhere/k"),
    ):
        for condition in (ALWAYS, IF_ABSENT):
            info = replace(info, content_type="a/b")
            with pytest.raises(FileNotFoundError) as caught:
                duplicate(verbs, source, target, info, None, condition)
            assert caught.value.filename == name


def test_who_may_not_write_a_copy_is_told(server: S3Server, verbs: Verbs) -> None:
    server.deny("CopyObject")
    with pytest.raises(PermissionError, match="s3:PutObject"):
        duplicate(verbs, SOURCE, TARGET, listed(server), None, ALWAYS)


def test_the_same_is_given_other_attributes(server: S3Server, verbs: Verbs) -> None:
    given = Attributes("image/png", settings={"TaggingDirective": "COPY"})
    info = listed(server)
    duplicate(verbs, SOURCE, SOURCE, info, given, Condition(etag=info.etag))
    made = server.head(BUCKET, SOURCE.key)
    assert (made.content_type, made.tags) == ("image/png", {"tag": "va lue"})


def test_no_thread_is_needed(
    server: S3Server, verbs: Verbs, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "submit", lambda task: None)
    info = listed(server)
    duplicate(verbs, SOURCE, TARGET, info, None, ALWAYS, concurrency=1)
    assert is_alike(server)


def test_parts_are_copied_side_by_side_within_bounds(
    server: S3Server, verbs: Verbs, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.synthetic(BUCKET, "huge", 6 * GIB)
    under_way, most = [0], [0]
    copy = type(verbs).upload_part_copy

    def counted(*given: Any, **named: Any) -> Any:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        try:
            return copy(*given, **named)
        finally:
            under_way[0] -= 1

    monkeypatch.setattr(type(verbs), "upload_part_copy", counted)
    info = listed(server, at("huge"))
    duplicate(verbs, at("huge"), TARGET, info, None, ALWAYS, concurrency=3)
    assert 1 <= most[0] <= 3


def test_who_breaks_off_leaves_nothing_behind(
    server: S3Server, verbs: Verbs, small: None
) -> None:
    def stop(size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        duplicate(verbs, SOURCE, TARGET, listed(server), None, ALWAYS, progress=stop)
    assert server.uploads(BUCKET) == []
    assert server.keys(BUCKET) == [SOURCE.key]


def test_an_upload_that_cannot_be_aborted_is_named(
    server: S3Server, verbs: Verbs, small: None
) -> None:
    server.deny("AbortMultipartUpload")
    server.deny("CompleteMultipartUpload")
    with pytest.warns(RuntimeWarning, match="left behind") as told:
        with pytest.raises(PermissionError):
            duplicate(verbs, SOURCE, TARGET, listed(server), None, ALWAYS)
    (upload,) = server.uploads(BUCKET)
    assert upload.upload_id in str(told[0].message)


def test_a_store_that_cannot_copy_parts_says_so(
    server: S3Server, verbs: Verbs, small: None
) -> None:
    endpoint._known.pop((server.endpoint_url, endpoint.COPY))
    unknown = Fault("UploadPartCopy", status=501, code="NotImplemented", times=None)
    with server.faulty(unknown), pytest.raises(errors.S3Error) as caught:
        duplicate(verbs, SOURCE, TARGET, listed(server), None, ALWAYS)
    assert caught.value.status == 501
    assert server.uploads(BUCKET) == []


HEALING: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "503": {"status": 503},
    "reset": {"drop": "before"},
    "answer lost": {"drop": "after"},
    "truncated": {"cut": 40},
    "a failure in a 200": {"error_in_200": "InternalError"},
}
WHOLE = "HeadObject GetObjectTagging CopyObject"
PARTS = "HeadObject HeadObject GetObjectTagging CreateMultipartUpload UploadPartCopy"
PARTS += " UploadPartCopy CompleteMultipartUpload"


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("there", [None, b"there"])
@pytest.mark.parametrize("conditional", [True, False])
def test_a_fault_at_any_request_is_not_noticed(
    server: S3Server,
    verbs: Verbs,
    conditional: bool,
    there: bytes | None,
    large: bool,
    request: pytest.FixtureRequest,
) -> None:
    if large:
        request.getfixturevalue("small")
    info = listed(server)
    names = (PARTS if large else WHOLE).split()
    if not conditional:
        names = names[1:] if large else names[2:]
    for number, name in enumerate(names):
        for kind, does in HEALING.items():
            if name == "HeadObject" and kind == "a failure in a 200":
                continue
            condition = ALWAYS
            if there is not None:
                server.put(BUCKET, TARGET.key, there)
                condition = Condition(etag=listed(server, TARGET).etag)
            elif TARGET.key in server.keys(BUCKET):
                server.delete(BUCKET, TARGET.key)
            if there is None:
                condition = IF_ABSENT
            condition = condition if conditional else ALWAYS
            fault = Fault(name, skip=names[:number].count(name), **does)
            with server.faulty(fault) as armed:
                duplicate(verbs, SOURCE, TARGET, info, None, condition)
            assert armed.fired == 1, (name, kind)
            assert is_alike(server), (name, kind)
            left = server.uploads(BUCKET)
            # Of an upload whose id was lost nobody knows.
            assert not left or (name == "CreateMultipartUpload" and not left[0].parts)
            server.forget_uploads(BUCKET)


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("condition", [ALWAYS, IF_ABSENT])
@pytest.mark.parametrize("kind", ["500", "reset", "answer lost"])
def test_a_fault_that_stays_is_told(
    server: S3Server,
    verbs: Verbs,
    kind: str,
    condition: Condition,
    large: bool,
    request: pytest.FixtureRequest,
) -> None:
    if large:
        request.getfixturevalue("small")
    hasty = settled(verbs, {}, HASTY)
    for name in dict.fromkeys((PARTS if large else WHOLE).split()):
        if name in WHOLE.split()[:2] and not (large or condition):
            continue
        with server.faulty(Fault(name, times=None, **HEALING[kind])) as armed:
            try:
                duplicate(hasty, SOURCE, TARGET, listed(server), None, condition)
            except errors.S3Error as error:
                lost = kind == "answer lost" and error.ambiguous
                assert lost or TARGET.key not in server.keys(BUCKET)
            else:
                # It was looked, and found.
                assert kind == "answer lost"
                assert is_alike(server)
        assert armed.fired
        if TARGET.key in server.keys(BUCKET):
            assert is_alike(server)
            server.delete(BUCKET, TARGET.key)
        if name != "CreateMultipartUpload":
            assert server.uploads(BUCKET) == []
        server.forget_uploads(BUCKET)


@pytest.mark.parametrize("then", ["replaced", "deleted"])
def test_of_a_lost_answer_nothing_is_guessed(
    server: S3Server, verbs: Verbs, then: str
) -> None:
    """Somebody copies the very same there, or deletes it, before it can be looked."""

    def meanwhile(server: S3Server) -> None:
        server.delete(BUCKET, TARGET.key)
        if then == "replaced":
            body = server.read(BUCKET, SOURCE.key)
            server.put(BUCKET, TARGET.key, body, **GIVEN)

    lost = Fault("CopyObject", drop="after")
    look = Fault("HeadObject", before=meanwhile)
    info = verbs.head_object(SOURCE)
    with server.faulty(lost), server.faulty(look):
        if then == "deleted":
            duplicate(verbs, SOURCE, TARGET, info, None, IF_ABSENT)
            assert is_alike(server)
        else:
            with pytest.raises(FileExistsError):
                duplicate(verbs, SOURCE, TARGET, info, None, IF_ABSENT)
