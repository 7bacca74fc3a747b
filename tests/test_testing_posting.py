"""Forms that the test server takes, and those that it refuses as S3 does."""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from s3open import FileSystem
from s3open.s3.wire import signer
from tests.test_signed_contract import Reply, form, used
from tests.test_testing_support import client_of

if TYPE_CHECKING:
    from s3open.testing import S3Server

BUCKET = "s3open-test"


@pytest.fixture
def server(s3open_server: S3Server, s3open_bucket: str) -> S3Server:
    return s3open_server


def code(reply: Reply) -> str:
    return reply.body.decode().partition("<Code>")[2].partition("</Code>")[0]


def fields_of(
    server: S3Server,
    conditions: Any,
    expiration: str = "2099-01-01T00:00:00Z",
    region: str = "us-east-1",
    **more: str,
) -> dict[str, str]:
    """Return the fields of a form that is signed, whatever its policy says."""
    moment, scope = signer.now(), signer.Scope(region)
    given = {
        "key": "key",
        **more,
        "x-amz-algorithm": signer.ALGORITHM,
        "x-amz-credential": f"{server.access_key}/{signer.within(moment, scope)}",
        "x-amz-date": moment,
    }
    document = {"expiration": expiration, "conditions": conditions}
    policy = base64.b64encode(json.dumps(document).encode()).decode()
    keys = signer.Credentials(server.access_key, server.secret_key)
    signature = signer.signature_of(policy, moment, keys, scope)
    return {**given, "policy": policy, "x-amz-signature": signature}


ANY: list[Any] = [
    ["starts-with", f"${name}", ""]
    for name in ("key", "x-amz-algorithm", "x-amz-credential", "x-amz-date")
]


def url_of(server: S3Server) -> str:
    return f"{server.endpoint_url}/{BUCKET}"


def test_boto3_s_forms_are_taken(server: S3Server) -> None:
    found = client_of(server).generate_presigned_post(
        BUCKET,
        "dir/${filename}",
        Fields={"success_action_status": "201", "x-amz-meta-a": "b"},
        Conditions=[
            {"success_action_status": "201"},
            {"x-amz-meta-a": "b"},
            ["content-length-range", 1, 4],
        ],
    )
    answer = form(found["url"], found["fields"], b"text", "C:\\folder\\a.txt")
    assert answer.status == 201
    text = answer.body.decode()
    assert re.search(r"<ETag>&quot;\w{32}&quot;</ETag>", text)
    assert "<Key>dir/a.txt</Key>" in text
    assert answer.headers["location"] == f"/{BUCKET}/dir/a.txt"
    assert server.read(BUCKET, "dir/a.txt") == b"text"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, 204),
        ({"success_action_status": "200"}, 200),
        ({"success_action_status": "404"}, 204),
    ],
)
def test_it_is_answered_as_the_form_says(
    server: S3Server, more: dict[str, str], status: int
) -> None:
    fields = fields_of(server, [*ANY, more] if more else ANY, **more)
    answer = form(url_of(server), fields, b"")
    assert (answer.status, answer.body) == (status, b"")
    assert server.read(BUCKET, "key") == b""


@pytest.mark.parametrize("name", ["success_action_redirect", "redirect"])
def test_it_leads_on_where_the_form_says(server: S3Server, name: str) -> None:
    more = {name: "http://example.com/done?a=b"}
    answer = form(url_of(server), fields_of(server, [*ANY, more], **more), b"")
    assert answer.status == 303
    assert re.fullmatch(
        rf"http://example\.com/done\?a=b&bucket={BUCKET}&key=key&etag=%22\w+%22",
        answer.headers["location"],
    )


@pytest.mark.parametrize(
    ("conditions", "more", "expected"),
    [
        ([*ANY, ["eq", "$key", "key"]], {}, ""),
        ([*ANY, ["eq", "$KEY", "other"]], {}, "AccessDenied"),
        ([*ANY, {"bucket": BUCKET}], {}, ""),
        ([*ANY, {"bucket": "other"}], {}, "AccessDenied"),
        ([*ANY, {"acl": "private"}], {}, "AccessDenied"),
        ([*ANY, {"acl": "private"}], {"acl": "private"}, ""),
        (ANY, {"x-amz-meta-a": "b"}, "AccessDenied"),
        (ANY, {"x-ignore-a": "b"}, ""),
        (ANY[1:], {}, "AccessDenied"),
        ([*ANY, ["content-length-range", 0, 3]], {}, "EntityTooLarge"),
        ([*ANY, ["content-length-range", 5, 9]], {}, "EntityTooSmall"),
        ([*ANY, ["content-length-range", 4, 4]], {}, ""),
        ([*ANY, ["content-length-range", "a", 4]], {}, "InvalidPolicyDocument"),
        ([*ANY, ["ends-with", "$key", "y"]], {}, "InvalidPolicyDocument"),
        ([*ANY, ["eq", 1, "y"]], {}, "InvalidPolicyDocument"),
        ([*ANY, {"a": "b", "c": "d"}], {}, "InvalidPolicyDocument"),
        ([*ANY, "condition"], {}, "InvalidPolicyDocument"),
        (None, {}, "InvalidPolicyDocument"),
    ],
)
def test_every_condition_is_heeded(
    server: S3Server, conditions: Any, more: dict[str, str], expected: str
) -> None:
    answer = form(url_of(server), fields_of(server, conditions, **more), b"text")
    assert code(answer) == expected
    assert server.keys(BUCKET) == ([] if expected else ["key"])


def test_a_policy_that_has_expired_is_refused(server: S3Server) -> None:
    ended = datetime.now(timezone.utc) - timedelta(seconds=1)
    fields = fields_of(server, ANY, ended.strftime("%Y-%m-%dT%H:%M:%SZ"))
    answer = form(url_of(server), fields, b"")
    assert answer.status == 403
    assert b"Policy expired" in answer.body
    fields = fields_of(server, ANY, "soon")
    assert code(form(url_of(server), fields, b"")) == "InvalidPolicyDocument"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"x-amz-signature": "0" * 64}, "SignatureDoesNotMatch"),
        ({"x-amz-algorithm": "AWS4-HMAC-MD5"}, "InvalidArgument"),
        ({"x-amz-date": "20200101T000000Z"}, "InvalidArgument"),
        ({"x-amz-credential": "nobody"}, "InvalidArgument"),
        ({"x-amz-security-token": "token"}, "InvalidToken"),
    ],
)
def test_a_form_that_is_not_signed_right_is_refused(
    server: S3Server, change: dict[str, str], expected: str
) -> None:
    fields = {**fields_of(server, ANY), **change}
    assert code(form(url_of(server), fields, b"")) == expected


def test_a_form_is_of_its_region_and_of_somebody_known(server: S3Server) -> None:
    fields = fields_of(server, ANY, region="eu-west-1")
    assert form(url_of(server), fields, b"").status == 400
    fields = fields_of(server, ANY)
    credential = fields["x-amz-credential"].replace(server.access_key, "stranger")
    answer = form(url_of(server), {**fields, "x-amz-credential": credential}, b"")
    assert code(answer) == "InvalidAccessKeyId"


def test_what_its_signer_may_not_do_the_form_does_not(server: S3Server) -> None:
    server.deny("PutObject", key_prefix="secret/")
    for key, status in (("open/key", 204), ("secret/key", 403)):
        fields = fields_of(server, ANY)
        assert form(url_of(server), {**fields, "key": key}, b"").status == status
    server.add_credentials("other", "other-secret", owner="other")
    other = FileSystem(
        access_key="other",
        secret_key="other-secret",
        endpoint_url=server.endpoint_url,
        region="us-east-1",
    )
    assert form(*other.presign_post(f"s3://{BUCKET}/key"), b"").status == 403
    assert server.keys(BUCKET) == ["open/key"]


def test_a_form_without_a_policy_is_for_who_may_write_unsigned(
    server: S3Server,
) -> None:
    assert code(form(url_of(server), {"key": "key"}, b"")) == "AccessDenied"
    server.bucket_anonymous(BUCKET, allowed=True)
    assert form(url_of(server), {"key": "key"}, b"text").status == 204
    assert server.read(BUCKET, "key") == b"text"


def test_what_is_no_form_is_refused(server: S3Server) -> None:
    url = url_of(server)
    assert code(used(url, "POST", b"x")) == "PreconditionFailed"
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    for body in (b"", b"x", b"--b\r\n\r\n\r\n--b--\r\n", b"--b--\r\n"):
        answer = used(url, "POST", body, kind)
        assert code(answer) == "IncorrectNumberOfFilesInPostRequest"
    head = b'--b\r\ncontent-disposition: form-data; name="key"\r\n\r\n'
    answer = used(url, "POST", head + b"\xff\r\n--b--\r\n", kind)
    assert code(answer) == "MalformedPOSTRequest"
    assert code(form(url, {}, b"")) == "InvalidArgument"
    answer = form(url, {"key": "k", "x-ignore-a": "x" * 20_000}, b"")
    assert code(answer) == "MaxPostPreDataLengthExceededError"
    fields = fields_of(server, ANY)
    assert code(form(f"{url}-none", fields, b"")) == "NoSuchBucket"


def test_forms_are_counted_as_what_they_are(server: S3Server) -> None:
    with server.counting() as seen:
        form(url_of(server), fields_of(server, ANY), b"text")
    assert seen.operations == {"PostObject": 1}
