"""megfile."""

from __future__ import annotations

import os
from typing import IO, Any

import megfile

from benchmarks.peers.base import Appending, Files, Patching, Text, Updating, uri
from benchmarks.workloads import BUCKET, SMALL


class Megfile(Appending, Patching, Updating, Text, Files):
    COLD = f"""
import megfile
with megfile.smart_open("s3://{BUCKET}/small", "rb") as file:
    assert len(file.read()) == {SMALL}
"""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        os.environ["TMPDIR"] = folder

    def open(self, name: str, mode: str) -> IO[Any]:
        file: IO[Any] = megfile.smart_open(uri(name), mode)
        return file
