"""smart_open's transport parameters, and what they mean here."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import boto3
import botocore
import pytest
from botocore.config import Config as BotoConfig

import s3open
from s3open import Config
from s3open.files import mode as modes
from s3open.integrations.transport_params import NAMES, parsed
from s3open.testing import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server

READ: Any = modes.parse("rb")
WRITE: Any = modes.parse("wb")
CREATE = "S3.Client.create_multipart_upload"
PUT, GET = "S3.Client.put_object", "S3.Client.get_object"
COMPLETE = "S3.Client.complete_multipart_upload"
KEY = bytes(range(32))


def calls(**said: Any) -> dict[str, Any]:
    return {"client_kwargs": {f"S3.Client.{name}": said[name] for name in said}}


@pytest.mark.parametrize(
    ("params", "config"),
    [
        ({}, Config()),
        ({"min_part_size": 50 << 20}, Config(part_size=50 << 20)),
        ({"min_part_size": 1}, Config(part_size=5 << 20)),
        ({"min_part_size": 1 << 40}, Config(part_size=5 << 30)),
        ({"multipart_upload": True}, Config()),
        ({"multipart_upload": False}, Config(part_size=5 << 30)),
        (
            {
                "buffer_size": 1024,
                "defer_seek": True,
                "range_chunk_size": 1 << 20,
                "writebuffer": io.BytesIO(),
                "client": None,
                "version_id": None,
            },
            Config(),
        ),
        (
            {
                "client_kwargs": {
                    "S3.Client": {
                        "endpoint_url": "http://a",
                        "region_name": "r",
                        "aws_access_key_id": "k",
                        "aws_secret_access_key": "s",
                    }
                }
            },
            Config(endpoint_url="http://a", region="r", access_key="k", secret_key="s"),
        ),
        ({"resource_kwargs": {"region_name": "r"}}, Config(region="r")),
        (
            {
                "client_kwargs": {
                    "S3.Client": {
                        "config": BotoConfig(signature_version=botocore.UNSIGNED)
                    }
                }
            },
            None,
        ),
    ],
)
def test_what_says_how_to_get_there_is_a_config(
    params: dict[str, Any], config: Config | None
) -> None:
    found, options = parsed(params, WRITE)
    assert options == {}
    if config is not None:
        assert found == config
    else:
        assert found.anonymous


def test_what_is_not_said_stays_as_the_config_has_it() -> None:
    config = Config(region="r", memory=8 << 20)
    assert parsed({"min_part_size": 6 << 20}, WRITE, config)[0] == Config(
        region="r", memory=8 << 20, part_size=6 << 20
    )


def test_clients_sessions_and_resources_are_used_as_they_are() -> None:
    session = boto3.Session(region_name="r")
    client = session.client("s3")
    assert parsed({"client": client}, READ)[0].client is client
    assert parsed({"session": session}, READ)[0].session is session
    resource = session.resource("s3")
    assert parsed({"resource": resource}, READ)[0].client is resource.meta.client


@pytest.mark.parametrize(
    ("params", "options"),
    [
        ({"version_id": "v"}, {"version_id": "v"}),
        (calls(get_object={"VersionId": "v"}), {"version_id": "v"}),
        ({"object_kwargs": {"IfMatch": "e"}}, {"if_match": "e"}),
        (
            calls(get_object={"IfNoneMatch": "e", "ChecksumMode": "ENABLED"}),
            {"if_none_match": "e"},
        ),
        (
            calls(get_object={"ExpectedBucketOwner": "1"}),
            {"extra_args": {"ExpectedBucketOwner": "1"}},
        ),
        (calls(get_object={"SSECustomerKey": KEY}), {"sse_customer_key": KEY}),
        (calls(put_object={"ACL": "private"}), {}),
    ],
)
def test_what_is_said_of_reading(
    params: dict[str, Any], options: dict[str, Any]
) -> None:
    assert parsed(params, READ) == (Config(), options)


@pytest.mark.parametrize(
    ("params", "options"),
    [
        (
            calls(create_multipart_upload={"ACL": "private"}),
            {"extra_args": {"ACL": "private"}},
        ),
        (
            {"multipart_upload_kwargs": {"StorageClass": "STANDARD_IA"}},
            {"extra_args": {"StorageClass": "STANDARD_IA"}},
        ),
        (
            {"multipart_upload": False, **calls(put_object={"IfMatch": "e"})},
            {"if_match": "e"},
        ),
        (
            {"multipart_upload": False, "singlepart_upload_kwargs": {"ACL": "private"}},
            {"extra_args": {"ACL": "private"}},
        ),
        (
            calls(
                create_multipart_upload={"SSECustomerKey": KEY, "ACL": None},
                upload_part={"SSECustomerKey": KEY, "ChecksumAlgorithm": "CRC32"},
                complete_multipart_upload={"IfMatch": "e", "SSECustomerKey": KEY},
            ),
            {"sse_customer_key": KEY, "if_match": "e"},
        ),
        (calls(get_object={"Range": "bytes=0-1"}), {}),
    ],
)
def test_what_is_said_of_writing(
    params: dict[str, Any], options: dict[str, Any]
) -> None:
    assert parsed(params, WRITE)[1] == options


def test_the_requester_pays() -> None:
    params = calls(get_object={"RequestPayer": "requester"})
    assert parsed(params, READ)[0].requester_pays
    assert not parsed(params, WRITE)[0].requester_pays


@pytest.mark.parametrize(
    "params",
    [
        {"buffersize": 1},
        {"client": 1},
        {"resource": 1},
        {"session": 1},
        {"client_kwargs": "ACL"},
        {"multipart_upload": 1},
        {"defer_seek": "no"},
        {"min_part_size": "5MB"},
        {"buffer_size": 1.5},
        {"writebuffer": "buffer"},
        {"client_kwargs": {"S3.Client.copy": {}}},
        {"client_kwargs": {"Metadata": {}}},
        {"client_kwargs": {CREATE: "ACL"}},
        {"client_kwargs": {"S3.Client": {"endpoint": "http://a"}}},
        ["client"],
    ],
)
def test_what_is_no_parameter_is_told(params: Any) -> None:
    with pytest.raises(TypeError):
        parsed(params, WRITE)


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"version_id": "v"}, "version_id must be None"),
        ({"buffer_size": 0}, "1 at least"),
        (calls(put_object={"ACL": "private"}), "multipart_upload=False"),
        (calls(complete_multipart_upload={"IfNoneMatch": "*"}), "mode 'x'"),
        (
            {"multipart_upload": False, **calls(put_object={"IfNoneMatch": "*"})},
            "mode 'x'",
        ),
        (calls(create_multipart_upload={"Body": b""}), "Body"),
        (calls(upload_part={"PartNumber": 3}), "PartNumber"),
        (
            calls(
                create_multipart_upload={"SSECustomerKey": KEY},
                upload_part={"SSECustomerKey": KEY[::-1]},
            ),
            "differs",
        ),
        (
            {
                "multipart_upload_kwargs": {"ACL": "private"},
                **calls(create_multipart_upload={"ACL": "private"}),
            },
            "are the same",
        ),
        ({"client": boto3, "session": boto3}, "excludes session"),
    ],
)
def test_what_a_parameter_cannot_be_is_told(params: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match) as caught:
        parsed(params, WRITE)
    assert "\\x1f" not in str(caught.value)


def test_what_reading_cannot_be_told() -> None:
    for said in ({"Range": "bytes=0-1"}, {"PartNumber": 1}, {"Bucket": "b"}):
        with pytest.raises(ValueError, match="cannot be said"):
            parsed(calls(get_object=said), READ)
    twice = {"version_id": "v", **calls(get_object={"VersionId": "v"})}
    with pytest.raises(ValueError, match="version_id"):
        parsed(twice, READ)


def test_the_names_are_documented() -> None:
    text = parsed.__doc__ or ""
    assert not [name for name in NAMES if f"``{name}``" not in text]


@pytest.mark.usefixtures("_known_to_honour")
def test_one_request_writes_it_all(s3open_server: S3Server, s3open_bucket: str) -> None:
    name, content = f"s3://{s3open_bucket}/k", b"0123456789abcdef" * (1 << 20)
    for params, requests in (({"multipart_upload": False}, 1), ({}, 6)):
        with s3open_server.counting() as tally:
            with s3open.open(name, "wb", transport_params=params) as file:
                file.write(content)
        assert len(tally.records) == requests
        assert s3open_server.read(s3open_bucket, "k") == content


def test_an_object_is_given_what_the_call_says(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    said = {"Metadata": {"version": "2"}, "StorageClass": "STANDARD_IA"}
    for size in (0, 1, 6 << 20):
        name = f"s3://{s3open_bucket}/{size}"
        params = calls(create_multipart_upload=said)
        with s3open.open(name, "wb", transport_params=params) as file:
            file.write(bytes(size))
        assert s3open.stat(name).metadata == {"version": "2"}
        assert s3open.stat(name).settings["StorageClass"] == "STANDARD_IA"


def test_an_exception_leaves_the_old_object(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    s3open_server.put(s3open_bucket, "k", b"old")
    params = {"min_part_size": 5 << 20, "writebuffer": io.BytesIO()}
    with pytest.raises(ZeroDivisionError):
        with s3open.open(
            f"s3://{s3open_bucket}/k", "wb", transport_params=params
        ) as file:
            file.write(bytes(12 << 20))
            raise ZeroDivisionError
    assert s3open_server.read(s3open_bucket, "k") == b"old"
    client = boto3.client("s3")
    assert "Uploads" not in client.list_multipart_uploads(Bucket=s3open_bucket)


def test_a_broken_answer_is_asked_for_again(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    s3open_server.put(s3open_bucket, "k", b"content")
    params = {"client": boto3.client("s3"), "buffer_size": 3}
    s3open_server.fault(Fault(status=503, operation="GetObject", times=1))
    with s3open.open(f"s3://{s3open_bucket}/k", "rb", transport_params=params) as file:
        assert file.read() == b"content"


def test_a_lost_answer_is_no_lost_file(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    name = f"s3://{s3open_bucket}/k"
    for params in ({"multipart_upload": False}, {"client": boto3.client("s3")}):
        fault = Fault(operation="PutObject", drop="after", times=1)
        with s3open_server.faulty(fault) as armed:
            with s3open.open(name, "xb", transport_params=params) as file:
                file.write(b"content")
            assert armed.fired == 1
        assert s3open_server.read(s3open_bucket, "k") == b"content"
        s3open.rm(name)


def test_arguments_of_one_call_do_not_contradict(s3open_bucket: str) -> None:
    name = f"s3://{s3open_bucket}/k"
    given: Any = s3open.open
    for arguments in (
        {"config": Config(), "storage_options": {}},
        {"version_id": "v", "transport_params": {"version_id": "w"}},
        {
            "storage_options": {"s3_additional_kwargs": {"ExpectedBucketOwner": "1"}},
            "extra_args": {"ExpectedBucketOwner": "2"},
        },
    ):
        with pytest.raises(ValueError, match=r"exclude|two arguments"):
            given(name, "rb", **arguments)
    for option, value in (("storage_options", 3), ("transport_params", "client")):
        with pytest.raises(TypeError, match="mapping"):
            given(name, "rb", **{option: value})
    with pytest.raises(TypeError, match="unknown storage option 'keys'"):
        given(name, "rb", storage_options={"keys": "k"})


def test_storage_options_reach_the_store(
    s3open_server: S3Server, s3open_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    options = {
        "key": s3open_server.access_key,
        "secret": s3open_server.secret_key,
        "client_kwargs": {"endpoint_url": s3open_server.endpoint_url},
        "s3_additional_kwargs": {"ServerSideEncryption": "AES256"},
    }
    name = f"s3://{s3open_bucket}/k"
    with s3open.open(name, "w", storage_options=options) as file:
        file.write("text")
    with s3open.open(name, storage_options=options) as file:
        assert file.read() == "text"
    with s3open.open(
        name,
        "rb",
        compression="infer",
        storage_options=options,
        transport_params={"buffer_size": 7},
    ) as binary:
        assert binary.read() == b"text"


def test_a_store_that_is_an_object_takes_parameters(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    store = s3open.FileSystem(region="us-east-1")
    params = {"client_kwargs": {CREATE: {"ContentType": "a/b"}}}
    name = f"s3://{s3open_bucket}/k"
    with store.open(name, "wb", transport_params=params) as file:
        file.write(b"content")
    assert s3open_server.read(s3open_bucket, "k") == b"content"
    assert store.stat(name).content_type == "a/b"
    with pytest.raises(ValueError, match="exclude"):
        store.open(name, storage_options={})


def test_files_of_this_machine_need_none(tmp_path: Path) -> None:
    path = tmp_path / "file"
    given: dict[str, Any] = {"storage_options": {}, "transport_params": {}}
    with s3open.open(path, "w", **given) as file:
        file.write("text")
    assert path.read_text() == "text"


def test_other_schemes_have_no_storage_options() -> None:
    with pytest.raises(ValueError, match="storage_options are for names on S3"):
        s3open.open("sftp://host/file", storage_options={"key": "k"})
