"""How an object is opened: which requests, and which errors, on the fake store."""

from typing import Any

import pytest

import s3open
from s3open.s3 import retry
from s3open.stores.objects import guess_type
from tests.fakes import FakeStore, answered, failing

URI = "s3://b/k"


@pytest.mark.parametrize("mode", ["r", "rb"])
def test_opening_to_read_is_one_request(store: FakeStore, mode: str) -> None:
    store.add("k", b"content")
    s3open.open(URI, mode).close()
    assert store.operations() == ["get_object"]


@pytest.mark.parametrize("mode", ["w", "wb", "w+", "w+b"])
def test_opening_to_write_is_none_and_a_small_write_is_one(
    store: FakeStore, mode: str
) -> None:
    with s3open.open(URI, mode):
        assert store.operations() == []
    assert store.operations() == ["put_object"]
    assert store.objects["k"].body == b""


@pytest.mark.parametrize("mode", ["x", "xb", "x+", "x+b"])
def test_creating_is_two_requests(store: FakeStore, mode: str) -> None:
    with s3open.open(URI, mode):
        assert store.operations() == ["head_object"]
    assert store.operations() == ["head_object", "put_object"]


def test_creating_what_exists_fails_before_anything_is_written(
    store: FakeStore,
) -> None:
    store.add("k", b"")
    with pytest.raises(FileExistsError) as caught:
        s3open.open(URI, "x")
    assert caught.value.filename == URI
    assert store.operations() == ["head_object"]


@pytest.mark.parametrize("there", [False, True])
def test_creating_needs_no_permission_to_look(store: FakeStore, there: bool) -> None:
    store.denied.add("head_object")
    if there:
        store.add("k", b"theirs")
    file = s3open.open(URI, "x")
    file.write("ours")
    if there:
        with pytest.raises(FileExistsError):
            file.close()
    else:
        file.close()
    assert store.objects["k"].body == (b"theirs" if there else b"ours")


@pytest.mark.parametrize(
    ("code", "status", "builtin"),
    [
        ("ExpiredToken", 400, PermissionError),
        ("PermanentRedirect", 301, PermissionError),
        ("InvalidBucketName", 400, ValueError),
        ("SlowDown", 503, TimeoutError),
    ],
)
def test_what_a_head_cannot_say_a_get_does(
    store: FakeStore,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    status: int,
    builtin: type[BaseException],
) -> None:
    monkeypatch.setattr(retry, "pause", lambda failures: None)
    config = s3open.Config(attempts=2, deadline=0)
    for number in range(1, 3):
        # The answer to a HEAD has no body, hence no code.
        store.plan("head_object", number, failing(str(status), status))
        store.plan("get_object", number, failing(code, status))
    with pytest.raises(builtin) as caught:
        s3open.open(URI, "x", config=config)
    assert getattr(caught.value, "code", None) == code


@pytest.mark.parametrize("name", ["s3://b", "s3://b/"])
@pytest.mark.parametrize("mode", ["r", "w", "x", "w+b"])
def test_a_bucket_is_a_directory(store: FakeStore, name: str, mode: str) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        s3open.open(name, mode)
    assert caught.value.filename == name
    assert store.requests == []


@pytest.mark.parametrize("mode", ["w", "x", "w+b"])
def test_a_trailing_slash_is_a_directory_to_write(store: FakeStore, mode: str) -> None:
    with pytest.raises(IsADirectoryError):
        s3open.open("s3://b/folder/", mode)
    assert store.requests == []


def test_a_trailing_slash_can_be_read_if_there_is_such_a_key(store: FakeStore) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        s3open.open("s3://b/folder/")
    assert caught.value.filename == "s3://b/folder/"
    store.add("folder/", b"marker")
    with s3open.open("s3://b/folder/") as file:
        assert file.read() == "marker"
    assert set(store.operations()) == {"get_object"}


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (answered("NoSuchKey", 404), FileNotFoundError),
        (answered("NoSuchBucket", 404), FileNotFoundError),
        (answered("AccessDenied", 403), PermissionError),
        (answered("InvalidObjectState", 403), PermissionError),
    ],
)
def test_an_object_that_cannot_be_opened_says_why(
    store: FakeStore, error: Any, builtin: type[BaseException]
) -> None:
    store.add("k", b"content")
    store.plan("get_object", 1, failing(error.code, error.status))
    with pytest.raises(builtin):
        s3open.open(URI)


BAD_METADATA: list[tuple[Any, type[Exception]]] = [
    ({"n": 1}, TypeError),
    ({1: "n"}, TypeError),
    ({"n": b"x"}, TypeError),
    ({"n": None}, TypeError),
    ({"a b": "x"}, ValueError),
    ({"": "x"}, ValueError),
    ({"n": "ä"}, ValueError),
    ({"ä": "x"}, ValueError),
    ({"n": "line\r\nbreak"}, ValueError),
    ({"n": "x" * 2048}, ValueError),
    ({str(number): "x" * 100 for number in range(21)}, ValueError),
]


@pytest.mark.parametrize(("metadata", "kind"), BAD_METADATA)
@pytest.mark.parametrize("mode", ["w", "xb"])
def test_metadata_that_s3_would_refuse_is_refused_before_any_request(
    store: FakeStore, metadata: Any, kind: type[Exception], mode: str
) -> None:
    with pytest.raises(kind, match="metadata"):
        s3open.open(URI, mode, metadata=metadata)
    assert store.requests == []


def test_metadata_and_content_type_arrive(store: FakeStore) -> None:
    with s3open.open("s3://b/a.csv", "w", metadata={"a": "1", "b-c": ""}):
        pass
    attributes = store.objects["a.csv"].attributes
    assert attributes.content_type == "text/csv"
    assert dict(attributes.metadata) == {"a": "1", "b-c": ""}
    with s3open.open("s3://b/a.csv", "w", content_type="text/x-mine"):
        pass
    assert store.objects["a.csv"].attributes.content_type == "text/x-mine"


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("a.txt", "text/plain"),
        ("folder.d/a.json", "application/json"),
        ("a.tar.gz", "application/gzip"),
        ("a.csv.bz2", "application/x-bzip2"),
        ("a.csv.xz", "application/x-xz"),
        ("folder.txt/a", None),
        ("a", None),
        ("", None),
        ("a.nobodyknows", None),
    ],
)
def test_the_type_of_a_new_object_is_guessed_from_its_name(
    key: str, kind: str | None
) -> None:
    assert guess_type(key) == kind
