"""Compressed files on every store: the bytes a codec makes, or nothing."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from tests.fakes import pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing import S3Server

pytest.importorskip("smart_open")
UNPACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.decompress,
    "bz2": bz2.decompress,
    "xz": lzma.decompress,
}
CODECS = [*UNPACKED, "zst", "lz4"]
MODULES = {"zst": "backports.zstd", "lz4": "lz4.frame"}
CONTENT = pattern(300_000)
TEXT = "".join(f"{number}: ünï\n" for number in range(20_000))


@pytest.fixture(params=["s3", "local"])
def folder(request: pytest.FixtureRequest, s3open_bucket: str, tmp_path: Path) -> str:
    return f"s3://{s3open_bucket}" if request.param == "s3" else str(tmp_path)


@pytest.fixture(params=CODECS)
def codec(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name in MODULES:
        pytest.importorskip(MODULES[name])
    return name


def unpacked(codec: str, uri: str) -> bytes:
    data = s3open.read_bytes(uri)
    if codec in UNPACKED:
        return UNPACKED[codec](data)
    module: Any = pytest.importorskip(MODULES[codec])
    return bytes(module.decompress(data))


def test_what_is_written_is_read_again(folder: str, codec: str) -> None:
    uri = f"{folder}/file.{codec}"
    with s3open.open(uri, "wb", compression=codec) as file:
        assert isinstance(file, io.BufferedWriter)
        assert file.name == uri
        for start in range(0, len(CONTENT), 70_000):
            file.write(CONTENT[start : start + 70_000])
    assert unpacked(codec, uri) == CONTENT
    assert len(s3open.read_bytes(uri)) != len(CONTENT)
    for how in (codec, "." + codec.upper(), "infer"):
        with s3open.open(uri, "rb", compression=how) as file:
            assert isinstance(file, io.BufferedReader)
            assert file.read(10) == CONTENT[:10]
            assert file.seek(200_000) == 200_000
            assert file.read(10) == CONTENT[200_000:200_010]
            assert file.seek(5) == 5
            assert file.read() == CONTENT[5:]
            with pytest.raises(io.UnsupportedOperation):
                file.fileno()


def test_text_goes_through_it(folder: str, codec: str) -> None:
    uri = f"{folder}/file.{codec}"
    for encoding in ("utf-8", "utf-16"):
        with s3open.open(uri, "w", encoding=encoding, compression="infer") as file:
            assert isinstance(file, io.TextIOWrapper)
            assert file.mode == "w"
            file.write(TEXT)
        assert unpacked(codec, uri).decode(encoding) == TEXT
        with s3open.open(uri, encoding=encoding, compression="infer") as file:
            assert list(file) == TEXT.splitlines(keepends=True)


def test_what_is_appended_is_read_behind_the_rest(folder: str, codec: str) -> None:
    uri = f"{folder}/file.{codec}"
    for part in ("one ü\n", "two\n", "three\n"):
        with s3open.open(uri, "a", encoding="utf-16", compression=codec) as file:
            file.write(part)
    with s3open.open(uri, encoding="utf-16", compression=codec) as file:
        assert file.read() == "one ü\ntwo\nthree\n"


def test_x_is_for_new_files(folder: str) -> None:
    uri = f"{folder}/file.gz"
    with s3open.open(uri, "xb", compression="gz") as file:
        file.write(b"first")
    with pytest.raises(FileExistsError):
        s3open.open(uri, "xb", compression="gz")
    assert unpacked("gz", uri) == b"first"


class OneError(Exception):
    pass


@pytest.mark.parametrize("mode", ["wb", "w"])
@pytest.mark.parametrize("before", [None, b"old"])
def test_an_exception_publishes_nothing(
    s3open_server: S3Server, s3open_bucket: str, codec: str, mode: str, before: Any
) -> None:
    uri = f"s3://{s3open_bucket}/file.{codec}"
    if before is not None:
        s3open.write_bytes(uri, before)
    file: Any
    with pytest.raises(OneError), s3open.open(uri, mode, compression=codec) as file:
        file.write(TEXT if mode == "w" else CONTENT)
        raise OneError
    assert file.closed
    assert s3open_server.keys(s3open_bucket) == (
        [] if before is None else [f"file.{codec}"]
    )
    assert before is None or s3open.read_bytes(uri) == before
    assert s3open_server.uploads(s3open_bucket) == []
    assert s3open.recover() == []


def test_a_close_in_a_block_that_fails_publishes_nothing(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    uri = f"s3://{s3open_bucket}/file.gz"
    file: Any
    with (
        pytest.raises(OneError),
        s3open.open(uri, "wb", compression="gz") as file,
        io.TextIOWrapper(file) as text,
    ):
        text.write("half")
        raise OneError
    assert s3open_server.keys(s3open_bucket) == []


def test_half_is_published_if_it_is_wanted(s3open_bucket: str) -> None:
    uri = f"s3://{s3open_bucket}/log.gz"
    with (
        pytest.raises(OneError),
        s3open.open(uri, "w", compression="gz", on_error="publish") as file,
    ):
        file.write("half\n")
        raise OneError
    assert unpacked("gz", uri) == b"half\n"


@pytest.mark.parametrize("entered", [False, True])
def test_a_codec_that_cannot_finish_publishes_nothing(
    s3open_server: S3Server,
    s3open_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    entered: bool,
) -> None:
    def fail(self: gzip.GzipFile) -> None:
        raise OneError

    monkeypatch.setattr(gzip.GzipFile, "close", fail)
    uri = f"s3://{s3open_bucket}/file.gz"
    file: Any = s3open.open(uri, "wb", compression="gz")
    file.write(b"12345")
    if entered:
        with pytest.raises(OneError), file:
            pass
    else:
        with pytest.raises(OneError):
            file.close()
    assert file.closed
    assert s3open_server.keys(s3open_bucket) == []


def test_a_file_that_nobody_closed_is_kept(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    uri = f"s3://{s3open_bucket}/file.gz"
    with pytest.warns(s3open.UnpublishedWarning, match="never closed"):
        s3open.open(uri, "wb", compression="gz").write(b"12345")
    assert s3open_server.keys(s3open_bucket) == []
    [kept] = s3open.recover()
    kept.publish()
    assert unpacked("gz", uri) == b"12345"


def test_it_can_be_discarded_and_told_of(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    with s3open.open(f"s3://{s3open_bucket}/a.gz", "w", compression="gz") as file:
        file.write("x")
        assert s3open.info(file).key == "a.gz"
        s3open.discard(file)
    assert s3open_server.keys(s3open_bucket) == []


def test_codecs_take_arguments(folder: str) -> None:
    sizes = []
    for level in (0, 9):
        uri = f"{folder}/{level}.gz"
        arguments = {"compresslevel": level}
        with s3open.open(
            uri, "wb", compression="gz", compression_kwargs=arguments
        ) as file:
            file.write(bytes(100_000))
        sizes.append(len(s3open.read_bytes(uri)))
    assert sizes[0] > 100_000 > 1000 > sizes[1]


def test_those_registered_with_smart_open_are_known(
    s3open_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smart_open import compression

    registry = compression._COMPRESSOR_REGISTRY
    monkeypatch.setitem(registry, ".gzip", registry[".gz"])
    uri = f"s3://{s3open_bucket}/file.gzip"
    with s3open.open(uri, "w", compression="infer") as file:
        file.write("text")
    assert unpacked("gz", uri) == b"text"


def test_what_is_damaged_is_an_error(folder: str) -> None:
    uri = f"{folder}/file.gz"
    s3open.write_bytes(uri, gzip.compress(CONTENT)[:-9])
    with s3open.open(uri, "rb", compression="gz") as file, pytest.raises(EOFError):
        file.read()
    s3open.write_bytes(uri, b"no gzip at all")
    with (
        s3open.open(uri, "rb", compression="gz") as file,
        pytest.raises(gzip.BadGzipFile),
    ):
        file.read()


def test_without_an_extension_nothing_is_compressed(folder: str) -> None:
    with s3open.open(f"{folder}/plain", "wb", compression="infer") as file:
        file.write(b"12345")
    assert s3open.read_bytes(f"{folder}/plain") == b"12345"


@pytest.mark.parametrize(
    ("mode", "options", "kind"),
    [
        ("r+", {"compression": "gz"}, io.UnsupportedOperation),
        ("w+b", {"compression": "gz"}, io.UnsupportedOperation),
        ("q", {"compression": "gz"}, ValueError),
        ("r", {"compression": "rar"}, ValueError),
        ("r", {"compression": 9}, TypeError),
        ("rb", {"compression": "gz", "encoding": "utf-8"}, ValueError),
        ("r", {"compression_kwargs": {}}, ValueError),
    ],
)
def test_bad_arguments_are_refused_before_any_request(
    s3open_server: S3Server, s3open_bucket: str, mode: Any, options: Any, kind: Any
) -> None:
    with pytest.raises(kind):
        s3open.open(f"s3://{s3open_bucket}/file.gz", mode, **options)
    assert not s3open_server.counts()


def test_what_is_missing_is_so(folder: str) -> None:
    with pytest.raises(FileNotFoundError):
        s3open.open(f"{folder}/none.gz", compression="gz")


def test_unbuffered_is_a_raw_file(s3open_bucket: str) -> None:
    uri = f"s3://{s3open_bucket}/file.gz"
    with s3open.open(uri, "wb", buffering=0, compression="gz") as file:
        assert isinstance(file, io.RawIOBase)
        file.write(b"12345")
    with s3open.open(uri, "rb", buffering=0, compression="gz") as file:
        assert file.read() == b"12345"
