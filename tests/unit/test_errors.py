"""Every error is an OSError with errno, a plain message and the URI as filename."""

import copy
import errno
import os
import pickle
import warnings
from typing import Any

import pytest

import s3open
from s3open import errors
from s3open.answered import answered as made
from tests.fakes import answered

URI = "s3://bucket/key"
KINDS = [
    errors.S3Error,
    errors.S3FileNotFoundError,
    errors.S3FileExistsError,
    errors.S3PermissionError,
    errors.S3IsADirectoryError,
    errors.S3TimeoutError,
    errors.S3ConnectionError,
    errors.S3InvalidArgumentError,
    errors.S3ServerError,
    errors.ObjectChangedError,
]

# code, status, builtin, errno, a word of the advice
ANSWERS: list[tuple[str, int, type[BaseException], int, str]] = [
    ("NoSuchKey", 404, FileNotFoundError, errno.ENOENT, ""),
    ("404", 404, FileNotFoundError, errno.ENOENT, ""),
    ("NoSuchBucket", 404, FileNotFoundError, errno.ENOENT, "bucket does not exist"),
    ("NoSuchVersion", 404, FileNotFoundError, errno.ENOENT, "version"),
    ("NoSuchUpload", 404, FileNotFoundError, errno.ENOENT, "upload is gone"),
    ("AccessDenied", 403, PermissionError, errno.EACCES, "AccessDenied"),
    ("403", 403, PermissionError, errno.EACCES, ""),
    ("Forbidden", 401, PermissionError, errno.EACCES, "Forbidden"),
    ("ExpiredToken", 400, PermissionError, errno.EACCES, "log in again"),
    ("ExpiredTokenException", 400, PermissionError, errno.EACCES, "log in again"),
    ("InvalidToken", 400, PermissionError, errno.EACCES, "log in again"),
    ("InvalidAccessKeyId", 403, PermissionError, errno.EACCES, "access key"),
    ("SignatureDoesNotMatch", 403, PermissionError, errno.EACCES, "secret key"),
    ("RequestTimeTooSkewed", 403, PermissionError, errno.EACCES, "clock"),
    ("InvalidObjectState", 403, PermissionError, errno.EACCES, "restore"),
    ("AllAccessDisabled", 403, PermissionError, errno.EACCES, "disabled"),
    ("AccountProblem", 403, PermissionError, errno.EACCES, "account"),
    ("AuthorizationHeaderMalformed", 400, PermissionError, errno.EACCES, "region"),
    ("PermanentRedirect", 301, PermissionError, errno.EACCES, "region"),
    ("301", 301, PermissionError, errno.EACCES, "region"),
    ("IllegalLocationConstraintException", 400, PermissionError, 13, "region"),
    ("InvalidBucketName", 400, ValueError, errno.EINVAL, "bucket name"),
    ("KeyTooLongError", 400, ValueError, errno.EINVAL, "1,024"),
    ("MetadataTooLarge", 400, ValueError, errno.EINVAL, "2 KB"),
    ("EntityTooLarge", 400, ValueError, errno.EINVAL, "larger"),
    ("InvalidArgument", 400, ValueError, errno.EINVAL, "InvalidArgument"),
    ("BucketAlreadyExists", 409, FileExistsError, errno.EEXIST, "someone else"),
    ("BucketAlreadyOwnedByYou", 409, FileExistsError, errno.EEXIST, "yours"),
    ("OperationAborted", 409, errors.S3Error, errno.EIO, "OperationAborted"),
    ("ConditionalRequestConflict", 409, errors.S3Error, errno.EIO, "Conditional"),
    ("PreconditionFailed", 412, s3open.ObjectChangedError, errno.ESTALE, ""),
    ("RequestTimeout", 400, TimeoutError, errno.ETIMEDOUT, ""),
    ("Late", 408, TimeoutError, errno.ETIMEDOUT, "Late"),
    ("SlowDown", 503, TimeoutError, errno.ETIMEDOUT, "slow down"),
    ("ServiceUnavailable", 503, TimeoutError, errno.ETIMEDOUT, "overloaded"),
    ("TooManyRequests", 429, TimeoutError, errno.ETIMEDOUT, "slow down"),
    ("InternalError", 500, errors.S3ServerError, errno.EIO, "InternalError"),
    ("BadDigest", 400, errors.IntegrityError, errno.EIO, "damaged"),
    ("NobodyKnows", 599, errors.S3ServerError, errno.EIO, "NobodyKnows"),
    ("NobodyKnows", 418, errors.S3Error, errno.EIO, "NobodyKnows"),
    ("InvalidRange", 416, errors.S3Error, errno.EIO, "InvalidRange"),
    ("", 0, errors.S3Error, errno.EIO, ""),
]
RETRYABLE = {
    "RequestTimeout",
    "Late",
    "SlowDown",
    "ServiceUnavailable",
    "TooManyRequests",
    "InternalError",
    "BadDigest",
}


@pytest.mark.parametrize(
    ("code", "status", "builtin", "number", "advice"),
    ANSWERS,
    ids=[f"{code}-{status}" for code, status, *_ in ANSWERS],
)
def test_an_answer_is_the_builtin_error_it_stands_for(
    code: str, status: int, builtin: type[BaseException], number: int, advice: str
) -> None:
    error = answered(code, status, URI)
    assert isinstance(error, builtin)
    assert isinstance(error, OSError)
    assert error.errno == number
    assert error.filename == URI
    assert str(error).startswith(f"[Errno {number}] {os.strerror(number)}")
    assert str(error).endswith(f": {URI!r}")
    assert advice in str(error)
    assert (error.code, error.status) == (code, status)
    assert error.retryable == (code in RETRYABLE or status == 599)
    assert error.ambiguous == (status >= 500)


def test_the_message_of_an_unknown_answer_is_shown() -> None:
    response = {"Error": {"Code": "Strange", "Message": "A strange thing."}}
    error = made("Strange", 400, URI, response)
    assert error.strerror == "Invalid argument (Strange: A strange thing.)"
    assert error.response is response


def test_a_missing_key_needs_no_advice() -> None:
    assert answered("NoSuchKey", 404, URI).strerror == "No such file or directory"


@pytest.mark.parametrize("code", ["AccessDenied", "403"])
def test_a_denial_that_says_no_more_is_given_advice(code: str) -> None:
    error = made(code, 403, URI, {}, denied="ask your administrator")
    assert isinstance(error, PermissionError)
    assert "ask your administrator" in str(error)
    assert code in str(error)


def test_better_advice_is_not_overridden() -> None:
    error = made("InvalidObjectState", 403, URI, {}, denied="ask")
    assert "restore" in str(error)
    assert "ask" not in str(error)


def test_advice_about_denials_is_for_denials() -> None:
    assert "ask" not in str(made("NoSuchKey", 404, URI, {}, denied="ask"))


def test_what_support_asks_for_is_kept() -> None:
    metadata = {"RequestId": "R1", "HostId": "H1", "RetryAttempts": 0}
    error = made("X", 400, URI, {"ResponseMetadata": metadata})
    assert (error.request_id, error.host_id, error.ambiguous) == ("R1", "H1", False)
    error = made("X", 400, URI, {})
    assert (error.request_id, error.host_id) == (None, None)


def test_an_answer_to_a_repeated_request_is_ambiguous() -> None:
    metadata = {"RetryAttempts": 1}
    error = made("PreconditionFailed", 412, URI, {"ResponseMetadata": metadata})
    assert error.ambiguous


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_errno_and_is_worded_by_the_system(
    kind: type[errors.S3Error],
) -> None:
    error = kind.at(URI)
    assert type(error) is kind
    assert error.errno == kind.errno_default
    assert error.strerror == os.strerror(kind.errno_default)
    assert error.filename == URI
    assert kind.at(URI, "do this").strerror == f"{error.strerror} (do this)"
    # OSError itself would pick the same builtin for this errno, or a narrower one.
    builtin = type(OSError(error.errno, ""))
    assert isinstance(error, (builtin, builtin.__mro__[1]))


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_the_same_after_pickling(kind: type[errors.S3Error]) -> None:
    error = kind.at(URI, "advice")
    error.code, error.status = "Code", 499
    error.request_id, error.host_id = "R", "H"
    error.response = {"Error": {"Code": "Code"}}
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert is_same(again, error)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("recovery", [None, "/state/1.data"])
def test_a_publish_error_is_the_builtin_of_its_cause_too(
    kind: type[errors.S3Error], recovery: str | None
) -> None:
    cause = kind.at(URI)
    cause.code, cause.status = "Code", 499
    error = errors.unpublished(cause, URI, recovery)
    assert isinstance(error, s3open.PublishError)
    assert isinstance(error, kind)
    assert type(error).__name__ == "PublishError"
    assert error.errno == cause.errno
    assert error.filename == URI
    assert (error.code, error.status) == ("Code", 499)
    assert error.recovery == recovery
    assert (recovery or "Errno") in str(error)
    assert ("kept" in str(error)) == (recovery is not None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_publish_error_is_the_same_after_pickling(
    kind: type[errors.S3Error],
) -> None:
    error = errors.unpublished(kind.at(URI), URI, "/state/1.data")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert is_same(again, error)
        assert again.recovery == "/state/1.data"
        assert isinstance(again, kind)


@pytest.mark.parametrize(
    "cause",
    [
        OSError(errno.ENOSPC, "No space left on device", "/tmp"),
        MemoryError("no memory"),
        ValueError("a value"),
    ],
)
def test_whatever_keeps_a_file_from_being_published_is_a_publish_error(
    cause: Exception,
) -> None:
    error = errors.unpublished(cause, URI, None)
    assert type(error) is s3open.PublishError
    assert error.errno == (getattr(cause, "errno", None) or errno.EIO)
    assert error.filename == URI
    assert (getattr(cause, "strerror", None) or str(cause)) in str(error)
    assert is_same(pickle.loads(pickle.dumps(error)), error)


@pytest.mark.parametrize(
    "cause",
    [
        PermissionError(errno.EACCES, "Permission denied", "/tmp"),
        FileNotFoundError(errno.ENOENT, "No such file or directory", "/missing"),
        TimeoutError(errno.ETIMEDOUT, "late"),
    ],
)
def test_a_publish_error_is_the_builtin_of_a_local_cause_too(cause: OSError) -> None:
    error = errors.unpublished(cause, URI, None)
    assert isinstance(error, type(cause))
    assert isinstance(error, s3open.PublishError)
    assert is_same(pickle.loads(pickle.dumps(error)), error)


def test_a_publish_error_of_a_publish_error_is_one() -> None:
    inner = errors.unpublished(errors.S3PermissionError.at(URI), URI, None)
    assert isinstance(errors.unpublished(inner, URI, "/x"), s3open.PublishError)


def test_an_ambiguous_failure_does_not_claim_to_be_unpublished() -> None:
    error = errors.unpublished(errors.S3ConnectionError.at(URI), URI, "/state/1.data")
    assert "may" in str(error)
    sure = errors.unpublished(errors.S3PermissionError.at(URI), URI, "/state/1.data")
    assert "may" not in str(sure)


def test_a_warning_names_the_line_that_called_into_the_package() -> None:
    with pytest.warns(UserWarning, match="look") as caught:
        errors.warn("look", UserWarning)
    assert caught[0].filename == __file__


def test_a_warning_from_code_without_a_name_is_given_as_well() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec("warn('look', UserWarning)", {"warn": errors.warn})
    assert [str(each.message) for each in caught] == ["look"]


def is_same(one: Any, other: Any) -> bool:
    return (
        type(one) is type(other)
        and str(one) == str(other)
        and one.args == other.args
        and one.filename == other.filename
        and one.__dict__ == other.__dict__
    )
