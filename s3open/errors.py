"""Every error is an OSError with errno, a plain message and the URI as filename.

`S3Error` is what all of them are; each is also the builtin that a local file would
have raised, so ``except FileNotFoundError`` works on S3 as it does on a disk. The
transport's own error, where it raised one, stays reachable as ``__cause__``.
"""

from __future__ import annotations

import errno
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType


class S3Error(OSError):
    """An operation on S3 failed.

    Attributes:
        code: S3's error code, such as ``"NoSuchKey"``; empty if no answer came.
        status: the HTTP status, None if no answer came.
        request_id: what AWS support asks for, None if no answer came.
        host_id: likewise.
        response: the answer as the transport parsed it; empty if none came.
        retryable: whether the same request may succeed when it is sent again.
        passing: whether it will pass, so that waiting pays: the store asks to slow
            down, or it had answered and cannot be reached.
        unreachable: whether no connection could be made, and none ever was.
        ambiguous: whether the request, or an earlier try of it, may have been carried
            out all the same.
    """

    errno_default: ClassVar[int] = errno.EIO
    code: str = ""
    status: int | None = None
    request_id: str | None = None
    host_id: str | None = None
    response: Mapping[str, Any] = {}
    retryable: bool = False
    passing: bool = False
    unreachable: bool = False
    ambiguous: bool = False

    @classmethod
    def at(cls, filename: str, advice: str = "") -> S3Error:
        """Return this error for *filename*, worded as the system words its errno.

        *advice* follows in brackets: what to do about it.
        """
        message = os.strerror(cls.errno_default)
        if advice:
            message = f"{message} ({advice})"
        return cls(cls.errno_default, message, filename)


class S3FileNotFoundError(S3Error, FileNotFoundError):
    """There is no such key, bucket or version."""

    errno_default = errno.ENOENT


class S3FileExistsError(S3Error, FileExistsError):
    """The key or bucket exists already."""

    errno_default = errno.EEXIST


class S3PermissionError(S3Error, PermissionError):
    """Credentials are missing, wrong, expired, or not allowed to do this."""

    errno_default = errno.EACCES


class S3IsADirectoryError(S3Error, IsADirectoryError):
    """A bucket or a prefix was named where a file is needed."""

    errno_default = errno.EISDIR


class S3TimeoutError(S3Error, TimeoutError):
    """No answer came in time, or the store asked to slow down for too long."""

    errno_default = errno.ETIMEDOUT
    retryable = True
    ambiguous = True


class S3ConnectionError(S3Error, ConnectionError):
    """The store could not be reached, or the connection broke."""

    errno_default = errno.ECONNABORTED
    retryable = True
    ambiguous = True


class S3InvalidArgumentError(S3Error, ValueError):
    """The store found a name or an argument invalid."""

    errno_default = errno.EINVAL


class S3ServerError(S3Error):
    """The store had a failure of its own (HTTP 5xx)."""

    errno_default = errno.EIO
    retryable = True
    ambiguous = True


class IntegrityError(S3Error):
    """Bytes are not those that they are said to be, by their checksum.

    Nothing that was read, or kept, under it is to be trusted; an object that was to be
    written is as it was, unless `ambiguous` is true.

    Attributes:
        expected: the checksum that there should be, as S3 writes it; None where there
            is none.
        received: that of the bytes that there are, None if it is not known.
    """

    expected: str | None = None
    received: str | None = None

    @property
    def where(self) -> str:
        """The URI of the object."""
        return str(self.filename)

    @classmethod
    def between(
        cls, uri: str, expected: str | None, received: str | None, advice: str
    ) -> IntegrityError:
        """Return the error for two checksums that differ."""
        told = f"{advice}: expected {expected}, received {received}"
        error = cls(cls.errno_default, f"{os.strerror(errno.EIO)} ({told})", uri)
        error.expected, error.received = expected, received
        return error


class ObjectChangedError(S3Error):
    """The object was replaced or deleted while it was open.

    A reader gets this instead of a mixture of two versions. The errno is ESTALE, as on
    a network file system.
    """

    errno_default = errno.ESTALE


class NotModifiedError(S3Error):
    """The object is what `if_none_match` or `if_modified_since` know already."""

    errno_default = errno.ECANCELED


class PreconditionFailedError(S3Error):
    """The object is not what `if_match` or `if_unmodified_since` ask for."""

    errno_default = errno.ECANCELED


class PublishError(S3Error):
    """What was written could not be published; the old object is as it was.

    (Only where `ambiguous` is true may it have been published all the same.)
    Also an instance of the builtin that the cause stands for. What was written is kept
    in the file `recovery`, unless that is None; `s3open.recover` publishes it.
    """

    recovery: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        kind = type(self).__bases__[-1]
        arguments = (self.errno, self.strerror, self.filename)
        return _restored, (kind, arguments, self.__dict__)


class TreeError(OSError):
    """Some of many files failed; the others are done.

    The errno is that of all errors, if they have one in common, else EIO. Other than
    `S3Error` it may be about files of this machine alone.

    Attributes:
        count: how many failed, exactly.
        failed: name and error of each, of the first ones if they are many.
    """

    count: int = 0
    failed: tuple[tuple[str, BaseException], ...] = ()


class UnpublishedWarning(RuntimeWarning):
    """A file open for writing was dropped without `close`: nothing was published."""


class WeakStoreWarning(RuntimeWarning):
    """A store does not honour what safety needs; told once for each endpoint."""


# S3's error codes that mean something else than their HTTP status says, or that need
# advice. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_BY_CODE: dict[str, tuple[type[S3Error], str]] = {
    "NoSuchBucket": (
        S3FileNotFoundError,
        "the bucket does not exist: check its name, or create it first",
    ),
    "NoSuchVersion": (S3FileNotFoundError, "there is no such version of it"),
    "NoSuchUpload": (S3FileNotFoundError, "the multipart upload is gone"),
    "BucketAlreadyExists": (S3FileExistsError, "the bucket belongs to someone else"),
    "BucketAlreadyOwnedByYou": (S3FileExistsError, "the bucket is yours already"),
    "ExpiredToken": (S3PermissionError, "the session token has expired: log in again"),
    "ExpiredTokenException": (
        S3PermissionError,
        "the session token has expired: log in again",
    ),
    "InvalidToken": (S3PermissionError, "the session token is not valid: log in again"),
    "InvalidAccessKeyId": (
        S3PermissionError,
        "the store does not know this access key: check the credentials and endpoint",
    ),
    "SignatureDoesNotMatch": (
        S3PermissionError,
        "the secret key does not fit the access key",
    ),
    "RequestTimeTooSkewed": (
        S3PermissionError,
        "this machine's clock is more than 15 minutes off",
    ),
    "InvalidObjectState": (
        S3PermissionError,
        "the object is archived: unarchive() has the store restore a copy of it",
    ),
    "AllAccessDisabled": (S3PermissionError, "all access to it was disabled"),
    "AccountProblem": (S3PermissionError, "the AWS account has a problem"),
    "AuthorizationHeaderMalformed": (
        S3PermissionError,
        "the request was signed for another region than the bucket's: set the region",
    ),
    "PermanentRedirect": (
        S3PermissionError,
        "the bucket is in another region or at another endpoint: set the region",
    ),
    "IllegalLocationConstraintException": (
        S3PermissionError,
        "the bucket is in another region: set the region",
    ),
    "InvalidBucketName": (S3InvalidArgumentError, "this is not a valid bucket name"),
    "KeyTooLongError": (
        S3InvalidArgumentError,
        "a key has at most 1,024 bytes of UTF-8",
    ),
    "MetadataTooLarge": (
        S3InvalidArgumentError,
        "user metadata has at most 2 KB, names and values together",
    ),
    "RequestTimeout": (S3TimeoutError, ""),
    **dict.fromkeys(
        ("SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded"),
        (S3TimeoutError, "the store asked to slow down"),
    ),
    "ServiceUnavailable": (S3TimeoutError, "the store is overloaded"),
    "BadDigest": (IntegrityError, "the data was damaged on its way"),
    "XAmzContentSHA256Mismatch": (IntegrityError, "the data was damaged on its way"),
    "XAmzContentChecksumMismatch": (IntegrityError, "the data was damaged on its way"),
    "EntityTooLarge": (S3InvalidArgumentError, "it is larger than the store allows"),
}

# However a store dresses it up; 429 and 503 say so by themselves.
_SLOWER = {code for code, (_, why) in _BY_CODE.items() if "slow down" in why}

_BY_STATUS: dict[int, tuple[type[S3Error], str]] = {
    301: _BY_CODE["PermanentRedirect"],
    304: (NotModifiedError, "it has not changed"),
    400: (S3InvalidArgumentError, ""),
    401: (S3PermissionError, ""),
    403: (S3PermissionError, ""),
    404: (S3FileNotFoundError, ""),
    408: (S3TimeoutError, ""),
    409: (S3Error, ""),
    412: (ObjectChangedError, ""),
    429: (S3TimeoutError, "the store asked to slow down"),
    501: (S3Error, "the store does not know how to do this"),
    503: (S3TimeoutError, "the store is overloaded"),
}


# The elements of an error that have the session token in them.
_QUOTES = frozenset({"Token-0", "CanonicalRequest", "CanonicalRequestBytes"})


def answered(
    code: str,
    status: int,
    filename: str,
    response: Mapping[str, Any],
    *,
    denied: str = "",
) -> S3Error:
    """Return the error for an answer with *status* and S3's error *code*.

    *denied* is the advice for a 403 that says no more than that. *response* is kept on
    it, with ``RequestId``, ``HostId`` and ``RetryAttempts``
    taken from its ``ResponseMetadata`` where they are.
    """
    if code in _BY_CODE:
        kind, advice = _BY_CODE[code]
    elif status in _BY_STATUS:
        kind, advice = _BY_STATUS[status]
    else:
        kind, advice = (S3ServerError if status >= 500 else S3Error), ""
    if status == 403 and not advice and denied:
        advice = f"{code}: {denied}" if code else denied
    elif not advice and kind is not S3FileNotFoundError:
        message = str(response.get("Error", {}).get("Message", ""))
        advice = ": ".join(part for part in (code, message) if part)
    error = kind.at(filename, advice)
    metadata = response.get("ResponseMetadata", {})
    error.code, error.status = code, status
    error.response = _without_secrets(response)
    error.passing = status in (429, 503) or code in _SLOWER
    error.request_id = metadata.get("RequestId")
    error.host_id = metadata.get("HostId")
    if kind is IntegrityError:
        # The store has refused it: damaged on its way, most likely.
        error.retryable = True
    carried_out = status >= 500 and status != 501
    error.ambiguous = carried_out or metadata.get("RetryAttempts", 0) > 0
    return error


def _without_secrets(response: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an answer without the session token, which S3 quotes where it is wrong."""
    said = response.get("Error", {})
    if _QUOTES.isdisjoint(said):
        return response
    kept = {name: value for name, value in said.items() if name not in _QUOTES}
    return {**response, "Error": kept}


def unpublished(cause: Exception, filename: str, recovery: str | None) -> PublishError:
    """Return the error that says that *cause* kept a file from being published."""
    number = getattr(cause, "errno", None) or errno.EIO
    message = getattr(cause, "strerror", None) or str(cause)
    if getattr(cause, "ambiguous", False):
        message += "; it may or may not have been published"
    else:
        message += "; not published"
    if recovery is not None:
        message += f", what was written is kept in {recovery}"
    kind = type(cause) if isinstance(cause, S3Error) else type(OSError(number, ""))
    error = _publish_error(kind)(number, message, filename)
    if isinstance(cause, S3Error):
        error.__dict__.update(cause.__dict__)
    error.recovery = recovery
    return error


def _restored(
    kind: type[OSError], arguments: tuple[object, ...], state: dict[str, Any]
) -> PublishError:
    """Return a PublishError that was pickled: its class is made, not imported."""
    error = _publish_error(kind)(*arguments)
    error.__dict__.update(state)
    return error


def warn(message: str, kind: type[Warning], source: object = None) -> None:
    """Warn as if the line that called into this package did."""
    level = 1
    frame: FrameType | None = sys._getframe()  # noqa: SLF001  # public but in name
    while frame is not None and _is_ours(frame):
        frame = frame.f_back
        level += 1
    warnings.warn(message, kind, stacklevel=level, source=source)


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith("s3open.")


def _publish_error(kind: type[OSError]) -> type[PublishError]:
    """Return `PublishError` as a subclass of *kind* too."""
    if issubclass(PublishError, kind) or issubclass(kind, PublishError):
        return PublishError
    if kind not in _publish_errors:
        name = PublishError.__name__
        _publish_errors[kind] = type(name, (PublishError, kind), {})
    return _publish_errors[kind]


_publish_errors: dict[type[OSError], type[PublishError]] = {}
