"""The stores of the contract suite, each looked into from outside, not by s3open."""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import s3open

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1 << 20

# For tests in which mode and buffering are data: no overload says what comes then.
open_any: Any = s3open.open
builtin_any: Any = io.open


class Store(ABC):
    """Where a test's files live; every test has one of its own, empty."""

    kind: str

    @abstractmethod
    def name(self, key: str) -> str:
        """Return what to give to ``open``."""

    @abstractmethod
    def put(self, key: str, content: bytes) -> str:
        """Create or replace a file; return its name."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Delete a file; that there is none is fine."""

    @abstractmethod
    def read(self, key: str) -> bytes: ...

    @abstractmethod
    def exists(self, key: str) -> bool: ...

    @abstractmethod
    def pending_uploads(self) -> list[str]:
        """Return the keys of the multipart uploads that are under way."""


class LocalStore(Store):
    """Files in *folder*."""

    kind = "local"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder

    def name(self, key: str) -> str:
        return os.fspath(self.folder / key)

    def put(self, key: str, content: bytes) -> str:
        (self.folder / key).write_bytes(content)
        return self.name(key)

    def delete(self, key: str) -> None:
        (self.folder / key).unlink(missing_ok=True)

    def read(self, key: str) -> bytes:
        return (self.folder / key).read_bytes()

    def exists(self, key: str) -> bool:
        return (self.folder / key).exists()

    def pending_uploads(self) -> list[str]:
        return []


def client_at(url: str, access_key: str, secret_key: str, region: str) -> Any:
    """Return a boto3 client that knows nothing of s3open."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        region_name=region,
        config=Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@dataclass(frozen=True)
class Endpoint:
    """A running server, and a boto3 client that knows nothing of s3open."""

    kind: str
    url: str
    access_key: str
    secret_key: str
    client: Any
    other: tuple[str, str] | None = None
    region: str = "us-east-1"

    @classmethod
    def at(
        cls,
        kind: str,
        url: str,
        access_key: str,
        secret_key: str,
        other: tuple[str, str] | None = None,
    ) -> Endpoint:
        """Return what is at *url*; *other* are the keys of a second user."""
        client = client_at(url, access_key, secret_key, cls.region)
        return cls(kind, url, access_key, secret_key, client, other)

    def environment(self) -> dict[str, str]:
        """Return the variables by which botocore finds this server and nothing else."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


class S3Store(Store):
    """A bucket of its own at *endpoint*."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.kind = endpoint.kind
        self.endpoint = endpoint
        self.client = endpoint.client
        self.bucket = f"contract-{secrets.token_hex(6)}"
        self.client.create_bucket(Bucket=self.bucket, ObjectOwnership="ObjectWriter")

    def name(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def put(self, key: str, content: bytes) -> str:
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content)
        return self.name(key)

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=key)

    def read(self, key: str) -> bytes:
        answer = self.client.get_object(Bucket=self.bucket, Key=key)
        with contextlib.closing(answer["Body"]) as body:
            content: bytes = body.read()
        return content

    def exists(self, key: str) -> bool:
        return key in self.keys()

    def keys(self) -> list[str]:
        """Return the keys of all objects."""
        answer = self.client.list_objects_v2(Bucket=self.bucket)
        return [entry["Key"] for entry in answer.get("Contents", [])]

    def pending_uploads(self) -> list[str]:
        return [upload["Key"] for upload in self._uploads()]

    def head(self, key: str) -> Any:
        """Return what the store says of an object."""
        return self.client.head_object(Bucket=self.bucket, Key=key)

    def require_key(self, key: str) -> None:
        """Skip the test if this store itself loses or changes *key*."""
        import pytest
        from botocore.exceptions import ClientError

        try:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=b"probe")
            kept = self.keys() == [key] and self.read(key) == b"probe"
            for found in self.keys():
                self.delete(found)
            kept = kept and self.keys() == []
        except ClientError:
            kept = False
        if not kept:
            pytest.skip(f"{self.kind} does not keep this key, boto3 alone finds")

    def heeds_conditions_on_parts(self) -> bool:
        """Whether this store heeds If-None-Match where parts are completed; many don't.

        It is asked on a key of its own, which it leaves as it was: absent.
        """
        from botocore.exceptions import ClientError

        at = {"Bucket": self.bucket, "Key": "probe"}
        upload: str = self.client.create_multipart_upload(**at)["UploadId"]
        part = self.client.upload_part(**at, UploadId=upload, PartNumber=1, Body=b"new")
        self.client.put_object(**at, Body=b"old")
        parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
        try:
            self.client.complete_multipart_upload(
                **at,
                UploadId=upload,
                MultipartUpload={"Parts": parts},
                IfNoneMatch="*",
            )
        except ClientError:
            self.client.abort_multipart_upload(**at, UploadId=upload)
        kept = self.read("probe") == b"old"
        self.client.delete_object(**at)
        return kept

    def remove(self) -> None:
        """Delete the bucket and all that is in it."""
        for upload in self._uploads():
            self.client.abort_multipart_upload(
                Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
            )
        answer = self.client.list_object_versions(Bucket=self.bucket)
        for each in answer.get("Versions", []) + answer.get("DeleteMarkers", []):
            self.client.delete_object(
                Bucket=self.bucket, Key=each["Key"], VersionId=each["VersionId"]
            )
        self.client.delete_bucket(Bucket=self.bucket)

    def _uploads(self) -> list[dict[str, str]]:
        answer = self.client.list_multipart_uploads(Bucket=self.bucket)
        uploads: list[dict[str, str]] = answer.get("Uploads") or []
        return uploads


def outcome(action: Callable[..., object], *values: Any, **named: Any) -> object:
    """Return what *action* returns, or what it raises, so that both can be compared."""
    try:
        result = action(*values, **named)
    except Exception as error:
        return told(error)
    if isinstance(result, memoryview | bytearray):
        return bytes(result)
    return result


def told(error: Exception) -> object:
    """Return what is the same of *error* whoever raises it.

    Of an OSError the message is not compared: it has the name of the file in it.
    """
    if isinstance(error, io.UnsupportedOperation):
        return "UnsupportedOperation", str(error)
    if isinstance(error, OSError):
        return _builtin_class(error), error.errno
    if isinstance(error, AttributeError):
        # The name of the class is in the message, and ours are subclasses.
        return "AttributeError"
    return type(error).__name__, str(error)


def _builtin_class(error: OSError) -> str:
    """Return the name of the builtin exception that *error* is, at its narrowest."""
    return next(
        str(kind.__name__)
        for kind in type(error).__mro__
        if getattr(builtins, kind.__name__, None) is kind
    )
