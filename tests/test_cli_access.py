"""The command's ACLs and logs of requests, seen at the store."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open import ACL, Bucket, Grant, Logging
from tests.cli_flags import BUCKET, HERE, Said, shows

if TYPE_CHECKING:
    from s3open.testing import S3Server


@pytest.fixture
def said(
    s3open_server: S3Server,
    s3open_bucket: str,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Said:
    for key in ("one", "two"):
        s3open_server.put(BUCKET, key, b"")
    return Said(capfdbinary)


OWN = ["owner         s3open", "FULL_CONTROL  s3open"]


@shows("grant", "revoke")
def test_grants_are_added_and_taken_away(said: Said) -> None:
    assert said("acl get B/one") == OWN
    assert said("acl set --grant read=everyone --grant WRITE-ACP=you B/one") == []
    assert said("acl get B/one") == [
        *OWN,
        "READ          everyone",
        "WRITE_ACP     you",
    ]
    said(f"acl set --revoke everyone --grant READ=you {HERE} B/one")
    assert said(f"acl get {HERE} B/one") == [
        *(f"{HERE}:", *OWN, "READ          you"),
        *(f"{HERE}/one:", *OWN, "WRITE_ACP     you", "READ          you"),
    ]


def test_a_canned_one_replaces_what_is_there(said: Said) -> None:
    said("acl set --grant READ=you B/one")
    said("acl set --acl public-read B/one")
    known = json.loads(said("acl get --json B/one")[0])
    assert known == {
        "uri": f"{HERE}/one",
        "owner": {"id": "s3open", "name": "s3open"},
        "grants": [
            {"grantee": "s3open", "permission": "FULL_CONTROL"},
            {"grantee": Grant.EVERYONE, "permission": "READ"},
        ],
    }


@shows("xml")
def test_a_document_is_carried_from_one_to_others(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("acl set --acl public-read B/one")
    text = "\n".join(said("acl get --xml B/one"))
    assert ACL.parse(text) == s3open.acl(f"{HERE}/one")
    foreign = text.replace("<Owner><ID>s3open<", "<Owner><ID>somebody<")
    for given in (text, foreign):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        said(f"acl set --xml B/two {HERE}")
        assert s3open.acl(f"{HERE}/two") == s3open.acl(f"{HERE}/one")
        assert Bucket(BUCKET).acl() == s3open.acl(f"{HERE}/one")


def test_versions_have_acls(s3open_server: S3Server, said: Said) -> None:
    s3open_server.create_bucket("versions", versioned=True)
    for body in (b"1", b"2"):
        s3open_server.put("versions", "key", body)
    first = list(s3open.versions("s3://versions/key"))[-1].version_id
    said(f"acl set --acl public-read --version-id {first} s3://versions/key")
    assert said("acl get s3://versions/key") == OWN
    assert len(said(f"acl get --version-id {first} s3://versions/key")) == 3


@pytest.mark.parametrize(
    "line",
    [
        "acl set B/one",
        "acl set --acl private --grant READ=you B/one",
        "acl set --acl private --xml B/one",
        "acl get --version-id 1 B/one B/two",
        "logging s3open-test off --json",
    ],
)
def test_what_does_not_go_together_is_refused(said: Said, line: str) -> None:
    said(line, code=2)
    assert said.err.startswith("s3open: ") or "usage" in said.err


@pytest.mark.parametrize("text", ["READ", "READ=", "=you", "LOOK=you"])
def test_what_is_no_grant_is_refused(said: Said, text: str) -> None:
    with pytest.raises(SystemExit):
        said(f"acl set --grant {text} B/one")


def test_logs_are_turned_on_and_off(s3open_server: S3Server, said: Said) -> None:
    s3open_server.create_bucket("logs")
    assert said(f"logging {BUCKET}") == ["off"]
    assert said(f"logging {BUCKET} --xml") == ["<BucketLoggingStatus/>"]
    assert json.loads(said(f"logging {BUCKET} --json")[0]) == {
        "bucket": BUCKET,
        "enabled": False,
    }
    assert said(f"logging {HERE} s3://logs/a/") == []
    assert said(f"logging {BUCKET}") == ["s3://logs/a/"]
    text = "\n".join(said(f"logging {BUCKET} --xml"))
    assert Logging.parse(text) == Logging("logs", "a/")
    assert json.loads(said(f"logging {BUCKET} --json")[0]) == {
        "bucket": BUCKET,
        "enabled": True,
        "target": "logs",
        "prefix": "a/",
    }
    said(f"logging {BUCKET} off")
    assert said(f"logging {BUCKET}") == ["off"]
    said(f"logging {BUCKET} /tmp/logs", code=1)
    assert "or off" in said.err
