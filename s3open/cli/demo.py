"""``s3open demo``: what s3open does, shown on a real server, with what each step costs.

The requests are counted on their way out, by botocore's events, so the same figures
come from the embedded server and from the user's own account.
"""

from __future__ import annotations

import contextlib
import secrets
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s3open.cli.parsing import UsageError
from s3open.config import Config
from s3open.errors import PublishError, S3Error
from s3open.location import parse
from s3open.s3.boto import BotoVerbs
from s3open.s3.sessions import make_client
from s3open.service import FileSystem
from s3open.writing import recovery

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator

MIB = 1 << 20


def command(options: Namespace) -> int:
    """Run ``s3open demo``; return the exit code."""
    if options.bucket is None and (options.endpoint_url or options.profile):
        raise UsageError("--endpoint-url and --profile need --bucket")
    return run(options.bucket, options.endpoint_url, options.profile)


def run(bucket: str | None, endpoint_url: str | None, profile: str | None) -> int:
    """Show every step in *bucket*, or on an embedded server; return the exit code."""
    if bucket is not None:
        config = Config(endpoint_url=endpoint_url, profile=profile)
        name = bucket.removeprefix("s3://").rstrip("/")
        return _show(f"s3://{name}/s3open-demo-{secrets.token_hex(4)}", config)
    from s3open.testing import S3Server

    with S3Server() as server:
        server.create_bucket("demo")
        print(f"A server of our own, in memory: {server.endpoint_url}")
        config = Config(
            endpoint_url=server.endpoint_url,
            region=server.region,
            access_key=server.access_key,
            secret_key=server.secret_key,
        )
        return _show("s3://demo/folder", config)


class Demo:
    """The steps; each yields lines to print and leaves its objects under *prefix*."""

    def __init__(self, prefix: str, filesystem: FileSystem) -> None:
        self._prefix = prefix
        self._open = filesystem.open
        self._written: list[str] = []

    def steps(self) -> list[Callable[[], Iterator[str]]]:
        """Return the steps in order."""
        return [
            self.write,
            self.read,
            self.seek,
            self.update,
            self.create,
            self.append,
            self.patch,
            self.descriptor,
            self.archive,
            self.abort,
        ]

    def write(self) -> Iterator[str]:
        """Write a text file: one request, when it is closed."""
        with self._open(self._name("hello.txt"), "w", encoding="utf-8") as file:
            yield f"{file.write('Hällo,')} characters, then a flush"
            file.flush()
            file.write(" world!\nA second line.\n")
        yield f"published: {file.name}"

    def read(self) -> Iterator[str]:
        """Read it: one request, line by line."""
        with self._open(self._name("hello.txt"), encoding="utf-8") as file:
            for line in file:
                yield repr(line)

    def seek(self) -> Iterator[str]:
        """Write 20 MiB, in parts; then read its last 10 bytes, and 10 in its midst."""
        with self._open(self._name("big.bin"), "wb") as out:
            for number in range(20):
                out.write(bytes([number]) * MIB)
        with self._open(self._name("big.bin"), "rb") as file:
            yield f"size {file.seek(0, 2):,} bytes"
            file.seek(-10, 2)
            yield f"at the end   {file.read(10).hex()}"
            file.seek(7 * MIB + 5)
            yield f"in its midst {file.read(10).hex()}"

    def update(self) -> Iterator[str]:
        """Write, go back, overwrite and read again, before anything is published."""
        with self._open(self._name("notes.txt"), "w+", encoding="utf-8") as file:
            file.write("first draft\n")
            file.seek(0)
            file.write("final")
            file.seek(0)
            yield f"reads back {file.read()!r}"

    def create(self) -> Iterator[str]:
        """Create with "x": one of two succeeds (a new store is tried first)."""
        name = self._name("lock")
        for attempt in (1, 2):
            try:
                with self._open(name, "x") as file:
                    file.write(f"attempt {attempt}")
                yield f"attempt {attempt}: created"
            except FileExistsError as error:
                yield f"attempt {attempt}: {type(error).__name__}: {error}"

    def append(self) -> Iterator[str]:
        """Append from two files at once: both lines are there."""
        name = self._name("log.txt")
        with self._open(name, "a") as one, self._open(name, "a") as two:
            one.write("from one\n")
            two.write("from two\n")
        with self._open(name) as file:
            yield repr(file.read())

    def patch(self) -> Iterator[str]:
        """Update in place with "r+": what is not touched stays."""
        with self._open(self._name("log.txt"), "r+") as file:
            file.write("FROM")
            file.seek(0)
            yield repr(file.read())

    def descriptor(self) -> Iterator[str]:
        """Hand the file's descriptor to another program."""
        with self._open(self._name("hello.txt"), "rb") as source:
            program = "print(len(open(0, 'rb').read()))"
            count = subprocess.check_output(
                [sys.executable, "-c", program], stdin=source
            )
            yield f"the other program read {int(count)} bytes"

    def archive(self) -> Iterator[str]:
        """Make a zip file on S3 with zipfile, and read one member of it."""
        name = self._name("archive.zip")
        with self._open(name, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            for number in range(3):
                archive.writestr(f"member-{number}.txt", f"number {number}\n" * 1000)
        with self._open(name, "rb") as source, zipfile.ZipFile(source) as archive:
            yield f"members: {', '.join(archive.namelist())}"
            yield f"member-2.txt has {len(archive.read('member-2.txt')):,} bytes"

    def abort(self) -> Iterator[str]:
        """Fail half-way through a rewrite: the old object stays as it is."""
        name = self._name("hello.txt")
        try:
            with self._open(name, "w") as file:
                file.write("half of the new te")
                raise RuntimeError("the power of computing fails")
        except RuntimeError as error:
            yield f"left by {type(error).__name__}"
        with self._open(name, encoding="utf-8") as old:
            yield f"still there: {old.readline()!r}"

    def clean_up(self, client: Any) -> None:
        """Delete what the steps wrote."""
        verbs = BotoVerbs(client)
        for name in sorted(set(self._written)):
            location = parse(name)
            assert location is not None
            verbs.delete_object(location)

    def _name(self, name: str) -> str:
        uri = f"{self._prefix}/{name}"
        self._written.append(uri)
        return uri


class _Meter:
    """Counts the requests of a boto3 client, and the bytes of their bodies."""

    def __init__(self, client: Any) -> None:
        self._requests: Counter[str] = Counter()
        self._up = self._down = 0
        events = client.meta.events
        events.register("before-send.s3", self._sending)
        events.register("response-received.s3", self._received)

    def start(self) -> None:
        self._requests.clear()
        self._up = self._down = 0

    def read(self) -> str:
        total = sum(self._requests.values())
        verbs = ", ".join(f"{n} {verb}" for verb, n in self._requests.items())
        return (
            f"{total} requests: {verbs or 'none'}; "
            f"bytes: {self._up:,} up, {self._down:,} down"
        )

    def _sending(self, request: Any, event_name: str, **_: object) -> None:
        self._requests[event_name.rpartition(".")[2]] += 1
        self._up += int(request.headers.get("Content-Length", 0))

    def _received(self, response_dict: Any, event_name: str = "", **_: object) -> None:
        if event_name.endswith(".GetObject") and response_dict is not None:
            self._down += int(response_dict["headers"].get("Content-Length", 0))


def _show(prefix: str, config: Config) -> int:
    client = make_client(config, prefix)
    meter = _Meter(client)
    demo = Demo(prefix, FileSystem(client=client))
    try:
        for number, step in enumerate(demo.steps(), start=1):
            print(f"\n{number}. {step.__doc__}")
            meter.start()
            for line in step():
                print(f"     {line}")
            print(f"   [{meter.read()}]")
    except BaseException as error:
        # What went wrong first is what the user has to hear of.
        with contextlib.suppress(S3Error):
            demo.clean_up(client)
        if isinstance(error, PublishError) and error.recovery and error.__cause__:
            # Nobody misses what was to be shown.
            recovery.remove(Path(error.recovery))
            raise error.__cause__ from None
        raise
    demo.clean_up(client)
    print("\nDone; what was written has been deleted again.")
    return 0
