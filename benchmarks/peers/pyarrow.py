"""pyarrow's file system."""

from __future__ import annotations

import io
import os
from typing import Any
from urllib.parse import urlsplit

from pyarrow import fs

from benchmarks.peers.base import (
    Peer,
    counted,
    drained,
    read_as_zip,
    read_scattered,
    steps,
)
from benchmarks.workloads import BUCKET, SMALL, STEP, Workload


class Arrow(Peer):
    """open_input_stream, open_input_file, open_output_stream."""

    COLD = f"""
import os
from urllib.parse import urlsplit
from pyarrow import fs
store = fs.S3FileSystem(
    region=os.environ["AWS_DEFAULT_REGION"],
    endpoint_override=urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc,
    scheme="http",
)
with store.open_input_stream("{BUCKET}/small") as file:
    assert len(file.read()) == {SMALL}
"""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._store = fs.S3FileSystem(
            region=os.environ["AWS_DEFAULT_REGION"],
            endpoint_override=urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc,
            scheme="http",
        )

    def _stream(self, name: str) -> Any:
        return self._store.open_input_stream(f"{BUCKET}/{name}")

    def _file(self, name: str) -> Any:
        return self._store.open_input_file(f"{BUCKET}/{name}")

    def read(self, name: str) -> int:
        with self._stream(name) as file:
            return len(file.read())

    def write(self, name: str, body: bytes) -> None:
        with self._store.open_output_stream(f"{BUCKET}/{name}") as file:
            file.write(body)

    def stream(self, work: Workload) -> int:
        with self._stream(work.source) as file:
            return drained(file)

    def feed(self, name: str, work: Workload) -> None:
        with self._store.open_output_stream(f"{BUCKET}/{name}") as file:
            for step in steps(work.size):
                file.write(step)

    def first(self, work: Workload) -> int:
        with self._file(work.source) as file:
            return len(file.read(1))

    def tail(self, work: Workload) -> int:
        with self._file(work.source) as file:
            return read_as_zip(file, work)

    def scattered(self, work: Workload) -> int:
        with self._file(work.source) as file:
            return read_scattered(file, work)

    def lines(self, work: Workload) -> int:
        name = f"{BUCKET}/{work.source}"
        # Without its own buffer, each 8 KiB that the text layer takes are a request.
        with self._store.open_input_stream(name, buffer_size=STEP) as file:
            return counted(io.TextIOWrapper(file, "utf-8"))
