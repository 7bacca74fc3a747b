"""A bound of temporary disk: what is written is right all the same, or refused."""

from __future__ import annotations

import errno
import json
import os
import random
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Config
from s3open.spool import scratch
from s3open.stores import s3
from s3open.stores.objects import S3Writer
from tests.fakes import MIB, Fault, answered, pattern
from tests.stores import open_any

if TYPE_CHECKING:
    from tests.fakes import FakeStore

URI = "s3://b/k"
PART = 5 * MIB
CONTENT = pattern(60 * MIB + 11)


def bounded(disk: int, **more: Any) -> Config:
    return Config(part_size=PART, memory=4 * PART, disk=disk, connections=2, **more)


def assert_is(found: bytes, wanted: bytes | bytearray) -> None:
    """Compare, where pytest would be minutes about the difference of MiBs."""
    same = found == wanted
    assert same, next(
        (
            n
            for n, pair in enumerate(zip(found, wanted, strict=False))
            if pair[0] != pair[1]
        ),
        (len(found), len(wanted)),
    )


def written(file: Any, content: bytes = CONTENT) -> None:
    for start in range(0, len(content), MIB + 3):
        file.write(content[start : start + MIB + 3])


@pytest.mark.parametrize("disk", [0, MIB - 1, 3 * MIB, 15 * MIB])
@pytest.mark.parametrize("part_size", [PART, PART + 1, PART + MIB // 2])
def test_no_more_disk_is_taken(
    store: FakeStore, monkeypatch: pytest.MonkeyPatch, disk: int, part_size: int
) -> None:
    ends = [0]

    def write_at(self: scratch.Scratch, offset: int, data: memoryview) -> None:
        real(self, offset, data)
        ends.append(os.fstat(self.fileno()).st_blocks * 512)

    real = scratch.Scratch.write_at
    monkeypatch.setattr(scratch.Scratch, "write_at", write_at)
    config = Config(part_size=part_size, memory=32 * MIB, disk=disk, connections=2)
    with open_any(URI, "wb", config=config) as file:
        written(file)
    assert_is(store.objects["k"].body, CONTENT)
    # The file system's own tables take a little, too.
    assert max(ends) <= disk + (64 << 10 if disk >= MIB else 0)
    assert store.uploads == {}


@pytest.mark.parametrize("act", ["read", "write", "truncate"])
def test_what_was_left_to_the_store_cannot_be_gone_back_into(
    store: FakeStore, tmp_path: Path, act: str
) -> None:
    config = bounded(0, temp_dir=os.fspath(tmp_path))
    file: Any = open_any(URI, "w+b", config=config, buffering=0)
    written(file)
    file.seek(7 * MIB)
    with pytest.raises(OSError, match=r"Config\.disk: 0 bytes") as caught:
        {
            "read": lambda: file.read(10),
            "write": lambda: file.write(b"new"),
            "truncate": file.truncate,
        }[act]()
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == os.fspath(tmp_path)
    if act == "read":
        file.close()
        assert_is(store.objects["k"].body, CONTENT)
    else:
        # A write that failed is never published without what it was to write.
        with pytest.raises(s3open.PublishError):
            file.close()


def test_what_is_still_here_can_be_gone_back_into(store: FakeStore) -> None:
    with open_any(URI, "w+b", config=bounded(0), buffering=0) as file:
        written(file)
        file.seek(-MIB, os.SEEK_END)
        assert file.read(10) == CONTENT[-MIB:][:10]
        file.seek(-MIB, os.SEEK_END)
        file.write(b"new")
    assert_is(store.objects["k"].body, CONTENT[:-MIB] + b"new" + CONTENT[-MIB + 3 :])


@pytest.mark.parametrize("parts", [0, 1, 2])
def test_between_parts_the_file_can_be_cut(store: FakeStore, parts: int) -> None:
    with open_any(URI, "w+b", config=bounded(0), buffering=0) as file:
        written(file)
        file.truncate(parts * PART)
        file.seek(0, os.SEEK_END)
        file.write(b"end")
    assert_is(store.objects["k"].body, CONTENT[: parts * PART] + b"end")
    assert store.uploads == {}


def test_a_file_cut_to_its_first_part_keeps_it(store: FakeStore) -> None:
    with open_any(URI, "w+b", config=bounded(0), buffering=0) as file:
        written(file)
        file.truncate(PART)
    assert_is(store.objects["k"].body, CONTENT[:PART])
    assert store.uploads == {}


def test_an_exception_drops_what_was_left_to_the_store(store: FakeStore) -> None:
    with pytest.raises(ZeroDivisionError):
        with open_any(URI, "wb", config=bounded(0)) as file:
            written(file)
            1 / 0  # noqa: B018  # it raises
    assert store.objects == {}
    assert store.uploads == {}


def recovered(store: FakeStore, recovery: str) -> bytes:
    """Return all that a recovery file and the upload that it names have."""
    data = bytearray(Path(recovery).read_bytes())
    about = json.loads(Path(recovery).with_suffix(".json").read_text())
    held = store.uploads[about["upload"]].parts
    here = {tuple(pair) for pair in about["written"]}
    for part in about["parts"]:
        etag, body = held[part["number"]]
        assert etag == part["etag"]
        assert len(body) == part["stop"] - part["start"]
        data[part["start"] : part["stop"]] = body
        here.add((part["start"], part["stop"]))
    position = 0
    for start, stop in sorted(here):
        assert start <= position
        position = max(position, stop)
    assert position == about["size"]
    return bytes(data)


def test_if_publishing_fails_the_upload_stays_and_is_named(store: FakeStore) -> None:
    failure = Fault(error=answered("AccessDenied", 403))
    store.plan("complete_multipart_upload", 1, failure)
    with pytest.raises(s3open.PublishError) as caught:
        with open_any(URI, "wb", config=bounded(0)) as file:
            written(file)
    assert isinstance(caught.value, PermissionError)
    assert caught.value.recovery is not None
    assert_is(recovered(store, caught.value.recovery), CONTENT)


def test_if_nobody_closes_it_the_upload_stays_and_is_named(
    store: FakeStore, state: Path
) -> None:
    file: Any = open_any(URI, "wb", config=bounded(0))
    written(file)
    file.flush()
    with pytest.warns(s3open.UnpublishedWarning, match="multipart upload"):
        file = None
    (kept,) = (state / "s3open" / "recovery").glob("*.data")
    assert_is(recovered(store, os.fspath(kept)), CONTENT)


def test_what_fits_is_kept_and_nothing_stays_behind(store: FakeStore) -> None:
    store.plan("complete_multipart_upload", 1, Fault(error=answered("Denied", 403)))
    with pytest.raises(s3open.PublishError) as caught:
        with open_any(URI, "wb", config=bounded(1 << 30)) as file:
            written(file)
    assert store.uploads == {}
    assert caught.value.recovery is not None
    assert_is(Path(caught.value.recovery).read_bytes(), CONTENT)


@pytest.mark.parametrize("mode", ["r+b", "ab"])
def test_an_update_that_does_not_fit_is_refused(store: FakeStore, mode: str) -> None:
    store.add("k", b"old")
    file: Any = open_any(URI, mode, config=bounded(MIB), buffering=0)
    with pytest.raises(OSError, match=r"Config\.disk") as caught:
        written(file)
    assert caught.value.errno == errno.ENOSPC
    with pytest.raises(s3open.PublishError):
        file.close()
    assert_is(store.objects["k"].body, b"old")


@pytest.mark.parametrize("mode", ["rb", "w+b"])
def test_a_descriptor_that_does_not_fit_is_refused(store: FakeStore, mode: str) -> None:
    store.add("k", CONTENT)
    with open_any(URI, mode, config=bounded(MIB), buffering=0) as file:
        if mode == "w+b":
            written(file)
        with pytest.raises(OSError, match=r"Config\.disk") as caught:
            file.fileno()
        assert caught.value.errno == errno.ENOSPC
    assert_is(store.objects["k"].body, CONTENT)


def test_who_reads_to_and_fro_fetches_again(store: FakeStore) -> None:
    store.add("k", CONTENT)
    with open_any(URI, "rb", config=bounded(3 * MIB)) as file:
        for offset in [0, 50 * MIB, 10 * MIB, 0, 50 * MIB, 10 * MIB] * 2:
            file.seek(offset)
            assert_is(file.read(9 * MIB), CONTENT[offset : offset + 9 * MIB])
        spilled = file.raw._spool._spilled
        assert 0 < len(spilled) <= 3


def test_what_was_written_to_a_descriptor_is_sent(store: FakeStore) -> None:
    with open_any(URI, "w+b", config=bounded(1 << 30), buffering=0) as file:
        written(file)
        os.pwrite(file.fileno(), b"new", 3)
    assert_is(store.objects["k"].body, CONTENT[:3] + b"new" + CONTENT[6:])


class Twins:
    """A file, and what it should have."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.model = bytearray()
        disk = dice.choice([0, 2 * MIB, 20 * MIB])
        self.file: Any = open_any(URI, "w+b", config=bounded(disk), buffering=0)

    def step(self, number: int) -> None:
        """Do something to both; OSError if the file refuses it."""
        size = len(self.model)
        near = max(0, size - self.dice.randrange(1, 12 * MIB))
        piece = pattern(self.dice.randrange(1, 3 * MIB), seed=number)
        kind = self.dice.choices(["append", "read", "write", "cut"], [15, 2, 2, 1])[0]
        start = size if kind == "append" else near
        self.file.seek(start)
        if kind == "read":
            self.read(start, len(piece))
        elif kind == "cut":
            self.file.truncate()
            del self.model[start:]
        else:
            self.file.write(piece)
            self.model[start : start + len(piece)] = piece

    def read(self, start: int, length: int) -> None:
        try:
            found = self.file.read(length)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        else:
            assert_is(found, self.model[start : start + length])


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_it_is_right_or_refused(store: FakeStore, seed: int) -> None:
    twins = Twins(random.Random(seed))
    try:
        for number in range(120):
            twins.step(number)
    except OSError:
        with pytest.raises(s3open.PublishError, match=r"Config\.disk"):
            twins.file.close()
        assert store.objects == {}
    else:
        twins.file.close()
        assert_is(store.objects["k"].body, twins.model)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A disk on which there is room for so many bytes."""
    room, lock = [10 * MIB], threading.Lock()
    real = os.pwrite

    def pwrite(descriptor: int, data: memoryview, offset: int) -> int:
        with lock:
            if not room[0]:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            count = real(descriptor, data[: room[0]], offset)
            room[0] -= count
            return count

    monkeypatch.setattr(os, "pwrite", pwrite)
    return room


def test_a_full_disk_is_named_and_loses_nothing(
    store: FakeStore, tmp_path: Path, full_disk: list[int]
) -> None:
    store.add("k", b"old")
    config = Config(part_size=PART, memory=20 * MIB, temp_dir=os.fspath(tmp_path))
    file: Any = open_any(URI, "wb", config=config, buffering=0)
    position = 0
    with pytest.raises(OSError, match="No space left") as caught:
        while position < len(CONTENT):
            position += file.write(CONTENT[position : position + 100_003])
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == os.fspath(tmp_path)
    with pytest.raises(s3open.PublishError) as failed:
        file.close()
    assert failed.value.errno == errno.ENOSPC
    assert failed.value.recovery is not None
    assert_is(Path(failed.value.recovery).read_bytes(), CONTENT[:position])
    assert_is(store.objects["k"].body, b"old")
    assert store.uploads == {}


def test_a_full_disk_does_not_keep_anybody_from_reading(
    store: FakeStore, full_disk: list[int]
) -> None:
    store.add("k", CONTENT)
    config = Config(memory=20 * MIB)
    with open_any(URI, "rb", config=config) as file:
        for offset in (0, 50 * MIB, 0, 30 * MIB, 0):
            file.seek(offset)
            assert_is(file.read(9 * MIB), CONTENT[offset : offset + 9 * MIB])
        file.seek(0)
        assert_is(file.read(), CONTENT)
    assert full_disk == [0]


class FewParts(S3Writer):
    max_parts = 5


def test_a_file_of_more_parts_than_there_may_be_is_told_at_once(
    store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "S3Writer", FewParts)
    pipe = Config(part_size=PART, memory=8 * PART, connections=1)
    for given in ({"streaming": True, "config": pipe}, {"config": bounded(1 << 30)}):
        with pytest.raises(OSError, match="in 5 parts") as caught:
            with open_any(URI, "wb", buffering=0, **given) as file:
                written(file)
        assert caught.value.errno == errno.EFBIG
        assert len(store.asked("upload_part")) <= 8
        assert not (store.objects)
        assert not (store.uploads)


def test_where_there_is_room_it_is_sent_again_in_larger_parts(
    store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "S3Writer", FewParts)
    config = Config(part_size=PART, memory=4 * PART, connections=2)
    with open_any(URI, "wb", buffering=0, config=config) as file:
        written(file)
    assert_is(store.objects["k"].body, CONTENT)
    numbers = [request.number for request in store.asked("upload_part")]
    assert max(number for number in numbers if number) == 5
    assert store.uploads == {}
