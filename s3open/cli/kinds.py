"""What a subcommand consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

# The flags that all commands for files and buckets have: how the store is reached.
STORE = (
    *("endpoint_url", "region", "profile", "no_sign_request", "request_payer"),
    *("no_verify_ssl", "ca_bundle", "debug"),
)


class Flag(NamedTuple):
    """A flag, all of its spellings, and what it means.

    With a *metavar* it has a value, which *convert* reads. *many* may be said again:
    all values count, in order. The value of one that has *implied* may be left out.
    Of those that are *apart* by the same word, one can be said. What is *idle* is
    accepted for the sake of those who are used to it, for it is done anyway.
    """

    spellings: tuple[str, ...]
    help: str
    metavar: str = ""
    convert: Callable[[str], Any] = str
    choices: tuple[str, ...] = ()
    default: Any = None
    many: bool = False
    implied: str = ""
    apart: str = ""
    idle: bool = False


class Argument(NamedTuple):
    """What follows a command: one, or as many as *number* says (``? * +``)."""

    name: str
    help: str
    number: str = ""
    choices: tuple[str, ...] = ()


class Command(NamedTuple):
    """A subcommand; *run* is module and function, *examples* are lines and what for.

    One that has *actions* is a group of them: ``uploads list``. Without the name of an
    action it means the *default* one, if it has one. *required* flags have to be said.
    """

    name: str
    help: str
    run: str = ""
    arguments: tuple[Argument, ...] = ()
    flags: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    description: str = ""
    aliases: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    actions: tuple[Command, ...] = ()
    default: str = ""
