"""Trees by other workers than threads, and trees that are too large to be held."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import tracemalloc
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from s3open.config import Config
from s3open.contract import Entry
from s3open.stores import folders, keys
from s3open.trees import duplicates
from s3open.trees.carrying import Carrying, carry_out
from s3open.trees.choices import Choices
from s3open.trees.copying import cp, mv
from s3open.trees.places import place
from s3open.trees.report import Report
from s3open.trees.syncing import sync
from s3open.trees.tasks import Task, Work
from tests.forest import BUCKET, CONFIG, ROOT, TREE, counts, fill, put, read, stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from s3open.testing import S3Server

pytestmark = pytest.mark.usefixtures("_private_recovery")


@pytest.fixture
def server(
    s3open_server: S3Server, s3open_bucket: str, _known_to_honour: None
) -> S3Server:
    return s3open_server


@pytest.fixture
def processes(server: S3Server) -> Iterator[ProcessPoolExecutor]:
    """Two processes that know nothing of this one but the environment."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        yield pool


def test_processes_do_the_work(
    server: S3Server, processes: ProcessPoolExecutor, tmp_path: Path
) -> None:
    files = {f"{number % 3}/{number:03}": b"%d" % number for number in range(200)}
    source = fill(tmp_path / "source", files)
    more: dict[str, Any] = {"executor": processes, "workers": 2}
    cp(CONFIG, source, ROOT + "t", recursive=True, **more)
    assert stored(server, "t/") == files
    report = Report()
    server.put(BUCKET, "t/../evil", b"bad")
    cp(CONFIG, ROOT + "t", tmp_path / "t", recursive=True, report=report, **more)
    assert counts(report) == {"copied": 200, "failures": 1}
    assert read(tmp_path / "t") == files
    server.delete(BUCKET, "t/../evil")
    (source / "0/000").write_bytes(b"other")
    assert counts(sync(CONFIG, source, ROOT + "t", **more)) == {
        "copied": 1,
        "skipped": 199,
    }
    mv(CONFIG, ROOT + "t", tmp_path / "moved", recursive=True, **more)
    assert stored(server, "t/") == {}
    mv(CONFIG, tmp_path / "moved", ROOT + "u", recursive=True, **more)
    assert not (tmp_path / "moved").exists()
    assert len(stored(server, "u/")) == 200


def test_an_executor_of_threads_does_the_work(server: S3Server, tmp_path: Path) -> None:
    source = fill(tmp_path / "source", TREE)
    with ThreadPoolExecutor(3) as pool:
        cp(CONFIG, source, ROOT + "t", recursive=True, executor=pool)
    assert stored(server, "t/") == TREE


def test_one_worker_needs_no_threads(server: S3Server, tmp_path: Path) -> None:
    source = fill(tmp_path / "source", TREE)
    cp(CONFIG, source, ROOT + "t", recursive=True, workers=1)
    assert stored(server, "t/") == TREE


def test_secrets_are_sent_nowhere(
    server: S3Server, processes: ProcessPoolExecutor, tmp_path: Path
) -> None:
    source = fill(tmp_path / "source", TREE)
    explicit = Config(
        access_key=server.access_key,
        secret_key=server.secret_key,
        endpoint_url=server.endpoint_url,
        region=server.region,
    )
    with pytest.raises(TypeError, match="use a profile or the environment"):
        cp(explicit, source, ROOT + "t", recursive=True, executor=processes)
    with pytest.raises(TypeError, match="sse_customer_key"):
        cp(
            CONFIG,
            source,
            ROOT + "t",
            recursive=True,
            executor=processes,
            sse_customer_key=b"0" * 32,
        )
    assert stored(server, "t/") == {}
    cp(explicit, source, ROOT + "t", recursive=True)
    assert stored(server, "t/") == TREE


def test_work_and_tasks_pickle_and_do_no_harm_twice(
    server: S3Server, tmp_path: Path
) -> None:
    put(server, "p/", TREE)
    work = Work(
        CONFIG, place(ROOT + "p/"), place(tmp_path / "t").directory(), Choices()
    )
    task = Task("b/c", "b/c", 5000)
    # Its hands, with their connections, stay behind.
    carrying = Carrying(work)
    first = carry_out(carrying, task)
    again = pickle.loads(pickle.dumps((carrying, task)))
    assert len(pickle.dumps(carrying)) < 2000
    assert carry_out(*again) == first
    assert pickle.loads(pickle.dumps(first)) == first
    assert read(tmp_path / "t") == {"b/c": TREE["b/c"]}


COUNT = 100_000
MOMENT = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Traced:
    """Traces what the last tenth of a listing makes grow; all of it takes long."""

    peak = 0

    def tracing(self, number: int) -> int:
        if number == COUNT * 9 // 10:
            tracemalloc.start()
        return number

    def stop(self) -> None:
        self.peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


@pytest.fixture
def traced() -> Traced:
    return Traced()


def test_100_000_keys_are_synced_in_flat_memory(
    monkeypatch: pytest.MonkeyPatch, server: S3Server, traced: Traced
) -> None:
    """Every tenth is missing, every tenth surplus; the rest has the same ETag."""

    def listed(config: Config, at: Any, **_: Any) -> Iterator[Entry]:
        missing = 1 if at.key == "to/" else 2
        for number in map(traced.tracing, range(COUNT)):
            if number % 10 != missing:
                name = f"{at.key}{number:06}"
                yield Entry(name, 3, MOMENT, f'"{number}"')

    removed: list[int] = []

    def remove_many(config: Config, at: Any, doomed: Any, **_: Any) -> Iterator[Any]:
        for one in doomed:
            removed.append(int(one.key.removeprefix("to/")))
            yield one, None

    def duplicate(*_: Any, **__: Any) -> None: ...

    monkeypatch.setattr(keys, "entries", listed)
    monkeypatch.setattr(keys, "remove_many", remove_many)
    monkeypatch.setattr(duplicates, "duplicate", duplicate)
    report = sync(CONFIG, ROOT + "from/", ROOT + "to/", delete=True, workers=4)
    traced.stop()
    tenth = COUNT // 10
    assert counts(report) == {
        "copied": tenth,
        "removed": tenth,
        "skipped": COUNT - 2 * tenth,
    }
    assert removed == [number for number in range(COUNT) if number % 10 == 2]
    assert traced.peak < 1 << 20


def test_100_000_files_of_this_machine_are_synced_in_flat_memory(
    monkeypatch: pytest.MonkeyPatch, server: S3Server, tmp_path: Path, traced: Traced
) -> None:
    def there(config: Config, at: Any, **_: Any) -> Iterator[Entry]:
        numbers = map(traced.tracing, range(COUNT))
        return (Entry(f"to/{number:06}", 3, MOMENT) for number in numbers)

    def here(path: str, **_: Any) -> Iterator[Entry]:
        return (Entry(f"{number:06}", 3, MOMENT) for number in range(COUNT))

    monkeypatch.setattr(keys, "entries", there)
    monkeypatch.setattr(folders, "entries", here)
    report = sync(CONFIG, ROOT + "to", os.fspath(tmp_path), delete=True, workers=4)
    traced.stop()
    assert counts(report) == {"skipped": COUNT}
    assert traced.peak < 1 << 20
