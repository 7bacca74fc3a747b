"""Checksums of multipart uploads to the test server."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from s3open import checksums
from s3open.testing import S3Server
from tests.test_testing_support import Upload, client_of, code

if TYPE_CHECKING:
    from collections.abc import Iterator

WITHOUT_CHECKSUMS = {"request_checksum_calculation": "when_required"}


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with S3Server(min_part_size=5) as server:
        yield server


@pytest.fixture
def server(running: S3Server) -> S3Server:
    running.reset()
    running.create_bucket("box")
    return running


@pytest.fixture(scope="module")
def client(running: S3Server) -> Any:
    return client_of(running, settings=WITHOUT_CHECKSUMS)


def full(algorithm: str, body: bytes) -> str:
    return checksums.encode(algorithm, checksums.crc(algorithm, body))


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_full_object_checksums(server: S3Server, client: Any, algorithm: str) -> None:
    upload = Upload(client, ChecksumAlgorithm=algorithm, ChecksumType="FULL_OBJECT")
    name = f"Checksum{algorithm}"
    for number, body in enumerate((b"01234", b"56789", b"abc"), 1):
        answer = upload.part(number, body, ChecksumAlgorithm=algorithm)
        assert answer[name] == full(algorithm.lower(), body)
    whole = full(algorithm.lower(), b"0123456789abc")
    with pytest.raises(ClientError) as error:
        upload.complete(**{name: full(algorithm.lower(), b"other")})
    assert code(error) == (400, "BadDigest")
    done = upload.complete(**{name: whole}, ChecksumType="FULL_OBJECT")
    assert (done[name], done["ChecksumType"]) == (whole, "FULL_OBJECT")
    head = client.head_object(Bucket="box", Key="k", ChecksumMode="ENABLED")
    assert (head[name], head["ChecksumType"]) == (whole, "FULL_OBJECT")


def test_composite_checksums(server: S3Server, client: Any) -> None:
    upload = Upload(client, ChecksumAlgorithm="SHA256")
    bodies = (b"01234", b"5")
    for number, body in enumerate(bodies, 1):
        upload.part(number, body, ChecksumAlgorithm="SHA256")
    done = upload.complete()
    assert done["ChecksumType"] == "COMPOSITE"
    digests = b"".join(hashlib.sha256(body).digest() for body in bodies)
    whole = base64.b64encode(hashlib.sha256(digests).digest()).decode()
    assert done["ChecksumSHA256"] == f"{whole}-2"
    head = client.head_object(Bucket="box", Key="k", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == f"{whole}-2"


def test_composite_checksums_have_to_be_named_for_each_part(
    server: S3Server, client: Any
) -> None:
    upload = Upload(client, ChecksumAlgorithm="CRC32")
    upload.part(1, b"01234", ChecksumAlgorithm="CRC32")
    told = upload.parts[0].pop("ChecksumCRC32")
    with pytest.raises(ClientError) as error:
        upload.complete()
    assert code(error) == (400, "InvalidRequest")
    upload.parts[0]["ChecksumCRC32"] = full("crc32", b"other")
    with pytest.raises(ClientError) as error:
        upload.complete()
    assert code(error) == (400, "InvalidPart")
    upload.parts[0]["ChecksumCRC32"] = told
    upload.complete()


def test_composite_parts_are_consecutive(server: S3Server, client: Any) -> None:
    upload = Upload(client, ChecksumAlgorithm="CRC32")
    upload.part(2, b"01234", ChecksumAlgorithm="CRC32")
    with pytest.raises(ClientError) as error:
        upload.complete()
    assert code(error) == (400, "InvalidPart")


def test_a_part_has_the_checksum_its_upload_declares(
    server: S3Server, client: Any
) -> None:
    upload = Upload(client, ChecksumAlgorithm="CRC32")
    with pytest.raises(ClientError) as error:
        upload.part(1, b"01234", ChecksumAlgorithm="SHA1")
    assert code(error) == (400, "InvalidRequest")
    assert upload.part(1, b"01234")["ChecksumCRC32"] == full("crc32", b"01234")


@pytest.mark.parametrize(
    "arguments",
    [
        {"ChecksumAlgorithm": "SHA256", "ChecksumType": "FULL_OBJECT"},
        {"ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "COMPOSITE"},
        {"ChecksumAlgorithm": "CRC32", "ChecksumType": "NONSENSE"},
        {"ChecksumAlgorithm": "MD4"},
        {"ChecksumType": "FULL_OBJECT"},
    ],
)
def test_checksums_that_do_not_exist_cannot_be_declared(
    server: S3Server, client: Any, arguments: dict[str, str]
) -> None:
    with pytest.raises(ClientError) as error:
        Upload(client, **arguments)
    assert code(error) == (400, "InvalidRequest")


def test_an_upload_without_checksums_gets_the_default(
    server: S3Server, client: Any
) -> None:
    upload = Upload(client)
    upload.part(1, b"01234")
    upload.part(2, b"56789")
    done = upload.complete()
    assert done["ChecksumCRC64NVME"] == full("crc64nvme", b"0123456789")
    assert done["ChecksumType"] == "FULL_OBJECT"


def test_a_completion_may_not_change_its_checksum(
    server: S3Server, client: Any
) -> None:
    upload = Upload(client, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    upload.part(1, b"01234")
    for arguments in ({"ChecksumType": "COMPOSITE"}, {"ChecksumCRC32C": "AAAAAA=="}):
        with pytest.raises(ClientError) as error:
            upload.complete(**arguments)
        assert code(error) == (400, "InvalidRequest")


def test_uploads_not_kept_can_be_completed() -> None:
    with S3Server(keep_bodies=False, min_part_size=1) as server:
        server.create_bucket("box")
        client = client_of(server, settings=WITHOUT_CHECKSUMS)
        upload = Upload(
            client, ChecksumAlgorithm="CRC64NVME", ChecksumType="FULL_OBJECT"
        )
        upload.part(1, b"12345")
        upload.part(2, b"67")
        whole = full("crc64nvme", b"1234567")
        assert upload.complete(ChecksumCRC64NVME=whole)["ChecksumCRC64NVME"] == whole
        assert server.head("box", "k").size == 7
