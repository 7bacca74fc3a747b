"""By what an object is verified: what its store keeps of it, whatever that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import tracing
from s3open.testing import Fault
from tests.fakes import pattern
from tests.stores import open_any
from tests.test_testing_support import client_of

if TYPE_CHECKING:
    from s3open.testing import S3Server

MIB = 1 << 20
LONG = pattern(11 * MIB + 77)
URI = "s3://s3open-test/k"

pytestmark = pytest.mark.usefixtures("_each_transport", "_known_to_honour")


@pytest.fixture
def server(s3open_server: S3Server, s3open_bucket: str) -> S3Server:
    assert s3open_bucket == "s3open-test"
    tracing.checks.clear()
    return s3open_server


def put(server: S3Server, content: bytes, **settings: Any) -> None:
    client_of(server).put_object(
        Bucket="s3open-test", Key="k", Body=content, **settings
    )


def put_in_parts(server: S3Server, size: int, algorithm: str) -> None:
    """Have LONG uploaded by somebody else in parts of *size*, with COMPOSITE sums."""
    client = client_of(server)
    at = {"Bucket": "s3open-test", "Key": "k"}
    upload = client.create_multipart_upload(**at, ChecksumAlgorithm=algorithm)
    parts = []
    for number, start in enumerate(range(0, len(LONG), size), start=1):
        answer = client.upload_part(
            **at,
            UploadId=upload["UploadId"],
            PartNumber=number,
            Body=LONG[start : start + size],
            ChecksumAlgorithm=algorithm,
        )
        name = f"Checksum{algorithm}"
        part = {"PartNumber": number, "ETag": answer["ETag"], name: answer[name]}
        parts.append(part)
    client.complete_multipart_upload(
        **at, UploadId=upload["UploadId"], MultipartUpload={"Parts": parts}
    )


def read(verify: str, *, whole: bool = True, **options: Any) -> bytes:
    with open_any(URI, "rb", verify=verify, **options) as file:
        if whole:
            return bytes(file.read())
        return b"".join(iter(lambda: file.read(99_991), b""))


def is_noticed(server: S3Server, verify: str) -> bool:
    """Whether a bit that is flipped in every answer is an error."""
    fault = server.fault(Fault(operation="GetObject", flip=5, times=None))
    try:
        read(verify)
    except s3open.IntegrityError:
        return True
    finally:
        fault.remove()
    return False


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
@pytest.mark.parametrize("size", [1, 5000, MIB + 1, len(LONG)])
@pytest.mark.parametrize("verify", ["auto", "always"])
def test_every_crc_of_the_whole_is_verified(
    server: S3Server, algorithm: str, size: int, verify: str
) -> None:
    put(server, LONG[:size], ChecksumAlgorithm=algorithm)
    for whole in (True, False):
        assert read(verify, whole=whole) == LONG[:size]
    assert tracing.checks == {"verified": 2}
    if size > 5:
        assert is_noticed(server, verify)


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C"])
@pytest.mark.parametrize("size", [5 * MIB, 12 * MIB])
@pytest.mark.parametrize("verify", ["auto", "always"])
def test_composite_ones_are_verified_where_boundaries_are_known(
    server: S3Server, algorithm: str, size: int, verify: str
) -> None:
    put_in_parts(server, size, algorithm)
    for whole in (True, False):
        assert read(verify, whole=whole) == LONG
    assert tracing.checks == {"verified": 2}
    assert is_noticed(server, verify)


def test_of_parts_of_odd_sizes_it_has_to_be_known_before(server: S3Server) -> None:
    put_in_parts(server, 5 * MIB + 1, "CRC32")
    assert read("auto") == LONG
    assert tracing.checks == {"unverifiable": 1}
    assert read("always") == LONG
    assert tracing.checks == {"unverifiable": 1, "verified": 1}
    assert is_noticed(server, "always")


def test_a_small_object_of_one_part(server: S3Server) -> None:
    client = client_of(server)
    at = {"Bucket": "s3open-test", "Key": "k"}
    upload = client.create_multipart_upload(**at, ChecksumAlgorithm="CRC32")
    named = {**at, "UploadId": upload["UploadId"]}
    part = client.upload_part(
        **named, PartNumber=1, Body=b"some", ChecksumAlgorithm="CRC32"
    )
    told = {name: part[name] for name in ("ETag", "ChecksumCRC32")}
    client.complete_multipart_upload(
        **named, MultipartUpload={"Parts": [{"PartNumber": 1, **told}]}
    )
    with server.counting() as seen:
        assert read("auto") == b"some"
    assert seen.operations == {"GetObject": 1}
    assert tracing.checks == {"verified": 1}


@pytest.mark.parametrize("size", [5000, len(LONG)])
@pytest.mark.parametrize("algorithm", ["SHA256", "SHA1"])
def test_digests_are_taken_only_if_they_are_asked_for(
    server: S3Server, size: int, algorithm: str
) -> None:
    put(server, LONG[:size], ChecksumAlgorithm=algorithm)
    assert read("auto") == LONG[:size]
    assert tracing.checks == {"unverifiable": 1}
    tracing.checks.clear()
    for whole in (True, False):
        assert read("always", whole=whole) == LONG[:size]
    assert tracing.checks == {"verified": 2}
    assert is_noticed(server, "always")


@pytest.mark.parametrize("size", [5000, len(LONG)])
def test_so_are_md5_etags(server: S3Server, size: int) -> None:
    unsummed = Fault(operation="PutObject", ignore=["checksum"])
    server.fault(unsummed)
    put(server, LONG[:size])
    assert read("auto") == LONG[:size]
    assert tracing.checks == {"unverifiable": 1}
    assert read("always") == LONG[:size]
    assert tracing.checks == {"unverifiable": 1, "verified": 1}
    assert is_noticed(server, "always")
    # Those of KMS are no MD5s, and those of customers' keys neither.
    for settings in (
        {"ServerSideEncryption": "aws:kms"},
        {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": bytes(32)},
    ):
        server.fault(unsummed)
        put(server, LONG[:size], **settings)
        key = settings.get("SSECustomerKey")
        with pytest.raises(s3open.IntegrityError, match="keeps no checksum"):
            read("always", sse_customer_key=key)
        assert read("auto", sse_customer_key=key) == LONG[:size]


@pytest.mark.parametrize("memory", [2 * MIB, 128 * MIB])
def test_digests_of_what_was_not_read_in_order(server: S3Server, memory: int) -> None:
    put(server, LONG, ChecksumAlgorithm="SHA256")
    config = s3open.Config(memory=memory)
    with open_any(URI, "rb", verify="always", config=config, buffering=0) as file:
        for start in (8 * MIB, 4 * MIB, 0, 10 * MIB):
            file.seek(start)
            found = file.read(4 * MIB)
            assert found == LONG[start : start + 4 * MIB]
    assert tracing.checks == {"verified": 1}


def test_what_nothing_proves_is_an_error_if_it_always_has_to_be(
    server: S3Server,
) -> None:
    server.fault(Fault(operation="PutObject", ignore=["checksum"]))
    put(server, LONG, ServerSideEncryption="aws:kms")
    with pytest.raises(s3open.IntegrityError, match="keeps no checksum"):
        open_any(URI, "rb", verify="always")
    config = s3open.Config(verify="always")
    with pytest.raises(s3open.IntegrityError, match="keeps no checksum"):
        open_any(URI, "rb", config=config)
    with open_any(URI, "rb", verify="auto", config=config) as file:
        assert file.read() == LONG
    assert tracing.checks == {"unverifiable": 1}


@pytest.mark.parametrize("mode", ["r+b", "a+b", "ab"])
def test_updates_start_from_verified_bytes(server: S3Server, mode: str) -> None:
    put(server, b"0123456789")
    server.fault(Fault(operation="GetObject", flip=5, times=None))
    with pytest.raises(s3open.IntegrityError), open_any(URI, mode) as file:
        file.write(b"more")
    assert server.read("s3open-test", "k") == b"0123456789"


def test_updates_of_what_was_verified(server: S3Server) -> None:
    put(server, LONG, ChecksumAlgorithm="CRC32C")
    with open_any(URI, "r+b") as file:
        file.seek(100)
        file.write(b"new")
        file.seek(0)
        assert file.read() == LONG[:100] + b"new" + LONG[103:]
    assert tracing.checks == {"verified": 1}
    assert server.read("s3open-test", "k") == LONG[:100] + b"new" + LONG[103:]


def test_versions_are_verified_each_by_its_own(server: S3Server) -> None:
    server.create_bucket("versions", versioned=True)
    client = client_of(server)
    ids = [
        client.put_object(Bucket="versions", Key="k", Body=LONG[start:])["VersionId"]
        for start in (0, 1)
    ]
    for start, version in enumerate(ids):
        with s3open.open("s3://versions/k", "rb", version_id=version) as file:
            assert file.read() == LONG[start:]
    assert tracing.checks == {"verified": 2}
