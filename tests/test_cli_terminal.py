"""The command on a terminal: the bar, and the question before a tree is deleted."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING, NamedTuple

import pytest

from s3open.testing import Shape
from s3open.testing.synthetic import synthetic_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from s3open.testing import S3Server

BUCKET = "s3open-test"
HERE = f"s3://{BUCKET}"
SIZE = 24 << 20
BAR = re.compile(
    r"\d+%\|.*?\| *[\d.]+M/24\.0M \[\d\d:\d\d<\d\d:\d\d, +[\d.]+MB/s, [01]/1 files\]"
)


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[S3Server]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(tmp_path / "state"))
    s3open_server.synthetic(BUCKET, "large", SIZE)
    for key in ("d/1", "d/2", "e"):
        s3open_server.put(BUCKET, key, b"")
    # So slow that there is something to see.
    s3open_server.shape = Shape(0.0, 10e6)
    yield s3open_server
    s3open_server.shape = Shape()


class Ended(NamedTuple):
    code: int
    out: str
    screen: str


def on_terminal(line: str, typed: bytes = b"") -> Ended:
    """Run a command whose standard input and errors are a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "s3open", *line.split()],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        os.write(ours, typed)
        screen = b"".join(shown(ours))
        os.close(ours)
        assert process.stdout is not None
        out = process.stdout.read()
    return Ended(process.returncode, out.decode(), screen.decode())


def shown(terminal: int) -> Iterator[bytes]:
    """Yield what comes on a terminal, until nobody has it open any more."""
    while True:
        try:
            data = os.read(terminal, 1 << 16)
        except OSError:
            return
        if not data:
            return
        yield data


def test_a_bar_tells_bytes_rate_and_time_left(server: S3Server, tmp_path: Path) -> None:
    done = on_terminal(f"cp {HERE}/large large")
    assert (done.code, done.out) == (0, f"download: {HERE}/large to large\n")
    assert len(BAR.findall(done.screen)) > 1, done.screen
    assert " 0/1 files" in done.screen
    assert "100%" in done.screen
    assert (tmp_path / "large").read_bytes() == synthetic_bytes(range(SIZE))


@pytest.mark.parametrize("flag", ["--no-progress", "-q", "--json", "-n"])
def test_there_is_no_bar_for_those_who_want_none(server: S3Server, flag: str) -> None:
    done = on_terminal(f"cp {HERE}/large large {flag}")
    assert (done.code, done.screen) == (0, "")


@pytest.mark.parametrize(
    ("typed", "code"), [(b"\n", 1), (b"n\n", 1), (b"\x04", 1), (b"y\n", 0)]
)
def test_a_tree_is_deleted_by_a_yes_only(
    server: S3Server, typed: bytes, code: int
) -> None:
    done = on_terminal(f"rm -r {HERE}/d", typed)
    assert done.code == code
    assert f"Delete all that is below {HERE}/d? [y/N] " in done.screen
    assert ("nothing was deleted" in done.screen) is bool(code)
    assert ("d/1" in server.keys(BUCKET)) is bool(code)
    assert "e" in server.keys(BUCKET)


def test_an_error_is_told_beside_the_bar(server: S3Server, tmp_path: Path) -> None:
    server.put(BUCKET, "t/../evil", b"")
    server.put(BUCKET, "t/good", b"good")
    done = on_terminal(f"cp -r {HERE}/t t")
    assert done.code == 1
    assert f"s3open: {HERE}/t/../evil: " in done.screen
    assert (tmp_path / "t" / "good").read_bytes() == b"good"


def test_nothing_but_errors_is_on_stderr_elsewhere(server: S3Server) -> None:
    command = [sys.executable, "-m", "s3open", "cp", f"{HERE}/large", "large"]
    plain = subprocess.run(command, capture_output=True, check=False)
    assert plain.stderr == b""
    wanted = subprocess.run([*command, "-P"], capture_output=True, check=False)
    assert BAR.search(wanted.stderr.decode())
