"""Every flag that any subcommand has, once: one spelling means one thing everywhere.

These are data: `parsing` makes a parser of them, `table` the tables in ``docs``, and
`completion` what a shell completes. A name of `FLAGS` is the attribute that holds the
flag's value.
"""

from __future__ import annotations

from s3open.cli import (
    of_access,
    of_buckets,
    of_cache,
    of_objects,
    of_sandbox,
    of_urls,
    values,
)
from s3open.cli.kinds import Flag

_ACLS = (
    *("private", "public-read", "public-read-write", "authenticated-read"),
    *("aws-exec-read", "bucket-owner-read", "bucket-owner-full-control"),
)

# How the store is reached, and what is told of it.
_STORE = {
    "endpoint_url": Flag(("--endpoint-url",), "the store to use", "URL"),
    "region": Flag(("--region",), "the region to sign for", "REGION"),
    "profile": Flag(("--profile",), "the profile to use", "NAME"),
    "no_sign_request": Flag(
        ("--no-sign-request", "--anonymous"), "sign nothing, for public buckets"
    ),
    "request_payer": Flag(
        ("--request-payer",),
        "agree to pay for requests",
        "WHO",
        choices=("requester",),
        implied="requester",
    ),
    "no_verify_ssl": Flag(
        ("--no-verify-ssl",), "believe whoever answers, whatever the certificate"
    ),
    "ca_bundle": Flag(("--ca-bundle",), "whom to believe: certificates", "FILE"),
    "debug": Flag(("--debug",), "log requests to stderr, show where errors come from"),
}

_OUTPUT = {
    "quiet": Flag(("-q", "--quiet", "--only-show-errors"), "print nothing but errors"),
    "verbose": Flag(("-v", "--verbose"), "print what is skipped, too"),
    "json": Flag(
        ("--json",), "a line of JSON for each, exact, for programs", apart="form"
    ),
    "null": Flag(
        ("-0", "--null"), "end names with NUL, and print them as they are", apart="form"
    ),
    "long": Flag(("-l", "--long", "--detail"), "time, size and more of each"),
    "human_readable": Flag(
        ("-H", "--human-readable", "--humanize"), "sizes such as 1.5 MiB"
    ),
    "summarize": Flag(("--summarize",), "print their number and size in the end"),
    "progress": Flag(
        ("-P", "--progress"), "show progress on what is no terminal", apart="progress"
    ),
    "no_progress": Flag(("--no-progress",), "show no progress", apart="progress"),
}

_CHOICE = {
    "recursive": Flag(
        ("-r", "-R", "--recursive", "--recursive-parallel"), "all that is below"
    ),
    "filters": Flag(
        ("--exclude", "--include"),
        "leave out, or take again, what matches; the last that matches decides",
        "PATTERN",
        many=True,
    ),
    "raw": Flag(("--raw",), "names, and no patterns: * means nothing else"),
    "versions": Flag(
        ("--versions", "--all-versions", "--list-versions"),
        "all versions, and what was deleted",
    ),
    "version_id": Flag(("--version-id",), "that version", "ID"),
    "mfa": Flag(("--mfa",), "the device and its code, for MFA delete", "SERIAL CODE"),
    "name": Flag(("--name",), "whose last part matches", "PATTERN"),
    "larger": Flag(("--larger",), "of more bytes: 10k, 5MiB", "SIZE", values.size),
    "smaller": Flag(("--smaller",), "of fewer bytes", "SIZE", values.size),
    "newer_than": Flag(("--newer-than",), "changed since: 1h, 7d", "AGE", values.age),
    "older_than": Flag(
        ("--older-than",), "so old at least: 30m, 12h, 7d, 2w", "AGE", values.age
    ),
    "prefix": Flag(("--prefix",), "what keys begin with", "TEXT", default=""),
    "depth": Flag(("--depth",), "how many levels down", "N", values.count),
    "lines": Flag(
        ("--lines",), "so many lines (also -N)", "N", values.count, apart="amount"
    ),
    "bytes": Flag(
        ("-c", "--bytes"), "so many bytes: 100, 4k", "SIZE", values.size, apart="amount"
    ),
    "range": Flag(("--range",), "those bytes: 0-99, 100-", "A-B", values.span),
    "algorithm": Flag(
        ("--algorithm",),
        "of all bytes",
        "NAME",
        str.upper,
        ("CRC64NVME", "CRC32C", "CRC32", "SHA256", "SHA1"),
    ),
    "compute": Flag(("--compute",), "download them where the store does not know it"),
    "all": Flag(("--all",), "all that are listed"),
}

_ACTION = {
    "force": Flag(
        ("-f", "--force"),
        "replace what is there; do not ask; what is missing is fine",
        apart="existing",
    ),
    "skip": Flag(
        ("-s", "--skip", "--no-overwrite", "--no-clobber"),
        "leave what is there as it is, and go on",
        apart="existing",
    ),
    "exclusive": Flag(
        ("-x", "--exclusive"), "fail where something is there", apart="existing"
    ),
    "update": Flag(
        ("-u", "--update", "--if-newer", "--if-source-newer"),
        "only what is newer than what is there",
    ),
    "append": Flag(("-a", "--append"), "behind what is there", apart="existing"),
    "yes": Flag(("-y", "--yes"), "do not ask"),
    "dryrun": Flag(("-n", "--dryrun", "--dry-run"), "only say what would be done"),
    "delete": Flag(("--delete",), "delete in TARGET what SOURCE does not have"),
    "protect": Flag(
        ("-D", "--protect", "--do-not-delete"),
        "what is below there is not deleted",
        "PREFIX",
        many=True,
    ),
    "compare": Flag(
        ("--compare",),
        "by what files differ",
        "HOW",
        choices=("auto", "checksum", "size", "mtime"),
        default="auto",
        apart="compare",
    ),
    "size_only": Flag(("--size-only",), "as --compare size", apart="compare"),
    "exact_timestamps": Flag(
        ("--exact-timestamps",), "as --compare mtime", apart="compare"
    ),
    "follow_symlinks": Flag(
        ("--follow-symlinks",), "what links lead to", apart="links", idle=True
    ),
    "no_follow_symlinks": Flag(
        ("--no-follow-symlinks",), "leave links out", apart="links"
    ),
    "jobs": Flag(("-j", "--jobs", "--workers"), "how many at once", "N", values.count),
    "dask": Flag(("--dask",), "have a Dask cluster do it: tcp://host:8786", "ADDRESS"),
    "to": Flag(("--to",), "publish it there instead", "URI"),
    "bucket": Flag(
        ("--bucket",), "a bucket of yours; sandbox: what it begins with, a,b", "NAME"
    ),
}

# What a new object is given, by the names of open().
_OBJECT = {
    "content_type": Flag(("--content-type",), "instead of a guess", "TYPE"),
    "content_encoding": Flag(
        ("--content-encoding", "--encoding"), "such as gzip", "CODING"
    ),
    "content_disposition": Flag(
        ("--content-disposition",), "what browsers do with it", "TEXT"
    ),
    "content_language": Flag(("--content-language",), "such as en", "LANGUAGE"),
    "cache_control": Flag(("--cache-control",), "such as max-age=60", "TEXT"),
    "expires": Flag(("--expires",), "until when caches keep it", "TIME", values.moment),
    "metadata": Flag(("--metadata",), "a=1,b=2", "PAIRS", values.pairs, many=True),
    "tags": Flag(("--tags",), "a=1,b=2", "PAIRS", values.pairs, many=True),
    "metadata_directive": Flag(
        ("--metadata-directive",),
        "what a copy has of its source's",
        "WHAT",
        str.upper,
        ("COPY", "REPLACE"),
    ),
    "storage_class": Flag(("--storage-class",), "such as STANDARD_IA", "CLASS"),
    "acl": Flag(("--acl", "--policy"), "who may do what", "ACL", choices=_ACLS),
    "preserve_acl": Flag(("--preserve-acl",), "a copy has the ACL of its source"),
    "sse": Flag(
        ("--sse",),
        "have the store encrypt it",
        "HOW",
        choices=("AES256", "aws:kms", "aws:kms:dsse"),
        implied="AES256",
    ),
    "sse_kms_key_id": Flag(("--sse-kms-key-id",), "the key for that", "ID"),
    "sse_customer_key_file": Flag(
        ("--sse-customer-key-file",), "32 bytes, which are not kept", "PATH"
    ),
    "website_redirect": Flag(("--website-redirect",), "where to send browsers", "URL"),
    "gzip": Flag(("-z", "--gzip"), "compress uploads, with that content encoding"),
    "no_guess_mime_type": Flag(("--no-guess-mime-type",), "guess no content type"),
}

# Those who come from elsewhere may go on to say so.
_IDLE = {
    "guess_content_type": Flag(
        ("-g", "--guess-content-type"), "guess content types", idle=True
    ),
    "shallow": Flag(("--shallow",), "one level", idle=True),
    "uri": Flag(("-B", "--uri"), "print URIs", idle=True),
}

FLAGS: dict[str, Flag] = {
    **_CHOICE,
    **_ACTION,
    **_OBJECT,
    **of_buckets.FLAGS,
    **of_access.FLAGS,
    **of_urls.FLAGS,
    **of_objects.FLAGS,
    **of_sandbox.FLAGS,
    **of_cache.FLAGS,
    **_OUTPUT,
    **_STORE,
    **_IDLE,
}
BY_SPELLING = {text: name for name, flag in FLAGS.items() for text in flag.spellings}
