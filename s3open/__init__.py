r"""builtin open() for files on Amazon S3.

    import s3open

    with s3open.open("s3://bucket/key", "w") as file:
        file.write("all of it or nothing, when the block is left\n")

The house, from the top: `functions` (what is next to `open`); `recovering` (what could
not be published); `filesystem` (a store as an object); `trees` (many files at once);
`transfers` (whole files, there and back); `naming` (names, joined and taken apart);
`opening` (`open` itself); `stores` (local, S3); `files` (what open
returns: io layers over one raw file); `reading` and `writing` (download, publication);
`spool` (memory, then a temporary file); `s3` (the verbs, spoken by boto3); `contract`
(what a store gives). Imports go downwards only. None of boto3, botocore and awscrt is
imported before it is needed.
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
from s3open.filesystem import FileSystem
from s3open.functions import (
    cat,
    checksum,
    cp,
    discard,
    download,
    du,
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
    list_page,
    local,
    ls,
    md5,
    mv,
    read_bytes,
    read_text,
    restore,
    rm,
    size,
    stat,
    sync,
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

if TYPE_CHECKING:
    from s3open.files import Info
    from s3open.filesystem.listed import Listed
    from s3open.path import S3Path
    from s3open.stores.status import Status
    from s3open.trees.report import Report
else:
    # Dear, as pathlib is, or for annotations most of the time.
    _HOMES = {
        "Info": "files",
        "Listed": "filesystem.listed",
        "Report": "trees.report",
        "S3Path": "path",
        "Status": "stores.status",
    }

    def __getattr__(name: str) -> object:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{home}"), name)


__all__ = [
    "Config",
    "FileSystem",
    "Info",
    "IntegrityError",
    "Listed",
    "NotModifiedError",
    "ObjectChangedError",
    "PreconditionFailedError",
    "PublishError",
    "Recovered",
    "Report",
    "S3Error",
    "S3Path",
    "Status",
    "TreeError",
    "UnpublishedWarning",
    "WeakStoreWarning",
    "__version__",
    "basename",
    "bucket",
    "cat",
    "checksum",
    "cp",
    "dirname",
    "discard",
    "download",
    "du",
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
    "list_page",
    "local",
    "ls",
    "md5",
    "mv",
    "open",
    "parse",
    "read_bytes",
    "read_text",
    "recover",
    "restore",
    "rm",
    "size",
    "stat",
    "sync",
    "tail",
    "tempdir",
    "touch",
    "unarchive",
    "undo",
    "upload",
    "versions",
    "walk",
    "write_bytes",
    "write_text",
]
