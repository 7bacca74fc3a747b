"""boto3: its client and its transfers.

Its transfers by awscrt insist on TLS: awscrt's own client stands for them.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from benchmarks.peers.base import (
    DISTANCE,
    MEMBERS,
    TAIL,
    Peer,
    Sink,
    Steps,
    counted,
    drained,
    local_source,
    poured,
    rewrite,
)
from benchmarks.workloads import BUCKET, SMALL, Workload

# The default, 10, is too little for 32 threads.
_CONNECTIONS = Config(max_pool_connections=32)


class _Client(Peer):
    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.client = boto3.client("s3", config=_CONNECTIONS)

    def _body(self, name: str, span: range | None = None) -> Any:
        where = {"Range": f"bytes={span.start}-{span.stop - 1}"} if span else {}
        return self.client.get_object(Bucket=BUCKET, Key=name, **where)["Body"]


class BareStream(_Client):
    """Only receives, into a buffer that is warm."""

    def warm(self) -> None:
        self._body("small").read()

    def stream(self, work: Workload) -> int:
        return poured(self._body(work.source)._raw_stream)  # noqa: SLF001 - urllib3


class Boto(_Client):
    """A client by hand; what is written in steps goes through its transfer."""

    COLD = f"""
import boto3
answer = boto3.client("s3").get_object(Bucket="{BUCKET}", Key="small")
assert len(answer["Body"].read()) == {SMALL}
"""

    def read(self, name: str) -> int:
        return len(self._body(name).read())

    def write(self, name: str, body: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=name, Body=body)

    def stream(self, work: Workload) -> int:
        return drained(self._body(work.source))

    def feed(self, name: str, work: Workload) -> None:
        self.client.upload_fileobj(Steps(work.size), BUCKET, name)

    def first(self, work: Workload) -> int:
        return len(self._body(work.source, range(1)).read())

    def tail(self, work: Workload) -> int:
        total = len(self._body(work.source, range(work.size - TAIL, work.size)).read())
        for number in range(MEMBERS):
            start = number * DISTANCE
            body = self._body(work.source, range(start, start + work.length))
            total += len(body.read())
        return total

    def scattered(self, work: Workload) -> int:
        return sum(
            len(self._body(work.source, range(start, start + work.length)).read())
            for start in work.offsets()
        )

    def lines(self, work: Workload) -> int:
        lines = self._body(work.source).iter_lines(1 << 20, keepends=True)
        return counted(line.decode() for line in lines)


class _Transfers(_Client):
    def warm(self) -> None:
        self.client.download_fileobj(BUCKET, "small", Sink())
        self.client.upload_fileobj(Steps(SMALL), BUCKET, "warm")


class Transfer(_Transfers):
    """download_file and upload_file, from and to local files."""

    def prepare(self, work: Workload) -> None:
        if work.action == "feed":
            local_source(self.folder, work.size)

    def stream(self, work: Workload) -> int:
        return self._downloaded(work.source)

    def feed(self, name: str, work: Workload) -> None:
        source = local_source(self.folder, work.size)
        self.client.upload_file(source, BUCKET, name)

    def rewrite(self, name: str, work: Workload) -> None:
        with TemporaryFile(dir=self.folder) as file:
            rewrite(file, work)
            file.seek(0)
            self.client.upload_fileobj(file, BUCKET, name)

    def _downloaded(self, name: str) -> int:
        path = Path(self.folder) / f"downloaded-{os.getpid()}"
        self.client.download_file(BUCKET, name, str(path))
        size = path.stat().st_size
        path.unlink()
        return size


class ManyTransfers(_Transfers):
    """Into what only counts, with as many connections as s3open may have."""

    _CONFIG = TransferConfig(max_concurrency=32)

    def stream(self, work: Workload) -> int:
        sink = Sink()
        self.client.download_fileobj(BUCKET, work.source, sink, Config=self._CONFIG)
        return sink.count

    def feed(self, name: str, work: Workload) -> None:
        source = Steps(work.size)
        self.client.upload_fileobj(source, BUCKET, name, Config=self._CONFIG)
