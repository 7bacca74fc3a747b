"""The standard library as a user: whatever takes a file takes one of ours."""

from __future__ import annotations

import bz2
import configparser
import csv
import gzip
import io
import json
import lzma
import pickle
import random
import shutil
import tarfile
import tokenize
import wave
import zipfile
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

import s3open
from s3open import Config
from tests.stores import MIB

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stores import Store

DATA = random.Random(5).randbytes(300_000) + bytes(300_000)


@pytest.mark.parametrize("module", [gzip, bz2, lzma], ids=lambda each: each.__name__)
def test_compressed_files_are_written_and_read(store: Store, module: Any) -> None:
    with (
        s3open.open(store.name("packed"), "wb") as out,
        module.open(out, "wb") as packed,
    ):
        packed.write(DATA)
        packed.write(b"end")
    assert module.decompress(store.read("packed")) == DATA + b"end"
    with (
        s3open.open(store.name("packed"), "rb") as source,
        module.open(source, "rb") as packed,
    ):
        assert packed.read(10) == DATA[:10]
        packed.seek(299_990)
        assert packed.read() == DATA[299_990:] + b"end"
        packed.seek(5)
        assert packed.read(5) == DATA[5:10]


@pytest.mark.parametrize("module", [gzip, bz2, lzma], ids=lambda each: each.__name__)
def test_compressed_text_is_written_and_read(store: Store, module: Any) -> None:
    arguments = {"encoding": "utf-8", "newline": ""}
    with (
        s3open.open(store.name("packed"), "wb") as out,
        module.open(out, "wt", **arguments) as packed,
    ):
        packed.writelines(f"Zeile {number} äöü\r\n" for number in range(1000))
    with (
        s3open.open(store.name("packed"), "rb") as source,
        module.open(source, "rt", **arguments) as packed,
    ):
        assert sum(line.endswith(" äöü\r\n") for line in packed) == 1000


def test_zip_archives_are_written_and_read(store: Store) -> None:
    name = store.name("archive.zip")
    with s3open.open(name, "wb") as out, zipfile.ZipFile(out, "w") as archive:
        archive.writestr("one", DATA, zipfile.ZIP_DEFLATED)
        with archive.open("two", "w") as member:
            member.write(b"in pieces ")
            member.write(b"of two")
        archive.comment = b"a comment"
    assert zipfile.ZipFile(io.BytesIO(store.read("archive.zip"))).testzip() is None
    with s3open.open(name, "rb") as source, zipfile.ZipFile(source) as archive:
        assert archive.namelist() == ["one", "two"]
        assert archive.read("one") == DATA
        with archive.open("two") as member:
            member.seek(3)
            assert member.read() == b"pieces of two"
        assert archive.comment == b"a comment"
        assert zipfile.is_zipfile(source)


@pytest.mark.parametrize("mode", ["w+b", "x+b"])
def test_a_zip_archive_can_be_appended_to_before_it_is_closed(
    store: Store, mode: str
) -> None:
    with s3open.open(store.name("archive"), mode) as file:
        for number in range(3):
            with zipfile.ZipFile(file, "a") as archive:
                archive.writestr(str(number), DATA)
    archive = zipfile.ZipFile(io.BytesIO(store.read("archive")))
    assert archive.namelist() == ["0", "1", "2"]
    assert archive.testzip() is None


@pytest.mark.parametrize("kind", [":", ":gz", ":bz2", ":xz", "|", "|gz"])
def test_tar_archives_are_written_and_read(store: Store, kind: str) -> None:
    name = store.name("archive.tar")
    mode: Any = f"w{kind}"
    with (
        s3open.open(name, "wb") as out,
        tarfile.open(fileobj=out, mode=mode) as archive,
    ):
        for number in range(3):
            info = tarfile.TarInfo(f"folder/{number}")
            info.size = len(DATA)
            archive.addfile(info, io.BytesIO(DATA))
    mode = f"r{kind}"
    with (
        s3open.open(name, "rb") as source,
        tarfile.open(fileobj=source, mode=mode) as archive,
    ):
        for number, info in enumerate(archive):
            assert info.name == f"folder/{number}"
            member = archive.extractfile(info)
            assert member is not None
            assert member.read() == DATA
    with s3open.open(name, "rb") as source:
        assert tarfile.open(fileobj=source).getnames()[-1] == "folder/2"


def test_a_member_can_be_added_to_a_tar_archive_before_it_is_closed(
    store: Store,
) -> None:
    with s3open.open(store.name("archive"), "w+b") as file:
        for number in range(2):
            with tarfile.open(fileobj=file, mode="a" if number else "w") as archive:
                archive.addfile(tarfile.TarInfo(str(number)), io.BytesIO())
            file.seek(0)
    with tarfile.open(fileobj=io.BytesIO(store.read("archive"))) as archive:
        assert archive.getnames() == ["0", "1"]


def test_csv_files_keep_the_line_ends_inside_their_cells(store: Store) -> None:
    rows = [["a", "b"], ["1\n2", "x;y"], ['"quoted"', "\r\n"], ["ä", ""]]
    name = store.name("table.csv")
    with s3open.open(name, "w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    with s3open.open(name, encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file, delimiter=";")) == rows
    assert store.read("table.csv").startswith(b"\xef\xbb\xbfa;b\r\n")


def test_json_is_dumped_and_loaded(store: Store) -> None:
    value = {"list": [1, 2.5, None, True], "text": "Zwölf € \U0001f600"}
    with s3open.open(store.name("file.json"), "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=2)
    with s3open.open(store.name("file.json"), encoding="utf-8") as file:
        assert json.load(file) == value
    with s3open.open(store.name("file.json"), "rb") as file:
        assert json.load(file) == value


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_several_pickles_go_into_one_file(store: Store, protocol: int) -> None:
    values: list[Any] = [{"a": [1, 2]}, DATA, "text" * 50_000, {1, 2, 3}]
    with s3open.open(store.name("file"), "wb") as file:
        for value in values:
            pickle.dump(value, file, protocol)
    with s3open.open(store.name("file"), "rb") as file:
        assert [pickle.load(file) for _ in values] == values
        with pytest.raises(EOFError):
            pickle.load(file)


def test_a_wave_file_is_written_although_its_header_comes_last(store: Store) -> None:
    name = store.name("sound.wav")
    with s3open.open(name, "wb") as out, wave.open(out, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        for _ in range(5):
            sound.writeframes(bytes(4000))
    with s3open.open(name, "rb") as file, wave.open(file, "rb") as heard:
        assert heard.getnframes() == 5000
        heard.setpos(4000)
        assert heard.readframes(2000) == bytes(4000)


def test_settings_are_written_and_read(store: Store) -> None:
    settings = configparser.ConfigParser()
    settings["section"] = {"name": "Zwölf", "multi": "one\ntwo"}
    with s3open.open(store.name("file.ini"), "w", encoding="utf-8") as file:
        settings.write(file)
    found = configparser.ConfigParser()
    with s3open.open(store.name("file.ini"), encoding="utf-8") as file:
        found.read_file(file)
    assert found == settings


@pytest.mark.parametrize("length", [0, 1000, -1])
def test_files_are_copied_from_one_to_the_other(store: Store, length: int) -> None:
    name = store.put("source", DATA)
    with (
        s3open.open(name, "rb") as source,
        s3open.open(store.name("target"), "wb") as target,
    ):
        shutil.copyfileobj(source, target, length)
    assert store.read("target") == DATA


def test_files_are_copied_from_and_to_this_machine(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "here").write_bytes(DATA)
    with (
        io.open(tmp_path / "here", "rb") as source,
        s3open.open(store.name("there"), "wb") as target,
    ):
        shutil.copyfileobj(source, target)
    with (
        s3open.open(store.name("there"), "rb") as file,
        io.open(tmp_path / "back", "wb") as target,
    ):
        shutil.copyfileobj(file, target)
    assert (tmp_path / "back").read_bytes() == DATA


def test_xml_is_written_and_parsed(store: Store) -> None:
    tree = ElementTree.ElementTree(ElementTree.fromstring("<a><b>ä</b></a>"))
    with s3open.open(store.name("file.xml"), "wb") as file:
        tree.write(file, encoding="utf-16", xml_declaration=True)
    with s3open.open(store.name("file.xml"), "rb") as file:
        found = ElementTree.parse(file).getroot()
    assert found is not None
    assert found.findtext("b") == "ä"


def test_python_source_is_read_with_the_encoding_that_it_declares(
    store: Store,
) -> None:
    source = "# coding: latin-1\nname = 'ä'\n"
    with s3open.open(store.put("file.py", source.encode("latin-1")), "rb") as file:
        encoding, _ = tokenize.detect_encoding(file.readline)
        file.seek(0)
        with io.TextIOWrapper(file, encoding) as text:
            assert text.read() == source


def test_a_large_archive_is_read_with_little_memory(store: Store) -> None:
    member = random.Random(6).randbytes(MIB)
    config = Config(memory=2 * MIB, part_size=5 * MIB)
    name = store.name("large.zip")
    out = s3open.open(name, "wb", config=config)
    with out, zipfile.ZipFile(out, "w") as archive:
        for number in range(7):
            archive.writestr(str(number), member)
    file = s3open.open(name, "rb", config=config)
    with file, zipfile.ZipFile(file) as archive:
        for number in (6, 0, 3, 0, 6):
            assert archive.read(str(number)) == member
        assert archive.testzip() is None
