"""universal_pathlib's path on s3open: ``UPath("s3open://bucket/key")``."""

from __future__ import annotations

import fsspec
from upath._flavour import WrappedFileSystemFlavour
from upath.implementations.cloud import CloudPath

from s3open.integrations.fsspec import S3OpenFileSystem

__all__ = ["S3OpenUPath"]

# It looks for what fsspec has imported, before it asks fsspec to import anything.
fsspec.register_implementation("s3open", S3OpenFileSystem, clobber=True)


class S3OpenUPath(CloudPath):  # type: ignore[misc]  # upath is not there in the checks
    """A path of universal_pathlib's, whose bucket is no part of what can be left."""

    __slots__ = ()

    # There is no other way to say so than what upath keeps to itself.
    parser = WrappedFileSystemFlavour(
        S3OpenFileSystem, netloc_is_anchor=True, supports_empty_parts=True
    )
