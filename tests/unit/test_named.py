"""What has a URI but is no path is opened, sent and fetched as its URI would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import s3open

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeStore


class Named:
    def __init__(self, uri: str) -> None:
        self._uri = uri

    def __uri__(self) -> str:
        return self._uri


def test_open_takes_what_has_a_uri(store: FakeStore) -> None:
    name = Named("s3://b/a//k")
    with s3open.open(name, "w") as file:
        assert file.name == "s3://b/a//k"
        file.write("x")
    with s3open.open(name) as file:
        assert file.read() == "x"
    with s3open.open(name, "rb") as file:
        assert file.read() == b"x"


def test_open_takes_the_uri_of_a_file(tmp_path: Path) -> None:
    with s3open.open(Named(f"{tmp_path.as_uri()}/x"), "w") as file:
        file.write("x")
    assert (tmp_path / "x").read_text() == "x"


def test_a_local_copy_of_it_has_its_extension(store: FakeStore) -> None:
    with s3open.local(Named("s3://b/k.txt"), "w") as path:
        assert path.endswith(".txt")
    with s3open.open(Named("s3://b/k.txt")) as file:
        assert file.read() == ""


def test_it_is_a_target_and_a_source_but_no_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    name = Named("s3://b/k")
    with pytest.raises(ValueError, match="a file of this machine, not 's3://b/k'"):
        s3open.upload(name, name)
    with pytest.raises(ValueError, match="a file of this machine, not 's3://b/k'"):
        s3open.download(name, name)
    copied = Named((tmp_path / "y").as_uri())
    s3open.upload(tmp_path / "x", copied)
    assert (tmp_path / "y").read_bytes() == b"x"
    s3open.download(copied, tmp_path / "z")
    assert (tmp_path / "z").read_bytes() == b"x"


def test_what_is_no_name_is_refused_as_before(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="type"):
        s3open.open(Named, "r")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="int"):
        s3open.upload(tmp_path / "x", 5)  # type: ignore[arg-type]
