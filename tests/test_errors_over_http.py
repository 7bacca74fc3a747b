"""Each failure is the builtin exception, with errno and URI, and says what to do."""

from __future__ import annotations

import errno
import pickle
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.testing import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from s3open.testing import S3Server

NAME = "s3://s3open-test/folder/file.txt"


pytestmark = pytest.mark.usefixtures("_each_transport")


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> S3Server:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return s3open_server


def read_error(name: str = NAME, **settings: Any) -> s3open.S3Error:
    with pytest.raises(s3open.S3Error) as caught:
        s3open.FileSystem(**settings).open(name)
    return caught.value


def write_error(name: str = NAME, **settings: Any) -> s3open.S3Error:
    file = s3open.FileSystem(**settings).open(name, "w")
    file.write("data")
    with pytest.raises(s3open.PublishError) as caught:
        file.close()
    assert file.closed
    error = caught.value
    assert error.recovery is not None
    assert error.recovery in str(error)
    return error


def test_a_missing_key(server: S3Server) -> None:
    error = read_error()
    assert isinstance(error, FileNotFoundError)
    assert str(error) == f"[Errno 2] No such file or directory: {NAME!r}"
    assert (error.errno, error.filename) == (errno.ENOENT, NAME)
    assert (error.code, error.status) == ("NoSuchKey", 404)
    assert error.request_id
    assert error.response["Error"]["Code"] == "NoSuchKey"


@pytest.mark.parametrize(
    "work",
    [
        lambda: s3open.open(NAME),
        lambda: s3open.open(NAME, "r+"),
        lambda: s3open.stat(NAME),
        lambda: s3open.size(NAME),
        lambda: s3open.read_bytes(NAME),
        lambda: s3open.tail(NAME),
        lambda: s3open.rm(NAME),
        lambda: s3open.cp(NAME, f"{NAME}-copy"),
        lambda: s3open.undo(NAME),
        lambda: list(s3open.ls(NAME)),
        lambda: list(s3open.versions(NAME)),
    ],
)
def test_a_missing_key_is_caught_by_its_code(
    server: S3Server, work: Callable[[], object]
) -> None:
    for kind in (s3open.NoSuchKey, FileNotFoundError, s3open.S3Error):
        with pytest.raises(kind):
            work()
    with pytest.raises(s3open.NoSuchKey) as caught:
        work()
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is s3open.NoSuchKey
    assert again.filename == NAME


def test_a_missing_version_is_caught_by_its_code(server: S3Server) -> None:
    server.put("s3open-test", "folder/file.txt", b"content")
    unknown = "0" * 32
    for work in (s3open.stat, s3open.read_bytes):
        with pytest.raises(s3open.NoSuchVersion):
            work(NAME, version_id=unknown)


def test_a_missing_bucket_is_caught_by_its_code(server: S3Server) -> None:
    name = "s3://no-such-bucket/key"
    for work in (s3open.read_bytes, s3open.versions, s3open.ls):
        with pytest.raises(s3open.NoSuchBucket):
            list(work(name))
    assert isinstance(write_error(name), s3open.NoSuchBucket)


@pytest.mark.parametrize("code", ["AccessDenied", "InternalError", "QuotaExceeded"])
def test_what_the_store_says_is_the_class(server: S3Server, code: str) -> None:
    status = 500 if code == "InternalError" else 403
    fault = Fault("GetObject", status=status, code=code, times=None)
    with server.faulty(fault):
        error = read_error(attempts=1)
    assert (error.code, error.status, error.operation) == (code, status, "GetObject")
    known = {"AccessDenied": s3open.AccessDenied, "InternalError": s3open.InternalError}
    assert type(error) is known.get(code, s3open.errors.S3PermissionError)


def test_what_boto3_raised_is_the_cause(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3OPEN_TRANSPORT", "boto3")
    assert type(read_error().__cause__).__name__ == "NoSuchKey"


def test_a_missing_bucket(server: S3Server) -> None:
    name = "s3://no-such-bucket/key"
    for error in (read_error(name), write_error(name)):
        assert isinstance(error, FileNotFoundError)
        assert error.code == "NoSuchBucket"
        assert error.filename == name
        assert "the bucket does not exist" in str(error)


def test_no_permission(server: S3Server) -> None:
    server.put("s3open-test", "folder/file.txt", b"secret")
    server.deny("GetObject")
    server.deny("PutObject")
    for error in (read_error(), write_error()):
        assert isinstance(error, PermissionError)
        assert error.errno == errno.EACCES
        assert (error.code, error.status) == ("AccessDenied", 403)
        assert error.filename == NAME


def test_a_missing_key_that_looks_forbidden(server: S3Server) -> None:
    server.bucket_listing("s3open-test", allowed=False)
    error = read_error()
    assert isinstance(error, PermissionError)
    assert "or there is no such key" in str(error)
    assert "s3:ListBucket" in str(error)


def test_exclusive_creation_goes_on_where_a_missing_key_looks_forbidden(
    server: S3Server,
) -> None:
    server.bucket_listing("s3open-test", allowed=False)
    with s3open.open(NAME, "x") as file:
        file.write("created")
    assert server.read("s3open-test", "folder/file.txt") == b"created"


def test_no_credentials(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for mode in ("r", "w", "x"):
        # Told at open, and forgotten: as soon as there are some, all is well.
        with pytest.raises(PermissionError, match="no credentials") as caught:
            s3open.open(NAME, mode)
        assert "AWS_ACCESS_KEY_ID" in str(caught.value)
        assert caught.value.filename == NAME


def test_a_profile_that_does_not_exist(server: S3Server) -> None:
    error = read_error(profile="nobody")
    assert isinstance(error, PermissionError)
    assert "nobody" in str(error)
    assert error.filename == NAME


def test_an_expired_token(server: S3Server) -> None:
    server.add_credentials("temporary", "secret", "a-token", expired=True)
    error = read_error(
        access_key="temporary", secret_key="secret", session_token="a-token"
    )
    assert isinstance(error, PermissionError)
    assert error.code == "ExpiredToken"
    assert "log in again" in str(error)


def test_an_unknown_access_key(server: S3Server) -> None:
    error = read_error(access_key="nobody", secret_key="x")
    assert isinstance(error, PermissionError)
    assert "does not know this access key" in str(error)


def test_a_wrong_secret_which_is_not_shown(server: S3Server) -> None:
    error = read_error(access_key=server.access_key, secret_key="wrong-secret-key")
    assert isinstance(error, PermissionError)
    assert "does not fit" in str(error)
    assert "wrong-secret-key" not in f"{error!s}{error!r}"


def test_a_bucket_in_another_region_is_found(server: S3Server) -> None:
    server.create_bucket("far-away", region="eu-west-1")
    with s3open.open("s3://far-away/key", "w") as file:
        file.write("over there")
    with s3open.open("s3://far-away/key") as file:
        assert file.read() == "over there"


def test_an_archived_object(server: S3Server) -> None:
    server.put("s3open-test", "cold", b"ice", x_amz_storage_class="GLACIER")
    error = read_error("s3://s3open-test/cold")
    assert isinstance(error, PermissionError)
    assert error.code == "InvalidObjectState"
    assert "unarchive()" in str(error)


def test_a_directory_is_told_from_a_file_that_ends_with_a_slash(
    server: S3Server,
) -> None:
    assert isinstance(read_error("s3://s3open-test/folder/"), IsADirectoryError)
    server.put("s3open-test", "marker/", b"a file all the same")
    with s3open.open("s3://s3open-test/marker/") as file:
        assert file.read() == "a file all the same"


def test_nobody_listening(server: S3Server) -> None:
    import boto3
    from botocore.config import Config

    once = Config(retries={"total_max_attempts": 1})
    client = boto3.client("s3", endpoint_url="http://127.0.0.1:1", config=once)
    error = read_error(client=client)
    assert isinstance(error, ConnectionError)
    assert error.filename == NAME
    assert error.status is None


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"metadata": {"a": "b" * 2048}}, ValueError, "2 KB"),
        ({"metadata": {"a": "x\ny"}}, ValueError, "printable"),
        ({"metadata": {"a b": "x"}}, ValueError, "without blanks"),
        ({"metadata": {"a": "ü"}}, ValueError, "ASCII"),
        ({"metadata": {"a": 1}}, TypeError, "str to str"),
        ({"content_type": "ü"}, ValueError, "content_type"),
        ({"config": {}}, TypeError, "Config"),
    ],
)
def test_what_s3_would_refuse_at_the_end_is_refused_at_once(
    server: S3Server, options: Any, kind: type[Exception], message: str
) -> None:
    with server.counting() as seen, pytest.raises(kind, match=message):
        s3open.open(NAME, "w", **options)
    assert seen.total == 0


def test_errors_pickle(server: S3Server) -> None:
    for error in (read_error(), write_error("s3://no-such-bucket/key")):
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert str(copy) == str(error)
        assert (copy.code, copy.status) == (error.code, error.status)


def test_an_expired_token_is_told_to_exclusive_creation_too(server: S3Server) -> None:
    server.add_credentials("temporary", "secret", "a-token", expired=True)
    here = s3open.FileSystem(
        access_key="temporary", secret_key="secret", session_token="a-token"
    )
    with pytest.raises(PermissionError, match="log in again"):
        here.open(NAME, "x")
