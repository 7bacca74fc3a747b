"""A file that is only read pickles: the same version, from the same position."""

from __future__ import annotations

import copy
import io
import pickle
from pathlib import Path
from typing import Any

import pytest

import s3open
from s3open import Config, FileSystem, ObjectChangedError
from s3open.contract import Attributes
from tests.fakes import KIB, MIB, FakeStore, pattern
from tests.unit.writers import LAYERS, URI, opened, put

CONTENT = pattern(3 * MIB + 11)
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def again(file: Any, protocol: int = pickle.DEFAULT_PROTOCOL) -> Any:
    return pickle.loads(pickle.dumps(file, protocol))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("buffering", [0, -1, 100])
@pytest.mark.parametrize("position", [0, 10, 2 * MIB, len(CONTENT), len(CONTENT) + 5])
def test_a_binary_file_goes_on_where_it_was(
    store: FakeStore, protocol: int, buffering: int, position: int
) -> None:
    store.add("k", CONTENT)
    with s3open.open(URI, "rb", buffering) as file:
        file.seek(position)
        with again(file, protocol) as copied:
            assert type(copied) is type(file)
            assert (copied.tell(), copied.name, copied.mode) == (position, URI, "rb")
            assert copied.read() == CONTENT[position:]
            copied.seek(0)
            assert copied.read() == CONTENT
        assert file.tell() == position
        assert file.read() == CONTENT[position:]


def test_the_position_is_the_reader_s_and_not_that_of_what_was_read_ahead(
    store: FakeStore,
) -> None:
    store.add("k", CONTENT)
    with s3open.open(URI, "rb") as file:
        file.read(10)
        with again(file) as copied:
            assert copied.read(5) == CONTENT[10:15]
        with again(file.raw) as below:
            assert below.tell() == file.raw.tell() > 10


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("newline", [None, "", "\n", "\r\n"])
def test_a_text_file_goes_on_where_it_was(
    store: FakeStore, encoding: str, newline: str | None
) -> None:
    lines = [f"{number}\t\xe4\xf6\xfc{end}" for number in range(999) for end in "\r\n"]
    store.add("k", "".join(lines).encode(encoding))
    with s3open.open(URI, encoding=encoding, errors="replace", newline=newline) as file:
        for length in (0, 1, 7, 3000):
            file.read(length)
            with again(file) as copied:
                assert copied.tell() == file.tell()
                assert (copied.encoding, copied.errors) == (encoding, "replace")
                assert (copied.mode, copied.name) == ("r", URI)
                place = file.tell()
                assert copied.read() == file.read()
                file.seek(place)


def test_what_was_reconfigured_stays_so(store: FakeStore) -> None:
    store.add("k", b"a\r\nb\r\n\xe4")
    with s3open.open(URI, encoding="utf-8") as file:
        file.reconfigure(newline="")
        file.reconfigure(encoding="latin-1", line_buffering=True)
        with again(file) as copied:
            assert copied.line_buffering
            assert copied.read() == "a\r\nb\r\n\xe4" == file.read()


def test_it_costs_no_request_before_it_is_read(store: FakeStore) -> None:
    store.add("k", CONTENT)
    with s3open.open(URI, "rb") as file, again(file) as copied:
        before = len(store.requests)
        assert s3open.info(copied) == s3open.info(file)
        assert copied.seek(0, io.SEEK_END) == len(CONTENT)
        copied.seek(2 * MIB)
        assert len(store.requests) == before
        assert copied.read(3) == CONTENT[2 * MIB : 2 * MIB + 3]
        (request,) = store.requests[before:]
        assert request.span.start == 2 * MIB
        assert request.if_match == store.objects["k"].etag


def test_another_version_is_an_error(store: FakeStore) -> None:
    store.add("k", CONTENT)
    with s3open.open(URI, "rb") as file, again(file) as copied:
        store.add("k", CONTENT)
        with pytest.raises(ObjectChangedError):
            copied.read(1)


def test_the_version_that_was_asked_for_is_asked_for_again(store: FakeStore) -> None:
    store.add("k", CONTENT)
    with s3open.open(URI, "rb", version_id="v1") as file, again(file) as copied:
        assert copied.read() == CONTENT
    assert {request.settings["VersionId"] for request in store.requests} == {"v1"}


def test_a_stretch_stays_one(store: FakeStore) -> None:
    store.add("k", CONTENT)
    with s3open.open(URI, "rb", byte_range=(10, 2 * MIB)) as file:
        file.seek(5)
        with again(file) as copied:
            assert copied.read() == CONTENT[15 : 2 * MIB]


def test_an_empty_file_is_empty_again(store: FakeStore) -> None:
    store.add("k", b"")
    with s3open.open(URI, "rb") as file, again(file) as copied:
        assert copied.read() == b""
        assert s3open.info(copied).etag == store.objects["k"].etag.strip('"')


def test_what_is_known_of_the_object_comes_along(store: FakeStore) -> None:
    store.add("k", b"abc", Attributes("text/plain", {"a": "b"}))
    with s3open.open(URI) as file, again(file) as copied:
        assert s3open.info(copied).metadata == {"a": "b"}
        assert s3open.info(copied).content_type == "text/plain"


def test_layers_that_belong_together_do_so_again(store: FakeStore) -> None:
    store.add("k", b"abc")
    with s3open.open(URI) as file:
        buffer: Any = file.buffer
        text, buffer, raw = again((file, buffer, buffer.raw))
        assert text.buffer is buffer
        assert buffer.raw is raw
        text.close()
        assert raw.closed


def test_a_copy_of_a_copy_and_copy_copy(store: FakeStore) -> None:
    store.add("k", CONTENT)
    with s3open.open(URI, "rb") as file:
        copiers: list[Any] = [again, copy.copy, copy.deepcopy]
        file.seek(7)
        for copier in copiers:
            for each in (file, file.raw):
                with copier(each) as copied, copier(copied) as second:
                    assert second.tell() == copied.tell() == each.tell()
                    assert second.read(3) == copied.read(3)
                    copied.seek(0)
                    assert second.read(3) == CONTENT[second.tell() - 3 : second.tell()]
        assert file.read(3) == CONTENT[7:10]
        file.close()
        with pytest.raises(ValueError, match="closed"):
            pickle.dumps(file)


def test_one_that_is_dropped_lets_go_of_what_it_has(store: FakeStore) -> None:
    store.add("k", b"abc")
    with s3open.open(URI) as file:
        files = [again(file)]
        assert files[0].read(2) == "ab"
        raw = files[0].buffer.raw
        with pytest.warns(ResourceWarning, match="unclosed"):
            files.clear()
        assert raw.closed


@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_written_is_refused_and_goes_on(store: FakeStore, layer: str) -> None:
    with opened(layer) as file:
        put(file, b"abc")
        for protocol in PROTOCOLS:
            with pytest.raises(TypeError, match=r"^cannot pickle '\w+' object: it is"):
                pickle.dumps(file, protocol)
        put(file, b"def")
    assert store.objects["k"].body == b"abcdef"


@pytest.mark.parametrize("mode", ["r+b", "ab", "a+b", "r+", "a"])
def test_so_is_what_is_updated(store: FakeStore, mode: str) -> None:
    store.add("k", CONTENT)
    with (
        s3open.open(URI, mode) as file,
        pytest.raises(TypeError, match="open for writing"),
    ):
        pickle.dumps(file)


def test_a_streaming_file_is_refused_too(store: FakeStore) -> None:
    with (
        s3open.open(URI, "wb", streaming=True) as file,
        pytest.raises(TypeError, match="open for writing"),
    ):
        pickle.dumps(file)


@pytest.mark.parametrize(
    "settings",
    [{"access_key": "id", "secret_key": "hidden"}, {"session": object()}],
    ids=["secret", "session"],
)
def test_explicit_secrets_and_sessions_are_refused(
    store: FakeStore, settings: dict[str, Any]
) -> None:
    store.add("k", b"abc")
    config = Config(**settings)
    with s3open.open(URI, config=config) as file:
        buffer: Any = file.buffer
        for each in (file, buffer, buffer.raw, config, FileSystem(config)):
            with pytest.raises(TypeError, match="cannot pickle") as raised:
                pickle.dumps(each)
            assert "hidden" not in str(raised.value)


def test_a_client_is_refused(store: FakeStore) -> None:
    store.add("k", b"abc")
    with (
        s3open.open(URI, config=Config(client=object())) as file,
        pytest.raises(TypeError, match="explicit client"),
    ):
        pickle.dumps(file)


def test_a_customer_s_key_is_refused(store: FakeStore) -> None:
    store.add("k", b"abc")
    key = b"0123456789abcdef" * 2
    with (
        s3open.open(URI, sse_customer_key=key) as file,
        pytest.raises(TypeError, match="explicit sse_customer_key"),
    ):
        pickle.dumps(file)


def test_file_systems_and_configurations_come_out_equal(
    store: FakeStore, tmp_path: Path
) -> None:
    config = Config(memory=2 * MIB, temp_dir=str(tmp_path), connections=3)
    assert again(config) == config
    there = again(FileSystem(config))
    assert there.config == config
    store.add("k", b"abc")
    with there.open(URI) as file:
        assert file.read() == "abc"


def test_the_configuration_comes_along(store: FakeStore, tmp_path: Path) -> None:
    store.add("k", CONTENT)
    config = Config(memory=2 * MIB, temp_dir=str(tmp_path / "missing"))
    with s3open.open(URI, "rb", config=config) as file, again(file) as copied:
        assert copied.read(100 * KIB) == CONTENT[: 100 * KIB]
        assert copied.raw._spool.memory == 2 * MIB
        with pytest.raises(FileNotFoundError, match="missing"):
            copied.fileno()
