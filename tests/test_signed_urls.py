"""Signed URLs, each used as somebody without credentials would use it."""

from __future__ import annotations

import http.client
import os
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

import s3open
from s3open import FileSystem
from s3open.testing import Fault

if TYPE_CHECKING:
    from s3open.filesystem.signing import PresignedPost
    from s3open.testing import S3Server

BUCKET = "s3open-test"
NAME = f"s3://{BUCKET}/dir/&=//%# ++++ é"


@pytest.fixture(params=["wire", "boto3"])
def server(
    s3open_server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> S3Server:
    monkeypatch.setenv("S3OPEN_TRANSPORT", request.param)
    s3open_server.create_bucket(BUCKET)
    return s3open_server


def used(
    url: str,
    method: str = "GET",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """Return what the store answers to it."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body or None, headers or {})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read()
    finally:
        connection.close()


def test_every_operation_on_an_object_is_done_by_its_url(server: S3Server) -> None:
    with server.counting() as seen:
        put = s3open.presign(NAME, "PUT")
        get = s3open.presign(NAME)
        head = s3open.presign(NAME, "HEAD")
        delete = s3open.presign(NAME, "DELETE")
    # Nothing is asked for it.
    assert seen.total == 0
    assert used(put, "PUT", b"hello")[0] == 200
    assert s3open.read_bytes(NAME) == b"hello"
    assert used(get)[::2] == (200, b"hello")
    assert used(head, "HEAD")[1]["content-length"] == "5"
    assert used(get, "HEAD")[0] == 403
    assert used(get, "DELETE")[0] == 403
    assert used(get.replace("dir", "other"))[0] == 403
    assert used(delete, "DELETE")[0] == 204
    assert used(get)[0] == 404


def test_every_operation_on_a_bucket_is_done_by_its_url(server: S3Server) -> None:
    for name in ("new-bucket", "other-bucket"):
        url = s3open.presign(f"s3://{name}", "PUT")
        assert used(url, "PUT")[0] == 200
    listed = used(s3open.presign("s3://"))
    assert listed[0] == 200
    assert b"<Name>other-bucket</Name>" in listed[2]
    s3open.write_text("s3://new-bucket/a/b", "text")
    url = s3open.presign("s3://new-bucket", query={"list-type": "2", "prefix": "a/"})
    assert b"<Key>a/b</Key>" in used(url)[2]
    assert used(s3open.presign("s3://new-bucket", "HEAD"), "HEAD")[0] == 200
    url = s3open.presign("s3://other-bucket", "DELETE")
    assert used(url, "DELETE")[0] == 204
    assert used(url, "DELETE")[0] == 404


@pytest.mark.parametrize("uri", [f"s3://{BUCKET}", f"s3://{BUCKET}/key"])
def test_acls_are_got_and_set_by_urls(server: S3Server, uri: str) -> None:
    server.put(BUCKET, "key", b"")
    acl = {"acl": ""}
    status, _, document = used(s3open.presign(uri, query=acl))
    assert status == 200
    url = s3open.presign(uri, "PUT", headers={"x-amz-acl": "public-read"}, query=acl)
    assert used(url, "PUT", headers={"x-amz-acl": "public-read"})[0] == 200
    assert b"AllUsers" in used(s3open.presign(uri, query=acl))[2]
    assert used(s3open.presign(uri, "PUT", query=acl), "PUT", document)[0] == 200
    assert b"AllUsers" not in used(s3open.presign(uri, query=acl))[2]


def test_logging_is_got_and_set_by_urls(server: S3Server) -> None:
    where = f"s3://{BUCKET}"
    document = s3open.Logging(BUCKET, "logs/").xml().encode()
    url = s3open.presign(where, "PUT", query={"logging": ""})
    assert used(url, "PUT", document)[0] == 200
    assert b"logs/" in used(s3open.presign(where, query={"logging": ""}))[2]


def test_a_part_is_sent_by_a_url(server: S3Server) -> None:
    status, _, answer = used(
        s3open.presign(NAME, "POST", query={"uploads": ""}), "POST"
    )
    assert status == 200
    upload = ElementTree.fromstring(answer).findtext("{*}UploadId") or ""
    query = {"partNumber": "1", "uploadId": upload}
    status, headers, _ = used(s3open.presign(NAME, "PUT", query=query), "PUT", b"part")
    assert status == 200
    document = (
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"
        f"{headers['etag']}</ETag></Part></CompleteMultipartUpload>"
    ).encode()
    url = s3open.presign(NAME, "POST", query={"uploadId": upload})
    assert used(url, "POST", document)[0] == 200
    assert s3open.read_bytes(NAME) == b"part"


def test_what_is_signed_has_to_be_sent(server: S3Server) -> None:
    url = s3open.presign(
        NAME, "PUT", headers={"Content-Type": "text/x"}, metadata={"author": "a b"}
    )
    assert used(url, "PUT", b"a")[0] == 403
    sent = {"content-type": "text/x", "x-amz-meta-author": "a b"}
    assert used(url, "PUT", b"a", {**sent, "content-type": "text/y"})[0] == 403
    url = s3open.presign(
        NAME, "PUT", headers={"Content-Type": " text/x "}, metadata={"author": "a"}
    )
    sent = {"content-type": "text/x", "x-amz-meta-author": "a"}
    assert used(url, "PUT", b"a", sent)[0] == 200
    with s3open.open(NAME, "rb") as file:
        about = s3open.info(file)
    assert (about.content_type, about.metadata) == ("text/x", {"author": "a"})
    # What was not signed is refused by S3.
    url = s3open.presign(NAME, "PUT")
    assert used(url, "PUT", b"a", {"x-amz-meta-author": "a"})[0] == 403


def test_a_version_is_pinned_and_the_answer_s_headers_are_said(
    server: S3Server,
) -> None:
    server.create_bucket("versioned", versioned=True)
    for text in ("old", "new"):
        s3open.write_text("s3://versioned/key", text)
    old = list(s3open.versions("s3://versioned/key"))[-1].version_id
    url = s3open.presign(
        "s3://versioned/key",
        version_id=old,
        response_content_type="text/x",
        response_content_disposition='attachment; filename="a b"',
    )
    status, headers, body = used(url)
    assert (status, body) == (200, b"old")
    assert headers["content-type"] == "text/x"
    assert headers["content-disposition"] == 'attachment; filename="a b"'
    with pytest.raises(TypeError, match="response_content_typ"):
        s3open.presign(NAME, response_content_typ="x")


def test_it_is_good_for_as_long_as_it_is_said(server: S3Server) -> None:
    def seconds(expires: Any) -> int:
        found = re.search(r"X-Amz-Expires=(\d+)", s3open.presign(NAME, expires=expires))
        assert found is not None
        return int(found[1])

    now = datetime.now(timezone.utc)
    assert seconds(60) == 60
    assert seconds(1.5) == 1
    assert seconds(timedelta(days=7)) == 604_800
    assert 3590 <= seconds(now + timedelta(hours=1)) <= 3600
    naive = datetime.now() + timedelta(hours=1)
    assert 3590 <= seconds(naive) <= 3600
    for expires in (604_801, timedelta(days=8), now + timedelta(days=8)):
        with pytest.raises(ValueError, match="7 days at most"):
            seconds(expires)
    for expires in (0, -1, now, now - timedelta(days=1)):
        with pytest.raises(ValueError, match="expired already"):
            seconds(expires)
    with pytest.raises(ValueError, match="method has to be one of"):
        s3open.presign(NAME, "PATCH")
    with pytest.raises(ValueError, match="not on S3"):
        s3open.presign("/tmp/file")


def test_a_url_that_has_expired_is_refused(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(BUCKET, "key", b"text")
    import time

    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr("s3open.s3.signing.time.time", lambda: now - 3601)
        url = s3open.presign(f"s3://{BUCKET}/key", expires=3600)
    status, _, body = used(url)
    assert status == 403
    assert b"expired" in body


def test_temporary_credentials_are_told_and_their_end_is_heeded(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(BUCKET, "key", b"text")
    server.add_credentials("temporary", "secret", session_token="a/token+=")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "temporary")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a/token+=")
    assert used(s3open.presign(f"s3://{BUCKET}/key"))[2] == b"text"
    end = datetime.now(timezone.utc) + timedelta(minutes=30)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", end.isoformat())
    name = f"s3://{BUCKET}/key"
    fs = FileSystem(temp_dir="/nonexistent", attempts=3)
    assert used(fs.presign(name, expires=1700))[2] == b"text"
    with pytest.raises(ValueError, match="credentials expire before that"):
        fs.presign(name, expires=3600)


def test_a_session_and_a_client_sign_too(server: S3Server) -> None:
    import boto3

    server.put(BUCKET, "key", b"text")
    session = boto3.Session(
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        region_name=server.region,
    )
    client = session.client("s3", endpoint_url=server.endpoint_url)
    settings: tuple[dict[str, Any], ...] = (
        {"session": session, "endpoint_url": server.endpoint_url},
        {"client": client},
    )
    for each in settings:
        url = FileSystem(**each).presign(f"s3://{BUCKET}/key")
        assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
        assert used(url)[2] == b"text"
    # It is used by its owner as before.
    assert client.get_object(Bucket=BUCKET, Key="key")["Body"].read() == b"text"


def test_nobody_signs_without_credentials(server: S3Server) -> None:
    with pytest.raises(PermissionError, match="no credentials to sign with"):
        FileSystem(anonymous=True).presign(NAME)


def test_secrets_are_in_no_url(server: S3Server) -> None:
    url = s3open.presign(NAME)
    assert server.secret_key not in url
    assert server.access_key in url


def test_a_public_url_has_no_signature(server: S3Server) -> None:
    s3open.write_text(NAME, "text")
    url = s3open.public_url(NAME)
    assert "?" not in url
    assert used(url)[0] == 403
    s3open.set_acl(NAME, "public-read")
    assert used(url)[::2] == (200, b"text")
    assert s3open.public_url(NAME, version_id="v&1").endswith("?versionId=v%261")
    there = s3open.public_url(NAME, base="https://cdn.example.com/x/")
    assert there == "https://cdn.example.com/x/" + url.partition(f"/{BUCKET}/")[2]
    with pytest.raises(ValueError, match="base has to be a URL"):
        s3open.public_url(NAME, base="cdn.example.com")
    with pytest.raises(ValueError, match="base has to be a URL"):
        s3open.public_url(NAME, base="https://cdn.example.com/?x")


def test_the_account_is_where_the_endpoint_is() -> None:
    keys: dict[str, Any] = {"access_key": "a", "secret_key": "b", "region": "us-east-1"}
    for endpoint in ("https://account.store.example", "https://store.example/account"):
        url = s3open.FileSystem(endpoint_url=endpoint, **keys).presign("s3://")
        assert url.startswith(f"{endpoint}/?")


def test_a_bucket_of_aws_is_signed_for_where_it_is(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.create_bucket("far-away", region="eu-west-1")
    server.put("far-away", "key", b"text")
    monkeypatch.setattr("s3open.s3.clients.is_aws", lambda endpoint: True)
    with server.counting() as seen:
        for _ in range(2):
            url = s3open.presign("s3://far-away/key")
            assert "%2Feu-west-1%2Fs3%2F" in url
    # Asked where it is; then it is known. boto3 asks again there.
    once = os.environ["S3OPEN_TRANSPORT"] == "wire"
    assert seen.operations == {"HeadBucket": 1 if once else 2}
    assert used(url)[2] == b"text"


def posted(
    form: PresignedPost, data: bytes, filename: str = "a.txt", **more: str
) -> tuple[int, dict[str, str], bytes]:
    boundary = "----boundary"
    lines = [
        f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}'
        for name, value in {**form.fields, **more}.items()
    ]
    lines.append(
        f'--{boundary}\r\ncontent-disposition: form-data; name="file"; '
        f'filename="{filename}"\r\ncontent-type: text/plain\r\n\r\n'
    )
    body = "\r\n".join(lines).encode() + data + f"\r\n--{boundary}--\r\n".encode()
    kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
    return used(form.url, "POST", body, kind)


def test_a_form_uploads_a_file_as_it_says(server: S3Server) -> None:
    data = bytes(range(256)) + b"\r\n--"
    form = s3open.presign_post(
        NAME, fields={"Content-Type": "text/x", "x-amz-meta-a": "b"}, max_size=300
    )
    assert posted(form, data)[0] == 204
    assert s3open.read_bytes(NAME) == data
    status = s3open.stat(NAME)
    assert (status.content_type, status.metadata) == ("text/x", {"a": "b"})
    assert posted(form, bytes(301))[0] == 400
    for wrong in (
        {"key": "other"},
        {"Content-Type": "text/html"},
        {"x-amz-meta-c": "d"},
        {"policy": form.fields["policy"][:-4] + "AAAA"},
    ):
        assert posted(form, b"wrong", **wrong)[0] in (400, 403)
    assert s3open.read_bytes(NAME) == data


def test_a_form_may_leave_the_name_to_the_browser(server: S3Server) -> None:
    form = s3open.presign_post(
        f"s3://{BUCKET}/in/",
        starts_with=True,
        fields={"success_action_status": "201"},
        conditions=[["starts-with", "$Content-Type", "text/"]],
    )
    more = {"Content-Type": "text/plain"}
    status, _, answer = posted(form, b"text", "my file.txt", **more)
    assert (status, b"<Key>in/my file.txt</Key>" in answer) == (201, True)
    assert s3open.read_text(f"s3://{BUCKET}/in/my file.txt") == "text"
    assert posted(form, b"text", "x", **{"Content-Type": "image/png"})[0] == 403


def test_a_put_by_a_url_that_is_answered_by_an_error_has_put_nothing(
    server: S3Server,
) -> None:
    server.fault(Fault("PutObject", status=503, times=1))
    url = s3open.presign(NAME, "PUT")
    assert used(url, "PUT", b"text")[0] == 503
    assert not s3open.exists(NAME)
    assert used(url, "PUT", b"text")[0] == 200
