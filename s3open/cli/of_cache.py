"""``cache``: what is kept of what was read."""

from __future__ import annotations

from s3open.cli.kinds import Command, Flag

_FLAGS = ("cache_dir", "json", "debug")

CACHE = (
    Command(
        "cache",
        "say what a cache of files holds, or empty it",
        description="What open() has read with cache_dir= or Config(cache=) is kept in "
        "a folder, and read from there as long as the object has the same ETag.",
        examples=(
            ("cache info", "how much there is"),
            ("cache clear --cache-dir /scratch/s3", "delete all of it"),
        ),
        default="info",
        actions=(
            Command(
                "info",
                "print how many files are kept, and how many bytes that takes",
                "cache:run",
                (),
                _FLAGS,
            ),
            Command(
                "clear",
                "delete all of it; who reads from it reads on",
                "cache:run",
                (),
                _FLAGS,
            ),
        ),
    ),
)

FLAGS: dict[str, Flag] = {
    "cache_dir": Flag(
        ("--cache-dir",),
        "where it is; $XDG_CACHE_HOME/s3open, or ~/.cache/s3open",
        "FOLDER",
    ),
}
