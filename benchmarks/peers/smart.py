"""smart_open."""

from __future__ import annotations

from typing import IO, Any

import boto3
import smart_open
from botocore.config import Config

from benchmarks.peers.base import Files, Text, uri
from benchmarks.workloads import BUCKET, SMALL

# For 32 threads.
_CONNECTIONS = Config(max_pool_connections=32)


class SmartOpen(Text, Files):
    COLD = f"""
import smart_open
with smart_open.open("s3://{BUCKET}/small", "rb") as file:
    assert len(file.read()) == {SMALL}
"""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        # Without it, every file would get a client of its own.
        self._options = {"client": boto3.client("s3", config=_CONNECTIONS)}

    def open(self, name: str, mode: str) -> IO[Any]:
        file: IO[Any] = smart_open.open(uri(name), mode, transport_params=self._options)
        return file
