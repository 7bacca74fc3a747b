"""The README's tour, run as it stands."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from s3open.cli.parsing import parse
from s3open.testing import S3Server

README = Path(__file__).parent.parent / "README.md"


def test_the_tour_runs_as_it_is_printed(
    s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    s3open_server.create_bucket("my-bucket")
    s3open_server.create_bucket("versioned-bucket", versioned=True)
    s3open_server.synthetic("my-bucket", "10-gib.bin", 10 << 30)

    # Files that an example leaves open are the reader's to close, not the tour's.
    with pytest.warns(ResourceWarning):
        failed, run = doctest.testfile(
            str(README),
            module_relative=False,
        )

    assert run > 10
    assert failed == 0


def test_the_two_commands_are_the_ones_that_ci_runs() -> None:
    ci = (README.parent / ".ci" / "run").read_text()
    commands = re.findall(r"```sh\n(.*?)\n```", README.read_text(), re.DOTALL)
    assert len(commands) == 2
    assert "README.md" in ci


def test_the_commands_are_ones_that_there_are() -> None:
    shown = re.findall(r"^\$ (.*)$|\| (s3 .*?)  ", README.read_text(), re.MULTILINE)
    lines = [line for found in shown for line in found if line.startswith("s3 ")]
    assert len(lines) > 6
    for line in lines:
        words = shlex.split(line.partition("|")[0], comments=True)[1:]
        if words != ["--help"]:
            assert parse(words).command == words[0]


def test_each_promise_leads_to_a_test_that_is_there() -> None:
    promises = README.read_text().partition("## What you can rely on")[2]
    links = re.findall(r'\]\((tests/[^ )]+)(?: "(\w+)")?\)', promises)
    assert len(links) > 30
    for path, name in links:
        source = (README.parent / path).read_text()
        assert f"def {name}(" in source or not name, (path, name)
