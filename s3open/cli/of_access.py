"""The subcommands for who may do what, and the flags that only these have."""

from __future__ import annotations

from s3open.cli import values
from s3open.cli.kinds import STORE, Argument, Command, Flag

_URIS = Argument("URI", "s3://bucket/key, or s3://bucket", "+")

ACCESS: tuple[Command, ...] = (
    Command(
        "acl",
        "say, or change, who may do what with objects and buckets",
        description="Most buckets have ACLs disabled, since April 2023 all new ones "
        "unless told otherwise: there a bucket policy says who may do what.",
        examples=(
            ("acl get s3://bucket/key", "whom it belongs to, and the grants"),
            ("acl set --acl public-read s3://bucket/key", "one of S3's own"),
            ("acl set --grant READ=everyone s3://bucket/key", "one grant more"),
            ("acl get --xml s3://bucket/a | s3open acl set --xml s3://bucket/b", "all"),
        ),
        actions=(
            Command(
                "get",
                "print it: the owner, and the permissions of others",
                "access:get",
                (_URIS,),
                ("version_id", "xml", "json", *STORE),
            ),
            Command(
                "set",
                "change it, or replace it",
                "access:put",
                (_URIS,),
                ("acl", "grant", "revoke", "xml", "version_id", *STORE),
                description="--acl and --xml replace it; --revoke takes from it, and "
                "--grant adds to it, after that.",
            ),
        ),
    ),
    Command(
        "logging",
        "say, or change, where the requests to a bucket are logged",
        "access:logging",
        (
            Argument("BUCKET", "whose requests"),
            Argument("TARGET", "s3://bucket/prefix for the logs, or off", "?"),
        ),
        ("xml", "json", *STORE),
        (
            ("logging my-bucket", "where to"),
            ("logging my-bucket s3://my-logs/my-bucket/", "into another bucket"),
            ("logging my-bucket off", "no more"),
        ),
        "A policy of the other bucket has to let logging.s3.amazonaws.com put objects "
        "there.",
    ),
)

FLAGS: dict[str, Flag] = {
    "grant": Flag(
        ("--grant",),
        "READ, READ_ACP, ... to an id, everyone, authenticated or logs",
        "WHAT=WHO",
        values.grant,
        many=True,
    ),
    "revoke": Flag(
        ("--revoke",), "all that somebody was granted", "WHO", values.grantee, many=True
    ),
    "xml": Flag(
        ("--xml",), "as S3's XML, which is printed, or read from stdin", apart="form"
    ),
}
