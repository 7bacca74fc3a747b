"""The manual: for each command what it takes, what its flags mean, and examples.

It is what ``--help`` says, in Markdown, and the same on every Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.cli.commands import GROUPS
from s3open.cli.flags import FLAGS
from s3open.cli.parsing import usage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from s3open.cli.kinds import Command, Flag


def sections(usual: Collection[str]) -> Iterator[str]:
    """Yield the lines of all commands, whose *usual* flags are told elsewhere."""
    for title, commands in GROUPS.items():
        if commands:
            yield from (f"## {title}", "")
        for command in commands:
            yield from _section(command, command.name, "###", usual)
            for each in command.actions:
                name = f"{command.name} {each.name}"
                yield from _section(each, name, "####", usual)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _section(
    command: Command, name: str, mark: str, usual: Collection[str]
) -> Iterator[str]:
    yield from (f"{mark} {name}", "")
    text = command.description or command.help
    end = "" if text.endswith((".", ":")) else "."
    yield from (f"{text[0].upper()}{text[1:]}{end}", "")
    if not command.actions:
        flags = ["[FLAGS]"] if command.flags else []
        words = [name, *flags, *map(usage, command.arguments)]
        yield from ("```text", f"s3 {' '.join(words)}", "```", "")
    if command.aliases:
        yield from (f"Also called `{'`, `'.join(command.aliases)}`.", "")
    rows = [(f"`{each.name}`", each.help) for each in command.arguments]
    rows += [_row(FLAGS[each]) for each in command.flags if _own(each, usual)]
    if rows:
        yield from table(("", ""), rows)
        yield ""
    if command.examples:
        yield from ("```sh", *map(_example, command.examples), "```", "")


def _own(name: str, usual: Collection[str]) -> bool:
    return name not in usual and not FLAGS[name].idle


def _row(flag: Flag) -> tuple[str, str]:
    value = f" {flag.metavar}" if flag.metavar else ""
    spellings = ", ".join(f"`{text}{value}`" for text in flag.spellings)
    choices = f": {', '.join(flag.choices)}" if flag.choices else ""
    return spellings, f"{flag.help}{choices}"


def _example(example: tuple[str, str]) -> str:
    line, why = example
    return f"{line if 's3open ' in line else f's3 {line}'}  # {why}"
