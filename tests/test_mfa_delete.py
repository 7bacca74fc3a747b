"""Buckets that want the code of a device before anything is gone for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import s3open

if TYPE_CHECKING:
    from s3open.testing import S3Server

KEY = "s3://guarded/key"
MFA = "arn:aws:iam::1:mfa/me 123456"

pytestmark = pytest.mark.usefixtures("_each_transport")


@pytest.fixture
def server(s3open_server: S3Server) -> S3Server:
    s3open_server.create_bucket("guarded", versioned=True)
    s3open_server.mfa_device("guarded", MFA)
    for body in (b"1", b"2", b"3"):
        s3open_server.put("guarded", "key", body)
    return s3open_server


def test_one_version_goes_with_the_code(server: S3Server) -> None:
    version = s3open.stat(KEY).version_id
    for wrong in (None, "arn:aws:iam::1:mfa/me 654321"):
        with pytest.raises(PermissionError) as caught:
            s3open.rm(KEY, version_id=version, mfa=wrong)
        assert "654321" not in str(caught.value)
    assert server.read("guarded", "key") == b"3"
    s3open.rm(KEY, version_id=version, mfa=MFA)
    assert server.read("guarded", "key") == b"2"


def test_all_versions_go_with_the_code(server: S3Server) -> None:
    with pytest.raises(s3open.TreeError) as caught:
        s3open.rm("s3://guarded/", recursive=True, versions=True)
    assert caught.value.count == 3
    s3open.rm("s3://guarded/", recursive=True, versions=True, mfa=MFA)
    assert not s3open.exists(KEY)


def test_what_is_only_hidden_needs_none(server: S3Server) -> None:
    s3open.rm(KEY)
    assert not s3open.exists(KEY)
    with pytest.raises(PermissionError):
        s3open.restore(KEY)
