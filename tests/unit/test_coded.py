"""Each of S3's error codes is a class, and the builtin that it stands for."""

import copy
import pickle
from pathlib import Path

import pytest

import s3open
from s3open import coded, codes, errors
from s3open.answered import answered
from s3open.testing.errors import _STATUS_AND_MESSAGE

URI = "s3://bucket/key"


def class_of(name: str) -> type[s3open.S3Error]:
    found: type[s3open.S3Error] = getattr(s3open, name)
    return found


@pytest.mark.parametrize(("name", "code"), codes.CODES.items())
def test_every_code_has_a_class(name: str, code: str) -> None:
    kind = class_of(name)
    assert issubclass(kind, s3open.S3Error)
    assert (kind.__name__, kind.code) == (name, code)
    assert kind.status == codes.STATUS[code]
    error = answered(code, codes.STATUS[code], URI, {})
    assert type(error) is kind
    assert error.errno == kind.errno_default
    assert (error.code, error.status) == (code, kind.status)
    assert isinstance(error, type(OSError(error.errno, "")))


@pytest.mark.parametrize(
    "name", ["NoSuchKey", "BucketNotEmpty", "BadDigest", "KMSDisabledException"]
)
def test_an_error_is_the_same_after_pickling(name: str) -> None:
    error = class_of(name).at(URI, "advice")
    error.request_id = "R"
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert again.args == error.args
        assert (again.filename, again.__dict__) == (URI, error.__dict__)
    kept = pickle.loads(pickle.dumps(errors.unpublished(error, URI, None)))
    assert isinstance(kept, s3open.PublishError)
    assert isinstance(kept, class_of(name))


@pytest.mark.parametrize("kind", [FileNotFoundError, OSError, errors.S3Error])
def test_an_error_is_caught_by_its_code_or_the_builtin(kind: type[Exception]) -> None:
    error = answered("NoSuchBucket", 404, URI, {})
    with pytest.raises(kind):
        raise error
    with pytest.raises(s3open.NoSuchBucket):
        raise error
    assert not isinstance(error, s3open.NoSuchKey)


# What awsutils, a library of 2013, had classes of.
LEGACY = """AccessDenied BadDigest BucketAlreadyExists BucketAlreadyOwnedByYou
BucketNotEmpty EntityTooLarge EntityTooSmall InvalidRange InvalidObjectState
NoSuchBucket NoSuchKey NoSuchUpload NoSuchVersion PreconditionFailed
RestoreAlreadyInProgress SignatureDoesNotMatch SlowDown"""


@pytest.mark.parametrize("name", LEGACY.split())
def test_names_of_the_past_are_those_of_today(name: str) -> None:
    error = answered(name, codes.STATUS[name], URI, {"Error": {"Message": "Why."}})
    assert type(error) is class_of(name)
    assert error.status == class_of(name).status
    assert len(codes.STATUS) >= 77


def test_an_unknown_code_is_what_its_status_says() -> None:
    error = answered("QuotaExceeded", 403, URI, {})
    assert type(error) is errors.S3PermissionError
    assert error.code == "QuotaExceeded"


def test_an_unknown_name_is_an_attribute_error() -> None:
    for module in (s3open, coded):
        with pytest.raises(AttributeError, match="has no attribute 'NoSuchThing'"):
            module.__getattr__("NoSuchThing")


def test_the_names_are_there_to_complete() -> None:
    assert "NoSuchKey" in dir(coded)


@pytest.mark.parametrize(
    ("operation", "status", "name"),
    [
        ("HeadObject", 404, "NoSuchKey"),
        ("HeadObject", 403, "AccessDenied"),
        ("HeadObject", 304, "NotModified"),
        ("HeadObject", 412, "PreconditionFailed"),
        ("HeadBucket", 404, "NoSuchBucket"),
        ("HeadBucket", 403, "AccessDenied"),
    ],
)
@pytest.mark.parametrize("said", ["", "status"])
def test_the_answer_to_a_head_is_what_its_status_means(
    operation: str, status: int, name: str, said: str
) -> None:
    code = said and str(status)
    error = answered(code, status, URI, {}, operation=operation)
    assert type(error) is class_of(name)
    # As it was answered.
    assert (error.code, error.status, error.operation) == (code, status, operation)


def test_a_bucket_that_is_not_empty_is_so_as_a_directory_would_be() -> None:
    with pytest.raises(OSError, match="Directory not empty"):
        raise answered("BucketNotEmpty", 409, URI, {})


def test_what_is_not_configured_says_what() -> None:
    said = {"Error": {"Message": "The TagSet does not exist"}}
    error = answered("NoSuchTagSet", 404, URI, said)
    assert isinstance(error, FileNotFoundError)
    assert "NoSuchTagSet: The TagSet does not exist" in str(error)


def test_acls_that_are_disabled_come_with_advice() -> None:
    error = answered("AccessControlListNotSupported", 400, URI, {})
    assert isinstance(error, ValueError)
    assert "use a bucket policy" in str(error)


def test_every_meaning_is_that_of_a_code_of_the_table() -> None:
    assert set(codes._MEANINGS) <= set(codes.STATUS)
    assert set(codes._ERRNO) <= set(codes.STATUS)
    assert {
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "RequestLimitExceeded",
    } == codes.SLOWER


def test_the_server_refuses_by_codes_of_the_table() -> None:
    for code, (status, _) in _STATUS_AND_MESSAGE.items():
        assert codes.STATUS[code] == status


def test_what_type_checkers_read_is_what_there_is() -> None:
    # The stub itself does not tell of it.
    written = getattr(coded, "_stub")()  # noqa: B009
    assert (Path(coded.__file__).with_suffix(".pyi")).read_text() == written


def test_an_error_names_the_operation() -> None:
    error = answered("SlowDown", 503, URI, {}, operation="PutObject")
    assert error.operation == "PutObject"
    assert errors.S3Error.operation == ""
