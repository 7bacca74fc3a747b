"""What a command line means, by the tables of commands and flags."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from s3open.cli import main, parsing
from s3open.cli.commands import ALIASES, COMMANDS
from s3open.cli.flags import BY_SPELLING, FLAGS

if TYPE_CHECKING:
    from argparse import Namespace

    from s3open.cli.kinds import Command

RUNNABLE: dict[str, Command] = {
    " ".join(filter(None, (command.name, action.name if action else ""))): action
    or command
    for command in COMMANDS.values()
    for action in (command.actions or (None,))
}


def parse(line: str) -> Namespace:
    return parsing.parse(line.split())


def refused(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as caught:
        parse(line)
    assert caught.value.code == 2
    return capsys.readouterr().err


def test_every_spelling_is_that_of_one_flag() -> None:
    counts = Counter(text for flag in FLAGS.values() for text in flag.spellings)
    assert set(counts.values()) == {1}
    assert len(BY_SPELLING) == len(counts)
    assert not {"-h", "--help", "--version"} & counts.keys()


def test_every_flag_has_a_long_spelling_and_is_somewhere_of_use() -> None:
    for flag in FLAGS.values():
        assert any(text.startswith("--") for text in flag.spellings)
    used = {name for command in RUNNABLE.values() for name in command.flags}
    assert used == FLAGS.keys()


@pytest.mark.parametrize("name", RUNNABLE)
def test_every_command_has_a_function_a_help_and_flags_that_exist(name: str) -> None:
    command = RUNNABLE[name]
    module, _, function = command.run.partition(":")
    assert callable(getattr(import_module(f"s3open.cli.{module}"), function))
    assert set(command.flags) <= FLAGS.keys()
    assert set(command.required) <= set(command.flags)
    assert len(set(command.flags)) == len(command.flags)
    assert command.help[0].islower()
    assert not command.help.endswith(".")


@pytest.mark.parametrize("name", [*COMMANDS, *ALIASES, *RUNNABLE])
def test_help_has_examples_that_can_be_parsed(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(f"{name} --help")
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    words = name.split()
    command = COMMANDS[ALIASES.get(words[0], words[0])]
    for line, _ in command.examples:
        assert line in shown
        if "|" not in line and "$" not in line and ">" not in line:
            given = [word.strip("'") for word in line.split(" && ")[0].split()]
            assert parsing.parse(given).command == line.split()[0]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("cp -rf a b", {"recursive": True, "force": True, "skip": False}),
        ("cp a b -r", {"sources": ["a"], "target": "b", "recursive": True}),
        ("cp a -r b c", {"sources": ["a", "b"], "target": "c"}),
        ("cp -j4 a b", {"jobs": 4}),
        ("cp -j 4 a b", {"jobs": 4}),
        ("cp -rj=4 a b", {"jobs": 4, "recursive": True}),
        ("cp --jobs=4 a b", {"jobs": 4}),
        ("--profile me ls s3://b", {"profile": "me", "places": ["s3://b"]}),
        ("-l ls s3://b", {"long": True}),
        ("ls --profile=me s3://b", {"profile": "me"}),
        ("cp --sse a b", {"sse": "AES256", "sources": ["a"]}),
        ("cp --sse aws:kms a b", {"sse": "aws:kms", "sources": ["a"]}),
        ("cp --sse=aws:kms a b", {"sse": "aws:kms"}),
        ("cp a b --sse", {"sse": "AES256"}),
        ("ls --request-payer s3://b", {"request_payer": "requester"}),
        ("ls --request-payer requester s3://b", {"places": ["s3://b"]}),
        ("ls s3://b", {"request_payer": None, "recursive": False}),
        ("cp - s3://b/k", {"sources": ["-"], "target": "s3://b/k"}),
        ("rm -- -r --x", {"places": ["-r", "--x"], "recursive": False}),
        ("rm -n -- -", {"places": ["-"], "dryrun": True}),
        ("find . --name -x*", {"name": "-x*"}),
        ("head -3 k", {"lines": 3}),
        ("tail -120 k", {"lines": 120, "names": ["k"]}),
        ("head -c 4k k", {"bytes": 4096, "lines": None}),
        ("pipe k", {"command": "put", "name": "k"}),
        ("info k", {"command": "stat"}),
        ("cat --range 5-9 k", {"range": (5, 10)}),
        ("sync a b -D x/ --protect y/", {"protect": ["x/", "y/"]}),
        ("sync a b", {"protect": [], "compare": "auto", "filters": []}),
        ("cp a b --metadata-directive replace", {"metadata_directive": "REPLACE"}),
        ("uploads list b", {"action": "list", "place": "b", "older_than": None}),
        ("uploads abort --older-than 7d b", {"older_than": timedelta(days=7)}),
        ("--profile me uploads list b", {"profile": "me"}),
        ("recover", {"action": "list", "json": False}),
        ("recover --json", {"action": "list", "json": True}),
        ("recover publish x --force", {"names": ["x"], "force": True, "all": False}),
        ("rm s3://b -R --quiet", {"recursive": True, "quiet": True}),
        ("sync a b --only-show-errors --dryrun", {"quiet": True, "dryrun": True}),
    ],
)
def test_flags_may_stand_anywhere_and_be_spelled_in_several_ways(
    line: str, found: dict[str, object]
) -> None:
    options = vars(parse(line))
    assert {name: options[name] for name in found} == found


def test_include_and_exclude_keep_their_order() -> None:
    options = parse("cp a b --exclude * --include *.txt --exclude=x*")
    assert options.filters == [
        ("exclude", "*"),
        ("include", "*.txt"),
        ("exclude", "x*"),
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("cp a", "TARGET"),
        ("ls", "PLACE"),
        ("ls --delete s3://b", "ls has no --delete"),
        ("ls --recusive s3://b", "do you mean --recursive?"),
        ("ls -rx s3://b", "ls has no -x"),
        ("ls --recursive=yes s3://b", "recursive"),
        ("cp -f -s a b", "not allowed with"),
        ("cp --progress --no-progress a b", "not allowed with"),
        ("sync a b --size-only --compare mtime", "not allowed with"),
        ("sync a b --compare luck", "luck"),
        ("cp a b --acl everybody", "everybody"),
        ("cp a b -j", "-j needs a value"),
        ("cp a b --jobs", "--jobs needs a value"),
        ("cp a b -j 0", "from 1 on"),
        ("cp a b --sse=rot13", "rot13"),
        ("uploads", "list|abort"),
        ("uploads lisst b", "there is no 'lisst'"),
        ("uploads abort b", "--older-than"),
        ("recover wish", "there is no 'wish'"),
        ("completion tcsh", "tcsh"),
    ],
)
def test_what_means_nothing_is_refused_with_the_reason(
    line: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert complaint in refused(line, capsys)


def test_an_unknown_command_is_told_with_the_one_that_is_alike(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["lsr"]) == 2
    assert "there is no command 'lsr': do you mean ls?" in capsys.readouterr().err
    assert main(["frobnicate"]) == 2
    assert "do you mean" not in capsys.readouterr().err
    assert main(["--profile", "me"]) == 2


def test_without_a_command_there_is_an_overview(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert main(["--help"]) == 0
    assert capsys.readouterr().out == shown.err
    for command in COMMANDS.values():
        assert f"  {command.name}" in shown.err
        assert command.help in shown.err


@pytest.mark.parametrize(
    ("flag", "text", "value"),
    [
        ("--older-than", "1d12h", timedelta(days=1, hours=12)),
        ("--larger", "10k", 10240),
        ("--larger", "5MiB", 5 << 20),
        ("--larger", "1GB", 1 << 30),
        ("--larger", "7b", 7),
        ("--smaller", "0", 0),
    ],
)
def test_ages_and_sizes_are_read(flag: str, text: str, value: object) -> None:
    options = parse(f"find . {flag} {text}")
    assert getattr(options, flag[2:].replace("-", "_")) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("0-99", (0, 100)), ("100-", (100, None)), ("0-0", (0, 1)), ("7-7", (7, 8))],
)
def test_ranges_include_their_last_byte(text: str, value: object) -> None:
    assert parse(f"cat k --range {text}").range == value


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("a=1", {"a": "1"}),
        ("a=1,b=2", {"a": "1", "b": "2"}),
        ("a=1,2,b=x=y", {"a": "1,2", "b": "x=y"}),
        ("a=", {"a": ""}),
        ('{"a":"1"}', {"a": "1"}),
    ],
)
def test_pairs_are_read(text: str, pairs: dict[str, str]) -> None:
    assert parse(f"cp a b --metadata {text}").metadata == [pairs]


def test_times_without_a_zone_are_utc() -> None:
    expected = datetime(2030, 1, 31, 12, tzinfo=timezone.utc)
    for text in ("2030-01-31T12:00", "2030-01-31T12:00:00Z", "2030-01-31T13:00+01:00"):
        assert parse(f"cp a b --expires {text}").expires == expected


@pytest.mark.parametrize(
    "words",
    [
        "--older-than 7",
        "--larger 1x",
        "--larger -1",
        "--larger \u0661",
        "--newer-than soon",
    ],
)
def test_values_that_are_none_are_refused(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "not a" in refused(f"find . {words}", capsys)


@pytest.mark.parametrize(
    "words",
    [
        "cat k --range 5",
        "cat k --range -5",
        "cat k --range 9-5",
        "head -c x k",
        "cp a b --metadata a",
        "cp a b --metadata =1",
        "cp a b --metadata {",
        'cp a b --metadata {"a":1}',
        "cp a b --expires tomorrow",
        "du --depth one a",
    ],
)
def test_other_values_that_are_none_are_refused(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--help says what it takes" in refused(words, capsys)


def test_the_command_is_called_what_the_user_calls_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, called in (("/usr/bin/s3", "s3"), ("x/__main__.py", "s3open")):
        monkeypatch.setattr(sys, "argv", [path])
        main(["--help"])
        assert capsys.readouterr().out.startswith(f"usage: {called} COMMAND")


# What would make the help wait: all of it is imported when it is needed.
_DEAR = (
    *("boto3", "botocore", "awscrt", "http.client", "urllib.request", "ssl", "json"),
    *("asyncio", "concurrent.futures", "subprocess", "tqdm", "logging", "difflib"),
    *("s3open.cli.trees", "s3open.cli.listing", "s3open.cli.uploads", "s3open.testing"),
    *("s3open.transfers.uploading", "s3open.s3.wire.pool", "multiprocessing"),
)


@pytest.mark.parametrize("words", [["--help"], ["cp", "--help"], ["version"]])
def test_help_imports_nothing_that_is_dear(words: list[str]) -> None:
    program = (
        "import sys; before = set(sys.modules); from s3open.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print('\\n' + ' '.join(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COVERAGE_PROCESS_START": ""},
    )
    imported = set(done.stdout.splitlines()[-1].split())
    assert imported.isdisjoint(_DEAR), sorted(imported & set(_DEAR))
