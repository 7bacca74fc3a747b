"""Signatures, of requests, chunks and URLs, as the test server verifies them."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from botocore.exceptions import ClientError

from s3open.testing import S3Server
from tests.test_testing_support import client_of, code, send

if TYPE_CHECKING:
    from collections.abc import Iterator

EMPTY = hashlib.sha256().hexdigest()
STREAMING = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def server(running: S3Server) -> S3Server:
    running.reset()
    running.create_bucket("box")
    return running


@pytest.fixture(scope="module")
def client(running: S3Server) -> Any:
    return client_of(running)


class Signer:
    """SigV4 once more, so that nobody verifies himself."""

    def __init__(self, server: S3Server, moment: float | None = None) -> None:
        self.server = server
        self.date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))
        self.scope = f"{self.date[:8]}/us-east-1/s3/aws4_request"
        key = b"AWS4" + server.secret_key.encode()
        for step in self.scope.split("/"):
            key = hmac.new(key, step.encode(), hashlib.sha256).digest()
        self._key = key
        self.last = ""

    def sign(self, *lines: str) -> str:
        text = "\n".join(lines).encode()
        self.last = hmac.new(self._key, text, hashlib.sha256).hexdigest()
        return self.last

    def headers(
        self, method: str, path: str, payload: str, **more: str
    ) -> dict[str, str]:
        headers = {
            "host": f"{self.server.host}:{self.server.port}",
            "x-amz-content-sha256": payload,
            "x-amz-date": self.date,
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = "\n".join([method, path, "", lines, names, payload])
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        self.sign("AWS4-HMAC-SHA256", self.date, self.scope, digest)
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.server.access_key}/{self.scope}, "
            f"SignedHeaders={names}, Signature={self.last}"
        )
        return headers

    def target(self, path: str, expires: int) -> str:
        """Return a presigned URL for GET, without the server."""
        parameters = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{self.server.access_key}/{self.scope}",
            "X-Amz-Date": self.date,
            "X-Amz-Expires": str(expires),
            "X-Amz-SignedHeaders": "host",
        }
        query = urlencode(parameters, quote_via=quote, safe="")
        host = f"host:{self.server.host}:{self.server.port}\n"
        lines = ["GET", path, query, host, "host", "UNSIGNED-PAYLOAD"]
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        self.sign("AWS4-HMAC-SHA256", self.date, self.scope, digest)
        return f"{path}?{query}&X-Amz-Signature={self.last}"

    def chunk(self, data: bytes) -> bytes:
        digest = hashlib.sha256(data).hexdigest()
        signature = self.sign(
            "AWS4-HMAC-SHA256-PAYLOAD", self.date, self.scope, self.last, EMPTY, digest
        )
        header = f"{len(data):x};chunk-signature={signature}\r\n".encode()
        return header + data + b"\r\n" * bool(data)

    def trailer(self, name: str, value: str) -> bytes:
        digest = hashlib.sha256(f"{name}:{value}\n".encode()).hexdigest()
        signature = self.sign(
            "AWS4-HMAC-SHA256-TRAILER", self.date, self.scope, self.last, digest
        )
        return f"{name}:{value}\r\nx-amz-trailer-signature:{signature}\r\n\r\n".encode()


def test_a_hand_made_signature_is_accepted(server: S3Server) -> None:
    path = quote("/box/a//b ü+&?#%~*")
    payload = hashlib.sha256(b"data").hexdigest()
    headers = Signer(server).headers("PUT", path, payload, x_amz_meta_m="a b")
    assert send(server, "PUT", path, b"data", headers).status == 200
    assert server.keys("box") == ["a//b ü+&?#%~*"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"aws_secret_access_key": "wrong"}, (403, "SignatureDoesNotMatch")),
        ({"aws_access_key_id": "stranger"}, (403, "InvalidAccessKeyId")),
        ({"aws_session_token": "unknown"}, (400, "InvalidToken")),
    ],
)
def test_wrong_credentials_are_refused(
    server: S3Server, changes: dict[str, str], expected: tuple[int, str]
) -> None:
    server.put("box", "k", b"x")
    with pytest.raises(ClientError) as error:
        client_of(server, **changes).get_object(Bucket="box", Key="k")
    assert code(error) == expected


def test_a_client_in_the_wrong_region_is_led_to_the_right_one(
    server: S3Server,
) -> None:
    server.put("box", "k", b"x")
    lost = client_of(server, region_name="eu-west-1")
    with server.counting() as seen:
        assert lost.get_object(Bucket="box", Key="k")["Body"].read() == b"x"
    statuses = [record.status for record in seen.records]
    assert (statuses[0], statuses[-1]) == (400, 200)


@pytest.mark.parametrize("skew", [-1000, 1000])
def test_a_wrong_clock_is_refused(server: S3Server, skew: float) -> None:
    headers = Signer(server, time.time() + skew).headers("GET", "/", EMPTY)
    reply = send(server, "GET", "/", None, headers)
    assert (reply.status, reply.code) == (403, "RequestTimeTooSkewed")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("authorization", "AWS key:signature", "InvalidRequest"),
        ("authorization", "AWS4-HMAC-SHA256 nonsense", "AuthorizationHeaderMalformed"),
        ("x-amz-date", "yesterday", "AccessDenied"),
        ("x-amz-meta-unsigned", "1", "AccessDenied"),
        ("x-amz-content-sha256", EMPTY[::-1], "SignatureDoesNotMatch"),
    ],
)
def test_tampered_headers_are_refused(
    server: S3Server, name: str, value: str, expected: str
) -> None:
    headers = Signer(server).headers("GET", "/", EMPTY)
    headers[name] = value
    assert send(server, "GET", "/", None, headers).code == expected


def test_a_date_that_is_none_is_refused(server: S3Server) -> None:
    signer = Signer(server)
    signer.date = signer.date[:8] + "T"
    headers = signer.headers("GET", "/", EMPTY)
    assert send(server, "GET", "/", None, headers).code == "AccessDenied"


def test_the_payload_hash_is_required(server: S3Server) -> None:
    headers = Signer(server).headers("GET", "/", EMPTY)
    del headers["x-amz-content-sha256"]
    assert send(server, "GET", "/", None, headers).code == "InvalidRequest"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (hashlib.sha256(b"data").hexdigest(), ""),
        ("UNSIGNED-PAYLOAD", ""),
        (EMPTY, "XAmzContentSHA256Mismatch"),
        ("nonsense", "InvalidArgument"),
    ],
)
def test_the_payload_hash_is_verified(
    server: S3Server, payload: str, expected: str
) -> None:
    headers = Signer(server).headers("PUT", "/box/k", payload)
    assert send(server, "PUT", "/box/k", b"data", headers).code == expected
    assert server.keys("box") == ([] if expected else ["k"])


def test_signed_chunks_are_accepted(server: S3Server) -> None:
    signer = Signer(server)
    data = bytes(range(256)) * 100
    headers = signer.headers(
        "PUT", "/box/k", STREAMING, x_amz_decoded_content_length=str(len(data))
    )
    chunks = [data[:8192], data[8192:20_000], data[20_000:], b""]
    body = b"".join(signer.chunk(chunk) for chunk in chunks) + b"\r\n"
    assert send(server, "PUT", "/box/k", body, headers).status == 200
    assert server.read("box", "k") == data


@pytest.mark.parametrize("tampered", ["data", "signature", "order"])
def test_tampered_chunks_are_refused(server: S3Server, tampered: str) -> None:
    signer = Signer(server)
    headers = signer.headers(
        "PUT", "/box/k", STREAMING, x_amz_decoded_content_length="16384"
    )
    chunks = [signer.chunk(data) for data in (b"a" * 8192, b"b" * 8192, b"")]
    if tampered == "order":
        chunks[:2] = chunks[1::-1]
    body = b"".join(chunks) + b"\r\n"
    if tampered == "data":
        body = body.replace(b"aaaa", b"aaca", 1)
    if tampered == "signature":
        place = body.index(b"signature=") + 10
        wrong = b"0" if body[place : place + 1] != b"0" else b"1"
        body = body[:place] + wrong + body[place + 1 :]
    reply = send(server, "PUT", "/box/k", body, headers)
    assert (reply.status, reply.code) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("claimed", "expected"), [("y/Q5Jg==", ""), ("y/Q5Jh==", "SignatureDoesNotMatch")]
)
def test_signed_trailers(server: S3Server, claimed: str, expected: str) -> None:
    signer = Signer(server)
    headers = signer.headers(
        "PUT",
        "/box/k",
        f"{STREAMING}-TRAILER",
        x_amz_decoded_content_length="9",
        x_amz_trailer="x-amz-checksum-crc32",
    )
    body = signer.chunk(b"123456789") + signer.chunk(b"")
    trailer = signer.trailer("x-amz-checksum-crc32", "y/Q5Jg==")
    body += trailer.replace(b"y/Q5Jg==", claimed.encode())
    assert send(server, "PUT", "/box/k", body, headers).code == expected


def presign(client: Any, method: str, **arguments: Any) -> str:
    url = urlsplit(client.generate_presigned_url(method, **arguments))
    return f"{url.path}?{url.query}"


def test_presigned_urls_work(server: S3Server, client: Any) -> None:
    named = {"Bucket": "box", "Key": "a//b ü+&?#%"}
    target = presign(client, "put_object", Params=named, ExpiresIn=60)
    assert send(server, "PUT", target, b"data").status == 200
    target = presign(client, "get_object", Params=named, ExpiresIn=60)
    assert send(server, "GET", target).body == b"data"


def test_a_presigned_url_is_for_one_method_and_key(
    server: S3Server, client: Any
) -> None:
    server.put("box", "k", b"data")
    named = {"Bucket": "box", "Key": "k"}
    target = presign(client, "get_object", Params=named, ExpiresIn=60)
    for method, changed in (
        ("DELETE", target),
        ("GET", target.replace("/box/k", "/box/l")),
        ("GET", target.replace("Expires=60", "Expires=61")),
        ("GET", target + "&versionId=v"),
    ):
        reply = send(server, method, changed)
        assert (reply.status, reply.code) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("age", "expires", "expected"),
    [
        (50, 60, ""),
        (70, 60, "AccessDenied"),
        (-1000, 60, "AccessDenied"),
        (0, 604_801, "AuthorizationQueryParametersError"),
        (0, 0, "AuthorizationQueryParametersError"),
    ],
)
def test_presigned_urls_have_their_time(
    server: S3Server, age: float, expires: int, expected: str
) -> None:
    server.put("box", "k", b"data")
    reply = send(
        server, "GET", Signer(server, time.time() - age).target("/box/k", expires)
    )
    assert reply.code == expected
    assert (b"Request has expired" in reply.body) == (age == 70)


def test_a_presigned_url_lacking_parameters_is_refused(server: S3Server) -> None:
    target = "/box/k?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    reply = send(server, "GET", target)
    assert reply.code == "AuthorizationQueryParametersError"


def test_a_presigned_url_of_another_region_is_told_the_right_one(
    server: S3Server,
) -> None:
    elsewhere = client_of(server, region_name="eu-west-1")
    named = {"Bucket": "box", "Key": "k"}
    reply = send(server, "GET", presign(elsewhere, "get_object", Params=named))
    assert reply.code == "AuthorizationQueryParametersError"
    assert b"<Region>us-east-1</Region>" in reply.body


def test_a_bucket_elsewhere_tells_where(server: S3Server, client: Any) -> None:
    server.create_bucket("far", region="eu-west-1")
    signer = Signer(server)
    for method in ("GET", "HEAD"):
        headers = signer.headers(method, "/far", EMPTY)
        reply = send(server, method, "/far", None, headers)
        assert reply.status == 400
        assert reply.headers["x-amz-bucket-region"] == "eu-west-1"
    headers = signer.headers("GET", "/far", EMPTY)
    reply = send(server, "GET", "/far", None, headers)
    assert reply.code == "AuthorizationHeaderMalformed"
    assert b"<Region>eu-west-1</Region>" in reply.body
    there = client_of(server, region_name="eu-west-1")
    assert there.head_bucket(Bucket="far")["BucketRegion"] == "eu-west-1"
