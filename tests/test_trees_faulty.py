"""Trees while the store fails, lies, or is changed by somebody else."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

import pytest

from s3open import errors
from s3open.s3 import retry
from s3open.testing import Fault
from s3open.trees.copying import cp, mv
from s3open.trees.report import Report
from s3open.trees.syncing import sync
from tests.fakes import pattern
from tests.forest import BUCKET, CONFIG, ROOT, TREE, counts, fill, put, read, stored

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server

MIB = 1 << 20

pytestmark = pytest.mark.usefixtures("_private_recovery")


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    _known_to_honour: None,
    monkeypatch: pytest.MonkeyPatch,
) -> S3Server:
    monkeypatch.setattr(retry, "pause", lambda failures: None)
    return s3open_server


FAULTS: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 503},
    {"drop": "before"},
    {"drop": "after"},
    {"cut_head": 20},
]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_passes_is_outlived(
    server: S3Server, tmp_path: Path, fault: dict[str, Any]
) -> None:
    source = fill(tmp_path / "source", TREE)
    armed = server.fault(Fault(**fault, probability=0.3, seed=7, times=None))
    cp(CONFIG, source, ROOT + "up", recursive=True)
    cp(CONFIG, ROOT + "up", ROOT + "over", recursive=True)
    sync(CONFIG, ROOT + "over", tmp_path / "down", delete=True)
    mv(CONFIG, ROOT + "over", tmp_path / "moved", recursive=True)
    armed.remove()
    assert armed.fired
    assert read(tmp_path / "down") == read(tmp_path / "moved") == TREE
    assert stored(server) == {f"up/{name}": data for name, data in TREE.items()}


@pytest.mark.parametrize("fault", [{"cut": 3}, {"cut": 3, "reset": True}, {"flip": 2}])
def test_a_body_that_breaks_or_is_damaged_is_asked_for_again(
    server: S3Server, tmp_path: Path, fault: dict[str, Any]
) -> None:
    put(server, "p/", {"a": b"content", "b": b"other"})
    server.fault(Fault(operation="GetObject", key="p/a", **fault))
    with server.counting() as seen:
        cp(CONFIG, ROOT + "p", tmp_path, recursive=True)
    assert seen.operations["GetObject"] == 3
    assert read(tmp_path) == {"a": b"content", "b": b"other"}


def test_bytes_that_stay_damaged_are_never_kept(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "p/", {"a": b"content", "b": b"other"})
    server.fault(Fault(operation="GetObject", key="p/a", flip=2, times=None))
    fill(tmp_path, {"a": b"before"})
    report = Report()
    cp(CONFIG, ROOT + "p", tmp_path, recursive=True, report=report)
    assert isinstance(report.failed[0][1], errors.IntegrityError)
    assert read(tmp_path) == {"a": b"before", "b": b"other"}


def test_a_lost_answer_to_a_first_write_is_no_failure(
    server: S3Server, tmp_path: Path
) -> None:
    source = fill(tmp_path / "source", {"a": b"1", "b": b"2"})
    server.fault(Fault(operation="PutObject", key="t/a", drop="after"))
    cp(CONFIG, source, ROOT + "t", recursive=True, force=False)
    assert stored(server, "t/") == {"a": b"1", "b": b"2"}
    server.put(BUCKET, "u/a", b"there")
    server.fault(Fault(operation="PutObject", key="u/a", drop="after"))
    report = Report()
    cp(CONFIG, source, ROOT + "u", recursive=True, force=False, report=report)
    assert counts(report) == {"copied": 1, "failures": 1}
    assert isinstance(report.failed[0][1], FileExistsError)
    assert stored(server, "u/") == {"a": b"there", "b": b"2"}


def test_an_object_that_goes_while_it_is_copied_is_told(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "p/", {"a": b"1", "b": b"2"})

    def remove(there: S3Server) -> None:
        there.delete(BUCKET, "p/a")

    server.fault(Fault(operation="GetObject", key="p/a", before=remove))
    report = Report()
    cp(CONFIG, ROOT + "p", tmp_path, recursive=True, report=report)
    assert counts(report) == {"copied": 1, "failures": 1}
    assert isinstance(report.failed[0][1], FileNotFoundError)


def test_an_object_that_grows_while_it_is_copied_comes_whole(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "p/", {"a": b"small"})
    content = pattern(11 * MIB)

    def grow(there: S3Server) -> None:
        there.put(BUCKET, "p/a", content)

    server.fault(Fault(operation="GetObject", key="p/a", before=grow))
    cp(CONFIG, ROOT + "p", tmp_path, recursive=True)
    assert read(tmp_path) == {"a": content}


def test_a_file_that_changes_while_it_is_read_is_told(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = fill(tmp_path / "source", {"a": b"first", "b": b"other"})
    read_bytes = os.read

    def change(descriptor: int, count: int) -> bytes:
        data = read_bytes(descriptor, count)
        if data == b"first":
            (source / "a").write_bytes(b"second")
        return data

    monkeypatch.setattr(os, "read", change)
    report = Report()
    cp(CONFIG, source, ROOT + "t", recursive=True, report=report)
    assert counts(report) == {"copied": 1, "failures": 1}
    assert "changed" in str(report.failed[0][1])
    assert stored(server, "t/") == {"b": b"other"}


@pytest.mark.parametrize("seed", range(8))
def test_random_trees_come_back_as_they_were(
    server: S3Server, tmp_path: Path, seed: int
) -> None:
    """Both directions, again and again, against a plain dict; with faults."""
    chance = random.Random(seed)
    names = [f"{a}{b}{c}" for a in "ab-" for b in ("/", "!", "") for c in "xyä"]
    source = tmp_path / "source"
    source.mkdir()
    server.fault(Fault(status=500, probability=0.1, seed=seed, times=None))
    model: dict[str, bytes] = {}
    for _ in range(6):
        for name in chance.sample(names, 5):
            model.pop(name, None)
            folders = {other.partition("/")[0] for other in model if "/" in other}
            files = {other for other in model if "/" not in other}
            top, slash, _ = name.partition("/")
            if (slash and top in files) or (not slash and name in folders):
                continue
            if chance.random() < 0.7:
                model[name] = bytes(chance.choices(b"ab", k=chance.choice([0, 3, 9])))
        renew(source, model)
        sync(CONFIG, source, ROOT + "t", delete=True)
        assert stored(server, "t/") == model
        if model:
            sync(CONFIG, ROOT + "t", ROOT + "u", delete=True)
            assert stored(server, "u/") == model
            sync(CONFIG, ROOT + "u", tmp_path / "back", delete=True)
            assert read(tmp_path / "back") == model
        assert not [path for path in tmp_path.rglob(".*") if "s3open" in path.name]


def renew(folder: Path, files: dict[str, bytes]) -> None:
    """Have *folder* be *files*; what is the same is not touched."""
    for name, content in read(folder).items():
        if files.get(name) != content:
            (folder / name).unlink()
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    fill(folder, {k: v for k, v in files.items() if not (folder / k).exists()})
