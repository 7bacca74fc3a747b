"""Config and FileSystem: profiles, regions, sessions, clients, anonymous access."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

import s3open

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server

NAME = "s3://s3open-test/key"


@pytest.fixture
def server(s3open_server: S3Server, s3open_bucket: str) -> S3Server:
    s3open_server.put(s3open_bucket, "key", b"content")
    return s3open_server


@pytest.fixture
def elsewhere(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Take all settings from the environment and return them."""
    variables = server.environment()
    for name in variables:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return variables


def explicit(server: S3Server) -> dict[str, Any]:
    return {
        "endpoint_url": server.endpoint_url,
        "region": server.region,
        "access_key": server.access_key,
        "secret_key": server.secret_key,
    }


def read(**settings: Any) -> str:
    with s3open.FileSystem(**settings).open(NAME) as file:
        return file.read()


@pytest.mark.usefixtures("elsewhere")
def test_explicit_settings_need_no_environment(server: S3Server) -> None:
    assert read(**explicit(server)) == "content"
    with s3open.open(NAME, config=s3open.Config(**explicit(server))) as file:
        assert file.read() == "content"


def test_a_profile(
    server: S3Server,
    elsewhere: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile here]\n"
        f"aws_access_key_id = {server.access_key}\n"
        f"aws_secret_access_key = {server.secret_key}\n"
        f"region = {server.region}\n"
        f"endpoint_url = {server.endpoint_url}\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    assert read(profile="here") == "content"
    monkeypatch.setenv("AWS_PROFILE", "here")
    assert read() == "content"


@pytest.mark.usefixtures("elsewhere")
def test_a_session(server: S3Server) -> None:
    import boto3

    session = boto3.Session(server.access_key, server.secret_key)
    settings = {"endpoint_url": server.endpoint_url, "region": server.region}
    assert read(session=session, **settings) == "content"


@pytest.mark.usefixtures("elsewhere")
def test_a_client_with_hooks_of_its_own(server: S3Server) -> None:
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=server.endpoint_url,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
    )
    seen: list[str] = []
    client.meta.events.register(
        "before-send.s3", lambda event_name, **_: seen.append(event_name)
    )
    assert read(client=client) == "content"
    assert seen == ["before-send.s3.GetObject"]


@pytest.mark.usefixtures("elsewhere")
def test_anonymous_access(server: S3Server) -> None:
    settings = {"endpoint_url": server.endpoint_url, "region": server.region}
    with pytest.raises(PermissionError):
        read(anonymous=True, **settings)
    server.bucket_anonymous("s3open-test", allowed=True)
    with server.counting() as seen:
        assert read(anonymous=True, **settings) == "content"
    assert "authorization" not in seen.records[0].headers


@pytest.mark.usefixtures("_known_to_honour")
def test_requester_pays_says_so_with_every_request(server: S3Server) -> None:
    here = s3open.FileSystem(requester_pays=True, part_size=5 << 20)
    with server.counting() as seen:
        with here.open(NAME) as file:
            file.read()
        with here.open("s3://s3open-test/new", "xb") as out:
            out.write(bytes(6 << 20))
    assert seen.total == 6
    for record in seen.records:
        assert record.headers.get("x-amz-request-payer") == "requester", record


def test_a_changed_environment_is_noticed(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read() == "content"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(PermissionError):
        read()


def test_settings_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="go together"):
        s3open.Config(access_key="key")
    with pytest.raises(ValueError, match="client excludes: region"):
        s3open.Config(client=object(), region="us-east-1")
    with pytest.raises(TypeError, match="not both"):
        s3open.FileSystem(s3open.Config(), region="us-east-1")
    with pytest.raises(TypeError, match="nonsense"):
        s3open.FileSystem(nonsense=1)


def test_an_object_has_the_type_and_metadata_that_were_asked_for(
    server: S3Server,
) -> None:
    with s3open.open("s3://s3open-test/a.csv", "w", metadata={"colour": "red"}):
        pass
    with s3open.open("s3://s3open-test/b.csv", "w", content_type="text/x"):
        pass
    with s3open.open("s3://s3open-test/c.csv.gz", "wb"):
        pass
    types = [
        server.head("s3open-test", k).content_type for k in server.keys("s3open-test")
    ]
    assert types[:3] == ["text/csv", "text/x", "application/gzip"]
    assert server.head("s3open-test", "a.csv").metadata == {"colour": "red"}


def test_a_gibibyte_is_read_with_little_memory(server: S3Server) -> None:
    import resource

    server.synthetic("s3open-test", "gib", 1 << 30)
    with s3open.open("s3://s3open-test/gib", "rb") as file:
        file.read(1)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        while file.read(1 << 20):
            pass
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert isinstance(file, io.BufferedReader)
    assert grown < 200 << 10  # in KiB
