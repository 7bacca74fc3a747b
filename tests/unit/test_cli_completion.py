"""What shells complete: the scripts are run by the shells themselves."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open.cli import main, table
from s3open.cli.commands import COMMANDS
from s3open.cli.flags import FLAGS

if TYPE_CHECKING:
    from collections.abc import Callable

README = Path(s3open.__file__).parent.parent / "README.md"
TABLES = README.parent / "docs" / "command.md"

_BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_s3open
printf '%s\\n' "${COMPREPLY[@]}"
"""

CASES = [
    ("ch", {"checksum"}),
    ("cp --rec", {"--recursive", "--recursive-parallel"}),
    ("uploads ", {"list", "abort"}),
    ("sync --compare ", {"auto", "checksum", "size", "mtime"}),
    ("completion z", {"zsh"}),
    ("pipe --app", {"--append"}),
    ("recover publish --t", {"--to"}),
]


@pytest.fixture
def script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Path]:
    def write(shell: str) -> Path:
        if shutil.which(shell) is None:
            pytest.skip(f"{shell} is not installed")
        assert main(["completion", shell]) == 0
        path = tmp_path / shell
        path.write_text(capsys.readouterr().out)
        return path

    return write


def asked(*command: str | Path) -> set[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return {line.split("\t")[0] for line in done.stdout.splitlines() if line}


@pytest.mark.parametrize(("typed", "offered"), CASES)
def test_bash_completes(
    script: Callable[[str], Path], typed: str, offered: set[str]
) -> None:
    words = ["s3open", *typed.split(" ")]
    assert asked("bash", "-c", _BASH, "bash", script("bash"), *words) == offered


@pytest.mark.parametrize(("typed", "offered"), CASES)
def test_fish_completes(
    script: Callable[[str], Path], typed: str, offered: set[str]
) -> None:
    line = f"source {script('fish')}; complete -C 's3 {typed}'"
    assert asked("fish", "--no-config", "-c", line) == offered


def test_bash_leaves_files_to_itself(script: Callable[[str], Path]) -> None:
    words = ["s3open", "cp", "loc"]
    assert asked("bash", "-c", _BASH, "bash", script("bash"), *words) == set()


def test_zsh_can_read_it(script: Callable[[str], Path]) -> None:
    assert asked("zsh", "-f", "-n", script("zsh")) == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_knows_all_of_it(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    shown = capsys.readouterr().out
    for name in COMMANDS:
        assert name in shown
    for flag in FLAGS.values():
        if not flag.idle:
            long = next(text for text in flag.spellings if text.startswith("--"))
            assert (f"-l {long[2:]}" if shell == "fish" else long) in shown


def test_the_printed_tables_are_those_of_the_command() -> None:
    text = TABLES.read_text()
    assert table.renewed(text) == text, "python -m s3open.cli.table docs/command.md"
    assert "](docs/command.md)" in README.read_text()


def test_the_help_in_the_readme_is_the_help() -> None:
    from s3open.cli.helping import overview

    assert overview("s3") in README.read_text()


def test_the_manual_has_every_command_and_every_flag() -> None:
    made = table.markdown()
    for name, command in COMMANDS.items():
        assert f"| [`{name}" in made
        assert f"\n### {name}\n" in made
        for action in command.actions:
            assert f"\n#### {name} {action.name}\n" in made
    for flag in FLAGS.values():
        for spelling in flag.spellings:
            assert f"`{spelling}" in made


def test_a_text_without_marks_gets_no_tables() -> None:
    with pytest.raises(ValueError, match="there is no"):
        table.renewed("nothing")
