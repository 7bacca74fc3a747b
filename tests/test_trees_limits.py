"""Trees where something gives out: workers, disks, permissions, memory, the process."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timezone
from itertools import count
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from s3open.contract import Entry
from s3open.stores import keys
from s3open.testing import Fault
from s3open.trees.copying import cp, mv
from s3open.trees.report import Report
from s3open.trees.syncing import sync
from tests.fakes import pattern
from tests.forest import BUCKET, CONFIG, ROOT, counts, fill, put, read, stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor

    from s3open.config import Config
    from s3open.testing import S3Server
    from s3open.trees.events import Event

MIB = 1 << 20
GIB = 1 << 30
FILES = {f"{number % 3}/{number:03}": b"%d" % number for number in range(100)}

pytestmark = pytest.mark.usefixtures("_private_recovery")


@pytest.fixture
def server(
    s3open_server: S3Server, s3open_bucket: str, _known_to_honour: None
) -> S3Server:
    return s3open_server


def pool() -> Executor:
    return ProcessPoolExecutor(2, get_context("spawn"))


@pytest.mark.parametrize("operation", ["PutObject", "GetObject", "CopyObject"])
def test_what_a_dead_worker_had_another_does(
    server: S3Server, tmp_path: Path, operation: str
) -> None:
    killed: list[int] = []

    def kill(_: S3Server) -> None:
        child = active_children()[0]
        assert child.pid is not None
        killed.append(child.pid)
        os.kill(child.pid, signal.SIGKILL)

    fill(tmp_path / "source", FILES)
    put(server, "p/", FILES)
    server.fault(Fault(operation=operation, skip=20, before=kill))
    source: Any = tmp_path / "source" if operation == "PutObject" else ROOT + "p"
    target: Any = tmp_path / "t" if operation == "GetObject" else ROOT + "t"
    report = cp(CONFIG, source, target, recursive=True, executor=pool, workers=2)
    assert killed
    assert counts(report) == {"copied": len(FILES)}
    found = read(target) if operation == "GetObject" else stored(server, "t/")
    # Who is killed cannot remove what is beside its target.
    half = {name for name in found if name.endswith(".s3open")}
    assert len(half) <= 2 * 8
    assert {name: found[name] for name in found.keys() - half} == FILES


@pytest.mark.parametrize("workers", [1, 2, None])
def test_the_rest_goes_on_however_many_do_it(
    server: S3Server, tmp_path: Path, workers: int | None
) -> None:
    put(server, "p/", {"../evil": b"bad", "a/": b"bytes", **FILES})
    report = Report()
    target = tmp_path / "t"
    cp(CONFIG, ROOT + "p", target, recursive=True, report=report, workers=workers)
    assert counts(report) == {"copied": len(FILES), "failures": 2}
    assert read(target) == FILES


class Enough(Exception):
    """Ends a run that would never end."""


def test_no_more_of_an_endless_listing_is_taken_than_is_under_way(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    taken, told = count(), count()
    moment = datetime(2026, 1, 1, tzinfo=timezone.utc)

    def endless(config: Config, at: Any, **_: Any) -> Iterator[Entry]:
        for number in taken:
            yield Entry(f"{at.key}{number:012}", 3, moment, '"e"')

    def stop(_: Event) -> None:
        if next(told) == 1000:
            raise Enough

    monkeypatch.setattr(keys, "entries", endless)
    more: dict[str, Any] = {"dry_run": True, "on_event": stop, "workers": 4}
    with pytest.raises(Enough):
        cp(CONFIG, ROOT + "p", tmp_path / "t", recursive=True, **more)
    # Four for each worker, and one that is looked at.
    assert next(taken) <= 1000 + 4 * 4 + 2


def test_pages_are_not_asked_for_before_there_is_room(
    server: S3Server, tmp_path: Path
) -> None:
    for number in range(10_000):
        server.synthetic(BUCKET, f"p/{number:05}", 1)

    def stop(_: Event) -> None:
        raise Enough

    with server.counting() as seen, pytest.raises(Enough):
        cp(CONFIG, ROOT + "p", ROOT + "q", recursive=True, on_event=stop, workers=8)
    assert seen.operations["ListObjectsV2"] <= 3
    assert seen.operations["CopyObject"] <= 5 * 8


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB, where one can be had: by root, who may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", f"{folder}"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("nothing may be mounted here")
    yield folder
    subprocess.run(["umount", f"{folder}"], check=True)


def test_a_full_target_is_told_and_keeps_what_it_has(
    server: S3Server, disk: Path
) -> None:
    fill(disk, {"small": b"old", "large": b"old"})
    (disk / "rest").write_bytes(bytes(3 * MIB))
    put(server, "p/", {"small": bytes(2 * MIB), "large": pattern(9 * MIB), "z": b"z"})
    report = Report()
    # One by one, for what is on its way takes room, too.
    cp(CONFIG, ROOT + "p", disk, recursive=True, report=report, workers=1)
    assert counts(report) == {"copied": 1, "failures": 2}
    for name, error in report.failed:
        assert isinstance(error, OSError)
        assert error.errno == errno.ENOSPC
        assert error.filename == f"{disk}/{name.rpartition('/')[2]}"
    assert read(disk) == {
        "small": b"old",
        "large": b"old",
        "rest": bytes(3 * MIB),
        "z": b"z",
    }
    (disk / "rest").unlink()
    (disk / "small").unlink()
    cp(CONFIG, ROOT + "p/small", disk / "small")
    assert (disk / "small").read_bytes() == bytes(2 * MIB)


def test_a_read_only_target_is_told_and_sources_stay(
    server: S3Server, disk: Path, tmp_path: Path
) -> None:
    fill(disk, {"a": b"old"})
    remount = ["mount", "-o", "remount,ro", f"{disk}"]
    subprocess.run(remount, check=True, capture_output=True)
    put(server, "p/", {"a": b"1", "b": b"2", "large": pattern(9 * MIB)})
    for verb in (cp, mv):
        report = Report()
        verb(CONFIG, ROOT + "p", disk, recursive=True, report=report)
        assert counts(report) == {"failures": 3}
        assert {getattr(each, "errno", 0) for _, each in report.failed} == {errno.EROFS}
    done = subprocess.run(
        [sys.executable, "-m", "s3open", "sync", ROOT + "p", f"{disk}", "--delete"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("Read-only file system") == 3
    assert len(done.stderr.splitlines()) == 3
    assert stored(server, "p/").keys() == {"a", "b", "large"}
    assert read(disk) == {"a": b"old"}
    # Moved from there everything is copied, and told that it is still there.
    report = Report()
    mv(CONFIG, disk, ROOT + "q", recursive=True, report=report)
    assert counts(report) == {"failures": 1}
    assert stored(server, "q/") == {"a": b"old"}


@pytest.mark.parametrize("size", [100, 9 * MIB])
def test_a_disk_without_room_leaves_nothing_beside(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Where nothing can be mounted this shows it; what is written is refused."""

    def full(descriptor: int, data: Any, *_: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    put(server, "p/", {"file": pattern(size)})
    target = fill(tmp_path / "target", {"file": b"old"})
    for name in ("write", "pwrite"):
        monkeypatch.setattr(os, name, full)
    report = Report()
    cp(CONFIG, ROOT + "p", target, recursive=True, report=report)
    monkeypatch.undo()
    assert counts(report) == {"failures": 1}
    [(_, error)] = report.failed
    assert isinstance(error, OSError)
    assert (error.errno, error.filename) == (errno.ENOSPC, f"{target}/file")
    assert read(target) == {"file": b"old"}


# One part after the other, so that others are done when one is asked for.
COPY = """
import sys, s3open
config = s3open.Config(part_size=5 << 20, connections=1)
s3open.FileSystem(config).cp(*sys.argv[1:], recursive=True)
"""


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_copy_that_was_killed_goes_on(
    server: S3Server, tmp_path: Path, direction: str
) -> None:
    content = pattern(40 * MIB)
    fill(tmp_path / "up", {"large": content})
    server.put(BUCKET, "p/large", content)
    operation = "UploadPart" if direction == "up" else "GetObject"
    source = tmp_path / "up" if direction == "up" else ROOT + "p"
    target = ROOT + "t" if direction == "up" else tmp_path / "t"
    command = [sys.executable, "-c", COPY, f"{source}", f"{target}"]
    children: list[subprocess.Popen[bytes]] = []

    def kill(_: S3Server) -> None:
        children[0].kill()

    armed = server.fault(Fault(operation=operation, skip=4, before=kill))
    with subprocess.Popen(command) as process:
        children.append(process)
    assert armed.fired
    assert process.returncode == -signal.SIGKILL
    armed.remove()
    server.disconnect()
    assert not (tmp_path / "t" / "large").exists()
    assert "t/large" not in server.keys(BUCKET)
    with server.counting() as seen:
        done = subprocess.run(command, check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    moved = seen.bytes_in if direction == "up" else seen.bytes_out
    assert 0 < moved < len(content) - 10 * MIB
    if direction == "up":
        assert server.read(BUCKET, "t/large") == content
        assert server.uploads(BUCKET) == []
    else:
        assert read(tmp_path / "t") == {"large": content}


def test_a_copy_of_any_size_stays_in_the_store(server: S3Server) -> None:
    server.synthetic(BUCKET, "p/huge", 6 * GIB + 1)
    with server.counting() as seen:
        report = cp(CONFIG, ROOT + "p", ROOT + "t", recursive=True)
    assert report.copied_bytes == 6 * GIB + 1
    assert server.head(BUCKET, "t/huge").size == 6 * GIB + 1
    assert seen.operations["UploadPartCopy"] > 1
    assert seen.operations["GetObject"] == 0
    assert seen.bytes_in < MIB


@pytest.mark.parametrize("source", ["here", "there"])
def test_what_is_there_is_left_alone_by_the_store_itself(
    server: S3Server, tmp_path: Path, source: str
) -> None:
    """Whatever was seen before: the write says that there is to be nothing."""
    (tmp_path / "here").write_bytes(b"new")
    server.put(BUCKET, "there", b"new")
    name = ROOT + "there" if source == "there" else tmp_path / "here"
    operation = "CopyObject" if source == "there" else "PutObject"

    def precede(there: S3Server) -> None:
        there.put(BUCKET, "target", b"first")

    server.fault(Fault(operation=operation, before=precede))
    with server.counting() as seen, pytest.raises(FileExistsError):
        cp(CONFIG, name, ROOT + "target", force=False)
    assert server.read(BUCKET, "target") == b"first"
    asked = [each for each in seen.records if each.operation == operation]
    assert asked[-1].headers["if-none-match"] == "*"


def test_directory_buckets_list_in_no_order(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As S3 Express does; the server here has no such buckets."""
    bucket = "box--use1-az4--x-s3"
    server.create_bucket(bucket)
    names = [f"{a}{b}" for a in ("", "d/", "d-", "é/") for b in range(30)]
    source = fill(tmp_path / "source", {name: name.encode() for name in names})
    listed = keys.entries

    def unordered(config: Config, at: Any, **more: Any) -> Iterator[Entry]:
        found = list(listed(config, at, **more))
        random.Random(1).shuffle(found)
        return iter(found)

    monkeypatch.setattr(keys, "entries", unordered)
    there = f"s3://{bucket}/t"
    assert counts(sync(CONFIG, source, there)) == {"copied": len(names)}
    (source / "d" / "7").unlink()
    (source / "d" / "8").write_bytes(b"more")
    expected = {"copied": 1, "removed": 1, "skipped": len(names) - 2}
    assert counts(sync(CONFIG, source, there, delete=True)) == expected
    assert counts(sync(CONFIG, there, tmp_path / "t", delete=True)) == {
        "copied": len(names) - 1
    }
    assert read(tmp_path / "t") == read(source)
