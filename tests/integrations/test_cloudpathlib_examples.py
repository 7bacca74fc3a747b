"""What cloudpathlib's documentation shows of S3, with another import."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open import S3Path
from s3open import S3Path as CloudPath

if TYPE_CHECKING:
    from s3open.testing import S3Server

TEXT = "Eviction Lab Data Dictionary\n\nAdditional information in our FAQ\n"
BUCKET = "drivendata-public-assets"


@pytest.fixture(autouse=True)
def server(s3open_server: S3Server) -> S3Server:
    for bucket in (BUCKET, "bucket", "cloudpathlib-test-bucket"):
        s3open_server.create_bucket(bucket)
    key = "odsc-west-2019/DATA_DICTIONARY.txt"
    s3open_server.put(BUCKET, key, TEXT.encode())
    return s3open_server


def test_a_file_is_sent_when_it_is_closed(server: S3Server) -> None:
    with CloudPath("s3://bucket/filename.txt").open("w+") as f:
        f.write("Send my changes to the cloud!")
    assert server.read("bucket", "filename.txt") == b"Send my changes to the cloud!"


def test_the_quick_tour() -> None:
    root_dir = CloudPath("s3://drivendata-public-assets/")
    assert repr(root_dir) == "S3Path('s3://drivendata-public-assets/')"

    for f in root_dir.glob("**/*.txt"):
        text_data = f.read_text()
        assert str(f) == f"s3://{BUCKET}/odsc-west-2019/DATA_DICTIONARY.txt"
    assert text_data == TEXT

    new_file_copy = root_dir / "nested_dir/copy_file.txt"
    assert repr(new_file_copy) == f"S3Path('s3://{BUCKET}/nested_dir/copy_file.txt')"
    assert not new_file_copy.exists()
    assert new_file_copy.write_text(text_data) == len(TEXT)
    assert list(root_dir.glob("**/*.txt")) == [
        S3Path("s3://drivendata-public-assets/nested_dir/copy_file.txt"),
        S3Path("s3://drivendata-public-assets/odsc-west-2019/DATA_DICTIONARY.txt"),
    ]
    new_file_copy.unlink()
    assert list(root_dir.glob("**/*.txt")) == [
        S3Path("s3://drivendata-public-assets/odsc-west-2019/DATA_DICTIONARY.txt")
    ]


def test_a_path_has_the_verbs_of_pathlib() -> None:
    s3p = S3Path("s3://cloudpathlib-test-bucket/why_cloudpathlib/file.txt")
    assert s3p.name == "file.txt"
    assert not s3p.exists()
    s3p.touch()
    assert s3p.exists()
    assert list(s3p.parent.iterdir()) == [s3p]
    assert s3p.stat().st_size == 0
    s3p.write_text("Hello to all of my friends!")
    assert s3p.stat().st_size == 27
    s3p.unlink()
    assert not s3p.exists()


def test_nothing_is_downloaded_before_it_is_read(server: S3Server) -> None:
    for number in range(7):
        server.put("bucket", f"Images/DSC_{number:04}.jpg", b"image")
    ladi = CloudPath("s3://bucket/Images")
    with server.counting() as tally:
        first = list(islice(ladi.iterdir(), 5))
        assert len(first) == 5
        assert first[0].exists()
    assert {record.operation for record in tally.records} <= {
        "ListObjectsV2",
        "HeadObject",
    }
    with first[0].open("rb") as f:
        assert f.read() == b"image"
    # Where a path is needed there is a copy, and what is changed in it is sent.
    with s3open.local(first[0], "r") as path:
        assert Path(path).read_bytes() == b"image"
