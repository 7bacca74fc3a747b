"""Where a file lives: the one place that reads names and URIs.

The key is everything behind the bucket's slash, byte for byte. No URL parsing takes
place, for ``? # % + // ..`` and newlines are part of keys as anything else is.
"""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass

from s3open import errors

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
MAX_KEY_BYTES = 1024
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-differences.html
_DIRECTORY_BUCKET = "--x-s3"

_S3_URI = re.compile(r"(?i:s3[an]?)://(.*)", re.DOTALL)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
# What botocore lets through, which includes the old, laxer names of us-east-1.
_BUCKET = re.compile(r"[A-Za-z0-9._-]{1,255}")
# An access point's ARN holds the place of a bucket; its name comes after ":" or "/".
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
_ACCESS_POINT = re.compile(
    r"(arn:[^:/]*:s3(?:-object-lambda|-outposts)?:[^:/]*:[^:/]*:"
    r"(?:outpost[:/][^:/]+[:/])?accesspoint[:/][^:/]+)(?:/(.*))?",
    re.DOTALL,
)


# Schemes that are left to smart_open, each with the extra that it needs.
ELSEWHERE = {
    "gs": "gcs",
    "azure": "azure",
    "http": "http",
    "https": "http",
    "ftp": "",
    "ftps": "",
    "sftp": "ssh",
    "scp": "ssh",
    "ssh": "ssh",
    "hdfs": "",
    "viewfs": "",
    "webhdfs": "webhdfs",
}


@dataclass(frozen=True)
class Location:
    """An object's place on S3.

    *uri* is the name as the user gave it; errors and ``file.name`` show it.
    """

    bucket: str
    key: str
    uri: str

    @property
    def is_unordered(self) -> bool:
        """Whether it is in a directory bucket: these list their keys in no order."""
        return self.bucket.endswith(_DIRECTORY_BUCKET)

    @property
    def is_directory_like(self) -> bool:
        """Whether the name can only mean a bucket or a "directory"."""
        return not self.key or self.key.endswith("/")


def parse(name: str) -> Location | None:
    """Return the location that *name* spells, or None if it is no S3 URI.

    Raises ValueError for a malformed one (naming it, unless it holds credentials) and
    OSError ENAMETOOLONG for a key of more than 1,024 bytes.
    """
    match = _S3_URI.fullmatch(name)
    if match is None:
        return None
    bucket, key = _split(match[1], name)
    if "\0" in name:
        raise ValueError("embedded null byte")
    try:
        length = len(key.encode())
    except UnicodeEncodeError as error:
        raise ValueError(f"a key has to be valid Unicode: {name!r}") from error
    if length > MAX_KEY_BYTES:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), name)
    return Location(bucket, key, name)


def _split(rest: str, name: str) -> tuple[str, str]:
    """Return bucket and key of what follows the scheme."""
    if rest.startswith("arn:"):
        arn = _ACCESS_POINT.fullmatch(rest)
        if arn is None:
            raise ValueError(f"not the ARN of an S3 access point: {name!r}")
        return arn[1], arn[2] or ""
    bucket, _, key = rest.partition("/")
    if "@" in bucket or ":" in bucket:
        # The name is not shown: it may end in a log.
        raise ValueError("credentials in an S3 URI are refused: use a profile")
    if not _BUCKET.fullmatch(bucket):
        raise ValueError(
            f"bad bucket name {bucket!r} in {name!r}: "
            "letters, digits, dots, hyphens and underscores only"
        )
    return bucket, key


def scheme(name: str) -> str | None:
    """Return the scheme that *name* begins with, in lower case; None for a path."""
    match = _SCHEME.match(name)
    return match and match[1].lower()


def local_path(name: str) -> str:
    """Return the path that *name* spells: a plain one as it is, or a ``file://`` URI.

    Raises ValueError for another host's file and for a scheme that is no file's.
    """
    match = _SCHEME.match(name)
    if match is None:
        return name
    if match[1].lower() != "file":
        # Without the name: there may be a password in it.
        raise ValueError(f"cannot open {match[1]}:// names")
    host, slash, path = name[match.end() :].partition("/")
    if host == "~":
        return os.path.expanduser("~" + slash + _unquoted(path))
    if host not in ("", "localhost"):
        raise ValueError(f"a file:// URI of another host: {name!r}")
    return slash + _unquoted(path)


def _unquoted(path: str) -> str:
    from urllib.parse import unquote_to_bytes

    # What is quoted are bytes: a name need not be UTF-8.
    return os.fsdecode(unquote_to_bytes(os.fsencode(path)))


def check_is_file(location: Location) -> None:
    """Raise IsADirectoryError if *location* names a bucket or ends with a slash."""
    if location.is_directory_like:
        raise errors.S3IsADirectoryError.at(location.uri)
