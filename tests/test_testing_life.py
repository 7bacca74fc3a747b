"""How the test server comes to life, alone and as a process."""

from __future__ import annotations

import http.client
import io
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from s3open.testing import S3Server, ServerProcess, Shape, synthetic_bytes
from s3open.testing.__main__ import main
from tests.test_testing_support import child_environment

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with S3Server(anonymous=True) as server:
        yield server


@pytest.fixture
def server(running: S3Server) -> S3Server:
    running.reset()
    running.create_bucket("box")
    running.put("box", "k", b"data")
    return running


def read_answer(sock: socket.socket) -> tuple[int, bytes]:
    answer = http.client.HTTPResponse(sock)
    try:
        answer.begin()
        return answer.status, answer.read()
    finally:
        answer.close()


def test_a_server_starts_and_stops_and_starts_again() -> None:
    server = S3Server(anonymous=True)
    server.create_bucket("box")
    for attribute in ("port", "endpoint_url"):
        with pytest.raises(RuntimeError):
            getattr(server, attribute)
    before = threading.active_count()
    for _ in range(2):
        server.start()
        with pytest.raises(RuntimeError):
            server.start()
        with socket.create_connection((server.host, server.port)) as sock:
            sock.sendall(b"GET /box HTTP/1.1\r\nHost: x\r\n\r\n")
            assert read_answer(sock)[0] == 200
            server.stop()
            assert sock.recv(1) == b""
        server.stop()
    assert threading.active_count() == before
    server.reset()


def test_a_port_can_be_asked_for() -> None:
    with S3Server() as first:
        port = first.port
        with pytest.raises(OSError, match="in use"):
            S3Server(port=port).start()
    with S3Server(port=port) as second:
        assert second.endpoint_url == f"http://127.0.0.1:{port}"


def client_from(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return boto3.session.Session().client(
        "s3", config=Config(retries={"max_attempts": 0})
    )


def test_the_environment_leads_to_the_server(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_from(server.environment(), monkeypatch)
    assert client.get_object(Bucket="box", Key="k")["Body"].read() == b"data"
    assert server.environment()["AWS_CONFIG_FILE"] == os.devnull


def test_a_server_can_be_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    process = ServerProcess(
        region="eu-west-1",
        buckets=["box"],
        synthetic={"box/a/b": 1_000_000},
        md5_etags=False,
        shape=Shape(latency=0.001, bandwidth=1e9),
    )
    with pytest.raises(RuntimeError):
        process.environment()
    with process:
        client = client_from(process.environment(), monkeypatch)
        got = client.get_object(Bucket="box", Key="a/b", Range="bytes=5-9")
        assert got["Body"].read() == synthetic_bytes(range(5, 10))
        assert process.pid > 0
    with pytest.raises(RuntimeError):
        process.pid  # noqa: B018 - the property raises
    with pytest.raises(RuntimeError):
        process.endpoint_url  # noqa: B018 - likewise
    process.stop()


def test_a_process_that_cannot_start_says_so(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(RuntimeError, match="did not start"):
        ServerProcess(buckets=["Not A Name"]).start()
    assert "Not A Name" in capfd.readouterr().err


def test_the_command_prints_what_to_export(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    flags = ["--bucket=box", "--synthetic=box/a/b=100", "--anonymous"]
    main(["--until-end-of-input", "--region=eu-west-1", *flags])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("http://127.0.0.1:")
    assert f"export AWS_ENDPOINT_URL_S3={lines[0]}" in lines
    assert "export AWS_DEFAULT_REGION=eu-west-1" in lines


def test_the_command_serves_until_interrupted() -> None:
    environment = child_environment()
    with subprocess.Popen(
        [sys.executable, "-m", "s3open.testing", "--anonymous"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    assert process.returncode == 0


def test_package_and_plug_in_are_cheap_to_import() -> None:
    code = (
        "import sys, s3open.testing, s3open.testing.plugin; "
        "print([m for m in ('boto3', 's3open.testing.server') if m in sys.modules])"
    )
    environment = child_environment()
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True
    )
    assert done.stdout.strip() == b"[]"


def test_the_package_has_what_it_promises() -> None:
    import s3open.testing

    for name in s3open.testing.__all__:
        assert getattr(s3open.testing, name).__name__ == name
    with pytest.raises(AttributeError):
        s3open.testing.nothing  # type: ignore[attr-defined]  # noqa: B018
