r"""builtin open() for files on Amazon S3.

    import s3open

    with s3open.open("s3://bucket/key", "w") as file:
        file.write("all of it or nothing, when the block is left\n")

The house, from the top: `functions` (what is next to `open`); `recovering` (what could
not be published); `service` (a store as an object, and its buckets); `path` (names with
verbs); `filesystem` (what is done with files); `trees` (many files at once);
`transfers` (whole files, there and back); `naming` (names, joined and taken apart);
`opening` (`open` itself); `stores` (local, S3); `files` (what open returns: io layers
over one raw file); `reading` and `writing` (download, publication); `spool` (memory,
then a temporary file); `s3` (the verbs, spoken by boto3); `contract` (what a store
gives). Imports go downwards only. None of boto3, botocore and awscrt is imported before
it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open._version import __version__
from s3open.config import Config
from s3open.errors import (
    IntegrityError,
    NotModifiedError,
    ObjectChangedError,
    PreconditionFailedError,
    PublishError,
    S3Error,
    TreeError,
    UnpublishedWarning,
    WeakStoreWarning,
)
from s3open.functions import (
    acl,
    buckets,
    cat,
    checksum,
    cp,
    discard,
    download,
    du,
    encrypt,
    escape,
    etag,
    etag_matches,
    exists,
    find,
    glob,
    head,
    iglob,
    info,
    isdir,
    isfile,
    legal_hold,
    list_page,
    local,
    ls,
    md5,
    mv,
    presign,
    presign_post,
    public_url,
    read_bytes,
    read_text,
    restore,
    retention,
    rm,
    set_acl,
    set_legal_hold,
    set_metadata,
    set_retention,
    set_storage_class,
    set_tags,
    size,
    stat,
    sync,
    tags,
    tail,
    tempdir,
    touch,
    unarchive,
    undo,
    upload,
    versions,
    walk,
    write_bytes,
    write_text,
)
from s3open.naming import (
    basename,
    bucket,
    dirname,
    islocal,
    isremote,
    join,
    key,
    parse,
)
from s3open.opening import open
from s3open.recovering import Recovered, recover
from s3open.service import FileSystem
from s3open.tracing import Trace, trace

if TYPE_CHECKING:
    from s3open.access import ACL, Grant, Logging, Owner
    from s3open.coded import *  # noqa: F403  # a class for each of S3's error codes
    from s3open.files import Info
    from s3open.filesystem.listed import Listed
    from s3open.integrations.patching import patch
    from s3open.path import S3Path
    from s3open.s3.locks import Retention
    from s3open.service.bucket import Bucket
    from s3open.service.information import BucketEntry
    from s3open.stores.status import Status
    from s3open.trees.report import Report
else:
    # Dear, as pathlib is, or for annotations most of the time.
    _HOMES = {
        "ACL": "access",
        "Bucket": "service.bucket",
        "BucketEntry": "service.information",
        "Grant": "access",
        "Info": "files",
        "Listed": "filesystem.listed",
        "Logging": "access",
        "Owner": "access",
        "Report": "trees.report",
        "Retention": "s3.locks",
        "S3Path": "path",
        "Status": "stores.status",
        "patch": "integrations.patching",
    }

    def __getattr__(name: str) -> object:
        from importlib import import_module

        home = import_module(f"{__name__}.{_HOMES.get(name, 'coded')}")
        try:
            return getattr(home, name)
        except AttributeError:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message) from None


__all__ = [
    "ACL",
    "Bucket",
    "BucketEntry",
    "Config",
    "FileSystem",
    "Grant",
    "Info",
    "IntegrityError",
    "Listed",
    "Logging",
    "NotModifiedError",
    "ObjectChangedError",
    "Owner",
    "PreconditionFailedError",
    "PublishError",
    "Recovered",
    "Report",
    "Retention",
    "S3Error",
    "S3Path",
    "Status",
    "Trace",
    "TreeError",
    "UnpublishedWarning",
    "WeakStoreWarning",
    "__version__",
    "acl",
    "basename",
    "bucket",
    "buckets",
    "cat",
    "checksum",
    "cp",
    "dirname",
    "discard",
    "download",
    "du",
    "encrypt",
    "escape",
    "etag",
    "etag_matches",
    "exists",
    "find",
    "glob",
    "head",
    "iglob",
    "info",
    "isdir",
    "isfile",
    "islocal",
    "isremote",
    "join",
    "key",
    "legal_hold",
    "list_page",
    "local",
    "ls",
    "md5",
    "mv",
    "open",
    "parse",
    "patch",
    "presign",
    "presign_post",
    "public_url",
    "read_bytes",
    "read_text",
    "recover",
    "restore",
    "retention",
    "rm",
    "set_acl",
    "set_legal_hold",
    "set_metadata",
    "set_retention",
    "set_storage_class",
    "set_tags",
    "size",
    "stat",
    "sync",
    "tags",
    "tail",
    "tempdir",
    "touch",
    "trace",
    "unarchive",
    "undo",
    "upload",
    "versions",
    "walk",
    "write_bytes",
    "write_text",
]
