"""The subcommands for signed URLs, and the flags that only these have."""

from __future__ import annotations

from s3open.cli import values
from s3open.cli.kinds import STORE, Argument, Command, Flag

URLS: tuple[Command, ...] = (
    Command(
        "url",
        "print a URL with which anybody can do one thing, for a while",
        "urls:url",
        (Argument("URI", "s3://bucket/key, or s3://bucket", "+"),),
        (
            *("method", "post", "public", "expires_in", "version_id"),
            *("content_type", "metadata", "json", *STORE),
        ),
        (
            ("url s3://bucket/key", "to download it, for an hour"),
            ("url --method PUT --expires-in 86400 s3://bucket/key", "to upload it"),
            ("url --post s3://bucket/key", "a form to upload it, for a browser"),
            ("url --public s3://bucket/key", "without a signature"),
        ),
        "It is good for 7 days at most, and no longer than the credentials that it is "
        "signed with. Whoever has it can use it, and has to send the type and the "
        "metadata that were said.",
        aliases=("presign",),
    ),
)

FLAGS: dict[str, Flag] = {
    "method": Flag(
        ("--method",),
        "what it does; GET by default",
        "METHOD",
        choices=("GET", "HEAD", "PUT", "POST", "DELETE"),
    ),
    "expires_in": Flag(
        ("--expires-in", "--expire"),
        "for how many seconds it is good, or 12h, 7d; 3600 by default",
        "SECONDS",
        values.seconds,
    ),
    "post": Flag(
        ("--post",), "a form: where it is posted to, and its fields", apart="kind"
    ),
    "public": Flag(
        ("--public",),
        "without a signature, for what everybody may read",
        apart="kind",
    ),
}
