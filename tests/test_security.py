"""Secrets are nowhere that others look, and no key leads out of a folder."""

from __future__ import annotations

import base64
import logging
import os
import pickle
import stat
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Config
from s3open.answered import answered
from s3open.s3 import clients, endpoint
from s3open.testing import Fault
from tests.stores import MIB, open_any

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing import S3Server

BUCKET = "s3open-test"
SECRET = "Secret/Key+0123456789"
TOKEN = "Session/Token+0123456789"
CUSTOMER_KEY = b"customer-key-of-thirty-two-bytes"


@pytest.fixture
def config(
    s3open_server: S3Server, s3open_bucket: str, _private_recovery: None
) -> Config:
    s3open_server.add_credentials("AKIATEST", SECRET, TOKEN)
    return Config(
        endpoint_url=s3open_server.endpoint_url,
        region=s3open_server.region,
        access_key="AKIATEST",
        secret_key=SECRET,
        session_token=TOKEN,
        part_size=5 * MIB,
    )


def name(key: str) -> str:
    return f"s3://{BUCKET}/{key}"


def used(config: Config, server: S3Server) -> list[BaseException]:
    """Do what there is to do, and return how it failed where it had to."""
    failures: list[BaseException] = []

    def attempt(action: Callable[[], object]) -> None:
        try:
            action()
        except OSError as error:
            failures.append(error)

    def write(key: str, mode: str = "wb", size: int = 10, **options: Any) -> None:
        with open_any(name(key), mode, config=config, **options) as file:
            file.write(bytes(size))

    write("small")
    write("large", size=11 * MIB)
    write("small", "ab")
    write("large", "r+b")
    write("encrypted", sse_customer_key=CUSTOMER_KEY)
    attempt(lambda: write("small", "xb"))
    attempt(lambda: s3open.open(name("none"), config=config))
    for code in ("AccessDenied", "SignatureDoesNotMatch", "InvalidToken"):
        with server.faulty(Fault(status=403, code=code, times=None)):
            attempt(lambda: write("small", "wb", sse_customer_key=CUSTOMER_KEY))
            attempt(lambda: write("large", size=11 * MIB))
    with server.faulty(Fault("PutObject", drop="before", times=None)):
        attempt(lambda: write("small"))
    return failures


def secrets() -> list[str]:

    return [
        SECRET,
        TOKEN,
        CUSTOMER_KEY.decode(),
        base64.b64encode(CUSTOMER_KEY).decode(),
    ]


@pytest.mark.usefixtures("_each_transport")
def test_no_secret_is_told_or_kept(
    s3open_server: S3Server,
    config: Config,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("s3open.s3.retry.pause", lambda _: None)
    monkeypatch.setattr(endpoint, "_known", {})
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        failures = used(config, s3open_server)
    assert len(failures) == 9
    assert any(isinstance(error, s3open.PublishError) for error in failures)
    told = [str(warning.message) for warning in warned]
    for error in failures:
        told += [str(error), repr(error), *traceback.format_exception(error)]
        told.append(repr(getattr(error, "response", None)))
        told.append(repr(pickle.dumps(error)))
    ours = [each for each in caplog.records if each.name.startswith("s3open")]
    assert ours
    told += [each.getMessage() for each in ours]
    # botocore shows all headers, the token's among them, to who asks for its details.
    theirs = "".join(each.getMessage() for each in caplog.records)
    assert SECRET not in theirs
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".json" for path in kept)
    for path in kept:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        told.append(path.read_bytes().decode("latin-1"))
    for secret in secrets():
        assert not [text for text in told if secret in text]


def test_a_token_that_the_store_quotes_is_dropped() -> None:
    answer = {
        "Error": {
            "Code": "InvalidToken",
            "Message": "The provided token is malformed",
            "Token-0": TOKEN,
            "CanonicalRequest": f"x-amz-security-token:{TOKEN}",
        }
    }
    error = answered("InvalidToken", 400, "s3://b/k", answer)
    assert TOKEN not in repr(error.response)
    assert error.response["Error"]["Message"] == "The provided token is malformed"
    assert TOKEN in answer["Error"]["Token-0"]


@pytest.mark.parametrize("transport", ["wire", "boto3"])
def test_a_password_in_an_endpoint_is_not_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, transport: str
) -> None:
    monkeypatch.setenv("S3OPEN_TRANSPORT", transport)
    monkeypatch.setattr(endpoint, "_warned", set())
    monkeypatch.setattr(clients, "_verbs", {})
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://me:{SECRET[:6]}@store.example")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    config = Config(region="us-east-1", access_key="A", secret_key="S")
    with pytest.warns(s3open.WeakStoreWarning) as warned:
        clients.verbs_for(config, "s3://b/k")
    (message,) = [str(warning.message) for warning in warned]
    assert message.startswith("the store at http://store.example is reached without")


@pytest.mark.parametrize(
    "key",
    [
        "../../evil.sh",
        "..",
        "a/../../../evil.txt",
        "a/..",
        "//etc/passwd",
        "a\\..\\..\\evil.bat",
        "evil.txt/../../x",
        "x.\n/../y",
        "x.a/b",
        "~/.ssh/authorized_keys",
        "a.../...",
        ".bashrc",
    ],
)
@pytest.mark.parametrize("mode", ["r", "w"])
def test_no_key_leads_out_of_the_folder_of_a_local_copy(
    s3open_server: S3Server, config: Config, tmp_path: Path, key: str, mode: str
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    before = set(tmp_path.rglob("*"))
    s3open_server.put(BUCKET, key, b"theirs")
    here = Config(**{**vars(config), "temp_dir": os.fspath(place)})
    with s3open.local(name(key), mode, config=here) as path:
        if mode == "w":
            Path(path).write_bytes(b"ours")
        folder = Path(path).parent
        assert folder.parent == place
        assert Path(path).resolve().parent == folder.resolve()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert set(tmp_path.rglob("*")) == before | {folder, Path(path)}
    assert set(tmp_path.rglob("*")) == before
    assert s3open_server.read(BUCKET, key) == (b"ours" if mode == "w" else b"theirs")


def test_a_link_in_the_temporary_folder_leads_nowhere(
    s3open_server: S3Server,
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outside, place = tmp_path / "outside", tmp_path / "place"
    outside.mkdir()
    place.mkdir()
    # Somebody has guessed the first name that is tried.
    names = iter(["guessed", "fresh"])
    monkeypatch.setattr(tempfile, "_get_candidate_names", lambda: names)
    (place / "s3open-guessed").symlink_to(outside)
    s3open_server.put(BUCKET, "key", b"theirs")
    here = Config(**{**vars(config), "temp_dir": os.fspath(place)})
    with s3open.local(name("key"), config=here) as path:
        assert Path(path).parent == place / "s3open-fresh"
    assert list(outside.iterdir()) == []
