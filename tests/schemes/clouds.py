"""Google's and Azure's stores, by emulators on loopback, all in memory."""

from __future__ import annotations

import base64
import os
import re
import secrets
import subprocess
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# So that a few MiB are many parts.
STEP = 256 << 10


class Google:
    """A bucket of its own, of whoever *client* is."""

    def __init__(self, client: Any) -> None:
        self._bucket = client.create_bucket(f"b-{secrets.token_hex(4)}")
        self.uri = f"gs://{self._bucket.name}"
        self.params = {"client": client, "blob_open_kwargs": {"chunk_size": STEP}}

    def put(self, name: str, data: bytes) -> None:
        self._bucket.blob(name).upload_from_string(data, "application/octet-stream")

    def put_encoded(self, name: str, data: bytes) -> None:
        blob = self._bucket.blob(name)
        blob.content_encoding = "gzip"
        blob.upload_from_string(data)

    def get(self, name: str) -> bytes:
        data: bytes = self._bucket.blob(name).download_as_bytes()
        return data

    def version(self, name: str) -> object:
        return self._bucket.get_blob(name).generation

    def remove(self, name: str) -> None:
        self._bucket.blob(name).delete()

    def names(self) -> list[str]:
        return [blob.name for blob in self._bucket.list_blobs()]


class Azure:
    """A container of its own, of the account of *client*."""

    def __init__(self, client: Any) -> None:
        self._container = client.create_container(f"c-{secrets.token_hex(4)}")
        self.uri = f"azure://{self._container.container_name}"
        self.params = {"client": client, "min_part_size": STEP, "buffer_size": STEP}

    def put(self, name: str, data: bytes) -> None:
        self._container.upload_blob(name, data, overwrite=True)

    def put_encoded(self, name: str, data: bytes) -> None:
        from azure.storage.blob import ContentSettings

        settings = ContentSettings(content_encoding="gzip")
        self._container.upload_blob(name, data, content_settings=settings)

    def get(self, name: str) -> bytes:
        data: bytes = self._container.download_blob(name).readall()
        return data

    def version(self, name: str) -> object:
        return self._container.get_blob_client(name).get_blob_properties().etag

    def remove(self, name: str) -> None:
        self._container.delete_blob(name)

    def names(self) -> list[str]:
        return list(self._container.list_blob_names())


@contextmanager
def google() -> Iterator[Any]:
    """Run gcp-storage-emulator, and give a client of it."""
    from gcp_storage_emulator.server import RequestHandler, create_server
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    class LikeGoogle(RequestHandler):  # type: ignore[misc]  # without types
        encoding: str | None = None

        # The emulator gives any generation; Google only the one that is asked for,
        # and says what a download is encoded by.
        def do_GET(self) -> None:  # noqa: N802  # so it is called
            parts = urlsplit(self.path)
            asked = parse_qs(parts.query)
            if found := re.search(r"/b/([^/]+)/o/([^/]+)$", parts.path):
                bucket, name = map(unquote, found.groups())
                there = self.storage.objects.get(bucket, {}).get(name, {})
                now = there.get("generation")
                if asked.get("generation", [now]) != [now]:
                    self.send_error(404)
                    return
                if "media" in asked.get("alt", ()):
                    self.encoding = there.get("contentEncoding")
            super().do_GET()

        def end_headers(self) -> None:
            if self.encoding:
                self.send_header("Content-Encoding", self.encoding)
            super().end_headers()

    nobody: Any = AnonymousCredentials
    server = create_server("127.0.0.1", 0, in_memory=True)
    with server:
        http = server._api._httpd
        http.RequestHandlerClass = partial(LikeGoogle, server._storage)
        uri = f"http://127.0.0.1:{http.server_address[1]}"
        options = {"api_endpoint": uri}
        client = storage.Client("project", nobody(), client_options=options)
        with closing(client):
            yield client


@contextmanager
def azure(program: str, folder: Path) -> Iterator[Any]:
    """Run Azurite, which is *program*, and give a client of it."""
    from azure.storage.blob import BlobServiceClient

    key = base64.b64encode(b"secret").decode()
    # What it would tell its makers is nobody's business.
    command = [
        *(program, "--blobHost", "127.0.0.1", "--blobPort", "0", "--silent"),
        *("--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck"),
    ]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "AZURITE_ACCOUNTS": f"account:{key}"},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            said = ""
            for line in server.stdout:
                said += line
                if found := re.search(r"listens on (http://[\d.:]+)", line):
                    break
            else:
                raise AssertionError(said)
            with BlobServiceClient(
                f"{found[1]}/account",
                credential={"account_name": "account", "account_key": key},
            ) as client:
                yield client
        finally:
            server.terminate()
