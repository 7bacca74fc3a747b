"""Files on web servers: read, sought, never mixed."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

import s3open
from tests.fakes import MIB, pattern

if TYPE_CHECKING:
    from tests.schemes.conftest import Web

CONTENT = pattern(5 * MIB + 11)


@pytest.fixture(params=["ranges", "no ranges", "no lengths"])
def any_web(request: pytest.FixtureRequest, web: Web) -> Web:
    web.ranges = request.param == "ranges"
    web.lengths = request.param != "no lengths"
    web.files["/a b.bin"] = CONTENT
    web.files["/text.txt"] = "Zeile ü\nzwei\n".encode()
    return web


def test_it_is_read_as_any_file(any_web: Web) -> None:
    uri = any_web.uri + "/a b.bin"
    with s3open.open(uri, "rb") as file:
        assert isinstance(file, io.BufferedReader)
        assert file.name == uri
        assert file.read(10) == CONTENT[:10]
        assert file.seek(-5, os.SEEK_END) == len(CONTENT) - 5
        assert file.read() == CONTENT[-5:]
        assert file.seek(3 * MIB) == 3 * MIB
        assert file.read(100) == CONTENT[3 * MIB : 3 * MIB + 100]
        file.seek(0)
        assert file.read() == CONTENT
        assert os.pread(file.fileno(), 7, 2 * MIB) == CONTENT[2 * MIB : 2 * MIB + 7]
    with s3open.open(any_web.uri + "/text.txt", encoding="utf-8") as text:
        assert text.readlines() == ["Zeile ü\n", "zwei\n"]


def test_reading_a_little_asks_for_little(web: Web) -> None:
    web.files["/large"] = CONTENT
    with s3open.open(web.uri + "/large", "rb") as file:
        file.seek(4 * MIB)
        assert file.read(10) == CONTENT[4 * MIB : 4 * MIB + 10]
    # Once to open it; then smart_open opens it again, and seeks.
    assert [wanted for _, wanted in web.asked] == [
        None,
        None,
        f"bytes={4 * MIB}-",
    ]


def test_what_breaks_off_goes_on(web: Web) -> None:
    web.files["/large"] = CONTENT
    web.cut = 2 * MIB
    with s3open.open(web.uri + "/large", "rb") as file:
        assert file.read() == CONTENT


def test_a_file_that_changes_is_told_and_never_mixed(web: Web) -> None:
    web.files["/large"], web.etags["/large"] = CONTENT, '"one"'
    with s3open.open(web.uri + "/large", "rb") as file:
        file.read(10)
        web.files["/large"], web.etags["/large"] = CONTENT[::-1], '"two"'
        file.seek(4 * MIB)
        with pytest.raises(s3open.ObjectChangedError):
            file.read(10)


def test_a_file_that_is_deleted_is_told(web: Web) -> None:
    web.files["/large"] = CONTENT
    with s3open.open(web.uri + "/large", "rb") as file:
        file.read(10)
        del web.files["/large"]
        file.seek(4 * MIB)
        with pytest.raises(s3open.ObjectChangedError, match="deleted"):
            file.read(10)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, FileNotFoundError), (403, PermissionError), (500, OSError)],
)
def test_errors_are_those_of_files(web: Web, status: int, kind: type[OSError]) -> None:
    web.status = status
    uri = web.uri.replace("://", "://user:secret@") + "/file"
    with pytest.raises(kind) as caught:
        s3open.open(uri)
    assert caught.value.errno
    assert caught.value.filename == web.uri + "/file"
    assert "secret" not in str(caught.value)


def test_nobody_listening_is_an_error(web: Web) -> None:
    with pytest.raises(OSError, match=r"127\.0\.0\.1:1/"):
        s3open.open("http://127.0.0.1:1/file")


@pytest.mark.parametrize("mode", ["w", "a", "x", "r+"])
def test_it_is_only_read(web: Web, mode: str) -> None:
    with pytest.raises(io.UnsupportedOperation, match="only read"):
        s3open.open(web.uri + "/file", mode)
    assert not web.asked


def test_it_may_be_compressed(web: Web) -> None:
    import gzip

    web.files["/file.gz"] = gzip.compress(b"one\ntwo\n")
    with s3open.open(web.uri + "/file.gz", compression="infer") as file:
        assert list(file) == ["one\n", "two\n"]


def test_smart_open_is_told_how(web: Web) -> None:
    web.files["/file"] = b"12345"
    params = {"headers": {"Range": "bytes=2-"}}
    with s3open.open(web.uri + "/file", "rb", transport_params=params) as file:
        assert file.read() == b"345"


def test_an_empty_file(any_web: Web) -> None:
    any_web.files["/empty"] = b""
    with s3open.open(any_web.uri + "/empty", "rb") as file:
        assert file.read() == b""
        assert file.seek(0, os.SEEK_END) == 0
