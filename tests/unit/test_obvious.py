"""What listings tell of two files: never that they are the same if they may not be."""

from __future__ import annotations

from datetime import datetime, timezone
from stat import S_IFLNK, S_IFREG
from types import SimpleNamespace
from typing import Any

import pytest

from s3open.contract import Entry
from s3open.trees import obvious
from s3open.trees.obvious import CLOCKS, Obvious
from s3open.trees.places import place

WRITTEN = 1_700_000_000.0
LONG_AGO = WRITTEN - 1000
LATER = WRITTEN + 1000

Disk = dict[str, tuple[float, float]]


def entry(size: int = 3, seconds: float = WRITTEN, etag: str | None = None) -> Entry:
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return Entry("d/e/f", size, moment, etag)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A tree whose files and folders have the times that are noted: mtime, ctime."""
    times: Disk = dict.fromkeys(
        ("/s/", "/s/d/", "/s/d/e/", "/s/d/e/f"), (LONG_AGO, LONG_AGO)
    )

    def stat(path: str) -> Any:
        mtime, ctime = times[path]
        return SimpleNamespace(
            st_mtime=mtime, st_ctime=ctime, st_mtime_ns=int(mtime * 1e9)
        )

    monkeypatch.setattr("s3open.trees.obvious.os.stat", stat)
    # A file, unless a test says otherwise.
    monkeypatch.setattr(
        "s3open.trees.obvious.os.lstat",
        lambda path: SimpleNamespace(st_mode=S_IFREG, st_ctime=LATER),
    )
    return times


def up(compare: str = "auto") -> bool | None:
    judge = Obvious(place("/s/"), place("s3://b/t/"), compare)
    return judge.same("d/e/f", entry(seconds=LONG_AGO), entry())


def test_what_was_written_after_the_last_touch_is_the_same(disk: Disk) -> None:
    assert up() is True
    assert up("size") is True
    assert up("checksum") is None
    assert up("mtime") is None


@pytest.mark.parametrize("index", [0, 1])
def test_what_was_touched_since_is_open(disk: Disk, index: int) -> None:
    times = [LONG_AGO, LONG_AGO]
    times[index] = LATER
    disk["/s/d/e/f"] = (times[0], times[1])
    assert up() is None
    times[index] = WRITTEN - CLOCKS + 1
    disk["/s/d/e/f"] = (times[0], times[1])
    assert up() is None
    times[index] = WRITTEN - CLOCKS - 1
    disk["/s/d/e/f"] = (times[0], times[1])
    assert up() is True


@pytest.mark.parametrize("folder", ["/s/", "/s/d/", "/s/d/e/"])
def test_what_is_in_a_folder_that_was_renamed_is_open(disk: Disk, folder: str) -> None:
    disk[folder] = (LONG_AGO, LATER)
    assert up() is None
    # A name that came, or went, is no reason.
    disk[folder] = (LATER, LATER)
    assert up() is True


@pytest.mark.parametrize("link", ["/s/d/e/f", "/s/d/e", "/s/d", "/s"])
def test_what_a_link_leads_to_that_is_new_is_open(
    disk: Disk, monkeypatch: pytest.MonkeyPatch, link: str
) -> None:
    # A release that is older than the last one, say.
    def lstat(path: str) -> Any:
        mode = S_IFLNK if path == link else S_IFREG
        return SimpleNamespace(st_mode=mode, st_ctime=LATER)

    monkeypatch.setattr("s3open.trees.obvious.os.lstat", lstat)
    assert up() is None


def test_where_the_system_keeps_no_such_time_it_is_open(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(obvious, "_NO_TOUCH", True)
    assert up() is None


def test_sizes_decide_everywhere(disk: Disk) -> None:
    for source, target in (("/s/", "s3://b/"), ("s3://b/", "/s/"), ("/s/", "/t/")):
        for compare in ("auto", "size", "checksum", "mtime"):
            judge = Obvious(place(source), place(target), compare)
            assert judge.same("d/e/f", entry(3), entry(4)) is False


def test_a_download_has_the_time_of_its_object() -> None:
    judge = Obvious(place("s3://b/"), place("/t/"), "auto")
    assert judge.same("f", entry(), entry()) is True
    for seconds in (LONG_AGO, LATER, WRITTEN + 0.001):
        assert judge.same("f", entry(), entry(seconds=seconds)) is None
    unknown = Entry("f", 3)
    assert judge.same("f", unknown, unknown) is None


def test_inside_the_store_one_etag_is_one_content() -> None:
    def judged(compare: str, first: str | None, second: str | None) -> bool | None:
        judge = Obvious(place("s3://b/"), place("s3://c/"), compare)
        return judge.same("f", entry(etag=first), entry(etag=second))

    assert judged("auto", "1", "1") is True
    assert judged("auto", "1", "2") is None
    assert judged("auto", None, None) is None
    assert judged("checksum", "1", "1") is None
    assert judged("mtime", "1", "2") is True


def test_on_this_machine_one_time_is_one_content(disk: Disk) -> None:
    disk["/t/d/e/f"] = (LONG_AGO, LATER)
    judge = Obvious(place("/s/"), place("/t/"), "auto")
    assert judge.same("d/e/f", entry(), entry()) is True
    disk["/t/d/e/f"] = (LATER, LATER)
    assert judge.same("d/e/f", entry(), entry()) is None


@pytest.mark.parametrize("touched", ["/s/d/e/f", "/s/d/"])
def test_on_this_machine_what_was_touched_since_is_open(
    disk: Disk, touched: str
) -> None:
    disk["/t/d/e/f"] = (LONG_AGO, WRITTEN)
    disk[touched] = (LONG_AGO, WRITTEN)
    for compare, expected in (("auto", None), ("mtime", True), ("size", True)):
        judge = Obvious(place("/s/"), place("/t/"), compare)
        assert judge.same("d/e/f", entry(), entry()) is expected
