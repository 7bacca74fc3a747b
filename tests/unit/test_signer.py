"""Our signatures are botocore's, for whatever is sent."""

from __future__ import annotations

import string
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from s3open.s3.wire import signer
from s3open.s3.wire.signer import Credentials, Scope

NAMES = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=8)
VALUES = st.text(string.printable[:95], max_size=20)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE"]),
    key=TEXTS,
    query=st.dictionaries(TEXTS, TEXTS, max_size=4),
    given_headers=st.dictionaries(NAMES, VALUES, max_size=4),
    body=st.binary(max_size=20),
    secret=TEXTS,
    token=st.none() | st.text(string.ascii_letters + "/+=", min_size=1),
    region=NAMES,
)
def test_a_signature_is_botocore_s(
    method: str,
    key: str,
    query: dict[str, str],
    given_headers: dict[str, str],
    body: bytes,
    secret: str,
    token: str | None,
    region: str,
) -> None:
    path = "/bucket/" + signer.encoded_path(key)
    parameters = signer.encoded_query(query.items())
    request = AWSRequest(
        method,
        f"http://store.example:9000{path}?{parameters}".rstrip("?"),
        data=body,
        headers={f"x-amz-meta-{name}": value for name, value in given_headers.items()},
    )
    S3SigV4Auth(BotoCredentials("AKIA", secret, token), "s3", region).add_auth(request)

    headers = {name.lower(): value for name, value in request.headers.items()}
    expected = headers.pop("authorization")
    headers["host"] = "store.example:9000"
    ours = signer.authorization(
        method,
        path,
        parameters,
        headers,
        Credentials("AKIA", secret, token),
        Scope(region),
    )
    assert ours == expected


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE"]),
    key=TEXTS,
    query=st.dictionaries(TEXTS.map("q".__add__), TEXTS, max_size=4),
    given_headers=st.dictionaries(NAMES, VALUES, max_size=4),
    secret=TEXTS,
    token=st.none() | st.text(string.ascii_letters + "/+=", min_size=1),
    region=NAMES,
)
def test_a_signed_url_is_botocore_s(
    method: str,
    key: str,
    query: dict[str, str],
    given_headers: dict[str, str],
    secret: str,
    token: str | None,
    region: str,
) -> None:
    path = "/bucket/" + signer.encoded_path(key)
    parameters = signer.encoded_query(query.items())
    headers = {f"x-amz-meta-{name}": value for name, value in given_headers.items()}
    url = f"http://store.example:9000{path}"
    request = AWSRequest(
        method, f"{url}?{parameters}".rstrip("?"), headers=dict(headers)
    )
    S3SigV4QueryAuth(
        BotoCredentials("AKIA", secret, token), "s3", region, expires=77
    ).add_auth(request)

    expected = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    ours = signer.presigned(
        method,
        path,
        list(query.items()),
        {**headers, "host": "store.example:9000"},
        Credentials("AKIA", secret, token),
        Scope(region),
        expected["X-Amz-Date"],
        77,
    )
    assert dict(parse_qsl(ours, keep_blank_values=True)) == expected


def test_a_secret_is_not_shown() -> None:
    assert repr(Credentials("AKIA", "secret", "token")) == (
        "Credentials(access_key='AKIA')"
    )


def test_the_time_is_in_the_form_that_is_signed() -> None:
    from datetime import datetime, timezone

    moment = datetime.strptime(signer.now(), "%Y%m%dT%H%M%SZ")
    apart = datetime.now(timezone.utc) - moment.replace(tzinfo=timezone.utc)
    assert abs(apart.total_seconds()) < 60
