"""The commands for files, each as a process, on S3 and on this machine."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from s3open.cli import main
from s3open.testing import Fault, Shape

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server

BUCKET = "s3open-test"
HERE = f"s3://{BUCKET}"
KEYS = {
    "a.txt": b"1\n2\n3\n",
    "folder/b.bin": bytes(range(256)) * 16,
    "folder/deep/c": b"",
    "folderish": b"not below folder",
}


@pytest.fixture
def server(s3open_server: S3Server, s3open_bucket: str) -> S3Server:
    for key, body in KEYS.items():
        s3open_server.put(s3open_bucket, key, body)
    return s3open_server


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "s3open", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
    )


def output(*arguments: str, stdin: bytes = b"") -> bytes:
    """Return what a command prints that succeeds, without a complaint."""
    done = run(*arguments, stdin=stdin)
    assert done.stderr == b""
    assert done.returncode == 0
    return done.stdout


def lines(*arguments: str) -> list[str]:
    return output(*arguments).decode().splitlines()


def test_ls(server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "file").write_bytes(b"12")
    assert lines("ls", HERE) == [
        f"{HERE}/a.txt",
        f"{HERE}/folder/",
        f"{HERE}/folderish",
    ]
    assert lines("ls", "-r", f"{HERE}/folder") == [
        f"{HERE}/folder/b.bin",
        f"{HERE}/folder/deep/c",
    ]
    assert lines("ls", ".") == ["./dir/", "./file"]
    assert re.fullmatch(
        r"2\d\d\d-\d\d-\d\d \d\d:\d\d:\d\d +4.0 KiB  s3://s3open-test/folder/b.bin",
        lines("ls", "-lH", f"{HERE}/folder/b.bin")[0],
    )


def test_debug_logs_requests(server: S3Server) -> None:
    done = run("cat", "--debug", "--range", "0-1", f"{HERE}/a.txt")
    assert f"GetObject '{HERE}/a.txt' bytes=0-1: 206".encode() in done.stderr
    assert done.stdout == b"1\n"
    for command in ("cat", "ls", "rm"):
        done = run(command, "--debug", f"{HERE}/none")
        assert b"Traceback (most recent call last)" in done.stderr
        assert done.stderr.endswith(
            b"No such file or directory: 's3://s3open-test/none'\n"
        )


def test_ls_takes_patterns(server: S3Server, tmp_path: Path) -> None:
    assert lines("ls", f"{HERE}/f*") == [f"{HERE}/folder/", f"{HERE}/folderish"]
    assert lines("ls", "-r", f"{HERE}/f*") == [
        f"{HERE}/folder/b.bin",
        f"{HERE}/folder/deep/c",
        f"{HERE}/folderish",
    ]
    server.put(BUCKET, "odd[1].txt", b"")
    assert lines("ls", f"{HERE}/odd[1].txt") == [f"{HERE}/odd[1].txt"]
    assert run("ls", f"{HERE}/x*").returncode == 1
    (tmp_path / "star*").touch()
    assert lines("ls", "star*") == ["star*"]


def test_ls_of_what_is_not_there_is_1(server: S3Server) -> None:
    for name in ("s3://no-such-bucket", f"{HERE}/none", "none"):
        done = run("ls", name)
        assert done.returncode == 1
        assert done.stdout == b""
        assert name.encode() in done.stderr
        assert b"Traceback" not in done.stderr


def test_a_bare_bucket_and_key_are_a_path(server: S3Server, tmp_path: Path) -> None:
    assert run("ls", f"{BUCKET}/folder").returncode == 1
    assert b"a bucket is s3://" in run("ls", BUCKET).stderr
    assert b"a bucket is" not in run("ls", "./none", "/none", f"{HERE}/none").stderr
    (tmp_path / BUCKET).mkdir()
    (tmp_path / BUCKET / "mine").touch()
    assert lines("ls", BUCKET) == [f"{BUCKET}/mine"]


def test_find_du_and_tree(server: S3Server) -> None:
    assert lines("find", HERE, "--name", "?.bin") == [f"{HERE}/folder/b.bin"]
    assert [line.split() for line in lines("du", HERE)] == [["4118", "4", f"{HERE}/"]]
    assert lines("tree", f"{HERE}/") == [
        f"{HERE}/",
        "├── a.txt",
        "├── folder/",
        "│   ├── b.bin",
        "│   └── deep/",
        "│       └── c",
        "└── folderish",
    ]
    server.put(BUCKET, "deep/a//b", b"")
    assert lines("tree", f"{HERE}/deep")[1:] == [
        "└── a/",
        "    └── /",
        "        └── b",
    ]


def test_cat_head_and_tail_print_bytes(server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "local").write_bytes(b"\xff\0")
    body = KEYS["folder/b.bin"]
    assert output("cat", f"{HERE}/folder/b.bin", "local") == body + b"\xff\0"
    assert output("cat", "-", stdin=b"\xff\n") == b"\xff\n"
    assert output("cat", "--range", "1-3", f"{HERE}/a.txt") == b"\n2\n"
    assert output("head", "-2", f"{HERE}/a.txt") == b"1\n2\n"
    assert output("head", "-c", "3", f"{HERE}/folder/b.bin") == body[:3]
    assert output("tail", "-2", f"{HERE}/a.txt") == b"2\n3\n"
    assert output("tail", "-c", "1k", f"{HERE}/folder/b.bin") == body[-1024:]


@pytest.mark.parametrize(
    "text",
    [b"", b"\n", b"x", b"1\n2\n3", b"1\n2\n3\n", b"\n\n\n", b"long " * 50_000 + b"\n1"],
)
@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_lines_at_either_end_are_those_that_python_sees(
    server: S3Server,
    capfdbinary: pytest.CaptureFixture[bytes],
    text: bytes,
    count: int,
) -> None:
    server.put(BUCKET, "text", text)
    found = text.splitlines(keepends=True)
    assert main(["head", f"-{count}", f"{HERE}/text"]) == 0
    assert capfdbinary.readouterr().out == b"".join(found[:count])
    assert main(["tail", f"-{count}", f"{HERE}/text"]) == 0
    assert capfdbinary.readouterr().out == b"".join(found[-count:])


@pytest.mark.parametrize("text", [b"", b"1\n2", b"1\n2\n3\n4\n5\n"])
def test_the_end_of_a_pipe_is_printed_when_it_has_come(
    server: S3Server, text: bytes
) -> None:
    last = b"".join(text.splitlines(keepends=True)[-3:])
    assert output("tail", "-3", "-", stdin=text) == last
    assert output("tail", "-c", "4", "-", stdin=text) == text[-4:]


def test_put_publishes_what_comes_in(server: S3Server, tmp_path: Path) -> None:
    assert output("put", f"{HERE}/new", stdin=b"\xff1") == b""
    assert server.read(BUCKET, "new") == b"\xff1"
    output("pipe", "-a", f"{HERE}/new", stdin=b"2")
    assert server.read(BUCKET, "new") == b"\xff12"
    output("put", "--content-type", "x/y", "--metadata", "a=1", f"{HERE}/new")
    assert server.head(BUCKET, "new").content_type == "x/y"
    assert server.head(BUCKET, "new").metadata["a"] == "1"
    assert server.read(BUCKET, "new") == b""
    assert run("put", "-x", f"{HERE}/new", stdin=b"3").returncode == 1
    output("put", "folder/new/file", stdin=b"4")
    assert (tmp_path / "folder/new/file").read_bytes() == b"4"


def test_put_compresses(server: S3Server) -> None:
    import gzip

    output("put", "-z", f"{HERE}/new", stdin=b"x" * 10_000)
    assert server.head(BUCKET, "new").about.headers["content-encoding"] == "gzip"
    assert gzip.decompress(server.read(BUCKET, "new")) == b"x" * 10_000


def test_touch_creates_and_never_truncates(server: S3Server, tmp_path: Path) -> None:
    output("touch", f"{HERE}/a.txt", f"{HERE}/new", "local")
    assert server.read(BUCKET, "a.txt") == KEYS["a.txt"]
    assert server.read(BUCKET, "new") == b""
    assert (tmp_path / "local").exists()


def editor(tmp_path: Path, program: str) -> str:
    path = tmp_path / "editor.py"
    path.write_text(f"import sys\nname = sys.argv[1]\n{program}\n")
    return f"{sys.executable} {path}"


CHANGE = "text = open(name).read(); open(name, 'w').write(text.upper() + 'more')"


@pytest.mark.parametrize(
    ("program", "code", "left"),
    [
        (CHANGE, 0, b"1\n2\n3\nmore"),
        ("pass", 0, KEYS["a.txt"]),
        (f"{CHANGE}; sys.exit(3)", 1, KEYS["a.txt"]),
    ],
)
def test_edit_publishes_what_the_editor_has_changed(
    server: S3Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    code: int,
    left: bytes,
) -> None:
    monkeypatch.setenv("VISUAL", editor(tmp_path, program))
    done = run("edit", f"{HERE}/a.txt")
    assert done.returncode == code
    assert (b"nothing was published" in done.stderr) is bool(code)
    assert server.read(BUCKET, "a.txt") == left


def test_edit_makes_a_new_file_if_the_editor_does(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor(tmp_path, "open(name, 'w').write('new')"))
    output("edit", f"{HERE}/new.txt")
    assert server.read(BUCKET, "new.txt") == b"new"
    monkeypatch.setenv("EDITOR", editor(tmp_path, "pass"))
    assert run("edit", f"{HERE}/newer.txt").returncode == 1
    monkeypatch.setenv("EDITOR", "no-such-editor")
    assert b"no-such-editor" in run("edit", f"{HERE}/newer.txt").stderr
    assert "newer.txt" not in server.keys(BUCKET)


def test_stat_tells_all_of_it(server: S3Server) -> None:
    shown = lines("stat", f"{HERE}/a.txt")
    assert f"uri: {HERE}/a.txt" in shown
    assert "size: 6" in shown
    assert any(line.startswith("checksum: CRC64NVME ") for line in shown)
    [line] = lines("info", "--json", f"{HERE}/folder/deep/c")
    assert json.loads(line)["size"] == 0


def test_exists_answers_by_its_exit_code(server: S3Server) -> None:
    output("exists", f"{HERE}/a.txt", f"{HERE}/folderish")
    done = run("exists", f"{HERE}/a.txt", f"{HERE}/none")
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


def test_is_compares_content(server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "same").write_bytes(KEYS["a.txt"])
    (tmp_path / "other").write_bytes(KEYS["a.txt"][::-1])
    assert output("is", "same", f"{HERE}/a.txt") == b"files match\n"
    done = run("is", f"{HERE}/a.txt", "other")
    assert (done.returncode, done.stdout) == (1, b"files DO NOT match\n")
    assert run("is", "-q", "same", f"{HERE}/folderish").returncode == 1
    assert run("is", "same", "none").returncode == 1


def test_is_compares_all_bytes_where_the_store_knows_no_sum(
    server: S3Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in ("one", "two"):
        server.synthetic(BUCKET, key, 3_000_000, seed=1)
    server.synthetic(BUCKET, "three", 3_000_000, seed=2)
    assert main(["is", f"{HERE}/one", f"{HERE}/two"]) == 0
    assert main(["is", f"{HERE}/one", f"{HERE}/three"]) == 1


def test_digests(server: S3Server, tmp_path: Path) -> None:
    import hashlib

    (tmp_path / "local").write_bytes(KEYS["a.txt"])
    digest = hashlib.md5(KEYS["a.txt"]).hexdigest()
    assert lines("md5", f"{HERE}/a.txt") == [digest]
    both = [f"{digest}  local", f"{digest}  {HERE}/a.txt"]
    assert lines("md5", "local", f"{HERE}/a.txt") == both
    assert lines("etag", "local", f"{HERE}/a.txt") == both
    assert len(set(lines("checksum", "local"))) == 1
    assert lines("checksum", "local") == lines("checksum", f"{HERE}/a.txt")
    assert lines("checksum", "--algorithm", "crc32", "local")[0].startswith("CRC32 ")


def test_cp_in_all_directions(server: S3Server, tmp_path: Path) -> None:
    assert lines("cp", f"{HERE}/a.txt", "b.txt") == [f"download: {HERE}/a.txt to b.txt"]
    assert lines("cp", "b.txt", f"{HERE}/x/") == [f"upload: b.txt to {HERE}/x/b.txt"]
    assert server.read(BUCKET, "x/b.txt") == KEYS["a.txt"]
    output("cp", f"{HERE}/a.txt", f"{HERE}/copy")
    assert server.read(BUCKET, "copy") == KEYS["a.txt"]
    output("cp", "-r", f"{HERE}/folder/", "tree")
    assert (tmp_path / "tree/deep/c").read_bytes() == b""
    output("cp", "-r", "-q", "tree", f"{HERE}/back/")
    assert server.read(BUCKET, "back/b.bin") == KEYS["folder/b.bin"]


def test_cp_reads_and_writes_streams(server: S3Server) -> None:
    output("cp", "-", f"{HERE}/new", "--storage-class", "STANDARD_IA", stdin=b"\xff")
    assert server.read(BUCKET, "new") == b"\xff"
    assert server.head(BUCKET, "new").storage_class == "STANDARD_IA"
    assert output("cp", f"{HERE}/new", "-") == b"\xff"
    assert output("cp", "-", "-", stdin=b"\xff") == b"\xff"
    assert not os.path.lexists("-")


def test_cp_leaves_alone_or_fails_where_something_is_there(server: S3Server) -> None:
    output("put", "local", stdin=b"new")
    assert output("cp", "-s", "local", f"{HERE}/a.txt") == b""
    done = run("cp", "-x", "--json", "local", f"{HERE}/a.txt")
    assert json.loads(done.stdout)["action"] == "fail"
    done = run("cp", "-x", "local", f"{HERE}/a.txt")
    assert done.returncode == 1
    assert done.stderr.count(f"{HERE}/a.txt".encode()) == 1
    assert server.read(BUCKET, "a.txt") == KEYS["a.txt"]
    output("cp", "local", f"{HERE}/a.txt")
    assert server.read(BUCKET, "a.txt") == b"new"


def test_many_names_are_copied_and_deleted_side_by_side(
    server: S3Server, tmp_path: Path
) -> None:
    names = [f"{number}.txt" for number in range(100)]
    for name in names:
        (tmp_path / name).write_text(name)
    server.shape = Shape(0.1)
    try:
        start = time.monotonic()
        done = run("cp", *names, "none", f"{HERE}/many/")
        assert len(done.stdout.splitlines()) == 100
        assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
        uris = [f"{HERE}/many/{name}" for name in names]
        assert len(lines("rm", *uris)) == 100
        # One after the other these were thirty seconds at least.
        assert time.monotonic() - start < 15
    finally:
        server.shape = Shape()
    assert not [key for key in server.keys(BUCKET) if key.startswith("many/")]


def test_of_files_of_one_name_the_last_one_stays(
    server: S3Server, tmp_path: Path
) -> None:
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same").write_text(folder)
    output("cp", "a/same", "b/same", "c/same", f"{HERE}/to/")
    assert server.read(BUCKET, "to/same") == b"c"


def test_what_a_copy_has_of_its_source_can_be_nothing(
    server: S3Server, tmp_path: Path
) -> None:
    output("put", "--metadata", "a=1,b=2", f"{HERE}/old", stdin=b"x")
    output("cp", f"{HERE}/old", f"{HERE}/new", "--metadata", "b=3")
    assert server.head(BUCKET, "new").metadata.items() >= {"a": "1", "b": "3"}.items()
    replace = ("--metadata-directive", "REPLACE")
    output("cp", f"{HERE}/old", f"{HERE}/new", *replace, "--metadata", "b=3")
    assert "a" not in server.head(BUCKET, "new").metadata
    assert server.head(BUCKET, "new").metadata["b"] == "3"
    output("cp", f"{HERE}/old", f"{HERE}/new", *replace)
    assert not {"a", "b"} & server.head(BUCKET, "new").metadata.keys()
    output("cp", f"{HERE}/old", "here", *replace)
    output("cp", "here", f"{HERE}/new", *replace)


def test_what_is_wrong_is_said_as_the_command_has_it(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dir").mkdir()
    for name in ("a", "b", "folder"):
        (tmp_path / "dir" / name).mkdir()
        (tmp_path / "dir" / name / "file").touch()
    for line, said in {
        f"cp dir {HERE}/x": b"Is a directory (recursive copies",
        f"cp {HERE}/folder dir": b"Is a directory (recursive copies",
        f"cp --version-id 1 dir/a/file {HERE}/x": b": --version-id is for sources",
        f"cp -u -x dir/a/file {HERE}/x": b": -u excludes -s and -x",
        f"checksum --algorithm SHA1 {HERE}/a.txt": b": --compute",
    }.items():
        done = run(*line.split())
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    done = run("cp", "-r", "dir", f"{HERE}/x")
    assert done.stderr.count(b"--no-sign-request") == 1
    assert done.stderr.count(b"\n") == 1
    assert done.returncode == 1


def test_mv(server: S3Server, tmp_path: Path) -> None:
    output("mv", f"{HERE}/a.txt", f"{HERE}/b.txt")
    output("mv", f"{HERE}/b.txt", ".")
    assert (tmp_path / "b.txt").read_bytes() == KEYS["a.txt"]
    assert not {"a.txt", "b.txt"} & set(server.keys(BUCKET))


def test_rm_ends_at_the_slash(server: S3Server) -> None:
    assert lines("rm", "-rn", f"{HERE}/folder")[0].startswith("(dryrun) delete: ")
    assert len(server.keys(BUCKET)) == 4
    assert set(lines("rm", "-r", f"{HERE}/folder")) == {
        f"delete: {HERE}/folder/b.bin",
        f"delete: {HERE}/folder/deep/c",
    }
    assert server.keys(BUCKET) == ["a.txt", "folderish"]
    assert run("rm", f"{HERE}/none").returncode == 1


def test_rm_of_some_that_fail_does_the_rest(server: S3Server) -> None:
    fault = Fault(operation="DeleteObject", key="a.txt", status=403)
    with server.faulty(fault):
        done = run("rm", f"{HERE}/a.txt", f"{HERE}/folderish")
    assert done.returncode == 1
    assert f"{HERE}/a.txt".encode() in done.stderr
    assert "folderish" not in server.keys(BUCKET)


def test_sync(server: S3Server, tmp_path: Path) -> None:
    output("sync", f"{HERE}/folder", "here")
    assert (tmp_path / "here/b.bin").read_bytes() == KEYS["folder/b.bin"]
    assert lines("sync", f"{HERE}/folder", "here") == []
    (tmp_path / "here/mine").touch()
    (tmp_path / "here/kept").mkdir()
    (tmp_path / "here/kept/mine").touch()
    output("sync", f"{HERE}/folder", "here", "--delete", "-D", "kept/")
    assert sorted(each.name for each in (tmp_path / "here").iterdir()) == [
        "b.bin",
        "deep",
        "kept",
    ]


def test_versions_restore_and_undo(server: S3Server) -> None:
    server.create_bucket("kept-versions", versioned=True)
    name = "s3://kept-versions/k"
    for body in (b"1", b"22"):
        server.put("kept-versions", "k", body)
    server.delete("kept-versions", "k")
    shown = lines("versions", name)
    assert [line.split()[2] for line in shown] == ["deleted", "2", "1"]
    oldest = json.loads(lines("versions", "--json", name)[-1])["version_id"]
    assert output("cat", "--version-id", oldest, name) == b"1"
    output("restore", name)
    assert server.read("kept-versions", "k") == b"22"
    output("undo", name)
    assert server.read("kept-versions", "k") == b"1"
    output("rm", "-r", "-f", "--versions", "s3://kept-versions")
    assert run("versions", name).returncode == 1


def test_progress_is_shown_on_terminals_only_or_where_it_is_wanted(
    server: S3Server,
) -> None:
    assert run("cp", f"{HERE}/a.txt", "b").stderr == b""
    assert b"B/s" in run("cp", "-P", f"{HERE}/a.txt", "b").stderr
    # One bar for all of them.
    both = [f"{HERE}/a.txt", f"{HERE}/folderish"]
    assert b"2/2 files" in run("cp", "-P", *both, "c/").stderr
    assert b"4/4 files" in run("cp", "-rP", HERE, f"{HERE}/folder", "d/").stderr


@pytest.mark.parametrize("command", [["ls", "-r", HERE], ["cat", f"{HERE}/large"]])
def test_a_reader_that_has_seen_enough_is_no_error(
    server: S3Server, command: list[str]
) -> None:
    server.synthetic(BUCKET, "large", 5_000_000)
    for number in range(3000):
        server.synthetic(BUCKET, f"{'x' * 100}{number}", 1)
    words = " ".join([sys.executable, "-m", "s3open", *command])
    done = subprocess.run(
        f"{words} | head -c 1", shell=True, capture_output=True, check=False
    )
    assert len(done.stdout) == 1
    assert done.stderr == b""


def test_what_cannot_be_printed_is_told(server: S3Server) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "s3open", "cat", f"{HERE}/a.txt"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


def test_an_interrupt_ends_it_at_once_and_quietly(server: S3Server) -> None:
    server.synthetic(BUCKET, "large", 50_000_000)
    started = threading.Event()
    server.shape = Shape(0.0, 1e6)
    try:
        with (
            server.faulty(Fault(operation="GetObject", before=lambda _: started.set())),
            subprocess.Popen(
                [sys.executable, "-m", "s3open", "cp", f"{HERE}/large", "large"],
                stderr=subprocess.PIPE,
            ) as process,
        ):
            assert started.wait(30)
            process.send_signal(signal.SIGINT)
            _, complaint = process.communicate(timeout=30)
    finally:
        server.shape = Shape()
    assert process.returncode == 130
    assert complaint == b""
    assert not os.path.exists("large")
