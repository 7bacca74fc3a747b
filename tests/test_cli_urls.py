"""The command's signed URLs, seen at the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli_flags import BUCKET, HERE, Said, shows
from tests.test_signed_contract import form, used

if TYPE_CHECKING:
    from s3open.testing import S3Server


@pytest.fixture
def said(
    s3open_server: S3Server,
    s3open_bucket: str,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Said:
    s3open_server.put(BUCKET, "one", b"text")
    return Said(capfdbinary)


@shows("method", "expires_in", "public")
def test_a_url_does_what_it_is_for(said: Said, s3open_server: S3Server) -> None:
    [url] = said("url B/one")
    assert used(url).body == b"text"
    [url] = said("presign --method PUT --expires-in 60 B/two")
    assert "X-Amz-Expires=60&" in url
    assert used(url, "PUT", b"new").status == 200
    assert s3open_server.read(BUCKET, "two") == b"new"
    [url] = said("url --public B/one")
    assert url.endswith(f"/{BUCKET}/one")
    [line] = said("url --json B/one")
    known = json.loads(line)
    assert known.keys() == {"uri", "url"}
    assert known["uri"] == f"{HERE}/one"
    assert used(known["url"]).body == b"text"


@pytest.mark.parametrize(
    ("text", "seconds"), [("1h", 3600), ("7d", 604800), ("1.5", 1), ("1d12h", 129600)]
)
def test_ages_are_said_too(said: Said, text: str, seconds: int) -> None:
    [url] = said(f"url --expires-in {text} B/one")
    assert f"X-Amz-Expires={seconds}&" in url


def test_several_are_signed_each(said: Said) -> None:
    urls = said(f"url B/one {HERE} s3://")
    assert [used(url).status for url in urls] == [200, 200, 200]


def test_a_version_is_pinned(said: Said, s3open_server: S3Server) -> None:
    s3open_server.create_bucket("versions", versioned=True)
    for body in (b"old", b"new"):
        s3open_server.put("versions", "key", body)
    import s3open

    old = list(s3open.versions("s3://versions/key"))[-1].version_id
    [url] = said(f"url --version-id {old} s3://versions/key")
    assert used(url).body == b"old"


def test_what_is_to_be_sent_is_told(said: Said, s3open_server: S3Server) -> None:
    [line] = said(
        "url --method PUT --content-type text/x --metadata A=1,b=2 --json B/new"
    )
    known = json.loads(line)
    assert known["headers"] == {
        "Content-Type": "text/x",
        "x-amz-meta-a": "1",
        "x-amz-meta-b": "2",
    }
    assert used(known["url"], "PUT", b"text").status == 403
    assert used(known["url"], "PUT", b"text", known["headers"]).status == 200
    assert s3open_server.read(BUCKET, "new") == b"text"


@shows("post")
def test_a_form_uploads(said: Said, s3open_server: S3Server) -> None:
    [line] = said("url --post --content-type text/x --json B/new")
    known = json.loads(line)
    assert form(known["url"], known["fields"], b"text").status == 204
    assert s3open_server.read(BUCKET, "new") == b"text"
    url, *lines = said("url --post B/new")
    fields = dict(each.split("=", 1) for each in lines)
    assert form(url, fields, b"other").status == 204
    assert s3open_server.read(BUCKET, "new") == b"other"


@pytest.mark.parametrize(
    "line",
    [
        "url --public --method GET B/one",
        "url --public --expires-in 1 B/one",
        "url --post --method PUT B/one",
        "url --post --version-id 1 B/one",
        "url --content-type text/x B/one",
        "url --method GET --metadata a=1 B/one",
        "url --version-id 1 B/one B/two",
    ],
)
def test_what_has_no_meaning_is_refused(said: Said, line: str) -> None:
    assert said(line, 2) == []
    assert said.err.strip()


@pytest.mark.parametrize(
    "flags", ["--expires-in soon", "--method PATCH", "--public --post"]
)
def test_what_no_flag_says_is_refused(said: Said, flags: str) -> None:
    with pytest.raises(SystemExit) as caught:
        said(f"url {flags} B/one")
    assert caught.value.code == 2
