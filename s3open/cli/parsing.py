"""Reads a command line, by the tables of commands and flags.

Only the parser of the subcommand that was asked for is made. Flags may stand anywhere,
also before the command: they are put in one order first, with their values, for the
tables know which of them have any.
"""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from typing import TYPE_CHECKING, Any, NoReturn

from s3open.cli.commands import ALIASES, COMMANDS
from s3open.cli.flags import BY_SPELLING, FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from s3open.cli.kinds import Argument, Command, Flag


class UsageError(ValueError):
    """The command line cannot mean anything."""


def program() -> str:
    """Return what the user calls this command: s3open, or s3."""
    name = os.path.basename(sys.argv[0]).removesuffix(".exe")
    return name if name in ("s3", "s3open") else "s3open"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the values of all arguments and flags, and the command that runs.

    *command* and *action* are its names, *run* says the function. Exits with usage on
    stderr, or with the help that was asked for.
    """
    before, name, behind = _split(arguments)
    command = _command(name)
    if not command.actions:
        return _parsed(command, command.name, None, [*before, *behind])
    more, action, rest = _split(behind)
    flags = [*before, *more]
    if action not in {each.name for each in command.actions}:
        # `recover --json` is what the default action is given, `recover --help` is not.
        if not command.default or action or _wants_help(flags):
            _fail_or_help(command, action, flags)
        flags, action, rest = [], command.default, [*before, *behind]
    [chosen] = [each for each in command.actions if each.name == action]
    examples = chosen.examples or command.examples
    return _parsed(
        chosen._replace(examples=examples),
        f"{command.name} {action}",
        command.name,
        [*flags, *rest],
    )


def _parsed(
    command: Command, title: str, group: str | None, given: Sequence[str]
) -> argparse.Namespace:
    parser = make_parser(command, title)
    try:
        tokens = list(_ordered(command, given))
    except UsageError as error:
        parser.error(str(error))
    options = parser.parse_args(tokens)
    options.command = group or command.name
    options.action = command.name if group else None
    options.run = command.run
    return options


def make_parser(command: Command, title: str) -> argparse.ArgumentParser:
    """Return the parser of *command* alone, which is called *title*."""
    prog = program()
    flags = ["[FLAGS]"] if command.flags else []
    words = " ".join([*flags, *map(usage, command.arguments)])
    parser = _Parser(
        prog=f"{prog} {title}",
        usage=f"%(prog)s {words}".rstrip(),
        description=wrapped(command.description or _sentence(command.help)),
        epilog=_epilog(prog, command),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for argument in command.arguments:
        _add_argument(parser, argument)
    apart: dict[str, Any] = {}
    for name in command.flags:
        flag = FLAGS[name]
        place: Any = parser
        if flag.apart:
            if flag.apart not in apart:
                apart[flag.apart] = parser.add_mutually_exclusive_group()
            place = apart[flag.apart]
        _add_flag(place, name, flag, required=name in command.required)
    return parser


class _Parser(argparse.ArgumentParser):
    """One that says what is wrong, and not what else there is."""

    def error(self, message: str) -> NoReturn:
        """Exit with *message*, and where to read on."""
        message = f"{self.prog}: {message}\n{self.prog} --help says what it takes\n"
        self.exit(2, self.format_usage() + message)


def usage(argument: Argument) -> str:
    """Return *argument* as it is written behind its command."""
    return {"": "{}", "?": "[{}]", "+": "{}...", "*": "[{}...]"}[
        argument.number
    ].format(argument.name)


def _add_argument(parser: argparse.ArgumentParser, argument: Argument) -> None:
    more: dict[str, Any] = {}
    if argument.number:
        more["nargs"] = argument.number
    if argument.choices:
        more["choices"] = argument.choices
    parser.add_argument(
        _destination(argument),
        metavar=argument.name,
        help=argument.help,
        **more,
    )


def _destination(argument: Argument) -> str:
    return argument.name.lower() + ("s" if argument.number in ("+", "*") else "")


def _add_flag(place: Any, name: str, flag: Flag, *, required: bool) -> None:
    text = f"{flag.help}: {', '.join(flag.choices)}" if flag.choices else flag.help
    text = argparse.SUPPRESS if flag.idle else text
    if not flag.metavar:
        place.add_argument(*flag.spellings, dest=name, action="store_true", help=text)
        return
    action: Any = _Filter if name == "filters" else "append" if flag.many else "store"
    place.add_argument(
        *flag.spellings,
        dest=name,
        action=action,
        metavar=flag.metavar,
        type=flag.convert,
        choices=flag.choices or None,
        default=[] if flag.many else flag.default,
        required=required,
        help=text,
    )


class _Filter(argparse.Action):
    """Keeps --include and --exclude in the order in which they were said."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        filters = [*getattr(namespace, self.dest), ((option_string or "")[2:], values)]
        setattr(namespace, self.dest, filters)


def wrapped(text: str) -> str:
    """Return *text* in lines that fit on any terminal."""
    return textwrap.fill(text, 79)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _epilog(prog: str, command: Command) -> str | None:
    if not command.examples:
        return None
    rows = [
        (line if "s3open " in line else f"{prog} {line}", why)
        for line, why in command.examples
    ]
    width = max(len(line) for line, _ in rows)
    lines = (f"  {line:<{width}}  {why}" for line, why in rows)
    return "\n".join(["examples:", *lines]).replace("%", "%%")


def _command(name: str | None) -> Command:
    if name is None:
        raise UsageError("no command")
    found = COMMANDS.get(ALIASES.get(name, name))
    if found is None:
        raise UsageError(f"there is no command {name!r}{_alike(name, COMMANDS)}")
    return found


def _alike(text: str, known: Sequence[str] | dict[str, Any]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(text, list(known), 1, 0.7)
    return f": do you mean {close[0]}?" if close else ""


def _wants_help(tokens: Sequence[str]) -> bool:
    return any(token in ("-h", "--help") for token in tokens)


def _fail_or_help(command: Command, action: str | None, flags: list[str]) -> NoReturn:
    """Show what actions there are, or say that *action* is none of them."""
    prog = f"{program()} {command.name}"
    names = "|".join(each.name for each in command.actions)
    usage = f"usage: {prog} {names} ..."
    if action is None and _wants_help(flags):
        lines = [f"  {each.name:<10} {each.help}" for each in command.actions]
        print(usage, "", wrapped(command.description), "", *lines, "", sep="\n")
        print((_epilog(program(), command) or "").replace("%%", "%"))
        raise SystemExit(0)
    wrong = f"there is no {action!r}" if action else "what is to be done?"
    print(usage, f"{prog}: {wrong} ({names})", sep="\n", file=sys.stderr)
    raise SystemExit(2)


def _split(tokens: Sequence[str]) -> tuple[list[str], str | None, list[str]]:
    """Return what stands before the first token that is no flag, that, and the rest."""
    before: list[str] = []
    rest = iter(tokens)
    for token in rest:
        if not _is_flag(token):
            return before, token, list(rest)
        before.append(token)
        if _needs_value(token):
            before.extend([value for value in [next(rest, None)] if value is not None])
    return before, None, []


def _is_flag(token: str) -> bool:
    return token.startswith("-") and token not in ("-", "--")


def _needs_value(token: str) -> bool:
    """Whether the token behind *token* is its value."""
    flag = FLAGS.get(BY_SPELLING.get(token, ""))
    return flag is not None and bool(flag.metavar) and not flag.implied


def _ordered(command: Command, tokens: Sequence[str]) -> Iterator[str]:
    """Yield flags, with their values in the same token, and then all else."""
    others: list[str] = []
    rest = list(reversed(tokens))
    while rest:
        token = rest.pop()
        if token == "--":
            others += reversed(rest)
            break
        if not _is_flag(token):
            others.append(token)
        elif token[1:].isdigit() and "lines" in command.flags:
            yield f"--lines={token[1:]}"
        elif token.startswith("--"):
            yield _long(command, token, rest)
        else:
            yield from _short(command, token, rest)
    if any(other.startswith("-") and other != "-" for other in others):
        yield "--"
    yield from others


def _long(command: Command, token: str, rest: list[str]) -> str:
    spelling, equal, _ = token.partition("=")
    if spelling == "--help":
        return token
    flag = _flag(command, spelling)
    if not flag.metavar or equal:
        return token
    if flag.implied:
        said = bool(rest) and rest[-1] in flag.choices
        return f"{spelling}={rest.pop() if said else flag.implied}"
    if not rest:
        raise UsageError(f"{spelling} needs a value")
    return f"{spelling}={rest.pop()}"


def _short(command: Command, token: str, rest: list[str]) -> Iterator[str]:
    """Yield each of the letters of ``-rf`` or ``-j8`` as a flag by itself."""
    for at, letter in enumerate(token[1:], start=2):
        spelling = f"-{letter}"
        if spelling == "-h":
            yield spelling
            continue
        flag = _flag(command, spelling)
        if not flag.metavar:
            yield spelling
            continue
        value = token[at:].removeprefix("=")
        if not value and not rest:
            raise UsageError(f"{spelling} needs a value")
        # The long form takes a value that begins with a hyphen, too.
        long = next(text for text in flag.spellings if text.startswith("--"))
        yield f"{long}={value or rest.pop()}"
        return


def _flag(command: Command, spelling: str) -> Flag:
    name = BY_SPELLING.get(spelling)
    if name is None or name not in command.flags:
        known = [text for each in command.flags for text in FLAGS[each].spellings]
        raise UsageError(f"{command.name} has no {spelling}{_alike(spelling, known)}")
    return FLAGS[name]
