"""`http.client` without a signature: what is left to gain."""

from __future__ import annotations

import http.client
import os
import threading
from urllib.parse import urlsplit

from benchmarks.peers.base import Peer, poured
from benchmarks.workloads import BUCKET, SMALL, Workload


class Bare(Peer):
    COLD = f"""
import http.client, os
from urllib.parse import urlsplit
place = urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc
connection = http.client.HTTPConnection(place)
connection.request("GET", "/{BUCKET}/small")
assert len(connection.getresponse().read()) == {SMALL}
"""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._mine = threading.local()

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._mine, "connection"):
            place = urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc
            self._mine.connection = http.client.HTTPConnection(place)
        made: http.client.HTTPConnection = self._mine.connection
        return made

    def _get(self, name: str, span: str = "") -> http.client.HTTPResponse:
        headers = {"Range": f"bytes={span}"} if span else {}
        connection = self._connection()
        connection.request("GET", f"/{BUCKET}/{name}", headers=headers)
        return connection.getresponse()

    def read(self, name: str) -> int:
        return len(self._get(name).read())

    def write(self, name: str, body: bytes) -> None:
        connection = self._connection()
        connection.request("PUT", f"/{BUCKET}/{name}", body)
        connection.getresponse().read()

    def stream(self, work: Workload) -> int:
        return poured(self._get(work.source))

    def first(self, work: Workload) -> int:
        return len(self._get(work.source, "0-0").read())
