"""Every error is an OSError with errno, a plain message and the URI as filename.

`S3Error` is what all of them are; each is also the builtin that a local file would
have raised, so ``except FileNotFoundError`` works on S3 as it does on a disk. Each of
S3's error codes has a class of its own (in `coded`), such as ``s3open.NoSuchKey``. The
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
        code: S3's error code, such as ``"NoSuchKey"``; empty if no answer came, or
            none with a code (that to a HEAD has none).
        status: the HTTP status, None if no answer came.
        request_id: what AWS support asks for, None if no answer came.
        host_id: likewise.
        response: the answer as the transport parsed it; empty if none came.
        operation: S3's name of what was asked for, such as ``"GetObject"``; empty if
            no answer came.
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
    operation: str = ""
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
