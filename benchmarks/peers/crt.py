"""awscrt's own S3 client, from and to memory."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from awscrt import auth, http, io, s3

from benchmarks.peers.base import Peer, Steps, local_source
from benchmarks.workloads import BUCKET, SMALL, Workload


class _Client(Peer):
    """What both have: the client, and a request with a callback for the body."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        region = os.environ["AWS_DEFAULT_REGION"]
        credentials = auth.AwsCredentialsProvider.new_static(
            os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
        )
        resolver = io.DefaultHostResolver(
            io.EventLoopGroup.get_or_create_static_default()
        )
        self._client = s3.S3Client(
            bootstrap=io.ClientBootstrap(
                io.EventLoopGroup.get_or_create_static_default(), resolver
            ),
            region=region,
            tls_mode=s3.S3RequestTlsMode.DISABLED,
            signing_config=s3.create_default_s3_signing_config(
                region=region, credential_provider=credentials
            ),
        )
        self._place = urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc

    def warm(self) -> None:
        self._got("small")
        self._put("warm", BytesIO(bytes(SMALL)), SMALL)

    def _got(self, name: str) -> int:
        total = 0

        def receive(chunk: bytes, offset: int, **_: Any) -> None:
            nonlocal total
            total += len(chunk)

        request = http.HttpRequest("GET", f"/{BUCKET}/{name}", self._headers())
        self._done(s3.S3RequestType.GET_OBJECT, request, on_body=receive)
        return total

    def _put(self, name: str, body: Any, size: int, **options: Any) -> None:
        headers = self._headers()
        headers.add("Content-Length", str(size))
        headers.add("Content-Type", "binary/octet-stream")
        request = http.HttpRequest("PUT", f"/{BUCKET}/{name}", headers, body)
        self._done(s3.S3RequestType.PUT_OBJECT, request, **options)

    def _headers(self) -> Any:
        return http.HttpHeaders([("Host", self._place)])

    def _done(self, kind: Any, request: Any, **options: Any) -> None:
        made = self._client.make_request(type=kind, request=request, **options)
        made.finished_future.result()


class Crt(_Client):
    """`S3Client.make_request`; what arrives is counted and dropped."""

    def read(self, name: str) -> int:
        return self._got(name)

    def stream(self, work: Workload) -> int:
        return self._got(work.source)

    def write(self, name: str, body: bytes) -> None:
        self._put(name, BytesIO(body), len(body))

    def feed(self, name: str, work: Workload) -> None:
        self._put(name, Steps(work.size), work.size)


class CrtFiles(_Client):
    """The same from and to local files, which it opens itself."""

    def prepare(self, work: Workload) -> None:
        if work.action == "feed":
            local_source(self.folder, work.size)

    def stream(self, work: Workload) -> int:
        path = Path(self.folder) / f"downloaded-{os.getpid()}"
        request = http.HttpRequest("GET", f"/{BUCKET}/{work.source}", self._headers())
        self._done(s3.S3RequestType.GET_OBJECT, request, recv_filepath=str(path))
        size = path.stat().st_size
        path.unlink()
        return size

    def feed(self, name: str, work: Workload) -> None:
        source = local_source(self.folder, work.size)
        self._put(name, None, work.size, send_filepath=source)
