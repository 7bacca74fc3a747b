"""What is there, and what is known of it, on S3 and on this machine alike."""

from __future__ import annotations

import base64
import hashlib
import stat
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

import s3open
from tests.stores import LocalStore
from tests.trees import plant, top

if TYPE_CHECKING:
    from s3open.testing import S3Server
    from tests.stores import S3Store, Store

HELLO = b"hello"
MD5 = hashlib.md5(HELLO).hexdigest()


def test_files_and_directories_are_told_apart(store: Store) -> None:
    plant(store, "file", "dir/file", "dir/deep/er")
    for key, there, file, folder in (
        ("file", True, True, False),
        ("dir", True, False, True),
        ("dir/", True, False, True),
        ("dir/file", True, True, False),
        ("dir/deep", True, False, True),
        ("di", False, False, False),
        ("file/", False, False, False),
        ("nothing", False, False, False),
    ):
        name = f"{top(store)}/{key}"
        found = s3open.exists(name), s3open.isfile(name), s3open.isdir(name)
        assert found == (there, file, folder), key
    assert s3open.isdir(top(store))
    assert s3open.exists(top(store))
    assert not s3open.isfile(top(store))


def test_a_bucket_is_a_directory_even_if_it_is_empty(s3: S3Store) -> None:
    for name in (f"s3://{s3.bucket}", f"s3://{s3.bucket}/"):
        assert s3open.isdir(name)
        assert s3open.exists(name)
        assert not s3open.isfile(name)
        assert s3open.stat(name).is_dir


def test_nothing_is_in_a_bucket_that_is_not_there(s3: S3Store) -> None:
    for name in ("s3://no-such-bucket-1", "s3://no-such-bucket-1/key"):
        assert not s3open.exists(name)
        assert not s3open.isfile(name)
        assert not s3open.isdir(name)
        with pytest.raises(FileNotFoundError) as caught:
            s3open.stat(name)
        assert caught.value.filename == name


def test_a_key_may_be_a_directory_too(s3: S3Store) -> None:
    plant(s3, "both", "both/file")
    assert s3open.isfile(s3.name("both"))
    assert s3open.isdir(s3.name("both"))
    assert not s3open.stat(s3.name("both")).is_dir
    assert s3open.stat(s3.name("both/")).is_dir


def test_a_marker_is_a_directory_and_never_a_file(s3: S3Store) -> None:
    s3.put("marked/", b"")
    assert s3open.exists(s3.name("marked"))
    assert s3open.isdir(s3.name("marked"))
    assert s3open.isdir(s3.name("marked/"))
    assert not s3open.isfile(s3.name("marked/"))
    assert not s3open.isfile(s3.name("marked"))
    assert s3open.stat(s3.name("marked")).is_dir


def test_a_status_is_like_that_of_os_stat(store: Store) -> None:
    before = datetime.now(timezone.utc) - timedelta(seconds=3)
    name = store.put("key.txt", HELLO)
    found = s3open.stat(name)
    assert (found.uri, found.st_size, found.size) == (name, 5, 5)
    assert stat.S_ISREG(found.st_mode)
    assert not found.is_dir
    assert found.last_modified is not None
    assert found.last_modified.utcoffset() == timedelta(0)
    assert before < found.last_modified
    assert found.st_mtime == pytest.approx(found.last_modified.timestamp())
    plant(store, "dir/file")
    assert s3open.stat(store.name("dir")).is_dir


def test_a_status_has_what_only_a_store_knows(s3: S3Store) -> None:
    s3.client.put_object(
        Bucket=s3.bucket,
        Key="key",
        Body=HELLO,
        ContentType="text/x-greeting",
        Metadata={"colour": "red"},
    )
    found = s3open.stat(s3.name("key"))
    assert (found.etag, found.content_type) == (MD5, "text/x-greeting")
    assert dict(found.metadata) == {"colour": "red"}


def test_what_is_missing_is_an_error_with_its_name(store: Store) -> None:
    name = store.name("nothing")
    for ask in (s3open.stat, s3open.size, s3open.etag, s3open.md5, s3open.checksum):
        with pytest.raises(FileNotFoundError) as caught:
            ask(name)
        assert caught.value.filename == name


def test_a_directory_has_no_size_of_its_own(store: Store) -> None:
    plant(store, "dir/file")
    for name in (f"{top(store)}/dir", f"{top(store)}/dir/"):
        for ask in (s3open.size, s3open.etag, s3open.md5, s3open.checksum):
            with pytest.raises(IsADirectoryError) as caught:
                ask(name)
            assert caught.value.filename == name


def test_size_etag_and_md5_are_those_of_the_bytes(store: Store) -> None:
    name = store.put("key", HELLO)
    assert s3open.size(name) == 5
    assert s3open.etag(name) == MD5
    assert s3open.md5(name) == MD5
    assert s3open.etag_matches(name, MD5)
    assert s3open.etag_matches(name, f'"{MD5}"')
    assert not s3open.etag_matches(name, "0" * 32)


def test_a_checksum_is_what_the_store_keeps_or_is_computed(store: Store) -> None:
    name = store.name("key")
    s3open.write_bytes(name, HELLO)
    for algorithm, value in (
        ("SHA256", hashlib.sha256(HELLO).digest()),
        ("sha1", hashlib.sha1(HELLO).digest()),
        ("CRC32", (0x3610A686).to_bytes(4, "big")),
    ):
        found = s3open.checksum(name, algorithm, compute=True)
        assert found.value == base64.b64encode(value).decode()
        assert (found.algorithm, found.kind) == (algorithm.upper(), "FULL_OBJECT")
    assert s3open.checksum(name, compute=True).algorithm
    with pytest.raises(ValueError, match="CRC64NVME"):
        s3open.checksum(name, "MD4", compute=True)


def test_the_checksum_is_one_head_if_there_is_one(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("box")
    s3open.write_bytes("s3://box/key", HELLO)
    with s3open_server.counting() as seen:
        found = s3open.checksum("s3://box/key")
        assert s3open.checksum("s3://box/key", "crc64nvme") == found
    assert seen.operations == {"HeadObject": 2}
    with pytest.raises(ValueError, match=r"no SHA256 .* 's3://box/key': compute=True"):
        s3open.checksum("s3://box/key", "SHA256")


def test_an_etag_that_is_no_md5_is_said_to_be_none(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("box")
    with s3open.open("s3://box/parts", "wb") as file:
        file.write(bytes(11 << 20))
    s3open.write_bytes("s3://box/kms", HELLO, sse="aws:kms")
    key = bytes(32)
    s3open.write_bytes("s3://box/customer", HELLO, sse_customer_key=key)
    with pytest.raises(ValueError, match=r"'s3://box/parts' .* came in parts"):
        s3open.md5("s3://box/parts")
    with pytest.raises(ValueError, match="a key of KMS"):
        s3open.md5("s3://box/kms")
    assert s3open.md5("s3://box/kms", compute=True) == MD5
    expected = hashlib.md5(bytes(11 << 20)).hexdigest()
    assert s3open.md5("s3://box/parts", compute=True) == expected


def test_etags_of_several_parts_are_recognised(
    s3open_server: S3Server, twin: LocalStore
) -> None:
    s3open_server.create_bucket("box")
    content = bytes(range(256)) * (17 << 12)
    path = twin.put("large", content)
    s3open.upload(path, "s3://box/large", config=s3open.Config(part_size=7 << 20))
    etag = s3open.etag("s3://box/large")
    assert etag.endswith("-3")
    # 17 MiB in parts of 7 MiB: none of the usual sizes, and not the smallest.
    assert not s3open.etag_matches(path, etag)
    s3open.upload(path, "s3://box/large", config=s3open.Config(part_size=8 << 20))
    assert s3open.etag_matches(path, s3open.etag("s3://box/large"))
    assert not s3open.etag_matches(path, "0" * 32 + "-3")
    assert not s3open.etag_matches(path, "0" * 32 + "-0")
    assert not s3open.etag_matches(path, "0" * 32 + "-x")


def test_versions_are_for_stores_that_have_them(twin: LocalStore) -> None:
    name = twin.put("key", HELLO)
    for ask in (s3open.exists, s3open.isfile, s3open.stat, s3open.size, s3open.md5):
        with pytest.raises(ValueError, match="no versions"):
            ask(name, version_id="1")


def test_a_version_is_told_by_its_id_or_its_time(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("box", versioned=True)
    old = s3open.write_bytes("s3://box/key", b"old").version_id
    s3open.write_bytes("s3://box/key", b"newer")
    assert s3open.size("s3://box/key", version_id=old) == 3
    assert s3open.stat("s3://box/key", version_id=old).version_id == old
    assert s3open.exists("s3://box/key", version_id=old)
    assert not s3open.exists("s3://box/other", version_id=old)
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    assert s3open.stat("s3://box/key", at=tomorrow).st_size == 5
    with pytest.raises(FileNotFoundError, match="did not exist yet"):
        s3open.stat("s3://box/key", at=tomorrow - timedelta(days=9))
    with pytest.raises(ValueError, match="exclude each other"):
        s3open.stat("s3://box/key", at=tomorrow, version_id=old)
    with pytest.raises(FileNotFoundError):
        s3open.stat("s3://box/key", version_id="no-such-version")


def test_who_may_not_ask_is_told_so(s3open_server: S3Server) -> None:
    s3open_server.create_bucket("box")
    s3open_server.put("box", "dir/key", HELLO)
    s3open_server.bucket_listing("box", allowed=False)
    assert s3open.exists("s3://box/dir/key")
    for name in ("s3://box/nothing", "s3://box/dir"):
        for ask in (s3open.exists, s3open.stat, s3open.size):
            with pytest.raises(PermissionError, match="no such key") as caught:
                ask(name)
            assert caught.value.filename == name
    with pytest.raises(PermissionError, match="s3:ListBucket"):
        s3open.isdir("s3://box/dir")
