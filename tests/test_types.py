"""What type checkers are told of `open`, and that it is true.

mypy checks the assertions about types, pytest those about objects.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import s3open

if TYPE_CHECKING:
    from typing_extensions import assert_type

    from s3open.testing import S3Server
else:

    def assert_type(value, kind):
        return value


def test_the_mode_decides_about_the_type(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    name = f"s3://{s3open_bucket}/key"
    with assert_type(s3open.open(name, "w"), io.TextIOWrapper) as text:
        assert isinstance(text, io.TextIOWrapper)
    with assert_type(s3open.open(name), io.TextIOWrapper) as text:
        assert isinstance(text, io.TextIOWrapper)
    with assert_type(s3open.open(name, "wb"), io.BufferedWriter) as writer:
        assert isinstance(writer, io.BufferedWriter)
    with assert_type(s3open.open(name, "w+b"), io.BufferedRandom) as random:
        assert isinstance(random, io.BufferedRandom)
    with assert_type(s3open.open(name, "rb"), io.BufferedReader) as reader:
        assert isinstance(reader, io.BufferedReader)
    with assert_type(s3open.open(name, "rb", 0), io.RawIOBase) as raw:
        assert isinstance(raw, io.RawIOBase)
    here = s3open.FileSystem(region="us-east-1")
    with assert_type(here.open(name, "rb"), io.BufferedReader) as reader:
        assert isinstance(reader, io.BufferedReader)
