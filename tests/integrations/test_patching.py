"""s3open in the place of others, and what was there when that ends."""

from __future__ import annotations

import gzip
import importlib
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.integrations import patching

if TYPE_CHECKING:
    from s3open.testing import S3Server

smart_open: Any = importlib.import_module("smart_open")


@pytest.fixture
def name(s3open_server: S3Server, s3open_bucket: str) -> str:
    s3open_server.put(s3open_bucket, "key", b"first\nsecond\n")
    return f"s3://{s3open_bucket}/key"


def is_ours(file: Any) -> bool:
    with file:
        return type(file).__module__.startswith("s3open.")


def test_smart_open_is_replaced_for_a_block(name: str) -> None:
    theirs = smart_open.open
    with s3open.patch("smart_open"):
        assert is_ours(smart_open.open(name))
        with smart_open.open(name) as file:
            assert file.readline() == "first\n"
    assert smart_open.open is theirs
    assert smart_open.smart_open_lib.open is theirs


def test_a_patch_is_for_good_until_it_is_undone(name: str) -> None:
    theirs = smart_open.open
    patch = s3open.patch("smart_open")
    ours = smart_open.open
    assert is_ours(ours(name, "rb"))
    patch.undo()
    patch.undo()
    assert smart_open.open is theirs
    # Who has kept it has theirs again.
    assert not is_ours(ours(name, "rb"))


def test_patches_nest_and_end_in_any_order(name: str) -> None:
    theirs = smart_open.open
    first, second = s3open.patch("smart_open"), s3open.patch("smart_open")
    ours = smart_open.open
    with s3open.patch("smart_open"):
        first.undo()
        assert smart_open.open is ours
    second.undo()
    assert smart_open.open is theirs


def test_an_exception_undoes_it() -> None:
    theirs = smart_open.open
    with pytest.raises(ZeroDivisionError), s3open.patch("smart_open"):
        raise ZeroDivisionError
    assert smart_open.open is theirs


def test_what_somebody_else_has_put_there_is_left_to_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = smart_open.open
    patch = s3open.patch("smart_open")
    monkeypatch.setattr(smart_open, "open", print)
    patch.undo()
    assert smart_open.open is print
    assert smart_open.smart_open_lib.open is theirs
    monkeypatch.setattr(smart_open, "open", theirs)


def test_a_half_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = smart_open.open

    def missing() -> Any:
        raise ModuleNotFoundError("fsspec")

    monkeypatch.setitem(patching._DOING, "fsspec", missing)
    with pytest.raises(ModuleNotFoundError):
        s3open.patch("smart_open", "fsspec")
    assert smart_open.open is theirs


def test_there_is_nothing_else_to_replace() -> None:
    with pytest.raises(ValueError, match="cannot patch 'boto3'"):
        s3open.patch("boto3")


def test_threads_patch_side_by_side() -> None:
    theirs = smart_open.open
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        for _ in range(200):
            with s3open.patch("smart_open"):
                assert smart_open.open is not theirs

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert smart_open.open is theirs


def test_smart_opens_defaults_stay(
    name: str, s3open_server: S3Server, s3open_bucket: str
) -> None:
    with s3open.patch("smart_open"):
        with smart_open.open(f"{name}.gz", "w") as file:
            file.write("text")
        packed = s3open_server.read(s3open_bucket, "key.gz")
        assert gzip.decompress(packed) == b"text"
        with smart_open.open(f"{name}.gz", "rb", compression="disable") as file:
            assert file.read() == packed
        with smart_open.open(f"{name}.gz", compression=".gz") as file:
            assert file.read() == "text"
        # An encoding makes it text, whatever the mode says.
        with smart_open.open(name, "rb", encoding="ascii") as file:
            assert file.read(5) == "first"
        with smart_open.open(
            f"{name}.gz",
            "wb",
            compression_kwargs={"compresslevel": 1},
            transport_params={
                "client_kwargs": {
                    "S3.Client.create_multipart_upload": {"ContentType": "a/b"}
                }
            },
        ) as file:
            file.write(b"binary")
    assert s3open.stat(f"{name}.gz").content_type == "a/b"


def test_an_exception_publishes_nothing(name: str) -> None:
    with s3open.patch("smart_open"):
        with pytest.raises(ZeroDivisionError), smart_open.open(name, "w") as file:
            file.write("half")
            raise ZeroDivisionError
        with pytest.raises(FileNotFoundError):
            smart_open.open(f"{name}-missing")


def test_files_of_this_machine_stay_smart_opens(tmp_path: Path) -> None:
    path = tmp_path / "file.gz"
    with s3open.patch("smart_open"):
        for given in (path, str(path), f"file://{path}"):
            with smart_open.open(given, "w") as file:
                file.write("text")
            assert gzip.decompress(path.read_bytes()) == b"text"


def test_what_takes_smart_opens_function_later_takes_ours(name: str) -> None:
    with s3open.patch("smart_open"):
        from smart_open import open as taken

        with taken(name) as file:
            assert file.read() == "first\nsecond\n"
        assert taken.__doc__ == smart_open.open.__doc__


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("s3://b/k", ("s3://b/k", None)),
        ("s3://b/k?versionId=v", ("s3://b/k", "v")),
        ("s3://b/k?versionId=v&a=b", ("s3://b/k?a=b", "v")),
        ("s3://b/k?a=b&versionId=v&c=d", ("s3://b/k?a=b&c=d", "v")),
        ("s3://b/k?version=v", ("s3://b/k?version=v", None)),
    ],
)
def test_a_version_is_in_the_name_as_smart_open_has_it(
    name: str, split: tuple[str, str | None]
) -> None:
    assert patching._split(name) == split
    theirs = smart_open.parse_uri(name)
    assert (f"s3://{theirs.bucket_id}/{theirs.key_id}", theirs.version_id) == split


def test_that_version_is_read(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("versioned", versioned=True)
    name = "s3://versioned/key"
    for text in ("old", "new"):
        s3open.write_text(name, text)
    old = list(s3open.versions(name))[-1].version_id
    with s3open.patch("smart_open"):
        with smart_open.open(f"{name}?versionId={old}") as file:
            assert file.read() == "old"
        with pytest.raises(ValueError, match="when writing"):
            smart_open.open(f"{name}?versionId={old}", "w")
    assert s3open.read_text(name) == "new"


def test_nothing_is_imported_before_it_is_patched() -> None:
    code = (
        "import sys, s3open; s3open.patch; "
        "print([n for n in ('smart_open', 'fsspec', 'boto3') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
