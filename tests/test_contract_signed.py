"""Signed URLs and forms on every store that speaks S3."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import s3open
from tests.test_signed_urls import posted, used

if TYPE_CHECKING:
    from tests.stores import S3Store


def test_objects_are_put_got_told_and_deleted(s3: S3Store) -> None:
    name = s3.name("dir/&=#% ++ é")
    assert used(s3open.presign(name, "PUT"), "PUT", b"text")[0] == 200
    assert used(s3open.presign(name))[::2] == (200, b"text")
    assert used(s3open.presign(name, "HEAD"), "HEAD")[1]["content-length"] == "4"
    url = s3open.presign(name, response_content_type="text/x")
    assert used(url)[1]["content-type"] == "text/x"
    if s3.kind != "moto":
        # It does not verify signatures.
        assert used(s3open.presign(name), "DELETE")[0] == 403
        assert used(s3open.presign(name).replace("dir", "other"))[0] == 403
    assert used(s3open.presign(name, "DELETE"), "DELETE")[0] == 204
    assert used(s3open.presign(name))[0] == 404


def test_metadata_is_signed_and_sent(s3: S3Store) -> None:
    name = s3.name("key")
    url = s3open.presign(
        name, "PUT", headers={"Content-Type": "text/x"}, metadata={"author": "me"}
    )
    sent = {"content-type": "text/x", "x-amz-meta-author": "me"}
    assert used(url, "PUT", b"text", sent)[0] == 200
    status = s3open.stat(name)
    assert (status.content_type, status.metadata) == ("text/x", {"author": "me"})


def test_buckets_are_made_listed_and_deleted(s3: S3Store) -> None:
    name = f"signed-{secrets.token_hex(6)}"
    uri = f"s3://{name}"
    assert used(s3open.presign(uri, "PUT"), "PUT")[0] == 200
    assert f"<Name>{name}</Name>".encode() in used(s3open.presign("s3://"))[2]
    s3open.write_text(f"{uri}/a/b", "text")
    url = s3open.presign(uri, query={"list-type": "2", "prefix": "a/"})
    assert b"<Key>a/b</Key>" in used(url)[2]
    s3open.rm(f"{uri}/a/b")
    assert used(s3open.presign(uri, "HEAD"), "HEAD")[0] == 200
    assert used(s3open.presign(uri, "DELETE"), "DELETE")[0] == 204
    assert used(s3open.presign(uri, "HEAD"), "HEAD")[0] == 404


def test_acls_are_got_and_set(s3: S3Store) -> None:
    name = s3.put("key", b"text")
    acl = {"acl": ""}
    for uri in (name, f"s3://{s3.bucket}"):
        status, _, document = used(s3open.presign(uri, query=acl))
        assert (status, b"AccessControlPolicy" in document) == (200, True)
        public = {"x-amz-acl": "public-read"}
        url = s3open.presign(uri, "PUT", headers=public, query=acl)
        assert used(url, "PUT", headers=public)[0] == 200
        assert b"AllUsers" in used(s3open.presign(uri, query=acl))[2]
    assert used(s3open.public_url(name))[2] == b"text"


def test_a_form_uploads_a_file(s3: S3Store) -> None:
    form = s3open.presign_post(
        s3.name("in/"),
        starts_with=True,
        fields={"success_action_status": "201"},
        max_size=100,
    )
    assert posted(form, b"text", "a file.txt")[0] == 201
    assert s3.read("in/a file.txt") == b"text"
    if s3.kind != "moto":
        assert posted(form, bytes(101), "large")[0] == 400
        assert posted(form, b"text", "x", key="elsewhere")[0] == 403
