"""``s3open completion``: what has a shell complete commands, flags and their values.

It is made of the tables once, so that a shell asks no Python at each press of a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.cli.commands import COMMANDS
from s3open.cli.flags import FLAGS

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from s3open.cli.kinds import Command, Flag

_PROGRAMS = ("s3open", "s3")
# Before these end, a value is a file of this machine.
_FILES = ("FILE", "PATH")


def run(options: Namespace) -> int:
    """Print the script for a shell."""
    print("\n".join(_SHELLS[options.shell]()))
    return 0


def _commands() -> Iterator[tuple[str, Command]]:
    """Yield all commands, also by their other names."""
    for command in COMMANDS.values():
        for name in (command.name, *command.aliases):
            yield name, command


def _flags(command: Command) -> list[Flag]:
    """Return what is worth completing: of a group, the flags of all its actions."""
    names = [*command.flags, *(n for each in command.actions for n in each.flags)]
    return [FLAGS[name] for name in dict.fromkeys(names) if not FLAGS[name].idle]


def _words(command: Command) -> list[str]:
    """Return what may stand behind the command besides flags and files."""
    actions = [each.name for each in command.actions]
    return actions + [word for each in command.arguments for word in each.choices]


def _bash() -> Iterator[str]:
    names = " ".join(name for name, _ in _commands())
    yield "_s3open() {"
    yield "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}"
    yield "    local command= each words= flags="
    yield '    for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do'
    yield "        [[ $each == -* ]] || { command=$each; break; }"
    yield "    done"
    yield "    COMPREPLY=()"
    yield "    case $before in"
    for flag in FLAGS.values():
        if flag.choices and not flag.implied:
            yield f"        {'|'.join(flag.spellings)})"
            yield f"            words='{' '.join(flag.choices)}';;"
    yield "    esac"
    yield "    if [[ -n $words ]]; then"
    yield '        COMPREPLY=($(compgen -W "$words" -- "$word")); return'
    yield "    fi"
    yield "    case $command in"
    yield f"        '') words='{names}'; flags='--help --version';;"
    for name, command in _commands():
        spelled = [text for flag in _flags(command) for text in flag.spellings]
        flags = " ".join([*spelled, "--help"])
        yield f"        {name}) words='{' '.join(_words(command))}'; flags='{flags}';;"
    yield "    esac"
    yield "    if [[ $word == -* ]]; then"
    yield '        COMPREPLY=($(compgen -W "$flags" -- "$word"))'
    yield "    elif [[ -n $words ]]; then"
    yield '        COMPREPLY=($(compgen -W "$words" -- "$word"))'
    yield "    fi"
    yield "}"
    # Where nothing of this fits, it is a file of this machine.
    yield f"complete -o default -F _s3open {' '.join(_PROGRAMS)}"


def _zsh() -> Iterator[str]:
    yield f"#compdef {' '.join(_PROGRAMS)}"
    yield "_s3open() {"
    yield "    local -a commands=("
    for name, command in _commands():
        yield f"        {_quoted(f'{name}:{command.help}')}"
    yield "    )"
    yield "    if (( CURRENT == 2 )); then"
    yield "        _describe command commands; return"
    yield "    fi"
    yield "    local command=$words[2]"
    yield "    shift words; (( CURRENT-- ))"
    yield "    case $command in"
    for name, command in _commands():
        yield f"        {name}) _arguments -s \\"
        for flag in _flags(command):
            yield f"            {_zsh_flag(flag)} \\"
        first = f"({' '.join(_words(command))})" if _words(command) else "_files"
        yield f"            {_quoted(f'1: :{first}')} '*: :_files';;"
    yield "    esac"
    yield "}"
    yield f"compdef _s3open {' '.join(_PROGRAMS)}"


def _zsh_flag(flag: Flag) -> str:
    text = flag.help.replace("[", "(").replace("]", ")")
    value = ""
    if flag.metavar:
        what = "_files" if flag.metavar in _FILES else ""
        what = f"({' '.join(_escaped(flag.choices))})" if flag.choices else what
        value = f":{flag.metavar}:{what}"
        value = f":{value}" if flag.implied else value
    spellings = [
        f"{text}=" if _long(text) and value else text for text in flag.spellings
    ]
    again = "*" if flag.many else ""
    apart = "" if flag.many else f"({' '.join(flag.spellings)})"
    many = "{" + ",".join(spellings) + "}" if len(spellings) > 1 else spellings[0]
    return f"'{apart}{again}'{many}{_quoted(f'[{text}]{value}')}"


def _escaped(choices: tuple[str, ...]) -> list[str]:
    return [choice.replace(":", "\\:") for choice in choices]


def _long(spelling: str) -> bool:
    return spelling.startswith("--")


def _fish() -> Iterator[str]:
    for program in _PROGRAMS:
        begin = f"complete -c {program}"
        none = "-n __fish_use_subcommand"
        for name, command in _commands():
            yield f"{begin} -f {none} -a {name} -d {_quoted(command.help)}"
        for name, command in _commands():
            seen = f"-n '__fish_seen_subcommand_from {name}'"
            for word in _words(command):
                yield f"{begin} {seen} -f -a {word}"
            for flag in _flags(command):
                yield f"{begin} {seen} {_fish_flag(flag)}"


def _fish_flag(flag: Flag) -> str:
    parts = [
        f"-l {text[2:]}" if _long(text) else f"-s {text[1:]}" for text in flag.spellings
    ]
    parts.append(f"-d {_quoted(flag.help)}")
    if flag.choices:
        parts.append(f"-xa {_quoted(' '.join(flag.choices))}")
    elif flag.metavar:
        parts.append("-r" if flag.metavar in _FILES else "-x")
    return " ".join(parts)


def _quoted(text: str) -> str:
    """Return *text* as one word of a shell, without a quote in it."""
    return "'" + text.replace("'", "") + "'"


_SHELLS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
