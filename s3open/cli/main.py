"""Reads the command line and runs a subcommand.

A subcommand's module is imported when it runs, so that ``--help`` costs nothing.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from typing import TYPE_CHECKING, Any

from s3open._version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, FAILED, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 1 failed, 2 usage."""
    # A terminal that lacks a letter is no reason to fail.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help(sys.stderr)
        return USAGE
    try:
        return _run(options)
    except BrokenPipeError:
        # Whoever reads us has seen enough (`s3open demo | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return 128 + 2  # as the shell reports SIGINT
    except (OSError, ValueError) as error:
        print(f"s3open: {error}", file=sys.stderr)
        return FAILED


def _run(options: argparse.Namespace) -> int:
    if options.command == "version":
        print(__version__)
        return DONE
    if options.command == "verify":
        from s3open.cli import verify

        return verify.run(
            options.endpoint, options.bucket, options.region, options.profile
        )
    from s3open.cli import demo

    if options.bucket is None and (options.endpoint_url or options.profile):
        print("s3open: --endpoint-url and --profile need --bucket", file=sys.stderr)
        return USAGE
    return demo.run(options.bucket, options.endpoint_url, options.profile)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="s3open", description="builtin open() for files on Amazon S3"
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="show what s3open does, and what it costs",
        description="Write, read, seek, create and abort on S3, and print the requests "
        "and bytes of each step. Without --bucket on a server of its own on this "
        "machine.",
        epilog="examples: s3open demo; s3open demo --bucket my-bucket --profile me",
    )
    demo.add_argument("--bucket", help="use this bucket, with your own credentials")
    demo.add_argument("--endpoint-url", help="the store to use, with --bucket")
    demo.add_argument("--profile", help="the profile to use, with --bucket")
    _add_verify(commands)
    commands.add_parser("version", help="print the version")
    return parser


def _add_verify(commands: Any) -> None:
    verify = commands.add_parser(
        "verify",
        help="say what a store can do of what safety needs",
        description="Try ranges, conditions, checksums, metadata and tags at a store, "
        "in a scratch key of a bucket of yours, and say what s3open makes of what is "
        "missing. The exit code is 1 if anything is.",
        epilog="example: s3open verify http://localhost:9000 --bucket my-bucket",
    )
    verify.add_argument("endpoint", help="such as http://localhost:9000")
    verify.add_argument("--bucket", help="where the scratch key is written; or not")
    verify.add_argument("--region", help="the region to sign for")
    verify.add_argument("--profile", help="the profile to use")
