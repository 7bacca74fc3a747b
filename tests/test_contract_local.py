"""Local files: builtin's own, with everything that only they have."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

import s3open
from tests.stores import builtin_any, open_any, outcome

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "fi le.txt"
    path.write_bytes(b"one\ntwo\n")
    return path


FORMS: dict[str, Callable[[Path], Any]] = {
    "str": str,
    "bytes": os.fsencode,
    "Path": lambda path: path,
    "relative": lambda path: os.path.relpath(path),
    "file:///": lambda path: f"file://{path}",
    "file://localhost/": lambda path: f"file://localhost{path}",
    "FILE:///": lambda path: f"FILE://{path}",
    "quoted": lambda path: f"file://{quote(str(path))}",
    "Path.as_uri": lambda path: path.as_uri(),
    "bytes URI": lambda path: os.fsencode(f"file://{path}"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_local_file_may_be_named_in_many_ways(path: Path, form: str) -> None:
    name = FORMS[form](path)
    with s3open.open(name) as file:
        assert file.read() == "one\ntwo\n"
    with s3open.open(name, "wb") as file:
        file.write(b"three")
    assert path.read_bytes() == b"three"


def test_the_types_are_builtins_own(path: Path) -> None:
    kinds: dict[tuple[str, int], type] = {
        ("r", -1): io.TextIOWrapper,
        ("rb", -1): io.BufferedReader,
        ("wb", -1): io.BufferedWriter,
        ("r+b", -1): io.BufferedRandom,
        ("rb", 0): io.FileIO,
    }
    for (mode, buffering), kind in kinds.items():
        with s3open.open(str(path), mode, buffering) as file:
            assert type(file) is kind


@pytest.mark.parametrize("mode", ["a", "ab", "a+", "r+", "r+b"])
def test_local_files_can_be_appended_to_and_updated(path: Path, mode: str) -> None:
    with s3open.open(path, mode) as file:
        file.write(b"X" if "b" in mode else "X")
    wanted = b"one\ntwo\nX" if "a" in mode else b"Xne\ntwo\n"
    assert path.read_bytes() == wanted


def test_a_descriptor_is_opened(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    with s3open.open(descriptor, "rb") as file:
        assert file.name == file.fileno() == descriptor
        assert file.read() == b"one\ntwo\n"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_descriptor_stays_open_if_asked_to(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    with s3open.open(descriptor, "rb", closefd=False) as file:
        assert file.read(3) == b"one"
    os.fstat(descriptor)
    os.close(descriptor)


@pytest.mark.parametrize("file", [-1, 10**9, 10**30, 1.5, None, [], object()])
def test_what_is_no_file_is_refused_as_builtin_refuses_it(file: Any) -> None:
    wanted = outcome(builtin_any, file)
    assert isinstance(wanted, tuple)
    got = outcome(open_any, file)
    assert got == wanted


def test_an_opener_is_used(path: Path) -> None:
    calls = []

    def opener(name: str, flags: int) -> int:
        calls.append((name, flags))
        return os.open(name, flags)

    with s3open.open(str(path), "rb", opener=opener) as file:
        assert file.read() == b"one\ntwo\n"
    assert [name for name, _ in calls] == [str(path)]


@pytest.mark.parametrize(
    "arguments",
    [
        {"mode": "q"},
        {"mode": "rw"},
        {"mode": "rb", "encoding": "utf-8"},
        {"mode": "r", "buffering": 0},
        {"encoding": "nonsense"},
        {"newline": "x"},
        {"closefd": False},
        {"mode": 1},
        {"buffering": "x"},
    ],
)
def test_bad_arguments_are_refused_as_builtin_refuses_them(
    path: Path, arguments: dict[str, Any]
) -> None:
    wanted = outcome(builtin_any, path, **arguments)
    assert isinstance(wanted, tuple)
    assert outcome(open_any, path, **arguments) == wanted


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    for name in (tmp_path, f"file://{tmp_path}"):
        with pytest.raises(IsADirectoryError):
            s3open.open(name)


def test_parents_are_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        s3open.open(tmp_path / "missing" / "file", "w")


@pytest.mark.parametrize("name", ["file://other.host/etc/passwd", "file://a:80/x"])
def test_files_of_other_hosts_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="another host"):
        s3open.open(name)


@pytest.mark.parametrize(
    "name", ["s3:/bucket/key", "s3:bucket/key", "s3", "s3x://bucket/key"]
)
def test_what_is_no_s3_uri_never_means_s3(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((FileNotFoundError, ValueError)) as caught:
        s3open.open(name)
    assert not isinstance(caught.value, s3open.S3Error)


def test_a_name_with_colons_and_slashes_is_a_local_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a:b", "12:30", "x?y#z%20", "~tilde", "s3:", "C:x"):
        with s3open.open(name, "w") as file:
            file.write(name)
        assert Path(name).read_text() == name


def test_half_of_a_local_file_is_written_as_builtin_writes_it(path: Path) -> None:
    file = s3open.open(path, "w")
    file.write("half")
    with pytest.raises(ZeroDivisionError), file:
        raise ZeroDivisionError
    assert path.read_bytes() == b"half"


def test_a_local_file_has_a_descriptor(path: Path) -> None:
    with s3open.open(path) as file:
        assert os.fstat(file.fileno()).st_size == 8


def test_local_files_need_nothing_of_s3(path: Path) -> None:
    import subprocess

    program = (
        "import sys, s3open\n"
        f"for name in ({str(path)!r}, 'file://' + {str(path)!r}):\n"
        "    with s3open.open(name) as file: file.read()\n"
        "dear = {'boto3', 'botocore', 'awscrt', 'http.client', 'ssl'}\n"
        "print(sorted(dear & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
