"""What names and URIs mean: the key is everything behind the bucket's slash."""

import errno
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3open import location
from s3open.errors import S3IsADirectoryError
from s3open.location import Location

ACCESS_POINT = "arn:aws:s3:us-west-2:123456789012:accesspoint"
OUTPOST = "arn:aws:s3-outposts:us-west-2:123456789012:outpost"
OBJECT_LAMBDA = "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint"
MULTI_REGION = "arn:aws:s3::123456789012:accesspoint"


def parsed(name: str) -> tuple[str, str]:
    found = location.parse(name)
    assert found is not None
    assert found.uri == name
    return found.bucket, found.key


@pytest.mark.parametrize("scheme", ["s3", "S3", "s3a", "S3A", "s3n", "S3n"])
def test_the_scheme_may_be_an_alias_and_of_any_case(scheme: str) -> None:
    assert parsed(f"{scheme}://bucket/key") == ("bucket", "key")


@pytest.mark.parametrize(
    "key",
    [
        "plain",
        "a/b/c.txt",
        "a//b",
        "/leading",
        "//two",
        "trailing/",
        "./a/../b",
        "..",
        "?versionId=1",
        "a?b#c",
        "50%",
        "%41%2F%zz",
        "a+b c",
        " ",
        "\n",
        "line\nbreak\r\n",
        "\t\x01\x7f",
        "ä/日本/😀",
        "a\u0301",
        "user:password@host",
        "s3://other/key",
        "arn:aws:s3:::x",
        "\\windows\\",
        "~",
        "*?[a-z]",
        "a;b=c&d",
        '"<>|',
        "{}^`",
    ],
)
def test_a_key_is_taken_as_it_is(key: str) -> None:
    assert parsed(f"s3://bucket/{key}") == ("bucket", key)


@settings(derandomize=True, database=None, max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_any_text_without_a_null_is_a_key(key: str) -> None:
    key = key.replace("\0", "0")
    assert parsed(f"s3://bucket/{key}") == ("bucket", key)


@pytest.mark.parametrize(
    ("name", "bucket", "key"),
    [
        ("s3://bucket", "bucket", ""),
        ("s3://bucket/", "bucket", ""),
        ("s3://bucket/a/", "bucket", "a/"),
    ],
)
def test_a_bucket_and_a_trailing_slash_are_directory_like(
    name: str, bucket: str, key: str
) -> None:
    found = location.parse(name)
    assert found == Location(bucket, key, name)
    assert found.is_directory_like
    with pytest.raises(IsADirectoryError) as caught:
        location.check_is_file(found)
    assert type(caught.value) is S3IsADirectoryError
    assert caught.value.errno == errno.EISDIR
    assert caught.value.filename == name


def test_a_key_is_a_file() -> None:
    found = location.parse("s3://bucket/a/b")
    assert found is not None
    assert not found.is_directory_like
    location.check_is_file(found)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "key",
        "/s3://bucket/key",
        "./s3://bucket/key",
        " s3://bucket/key",
        "s3:/bucket/key",
        "s3:bucket",
        "s3//bucket",
        "s3b://bucket/key",
        "s33://bucket/key",
        "xs3://bucket/key",
        "file:///s3://bucket",
        "http://bucket.s3.amazonaws.com/key",
    ],
)
def test_whatever_does_not_begin_with_the_scheme_is_no_s3_uri(name: str) -> None:
    assert location.parse(name) is None


@pytest.mark.parametrize(
    "bucket",
    [
        "a",
        "my-bucket",
        "my.bucket.example.com",
        "Old_Style.Bucket",
        "123",
        "point-abcdef0123456789abcdef0123-s3alias",
        "my-bucket--usw2-az1--x-s3",
        "x" * 255,
    ],
)
def test_every_bucket_name_that_exists_is_taken(bucket: str) -> None:
    assert parsed(f"s3://{bucket}/key") == (bucket, "key")


@pytest.mark.parametrize(
    "bucket",
    ["", " ", "my bucket", "bücket", "a?b", "a#b", "a%20b", "a\nb", "b\n", "x" * 256],
)
def test_a_malformed_bucket_name_is_a_value_error_that_shows_it(bucket: str) -> None:
    name = f"s3://{bucket}/key"
    with pytest.raises(ValueError, match="bad bucket name") as caught:
        location.parse(name)
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize(
    "arn",
    [
        f"{ACCESS_POINT}/test",
        f"{ACCESS_POINT}:test",
        f"{ACCESS_POINT}/test-1.2",
        f"{OUTPOST}/op-01ac5d28a6a232904/accesspoint/reports",
        f"{OUTPOST}:op-01ac5d28a6a232904:accesspoint:reports",
        f"{OBJECT_LAMBDA}/resize",
        f"{OBJECT_LAMBDA}:resize",
        f"{MULTI_REGION}/mfzwi23gnjvgw.mrap",
        f"{MULTI_REGION}:mfzwi23gnjvgw.mrap",
        "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/test",
        "arn:aws-us-gov:s3:us-gov-west-1:123456789012:accesspoint:test",
    ],
)
def test_an_access_point_s_arn_stands_for_a_bucket(arn: str) -> None:
    assert parsed(f"s3://{arn}") == (arn, "")
    assert parsed(f"s3://{arn}/") == (arn, "")
    assert parsed(f"s3://{arn}/a/b:c//d\n@e") == (arn, "a/b:c//d\n@e")
    assert parsed(f"s3a://{arn}/accesspoint/x") == (arn, "accesspoint/x")


@pytest.mark.parametrize(
    "arn",
    [
        "arn:",
        "arn:aws:s3:::bucket",
        "arn:aws:s3:us-west-2:123456789012:bucket/name",
        "arn:aws:s3:us-west-2:123456789012:accesspoint",
        "arn:aws:s3:us-west-2:123456789012:accesspoint/",
        "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1",
        "arn:aws:sqs:us-west-2:123456789012:accesspoint/test",
        "arn:aws:s3:us/west:123456789012:accesspoint/test",
    ],
)
def test_another_arn_is_a_value_error(arn: str) -> None:
    with pytest.raises(ValueError, match="not the ARN of an S3 access point"):
        location.parse(f"s3://{arn}")


@pytest.mark.parametrize(
    "name",
    [
        "s3://AKIAEXAMPLE:wJalrXUtnFEMI@bucket/key",
        "s3a://AKIAEXAMPLE:wJalrXUtnFEMI@bucket",
        "s3://wJalrXUtnFEMI@bucket/key",
        # Secrets are base64: slashes are as likely as any other letter.
        "s3://AKIAEXAMPLE:wJalrXUtnFEMI/K7MDENG@bucket/key",
        "s3://AKIAEXAMPLE:/wJalrXUtnFEMI@bucket/key",
        "s3://AKIAEXAMPLE:wJalrXUtnFEMI/K7/MDENG@localhost:9000@bucket/key",
        "s3://AKIAEXAMPLE:wJalrXUtnFEMI",
    ],
)
def test_credentials_are_refused_and_not_shown(name: str) -> None:
    with pytest.raises(ValueError, match="credentials") as caught:
        location.parse(name)
    assert "wJalrXUtnFEMI" not in str(caught.value)
    assert "MDENG" not in str(caught.value)


def test_a_null_is_the_value_error_of_builtin_open() -> None:
    with pytest.raises(ValueError, match="embedded null byte"):
        location.parse("s3://bucket/a\0b")


@pytest.mark.parametrize("key", ["\ud800", "a\udcff"])
def test_a_key_that_is_no_unicode_is_a_value_error(key: str) -> None:
    with pytest.raises(ValueError, match="valid Unicode"):
        location.parse(f"s3://bucket/{key}")


def test_a_key_is_as_long_as_its_utf8() -> None:
    assert parsed("s3://bucket/" + "x" * 1024) == ("bucket", "x" * 1024)
    assert parsed("s3://bucket/" + "€" * 341) == ("bucket", "€" * 341)
    for key in ("x" * 1025, "€" * 342, "😀" * 257):
        with pytest.raises(OSError, match="long") as caught:
            location.parse(f"s3://bucket/{key}")
        assert caught.value.errno == errno.ENAMETOOLONG
        assert caught.value.filename == f"s3://bucket/{key}"


@pytest.mark.parametrize(
    "name",
    ["", "a", "/a/b", "./a:b", "a%20b", "C:\\a", "c://a", "file", "file:", "file:/a"],
)
def test_a_plain_path_stays_as_it_is(name: str) -> None:
    assert location.local_path(name) == name


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("file:///a/b", "/a/b"),
        ("FILE:///a", "/a"),
        ("File://localhost/a", "/a"),
        ("file:///a%20b%25c", "/a b%c"),
        ("file:///a+b?c#d", "/a+b?c#d"),
        ("file:///%C3%A4", "/ä"),
        ("file:///ä", "/ä"),
        ("file:////two", "//two"),
    ],
)
def test_a_file_uri_is_a_path(name: str, path: str) -> None:
    assert location.local_path(name) == path


def test_a_tilde_in_a_file_uri_is_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert location.local_path("file://~/a%20b") == "/home/me/a b"
    assert location.local_path("file://~") == "/home/me"


@settings(derandomize=True, database=None, max_examples=300)
@given(st.binary(max_size=40))
def test_every_path_comes_back_from_its_uri(name: bytes) -> None:
    if sys.getfilesystemencoding() != "utf-8":  # pragma: no cover  # not on Linux
        pytest.skip("paths are no UTF-8 here")
    path = Path("/x", os.fsdecode(name.replace(b"\0", b"0")))
    assert location.local_path(path.as_uri()) == os.fspath(path)


@pytest.mark.parametrize("name", ["file://server/share/a", "file://a", "file://~me/a"])
def test_a_file_of_another_host_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match="another host"):
        location.local_path(name)


@pytest.mark.parametrize("scheme", ["http", "gs", "azure", "s3x", "a+b.c-d"])
def test_another_scheme_is_a_value_error_that_names_it(scheme: str) -> None:
    with pytest.raises(ValueError, match="cannot open") as caught:
        location.local_path(f"{scheme}://host/path")
    assert f"{scheme}://" in str(caught.value)


def test_credentials_of_another_scheme_are_not_shown() -> None:
    with pytest.raises(ValueError, match="cannot open") as caught:
        location.local_path("https://me:hunter2@host/path")
    assert "hunter2" not in str(caught.value)
