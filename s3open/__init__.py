r"""builtin open() for files on Amazon S3.

    import s3open

    with s3open.open("s3://bucket/key", "w") as file:
        file.write("all of it or nothing, when the block is left\n")

The house, from the top: `filesystem` (a store as an object); `recovering` (what could
not be published); `transfers` (whole files,
there and back); `opening` (`open` itself); `stores` (local, S3); `files` (what open
returns: io layers over one raw file); `reading` and `writing` (download, publication);
`spool` (memory, then a temporary file); `s3` (the verbs, spoken by boto3); `contract`
(what a store gives). Imports go downwards only. None of boto3, botocore and awscrt is
imported before it is needed.
"""

from s3open._version import __version__
from s3open.config import Config
from s3open.errors import (
    IntegrityError,
    NotModifiedError,
    ObjectChangedError,
    PreconditionFailedError,
    PublishError,
    S3Error,
    UnpublishedWarning,
    WeakStoreWarning,
)
from s3open.files import Info
from s3open.filesystem import FileSystem
from s3open.functions import discard, download, info, local, upload
from s3open.opening import open
from s3open.recovering import Recovered, recover

__all__ = [
    "Config",
    "FileSystem",
    "Info",
    "IntegrityError",
    "NotModifiedError",
    "ObjectChangedError",
    "PreconditionFailedError",
    "PublishError",
    "Recovered",
    "S3Error",
    "UnpublishedWarning",
    "WeakStoreWarning",
    "__version__",
    "discard",
    "download",
    "info",
    "local",
    "open",
    "recover",
    "upload",
]
