"""What is told of a request: S3's name of it, and no more than that it was made."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from s3open import tracing
from s3open.s3.told import Telling, named


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("get_object", "GetObject"),
        ("list_objects", "ListObjectsV2"),
        ("list_objects_v2", "ListObjectsV2"),
        ("list_versions", "ListObjectVersions"),
        ("get_object_tags", "GetObjectTagging"),
        ("put_object_tags", "PutObjectTagging"),
        ("upload_exists", "ListParts"),
        ("complete_multipart_upload", "CompleteMultipartUpload"),
        ("get_bucket_cors", "GetBucketCors"),
    ],
)
def test_operations_are_called_as_s3_calls_them(ours: str, theirs: str) -> None:
    assert named(ours) == theirs


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
def test_a_line_is_for_those_who_debug(
    level: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(level, logger="s3open")
    Telling("get_object", "s3://b/k", "GET", "bytes=0-9", 0).answered(206)
    Telling("put_object", "s3://b/k", "PUT", None, 5).failed("no answer")
    lines = [each.getMessage().rpartition(" in ")[0] for each in caplog.records]
    expected = [
        "GetObject 's3://b/k' bytes=0-9: 206",
        "PutObject 's3://b/k': no answer",
    ]
    assert lines == (expected if level == logging.DEBUG else [])


def test_it_is_counted_while_somebody_looks() -> None:
    assert not tracing.is_watched()
    with tracing.trace() as trace:
        assert tracing.is_watched()
        Telling("put_object", "s3://b/k", "PUT", None, 5).answered(200)
        Telling("put_object", "s3://b/k", "PUT", None, 5).failed("no answer")
    Telling("put_object", "s3://b/k", "PUT", None, 5).answered(200)
    assert (trace.requests, trace.bytes_out, trace.failures) == (2, 10, 1)
    assert trace.verbs == {"PUT": 2}
    assert not tracing.is_watched()


def test_logging_is_not_imported_to_say_nothing() -> None:
    code = (
        "import sys; from s3open.s3.told import Telling;"
        "Telling('get_object', 's3://b/k', 'GET', None, 0).answered(200);"
        "print('logging' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("False\n", "")
