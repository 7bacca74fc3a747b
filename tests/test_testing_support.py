"""Clients of the test server, for the tests of it."""

from __future__ import annotations

import http.client
import os
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from botocore.exceptions import ClientError

    from s3open.testing import S3Server


class Reply(NamedTuple):
    """An answer, with all that boto3 would hide."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def code(self) -> str:
        return self.body.decode().partition("<Code>")[2].partition("</Code>")[0]


def send(
    server: S3Server,
    method: str,
    target: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
    **named: str,
) -> Reply:
    """Send one request, unsigned, on a connection of its own."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    more = {name.replace("_", "-"): value for name, value in named.items()}
    try:
        connection.request(method, target, body, {**(headers or {}), **more})
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def client_of(server: S3Server, **changes: Any) -> Any:
    """Return a boto3 client that tries everything once."""
    settings = changes.pop("settings", {})
    arguments: dict[str, Any] = {
        "endpoint_url": server.endpoint_url,
        "region_name": "us-east-1",
        "aws_access_key_id": server.access_key,
        "aws_secret_access_key": server.secret_key,
        **changes,
    }
    config = Config(
        s3={"addressing_style": "path"},
        retries={"max_attempts": 0},
        signature_version="s3v4",
        **settings,
    )
    return boto3.client("s3", **arguments, config=config)


def until(condition: Callable[[], object]) -> None:
    """Wait for what is about to happen in the server's thread."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline


def code(error: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    """Return status and code of what boto3 raised."""
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


def child_environment() -> dict[str, str]:
    """Return an environment in which Python finds what it finds here."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


class Upload:
    """A multipart upload of key ``k``, by hand."""

    def __init__(self, client: Any, **arguments: Any) -> None:
        self.client = client
        self.named = {"Bucket": "box", "Key": "k"}
        answer = client.create_multipart_upload(**self.named, **arguments)
        self.named["UploadId"] = answer["UploadId"]
        self.parts: list[dict[str, Any]] = []

    def part(self, number: int, body: bytes, **arguments: Any) -> Any:
        answer = self.client.upload_part(
            **self.named, PartNumber=number, Body=body, **arguments
        )
        sums = {
            name: value for name, value in answer.items() if name.startswith("Checksum")
        }
        self.parts.append({"PartNumber": number, "ETag": answer["ETag"], **sums})
        return answer

    def complete(self, **arguments: Any) -> Any:
        parts = {"Parts": self.parts}
        return self.client.complete_multipart_upload(
            **self.named, MultipartUpload=parts, **arguments
        )
