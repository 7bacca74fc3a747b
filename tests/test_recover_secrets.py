"""Nothing that is kept on this machine holds a secret, whatever went wrong."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Config, PublishError
from s3open.s3 import retry
from s3open.testing import Fault, S3Server
from s3open.writing import recovery
from tests.stores import MIB, open_any

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "s3open-test"
URI = f"s3://{BUCKET}/k"
KEY = bytes(range(100, 132))
CONTEXT = base64.b64encode(json.dumps({"patient": "Lovelace"}).encode()).decode()

pytestmark = pytest.mark.usefixtures("_each_transport", "_known_to_honour")


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    _private_recovery: None,
) -> S3Server:
    monkeypatch.setattr(retry, "pause", lambda failures: None)
    s3open_server.put(BUCKET, "k", b"old")
    return s3open_server


FAULTS = [
    Fault(operation="PutObject", times=None, drop="before"),
    Fault(operation="PutObject", times=None, status=500),
    Fault(operation="PutObject", times=None, status=403, code="SignatureDoesNotMatch"),
    Fault(operation="PutObject", times=None, status=403, code="InvalidAccessKeyId"),
    Fault(operation="PutObject", times=None, status=400, code="ExpiredToken"),
    Fault(operation="PutObject", times=None, status=400, code="InvalidArgument"),
]
ENCRYPTIONS: list[dict[str, Any]] = [
    {},
    {"sse_customer_key": KEY},
    {"sse": "aws:kms", "extra_args": {"SSEKMSEncryptionContext": CONTEXT}},
]


def config(server: S3Server) -> Config:
    return Config(
        endpoint_url=server.endpoint_url,
        region=server.region,
        access_key=server.access_key,
        secret_key=server.secret_key,
    )


def secrets(server: S3Server) -> Iterator[str]:
    """Yield what is not to be seen: also in the forms in which it is sent."""
    yield server.secret_key
    yield from (base64.b64encode(KEY).decode(), KEY.hex(), KEY.decode("latin-1"))
    yield base64.b64encode(hashlib.md5(KEY).digest()).decode()
    yield from (CONTEXT, "Lovelace")
    yield from ("AWS4-HMAC-SHA256", "Signature=", "X-Amz-Signature", "Credential=")


def kept_text() -> str:
    files = sorted(recovery.directory().iterdir())
    assert len(files) == 2
    names = "".join(path.name for path in files)
    return names + "".join(path.read_text("latin-1") for path in files)


@pytest.mark.parametrize("given", ENCRYPTIONS, ids=["plain", "customer", "kms"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code or "other")
@pytest.mark.parametrize("mode", ["wb", "r+b"])
def test_what_could_not_be_published_is_kept_without_secrets(
    server: S3Server, fault: Fault, given: dict[str, Any], mode: str
) -> None:
    if mode == "r+b" and "sse_customer_key" in given:
        with open_any(URI, "wb", **given) as file:
            file.write(b"old")
    file = open_any(URI, mode, config=config(server), **given)
    file.write(b"new")
    with server.faulty(fault), pytest.raises(PublishError) as caught:
        file.close()
    shown = kept_text() + str(caught.value) + repr(s3open.recover())
    for secret in secrets(server):
        assert secret not in shown


def test_what_nobody_closed_is_kept_without_secrets(server: S3Server) -> None:
    small = Config(**{**vars(config(server)), "part_size": 5 * MIB})
    file = s3open.open(URI, "wb", config=small, sse_customer_key=KEY)
    file.write(bytes(6 * MIB))
    with pytest.warns(s3open.UnpublishedWarning) as warned:
        del file
    shown = kept_text() + str(warned[0].message)
    for secret in secrets(server):
        assert secret not in shown


def test_a_password_in_the_endpoint_is_not_kept(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The store is behind a proxy that wants one, say.
    host = server.endpoint_url.removeprefix("http://")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://user:hunter2@{host}")
    try:
        file = s3open.open(URI, "w")
    except ValueError:
        return  # It is refused at once.
    file.write("new")
    with pytest.warns(s3open.UnpublishedWarning) as warned:
        del file
    assert "hunter2" not in kept_text() + str(warned[0].message)


def test_the_context_of_a_kms_key_is_asked_for(server: S3Server) -> None:
    given: dict[str, Any] = {"extra_args": {"SSEKMSEncryptionContext": CONTEXT}}
    file = s3open.open(URI, "w", sse="aws:kms", **given)
    file.write("new")
    with pytest.warns(s3open.UnpublishedWarning):
        del file
    (kept,) = s3open.recover()
    with pytest.raises(ValueError, match="SSEKMSEncryptionContext"):
        kept.publish()
    with server.counting() as seen:
        kept.publish(sse="aws:kms", **given)
    sent = seen.records[0].headers["x-amz-server-side-encryption-context"]
    assert sent == CONTEXT
