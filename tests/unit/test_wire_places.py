"""Where a bucket is, which may turn out to be elsewhere: asked once, remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s3open import errors
from s3open.contract import ALWAYS, Attributes
from s3open.location import Location
from s3open.s3.wire.tls import context
from tests.unit import certificates
from tests.unit.answering import Answering, error, ok, reply

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from s3open.s3.wire.verbs import WireVerbs
    from tests.unit.answering import Asked

AT = Location("bucket", "a key", "s3://bucket/a key")
ETAG = "ETag: e"
MALFORMED = error(
    "AuthorizationHeaderMalformed",
    "400 Bad Request",
    more="<Region>eu-north-1</Region>",
)


def put(verbs: WireVerbs, body: bytes = b"x") -> None:
    verbs.put_object(AT, [body], Attributes(), ALWAYS)


def region(asked: Asked) -> str:
    return asked.headers["authorization"].split("/")[2]


@pytest.mark.parametrize(
    "answer",
    [
        MALFORMED,
        error("PermanentRedirect", "301 Moved", "x-amz-bucket-region: eu-north-1"),
        error(
            "IllegalLocationConstraintException",
            "400 Bad",
            "x-amz-bucket-region: eu-north-1",
        ),
    ],
)
def test_a_wrong_region_is_healed_once_and_remembered(answer: bytes) -> None:
    with Answering([[answer, ok(b"", ETAG), ok(b"", ETAG)]]) as server:
        verbs = server.verbs()
        put(verbs)
        put(verbs)
    assert list(map(region, server.asked)) == ["us-east-1", "eu-north-1", "eu-north-1"]
    assert [asked.body for asked in server.asked] == [b"x"] * 3


@pytest.mark.parametrize("status", ["301 Moved Permanently", "400 Bad Request"])
def test_a_head_that_does_not_say_where_has_the_bucket_asked(status: str) -> None:
    script = [
        reply(b"", status=status),
        reply(b"", "x-amz-bucket-region: eu-north-1", status="403 Forbidden"),
        reply(b"", "Content-Length: 5", ETAG),
    ]
    with Answering([script]) as server:
        assert server.verbs().head_object(AT).size == 5
    lines = [asked.line for asked in server.asked]
    assert lines[1] == "HEAD /bucket HTTP/1.1"
    assert lines[0] == lines[2] == "HEAD /bucket/a%20key HTTP/1.1"
    assert list(map(region, server.asked)) == ["us-east-1", "us-east-1", "eu-north-1"]


def test_a_redirect_is_followed_and_remembered() -> None:
    with Answering([[ok(b"", ETAG), ok(b"", ETAG)]]) as there:
        location = f"Location: http://127.0.0.1:{there.port}/other/a%20key"
        moved = error("TemporaryRedirect", "307 Temporary Redirect", location)
        with Answering([[moved]]) as here:
            verbs = here.verbs()
            put(verbs)
            put(verbs)
    assert len(here.asked) == 1
    assert [asked.line for asked in there.asked] == ["PUT /other/a%20key HTTP/1.1"] * 2
    assert there.asked[0].headers["host"] == f"127.0.0.1:{there.port}"


def test_a_redirect_that_led_nowhere_is_forgotten() -> None:
    with Answering([]) as gone:
        pass
    location = f"Location: http://127.0.0.1:{gone.port}/bucket/a%20key"
    moved = error("TemporaryRedirect", "307 Temporary Redirect", location)
    with Answering([[moved, ok(b"", ETAG)]]) as here:
        verbs = here.verbs()
        with pytest.raises(ConnectionError):
            put(verbs)
        put(verbs)
    assert len(here.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        error("PermanentRedirect", "301 Moved"),
        error("PermanentRedirect", "301 Moved", "Location: ftp://other/"),
        error("PermanentRedirect", "301 Moved", "Location: http://[bad/"),
        error("AuthorizationHeaderMalformed", "400 Bad Request"),
        error("InvalidRequest", "400 Bad", "x-amz-bucket-region: eu-north-1"),
    ],
)
def test_what_leads_nowhere_else_is_an_error(answer: bytes) -> None:
    # What may be wrong with the request is sent again without its checksum.
    times = 2 if b"InvalidRequest" in answer else 1
    with Answering([[answer] * times]) as server:
        with pytest.raises(errors.S3Error) as caught:
            put(server.verbs())
        assert caught.value.status in (301, 400)
    assert len(server.asked) == times


def test_a_bucket_that_is_never_where_it_says_is_an_error() -> None:
    script = [
        error("PermanentRedirect", "301 Moved", f"x-amz-bucket-region: eu-north-{n}")
        for n in range(3)
    ]
    with Answering([script]) as server, pytest.raises(PermissionError):
        put(server.verbs())
    assert len(server.asked) == 3


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a key, and a certificate of 127.0.0.1 that it made for itself."""
    return certificates.make(tmp_path / "store.pem")


@pytest.fixture
def secure(certificate: Path) -> ssl.SSLContext:
    """What a server with that certificate needs."""
    return certificates.secure(certificate)


def test_tls_is_spoken_with_who_is_trusted(
    certificate: Path, secure: ssl.SSLContext
) -> None:
    content = bytes(range(256)) * 8192
    span = f"Content-Range: bytes 0-{len(content) - 1}/{len(content)}"
    with Answering(
        [[ok(content, span), ok(b"", ETAG), ok(b"", ETAG)]], tls=secure
    ) as server:
        verbs = server.verbs(tls=lambda: context(str(certificate)))
        body = verbs.get_object(AT, range(len(content))).body
        room = bytearray(len(content))
        assert body.readinto(memoryview(room)) == len(content)
        body.close()
        put(verbs, content)
        put(verbs)
    assert room == content
    assert [asked.connection for asked in server.asked] == [0, 0, 0]
    assert server.asked[1].body == content
    assert server.asked[1].headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"


def test_who_is_not_trusted_is_sent_nothing(secure: ssl.SSLContext) -> None:
    with Answering([[ok(b"", ETAG)]], tls=secure) as server:
        with pytest.raises(ConnectionError, match="certificate verify failed"):
            put(server.verbs())
    assert server.asked == []


def test_nobody_leads_out_of_tls(certificate: Path, secure: ssl.SSLContext) -> None:
    moved = error("TemporaryRedirect", "307 Temporary Redirect", "Location: http://x/")
    with Answering([[moved]], tls=secure) as server:
        with pytest.raises(errors.S3Error) as caught:
            put(server.verbs(tls=lambda: context(str(certificate))))
    assert caught.value.status == 307
