"""How stores are reached: connections that are kept, addresses, proxies, timeouts."""

from __future__ import annotations

import os
import pickle
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Config, FileSystem
from s3open.location import Location
from s3open.s3 import clients
from s3open.testing import synthetic_bytes
from tests.test_testing_support import client_of
from tests.unit import certificates
from tests.unit.answering import Answering, Says, ok

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server

BUCKET = "s3open-test"
URI = f"s3://{BUCKET}/key"

each_transport = pytest.mark.usefixtures("_each_transport")


@pytest.fixture
def server(
    s3open_server: S3Server, s3open_bucket: str, _known_to_honour: None
) -> S3Server:
    s3open_server.put(s3open_bucket, "key", b"content")
    clients._forget()
    return s3open_server


def configured(**settings: Any) -> Any:
    from botocore.config import Config as BotoConfig

    return BotoConfig(**settings)


@each_transport
def test_fifty_requests_of_all_kinds_share_one_connection(server: S3Server) -> None:
    s3open.read_bytes(URI)
    with server.counting() as seen:
        for number in range(10):
            s3open.write_bytes(f"{URI}-{number}", b"new")
            s3open.read_bytes(f"{URI}-{number}")
            s3open.stat(URI)
            list(s3open.ls(f"s3://{BUCKET}/"))
            s3open.rm(f"{URI}-{number}")
    assert seen.total >= 50
    assert seen.connections == 1


@each_transport
def test_idle_connections_are_closed_when_asked_for(server: S3Server) -> None:
    store = FileSystem(requester_pays=True)
    with server.counting() as seen:
        store.read_bytes(URI)
        store.close()
        store.read_bytes(URI)
        # Another one with the same settings shares them.
        FileSystem(requester_pays=True).close()
        store.read_bytes(URI)
    assert seen.total == seen.connections == 3
    FileSystem(region="nowhere-1").close()


@each_transport
def test_what_is_open_goes_on_when_connections_are_closed(server: S3Server) -> None:
    server.synthetic(BUCKET, "large", 8 << 20)
    store = FileSystem()
    with store.open(f"s3://{BUCKET}/large", "rb") as file:
        begin = file.read(10)
        store.close()
        assert begin + file.read() == synthetic_bytes(range(8 << 20))


def test_a_client_that_was_given_is_its_owners_to_close(server: S3Server) -> None:
    store = FileSystem(client=client_of(server))
    with server.counting() as seen:
        store.read_bytes(URI)
        store.close()
        store.read_bytes(URI)
    assert seen.connections == 1


def test_a_child_closes_none_of_its_parents_connections(server: S3Server) -> None:
    s3open.read_bytes(URI)
    verbs: Any = clients.verbs_for(Config(), URI)
    pool = verbs._requests._pool
    child = os.fork()
    if child == 0:
        pool.close()
        os._exit(len(pool._idle))
    assert os.waitpid(child, 0)[1] == 0
    assert len(pool._idle) == 1
    with server.counting() as seen:
        s3open.read_bytes(URI)
    assert seen.connections == 1


def test_so_many_connections_are_kept_and_no_more(server: S3Server) -> None:
    server.synthetic(BUCKET, "large", 1 << 20)
    verbs: Any = clients.verbs_for(Config(), URI)
    pool, count = verbs._requests._pool, 140
    meeting = threading.Barrier(count)
    at = Location(BUCKET, "large", f"s3://{BUCKET}/large")

    def work() -> None:
        answer = verbs.get_object(at, range(1 << 20))
        meeting.wait(60)
        view = memoryview(bytearray(1 << 16))
        while answer.body.readinto(view):
            pass
        answer.body.close()

    with server.counting() as seen:
        threads = [threading.Thread(target=work) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen.connections == count
    assert len(pool._idle) == 128
    FileSystem().close()
    assert not pool._idle


@each_transport
def test_a_wrong_region_is_healed_once_and_remembered(server: S3Server) -> None:
    server.create_bucket("far-away", region="eu-west-1")
    server.put("far-away", "key", b"over there")
    for expected in (range(2, 6), range(1, 2)):
        with server.counting() as seen:
            assert s3open.read_bytes("s3://far-away/key") == b"over there"
        assert seen.total in expected
    # What is asked outside the data path learns it by itself, and keeps it, too.
    asked = []
    for _ in range(2):
        with server.counting() as seen:
            list(s3open.versions("s3://far-away/key"))
        asked.append(seen.total)
    assert asked[1] == 1


@pytest.fixture
def _names_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all names below ``localhost`` lead here, as they do not on all systems."""
    real = socket.getaddrinfo

    def found(host: Any, *arguments: Any, **more: Any) -> Any:
        here = str(host).endswith("localhost")
        return real("127.0.0.1" if here else host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", found)


@each_transport
@pytest.mark.usefixtures("_names_of_this_machine")
@pytest.mark.parametrize("style", ["virtual", "path"])
def test_a_bucket_is_a_host_or_a_folder(server: S3Server, style: str) -> None:
    host = f"s3.localhost:{server.endpoint_url.rpartition(':')[2]}"
    store = FileSystem(
        endpoint_url=f"http://{host}",
        client_config=configured(s3={"addressing_style": style}),
    )
    with server.counting() as seen:
        store.write_bytes(f"{URI} new", b"new")
        assert store.read_bytes(f"{URI} new") == b"new"
        assert f"{URI} new" in list(store.ls(f"s3://{BUCKET}/"))
    hosts = {record.headers["host"] for record in seen.records}
    assert hosts == {f"{BUCKET}.{host}" if style == "virtual" else host}


@each_transport
def test_a_proxy_sees_the_requests(server: S3Server) -> None:
    store = FileSystem(
        endpoint_url="http://store.invalid",
        client_config=configured(
            proxies={"http": server.endpoint_url}, s3={"addressing_style": "path"}
        ),
    )
    with server.counting() as seen:
        store.write_bytes(f"{URI}-new", b"by proxy")
        assert store.read_bytes(f"{URI}-new") == b"by proxy"
    assert {each.headers["host"] for each in seen.records} == {"store.invalid"}


@each_transport
def test_how_long_to_wait_is_configured() -> None:
    script = [[Says(silent=True)], [Says(silent=True)]]
    with Answering(script) as silent:
        store = FileSystem(
            endpoint_url=f"http://127.0.0.1:{silent.port}",
            access_key="AKIA",
            secret_key="secret",
            region="us-east-1",
            client_config=configured(read_timeout=0.05),
            attempts=1,
        )
        with pytest.raises(TimeoutError):
            store.read_bytes(URI)
    assert len(silent.asked) == 1


@each_transport
def test_a_certificate_of_ones_own_is_trusted_if_it_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificates.make(tmp_path / "certificate.pem")
    headers = ('ETag: "1"', "Content-Range: bytes 0-6/7")
    answer = ok(b"content", *headers, status="206 Partial Content")
    settings: dict[str, Any] = {
        "access_key": "AKIA",
        "secret_key": "secret",
        "region": "us-east-1",
        "attempts": 1,
    }
    with Answering([[answer], [answer]], tls=certificates.secure(certificate)) as store:
        url = f"https://127.0.0.1:{store.port}"
        with pytest.raises(ConnectionError):
            FileSystem(endpoint_url=url, **settings).read_bytes(URI)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        found = FileSystem(endpoint_url=url, **settings).read_bytes(URI)
    assert found == b"content"


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        ({"s3": {"use_accelerate_endpoint": True}}, "bkt.s3-accelerate.amazonaws.com"),
        ({"use_dualstack_endpoint": True}, "bkt.s3.dualstack.us-west-2.amazonaws.com"),
        ({"use_fips_endpoint": True}, "bkt.s3-fips.us-west-2.amazonaws.com"),
        (
            {"use_fips_endpoint": True, "use_dualstack_endpoint": True},
            "bkt.s3-fips.dualstack.us-west-2.amazonaws.com",
        ),
        ({"s3": {"addressing_style": "path"}}, "s3.us-west-2.amazonaws.com"),
        ({}, "bkt.s3.us-west-2.amazonaws.com"),
    ],
)
def test_special_endpoints_are_found_as_botocore_finds_them(
    settings: dict[str, Any], host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_ENDPOINT")]:
        monkeypatch.delenv(name)
    config = Config(
        access_key="AKIA",
        secret_key="secret",
        region="us-west-2",
        client_config=configured(**settings),
    )
    verbs: Any = clients.verbs_for(config, "s3://bkt/key")
    address = verbs._requests._address(Location("bkt", "key", "s3://bkt/key"))
    assert address.host == host
    assert address.scope.region == "us-west-2"


def test_what_is_ours_of_a_clients_configuration_stays_ours() -> None:
    config = Config(
        access_key="AKIA",
        secret_key="secret",
        region="us-west-2",
        client_config=configured(
            retries={"total_max_attempts": 9},
            signature_version="s3",
            user_agent_extra="theirs/1",
            connect_timeout=7,
            max_pool_connections=3,
        ),
    )
    made: Any = clients.boto_for(config, URI)._client.meta.config
    assert made.retries["total_max_attempts"] == 1
    assert made.signature_version == "s3v4"
    assert made.user_agent_extra.startswith("theirs/1 s3open/")
    assert (made.connect_timeout, made.max_pool_connections) == (7, 3)


def test_boto3_shows_certificates_of_clients(tmp_path: Path) -> None:
    config = Config(
        access_key="AKIA",
        secret_key="secret",
        region="us-west-2",
        client_config=configured(client_cert=str(tmp_path / "certificate")),
    )
    assert type(clients.verbs_for(config, URI)).__name__ == "BotoVerbs"


def test_a_clients_configuration_is_part_of_a_configuration() -> None:
    first, second = configured(), configured()
    assert Config(client_config=first) == Config(client_config=first)
    assert hash(Config(client_config=first)) == hash(Config(client_config=first))
    assert Config(client_config=first) != Config(client_config=second)
    with pytest.raises(TypeError, match="botocore"):
        Config(client_config={"read_timeout": 1})
    with pytest.raises(ValueError, match="client_config"):
        Config(client=object(), client_config=first)
    with pytest.raises(TypeError, match="client_config"):
        pickle.dumps(Config(client_config=first))
    # It may have the password of a proxy in it.
    assert "client_config" not in repr(Config(client_config=first))
