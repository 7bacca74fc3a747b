"""The stores that the contract is kept on, and what reaches them.

A test that takes `store` runs once on every store, local files among them; one that
takes `s3` on those that speak S3. A real server takes part when the environment names
one: S3OPEN_TEST_ENDPOINT, S3OPEN_TEST_ACCESS_KEY, S3OPEN_TEST_SECRET_KEY, and for a
second user of it S3OPEN_TEST_OTHER_ACCESS_KEY and S3OPEN_TEST_OTHER_SECRET_KEY.
"""

from __future__ import annotations

import logging
import os
import signal
from typing import TYPE_CHECKING

import pytest

from s3open.s3 import endpoint
from tests.stores import Endpoint, LocalStore, S3Store, Store, client_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from s3open import FileSystem
    from s3open.testing import S3Server

_REAL = [
    os.environ.get(f"S3OPEN_TEST_{name}")
    for name in ("ENDPOINT", "ACCESS_KEY", "SECRET_KEY")
]
_OTHER = tuple(
    os.environ.get(f"S3OPEN_TEST_OTHER_{name}", "")
    for name in ("ACCESS_KEY", "SECRET_KEY")
)
# These forget everything when they stop, so nobody has to clean up.
IN_MEMORY = ["s3open", "moto"]
# Our own server is reached both ways; the others by the wire, as it is the default.
OVER_BOTO3 = "+boto3"
S3_KINDS = ["s3open", f"s3open{OVER_BOTO3}", "moto"] + ["ceph"] * all(_REAL)


def pytest_configure() -> None:
    # What was started in the background of a script ignores it, and so would the
    # programs that tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _no_traces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep out of the user's own folder what tests and their programs leave behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", os.fspath(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def s3open_endpoint() -> Iterator[Endpoint]:
    from s3open.testing import S3Server

    other = "other", "other-secret"
    with S3Server() as server:
        server.add_credentials(*other, owner="other")
        yield Endpoint.at(
            "s3open", server.endpoint_url, server.access_key, server.secret_key, other
        )


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[Endpoint]:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Endpoint.at("moto", f"http://{host}:{port}", "testing", "testing")
    server.stop()


@pytest.fixture(scope="session")
def ceph_endpoint() -> Endpoint:
    url, access_key, secret_key = map(str, _REAL)
    access, secret = _OTHER
    other = (access, secret) if access and secret else None
    return Endpoint.at("ceph", url, access_key, secret_key, other)


@pytest.fixture
def _private_recovery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep recovery files in the test's own folder."""
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(tmp_path / "state"))


@pytest.fixture
def _known_to_honour(s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have it known that the server honours conditions: the first write asks nothing.

    Finding it out costs requests once an endpoint, and is tested by itself.
    """
    for verb in ("PutObject", "CompleteMultipartUpload", endpoint.COPY):
        known = (s3open_server.endpoint_url, verb)
        monkeypatch.setitem(endpoint._known, known, endpoint.Honours.YES)


@pytest.fixture(params=["wire", "boto3"])
def _each_transport(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Speak to the store in each of the ways in which that is done."""
    monkeypatch.setenv("S3OPEN_TRANSPORT", request.param)


@pytest.fixture
def twin(tmp_path: Path) -> LocalStore:
    """Local files to be opened by builtin open, for comparison."""
    return LocalStore(tmp_path / "twin")


@pytest.fixture(params=S3_KINDS)
def s3(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    _private_recovery: None,
) -> Iterator[S3Store]:
    """Every store that speaks S3, with an empty bucket."""
    yield from _bucket(request, monkeypatch, request.param)


@pytest.fixture(params=["local", *S3_KINDS])
def store(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    _private_recovery: None,
) -> Iterator[Store]:
    """Every store, empty."""
    if request.param == "local":
        yield LocalStore(tmp_path / "store")
    else:
        yield from _bucket(request, monkeypatch, request.param)


@pytest.fixture
def other(s3: S3Store) -> tuple[FileSystem, str]:
    """A second user of the store: what reaches it as them, and their canonical id."""
    from s3open import FileSystem

    at = s3.endpoint
    if at.other is None:
        pytest.skip(f"{s3.kind} has one user only")
    client = client_at(at.url, *at.other, at.region)
    owner: str = client.list_buckets()["Owner"]["ID"]
    access_key, secret_key = at.other
    reached = FileSystem(
        access_key=access_key,
        secret_key=secret_key,
        endpoint_url=at.url,
        region=at.region,
    )
    return reached, owner


def _bucket(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str
) -> Iterator[S3Store]:
    server = kind.removesuffix(OVER_BOTO3)
    endpoint: Endpoint = request.getfixturevalue(f"{server}_endpoint")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in endpoint.environment().items():
        monkeypatch.setenv(name, value)
    if server != kind:
        monkeypatch.setenv("S3OPEN_TRANSPORT", "boto3")
    bucket = S3Store(endpoint)
    yield bucket
    if server not in IN_MEMORY:
        bucket.remove()
