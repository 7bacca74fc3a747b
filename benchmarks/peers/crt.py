"""awscrt's own S3 client, from and to memory."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from awscrt import auth, http, io, s3

from benchmarks.peers.base import Peer, Steps
from benchmarks.workloads import BUCKET, Workload


class Crt(Peer):
    """`S3Client.make_request`; what arrives is counted and dropped."""

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

    def read(self, name: str) -> int:
        return self._got(name)

    def stream(self, work: Workload) -> int:
        return self._got(work.source)

    def write(self, name: str, body: bytes) -> None:
        self._put(name, _Memory(body), len(body))

    def feed(self, name: str, work: Workload) -> None:
        self._put(name, Steps(work.size), work.size)

    def _got(self, name: str) -> int:
        total = 0

        def receive(chunk: bytes, offset: int, **_: Any) -> None:
            nonlocal total
            total += len(chunk)

        request = http.HttpRequest("GET", f"/{BUCKET}/{name}", self._headers())
        self._done(s3.S3RequestType.GET_OBJECT, request, on_body=receive)
        return total

    def _put(self, name: str, body: Any, size: int) -> None:
        headers = self._headers()
        headers.add("Content-Length", str(size))
        headers.add("Content-Type", "binary/octet-stream")
        request = http.HttpRequest("PUT", f"/{BUCKET}/{name}", headers, body)
        self._done(s3.S3RequestType.PUT_OBJECT, request)

    def _headers(self) -> Any:
        return http.HttpHeaders([("Host", self._place)])

    def _done(self, kind: Any, request: Any, **options: Any) -> None:
        made = self._client.make_request(type=kind, request=request, **options)
        made.finished_future.result()


def _Memory(body: bytes) -> Any:  # noqa: N802
    import io as streams

    return streams.BytesIO(body)
