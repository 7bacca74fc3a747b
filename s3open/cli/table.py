"""The tables in ``docs``: what each command takes, and what each flag means where.

``python -m s3open.cli.table docs/command.md`` puts them there anew, between marks.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from s3open.cli.commands import COMMANDS
from s3open.cli.flags import FLAGS
from s3open.cli.parsing import usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from s3open.cli.kinds import Command, Flag

BEGIN = "<!-- made by python -m s3open.cli.table docs/command.md -->"
END = "<!-- until here -->"


def markdown() -> str:
    """Return both tables."""
    lines = [
        *_table(("command", "", "flags besides those of all"), _command_rows()),
        "",
        *_table(("flag", "meaning", "commands"), _flag_rows()),
    ]
    return "\n".join(lines)


def renewed(text: str) -> str:
    """Return *text* with the tables as they are now; ValueError if it lacks marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"there is no {BEGIN} with {END} behind it")
    return f"{before}{BEGIN}\n\n{markdown()}\n\n{END}{after}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _all() -> Iterator[tuple[str, Command]]:
    """Yield all commands, and the actions of those that are groups."""
    for command in COMMANDS.values():
        if not command.actions:
            yield command.name, command
        for each in command.actions:
            yield f"{command.name} {each.name}", each


def _command_rows() -> Iterator[Sequence[str]]:
    usual = _usual()
    for name, command in _all():
        words = " ".join([name, *(usage(each) for each in command.arguments)])
        aliases = f" (`{'`, `'.join(command.aliases)}`)" if command.aliases else ""
        own = (FLAGS[each] for each in command.flags if each not in usual)
        flags = " ".join(f"`{_short(flag)}`" for flag in own if not flag.idle)
        yield f"`{words}`{aliases}", command.help, flags


def _short(flag: Flag) -> str:
    value = f" {flag.metavar}" if flag.metavar else ""
    return flag.spellings[0] + value


def _usual() -> set[str]:
    """Return the flags that all commands for files have."""
    return set.intersection(
        *(set(each.flags) for _, each in _all() if "ca_bundle" in each.flags)
    )


def _flag_rows() -> Iterator[Sequence[str]]:
    usual = _usual()
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
