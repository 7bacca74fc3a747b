"""One client per configuration and environment; clear errors where there is none."""

import copy
import threading
from typing import Any

import pytest

import s3open
from s3open import Config, FileSystem, checksums
from s3open.contract import ALWAYS, IF_ABSENT, Attributes, Part
from s3open.errors import S3Error, S3PermissionError
from s3open.location import Location
from s3open.s3 import boto, clients, sessions
from tests.fakes import Bag, FakeBody, Fault
from tests.unit.forking import in_child

pytestmark = pytest.mark.usefixtures("no_credentials", "_over_boto3")

URI = "s3://b/k"
AT = Location("b", "k", URI)


class Recorder:
    """A boto3 client that answers enough, and notes what it was asked."""

    def __init__(self, checksums: str = "when_supported") -> None:
        self.asked: dict[str, dict[str, Any]] = {}
        config = Bag(request_checksum_calculation=checksums)
        self.meta = Bag(config=config, endpoint_url="https://s3.amazonaws.com")

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> dict[str, Any]:
            self.asked[operation] = arguments
            return {
                "ContentLength": 3,
                "ContentRange": "bytes 2-4/9",
                "ETag": '"e"',
                "UploadId": "u",
                "Body": None,
                "CopyPartResult": {"ETag": '"e"'},
            }

        return call


@pytest.fixture
def _over_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3OPEN_TRANSPORT", "boto3")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """Make no real clients; list the configurations they were made for."""
    configs: list[Config] = []

    def make_client(config: Config, uri: str) -> object:
        configs.append(config)
        return Recorder()

    monkeypatch.setattr(clients, "make_client", make_client)
    return configs


def test_equal_configurations_share_their_client(made: list[Config]) -> None:
    first = clients.verbs_for(Config(region="eu-west-1"), URI)
    assert clients.verbs_for(Config(region="eu-west-1"), "s3://c/other") is first
    assert clients.verbs_for(Config(region="eu-west-2"), URI) is not first
    assert len(made) == 2


@pytest.mark.parametrize(
    "name",
    [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_CA_BUNDLE",
    ],
)
def test_a_changed_environment_is_another_client(
    made: list[Config], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = clients.verbs_for(Config(), URI)
    monkeypatch.setenv(name, "changed")
    changed = clients.verbs_for(Config(), URI)
    assert changed is not before
    monkeypatch.delenv(name)
    assert clients.verbs_for(Config(), URI) is before
    assert len(made) == 2


def test_many_threads_make_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 32
    made: list[int] = []
    waiting = threading.Semaphore(0)
    start = threading.Barrier(count)
    found: list[object] = []

    def make_client(config: Config, uri: str) -> object:
        made.append(threading.get_ident())
        # Until all the others have come as far as they can.
        assert waiting.acquire(timeout=10)
        return Recorder()

    def ask() -> None:
        start.wait(timeout=10)
        waiting.release()
        found.append(clients.verbs_for(Config(region="x"), URI))

    monkeypatch.setattr(clients, "make_client", make_client)
    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert len(made) == 1
    assert len(found) == count
    assert len(set(map(id, found))) == 1


def test_only_the_newest_clients_are_kept(made: list[Config]) -> None:
    for number in range(40):
        clients.verbs_for(Config(region=f"region-{number}"), URI)
    kept = len(clients._verbs)
    assert 1 < kept < 40
    clients.verbs_for(Config(region="region-39"), URI)
    assert len(made) == 40
    clients.verbs_for(Config(region="region-0"), URI)
    assert len(made) == 41
    assert len(clients._verbs) == kept


def test_settings_that_do_not_reach_the_store_share_a_client(
    made: list[Config],
) -> None:
    small = clients.verbs_for(Config(memory=2 << 20, attempts=1), URI)
    assert clients.verbs_for(Config(part_size=6 << 20, temp_dir="/x"), URI) is small
    assert clients.verbs_for(Config(requester_pays=True), URI) is not small


def test_a_failure_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes: list[Any] = [S3PermissionError.at(URI), Recorder()]

    def make_client(config: Config, uri: str) -> object:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(clients, "make_client", make_client)
    with pytest.raises(PermissionError):
        clients.verbs_for(Config(), URI)
    assert clients.verbs_for(Config(), URI) is not None


def test_a_child_makes_clients_of_its_own(made: list[Config]) -> None:
    clients.verbs_for(Config(), URI)

    def ask() -> tuple[int, int]:
        before = len(clients._verbs)
        clients.verbs_for(Config(), URI)
        return before, len(made)

    assert in_child(ask) == (0, 2)
    clients.verbs_for(Config(), URI)
    assert len(made) == 1


def test_a_child_forked_while_a_client_is_being_made_makes_its_own(
    made: list[Config],
) -> None:
    with clients._lock:
        assert in_child(lambda: clients.verbs_for(Config(), URI) is not None)


def test_a_client_that_is_given_is_used_as_it_is(made: list[Config]) -> None:
    client = Recorder()
    verbs = clients.verbs_for(Config(client=client), URI)
    assert isinstance(verbs, boto.BotoVerbs)
    assert verbs._client is client
    assert made == []


def test_a_session_that_is_given_makes_the_client() -> None:
    class Session:
        asked: tuple[Any, ...] = ()

        def get_credentials(self) -> object:
            return object()

        def client(self, name: str, **settings: Any) -> Any:
            self.asked = name, settings["region_name"], settings["endpoint_url"]
            return boto3_client()

    session = Session()
    config = Config(session=session, region="r", endpoint_url="http://127.0.0.1:1")
    clients.verbs_for(config, URI)
    assert session.asked == ("s3", "r", "http://127.0.0.1:1")


def boto3_client() -> Any:
    import boto3

    return boto3.client("s3", region_name="us-east-1")


def test_an_anonymous_client_signs_nothing() -> None:
    import botocore

    client = sessions.make_client(Config(anonymous=True, region="us-east-1"), URI)
    assert client.meta.config.signature_version is botocore.UNSIGNED


def test_a_client_signs_by_sigv4_and_says_who_it_is() -> None:
    config = Config(access_key="A", secret_key="S", region="eu-west-1")
    client = sessions.make_client(config, URI)
    assert client.meta.config.signature_version == "s3v4"
    assert client.meta.region_name == "eu-west-1"
    assert f"s3open/{s3open.__version__}" in client.meta.config.user_agent_extra


def test_a_configuration_with_secrets_can_be_copied() -> None:
    # Copying is not sending.
    config = Config(access_key="A", secret_key="S")
    assert copy.copy(config) == config
    assert copy.deepcopy(FileSystem(config)).config == config


@pytest.mark.parametrize("pays", [False, True])
def test_every_request_says_who_pays(pays: bool) -> None:
    client = Recorder()
    verbs = clients.verbs_for(Config(client=client, requester_pays=pays), URI)
    verbs.get_object(AT, range(2, 5))
    verbs.head_object(AT)
    verbs.put_object(AT, [b"x"], Attributes(), ALWAYS)
    verbs.delete_object(AT)
    verbs.create_multipart_upload(AT, Attributes())
    verbs.upload_part(AT, "u", 1, [b"x"])
    verbs.upload_part_copy(AT, "u", 2, range(9), if_match='"e"')
    verbs.complete_multipart_upload(AT, "u", [Part('"e"', 1)], ALWAYS)
    verbs.abort_multipart_upload(AT, "u")
    verbs.upload_exists(AT, "u")
    assert len(client.asked) == 10
    for arguments in client.asked.values():
        assert arguments.get("RequestPayer") == ("requester" if pays else None)
        assert (arguments["Bucket"], arguments["Key"]) == ("b", "k")


def test_a_request_says_what_it_is_about() -> None:
    client = Recorder()
    verbs = boto.BotoVerbs(client)
    attributes = Attributes("text/plain", {"a": "1"})
    answer = verbs.get_object(AT, range(2, 5), if_match='"e"')
    assert (answer.span, answer.info.size, answer.info.etag) == (range(2, 5), 9, '"e"')
    verbs.put_object(AT, [b"x"], attributes, IF_ABSENT)
    verbs.create_multipart_upload(AT, attributes)
    verbs.complete_multipart_upload(
        AT, "u", [Part('"1"', 1), Part('"2"', 1)], IF_ABSENT
    )
    asked = client.asked
    assert asked["get_object"]["Range"] == "bytes=2-4"
    assert asked["get_object"]["IfMatch"] == '"e"'
    for operation in ("put_object", "create_multipart_upload"):
        assert asked[operation]["ContentType"] == "text/plain"
        assert asked[operation]["Metadata"] == {"a": "1"}
    assert asked["put_object"]["IfNoneMatch"] == "*"
    assert asked["complete_multipart_upload"]["IfNoneMatch"] == "*"
    assert asked["complete_multipart_upload"]["MultipartUpload"] == {
        "Parts": [
            {"PartNumber": 1, "ETag": '"1"'},
            {"PartNumber": 2, "ETag": '"2"'},
        ]
    }


@pytest.mark.parametrize("wanted", ["when_supported", "when_required"])
def test_a_checksum_goes_with_the_bytes_unless_botocore_is_told_not_to(
    wanted: str,
) -> None:
    client = Recorder(wanted)
    verbs = boto.BotoVerbs(client)
    verbs.put_object(AT, [b"123456789"], Attributes(), ALWAYS)
    verbs.upload_part(AT, "u", 1, [b"123456789"])
    expected = checksums.encode("crc64nvme", 0xAE8B14860A799888)
    for operation in ("put_object", "upload_part"):
        found = client.asked[operation].get("ChecksumCRC64NVME")
        assert found == (expected if wanted == "when_supported" else None)


@pytest.mark.parametrize(
    ("answer", "span", "size"),
    [
        ({"ContentLength": 3, "ContentRange": "bytes 2-4/9"}, range(2, 5), 9),
        ({"ContentLength": 9, "ETag": "e"}, range(9), 9),
    ],
)
def test_an_answer_says_what_it_holds(
    answer: dict[str, Any], span: range, size: int
) -> None:
    client = Bag(meta=Recorder().meta, get_object=lambda **_: {**answer, "Body": None})
    found = boto.BotoVerbs(client).get_object(AT, range(2, 5))
    assert (found.span, found.info.size) == (span, size)


@pytest.mark.parametrize(
    "answer",
    [
        {"ContentLength": 3, "ContentRange": "bytes 2-4/*"},
        {"ContentLength": 3, "ContentRange": "nonsense"},
        {"ContentLength": 3, "ResponseMetadata": {"HTTPStatusCode": 206}},
        {"ResponseMetadata": {"HTTPStatusCode": 200}},
    ],
)
def test_an_answer_that_does_not_say_what_it_holds_is_refused(
    answer: dict[str, Any],
) -> None:
    body = FakeBody(b"123", 1, Fault())
    client = Bag(meta=Recorder().meta, get_object=lambda **_: {**answer, "Body": body})
    with pytest.raises(S3Error) as caught:
        boto.BotoVerbs(client).get_object(AT, range(2, 5))
    assert caught.value.filename == URI
    assert body.closed
