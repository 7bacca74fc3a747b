"""Builtin `open` on local files, which are in the page cache."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, Any

from benchmarks.peers.base import Appending, Files, Patching, Text, Updating
from benchmarks.workloads import TEXT


class Builtin(Appending, Patching, Updating, Text, Files):
    COLD = "pass"

    def open(self, name: str, mode: str) -> IO[Any]:
        path = Path(self.folder) / name
        encoding = "utf-8" if name == TEXT else None
        return io.open(path, mode, encoding=encoding)
