"""Objects of Google's and Azure's stores: all or nothing, never mixed."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.stores import other
from tests.fakes import MIB, pattern
from tests.schemes import clouds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Cloud = clouds.Google | clouds.Azure

CONTENT = pattern(3 * MIB + 11)


@pytest.fixture(scope="module")
def google() -> Iterator[Any]:
    pytest.importorskip("gcp_storage_emulator")
    pytest.importorskip("google.cloud.storage")
    with clouds.google() as client:
        yield client


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    pytest.importorskip("azure.storage.blob")
    program = shutil.which("azurite-blob")
    if program is None:
        pytest.skip("npm install azurite, and have it in PATH")
    with clouds.azure(program, tmp_path_factory.mktemp("azurite")) as client:
        yield client


@pytest.fixture(params=["google", "azure"])
def cloud(request: pytest.FixtureRequest) -> Cloud:
    pytest.importorskip("smart_open")
    client = request.getfixturevalue(request.param)
    kind = clouds.Google if request.param == "google" else clouds.Azure
    found: Cloud = kind(client)
    return found


def begin(cloud: Cloud, name: str, mode: str = "r", **more: Any) -> Any:
    return s3open.open(
        f"{cloud.uri}/{name}", mode, transport_params=cloud.params, **more
    )


class OneError(Exception):
    pass


@pytest.mark.parametrize("name", ["file", "a folder/ä b.bin"])
def test_what_is_written_is_there_when_it_is_closed(cloud: Cloud, name: str) -> None:
    with begin(cloud, name, "wb") as file:
        file.write(CONTENT)
        file.seek(5)
        file.write(b"-----")
        file.flush()
        assert cloud.names() == []
    assert cloud.names() == [name]
    assert cloud.get(name) == CONTENT[:5] + b"-----" + CONTENT[10:]


def test_it_is_read_as_any_file(cloud: Cloud) -> None:
    cloud.put("file", CONTENT)
    with begin(cloud, "file", "rb") as file:
        assert file.name == f"{cloud.uri}/file"
        assert file.read(10) == CONTENT[:10]
        assert file.seek(-5, os.SEEK_END) == len(CONTENT) - 5
        assert file.read() == CONTENT[-5:]
        assert file.seek(2 * MIB) == 2 * MIB
        assert file.read(100) == CONTENT[2 * MIB : 2 * MIB + 100]
        file.seek(0)
        assert file.read() == CONTENT
        assert os.pread(file.fileno(), 7, MIB) == CONTENT[MIB : MIB + 7]
        assert os.fstat(file.fileno()).st_size == len(CONTENT)
    cloud.put("text", "Zeile ü\nzwei\n".encode())
    with begin(cloud, "text", encoding="utf-8") as text:
        assert text.readlines() == ["Zeile ü\n", "zwei\n"]


def test_what_smart_open_does_by_itself_is_read(cloud: Cloud) -> None:
    # Parts as large as they are by default: more than there is.
    cloud.params = {"client": cloud.params["client"]}
    cloud.put("file", CONTENT)
    with begin(cloud, "file", "rb") as file:
        assert file.read(10) == CONTENT[:10]
        file.seek(MIB)
        assert file.read() == CONTENT[MIB:]
    with begin(cloud, "copy", "wb") as copy:
        copy.write(CONTENT)
    assert cloud.get("copy") == CONTENT


def test_an_empty_file(cloud: Cloud) -> None:
    with begin(cloud, "empty", "wb"):
        pass
    assert cloud.get("empty") == b""
    with begin(cloud, "empty", "rb") as file:
        assert file.read() == b""
        assert file.seek(0, os.SEEK_END) == 0
    with begin(cloud, "empty", "a") as file:
        file.write("text")
    assert cloud.get("empty") == b"text"


def test_an_exception_publishes_nothing(cloud: Cloud) -> None:
    cloud.put("old", b"old")
    for name in ("old", "new"):
        with pytest.raises(OneError), begin(cloud, name, "wb") as file:
            file.write(CONTENT)
            raise OneError
    assert cloud.names() == ["old"]
    assert cloud.get("old") == b"old"
    assert s3open.recover() == []


def test_a_half_is_seen_by_nobody(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.put("old", b"old")
    whole = other._pieces

    def half(spool: Any) -> Iterator[memoryview]:
        for piece in whole(spool):
            yield piece
            raise ConnectionError

    for name in ("old", "new"):
        file = begin(cloud, name, "wb")
        file.write(CONTENT)
        with monkeypatch.context() as patch, pytest.raises(s3open.PublishError):
            patch.setattr(other, "_pieces", half)
            file.close()
    assert cloud.names() == ["old"]
    assert cloud.get("old") == b"old"
    for kept in s3open.recover():
        kept.discard()


def test_it_is_appended_to_and_updated(cloud: Cloud) -> None:
    for line in ("one\n", "two\n"):
        with begin(cloud, "log", "a") as file:
            file.write(line)
    assert cloud.get("log") == b"one\ntwo\n"
    with begin(cloud, "log", "r+") as file:
        assert file.read() == "one\ntwo\n"
        file.seek(0)
        file.write("ONE")
    assert cloud.get("log") == b"ONE\ntwo\n"
    before = cloud.version("log")
    with begin(cloud, "log", "r+") as file:
        file.read()
    # Nothing was changed, nothing was sent.
    assert cloud.version("log") == before


def test_x_is_for_new_files(cloud: Cloud) -> None:
    with begin(cloud, "file", "x") as file:
        file.write("first")
    with pytest.raises(FileExistsError):
        begin(cloud, "file", "x")
    late = begin(cloud, "other", "x")
    cloud.put("other", b"somebody else's")
    late.write("ours")
    with pytest.raises(FileExistsError) as lost:
        late.close()
    assert isinstance(lost.value, s3open.PublishError)
    assert cloud.get("other") == b"somebody else's"
    [kept] = s3open.recover()
    kept.discard()


@pytest.mark.parametrize("mode", ["r", "rb", "r+"])
def test_what_is_missing_is_so(cloud: Cloud, mode: str) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        begin(cloud, "none", mode)
    assert caught.value.errno
    assert caught.value.filename == f"{cloud.uri}/none"
    cloud.uri += "-none"
    with pytest.raises(FileNotFoundError):
        begin(cloud, "none", mode)


def test_who_may_not_is_told_and_no_key_is(azure: Any) -> None:
    uri, key = "azure://container/file", "d3Jvbmc="
    credential = {"account_name": "account", "account_key": key}
    with type(azure)(azure.url, credential=credential) as client:
        for mode in ("r", "a", "x"):
            with pytest.raises(PermissionError) as caught:
                s3open.open(uri, mode, transport_params={"client": client})
            assert caught.value.filename == uri
            assert key not in str(caught.value)
    with pytest.raises(ValueError, match="client"):
        s3open.open(uri)


@pytest.mark.parametrize("kind", ["container", "blob"])
def test_any_client_of_azure_will_do(azure: Any, kind: str) -> None:
    cloud = clouds.Azure(azure)
    name = cloud.uri.partition("://")[2]
    client = azure.get_container_client(name)
    if kind == "blob":
        client = client.get_blob_client("file")
    cloud.params = {"client": client}
    with begin(cloud, "file", "wb") as file:
        file.write(CONTENT)
    with begin(cloud, "file", "rb") as file:
        assert file.read() == CONTENT


def test_no_bucket_takes_nothing(cloud: Cloud) -> None:
    cloud.uri += "-none"
    file = begin(cloud, "file", "w")
    file.write("text")
    with pytest.raises(s3open.PublishError):
        file.close()
    [kept] = s3open.recover()
    kept.discard()


def replace(cloud: Cloud) -> None:
    cloud.put("file", CONTENT[::-1])


def shorten(cloud: Cloud) -> None:
    cloud.put("file", b"short")


def remove(cloud: Cloud) -> None:
    cloud.remove("file")


@pytest.mark.parametrize("change", [replace, shorten, remove])
@pytest.mark.parametrize("offset", [10, 2 * MIB])
def test_a_file_that_changes_is_told_and_never_mixed(
    cloud: Cloud, change: Callable[[Cloud], None], offset: int
) -> None:
    cloud.put("file", CONTENT)
    with begin(cloud, "file", "rb", buffering=0) as file:
        assert file.read(10) == CONTENT[:10]
        change(cloud)
        # Where the same request goes on, and where another one does.
        file.seek(offset)
        with pytest.raises(s3open.ObjectChangedError):
            while file.read(MIB):
                pass


@pytest.mark.parametrize("mode", ["a", "r+"])
def test_what_is_removed_as_it_is_read_is_no_new_file(
    cloud: Cloud, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.put("log", CONTENT)
    pour = other._pour

    def late(*given: Any) -> None:
        cloud.remove("log")
        pour(*given)

    monkeypatch.setattr(other, "_pour", late)
    with pytest.raises(s3open.ObjectChangedError):
        begin(cloud, "log", mode)
    assert cloud.names() == []


@pytest.mark.parametrize("mode", ["rb", "r+b"])
def test_what_is_stored_is_read_whatever_encodes_it(cloud: Cloud, mode: str) -> None:
    import gzip
    import random

    # Larger than a part, also when it is compressed.
    stored = gzip.compress(random.Random(1).randbytes(MIB) + bytes(MIB))
    cloud.put_encoded("file", stored)
    with begin(cloud, "file", mode) as file:
        assert file.read(10) == stored[:10]
        file.seek(MIB // 2)
        assert file.read() == stored[MIB // 2 :]
        file.seek(0)
        assert file.read() == stored


def test_it_may_be_compressed(cloud: Cloud) -> None:
    import gzip

    with begin(cloud, "file.gz", "w", compression="infer") as file:
        file.write("text")
    assert gzip.decompress(cloud.get("file.gz")) == b"text"
    with begin(cloud, "file.gz", compression="infer") as file:
        assert file.read() == "text"
    with (
        pytest.raises(OneError),
        begin(cloud, "no.gz", "w", compression="infer") as file,
    ):
        file.write("half")
        raise OneError
    assert cloud.names() == ["file.gz"]
