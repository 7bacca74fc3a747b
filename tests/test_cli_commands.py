"""Every subcommand as a process: what it prints, and how it ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from s3open.cli.commands import ALIASES, COMMANDS
from s3open.testing import Fault
from tests.cli_cases import access, buckets, cache, objects, sandbox, urls
from tests.test_recover_command import lose
from tests.test_testing_support import client_of

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server

BUCKET = "s3open-test"
VERSIONED = "s3open-versions"
ONE = "CRC64NVME RjOf/Rol6bg="  # of "1\n"
MD5 = "b026324c6904b2a9cb4b88d6d61c81d1"


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> S3Server:
    s3open_server.put(BUCKET, "one", b"1\n")
    s3open_server.put(BUCKET, "d/two", b"2\n")
    s3open_server.create_bucket(VERSIONED, versioned=True)
    for body in (b"1\n", b"22\n"):
        s3open_server.put(VERSIONED, "key", body)
    s3open_server.put(VERSIONED, "gone", b"")
    s3open_server.delete(VERSIONED, "gone")
    (tmp_path / "here").write_bytes(b"1\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"3\n")
    (tmp_path / "same.py").write_text("pass")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(tmp_path / "state"))
    monkeypatch.setenv("VISUAL", f"{sys.executable} same.py")
    return s3open_server


def run(line: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "s3open", *line.split()],
        input=stdin,
        capture_output=True,
        check=False,
    )


# The command line, where B is a bucket and V one with versions, what it prints, and
# the exit code. Of what fails stderr says why, in one line; else there is nothing.
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
CASES: list[tuple[str, str, int]] = [
    ("ls B", "B/d/\nB/one\n", 0),
    ("ls B/none", "", 1),
    ("find B", "B/d/two\nB/one\n", 0),
    ("find none", "", 1),
    ("du B", r" +4 +2  B/\n", 0),
    ("du B/none", "", 1),
    ("tree B", "B\n├── d/\n│   └── two\n└── one\n", 0),
    ("tree B/none/", "B/none/\n", 1),
    ("versions V/key", rf"{TIME} +3  \S+  V/key\n{TIME} +2  \S+ \(old\)  V/key\n", 0),
    ("versions V/none", "", 1),
    ("cat B/one B/d/two", "1\n2\n", 0),
    ("cat B/none B/one", "1\n", 1),
    ("head B/one", "1\n", 0),
    ("head B/none", "", 1),
    ("tail -c 1 B/d/two", "\n", 0),
    ("tail none", "", 1),
    ("put B/new", "", 0),
    ("put s3://no-such-bucket/new", "", 1),
    ("pipe B/new", "", 0),
    ("touch B/new new", "", 0),
    ("touch s3://no-such-bucket/new", "", 1),
    ("edit B/one", "", 0),
    ("edit B/none", "", 1),
    ("stat B/one", rf"uri: B/one\nsize: 2\n(.+\n)+checksum: {ONE}\n(.+\n)*", 0),
    ("stat B/none", "", 1),
    ("info here", r"uri: here\nsize: 2\n(.+\n)*", 0),
    ("exists B/one here B/d", "", 0),
    ("exists B/one B/none", "", -1),
    ("is here B/one", "files match\n", 0),
    ("is here B/d/two", "files DO NOT match\n", -1),
    ("is here none", "", 1),
    ("md5 B/one", f"{MD5}\n", 0),
    ("md5 B/one B/none", f"{MD5}  B/one\n", 1),
    ("etag B/one here", f"{MD5}  B/one\n{MD5}  here\n", 0),
    ("etag none", "", 1),
    ("checksum B/one", f"{ONE}\n", 0),
    ("checksum none", "", 1),
    ("cp here B/new", "upload: here to B/new\n", 0),
    ("cp B/one B/none new/", "download: B/one to new/one\n", 1),
    ("mv B/one B/new", "move: B/one to B/new\n", 0),
    ("mv B/none B/new", "", 1),
    ("rm B/one", "delete: B/one\n", 0),
    ("rm B/one B/none", "delete: B/one\n", 1),
    ("sync folder B/folder", "upload: folder/file to B/folder/file\n", 0),
    ("sync none B/folder", "", 1),
    ("restore V/gone", r"restore: V/gone \(count=1\)\n", 0),
    ("restore s3://no-such-bucket/key", "", 1),
    ("undo V/key", r"undo: V/key \(version_id=\S+\)\n", 0),
    ("undo B/one", "", 1),
    ("uploads list B", "", 0),
    ("uploads list s3://no-such-bucket", "", 1),
    ("uploads abort B --older-than 1d", "there are none\n", 0),
    ("uploads abort s3://no-such-bucket --older-than 1d", "", 1),
    ("recover", "", 0),
    ("recover list --json", "", 0),
    ("recover publish --all", "", 0),
    ("recover publish none", "", 1),
    ("recover discard none", "", 1),
    ("verify E --bucket B", r"(  yes  .+\n)+E: all that s3open needs\n", 0),
    ("verify http://127.0.0.1:1", "", 1),
    ("demo --bucket s3open-test", r"(.*\n)+.*has been deleted again\.\n", 0),
    ("demo --bucket s3://no-such-bucket", r"(.*\n)*", 1),
    ("completion zsh", r"#compdef s3open(.*\n)+", 0),
    ("version", r"\d+\.\d+.*\n", 0),
    *buckets.CASES,
    *access.CASES,
    *urls.CASES,
    *objects.CASES,
    *sandbox.CASES,
    *cache.CASES,
]  # fmt: skip


@pytest.mark.parametrize(("line", "printed", "code"), CASES)
def test_it_does_what_it_is_for(
    server: S3Server, line: str, printed: str, code: int
) -> None:
    places = {"B": f"s3://{BUCKET}", "V": f"s3://{VERSIONED}", "E": server.endpoint_url}

    def spelled(text: str) -> str:
        return re.sub(r"\b[BVE]\b", lambda found: places[found[0]], text)

    done = run(spelled(line), b"new")
    assert done.returncode == abs(code), done.stderr
    assert re.fullmatch(spelled(printed), done.stdout.decode()), done.stdout
    # An answer is no error.
    told = done.stderr.decode().splitlines()
    assert len(told) == (code == 1), told
    assert all(each.startswith("s3open: ") for each in told)


def test_every_command_is_tested_as_a_process() -> None:
    assert {line.split()[0] for line, _, code in CASES if code == 0} == {
        *COMMANDS,
        *ALIASES,
    }


def test_what_was_kept_is_listed_published_and_discarded(server: S3Server) -> None:
    published, discarded = lose(server, "kept"), lose(server, "lost")
    shown = run("recover").stdout.decode()
    assert f"{published}  s3://{BUCKET}/kept\n" in shown
    assert f"{discarded}  s3://{BUCKET}/lost\n" in shown
    done = run(f"recover publish {published}")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"published s3://{BUCKET}/kept\n"
    assert server.read(BUCKET, "kept") == b"content of kept"
    # Nobody who answers no is a no.
    done = run(f"recover discard {discarded}")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.endswith(b"[y/N] nothing was discarded\n")
    done = run("recover discard --all", b"y\n")
    assert (done.returncode, done.stdout.decode()) == (0, f"discarded {discarded}\n")
    assert run("recover").stdout == b""
    assert "lost" not in server.keys(BUCKET)


def test_what_was_left_behind_is_listed_and_aborted(server: S3Server) -> None:
    client_of(server).create_multipart_upload(Bucket=BUCKET, Key="half")
    assert f"s3://{BUCKET}/half".encode() in run(f"uploads list {BUCKET}").stdout
    done = run(f"uploads abort {BUCKET} --older-than 1d -y")
    assert (done.returncode, done.stdout) == (0, b"there are none\n")
    done = run(f"uploads abort {BUCKET} --older-than 0s", b"\n")
    assert (done.returncode, done.stdout) == (1, b"")
    assert len(server.uploads(BUCKET)) == 1
    done = run(f"uploads abort {BUCKET} --older-than 0s", b"y\n")
    assert done.returncode == 0
    assert done.stdout.startswith(b"aborted ")
    assert server.uploads(BUCKET) == []


def test_ls_prints_as_it_receives(server: S3Server) -> None:
    for number in range(1500):
        server.synthetic(BUCKET, f"many/{number:04}", 1)
    release, released = threading.Event(), []
    # The second page does not come before a name of the first was printed.
    server.fault(
        Fault(
            operation="ListObjectsV2",
            skip=1,
            before=lambda _: released.append(release.wait(30)),
        )
    )
    command = [sys.executable, "-m", "s3open", "ls", f"s3://{BUCKET}/many"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"s3://{BUCKET}/many/0000\n".encode()
        release.set()
        assert len(process.stdout.readlines()) == 1499
    assert process.returncode == 0
    assert released == [True]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "cp one",
        "nonsense",
        "ls --nonsense s3://b",
        "cp a b --jobs none",
        "cat --range 2-1 s3://b/k",
        "uploads abort b",
        "completion csh",
        "mv - s3://b/k",
    ],
)
def test_what_is_no_command_line_is_2(server: S3Server, line: str) -> None:
    done = run(line)
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"s3open" in done.stderr
    assert b"Traceback" not in done.stderr
    assert server.requests == []


def test_help_is_there_for_a_process_too() -> None:
    done = run("--help")
    assert done.returncode == 0
    for name in COMMANDS:
        assert re.search(rf"^  {name}\b", done.stdout.decode(), re.MULTILINE)
    assert run("cp --help").stdout.startswith(b"usage: s3open cp ")
