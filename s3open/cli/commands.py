"""The subcommands for files: what each is for, what it takes, and what runs it.

These are data, as the flags are: no module of a command is imported before it runs.
"""

from __future__ import annotations

from s3open.cli.kinds import STORE as _STORE
from s3open.cli.kinds import Argument, Command
from s3open.cli.of_access import ACCESS
from s3open.cli.of_buckets import BUCKETS
from s3open.cli.of_cache import CACHE
from s3open.cli.of_objects import OBJECTS
from s3open.cli.of_sandbox import SANDBOX
from s3open.cli.of_urls import URLS
from s3open.cli.upkeep import UPKEEP

_OBJECT = (
    *("content_type", "no_guess_mime_type", "guess_content_type", "content_encoding"),
    *("content_disposition", "content_language", "cache_control", "expires"),
    *("metadata", "tags", "storage_class", "acl", "sse", "sse_kms_key_id"),
    *("sse_customer_key_file", "website_redirect"),
)
_COPY = (*_OBJECT, "metadata_directive", "preserve_acl", "gzip")
_TREE = (
    *("filters", "dryrun", "jobs", "dask", "progress", "no_progress", "quiet"),
    *("verbose", "json"),
)
_LINKS = ("follow_symlinks", "no_follow_symlinks")
_EXISTING = ("force", "skip", "exclusive", "update")

_NAME = Argument("NAME", "s3://bucket/key, or a path")
_NAMES = Argument("NAME", "s3://bucket/key, or a path", "+")
_PLACES = Argument("PLACE", "s3://bucket/prefix, or a path", "+")
_URIS = Argument("URI", "s3://bucket/key, or a prefix with --recursive", "+")
_FROM = Argument("SOURCE", "s3://bucket/key, or a path; - is standard input", "+")
_TO = Argument("TARGET", "where to; - is standard output")

_TREES = (
    Command(
        "cp",
        "copy files, to S3, from it, and within",
        "trees:copy",
        (_FROM, _TO),
        (
            "recursive",
            *_EXISTING,
            "version_id",
            "raw",
            *_LINKS,
            *_TREE,
            *_COPY,
            *_STORE,
        ),
        (
            ("cp report.csv s3://bucket/2026/", "upload a file into a folder"),
            ("cp -r s3://bucket/photos/ photos", "download a tree"),
            ("cp -r s3://a/logs/ s3://b/logs/ --exclude '*.tmp'", "copy on the server"),
            ("cp 's3://bucket/2026-*.csv' .", "download what matches"),
            ("cp s3://bucket/key - | wc -l", "print it"),
        ),
    ),
    Command(
        "mv",
        "move files: copy them, then delete what has not changed since",
        "trees:move",
        (_FROM._replace(help="s3://bucket/key, or a path"), _TO._replace(help="where")),
        ("recursive", *_EXISTING, "raw", *_TREE, *_COPY, *_STORE),
        (
            ("mv s3://bucket/a s3://bucket/b", "rename an object"),
            ("mv -r photos s3://bucket/", "upload a tree and delete it here"),
        ),
    ),
    Command(
        "rm",
        "delete files, trees and versions",
        "trees:remove",
        (_PLACES,),
        (
            *("recursive", "filters", "versions", "version_id", "mfa", "force", "yes"),
            *(
                "bypass_governance",
                "raw",
                "dryrun",
                "jobs",
                "progress",
                "no_progress",
                "quiet",
                "verbose",
                "json",
            ),
            *_STORE,
        ),
        (
            ("rm s3://bucket/key", "delete an object"),
            ("rm -r s3://bucket/logs", "delete what is below logs/, and not logs2"),
            ("rm -rn s3://bucket/logs --exclude '*.keep'", "only say what would go"),
            ("rm -rf --versions s3://bucket/logs", "for good, with all its versions"),
        ),
        "On a terminal, --recursive asks before it deletes, and takes no for an answer "
        "unless you say yes.",
    ),
    Command(
        "sync",
        "have TARGET be like SOURCE: copy what differs",
        "trees:sync",
        (
            Argument("SOURCE", "s3://bucket/prefix, or a folder"),
            Argument("TARGET", "likewise"),
        ),
        (
            *("delete", "protect", "compare", "size_only", "exact_timestamps"),
            *_LINKS,
            *_TREE,
            *_COPY,
            *_STORE,
        ),
        (
            ("sync site s3://bucket/site", "upload what has changed"),
            ("sync s3://bucket/site site --delete", "be the same, deletions included"),
            (
                "sync a s3://bucket/a --delete -D logs/",
                "but delete nothing below logs/",
            ),
        ),
        "Both are listed side by side, and nothing else is asked of the store for what "
        "has not changed. Nothing is deleted without --delete.",
    ),
    Command(
        "restore",
        "undelete: remove the newest delete markers",
        "trees:restore",
        (_URIS,),
        ("recursive", "quiet", "json", *_STORE),
        (
            ("restore s3://bucket/key", "have a deleted object again"),
            ("restore -r s3://bucket/logs", "and all that was deleted below logs/"),
        ),
    ),
    Command(
        "undo",
        "have the version before the current one be current again",
        "trees:undo",
        (Argument("URI", "s3://bucket/key", "+"),),
        ("quiet", "json", *_STORE),
        (("undo s3://bucket/key", "take the last change, or deletion, back"),),
    ),
)

_LISTINGS = (
    Command(
        "ls",
        "list what is at a place",
        "listing:ls",
        (_PLACES,),
        (
            *("recursive", "long", "human_readable", "summarize", "versions", "json"),
            *("null", "shallow", "uri", *_STORE),
        ),
        (
            ("ls s3://bucket/", "one level: what ends with / goes on"),
            ("ls -lH s3://bucket/logs/", "with time and size"),
            ("ls -r --summarize s3://bucket", "all, and how much that is"),
            (
                "ls -r -0 s3://bucket/old/ | xargs -0 -n 100 s3open rm",
                "names as they are",
            ),
        ),
    ),
    Command(
        "find",
        "list all that is below a place, as far as it fits",
        "listing:find",
        (_PLACES,),
        (
            *("name", "larger", "smaller", "newer_than", "older_than", "long"),
            *("human_readable", "summarize", "json", "null", *_STORE),
        ),
        (
            ("find s3://bucket/logs --name '*.gz' --larger 1G", "large archives"),
            ("find . --newer-than 1d", "what was changed today, on this machine"),
        ),
    ),
    Command(
        "du",
        "say how much there is below a place",
        "listing:du",
        (_PLACES,),
        ("depth", "human_readable", "versions", "json", *_STORE),
        (
            ("du -H s3://bucket/logs", "size, number and place"),
            ("du --depth 1 s3://bucket/", "of each folder, too"),
        ),
    ),
    Command(
        "tree",
        "draw what is below a place",
        "listing:tree",
        (_PLACES,),
        ("depth", "long", "human_readable", *_STORE),
        (("tree --depth 2 s3://bucket/", "two levels of it"),),
    ),
    Command(
        "versions",
        "list the versions of an object, deletions among them",
        "listing:versions",
        (_URIS,),
        ("recursive", "human_readable", "json", *_STORE),
        (
            ("versions s3://bucket/key", "newest first"),
            ("cat --version-id ID s3://bucket/key", "and one of them"),
        ),
    ),
)

_CONTENTS = (
    Command(
        "cat",
        "print files, byte for byte",
        "contents:cat",
        (_NAMES,),
        ("version_id", "range", *_STORE),
        (
            ("cat s3://bucket/a s3://bucket/b > both", "one behind the other"),
            ("cat --range 0-99 s3://bucket/key", "the first 100 bytes"),
        ),
    ),
    Command(
        "head",
        "print how files begin",
        "contents:head",
        (_NAMES,),
        ("lines", "bytes", "version_id", *_STORE),
        (
            ("head s3://bucket/table.csv", "10 lines"),
            ("head -3 s3://bucket/table.csv", "3 lines"),
            ("head -c 4k s3://bucket/key", "4,096 bytes"),
        ),
    ),
    Command(
        "tail",
        "print how files end",
        "contents:tail",
        (_NAMES,),
        ("lines", "bytes", "version_id", *_STORE),
        (
            ("tail -100 s3://bucket/app.log", "100 lines, whatever its size"),
            ("tail -c 1k s3://bucket/key", "1,024 bytes"),
        ),
    ),
    Command(
        "put",
        "write standard input to a file",
        "contents:put",
        (_NAME,),
        ("force", "exclusive", "append", *_OBJECT, "gzip", *_STORE),
        (
            ("tar c folder | s3open put s3://bucket/folder.tar", "without a file here"),
            ("date | s3open put -a s3://bucket/log", "behind what is there"),
        ),
        "It is published when the input has ended, all of it or nothing.",
        ("pipe",),
    ),
    Command(
        "touch",
        "create files that are not there; have others be new",
        "contents:touch",
        (_NAMES,),
        (*_OBJECT, *_STORE),
        (("touch s3://bucket/done", "an empty object, unless there is one"),),
        "What is there keeps its bytes. The time of an object cannot be changed.",
    ),
    Command(
        "edit",
        "edit a file with $VISUAL or $EDITOR",
        "contents:edit",
        (_NAME,),
        _STORE,
        (("edit s3://bucket/config.json", "uploaded if you have changed it"),),
        "What somebody else has changed meanwhile is not overwritten.",
    ),
)

_ABOUT = (
    Command(
        "stat",
        "say what is known of files",
        "about:stat",
        (_NAMES,),
        ("version_id", "json", *_STORE),
        (("stat s3://bucket/key", "size, time, ETag, type, metadata, checksum"),),
        aliases=("info",),
    ),
    Command(
        "exists",
        "exit with 0 if all of them exist, else with 1",
        "about:exists",
        (_NAMES,),
        ("version_id", *_STORE),
        (("exists s3://bucket/done && echo ready", "prints nothing itself"),),
    ),
    Command(
        "is",
        "exit with 0 if two files have the same content, else with 1",
        "about:same",
        (_NAME, Argument("OTHER", "what to compare it with")),
        ("quiet", *_STORE),
        (("is photo.jpg s3://bucket/photo.jpg", "by checksums, where there are any"),),
    ),
    Command(
        "md5",
        "print the MD5 of files, without a download",
        "about:md5",
        (_NAMES,),
        ("version_id", "compute", *_STORE),
        (("md5 s3://bucket/key", "if the store knows it"),),
    ),
    Command(
        "etag",
        "print the ETag of files",
        "about:etag",
        (_NAMES,),
        ("version_id", *_STORE),
        (("etag s3://bucket/key", "of a path: what S3 would give it"),),
    ),
    Command(
        "checksum",
        "print the checksum that the store keeps of files",
        "about:checksum",
        (_NAMES,),
        ("version_id", "algorithm", "compute", *_STORE),
        (("checksum s3://bucket/key", "algorithm and value"),),
    ),
)

# In the order, and under the headings, in which they are told of.
GROUPS: dict[str, tuple[Command, ...]] = {
    "Many files": (*_TREES, *OBJECTS),
    "What is there": _LISTINGS,
    "What is in it": _CONTENTS,
    "What is known of it": _ABOUT,
    "Buckets and access": (*BUCKETS, *ACCESS, *URLS),
    "Upkeep": (*UPKEEP[:-2], *CACHE, *SANDBOX, *UPKEEP[-2:]),
}
COMMANDS = {each.name: each for group in GROUPS.values() for each in group}
ALIASES = {alias: each.name for each in COMMANDS.values() for alias in each.aliases}
