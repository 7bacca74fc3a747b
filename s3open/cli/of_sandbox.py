"""``sandbox``: a server of one's own, for tests and for trying things out."""

from __future__ import annotations

from s3open.cli import values
from s3open.cli.kinds import Argument, Command, Flag

SANDBOX = (
    Command(
        "sandbox",
        "run an S3 in memory, by itself or for a command",
        "sandbox:command",
        (Argument("COMMAND", "behind --: what is run, with it for its S3", "*"),),
        ("bucket", "versioned", "port", "region", "latency", "rate", "json", "debug"),
        (
            ("sandbox -- pytest", "for tests; the exit code is theirs"),
            ("sandbox --bucket data --port 9000", "until Ctrl-C"),
            ("sandbox --latency 0.05 --rate 10MiB", "as far away as it is in life"),
        ),
        "Print what to export, and serve until Ctrl-C; with a command behind --, run "
        "that with it in its environment, and exit with its code. It listens on this "
        "machine only, verifies signatures, checksums and conditions, and what is on "
        "it is gone in the end. From tests, use s3open.testing.",
    ),
)

FLAGS: dict[str, Flag] = {
    "port": Flag(
        ("--port",), "where it listens; any that is free", "N", values.port, default=0
    ),
    "latency": Flag(
        ("--latency",),
        "how long it waits before each answer: 0.05",
        "SECONDS",
        values.latency,
        default=0.0,
    ),
    "rate": Flag(
        ("--rate",),
        "bytes per second, there and back: 10MiB",
        "SIZE",
        values.rate,
    ),
}
