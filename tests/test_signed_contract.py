"""Signed URLs and forms on every store, used by a plain HTTP client without keys."""

from __future__ import annotations

import http.client
import secrets
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

import s3open
from s3open import FileSystem, S3Path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.stores import S3Store

# Keys that clients have got wrong, the second one as python-s3 tested it.
KEYS = [
    "plain",
    "&=//%# ++++",
    "a//b",
    "é ü/日本",
    "~-_.!*'()",
    "a?b=c&d",
    "line\nline",
]


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


def used(
    url: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Use *url* as who has nothing but it."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body, dict(headers or {}))
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, found, answer.read())
    finally:
        connection.close()


def form(
    url: str, fields: Mapping[str, str], data: bytes, filename: str = "file.txt"
) -> Reply:
    """Post a form as a browser does."""
    boundary = secrets.token_hex(8)
    head = f"--{boundary}\r\nContent-Disposition: form-data; name="
    parts = [
        f'{head}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()
    ]
    parts.append(f'{head}"file"; filename="{filename}"\r\n'.encode())
    parts.append(b"Content-Type: application/octet-stream\r\n\r\n" + data)
    parts.append(f"\r\n--{boundary}--\r\n".encode())
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return used(url, "POST", b"".join(parts), kind)


@pytest.fixture
def new_bucket(s3: S3Store) -> Iterator[str]:
    """The name of a bucket that is not there yet."""
    name = f"signed-{secrets.token_hex(6)}"
    yield name
    if name in {each["Name"] for each in s3.client.list_buckets()["Buckets"]}:
        s3.client.delete_bucket(Bucket=name)


@pytest.mark.parametrize("key", KEYS)
def test_an_object_is_put_got_asked_about_and_deleted(s3: S3Store, key: str) -> None:
    s3.require_key(key)
    name = s3.name(key)
    assert used(s3open.presign(name, "PUT"), "PUT", b"hello").status == 200
    assert s3.read(key) == b"hello"
    assert used(s3open.presign(name)).body == b"hello"
    asked = used(s3open.presign(name, "HEAD"), "HEAD")
    assert (asked.status, asked.headers["content-length"]) == (200, "5")
    assert used(s3open.presign(name, "DELETE"), "DELETE").status == 204
    assert s3.keys() == []
    assert used(s3open.presign(name)).status == 404


def test_a_range_is_asked_for_without_being_signed(s3: S3Store) -> None:
    s3.put("key", b"0123456789")
    found = used(s3open.presign(s3.name("key")), headers={"Range": "bytes=2-4"})
    assert (found.status, found.body) == (206, b"234")


def test_a_bucket_is_made_listed_asked_about_and_deleted(
    s3: S3Store, new_bucket: str
) -> None:
    where = f"s3://{new_bucket}"
    assert used(s3open.presign(where, "PUT"), "PUT").status == 200
    assert used(s3open.presign(where, "HEAD"), "HEAD").status == 200
    s3.client.put_object(Bucket=new_bucket, Key="a/b", Body=b"")
    query = {"list-type": "2", "prefix": "a/", "delimiter": "/"}
    listed = used(s3open.presign(where, query=query))
    assert b"<Key>a/b</Key>" in listed.body
    assert used(s3open.presign(where)).status == 200
    s3.client.delete_object(Bucket=new_bucket, Key="a/b")
    assert used(s3open.presign(where, "DELETE"), "DELETE").status == 204
    assert used(s3open.presign(where, "HEAD"), "HEAD").status == 404


def test_the_buckets_are_listed(s3: S3Store) -> None:
    listed = used(s3open.presign("s3://"))
    assert listed.status == 200
    assert f"<Name>{s3.bucket}</Name>".encode() in listed.body


@pytest.mark.parametrize("key", ["", "key"])
def test_an_acl_is_got_and_set(s3: S3Store, key: str) -> None:
    s3.put("key", b"")
    name = s3.name(key)
    if s3.kind == "s3open":
        at = s3.client
        rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        at.put_bucket_ownership_controls(Bucket=s3.bucket, OwnershipControls=rules)
    acl, public = {"acl": ""}, {"x-amz-acl": "public-read"}
    before = used(s3open.presign(name, query=acl))
    assert before.status == 200
    url = s3open.presign(name, "PUT", headers=public, query=acl)
    assert used(url, "PUT", headers=public).status == 200
    assert b"AllUsers" in used(s3open.presign(name, query=acl)).body
    url = s3open.presign(name, "PUT", query=acl)
    assert used(url, "PUT", before.body).status == 200
    assert b"AllUsers" not in used(s3open.presign(name, query=acl)).body


def test_logging_is_got_and_set(s3: S3Store) -> None:
    name, query = s3.name(""), {"logging": ""}
    assert used(s3open.presign(name, query=query)).status == 200
    if s3.kind == "ceph":
        pytest.skip("Ceph 16.2 has no PutBucketLogging")
    if s3.kind == "moto":
        # It wants to be let in.
        group = "http://acs.amazonaws.com/groups/s3/LogDelivery"
        s3.client.put_bucket_acl(
            Bucket=s3.bucket, GrantWrite=f"uri={group}", GrantReadACP=f"uri={group}"
        )
    document = s3open.Logging(s3.bucket, "logs/").xml().encode()
    found = used(s3open.presign(name, "PUT", query=query), "PUT", document)
    assert found.status == 200, found.body
    assert b"logs/" in used(s3open.presign(name, query=query)).body


def test_an_object_is_put_in_parts(s3: S3Store) -> None:
    name = s3.name("key")
    begun = used(s3open.presign(name, "POST", query={"uploads": ""}), "POST")
    upload = ElementTree.fromstring(begun.body).findtext("{*}UploadId") or ""
    query = {"partNumber": "1", "uploadId": upload}
    part = used(s3open.presign(name, "PUT", query=query), "PUT", b"part")
    document = (
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"
        f"{part.headers['etag']}</ETag></Part></CompleteMultipartUpload>"
    ).encode()
    url = s3open.presign(name, "POST", query={"uploadId": upload})
    assert used(url, "POST", document).status == 200
    assert s3.read("key") == b"part"


def test_an_upload_is_aborted(s3: S3Store) -> None:
    name = s3.name("key")
    begun = used(s3open.presign(name, "POST", query={"uploads": ""}), "POST")
    upload = ElementTree.fromstring(begun.body).findtext("{*}UploadId") or ""
    url = s3open.presign(name, "DELETE", query={"uploadId": upload})
    assert used(url, "DELETE").status == 204
    assert s3.pending_uploads() == []


def test_metadata_and_type_are_signed_and_sent(s3: S3Store) -> None:
    url = s3open.presign(
        s3.name("key"),
        "PUT",
        headers={"Content-Type": "text/x"},
        metadata={"Author": "  a   b "},
    )
    sent = {"Content-Type": "text/x", "x-amz-meta-author": "a b"}
    assert used(url, "PUT", b"text", sent).status == 200
    about = s3.head("key")
    assert (about["ContentType"], about["Metadata"]) == ("text/x", {"author": "a b"})


def test_a_version_is_read_under_headers_of_ones_own(s3: S3Store) -> None:
    at = s3.client
    at.put_bucket_versioning(
        Bucket=s3.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    old = at.put_object(Bucket=s3.bucket, Key="key", Body=b"old")["VersionId"]
    s3.put("key", b"new")
    url = s3open.presign(
        s3.name("key"),
        version_id=old,
        response_content_type="text/x; charset=utf-8",
        response_content_disposition='attachment; filename="a b"',
    )
    found = used(url)
    assert (found.status, found.body) == (200, b"old")
    assert found.headers["content-type"] == "text/x; charset=utf-8"
    assert found.headers["content-disposition"] == 'attachment; filename="a b"'
    url = s3open.presign(s3.name("key"), "DELETE", version_id=old)
    assert used(url, "DELETE").status == 204
    versions = at.list_object_versions(Bucket=s3.bucket)["Versions"]
    assert [each["VersionId"] == old for each in versions] == [False]


def test_a_path_signs_for_itself(s3: S3Store) -> None:
    s3.put("key", b"text")
    path = S3Path(s3.name("key"))
    assert used(path.presign()).body == b"text"
    assert used(path.presign("DELETE"), "DELETE").status == 204
    assert path.public_url() == s3open.public_url(s3.name("key"))


def test_who_is_not_known_gets_nothing(s3: S3Store) -> None:
    if s3.kind == "moto":
        pytest.skip("moto looks at no signature")
    s3.put("key", b"text")
    at = s3.endpoint
    stranger = FileSystem(
        access_key=at.access_key,
        secret_key="guessed",
        endpoint_url=at.url,
        region=at.region,
    )
    assert used(stranger.presign(s3.name("key"))).status == 403
    url = s3open.presign(s3.name("key"))
    for wrong in (
        url.replace("/key?", "/other?"),
        url.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200"),
        url.partition("?")[0],
    ):
        assert used(wrong).status == 403
    assert used(url, "PUT", b"mine").status == 403
    assert s3.read("key") == b"text"


def test_what_is_readable_by_all_is_read_by_its_plain_url(s3: S3Store) -> None:
    """The end of python-s3's script: a public object, and its bare URL."""
    if s3.kind == "moto":
        pytest.skip("moto looks at no signature")
    if s3.kind == "s3open":
        rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        s3.client.put_bucket_ownership_controls(
            Bucket=s3.bucket, OwnershipControls=rules
        )
    name = s3.name("dir/&=//%# ++++")
    s3open.write_bytes(name, b"text", acl="public-read")
    assert used(s3open.public_url(name)).body == b"text"
    s3open.set_acl(name, "private")
    assert used(s3open.public_url(name)).status == 403


def test_a_browser_uploads_by_a_form(s3: S3Store) -> None:
    data = bytes(range(256)) * 4 + b"\r\n--"
    fields = {"Content-Type": "text/x", "x-amz-meta-author": "a b"}
    found = s3open.presign_post(s3.name("in/key"), fields=fields, max_size=2000)
    assert form(*found, data).status == 204
    assert s3.read("in/key") == data
    about = s3.head("in/key")
    assert (about["ContentType"], about["Metadata"]) == ("text/x", {"author": "a b"})


def test_a_form_takes_the_browser_s_name(s3: S3Store) -> None:
    found = s3open.presign_post(s3.name("in/"), starts_with=True)
    assert form(*found, b"text", "my file.txt").status == 204
    assert s3.read("in/my file.txt") == b"text"


def test_a_form_for_something_else_is_refused(s3: S3Store) -> None:
    if s3.kind == "moto":
        pytest.skip("moto looks at no policy")
    url, fields = s3open.presign_post(s3.name("in/key"), max_size=3)
    assert form(url, fields, b"text").status in (400, 403)
    assert form(url, {**fields, "key": "out"}, b"").status == 403
    assert form(url, {**fields, "Content-Type": "text/html"}, b"").status == 403
    forged = {**fields, "x-amz-signature": "0" * 64}
    assert form(url, forged, b"").status == 403
    assert s3.keys() == []
