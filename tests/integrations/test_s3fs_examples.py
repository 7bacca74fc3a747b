"""What s3fs's documentation shows, with another import, or with a patch."""

# ruff: noqa: N802, N803  # as there, a class is what is called

from __future__ import annotations

import gzip
import importlib
import io
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from tests.consumers.consumer import Library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.testing import S3Server

fsspec = Library("fsspec")
pd = Library("pandas")
CSV = b"name,size\nfirst,1\nsecond,2\n"


@pytest.fixture(params=["import", "patch"])
def S3FileSystem(request: pytest.FixtureRequest) -> Iterator[Any]:
    assert fsspec.AbstractFileSystem
    if request.param == "import":
        from s3open.integrations.fsspec import S3OpenFileSystem

        yield S3OpenFileSystem
        S3OpenFileSystem.clear_instance_cache()
    else:
        with s3open.patch("fsspec"):
            kind = fsspec.get_filesystem_class("s3")
            yield kind
            kind.clear_instance_cache()


@pytest.fixture(autouse=True)
def server(s3open_server: S3Server) -> S3Server:
    s3open_server.create_bucket("my-bucket")
    s3open_server.create_bucket("mybucket")
    s3open_server.put("my-bucket", "my-file.txt", b"Hello, world")
    return s3open_server


def test_a_file_is_found_and_read(S3FileSystem: Any, server: S3Server) -> None:
    s3open.set_acl("s3://my-bucket/my-file.txt", "public-read")
    s3open.Bucket("my-bucket").set_acl("public-read")
    s3 = S3FileSystem(anon=True)
    assert s3.ls("my-bucket", detail=False) == ["my-bucket/my-file.txt"]
    with s3.open("my-bucket/my-file.txt", "rb") as f:
        assert f.read() == b"Hello, world"
    # Bytes are the default there.
    with s3.open("my-bucket/my-file.txt") as f:
        assert f.read(5) == b"Hello"


def test_blocks_are_read_by_lines(S3FileSystem: Any, server: S3Server) -> None:
    line = b"A whole line of text\n"
    server.put("my-bucket", "lines", 100 * line)
    s3 = S3FileSystem()
    path = "my-bucket/lines"
    assert s3.read_block(path, offset=1000, length=10, delimiter=b"\n") == line


def test_blocks_are_written(S3FileSystem: Any) -> None:
    s3 = S3FileSystem(anon=False)
    with s3.open("mybucket/new-file", "wb") as f:
        f.write(2 * 2**20 * b"a")
        f.write(2 * 2**20 * b"a")
    assert s3.du("mybucket/new-file", total=False) == {"mybucket/new-file": 4194304}


def test_other_libraries_take_its_files(S3FileSystem: Any, server: S3Server) -> None:
    server.put("mybucket", "my-file.csv.gz", gzip.compress(CSV))
    s3 = S3FileSystem(anon=False)
    with s3.open("mybucket/my-file.csv.gz", "rb") as f:
        g = gzip.GzipFile(fileobj=f)
        df = pd.read_csv(g)
    assert list(df["size"]) == [1, 2]


def test_a_store_of_ones_own(S3FileSystem: Any, server: S3Server) -> None:
    for options in (
        {"anon": False, "endpoint_url": server.endpoint_url},
        {
            "key": server.access_key,
            "secret": server.secret_key,
            "endpoint_url": server.endpoint_url,
        },
        {
            "key": server.access_key,
            "secret": server.secret_key,
            "endpoint_url": server.endpoint_url,
            "client_kwargs": {"region_name": "us-east-1"},
            "config_kwargs": {"signature_version": "s3v4"},
        },
    ):
        s3 = S3FileSystem(**options)
        assert s3.cat("my-bucket/my-file.txt") == b"Hello, world"
        s3.clear_instance_cache()


def test_a_store_that_the_environment_names(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = importlib.import_module("fsspec.config") if fsspec.open else None
    assert conf is not None
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    found: dict[str, Any] = {}
    conf.set_conf_env(
        found,
        {
            "FSSPEC_S3_ENDPOINT_URL": server.endpoint_url,
            "FSSPEC_S3_KEY": server.access_key,
            "FSSPEC_S3_SECRET": server.secret_key,
        },
    )
    for name, options in found.items():
        monkeypatch.setitem(conf.conf, name, options)
    with s3open.patch("fsspec"):
        with fsspec.open("s3://my-bucket/my-file.txt") as f:
            assert f.read() == b"Hello, world"
        fsspec.get_filesystem_class("s3").clear_instance_cache()


def test_the_requester_pays(S3FileSystem: Any, server: S3Server) -> None:
    s3 = S3FileSystem(anon=False, requester_pays=True)
    with server.counting() as tally:
        s3.cat("my-bucket/my-file.txt")
    assert {r.headers["x-amz-request-payer"] for r in tally.records} == {"requester"}


def test_the_server_encrypts(S3FileSystem: Any) -> None:
    s3 = S3FileSystem(s3_additional_kwargs={"ServerSideEncryption": "AES256"})
    with s3.open("my-bucket/key", "wb") as f:
        f.write(b"secret")
    found = s3open.stat("s3://my-bucket/key")
    assert found.settings["ServerSideEncryption"] == "AES256"


def test_versions_are_told_apart(S3FileSystem: Any, server: S3Server) -> None:
    server.create_bucket("versioned-bucket", versioned=True)
    name = "s3://versioned-bucket/object"
    for text in ("first", "second"):
        s3open.write_text(name, text)
    old = list(s3open.versions(name))[-1].version_id
    s3 = S3FileSystem(version_aware=True)
    with s3.open("versioned-bucket/object") as fo:
        assert fo.read() == b"second"
    with s3.open("versioned-bucket/object", version_id=old) as fo_old_version:
        assert fo_old_version.read() == b"first"


def test_pandas_takes_names_and_options(server: S3Server) -> None:
    server.put("mybucket", "table.csv", CSV)
    with s3open.patch("fsspec"):
        df = pd.read_csv("s3://mybucket/table.csv", storage_options={"anon": False})
        df.to_csv(
            "s3://mybucket/copy.csv.gz",
            index=False,
            storage_options={"s3_additional_kwargs": {"StorageClass": "STANDARD_IA"}},
        )
        again = pd.read_csv("s3a://mybucket/copy.csv.gz")
        fsspec.get_filesystem_class("s3").clear_instance_cache()
    assert again.equals(df)
    assert gzip.decompress(server.read("mybucket", "copy.csv.gz")) == CSV
    found = s3open.stat("s3://mybucket/copy.csv.gz")
    assert found.settings["StorageClass"] == "STANDARD_IA"


def test_an_exception_leaves_the_old_file(S3FileSystem: Any, server: S3Server) -> None:
    s3 = S3FileSystem()
    with pytest.raises(ZeroDivisionError), s3.open("my-bucket/my-file.txt", "wb") as f:
        f.write(b"half")
        raise ZeroDivisionError
    assert server.read("my-bucket", "my-file.txt") == b"Hello, world"


def test_the_registry_is_as_it_was() -> None:
    assert fsspec.open
    registry = importlib.import_module("fsspec.registry")
    before = dict(registry.registry)
    known = dict(registry.known_implementations)
    with s3open.patch("fsspec"), s3open.patch():
        for protocol in ("s3", "s3a"):
            assert fsspec.get_filesystem_class(protocol).__name__ == "S3OpenFileSystem"
        with fsspec.open("s3://my-bucket/my-file.txt", "rt") as f:
            assert isinstance(f, io.TextIOWrapper)
            assert f.read() == "Hello, world"
    assert dict(registry.registry) == before
    assert registry.known_implementations == known
