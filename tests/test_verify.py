"""``s3open verify``: what a store can do, and what it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s3open.cli import main
from s3open.testing import Fault

if TYPE_CHECKING:
    from s3open.testing import S3Server
    from tests.stores import Endpoint


@pytest.fixture
def store(s3open_server: S3Server, s3open_bucket: str) -> S3Server:
    return s3open_server


def verify(store: S3Server) -> int:
    return main(["verify", store.endpoint_url, "--bucket", "s3open-test"])


def test_a_good_store_can_do_it_all(
    store: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(store) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 13
    assert all(line.startswith("  yes  ") for line in lines[:-1])
    assert lines[-1] == f"{store.endpoint_url}: all that s3open needs"
    assert store.keys("s3open-test") == []
    assert store.uploads("s3open-test") == []


@pytest.mark.parametrize(
    ("ignored", "operation", "named"),
    [
        ("range", "GetObject", "ranges"),
        ("if-match", "GetObject", "If-Match on GetObject"),
        ("if-match", "PutObject", "If-Match on PutObject"),
        ("if-none-match", "PutObject", "If-None-Match on PutObject"),
        ("if-match", "CompleteMultipartUpload", "If-Match on Complete"),
        ("if-none-match", "CompleteMultipartUpload", "If-None-Match on Complete"),
        ("x-amz-copy-source-if-match", "UploadPartCopy", "If-Match on UploadPartCopy"),
        ("checksum", "PutObject", "CRC64NVME kept"),
        ("x-amz-meta-colour", "PutObject", "metadata kept"),
        ("x-amz-tagging", "PutObject", "tags kept"),
        ("x-amz-tagging", "CreateMultipartUpload", "tags of an upload in parts"),
    ],
)
def test_each_weakness_is_named(
    store: S3Server,
    capsys: pytest.CaptureFixture[str],
    ignored: str,
    operation: str,
    named: str,
) -> None:
    with store.faulty(Fault(operation, ignore=[ignored], times=None)):
        assert verify(store) == 1
    weak = [line for line in capsys.readouterr().out.splitlines() if "  NO " in line]
    assert len(weak) == 1
    assert weak[0].startswith(f"  NO   {named}")
    assert ": " in weak[0]
    assert store.keys("s3open-test") == []
    assert store.uploads("s3open-test") == []


def test_a_store_that_copies_nothing_is_told(
    store: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    with store.faulty(Fault("UploadPartCopy", status=501, code="NotImplemented")):
        assert verify(store) == 1
    assert "  NO   UploadPartCopy: updates" in capsys.readouterr().out


def test_moto_is_weak_where_it_is(
    moto_endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in moto_endpoint.environment().items():
        monkeypatch.setenv(name, value)
    moto_endpoint.client.create_bucket(Bucket="verified")
    assert main(["verify", moto_endpoint.url, "--bucket", "s3://verified/"]) == 1
    weak = {
        line[7:].partition(":")[0]
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("  NO ")
    }
    assert "If-Match on CompleteMultipartUpload" in weak
    assert "If-Match on UploadPartCopy" in weak
    assert "If-Match on PutObject (modes a and r+)" not in weak
    assert moto_endpoint.client.list_objects_v2(Bucket="verified")["KeyCount"] == 0


def test_without_a_bucket_nothing_is_written(
    store: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", store.endpoint_url]) == 0
    assert f"{store.endpoint_url}: " in capsys.readouterr().out
    assert store.keys("s3open-test") == []


def test_what_cannot_be_verified_says_why(
    store: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (
        ["http://127.0.0.1:1"],
        ["localhost"],
        [store.endpoint_url, "--bucket", "no-such-bucket"],
    ):
        assert main(["verify", *arguments]) == 1
        told = capsys.readouterr().err
        assert told.startswith("s3open: ")
        assert len(told.splitlines()) == 1
