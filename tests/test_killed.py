"""Programs that are interrupted, or killed, in the middle of any request they make.

Real processes, and real signals, sent at the moment at which the server has received
the request and has not carried it out yet.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open.testing import Fault, S3Server
from s3open.testing.errors import RefusalError
from s3open.writing import kept as keeping
from s3open.writing import recovery
from tests.fakes import pattern
from tests.stores import open_any

if TYPE_CHECKING:
    from pathlib import Path

    from s3open import Recovered

MIB = 1 << 20
BUCKET = "s3open-test"
KEY = "k"

PROGRAM = """
import os, signal, sys
import s3open
from tests.fakes import pattern

kind, ending = sys.argv[1:]
signal.signal(signal.SIGINT, signal.default_int_handler)
if ending == "SystemExit":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
MIB = 1 << 20
mode, size = {
    "small": ("wb", 1000),
    "parts": ("wb", 12 * MIB),
    "exclusive": ("xb", 1000),
    "exclusive parts": ("xb", 12 * MIB),
    "append": ("ab", 1000),
    "append to large": ("ab", 6 * MIB),
    "patch": ("r+b", 1000),
    "patch of large": ("r+b", 1000),
    "left open": ("wb", 22 * MIB),
}[kind]
config = s3open.Config(part_size=5 * MIB, memory=2 * MIB)
file = s3open.open("s3://s3open-test/k", mode, config=config)
data = pattern(size, seed=1)
for start in range(0, size, MIB):
    file.write(data[start : start + MIB])
if kind != "left open":
    file.close()
"""

OLD = {
    "append": pattern(100),
    "append to large": pattern(12 * MIB),
    "patch": pattern(2000),
    "patch of large": pattern(12 * MIB),
    "small": pattern(100),
    "parts": pattern(100),
}
SIZE = {
    "parts": 12 * MIB,
    "exclusive parts": 12 * MIB,
    "append to large": 6 * MIB,
    "left open": 22 * MIB,
}
# The requests that each makes. The last one is what publishes.
PARTS = ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]
COPIES = [*PARTS[:2], "UploadPartCopy", PARTS[2]]
REQUESTS = {
    "small": ["PutObject"],
    "parts": PARTS,
    "exclusive": ["HeadObject", "PutObject"],
    "exclusive parts": ["HeadObject", *PARTS],
    "append": ["HeadObject", "GetObjectTagging", "PutObject"],
    "append to large": ["HeadObject", "GetObjectTagging", *COPIES],
    "patch": ["GetObject", "GetObjectTagging", "PutObject"],
    "patch of large": ["GetObject", "GetObjectTagging", *COPIES],
}
EVERY = [(kind, request) for kind, requests in REQUESTS.items() for request in requests]
# How a program ends: what it is sent, and what it exits with.
ENDINGS = {
    "SIGINT": (signal.SIGINT, {-signal.SIGINT}),
    "SystemExit": (signal.SIGTERM, {3}),
    "SIGTERM": (signal.SIGTERM, {-signal.SIGTERM}),
    "SIGKILL": (signal.SIGKILL, {-signal.SIGKILL}),
    "exit": (0, {0}),
}


@dataclass(frozen=True)
class End:
    """What a program has left behind."""

    content: bytes | None
    kept: list[Recovered]
    stderr: str


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> S3Server:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    return s3open_server


class Struck:
    """A program that is sent *number* when the server has its request.

    Where that *waits*, the program has ended before the request is carried out; it
    never is where that *refuses*.
    """

    def __init__(
        self, arguments: list[str], number: int, *, waits: bool, refuses: bool
    ) -> None:
        self._arguments = arguments
        self._number = number
        self._waits = waits
        self._refuses = refuses
        self._started = threading.Event()
        self._process: subprocess.Popen[str] | None = None

    def strike(self, server: S3Server) -> None:
        """Send the signal."""
        self._started.wait(30)
        assert self._process is not None
        self._process.send_signal(self._number)
        if self._waits:
            self._process.wait(30)
        if self._refuses:
            raise RefusalError("InternalError")

    def run(self) -> tuple[int, str]:
        """Return what the program exits with, and what it has said of it."""
        self._process = subprocess.Popen(
            self._arguments,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            },
        )
        self._started.set()
        with self._process as process:
            assert process.stderr is not None
            told = process.stderr.read()
        return process.returncode, told


def run(
    server: S3Server, kind: str, request: str, ending: str, *, refuses: bool = True
) -> End:
    """Run the program *kind*, have it end so at its first *request*."""
    number, codes = ENDINGS[ending]
    dies = ending.startswith("SIG") and ending != "SIGINT"
    # Who waits for an answer in the main thread is interrupted there, at once.
    publishes = request in ("PutObject", "CompleteMultipartUpload")
    struck = Struck(
        [sys.executable, "-c", PROGRAM, kind, ending],
        number,
        waits=dies or publishes,
        refuses=publishes and refuses,
    )
    # What the store honours is found out by a first write, which is none.
    skip = int(request in ("PutObject", PARTS[-1]) and kind not in ("small", "parts"))
    with server.faulty(
        Fault(operation=request, key=KEY, skip=skip, before=struck.strike)
    ) as fault:
        code, told = struck.run()
    assert fault.fired == 1, told
    assert code in codes, told
    temporary = os.environ["TMPDIR"]
    assert os.listdir(temporary) == []
    folder = recovery.directory()
    files = sorted(path.suffix for path in folder.iterdir()) if folder.exists() else []
    kept = s3open.recover()
    assert files == sorted([".data", ".json"] * len(kept))
    there = server.read(BUCKET, KEY) if KEY in server.keys(BUCKET) else None
    return End(there, kept, told)


def written(kind: str) -> bytes:
    return pattern(SIZE.get(kind, 1000), seed=1)


def new(kind: str) -> bytes:
    """Return what the object is when the program's file was published."""
    data, old = written(kind), OLD.get(kind, b"")
    if kind.startswith("append"):
        return old + data
    return data + old[len(data) :] if kind.startswith("patch") else data


def recovered(kept: Recovered, old: bytes) -> bytes:
    """Return what the object would be if *kept* was published."""
    with open(kept.path, "rb") as file:
        content = file.read()
    if kept.partial or kept.condition == "append":
        # In all of these the program writes at one end.
        size = 1000
        return (
            old + content[len(old) :]
            if kept.condition == "append"
            else content[:size] + old[size:]
        )
    return content


@pytest.mark.parametrize("ending", ["SIGTERM", "SIGKILL"])
@pytest.mark.parametrize(("kind", "request_"), EVERY)
def test_who_is_killed_leaves_the_old_object_or_the_new_one(
    server: S3Server, kind: str, request_: str, ending: str
) -> None:
    if kind in OLD:
        server.put(BUCKET, KEY, OLD[kind])
    end = run(server, kind, request_, ending)
    assert end.content == OLD.get(kind)
    # There was nobody to keep anything.
    assert end.kept == []


@pytest.mark.parametrize("ending", ["SIGKILL", "SIGINT"])
@pytest.mark.parametrize("kind", REQUESTS)
def test_what_the_store_has_received_it_carries_out_or_not(
    server: S3Server, kind: str, ending: str
) -> None:
    old = OLD.get(kind)
    if old is not None:
        server.put(BUCKET, KEY, old)
    end = run(server, kind, REQUESTS[kind][-1], ending, refuses=False)
    assert end.content in (old, new(kind))
    assert [recovered(kept, old or b"") for kept in end.kept] == [new(kind)] * (
        ending == "SIGINT"
    )


@pytest.mark.parametrize("ending", ["SIGINT", "SystemExit"])
@pytest.mark.parametrize(("kind", "request_"), EVERY)
def test_who_is_interrupted_loses_nothing(
    server: S3Server, kind: str, request_: str, ending: str
) -> None:
    old = OLD.get(kind)
    if old is not None:
        server.put(BUCKET, KEY, old)
    end = run(server, kind, request_, ending)
    assert end.content == old
    if REQUESTS[kind].index(request_) == 0 and kind not in ("small", "parts"):
        assert end.kept == []  # It was being opened.
        return
    if request_ != "CreateMultipartUpload":
        # Nobody knows the id of one whose answer did not come.
        pending = {upload.upload_id for upload in server.uploads(BUCKET)}
        assert pending <= {kept.upload for kept in keeping.found()}
    (kept,) = end.kept
    result = recovered(kept, old or b"")
    if request_ in ("CreateMultipartUpload", "UploadPart") and "parts" in kind:
        # It was still being written.
        assert new(kind).startswith(result)
    else:
        assert result == new(kind)
        kept.publish()
        assert server.read(BUCKET, KEY) == new(kind)
    assert "UnpublishedWarning" in end.stderr
    assert kept.path in end.stderr


@pytest.mark.parametrize("ending", ["SIGINT", "SystemExit"])
def test_who_is_interrupted_while_he_appends_again_loses_nobodys_bytes(
    server: S3Server, ending: str
) -> None:
    server.put(BUCKET, KEY, b"one ")
    # Somebody else was first; the second try is behind his bytes.
    other = Fault(
        operation="PutObject",
        key=KEY,
        skip=1,
        before=lambda server: server.put(BUCKET, KEY, b"one two "),
    )
    with server.faulty(other) as overtaken:
        end = run(server, "append", "PutObject", ending)
    assert overtaken.fired == 1
    assert end.content == b"one two "
    (kept,) = end.kept
    assert kept.ambiguous
    with pytest.raises(s3open.ObjectChangedError):
        kept.publish()
    kept.publish(force=True)
    assert server.read(BUCKET, KEY) == b"one two " + written("append")


def test_who_exits_with_a_large_file_open_loses_none_of_it(server: S3Server) -> None:
    # All but the last part have been sent, or are being sent, and no file is closed.
    end = run(server, "left open", "UploadPart", "exit")
    (kept,) = end.kept
    (upload,) = server.uploads(BUCKET)
    assert upload.upload_id in end.stderr
    with open(kept.path, "rb") as file:
        assert file.read() == written("left open")
    kept.publish()
    assert server.read(BUCKET, KEY) == written("left open")
    assert server.uploads(BUCKET) == []


@pytest.mark.parametrize("mode", ["wb", "ab"])
@pytest.mark.parametrize("ending", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_a_recovery_that_is_killed_is_begun_again(
    server: S3Server, mode: str, ending: str
) -> None:
    server.put(BUCKET, KEY, b"one ")
    file = open_any(f"s3://{BUCKET}/{KEY}", mode)
    file.write(b"two")
    with pytest.warns(s3open.UnpublishedWarning):
        del file
    (before,) = s3open.recover()
    command = [sys.executable, "-m", "s3open", "recover", "publish", "--all"]
    struck = Struck(command, ENDINGS[ending][0], waits=True, refuses=True)
    fault = Fault(operation="PutObject", key=KEY, before=struck.strike)
    with server.faulty(fault) as fired:
        code, told = struck.run()
    assert fired.fired == 1
    assert code in {-ENDINGS[ending][0], 130}, told
    assert server.read(BUCKET, KEY) == b"one "
    (after,) = s3open.recover()
    assert after.path == before.path
    # Nobody lived to say whether it was appended; but the object is the same still.
    assert after.ambiguous == (mode == "ab")
    after.publish()
    assert server.read(BUCKET, KEY) == {"wb": b"two", "ab": b"one two"}[mode]
