"""The command's buckets, seen at the store."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING

import pytest

from s3open import Bucket
from s3open.access import ACL, Grant, Owner
from s3open.cli import main
from s3open.testing import Fault
from tests.cli_flags import BUCKET, HERE, Said, shows
from tests.test_testing_support import client_of

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> S3Server:
    monkeypatch.chdir(tmp_path)
    s3open_server.put(BUCKET, "one", b"1")
    return s3open_server


@pytest.fixture
def said(server: S3Server, capfdbinary: pytest.CaptureFixture[bytes]) -> Said:
    return Said(capfdbinary)


@shows("location", "versioned", "object_lock", "ownership")
def test_buckets_are_made_as_the_flags_say(said: Said) -> None:
    assert said("mb --versioned --tags a=b first s3://second") == [
        "make_bucket: first",
        "make_bucket: second",
    ]
    assert Bucket("second").versioning() is True
    assert Bucket("first").tags() == {"a": "b"}
    assert said("mb -q --object-lock --ownership ObjectWriter third") == []
    assert Bucket("third").object_lock() == {}
    assert Bucket("third").ownership() == "ObjectWriter"
    said("mb third", 1)
    assert "s3://third" in said.err
    assert said("mb -s --json third") == [
        '{"action": "make_bucket", "uri": "s3://third"}'
    ]
    assert said("mb --location EU far") == ["make_bucket: far"]
    assert Bucket("far").location() == "eu-west-1"


def test_a_bucket_is_removed_if_it_is_empty_or_that_is_meant(
    said: Said, server: S3Server
) -> None:
    said("rb " + BUCKET, 1)
    assert "-r" in said.err
    assert said("rb -r --json " + BUCKET) == [
        f'{{"action": "remove_bucket", "uri": "{HERE}"}}'
    ]
    assert not Bucket(BUCKET).exists()
    said("rb " + BUCKET, 1)
    assert said("rb -qf " + BUCKET) == []


@pytest.mark.parametrize(("answer", "there"), [("\n", True), ("y\n", False)])
def test_on_a_terminal_what_is_in_a_bucket_is_asked_about(
    server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    there: bool,
) -> None:
    stdin = io.StringIO(answer)
    monkeypatch.setattr(stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin", stdin)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert main(["rb", "-r", BUCKET]) == int(there)
    assert "all versions" in capsys.readouterr().err
    assert Bucket(BUCKET).exists() is there


def test_who_says_yes_is_not_asked(server: S3Server) -> None:
    assert main(["rb", "-ry", BUCKET]) == 0
    assert not Bucket(BUCKET).exists()


def test_buckets_are_listed_in_several_forms(said: Said, server: S3Server) -> None:
    server.create_bucket("far", "eu-west-1")
    assert said("buckets") == ["s3://far", HERE]
    assert said("buckets --prefix fa") == ["s3://far"]
    [line] = said("buckets -l --prefix fa")
    assert line.endswith("  eu-west-1       s3://far")
    [text] = said("buckets --json --prefix fa")
    found = json.loads(text)
    assert found.pop("created").endswith("+00:00")
    assert found == {"uri": "s3://far", "region": "eu-west-1", "owner": "s3open"}
    assert said("buckets -0") == [f"s3://far\0{HERE}\0"]


POLICY = {"Statement": [{"Effect": "Deny"}]}


def test_a_setting_comes_from_a_file_from_stdin_or_as_it_is(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = Bucket(BUCKET)
    (tmp_path / "policy.json").write_text(json.dumps(POLICY))
    assert said(f"bucket set {BUCKET} policy policy.json") == []
    assert bucket.policy() == POLICY
    assert json.loads("\n".join(said(f"bucket get {HERE} policy"))) == POLICY
    assert said(f"bucket get {HERE} policy --json") == [json.dumps(POLICY)]
    said(f"bucket delete {HERE} policy")
    assert bucket.policy() is None
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(POLICY)))
    said(f"bucket set {HERE} policy -")
    assert bucket.policy() == POLICY
    said(f'bucket set {HERE} website {{"IndexDocument":{{"Suffix":"index.html"}}}}')
    assert bucket.website() == {"IndexDocument": {"Suffix": "index.html"}}
    said(f"bucket set {HERE} cors []")
    assert bucket.cors() is None
    said(f"bucket set {HERE} tags a=1,b=2")
    assert bucket.tags() == {"a": "1", "b": "2"}
    said(f"bucket set {HERE} encryption aws:kms")
    assert "aws:kms" in str(bucket.encryption())
    said(f"bucket set {HERE} ownership BucketOwnerPreferred")
    assert said(f"bucket get {HERE} ownership") == ['"BucketOwnerPreferred"']
    for word, blocked in (("on", True), ("off", False)):
        said(f"bucket set {HERE} public-access-block {word}")
        assert set((bucket.public_access_block() or {}).values()) == {blocked}


def test_times_are_printed_as_they_are_taken(said: Said, tmp_path: Path) -> None:
    rule = {
        "Expiration": {"Date": "2030-01-01T00:00:00+00:00"},
        "ID": "x",
        "Filter": {"Prefix": ""},
        "Status": "Enabled",
    }
    (tmp_path / "rules").write_text(json.dumps([rule]))
    said(f"bucket set {HERE} lifecycle rules")
    [text] = said(f"bucket get --json {HERE} lifecycle")
    assert json.loads(text) == [rule]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("bucket set B tags =1", 2),
        ("bucket set B policy {", 1),
        ("bucket set B ownership mine", 1),
        ("bucket set B object-lock null", 1),
        ("versioning B --mfa-delete on", 2),
        ("versioning B on --mfa-delete on", 1),
    ],
)
def test_what_cannot_be_set_is_told(said: Said, line: str, code: int) -> None:
    said(line.replace(" B", f" {HERE}"), code)
    assert said.err.startswith("s3open: ")


def test_all_settings_are_printed(said: Said, server: S3Server) -> None:
    Bucket(BUCKET).set_tags({"a": "b"})
    server.deny("GetBucketPolicy")
    lines = said(f"bucket info {HERE}")
    assert {f"name: {BUCKET}", "region: us-east-1", 'tags: {"a": "b"}'} <= set(lines)
    assert "policy: (denied)" in lines
    assert not any(line.startswith("cors") for line in lines)
    [text] = said(f"bucket info --json {HERE}")
    found = json.loads(text)
    assert (found["uri"], found["cors"], found["tags"]) == (HERE, None, {"a": "b"})
    assert "policy" in found["denied"]


def test_who_may_do_what_is_told_by_names(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    acl = ACL(Owner("id", "name"), (Grant("other", "READ"),))
    monkeypatch.setattr(Bucket, "acl", lambda bucket: acl)
    [text] = said(f"bucket info --json {HERE}")
    assert json.loads(text)["acl"] == {
        "owner": {"id": "id", "name": "name"},
        "grants": [{"grantee": "other", "permission": "READ", "name": ""}],
    }


@shows("mfa_delete")
def test_versions_are_kept_or_not(said: Said) -> None:
    bucket = Bucket(BUCKET)
    assert said(f"versioning {BUCKET}") == ["never"]
    assert said(f"versioning {BUCKET} on") == []
    assert bucket.versioning() is True
    assert said(f"versioning {BUCKET}") == ["on"]
    assert said(f"versioning {BUCKET} off") == []
    assert said(f"versioning {BUCKET}") == ["off"]
    assert said(f"versioning --json {BUCKET}") == [
        f'{{"uri": "{HERE}", "versioning": false}}'
    ]


def test_a_device_s_code_is_passed_on(server: S3Server) -> None:
    code = ["--mfa", "serial 123456"]
    assert main(["versioning", BUCKET, "on", "--mfa-delete", "on", *code]) == 0
    assert main(["versioning", BUCKET, "off"]) == 1
    assert main(["versioning", BUCKET, "off", "--mfa-delete", "off", *code]) == 0
    assert Bucket(BUCKET).versioning() is False


def test_what_was_aborted_is_told_to_programs(said: Said, server: S3Server) -> None:
    client = client_of(server)
    assert said(f"uploads abort {HERE} --older-than 1d -y --json") == []
    for key in ("a", "b"):
        client.create_multipart_upload(Bucket=BUCKET, Key=key)
    for upload in server.uploads(BUCKET):
        upload.initiated = time.time() - 8 * 86_400
    with server.faulty(Fault("AbortMultipartUpload", key="b", status=403)):
        [text] = said(f"uploads abort {HERE} --older-than 7d -y --json", 1)
    found = json.loads(text)
    assert (found["action"], found["uri"]) == ("abort", f"{HERE}/a")
    assert {"upload_id", "begun"} < found.keys()
    assert "s3:AbortMultipartUpload" in said.err
