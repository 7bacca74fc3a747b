"""Reads the command line and runs a subcommand.

A subcommand's module is imported when it runs, so that ``--help`` costs nothing.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

from s3open._version import __version__
from s3open.cli.age import age

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
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
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


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Tell the user of the command, to whom our lines say nothing."""
    print(f"s3open: {message}", file=sys.stderr)


def _run(options: argparse.Namespace) -> int:
    if options.command == "version":
        print(__version__)
        return DONE
    if options.command == "verify":
        from s3open.cli import verify

        return verify.run(
            options.endpoint, options.bucket, options.region, options.profile
        )
    if options.command == "recover":
        from s3open.cli import recover

        return recover.run(options)
    if options.command == "uploads":
        from s3open.cli import uploads

        return uploads.run(options)
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
    _add_recover(commands)
    _add_uploads(commands)
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


def _add_recover(commands: Any) -> None:
    recover = commands.add_parser(
        "recover",
        help="publish what was written and could not be published",
        description="What could not be published, or was never closed, is kept on this "
        "machine. List it, publish it after all, or discard it.",
        epilog="example: s3open recover; s3open recover publish --all",
    )
    actions = recover.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="list what is kept (the default)")
    listing.add_argument("--json", action="store_true", help="for programs")
    publish = actions.add_parser(
        "publish",
        help="publish it where it belongs, and delete the recovery file then",
        description="Publish, with the content type, metadata and other options that "
        "the file was written with: in place of what is there (w), if nothing is there "
        "(x), if it was not changed since (r+), or behind what is there (a).",
    )
    publish.add_argument("names", nargs="*", metavar="NAME", help="as listed")
    publish.add_argument("--all", action="store_true", help="all that are listed")
    publish.add_argument("--to", metavar="URI", help="publish it there instead")
    publish.add_argument("--force", action="store_true", help="whatever is there now")
    publish.add_argument(
        "--sse-customer-key-file", metavar="PATH", help="32 bytes, which are not kept"
    )
    _add_store(publish)
    discard = actions.add_parser("discard", help="delete it for good")
    discard.add_argument("names", nargs="*", metavar="NAME", help="as listed")
    discard.add_argument("--all", action="store_true", help="all that are listed")
    _add_yes(discard)


def _add_uploads(commands: Any) -> None:
    uploads = commands.add_parser(
        "uploads",
        help="list or abort multipart uploads that were left behind",
        description="Parts of an upload that was neither completed nor aborted cost "
        "storage. Some uploads may be under way, though: look at their age.",
        epilog="example: s3open uploads abort my-bucket --older-than 7d",
    )
    actions = uploads.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="list them")
    listing.add_argument("--json", action="store_true", help="for programs")
    abort = actions.add_parser("abort", help="abort them: their parts are deleted")
    _add_yes(abort)
    for action, needed in ((listing, False), (abort, True)):
        action.add_argument(
            "place", metavar="PLACE", help="a bucket, or s3://bucket/key and below"
        )
        action.add_argument(
            "--older-than",
            type=age,
            default="0s",
            required=needed,
            metavar="AGE",
            help="begun so long ago at least: 30m, 12h, 7d, 2w",
        )
        action.add_argument("--prefix", default="", help="what keys begin with")
        _add_store(action)


def _add_store(parser: Any) -> None:
    parser.add_argument("--endpoint-url", help="the store to use")
    parser.add_argument("--region", help="the region to sign for")
    parser.add_argument("--profile", help="the profile to use")


def _add_yes(parser: Any) -> None:
    parser.add_argument("-y", "--yes", "-f", action="store_true", help="do not ask")
