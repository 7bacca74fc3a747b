"""cloudpathlib: objects are cached as local files."""

from __future__ import annotations

import os
from typing import IO, Any

from cloudpathlib import S3Client

from benchmarks.peers.base import Appending, Files, Patching, Text, Updating, uri
from benchmarks.workloads import BUCKET, SMALL


class Cloudpath(Appending, Patching, Updating, Text, Files):
    """``S3Path.open``; its files are deleted when they are closed."""

    COLD = f"""
from cloudpathlib import S3Path
assert len(S3Path("s3://{BUCKET}/small").read_bytes()) == {SMALL}
"""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        # It downloads what it is going to overwrite, and the server has forgotten it.
        os.environ["AWS_RESPONSE_CHECKSUM_VALIDATION"] = "when_required"
        self._client = S3Client(file_cache_mode="close_file", local_cache_dir=None)

    def open(self, name: str, mode: str) -> IO[Any]:
        file: IO[Any] = self._client.CloudPath(uri(name)).open(mode)
        return file
