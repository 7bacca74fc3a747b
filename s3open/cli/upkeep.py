"""The subcommands for what is left behind, for stores, and for the command itself."""

from __future__ import annotations

from s3open.cli.kinds import STORE, Argument, Command

_WHERE = ("endpoint_url", "region", "profile", "debug")
_YES = ("yes", "force")
_KEPT = Argument("NAME", "as listed", "*")
_UPLOADS = Argument("PLACE", "a bucket, or s3://bucket/key and below")

UPKEEP = (
    Command(
        "uploads",
        "list or abort multipart uploads that were left behind",
        description="Parts of an upload that was neither completed nor aborted cost "
        "storage. Some uploads may be under way, though: look at their age.",
        examples=(("uploads abort my-bucket --older-than 7d", "those of last week"),),
        actions=(
            Command(
                "list",
                "list them",
                "uploads:run",
                (_UPLOADS,),
                ("older_than", "prefix", "json", *STORE),
            ),
            Command(
                "abort",
                "abort them: their parts are deleted",
                "uploads:run",
                (_UPLOADS,),
                ("older_than", "prefix", *_YES, "json", *STORE),
                required=("older_than",),
            ),
        ),
    ),
    Command(
        "recover",
        "publish what was written and could not be published",
        description="What could not be published, or was never closed, is kept on this "
        "machine. List it, publish it after all, or discard it.",
        examples=(
            ("recover", "list what is kept"),
            ("recover publish --all", "publish it where it belongs"),
        ),
        default="list",
        actions=(
            Command(
                "list",
                "list what is kept (the default)",
                "recover:run",
                (),
                ("json", "debug"),
            ),
            Command(
                "publish",
                "publish it where it belongs, and delete the recovery file then",
                "recover:run",
                (_KEPT,),
                ("all", "to", "force", "sse_customer_key_file", *_WHERE),
                description="Publish, with the content type, metadata and other "
                "options that the file was written with: in place of what is there "
                "(w), if nothing is there (x), if it was not changed since (r+), or "
                "behind what is there (a). --force: whatever is there now.",
            ),
            Command(
                "discard",
                "delete it for good",
                "recover:run",
                (_KEPT,),
                ("all", *_YES, "debug"),
            ),
        ),
    ),
    Command(
        "verify",
        "say what a store can do of what safety needs",
        "verify:command",
        (Argument("ENDPOINT", "such as http://localhost:9000"),),
        ("bucket", "region", "profile", "debug"),
        (("verify http://localhost:9000 --bucket my-bucket", "and what is weaker"),),
        "Try ranges, conditions, checksums, metadata and tags at a store, in a scratch "
        "key of a bucket of yours, and say what s3open makes of what is missing. The "
        "exit code is 1 if anything is. Without --bucket nothing is written.",
    ),
    Command(
        "demo",
        "show what s3open does, and what it costs",
        "demo:command",
        (),
        ("bucket", "endpoint_url", "profile", "debug"),
        (
            ("demo", "on a server of its own on this machine"),
            ("demo --bucket my-bucket --profile me", "in a bucket of yours"),
        ),
        "Write, read, seek, create and abort on S3, and print the requests and bytes "
        "of each step.",
    ),
    Command(
        "completion",
        "print what has a shell complete this command",
        "completion:run",
        (Argument("SHELL", "the shell", choices=("bash", "zsh", "fish")),),
        (),
        (
            ('eval "$(s3open completion bash)"', "in ~/.bashrc; likewise for zsh"),
            ("s3open completion fish | source", "in ~/.config/fish/config.fish"),
        ),
    ),
    Command("version", "print the version", "main:version"),
)
