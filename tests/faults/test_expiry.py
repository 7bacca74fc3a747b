"""Credentials that expire in the middle: others are found, and the file goes on."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open.s3 import retry
from s3open.testing import Fault, S3Server, synthetic_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1 << 20
BUCKET = "s3open-test"
URI = f"s3://{BUCKET}/file"
PARTS = s3open.Config(part_size=5 * MIB, connections=4)

pytestmark = pytest.mark.usefixtures("_each_transport", "_known_to_honour")


class Login:
    """Session credentials, of which the newest are where botocore looks."""

    def __init__(self, server: S3Server, show: Callable[[str], None]) -> None:
        self._server = server
        self._show = show
        self.again()

    def again(self) -> None:
        # Clients outlive a test, and remember.
        self._name = name = f"key-{secrets.token_hex(4)}"
        self._server.add_credentials(name, "secret", f"{name}-token")
        self._show(name)

    def replace(self) -> None:
        """Have others there, and those from before expired.

        In this order: a thread may ask in between.
        """
        before = self._name
        self.again()
        self._expire(before)

    def expire(self) -> None:
        self._expire(self._name)

    def _expire(self, name: str) -> None:
        self._server.add_credentials(name, "secret", f"{name}-token", expired=True)


@pytest.fixture(params=["environment", "file"])
def login(
    request: pytest.FixtureRequest,
    s3open_server: S3Server,
    s3open_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Login:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(retry, "pause", lambda failures: None)

    def in_environment(name: str) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", name)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_SESSION_TOKEN", f"{name}-token")

    def in_file(name: str) -> None:
        (tmp_path / "credentials").write_text(
            f"[default]\naws_access_key_id = {name}\naws_secret_access_key = secret\n"
            f"aws_session_token = {name}-token\n"
        )

    if request.param == "environment":
        return Login(s3open_server, in_environment)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return Login(s3open_server, in_file)


def test_an_upload_goes_on_with_new_credentials(
    login: Login, s3open_server: S3Server
) -> None:
    content = synthetic_bytes(range(17 * MIB))
    with (
        s3open_server.counting() as seen,
        s3open.open(URI, "wb", config=PARTS) as file,
    ):
        file.write(content[: 6 * MIB])
        login.replace()
        file.write(content[6 * MIB :])
    assert seen.operations["CreateMultipartUpload"] == 1
    assert s3open_server.read(BUCKET, "file") == content


def test_a_download_goes_on_with_new_credentials(
    login: Login, s3open_server: S3Server
) -> None:
    s3open_server.synthetic(BUCKET, "file", 9 * MIB)
    with s3open.open(URI, "rb", config=PARTS) as file:
        start = file.read(MIB)
        login.replace()
        assert start + file.read() == synthetic_bytes(range(9 * MIB))


@pytest.mark.parametrize("mode", ["ab", "xb"])
def test_a_small_write_goes_on_with_new_credentials(
    login: Login, s3open_server: S3Server, mode: str
) -> None:
    if mode != "xb":
        s3open_server.put(BUCKET, "file", b"old")
    file = s3open.open(URI, mode)
    file.write(b"new")
    login.replace()
    file.close()
    right = b"oldnew" if mode == "ab" else b"new"
    assert s3open_server.read(BUCKET, "file") == right


@pytest.mark.parametrize("mode", ["rb", "ab"])
def test_a_file_is_opened_with_new_credentials(
    login: Login, s3open_server: S3Server, mode: str
) -> None:
    s3open_server.put(BUCKET, "file", b"old")
    s3open.open("s3://s3open-test/other", "wb").close()
    # Where the environment does not change nobody knows that they did.
    login.replace()
    s3open.open(URI, mode).close()


def test_credentials_that_stay_expired_are_an_error(
    login: Login, s3open_server: S3Server
) -> None:
    s3open_server.synthetic(BUCKET, "file", 9 * MIB)
    alone = s3open.Config(connections=1)
    with s3open.open(URI, "rb", config=alone) as file:
        file.read(MIB)
        login.expire()
        with s3open_server.counting() as seen:
            with pytest.raises(PermissionError, match="log in again") as caught:
                file.read()
    assert caught.value.filename == URI
    # (Where a HEAD has failed botocore asks for the region, again and again.)
    assert seen.operations["GetObject"] <= 2


def test_credentials_that_are_refused_are_not_looked_for_again(
    login: Login, s3open_server: S3Server
) -> None:
    fault = Fault(status=403, times=None)
    with s3open_server.faulty(fault), s3open_server.counting() as seen:
        with pytest.raises(PermissionError):
            s3open.open(URI, "rb")
    # (A file that was closed before may still be asking for its checksum.)
    assert seen.operations["GetObject"] == 1


@pytest.mark.parametrize("status", [400, 403])
def test_whatever_the_status_they_are_renewed(
    login: Login, s3open_server: S3Server, status: int
) -> None:
    s3open_server.put(BUCKET, "file", b"content")
    s3open.open("s3://s3open-test/other", "wb").close()
    with s3open.open(URI, "r+b") as file:
        login.again()
        with s3open_server.faulty(Fault(code="ExpiredToken", status=status)) as armed:
            file.write(b"CON")
            file.close()
    assert armed.fired == 1
    assert s3open_server.read(BUCKET, "file") == b"CONtent"
