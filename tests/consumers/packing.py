"""The standard library: compressed files and archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from typing import Any

from tests.consumers.consumer import Consumer, Library, as_bytes

zstandard = Library("zstandard")


def write_gzip(file: Any, numbers: list[int]) -> None:
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed:
        packed.write(as_bytes(numbers))


def write_bz2(file: Any, numbers: list[int]) -> None:
    with bz2.open(file, "wb", compresslevel=1) as packed:
        packed.write(as_bytes(numbers))


def write_lzma(file: Any, numbers: list[int]) -> None:
    with lzma.open(file, "wb", preset=0) as packed:
        packed.write(as_bytes(numbers))


def write_zstandard(file: Any, numbers: list[int]) -> None:
    # It would close the file, which is not its own.
    with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packed:
        packed.write(as_bytes(numbers))


def read_zstandard(file: Any) -> object:
    with zstandard.ZstdDecompressor().stream_reader(file, closefd=False) as packed:
        return packed.read(50_000), packed.readall()


def unpacking(module: Any) -> Any:
    def read(file: Any) -> object:
        with module.open(file, "rb") as packed:
            end = packed.seek(0, 2)
            packed.seek(50_000)
            return end, packed.read()

    return read


def zipping(mode: Any) -> Any:
    def write(file: Any, numbers: list[int]) -> None:
        with zipfile.ZipFile(file, mode) as archive:
            for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                member = zipfile.ZipInfo(f"{len(numbers)} by {method}")
                archive.writestr(member, as_bytes(numbers), method)

    return write


def read_zip(file: Any) -> object:
    with zipfile.ZipFile(file) as archive:
        return [(name, archive.read(name)) for name in reversed(archive.namelist())]


def taring(mode: Any) -> Any:
    def write(file: Any, numbers: list[int]) -> None:
        # It takes no empty file for an archive, and goes on from where it is.
        size = file.seek(0, 2) if mode == "a" else 0
        how: Any = "w" if mode == "a" and not size else mode
        file.seek(-size, 1)
        with tarfile.open(fileobj=file, mode=how) as archive:
            member = tarfile.TarInfo(f"folder/{len(numbers)}")
            member.size = 4 * len(numbers)
            archive.addfile(member, io.BytesIO(as_bytes(numbers)))

    return write


def untaring(mode: Any) -> Any:
    def read(file: Any) -> object:
        with tarfile.open(fileobj=file, mode=mode) as archive:
            return [
                (member.name, member.isfile() and _content(archive, member))
                for member in archive
            ]

    return read


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = archive.extractfile(member)
    return content.read() if content is not None else b""


CONSUMERS = [
    Consumer("gzip", write_gzip, unpacking(gzip)),
    Consumer("bz2", write_bz2, unpacking(bz2)),
    Consumer("lzma", write_lzma, unpacking(lzma)),
    Consumer("zstandard", write_zstandard, read_zstandard),
    Consumer("zipfile w", zipping("w"), read_zip),
    Consumer("zipfile x", zipping("x"), read_zip),
    Consumer("zipfile a", zipping("a"), read_zip, mode="w+b"),
    Consumer("tarfile w", taring("w"), untaring("r")),
    Consumer("tarfile a", taring("a"), untaring("r:"), mode="w+b"),
    Consumer("tarfile w:xz", taring("w:xz"), untaring("r:xz")),
    Consumer("tarfile pipe", taring("w|bz2"), untaring("r|*")),
]
