"""Runs a subcommand, and says what became of it.

A subcommand's module is imported when it runs, so that ``--help`` costs nothing.
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING

from s3open._version import __version__
from s3open.cli import parsing
from s3open.cli.answers import complain

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

DONE, FAILED, USAGE = 0, 1, 2
INTERRUPTED = 128 + 2  # as the shell reports SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 1 failed, 2 usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # A terminal that lacks a letter is no reason to fail.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if given[:1] in ([], ["-h"], ["--help"], ["--version"]):
        return _introduce(given)
    try:
        return _run(parsing.parse(given))
    except parsing.UsageError as error:
        complain(error)
        print(f"{parsing.program()} --help lists the commands", file=sys.stderr)
        return USAGE


def version(_: Namespace) -> int:
    """Print the version."""
    print(__version__)
    return DONE


def _introduce(given: Sequence[str]) -> int:
    """Answer what is asked of the command as a whole."""
    if "--version" in given:
        print(__version__)
        return DONE
    from s3open.cli.helping import overview

    print(overview(parsing.program()), file=sys.stdout if given else sys.stderr)
    return DONE if given else USAGE


def _run(options: Namespace) -> int:
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            code = _function(options)(options)
            # What cannot be printed has to show while that can still be told.
            sys.stdout.flush()
            return code
    except BrokenPipeError:
        # Whoever reads us has seen enough (`s3open demo | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except (OSError, ValueError) as error:
        if getattr(options, "debug", False):
            raise
        complain(error)
        return USAGE if isinstance(error, parsing.UsageError) else FAILED
    except Exception as error:
        if getattr(options, "debug", False):
            raise
        complain(f"{type(error).__name__}: {error} (--debug shows where)")
        return FAILED


def _function(options: Namespace) -> Callable[[Namespace], int]:
    module, _, name = options.run.partition(":")
    found: Callable[[Namespace], int] = getattr(
        import_module(f"s3open.cli.{module}"), name
    )
    if getattr(options, "debug", False):
        import logging

        logging.basicConfig(level=logging.INFO)
        # Ours alone: botocore's has the headers, and tokens among them.
        logging.getLogger("s3open").setLevel(logging.DEBUG)
    return found


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Tell the user of the command, to whom our lines say nothing."""
    complain(message)
