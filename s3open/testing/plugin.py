"""Fixtures for anybody's tests: an S3 that is empty before each of them.

| fixture | what a test is given |
| --- | --- |
| `s3open_server` | an empty `S3Server`; the environment leads AWS clients to it |
| `s3open_bucket` | the name of an empty bucket on it |
| `s3open_fault` | a function that arms a `Fault`, which ends with the test |
| `s3open_shape` | a function that makes the server slow until the test ends |

``@pytest.mark.s3open(bucket="data", versioned=True)`` says what bucket is wanted.

Installed with the package, hence loaded by every pytest run: it imports nothing until
a fixture is asked for. ``-p no:s3open`` leaves it out. With pytest-xdist each worker
has a server of its own.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3open.testing.faults import ArmedFault
    from s3open.testing.server import S3Server

BUCKET = "s3open-test"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "s3open(bucket=NAME, versioned=False, lock=False): "
        "which bucket s3open_bucket is to make",
    )


@pytest.fixture(scope="session")
def _s3open_session_server() -> Iterator[S3Server]:
    from s3open.testing.server import S3Server

    with S3Server() as server:
        yield server


@pytest.fixture
def s3open_server(
    _s3open_session_server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> S3Server:
    """Give an empty S3 server, which the environment leads AWS clients to.

    What was on it, all faults, denials and counts of tests before are gone. Nothing of
    the user's configuration counts: no profile, no credentials, no other endpoint. What
    cannot be published is kept in pytest's own folder, unless XDG_STATE_HOME is set.
    """
    from s3open.testing.environment import MISLEADING

    server = _s3open_session_server
    server.reset()
    for name in (*MISLEADING, "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    if "XDG_STATE_HOME" not in os.environ:
        state = tmp_path_factory.getbasetemp() / "s3open-state"
        monkeypatch.setenv("XDG_STATE_HOME", os.fspath(state))
    boto3 = sys.modules.get("boto3")
    if boto3 is not None:
        # `boto3.client` would go on with whom it was made for.
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return server


@pytest.fixture
def s3open_bucket(request: pytest.FixtureRequest, s3open_server: S3Server) -> str:
    """Give the name of an empty bucket on `s3open_server`, as the marker wants it."""
    marker = request.node.get_closest_marker("s3open")
    wanted = {"bucket": BUCKET, **(marker.kwargs if marker else {})}
    name: str = wanted.pop("bucket")
    s3open_server.create_bucket(name, **wanted)
    return name


@pytest.fixture
def s3open_fault(s3open_server: S3Server) -> Iterator[Callable[..., ArmedFault]]:
    """Give a function that has requests go wrong: its arguments are those of `Fault`.

    It returns the `ArmedFault`, whose *fired* counts and whose ``remove()`` ends it.
    """
    from s3open.testing.faults import Fault

    armed = []

    def arm(operation: str | None = None, **options: object) -> ArmedFault:
        # Whoever mistypes an option hears of it from Fault.
        fault: Callable[..., Fault] = Fault
        armed.append(s3open_server.fault(fault(operation, **options)))
        return armed[-1]

    yield arm
    for each in armed:
        each.remove()


@pytest.fixture
def s3open_shape(s3open_server: S3Server) -> Iterator[Callable[..., None]]:
    """Give a function that makes the server slow: its arguments are those of `Shape`.

    Called again, without arguments, it is as fast as it goes.
    """
    from s3open.testing.sockets import Shape

    def shape(latency: float = 0.0, bandwidth: float | None = None) -> None:
        s3open_server.shape = Shape(latency, bandwidth)

    yield shape
    shape()
