"""``s3open sandbox``: a server in memory, while a program or a user needs it.

It listens on this machine alone, and what is on it is gone when it ends.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from s3open.cli.answers import complain, json_line
from s3open.cli.parsing import UsageError
from s3open.testing import S3Server, Shape
from s3open.testing.environment import MISLEADING

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

# As shells report what could not be run, and what a signal has ended.
_NOT_FOUND, _NOT_ALLOWED, _SIGNALLED = 127, 126, 128


def command(options: Namespace) -> int:
    """Serve until interrupted, or until a command has ended; return the exit code."""
    if options.json and options.commands:
        raise UsageError("--json is for no command: its output is its own")
    server = S3Server(port=options.port, region=options.region or "us-east-1")
    server.shape = Shape(options.latency, options.rate)
    named = options.bucket.split(",") if options.bucket else []
    buckets = [each.removeprefix("s3://").rstrip("/") for each in named]
    for bucket in buckets:
        server.create_bucket(bucket, versioned=options.versioned)
    with server:
        if options.commands:
            return _run(options.commands, environment(server))
        try:
            _tell(server, buckets, as_json=options.json)
            threading.Event().wait()
        except KeyboardInterrupt:
            # There is no other way to end it.
            return 0
    return 0  # pragma: no cover - it waits for ever


def environment(server: S3Server) -> dict[str, str]:
    """Return what leads AWS clients of all kinds to *server*.

    Both variables name it: some clients know but the older one, and what is no S3
    should not be asked of AWS either.
    """
    return {
        **server.environment(),
        "AWS_ENDPOINT_URL": server.endpoint_url,
        "AWS_REGION": server.region,
    }


def _tell(server: S3Server, buckets: Sequence[str], *, as_json: bool) -> None:
    variables = environment(server)
    if as_json:
        about = {
            "endpoint_url": server.endpoint_url,
            "region": server.region,
            "access_key": server.access_key,
            "secret_key": server.secret_key,
            "buckets": list(buckets),
            "environment": variables,
        }
        print(json_line(about), flush=True)
        return
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")
    print(f"unset {' '.join(MISLEADING)}", flush=True)
    if sys.stderr.isatty():
        print("# It serves until you press Ctrl-C.", file=sys.stderr)


def _run(words: Sequence[str], variables: dict[str, str]) -> int:
    """Run a command with *variables*, and return what it exits with."""
    inherited = {k: v for k, v in os.environ.items() if k not in MISLEADING}
    try:
        process = subprocess.Popen(words, env={**inherited, **variables})
    except FileNotFoundError as error:
        complain(f"{words[0]}: {error.strerror}")
        return _NOT_FOUND
    except OSError as error:
        complain(f"{words[0]}: {error.strerror}")
        return _NOT_ALLOWED
    with _passed_on(process):
        code = _ended(process)
    return _SIGNALLED - code if code < 0 else code


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Return the code of *process*, however often it is interrupted.

    A terminal interrupts it as well as this process; it says what becomes of that.
    """
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


@contextmanager
def _passed_on(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Have *process* be told to end when this one is."""

    def pass_on(number: int, _: Any) -> None:
        process.send_signal(number)

    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
