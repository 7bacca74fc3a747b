"""What smart_open's documentation shows of S3, with another import, or with a patch.

Of each example what it calls is kept; names of places on the network are this server's.
"""

# ruff: noqa: A001, A002  # as there, `open` is what is called in builtin's place

from __future__ import annotations

import importlib
import os
import tempfile
import zipfile
from typing import TYPE_CHECKING, Any

import boto3
import botocore
import botocore.client
import botocore.config
import pytest

import s3open

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from s3open.testing import S3Server

ROBOTS = b"User-Agent: *\nDisallow: /\n"
BUCKETS = ("commoncrawl", "smart-open-py37-benchmark-results", "bucket", "mybucket")


@pytest.fixture(params=["import", "patch"])
def open(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "import":
        yield s3open.open
    else:
        with s3open.patch("smart_open"):
            yield importlib.import_module("smart_open").open


@pytest.fixture(autouse=True)
def server(s3open_server: S3Server) -> S3Server:
    for bucket in BUCKETS:
        s3open_server.create_bucket(bucket)
    s3open_server.put("commoncrawl", "robots.txt", ROBOTS)
    return s3open_server


def test_lines_are_streamed(open: Any) -> None:
    with open("s3://commoncrawl/robots.txt") as fin:
        for line in fin:
            assert repr(line) == "'User-Agent: *\\n'"
            break


def test_any_operation_of_files_is_there(open: Any) -> None:
    with open("s3://commoncrawl/robots.txt", "rb") as fin:
        for line in fin:
            assert line.decode("utf-8") == "User-Agent: *\n"
            break
        offset = fin.seek(0)  # seek to the beginning
        assert (offset, fin.read(4)) == (0, b"User")


def test_a_client_of_ones_own_writes(open: Any, server: S3Server) -> None:
    config = botocore.client.Config(
        max_pool_connections=64,
        tcp_keepalive=True,
        retries={"max_attempts": 6, "mode": "adaptive"},
    )
    client = boto3.Session(
        aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    ).client("s3", config=config)
    with open(
        "s3://smart-open-py37-benchmark-results/test.txt",
        "wb",
        transport_params={"client": client},
    ) as fout:
        bytes_written = fout.write(b"hello world!")
    assert bytes_written == 12
    assert server.read(BUCKETS[1], "test.txt") == b"hello world!"


def test_an_upload_is_of_one_part(open: Any, server: S3Server) -> None:
    with open(
        "s3://smart-open-py37-benchmark-results/test.txt",
        "wb",
        transport_params={"multipart_upload": False},
    ) as fout:
        bytes_written = fout.write(b"hello world!")
    assert bytes_written == 12
    with (
        tempfile.TemporaryFile() as tmp,
        open(
            "s3://smart-open-py37-benchmark-results/test.txt",
            "wb",
            transport_params={"multipart_upload": False, "writebuffer": tmp},
        ) as fout,
    ):
        bytes_written = fout.write(b"hello world!")
    assert server.read(BUCKETS[1], "test.txt") == b"hello world!"


def test_a_server_of_ones_own(open: Any, server: S3Server) -> None:
    server.put("mybucket", "mykey.txt", b"line\n")
    client = boto3.client(
        "s3",
        endpoint_url=server.endpoint_url,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
    )
    with open("s3://mybucket/mykey.txt", transport_params={"client": client}) as fin:
        assert list(fin) == ["line\n"]


@pytest.fixture
def profile(server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    (tmp_path / "credentials").write_text(
        f"[digitalocean]\naws_access_key_id = {server.access_key}\n"
        f"aws_secret_access_key = {server.secret_key}\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return "digitalocean"


def test_a_profile_of_ones_own(open: Any, server: S3Server, profile: str) -> None:
    session = boto3.Session(profile_name=profile)
    client = session.client("s3", endpoint_url=server.endpoint_url)
    transport_params = {"client": client}
    with open("s3://bucket/key.txt", "wb", transport_params=transport_params) as fout:
        fout.write(b"here we stand")
    assert server.read("bucket", "key.txt") == b"here we stand"


def test_what_versions_before_5_took(open: Any, server: S3Server, profile: str) -> None:
    session = boto3.Session(profile_name=profile)
    for params in (
        {"session": session},
        {"resource": session.resource("s3")},
        {"session": session, "resource_kwargs": {"endpoint_url": server.endpoint_url}},
    ):
        with open("s3://commoncrawl/robots.txt", "rb", transport_params=params) as fin:
            assert fin.read() == ROBOTS
    params = {"session": session, "multipart_upload_kwargs": {"ContentType": "a/b"}}
    with open("s3://bucket/key", "wb", transport_params=params) as fout:
        fout.write(b"here we stand")
    client = session.client("s3")
    assert client.head_object(Bucket="bucket", Key="key")["ContentType"] == "a/b"


def test_parameters_of_the_transport(open: Any) -> None:
    name = "s3://commoncrawl/robots.txt"
    for params in (dict(client=boto3.client("s3")), dict(buffer_size=1024)):  # noqa: C408
        with open(name, transport_params=params) as fin:
            assert fin.read().encode() == ROBOTS


def test_credentials_in_a_session(open: Any, server: S3Server) -> None:
    session = boto3.Session(
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        aws_session_token=None,
    )
    client = session.client("s3", endpoint_url=server.endpoint_url)
    with open("s3://commoncrawl/robots.txt", transport_params={"client": client}) as f:
        assert f.read().encode() == ROBOTS


def test_credentials_in_a_name_are_refused(open: Any, server: S3Server) -> None:
    name = f"s3://{server.access_key}:{server.secret_key}@commoncrawl/robots.txt"
    with pytest.raises(ValueError, match="credentials") as caught:
        open(name)
    assert server.secret_key not in str(caught.value)


def test_more_is_said_of_the_upload(open: Any) -> None:
    # As it is shown there, with a number, boto3 refuses it, too.
    kwargs: dict[str, Any] = {
        "Metadata": {"version": 2},
        "ACL": "authenticated-read",
        "StorageClass": "STANDARD_IA",
    }
    params = {"client_kwargs": {"S3.Client.create_multipart_upload": kwargs}}
    with pytest.raises(TypeError, match="metadata has to be str to str"):
        open("s3://bucket/key", "wb", transport_params=params)
    kwargs["Metadata"] = {"version": "2"}
    with open("s3://bucket/key", "wb", transport_params=params):
        pass
    found = s3open.stat("s3://bucket/key")
    assert found.metadata == {"version": "2"}
    assert found.settings["StorageClass"] == "STANDARD_IA"
    grants = boto3.client("s3").get_object_acl(Bucket="bucket", Key="key")["Grants"]
    assert "AuthenticatedUsers" in str(grants)


def test_zip_archives(open: Any) -> None:
    with open("s3://bucket/hello.zip", "wb") as fout:
        with zipfile.ZipFile(fout, "w") as zip:
            zip.writestr("hello/en.txt", "hello world!\n")
            zip.writestr("hello/ru.txt", "здравствуй, мир!\n")
    with open("s3://bucket/hello.zip", "rb") as fin:
        with zipfile.ZipFile(fin) as zip:
            found = [zip.read(info.filename).decode() for info in zip.infolist()]
    assert found == ["hello world!\n", "здравствуй, мир!\n"]


def test_nobody_signs(open: Any) -> None:
    s3open.set_acl("s3://commoncrawl/robots.txt", "public-read")
    config = botocore.client.Config(signature_version=botocore.UNSIGNED)
    params = {"client": boto3.client("s3", config=config)}
    with open("s3://commoncrawl/robots.txt", transport_params=params) as fin:
        assert fin.readline() == "User-Agent: *\n"


def test_a_version_is_asked_for(open: Any, server: S3Server) -> None:
    server.create_bucket("smart-open-versioned", versioned=True)
    name = "s3://smart-open-versioned/demo.txt"
    for text in ("first version\n", "second version\n"):
        s3open.write_text(name, text)
    found = []
    for v in (version.version_id for version in s3open.versions(name)):
        with open(name, transport_params={"version_id": v}) as fin:
            found.append(fin.read())
    assert found == ["second version\n", "first version\n"]
    with open(name) as fin:
        assert fin.read() == "second version\n"


def test_one_client_reads_many_files(open: Any, server: S3Server) -> None:
    server.create_bucket("nyc-tlc")
    for month in (1, 2, 3):
        key = f"trip data/yellow_tripdata_2020-{month:02}.csv"
        server.put("nyc-tlc", key, b"header\n%d,first\n" % month)
    config = botocore.client.Config(
        max_pool_connections=64,
        tcp_keepalive=True,
        retries={"max_attempts": 6, "mode": "adaptive"},
    )
    transport_params = {"client": boto3.client("s3", config=config)}
    for month in (1, 2, 3):
        url = "s3://nyc-tlc/trip data/yellow_tripdata_2020-%02d.csv" % month  # noqa: UP031
        with open(url, transport_params=transport_params) as fin:
            _ = fin.readline()  # skip CSV header
            assert fin.readline().strip() == f"{month},first"


def test_writing_in_small_parts_and_through_a_file(open: Any, server: S3Server) -> None:
    lots_of_data = "0123456789abcdef" * (1 << 20)
    tp = {"min_part_size": 5 * 1024**2}
    with open("s3://bucket/key", "w", transport_params=tp) as fout:
        fout.write(lots_of_data)
    assert server.read("bucket", "key") == lots_of_data.encode()
    with tempfile.NamedTemporaryFile() as tmp:
        with open("s3://bucket/two", "w", transport_params={"writebuffer": tmp}) as f:
            f.write(lots_of_data)
    assert server.read("bucket", "two") == lots_of_data.encode()


def test_the_requester_pays(open: Any, server: S3Server) -> None:
    params = {"client_kwargs": {"S3.Client.get_object": {"RequestPayer": "requester"}}}
    with server.counting() as tally:
        with open("s3://commoncrawl/robots.txt", transport_params=params) as fin:
            assert fin.readline() == "User-Agent: *\n"
    assert {r.headers["x-amz-request-payer"] for r in tally.records} == {"requester"}


def test_a_client_that_tries_again(open: Any) -> None:
    config = botocore.config.Config(retries={"mode": "standard"})
    client = boto3.client("s3", config=config)
    tp = {"client": client}
    with open("s3://commoncrawl/robots.txt", transport_params=tp) as fin:
        assert fin.readline() == "User-Agent: *\n"


def test_an_acl_is_given_in_either_way(open: Any) -> None:
    with open("s3://bucket/key", "wb") as fout:
        fout.write(b"hello world!")
    client = boto3.client("s3")
    client.put_object_acl(Bucket="bucket", Key="key", ACL="public-read")
    tp = {
        "client_kwargs": {"S3.Client.create_multipart_upload": {"ACL": "public-read"}}
    }
    with open("s3://bucket/other", "wb", transport_params=tp) as fout:
        fout.write(b"hello world!")
    one, two = (
        client.get_object_acl(Bucket="bucket", Key=key)["Grants"]
        for key in ("key", "other")
    )
    assert one == two
    assert len(one) == 2


def test_a_server_for_tests(open: Any, server: S3Server) -> None:
    client = boto3.client("s3", endpoint_url=server.endpoint_url)
    tparams = {"client": client}
    with open("s3://mybucket/hello.txt", "wt", transport_params=tparams) as fout:
        _ = fout.write("hello world!")
    with open("s3://mybucket/hello.txt", "rt", transport_params=tparams) as fin:
        assert fin.read() == "hello world!"


def test_what_is_missing_is_told_by_our_errors(open: Any) -> None:
    with pytest.raises(FileNotFoundError):
        open("s3://commoncrawl/missing")
    with open("s3://commoncrawl/robots.txt") as fin:
        assert not hasattr(fin, "to_boto3")
