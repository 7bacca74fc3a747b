"""Trees that a cluster of Dask's copies and syncs, also from the command line.

The workers have a key of their own, so the server knows who has asked.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from s3open.testing import Fault, S3Server
from s3open.trees.copying import cp, mv
from s3open.trees.report import Report
from s3open.trees.syncing import sync
from tests.consumers.clusters import cluster
from tests.forest import BUCKET, CONFIG, ROOT, counts, fill, put, read, stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What it does not close at its end is not ours.
pytestmark = [
    pytest.mark.usefixtures("_private_recovery"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FILES = {f"{number % 3}/{number:03}": b"%d" % number for number in range(150)}


@pytest.fixture(scope="module")
def store() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture(scope="module")
def client(store: S3Server) -> Iterator[Any]:
    environment = {**store.environment(), "AWS_ACCESS_KEY_ID": "worker"}
    with cluster(**environment) as client:
        yield client


@pytest.fixture
def server(store: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    store.reset()
    store.create_bucket(BUCKET)
    store.add_credentials("worker", store.secret_key)
    for name, value in store.environment().items():
        monkeypatch.setenv(name, value)
    return store


def asked_by(server: S3Server, operation: str) -> set[str]:
    """Return whose keys the requests of one kind were signed with."""
    return {
        each.headers["authorization"].partition("Credential=")[2].partition("/")[0]
        for each in server.requests
        if each.operation == operation
    }


def test_a_cluster_copies_syncs_and_moves(
    client: Any, server: S3Server, tmp_path: Path
) -> None:
    more: dict[str, Any] = {"executor": client.get_executor(), "workers": 4}
    source = fill(tmp_path / "source", FILES)
    cp(CONFIG, source, ROOT + "t", recursive=True, **more)
    assert stored(server, "t/") == FILES
    assert asked_by(server, "PutObject") == {"worker"}
    (source / "0/000").write_bytes(b"other")
    assert counts(sync(CONFIG, source, ROOT + "t", **more)) == {
        "copied": 1,
        "skipped": len(FILES) - 1,
    }
    put(server, "t/", {"../evil": b"bad"})
    report = Report()
    cp(CONFIG, ROOT + "t", tmp_path / "t", recursive=True, report=report, **more)
    assert counts(report) == {"copied": len(FILES), "failures": 1}
    assert read(tmp_path / "t") == read(source)
    assert asked_by(server, "GetObject") == {"worker"}
    server.delete(BUCKET, "t/../evil")
    mv(CONFIG, ROOT + "t", ROOT + "u", recursive=True, **more)
    assert stored(server, "t/") == {}
    assert stored(server, "u/") == read(source)
    assert asked_by(server, "CopyObject") == {"worker"}


def test_what_a_dead_worker_had_another_does(
    client: Any, server: S3Server, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill(_: S3Server) -> None:
        killed.append(next(iter(client.run(os.getpid).values())))
        os.kill(killed[0], signal.SIGKILL)

    source = fill(tmp_path / "source", FILES)
    server.fault(Fault(operation="PutObject", skip=20, before=kill))
    more: dict[str, Any] = {"executor": client.get_executor(), "workers": 4}
    report = cp(CONFIG, source, ROOT + "t", recursive=True, **more)
    assert killed
    assert counts(report) == {"copied": len(FILES)}
    assert stored(server, "t/") == FILES


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "s3open", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_command_has_a_cluster_do_it(
    client: Any, server: S3Server, tmp_path: Path
) -> None:
    source, back = fill(tmp_path / "source", FILES), tmp_path / "back"
    address = ("--dask", client.cluster.scheduler_address)
    assert address[1].startswith("tcp://")
    done = command("sync", f"{source}", ROOT + "t", *address)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.splitlines()) == sorted(
        f"upload: {source}/{name} to {ROOT}t/{name}" for name in FILES
    )
    assert asked_by(server, "PutObject") == {"worker"}
    assert stored(server, "t/") == FILES
    assert command("sync", f"{source}", ROOT + "t", *address).stdout == ""
    server.put(BUCKET, "t/../evil", b"bad")
    done = command("cp", "-r", ROOT + "t", f"{back}", "-q", *address)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"s3open: {ROOT}t/../evil: ")
    assert len(done.stderr.splitlines()) == 1
    assert read(back) == FILES
    server.delete(BUCKET, "t/../evil")
    done = command("mv", "-r", ROOT + "t", ROOT + "u", "-q", *address)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert stored(server, "u/") == FILES


def test_a_cluster_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    done = command("cp", "a", "b", "--dask", "tcp://127.0.0.1:1")
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr
