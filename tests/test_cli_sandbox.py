"""The sandbox: what it tells, whom it serves, and how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from s3open.cli import main
from s3open.cli import sandbox as tested
from s3open.testing import S3Server, Shape
from tests.cli_flags import shows

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "s3open", "sandbox"]
# What a program finds in a sandbox: the buckets, and who may look at them.
LOOK = """
import os, s3open
print(sorted(each.name for each in s3open.buckets()))
print(os.environ.get("AWS_PROFILE"), os.environ["AWS_ENDPOINT_URL"][:17])
"""


@contextlib.contextmanager
def serving(*flags: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([*COMMAND, *flags], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def client_for(variables: dict[str, str]) -> Any:
    return boto3.session.Session(
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
    ).client("s3", endpoint_url=variables["AWS_ENDPOINT_URL"])


def exported(process: subprocess.Popen[str]) -> dict[str, str]:
    """Return what the lines would export; they end with what they unset."""
    assert process.stdout is not None
    found = {}
    for line in process.stdout:
        word, *rest = shlex.split(line)
        if word == "unset":
            assert {"AWS_PROFILE", "AWS_SESSION_TOKEN"} < set(rest)
            break
        [(name, _, value)] = [each.partition("=") for each in rest]
        found[name] = value
    return found


@shows("region")
def test_it_prints_what_to_export_and_serves_until_interrupted() -> None:
    with serving("--bucket", "one,s3://two/", "--region", "eu-north-1") as process:
        variables = exported(process)
        client = client_for(variables)
        names = [each["Name"] for each in client.list_buckets()["Buckets"]]
        assert names == ["one", "two"]
        assert variables["AWS_DEFAULT_REGION"] == "eu-north-1"
        assert variables["AWS_ENDPOINT_URL_S3"] == variables["AWS_ENDPOINT_URL"]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


@shows("port", "json", "versioned")
def test_programs_read_json_and_choose_the_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    flags = ["--json", "--port", str(port), "--bucket", "one", "--versioned"]
    with serving(*flags) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["endpoint_url"] == f"http://127.0.0.1:{port}"
        assert told["buckets"] == ["one"]
        client = client_for(told["environment"])
        assert client.get_bucket_versioning(Bucket="one")["Status"] == "Enabled"


def test_a_command_runs_in_it_and_its_code_is_ours(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    code = main(["sandbox", "--bucket", "one", "--", sys.executable, "-c", LOOK])
    out, err = capfd.readouterr()
    assert (code, err) == (0, "")
    assert out == "['one']\nNone http://127.0.0.1:\n"
    # Its flags are its own, and so is a second "--".
    assert main(["sandbox", "--", "echo", "-n", "--json", "--", "x"]) == 0
    assert capfd.readouterr().out == "--json -- x"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["sh", "-c", "exit 7"], 7),
        (["sh", "-c", "kill -9 $$"], 128 + 9),
        (["no-such-program"], 127),
        (["/"], 126),
    ],
)
def test_it_ends_as_the_command_does(words: list[str], code: int) -> None:
    assert main(["sandbox", "--", *words]) == code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_decides_what_a_signal_does(number: signal.Signals) -> None:
    """A terminal interrupts both; who ends the sandbox alone ends the command too."""
    program = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(5))\n"
        "print('ready', flush=True)\n"
        "signal.pause()\n"
    )
    with subprocess.Popen(
        [*COMMAND, "--", sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if number is signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        assert process.wait(60) == 5


@shows("latency", "rate")
def test_it_is_as_far_away_as_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = []

    def run(_: object, variables: dict[str, str]) -> int:
        shapes.append(servers[0].shape)
        return 0 if variables["AWS_ENDPOINT_URL"] == servers[0].endpoint_url else 1

    servers = []

    def make(**options: Any) -> S3Server:
        servers.append(S3Server(**options))
        return servers[0]

    monkeypatch.setattr(tested, "_run", run)
    monkeypatch.setattr(tested, "S3Server", make)
    flags = ["--latency", "0.05", "--rate", "10MiB"]
    assert main(["sandbox", *flags, "--", "true"]) == 0
    assert shapes == [Shape(latency=0.05, bandwidth=10 << 20)]


@pytest.mark.parametrize(
    "flags", ["--port 65536", "--rate 0", "--latency -1", "--latency nan", "--port x"]
)
def test_wrong_numbers_are_wrong_usage(flags: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sandbox", *flags.split(), "--", "true"])
    assert ended.value.code == 2


def test_json_is_for_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "--json", "--", "true"]) == 2
    assert "its output is its own" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["sandbox", "--port", str(port), "--", "true"]) == 1
    assert "in use" in capsys.readouterr().err
