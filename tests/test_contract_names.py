"""Names of objects: every key to the byte, and names that mean no file."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from tests.stores import builtin_any

if TYPE_CHECKING:
    from tests.stores import S3Store

KEYS = [
    "a//b",
    "/leading",
    "//two",
    "./x",
    "../x",
    "x/../y",
    "x/./y",
    ".",
    "..",
    "...",
    "trailing.",
    "trailing ",
    " leading",
    "a b",
    "a  b+c",
    "?versionId=1",
    "key?versionId=null&x=1",
    "?",
    "?acl",
    "#fragment",
    "a#b?c",
    "100%",
    "%20",
    "%2F%2f",
    "a%00b",
    "a+b&c=d;e:f,g",
    "@$!'()*~_-",
    '"quoted" <xml> `tick` {a}|^[b]\\c',
    "new\nline",
    "tab\there",
    "return\rhere",
    "\x01\x1f\x7f",
    "café",
    "cafe\u0301",
    "日本語/ключ/\U0001f600",
    "\u2028\ufeff\u00a0",
    "s3://nested/uri",
    "http://example.com/?a=b#c",
    "C:\\windows\\path",
    "~/home",
    "$HOME/${x}",
    "*?[a-z]",
    "-rf",
    "a=1/b=2/c.parquet",
    "k" * 1024,
    "ü" * 512,
    "a/" * 511 + "ab",
]


@pytest.mark.parametrize("key", KEYS, ids=ascii)
def test_the_key_is_what_follows_the_bucket_byte_for_byte(
    s3: S3Store, key: str
) -> None:
    s3.require_key(key)
    name = s3.name(key)
    with s3open.open(name, "wb") as file:
        assert file.name == name
        file.write(b"content")
    assert s3.keys() == [key]
    assert s3.read(key) == b"content"
    with s3open.open(name, "rb") as file:
        assert file.read() == b"content"
    with pytest.raises(FileExistsError) as caught:
        s3open.open(name, "xb")
    assert caught.value.filename == name


def test_names_that_look_alike_are_different_objects(s3: S3Store) -> None:
    alike = ["a/b", "a//b", "a/./b", "a%2Fb", "A/b", "a/b ", "caf\xe9", "cafe\u0301"]
    for key in alike:
        s3.require_key(key)
    for key in alike:
        with s3open.open(s3.name(key), "w", encoding="utf-8") as file:
            file.write(key)
    for key in alike:
        with s3open.open(s3.name(key), encoding="utf-8") as file:
            assert file.read() == key
    assert sorted(s3.keys()) == sorted(alike)


@pytest.mark.parametrize("scheme", ["s3", "s3a", "s3n", "S3", "S3A"])
def test_the_aliases_of_the_scheme_are_understood(s3: S3Store, scheme: str) -> None:
    name = f"{scheme}://{s3.bucket}/file"
    with s3open.open(name, "w") as file:
        file.write("content")
    assert s3.read("file") == b"content"
    with s3open.open(name) as file:
        assert file.read() == "content"
        assert file.name == name
    with pytest.raises(FileNotFoundError) as caught:
        s3open.open(f"{scheme}://{s3.bucket}/missing")
    assert caught.value.filename == f"{scheme}://{s3.bucket}/missing"


@pytest.mark.parametrize("key", ["ä b", "file", "日本"])
def test_names_may_be_bytes(s3: S3Store, key: str) -> None:
    name = os.fsencode(s3.name(key))
    with s3open.open(name, "wb") as file:
        assert file.name == name
        file.write(b"content")
    assert s3.keys() == [key]
    with s3open.open(name, "rb") as file:
        assert file.read() == b"content"


class _Path:
    def __init__(self, name: Any) -> None:
        self._name = name

    def __fspath__(self) -> Any:
        return self._name


@pytest.mark.parametrize("form", [str, os.fsencode])
def test_names_may_be_objects_with_a_path(s3: S3Store, form: Any) -> None:
    name = form(s3.name("file"))
    with s3open.open(_Path(name), "wb") as file:
        assert file.name == name
        file.write(b"content")
    with s3open.open(_Path(name), "rb") as file:
        assert file.read() == b"content"


def test_a_subclass_of_str_is_a_name(s3: S3Store) -> None:
    class Name(str):
        __slots__ = ()

    with s3open.open(Name(s3.name("file")), "wb") as file:
        file.write(b"content")
    assert s3.read("file") == b"content"


@pytest.mark.parametrize("mode", ["r", "w", "x", "rb", "wb", "w+b"])
@pytest.mark.parametrize("key", ["k" * 1025, "ü" * 513, "a/" * 600 + "b"], ids=len)
def test_a_key_that_is_too_long_is_a_name_too_long(
    s3: S3Store, mode: str, key: str
) -> None:
    with pytest.raises(OSError, match="File name too long") as caught:
        s3open.open(s3.name(key), mode)
    assert caught.value.errno == errno.ENAMETOOLONG
    assert caught.value.filename == s3.name(key)


@pytest.mark.parametrize("mode", ["r", "w", "x", "rb", "wb", "w+b"])
def test_a_bucket_is_a_directory(s3: S3Store, mode: str) -> None:
    for name in (f"s3://{s3.bucket}", f"s3://{s3.bucket}/"):
        with pytest.raises(IsADirectoryError) as caught:
            s3open.open(name, mode)
        assert caught.value.errno == errno.EISDIR
        assert caught.value.filename == name
        assert str(caught.value) == f"[Errno {errno.EISDIR}] Is a directory: {name!r}"


@pytest.mark.parametrize("mode", ["r", "w", "x", "rb", "wb", "w+b"])
@pytest.mark.parametrize("key", ["folder/", "a//", "a/b/"])
def test_a_name_with_a_slash_at_its_end_is_a_directory(
    s3: S3Store, mode: str, key: str
) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        s3open.open(s3.name(key), mode)
    assert caught.value.errno == errno.EISDIR
    assert caught.value.filename == s3.name(key)
    assert s3.keys() == []


def test_an_object_whose_key_ends_with_a_slash_can_be_read(s3: S3Store) -> None:
    with s3open.open(s3.put("folder/", b"marker"), "rb") as file:
        assert file.read() == b"marker"


def test_a_prefix_is_no_file(s3: S3Store) -> None:
    s3.put("folder/file", b"content")
    with pytest.raises(FileNotFoundError):
        s3open.open(s3.name("folder"))


@pytest.mark.parametrize("mode", ["r", "rb"])
def test_a_missing_bucket_is_a_missing_file_that_says_so(
    s3: S3Store, mode: str
) -> None:
    name = "s3://no-such-bucket-s3open/key"
    with pytest.raises(FileNotFoundError, match="bucket does not exist") as caught:
        s3open.open(name, mode)
    assert caught.value.errno == errno.ENOENT
    assert caught.value.filename == name
    assert isinstance(caught.value, s3open.S3Error)
    assert (caught.value.code, caught.value.status) == ("NoSuchBucket", 404)


def test_a_missing_key_says_what_s3_said(s3: S3Store) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        s3open.open(s3.name("missing"))
    error = caught.value
    assert isinstance(error, s3open.S3Error)
    assert (error.code, error.status) == ("NoSuchKey", 404)
    assert error.request_id
    assert error.response["Error"]["Code"] == "NoSuchKey"


# What is refused before any request needs no store.


@pytest.mark.parametrize(
    "name",
    [
        "s3://",
        "s3:///key",
        "s3://buc ket/key",
        "s3://bucket?x/key",
        "s3://bücket/key",
        "s3://bucket#/key",
        "s3://bucket%20/key",
        "s3://bucket\n/key",
        "s3://" + "b" * 256 + "/key",
        "s3://arn:aws:s3:::bucket/key",
        "s3://arn:aws:iam::1:user/me/key",
    ],
)
@pytest.mark.parametrize("mode", ["r", "wb", "x"])
def test_a_bad_bucket_name_is_a_value_error(name: str, mode: str) -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        s3open.open(name, mode)
    assert not isinstance(caught.value, OSError)
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "s3://AKIAKEY:SECRET@bucket/key",
        "s3://AKIAKEY:SECRET@bucket",
        "s3a://AKIAKEY:SEC/RET@bucket/key",
        "s3n://AKIAKEY@bucket/key",
        "s3://AKIAKEY:SECRET+/=@bucket/key",
    ],
)
@pytest.mark.parametrize("form", [str, os.fsencode, _Path])
def test_credentials_in_a_name_are_refused_and_not_repeated(
    name: str, form: Any
) -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        s3open.open(form(name))
    for secret in ("SEC", "RET", "AKIAKEY"):
        assert secret not in str(caught.value)


def test_what_may_be_a_secret_is_not_repeated() -> None:
    # A secret may hold a slash: then the bucket seems to end before the "@".
    with pytest.raises(ValueError, match=r".+") as caught:
        s3open.open("s3://bucket:80/key")
    assert "80" not in str(caught.value)


@pytest.mark.parametrize("name", ["s3://bucket/a\0b", b"s3://bucket/a\0b"])
def test_a_null_byte_is_refused_as_builtin_refuses_it(name: Any) -> None:
    with pytest.raises(ValueError, match="null byte") as wanted:
        builtin_any("a\0b")
    with pytest.raises(ValueError, match="null byte") as got:
        s3open.open(name)
    assert str(got.value) == str(wanted.value)


def test_a_lone_surrogate_is_no_key() -> None:
    with pytest.raises(ValueError, match="Unicode"):
        s3open.open("s3://bucket/\ud800")
    with pytest.raises(ValueError, match="Unicode"):
        s3open.open(b"s3://bucket/\xff")


@pytest.mark.parametrize("mode", ["r", "wb"])
def test_an_opener_and_closefd_are_not_for_s3(mode: str) -> None:
    with pytest.raises(ValueError, match="opener"):
        s3open.open("s3://bucket/key", mode, opener=lambda *_: 0)
    with pytest.raises(ValueError, match="closefd=False"):
        s3open.open("s3://bucket/key", mode, closefd=False)
