"""What botocore answers and raises, as ours."""

import errno
import io
from collections.abc import Callable
from typing import Any

import pytest
from botocore import exceptions as botocore
from urllib3 import exceptions as urllib3

from s3open import errors
from s3open.contract import ALWAYS, Attributes, Doomed
from s3open.location import Location
from s3open.s3.boto import BotoVerbs
from tests.fakes import Bag

URI = "s3://b/k"
AT = Location("b", "k", URI)
META = Bag(
    config=Bag(request_checksum_calculation="when_supported"),
    endpoint_url="https://s3.amazonaws.com",
)


class Failing:
    """A boto3 client that raises *error*, whatever is asked."""

    meta = META

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, operation: str) -> Any:
        def call(**_: object) -> None:
            raise self._error

        return call


class Stream:
    """What urllib3 gives for a body: *data*, then *error* if there is one."""

    def __init__(self, data: bytes, error: Exception | None = None) -> None:
        self._data = io.BytesIO(data)
        self._error = error
        self.ended = ""

    def read(self, amount: int) -> bytes:
        data = self._data.read(amount)
        if not data and self._error is not None:
            raise self._error
        return data

    def release_conn(self) -> None:
        self.ended += "released"

    def close(self) -> None:
        self.ended += "closed"


OPERATIONS: dict[str, Callable[[BotoVerbs], object]] = {
    "get_object": lambda verbs: verbs.get_object(AT, range(1)),
    "head_object": lambda verbs: verbs.head_object(AT),
    "put_object": lambda verbs: verbs.put_object(AT, [b""], Attributes(), ALWAYS),
    "delete_object": lambda verbs: verbs.delete_object(AT),
    "delete_objects": lambda verbs: verbs.delete_objects(AT, [Doomed("k")]),
    "list_objects": lambda verbs: verbs.list_objects(AT),
    "list_versions": lambda verbs: verbs.list_versions(AT),
    "copy_object": lambda verbs: verbs.copy_object(AT, AT, None, ALWAYS),
    "create": lambda verbs: verbs.create_multipart_upload(AT, Attributes()),
    "upload_part": lambda verbs: verbs.upload_part(AT, "u", 1, [b""]),
    "copy": lambda verbs: verbs.upload_part_copy(AT, "u", 1, range(9), if_match="e"),
    "complete": lambda verbs: verbs.complete_multipart_upload(AT, "u", [], ALWAYS),
    "abort": lambda verbs: verbs.abort_multipart_upload(AT, "u"),
    "upload_exists": lambda verbs: verbs.upload_exists(AT, "u"),
}


def refused(code: str, status: int, retries: int = 0) -> botocore.ClientError:
    metadata = {
        "HTTPStatusCode": status,
        "RequestId": "R",
        "HostId": "H",
        "RetryAttempts": retries,
    }
    error = {"Code": code, "Message": "as S3 puts it"}
    answer: Any = {"Error": error, "ResponseMetadata": metadata}
    return botocore.ClientError(answer, "X")


@pytest.fixture(params=OPERATIONS)
def operation(request: pytest.FixtureRequest) -> Callable[[BotoVerbs], object]:
    return OPERATIONS[request.param]


def raised(
    error: Exception, operation: Callable[[BotoVerbs], object]
) -> errors.S3Error:
    """Return what *operation* makes of botocore's *error*."""
    with pytest.raises(errors.S3Error) as caught:
        operation(BotoVerbs(Failing(error)))
    assert caught.value.filename == URI
    assert caught.value.__cause__ is error
    return caught.value


def test_an_answer_is_translated_whatever_was_asked(
    operation: Callable[[BotoVerbs], object],
) -> None:
    error = raised(refused("NoSuchBucket", 404), operation)
    assert isinstance(error, FileNotFoundError)
    assert (error.code, error.status) == ("NoSuchBucket", 404)
    assert (error.request_id, error.host_id) == ("R", "H")
    assert error.response["Error"]["Code"] == "NoSuchBucket"
    assert not error.ambiguous


def test_an_answer_to_a_request_that_was_repeated_below_is_ambiguous(
    operation: Callable[[BotoVerbs], object],
) -> None:
    assert raised(refused("PreconditionFailed", 412, retries=1), operation).ambiguous


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (botocore.ConnectTimeoutError(endpoint_url="u"), TimeoutError),
        (botocore.ReadTimeoutError(endpoint_url="u"), TimeoutError),
        (botocore.EndpointConnectionError(endpoint_url="u"), ConnectionError),
        (botocore.ConnectionClosedError(endpoint_url="u"), ConnectionError),
        (botocore.SSLError(endpoint_url="u", error=OSError("e")), ConnectionError),
        (botocore.ProxyConnectionError(proxy_url="u"), ConnectionError),
        (botocore.HTTPClientError(error="e"), ConnectionError),
        (botocore.ParamValidationError(report="r"), ValueError),
        (botocore.NoCredentialsError(), PermissionError),
        (
            botocore.PartialCredentialsError(provider="p", cred_var="v"),
            PermissionError,
        ),
        (
            botocore.CredentialRetrievalError(provider="p", error_msg="e"),
            PermissionError,
        ),
        (botocore.UnauthorizedSSOTokenError(), PermissionError),
        (botocore.DataNotFoundError(data_path="p"), OSError),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_an_error_without_an_answer_is_the_builtin_it_stands_for(
    operation: Callable[[BotoVerbs], object],
    error: Exception,
    builtin: type[BaseException],
) -> None:
    translated = raised(error, operation)
    assert isinstance(translated, builtin)
    assert str(error) in str(translated)
    unanswered = builtin in (TimeoutError, ConnectionError)
    assert translated.retryable == unanswered
    # Without a connection nothing was sent.
    assert translated.ambiguous == (unanswered and not translated.unreachable)


def test_a_foreign_error_is_raised_as_it_is(
    operation: Callable[[BotoVerbs], object],
) -> None:
    error = KeyError("a bug")
    with pytest.raises(KeyError) as caught:
        operation(BotoVerbs(Failing(error)))
    assert caught.value is error


@pytest.mark.parametrize(
    ("name", "permission"),
    [
        ("get_object", "s3:GetObject"),
        ("head_object", "s3:ListBucket"),
        ("put_object", "s3:PutObject"),
        ("upload_part", "s3:PutObject"),
        ("complete", "s3:PutObject"),
    ],
)
def test_a_denial_says_what_is_needed(name: str, permission: str) -> None:
    error = raised(refused("AccessDenied", 403), OPERATIONS[name])
    assert isinstance(error, PermissionError)
    assert error.errno == errno.EACCES
    assert permission in str(error)


def test_an_upload_exists_until_it_is_gone() -> None:
    client = Bag(meta=META, list_parts=lambda **_: {"UploadId": "u"})
    assert BotoVerbs(client).upload_exists(AT, "u")
    assert not BotoVerbs(Failing(refused("NoSuchUpload", 404))).upload_exists(AT, "u")


def body_of(stream: Stream, length: int) -> Any:
    answer = {
        "ContentLength": length,
        "Body": Bag(_raw_stream=stream),
        "ETag": '"e"',
    }
    client = Bag(meta=META, get_object=lambda **_: answer)
    return BotoVerbs(client).get_object(AT, range(length)).body


def test_a_body_is_read_into_the_caller_s_memory() -> None:
    stream = Stream(b"0123456789")
    body = body_of(stream, 10)
    view = bytearray(b"?" * 6)
    assert body.readinto(memoryview(view)) == 6
    assert view == b"012345"
    assert body.readinto(memoryview(view)) == 4
    assert view == b"678945"
    assert body.readinto(memoryview(view)) == 0


def test_a_body_that_was_read_to_its_end_gives_its_connection_back() -> None:
    stream = Stream(b"0123456789")
    body = body_of(stream, 10)
    body.readinto(memoryview(bytearray(10)))
    body.close()
    assert stream.ended == "released"


@pytest.mark.parametrize("taken", [0, 5])
def test_a_body_that_was_not_drops_its_connection(taken: int) -> None:
    stream = Stream(b"0123456789")
    body = body_of(stream, 10)
    body.readinto(memoryview(bytearray(taken)))
    body.close()
    assert stream.ended == "closed"


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (urllib3.ProtocolError("broken"), ConnectionError),
        (urllib3.IncompleteRead(3, 7), ConnectionError),
        (urllib3.ReadTimeoutError(None, "u", "late"), TimeoutError),  # type: ignore[arg-type]  # a pool
        (ConnectionResetError("reset"), ConnectionError),
        (TimeoutError("late"), TimeoutError),
        (botocore.ReadTimeoutError(endpoint_url="u"), TimeoutError),
        (botocore.ResponseStreamingError(error="e"), ConnectionError),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_a_body_that_breaks_raises_an_error_that_heals(
    error: Exception, builtin: type[BaseException]
) -> None:
    body = body_of(Stream(b"012", error), 10)
    view = memoryview(bytearray(10))
    assert body.readinto(view) == 3
    with pytest.raises(errors.S3Error) as caught:
        body.readinto(view)
    assert isinstance(caught.value, builtin)
    assert caught.value.retryable
    assert caught.value.filename == URI
    assert caught.value.__cause__ is error


def test_a_body_that_ends_early_ends_like_a_whole_one() -> None:
    body = body_of(Stream(b"012"), 10)
    view = memoryview(bytearray(10))
    assert (body.readinto(view), body.readinto(view)) == (3, 0)
