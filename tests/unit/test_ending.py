"""The end of a program: what is still open for writing is kept, and told."""

import gzip
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.unit.writers import kept

PROGRAM = """
import atexit, gc, gzip, io, os, sys
from s3open.stores import reads, s3
from tests.fakes import FakeStore

store = FakeStore()
s3.verbs_for = reads.verbs_for = lambda *_: store
# Runs after the package's own handler, which comes to be later.
atexit.register(lambda: print("published:", sorted(store.objects), store.requests))
import s3open
"""


def run(
    code: str, state: Path, *options: str, status: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, *options, "-c", PROGRAM + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "XDG_STATE_HOME": os.fspath(state),
        },
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == status, done.stderr
    assert done.stdout.endswith("published: [] []\n")
    return done


@pytest.mark.parametrize(
    "arguments", ["'wb', 0", "'wb'", "'w+b'", "'xb'", "'w'", "'w', 1"]
)
def test_what_is_open_at_the_end_of_the_program_is_kept(
    state: Path, arguments: str
) -> None:
    one, two = ("b'one '", "b'two'") if "b" in arguments else ("'one '", "'two'")
    code = f"""
        file = s3open.open("s3://b/k", {arguments})
        store.requests.clear()
        file.write({one})
        file.flush()
        file.write({two})
    """
    done = run(code, state)
    assert kept(state) == [b"one two"]
    assert done.stderr.count("UnpublishedWarning") == 1
    assert "the program ended" in done.stderr
    assert os.fspath(state) in done.stderr


def test_several_files_in_whatever_places_are_kept(state: Path) -> None:
    code = """
        class Place: pass
        def write(name):
            place = Place()
            place.itself = place
            place.file = s3open.open(f"s3://b/{name}", "w")
            place.file.write(name)
            return place
        here, *more = [write(name) for name in ("one", "two", "three")]
        gc.disable()
        write("four")
    """
    done = run(code, state)
    assert sorted(kept(state)) == [b"four", b"one", b"three", b"two"]
    assert done.stderr.count("UnpublishedWarning") == 4


@pytest.mark.parametrize("action", ["error", "ignore"])
def test_warnings_as_errors_or_none_change_nothing_about_what_is_kept(
    state: Path, action: str
) -> None:
    code = """
        files = [s3open.open(f"s3://b/{name}", "w") for name in "abc"]
        for file in files:
            file.write(file.name)
    """
    run(code, state, "-W", action)
    assert sorted(kept(state)) == [b"s3://b/a", b"s3://b/b", b"s3://b/c"]


def test_an_interrupt_at_the_end_loses_no_other_file(state: Path) -> None:
    code = """
        from s3open.writing import recovery
        real = recovery.keep
        def keep(spool, about, name):
            if about["uri"] == "s3://b/two":
                raise KeyboardInterrupt
            return real(spool, about, name)
        recovery.keep = keep
        files = [s3open.open(f"s3://b/{name}", "w") for name in ("one", "two", "three")]
        for file in files:
            file.write(file.name)
    """
    done = run(code, state)
    assert sorted(kept(state)) == [b"s3://b/one", b"s3://b/three"]
    assert "KeyboardInterrupt" in done.stderr


@pytest.mark.parametrize(
    ("ending", "status"),
    [("sys.exit(3)", 3), ("1 / 0", 1), ("raise SystemExit('bye')", 1)],
)
def test_the_exit_code_stays_what_it_was(state: Path, ending: str, status: int) -> None:
    code = f"""
        file = s3open.open("s3://b/k", "w")
        file.write("half")
        {ending}
    """
    run(code, state, status=status)
    assert kept(state) == [b"half"]


def test_what_a_text_layer_of_the_user_held_at_the_end_is_kept(state: Path) -> None:
    code = """
        file = io.TextIOWrapper(s3open.open("s3://b/k", "wb"))
        file.write("whole")
    """
    run(code, state)
    assert kept(state) == [b"whole"]


def test_what_gzip_held_at_the_end_is_kept(state: Path) -> None:
    code = """
        file = gzip.open(s3open.open("s3://b/k", "wb"), "wb")
        file.write(b"whole")
    """
    run(code, state)
    assert gzip.decompress(kept(state)[0]) == b"whole"


def test_layers_that_know_each_other_are_closed_all_the_same(state: Path) -> None:
    code = """
        class Text(io.TextIOWrapper): pass
        class Friend(io.StringIO): pass
        file = Text(s3open.open("s3://b/k", "wb"))
        file.friend = Friend()
        file.friend.friend = file
        file.write("whole")
    """
    done = run(code, state)
    assert kept(state) == [b"whole"]
    assert "Traceback" not in done.stderr


def test_a_program_that_closed_its_files_says_nothing(state: Path) -> None:
    code = """
        with s3open.open("s3://b/k", "w") as file:
            file.write("whole")
        assert store.objects["k"].body == b"whole"
        store.objects.clear()
        store.requests.clear()
    """
    assert run(code, state).stderr == ""
    assert kept(state) == []


def test_a_forked_child_keeps_and_publishes_nothing_at_its_end(state: Path) -> None:
    code = """
        file = s3open.open("s3://b/k", "w")
        file.write("parent")
        if not os.fork():
            sys.exit()
        os.wait()
    """
    done = run(code, state)
    assert kept(state) == [b"parent"]
    assert done.stderr.count("UnpublishedWarning") == 1
    assert done.stdout.count("published: [] []") == 2
