"""The fault matrix: every operation x every request of it x every kind of fault.

After each the data is right, or the error is; the old object is whole; and nothing is
left behind. How many requests there are is found out by a clean run.
"""

from __future__ import annotations

import shutil
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.reading import pace
from s3open.s3 import endpoint, retry
from s3open.testing import Fault, S3Server
from tests.faults import leftovers
from tests.faults.kinds import CORE, KINDS, Kind
from tests.faults.leftovers import descriptors, is_idle, nothing_left
from tests.faults.operations import (
    BUCKET,
    KEY,
    OPERATIONS,
    PART,
    URI,
    Operation,
    StoppedError,
)
from tests.test_testing_support import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONFIG = s3open.Config(part_size=PART, connections=8, deadline=30.0)
# For what never goes away again.
HASTY = replace(CONFIG, attempts=3, deadline=0.02)

_CREATE, _ABORT = "CreateMultipartUpload", "AbortMultipartUpload"
_COMPLETE = "CompleteMultipartUpload"
_PUBLISHING = ("PutObject", _COMPLETE)


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    # MD5 takes longer than all the rest.
    with S3Server(md5_etags=False) as server, leftovers.only_new():
        yield server


@pytest.fixture
def server(
    running: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[S3Server]:
    leftovers.begin()
    running.reset()
    running.create_bucket(BUCKET)
    for name, value in running.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(endpoint, "_known", {})
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(retry, "pause", lambda failures: None)
    # Large files are read by threads, however fast this machine is.
    monkeypatch.setattr(pace, "_FAST", float("inf"))
    with nothing_left(running):
        yield running


@dataclass
class Outcome:
    """What came of one run."""

    result: bytes | None
    error: BaseException | None
    warnings: list[str]
    requests: Counter[str]
    hit: str = ""


def run(server: S3Server, operation: Operation, config: s3open.Config) -> Outcome:
    """Do it once, from the same beginning."""
    for verb in ("PutObject", _COMPLETE, endpoint.COPY):
        if operation.unknown:
            endpoint._known.pop((server.endpoint_url, verb), None)
        else:
            endpoint.remember(server.endpoint_url, verb, endpoint.Honours.YES)
    result, error = None, None
    with warnings.catch_warnings(record=True) as caught, server.counting() as seen:
        warnings.simplefilter("always")
        try:
            result = operation.run(config)
        except (OSError, StoppedError) as raised:
            error = raised.with_traceback(None)
    told = [str(each.message) for each in caught]
    return Outcome(result, error, told, seen.operations)


def requests_of(
    server: S3Server, operation: Operation, config: s3open.Config
) -> list[str]:
    """Return the requests of a run without a fault, in order."""
    operation.prepare(server)
    with server.counting() as seen:
        outcome = run(server, operation, config)
    judge(server, operation, Kind({}), outcome)
    return [record.operation for record in seen.records]


def is_one_of(content: bytes | None, right: list[bytes | None]) -> bool:
    """Compare without a word: pytest would show every byte."""
    return content in right


def judge(server: S3Server, operation: Operation, kind: Kind, outcome: Outcome) -> None:
    """Assert that what came of a run is right, if not what was wanted."""
    there = server.read(BUCKET, KEY) if server.keys(BUCKET) else None
    base = [operation.old] + ([kind.changed] if kind.changes else [])
    error = outcome.error
    if isinstance(error, StoppedError):
        assert operation.stopped
        assert is_one_of(there, base)
    elif error is None:
        assert not operation.stopped
        if operation.after is None:
            assert is_one_of(outcome.result, base)
            assert is_one_of(there, base)
        else:
            assert is_one_of(there, [operation.after(each) for each in base])
    else:
        _judge_error(operation, kind, error, there, base)
    _judge_recovery(operation, error)
    _judge_uploads(server, outcome)
    until(is_idle)


def _judge_error(
    operation: Operation,
    kind: Kind,
    error: BaseException,
    there: bytes | None,
    base: list[bytes | None],
) -> None:
    assert isinstance(error, s3open.S3Error)
    assert error.filename == URI
    assert repr(URI) in str(error)
    allowed = kind.errors
    if kind.changes:
        allowed = (s3open.ObjectChangedError, FileExistsError, FileNotFoundError)
    assert isinstance(error, allowed)
    whole = is_one_of(there, base)
    if not whole and error.ambiguous and operation.after is not None:
        # It says that it may have been published.
        whole = is_one_of(there, [operation.after(each) for each in base])
    assert whole
    if kind.changes:
        # Somebody else's is not overwritten.
        assert is_one_of(there, [kind.changed])


def _judge_recovery(operation: Operation, error: BaseException | None) -> None:
    folder = s3open.writing.recovery.directory()
    kept = sorted(folder.iterdir()) if folder.exists() else []
    if isinstance(error, s3open.PublishError) and error.recovery is not None:
        data, about = Path(error.recovery), Path(error.recovery).with_suffix(".json")
        assert kept == sorted([data, about])
        has_all = operation.written in data.read_bytes()
        assert has_all
        shutil.rmtree(folder)
    else:
        assert kept == []


def _judge_uploads(server: S3Server, outcome: Outcome) -> None:
    for upload in server.uploads(BUCKET):
        told = any(upload.upload_id in each for each in outcome.warnings)
        # Nobody knows its name: the answer that had it got lost.
        nameless = outcome.hit == _CREATE and not upload.parts
        # And a success that is none, and says nothing, is taken for one.
        assert told or nameless or outcome.hit == _ABORT
    server.forget_uploads(BUCKET)


def must_heal(kind: Kind, hit: str) -> bool:
    """Whether nobody is to notice a single fault of *kind* at a request *hit*."""
    if "flip_request" in kind.does and hit == _COMPLETE:
        # The list of parts has no checksum of its own.
        return False
    if kind.does.get("code") == "RequestTimeout" and hit == "HeadObject":
        # It has no body to say so, and 400 may mean anything.
        return False
    return kind.heals


def cell(
    server: S3Server,
    operation: Operation,
    kind: Kind,
    fault: Fault,
    config: s3open.Config,
) -> None:
    """Try one cell of the matrix."""
    before = descriptors(sockets=False)
    operation.prepare(server)
    with server.faulty(fault):
        outcome = run(server, operation, config)
    outcome.hit = fault.operation or ""
    judge(server, operation, kind, outcome)
    if fault.times == 1 and must_heal(kind, outcome.hit):
        assert outcome.error is None or operation.stopped
    assert descriptors(sockets=False) == before


def pairs(is_wanted: Callable[[Kind], bool]) -> list[tuple[str, str]]:
    """Return what is tried: variants of an operation meet the core of faults."""
    return [
        (operation, kind)
        for operation in OPERATIONS
        for kind in KINDS
        if is_wanted(KINDS[kind])
        and (kind in CORE or not OPERATIONS[operation].variant)
    ]


def faults(kind: Kind, requests: list[str], **changes: Any) -> Iterator[Fault]:
    """Yield a fault of *kind* for each of *requests*.

    Each is found by its operation, in whatever order threads send them.
    """
    for number, hit in enumerate(requests):
        yield Fault(hit, skip=requests[:number].count(hit), **kind.does, **changes)


@pytest.mark.parametrize(("operation", "kind"), pairs(lambda kind: not kind.stalls))
def test_a_fault_at_any_request_leaves_what_is_right(
    server: S3Server, operation: str, kind: str
) -> None:
    doing, wrong = OPERATIONS[operation], KINDS[kind]
    for fault in faults(wrong, requests_of(server, doing, CONFIG)):
        if wrong.damages and fault.operation == "GetObject":
            # A test of its own.
            continue
        cell(server, doing, wrong, fault, CONFIG)


@pytest.mark.parametrize(("operation", "kind"), pairs(lambda kind: kind.lasts))
def test_a_fault_that_stays_from_any_request_on_leaves_what_is_right(
    server: S3Server, operation: str, kind: str
) -> None:
    doing, wrong = OPERATIONS[operation], KINDS[kind]
    for fault in faults(wrong, requests_of(server, doing, CONFIG), times=None):
        cell(server, doing, wrong, fault, HASTY)


@pytest.fixture
def impatient(server: S3Server, transport: str) -> s3open.Config:
    """Give a configuration with timeouts that pass quickly."""
    import boto3
    import botocore.session
    from botocore.config import Config

    session = botocore.session.get_session()
    session.set_default_client_config(Config(read_timeout=0.08))
    return replace(CONFIG, session=boto3.Session(botocore_session=session))


@pytest.fixture(params=["wire", "boto3"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    transport: str = request.param
    monkeypatch.setenv("S3OPEN_TRANSPORT", transport)
    return transport


STALLING = ["read small", "read large", "write small", "write large"]
STALLING += ["create small", "append small", "append large", "patch large"]


@pytest.mark.parametrize("kind", [name for name in KINDS if KINDS[name].stalls])
@pytest.mark.parametrize("operation", STALLING)
def test_a_stall_at_any_request_ends(
    server: S3Server, impatient: s3open.Config, operation: str, kind: str
) -> None:
    doing, wrong = OPERATIONS[operation], KINDS[kind]
    for fault in faults(wrong, requests_of(server, doing, impatient)):
        cell(server, doing, wrong, fault, impatient)
    # Until its server forgets it, a stalled request has a connection.
    server.disconnect()


# Those whose result depends on every byte that comes down.
DEPENDING = [name for name in OPERATIONS if name.startswith("read")]
DEPENDING += ["append small", "patch small"]


@pytest.mark.xfail(
    not hasattr(s3open, "IntegrityError"),
    reason="downloads are not verified yet",
    strict=True,
)
@pytest.mark.parametrize("kind", [name for name in KINDS if KINDS[name].damages])
@pytest.mark.parametrize("operation", DEPENDING)
def test_a_bit_that_changes_on_its_way_down_is_noticed(
    server: S3Server, operation: str, kind: str
) -> None:
    doing, wrong = OPERATIONS[operation], KINDS[kind]
    for fault in faults(wrong, requests_of(server, doing, CONFIG)):
        if fault.operation == "GetObject":
            cell(server, doing, wrong, fault, CONFIG)
