"""Whole contents, their beginnings and ends, on S3 and on this machine alike."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open.s3 import retry
from s3open.testing import Fault
from tests.fakes import pattern
from tests.stores import LocalStore
from tests.trees import plant, top

if TYPE_CHECKING:
    from s3open.testing import S3Server
    from tests.stores import S3Store, Store

MIB = 1 << 20


@pytest.mark.parametrize("size", [0, 1, 12 * MIB + 1])
def test_bytes_written_are_read_back(store: Store, size: int) -> None:
    name = store.name("key")
    info = s3open.write_bytes(name, pattern(size))
    assert info.size == size
    assert s3open.read_bytes(name) == store.read("key") == pattern(size)
    if store.kind == "ceph" and size > MIB:
        # That one does not say, of what came in parts.
        assert info.etag is None
    elif not isinstance(store, LocalStore):
        assert info.etag == s3open.etag(name)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_bytes_are_written(store: Store, kind: type) -> None:
    s3open.write_bytes(store.name("key"), kind(b"abc"))
    assert store.read("key") == b"abc"
    with pytest.raises(TypeError):
        s3open.write_bytes(store.name("key"), "text")  # type: ignore[arg-type]
    assert store.read("key") == b"abc"


def test_text_written_is_read_back(store: Store) -> None:
    name = store.name("key")
    s3open.write_text(name, "ä\nb", "utf-16")
    assert s3open.read_text(name, "utf-16") == "ä\nb"
    s3open.write_text(name, "a\nb\r\n", "utf-8", newline="\r\n")
    assert store.read("key") == b"a\r\nb\r\r\n"
    assert s3open.read_text(name, "utf-8", newline="") == "a\r\nb\r\r\n"
    assert s3open.read_text(name, "utf-8") == "a\nb\n\n"
    s3open.write_text(name, "ä", "ascii", "replace")
    assert s3open.read_text(name, "ascii") == "?"
    with pytest.raises(UnicodeEncodeError):
        s3open.write_text(name, "ä", "ascii")
    assert store.read("key") == b"?"
    with pytest.raises(TypeError, match="has to be a str"):
        s3open.write_text(name, b"bytes")  # type: ignore[arg-type]


def test_directories_are_made_for_what_is_written(store: Store) -> None:
    s3open.write_text(store.name("a/b/c"), "x", "utf-8")
    s3open.write_bytes(store.name("a/d/e"), b"x")
    s3open.touch(store.name("f/g"))
    assert sorted(s3open.find(top(store))) == [
        store.name(key) for key in ("a/b/c", "a/d/e", "f/g")
    ]


def test_what_is_there_can_be_left_alone(store: Store) -> None:
    name = store.put("key", b"old")
    with pytest.raises(FileExistsError) as caught:
        s3open.write_bytes(name, b"new", overwrite=False)
    assert caught.value.filename == name
    assert store.read("key") == b"old"
    s3open.write_text(store.name("new"), "new", "utf-8", overwrite=False)
    assert store.read("new") == b"new"


def test_options_are_those_of_open(s3: S3Store) -> None:
    name = s3.name("key")
    s3open.write_text(name, "x", "utf-8", content_type="text/x", metadata={"a": "b"})
    assert s3.head("key")["ContentType"] == "text/x"
    assert s3.head("key")["Metadata"]["a"] == "b"
    with pytest.raises(TypeError, match="nonsense"):
        s3open.write_bytes(name, b"", nonsense=1)
    with pytest.raises(TypeError, match="nonsense"):
        s3open.touch(name, nonsense=1)
    for read in (s3open.read_bytes, s3open.read_text, s3open.head, s3open.tail):
        with pytest.raises(TypeError, match="nonsense"):
            read(name, nonsense=1)
        with pytest.raises(OSError, match="asked for"):
            read(name, if_match="0" * 32)


def test_files_are_joined(store: Store) -> None:
    plant(store, "a", content=b"first\n")
    plant(store, "b", content=pattern(3 * MIB))
    plant(store, "c", content=b"")
    pieces = list(s3open.cat(*map(store.name, "acba")))
    assert b"".join(pieces) == b"first\n" + pattern(3 * MIB) + b"first\n"
    assert max(map(len, pieces)) <= MIB
    assert list(s3open.cat()) == []
    with pytest.raises(FileNotFoundError):
        list(s3open.cat(store.name("a"), store.name("nothing")))


@pytest.mark.parametrize("size", [0, 1, 10, 4096, 6 * MIB])
def test_beginnings_and_ends_are_read(store: Store, size: int) -> None:
    content = pattern(size)
    name = store.put("key", content)
    for length in (0, 1, 9, 10, 11, 5 * MIB + 1, 7 * MIB):
        assert s3open.head(name, length) == content[:length]
        assert s3open.tail(name, length) == content[max(0, size - length) :]
    assert s3open.head(name) == content[:1024]
    assert s3open.tail(name) == content[-1024:]
    for read in (s3open.head, s3open.tail):
        with pytest.raises(ValueError, match="size"):
            read(name, -1)


def test_there_is_no_beginning_of_what_is_not_there(store: Store) -> None:
    plant(store, "dir/file")
    for read in (s3open.head, s3open.tail, s3open.read_bytes, s3open.read_text):
        with pytest.raises(FileNotFoundError) as caught:
            read(store.name("nothing"))
        assert caught.value.filename == store.name("nothing")
        with pytest.raises(IsADirectoryError):
            read(f"{top(store)}/dir/")


def test_an_end_that_breaks_off_is_asked_for_again(
    s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "pause", lambda _: None)
    s3open_server.create_bucket("box")
    s3open_server.put("box", "key", pattern(100_000))
    for transport_fault in (Fault(cut=10), Fault(status=503)):
        with s3open_server.faulty(transport_fault):
            assert s3open.tail("s3://box/key", 50_000) == pattern(100_000)[-50_000:]


def test_an_end_may_be_of_a_version(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("box", versioned=True)
    old = s3open.write_bytes("s3://box/key", b"an old end").version_id
    s3open.write_bytes("s3://box/key", b"a new one")
    assert s3open.tail("s3://box/key", 3, version_id=old) == b"end"
    assert s3open.tail("s3://box/key", 3) == b"one"
    assert s3open.head("s3://box/key", 4, version_id=old) == b"an o"
    with pytest.raises(FileNotFoundError, match="no such version"):
        s3open.tail("s3://box/key", 3, version_id="nonsense")
    with pytest.raises(ValueError, match="byte_range"):
        s3open.tail("s3://box/key", 3, byte_range=(0, 2))
    with pytest.raises(IsADirectoryError):
        s3open.tail("s3://box", 3)


def test_an_end_is_taken_from_a_store_without_ranges(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("box")
    s3open_server.put("box", "key", b"0123456789")
    with s3open_server.faulty(Fault(ignore=["range"])):
        assert s3open.tail("s3://box/key", 3) == b"789"


def test_touching_makes_a_file_and_leaves_one_as_it_is(store: Store) -> None:
    name = store.name("key")
    s3open.touch(name)
    assert store.read("key") == b""
    store.put("key", b"old")
    s3open.touch(name)
    assert store.read("key") == b"old"
    with pytest.raises(FileExistsError):
        s3open.touch(name, exist_ok=False)


def test_touching_sets_the_time_on_this_machine(twin: LocalStore) -> None:
    name = twin.put("key", b"old")
    os.utime(name, (0, 0))
    s3open.touch(name)
    assert os.stat(name).st_mtime > 0


def test_what_is_written_here_has_the_mode_of_new_files(twin: LocalStore) -> None:
    s3open.write_bytes(twin.name("ours"), b"")
    open(twin.name("builtin"), "w").close()
    ours, builtin = (os.stat(twin.name(key)).st_mode for key in ("ours", "builtin"))
    assert stat.S_IMODE(ours) == stat.S_IMODE(builtin)
