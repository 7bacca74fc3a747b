"""The page on the command in ``docs``: its manual, and what each flag means where.

``python -m s3open.cli.table docs/command.md`` puts it there anew, between marks.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from s3open.cli import manual
from s3open.cli.commands import COMMANDS
from s3open.cli.flags import FLAGS
from s3open.cli.parsing import usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from s3open.cli.kinds import Command

BEGIN = "<!-- made by python -m s3open.cli.table docs/command.md -->"
END = "<!-- until here -->"


def markdown() -> str:
    """Return what there is, the manual, and all flags."""
    usual = _usual()
    lines = [
        *manual.table(("command", ""), _command_rows()),
        "",
        *manual.sections(usual),
        "## Every flag",
        "",
        *manual.table(("flag", "meaning", "commands"), _flag_rows(usual)),
    ]
    return "\n".join(lines)


def renewed(text: str) -> str:
    """Return *text* with the page as it is now; ValueError if it lacks marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"there is no {BEGIN} with {END} behind it")
    return f"{before}{BEGIN}\n\n{markdown()}\n\n{END}{after}"


def _all() -> Iterator[tuple[str, Command]]:
    """Yield all commands, and the actions of those that are groups."""
    for command in COMMANDS.values():
        if not command.actions:
            yield command.name, command
        for each in command.actions:
            yield f"{command.name} {each.name}", each


def _command_rows() -> Iterator[Sequence[str]]:
    for name, command in COMMANDS.items():
        words = " ".join([name, *(usage(each) for each in command.arguments)])
        yield f"[`{words}`](#{name})", command.help


def _usual() -> set[str]:
    """Return the flags that all commands for files have."""
    return set.intersection(
        *(set(each.flags) for _, each in _all() if "ca_bundle" in each.flags)
    )


def _flag_rows(usual: set[str]) -> Iterator[Sequence[str]]:
    # What is short first: these are what one has to know by heart.
    order = sorted(FLAGS.items(), key=lambda item: item[1].spellings[0][1] == "-")
    for name, flag in order:
        value = f" {flag.metavar}" if flag.metavar else ""
        spellings = ", ".join(f"`{text}{value}`" for text in flag.spellings)
        commands = [each for each, command in _all() if name in command.flags]
        others = [each for each, found in _all() if "ca_bundle" not in found.flags]
        others = [each for each in others if each in commands]
        if name in usual:
            commands = ["all for files", *others]
        where = ", ".join(commands)
        meaning = f"{flag.help}, which is done anyway" if flag.idle else flag.help
        yield spellings, meaning, where


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text()))
