"""What ``s3open --help`` prints: the commands, by what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.cli.commands import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator


def overview(prog: str) -> str:
    """Return the help of the command without a subcommand."""
    return "\n".join(_lines(prog))


def _lines(prog: str) -> Iterator[str]:
    yield f"usage: {prog} COMMAND [FLAGS] ..."
    yield ""
    yield "Files on Amazon S3, and on this machine: s3://bucket/key, or a path."
    for title, commands in GROUPS.items():
        if not commands:
            continue
        yield ""
        yield f"{title}:"
        for each in commands:
            names = ", ".join((each.name, *each.aliases))
            yield f"  {names:<12} {each.help}"
    yield ""
    yield f"{prog} COMMAND --help says what it takes, with examples."
    yield "The exit code is 0 if all was done, 1 if some failed, 2 for wrong usage."
