"""Nothing hangs, nothing gives up too soon: slow answers, throttling, no answer."""

from __future__ import annotations

import gc
import socket
import time
import warnings
from typing import TYPE_CHECKING

import boto3
import botocore.session
import pytest
from botocore.config import Config as BotoConfig

import s3open
from s3open.reading import pace
from s3open.s3 import clients, retry
from s3open.testing import Fault, S3Server, Shape, synthetic_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB = 1 << 20
BUCKET = "s3open-test"
URI = f"s3://{BUCKET}/file"


@pytest.fixture(autouse=True)
def _forgotten_clients() -> Iterator[None]:
    """Close what boto3 keeps of stores that are gone: nobody else does."""
    yield
    clients._verbs.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def pauses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, _known_to_honour: None
) -> list[int]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    made: list[int] = []
    monkeypatch.setattr(retry, "pause", made.append)
    return made


def test_an_answer_that_trickles_is_taken_up_elsewhere(
    s3open_server: S3Server, s3open_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3OPEN_TRANSPORT", "wire")
    monkeypatch.setattr(retry, "pause", lambda failures: None)
    session = botocore.session.get_session()
    session.set_default_client_config(BotoConfig(read_timeout=0.1))
    config = s3open.Config(session=boto3.Session(botocore_session=session))
    s3open_server.synthetic(BUCKET, "file", 200_000)
    s3open_server.shape = Shape(bandwidth=200_000)
    with s3open_server.counting() as seen:
        with s3open.open(URI, "rb", config=config) as file:
            assert file.read() == synthetic_bytes(range(200_000))
    assert 1 < seen.total <= 12
    # Each goes on where the one before had come to.
    starts = [int(str(each.range)[6:].partition("-")[0]) for each in seen.records]
    assert starts == sorted(set(starts))


def test_many_connections_outlast_a_store_that_asks_to_slow_down(
    s3open_server: S3Server,
    s3open_bucket: str,
    pauses: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "_FAST", float("inf"))
    # So many refusals would be too many failures of any other kind.
    fault = Fault(status=503, probability=0.7, times=None)
    content = synthetic_bytes(range(40 * MIB))
    config = s3open.Config(part_size=5 * MIB, connections=32, attempts=1)
    with s3open_server.faulty(fault):
        with s3open.open(URI, "wb", config=config) as file:
            file.write(content)
        with s3open.open(URI, "rb", config=config) as file:
            is_right = file.read() == content
    assert is_right
    assert len(pauses) > 10


@pytest.mark.usefixtures("_each_transport")
@pytest.mark.parametrize("mode", ["rb", "wb", "xb", "ab"])
def test_a_store_that_never_stops_asking_is_told_at_the_deadline(
    s3open_server: S3Server, s3open_bucket: str, pauses: list[int], mode: str
) -> None:
    config = s3open.Config(deadline=0.05)
    begun = time.monotonic()
    with s3open_server.faulty(Fault(status=503, times=None)):
        with pytest.raises(TimeoutError) as caught:
            with s3open.open(URI, mode, config=config):
                pass
    assert isinstance(caught.value, s3open.S3Error)
    assert caught.value.passing
    assert caught.value.filename == URI
    assert time.monotonic() - begun < 10


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


@pytest.mark.usefixtures("_each_transport")
@pytest.mark.parametrize("mode", ["rb", "wb", "xb", "ab"])
def test_a_host_that_was_never_there_is_told_soon(
    s3open_server: S3Server, pauses: list[int], mode: str
) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    here = s3open.FileSystem(endpoint_url=url)
    with pytest.raises(ConnectionError) as caught:
        with here.open(URI, mode):
            pass
    assert isinstance(caught.value, s3open.S3Error)
    assert caught.value.unreachable
    assert not caught.value.ambiguous
    assert caught.value.filename == URI
    assert url.removeprefix("http://") in str(caught.value)
    assert pauses == [1, 2, 3]


def test_a_store_that_goes_away_is_waited_for(pauses: list[int]) -> None:
    with S3Server() as server:
        server.create_bucket(BUCKET)
        server.synthetic(BUCKET, "file", 3 * MIB)
        here = s3open.FileSystem(
            endpoint_url=server.endpoint_url,
            region=server.region,
            access_key=server.access_key,
            secret_key=server.secret_key,
            deadline=0.3,
            attempts=2,
            connections=1,
        )
        file = here.open(URI, "rb")
        assert file.read(MIB) == synthetic_bytes(range(MIB))
    with file, pytest.raises(ConnectionError) as caught:
        file.read()
    assert isinstance(caught.value, s3open.S3Error)
    assert caught.value.passing
    assert len(pauses) > 2
