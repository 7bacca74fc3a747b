"""What smart_open's files give, as a store: spans, what they are of, and its errors.

Such a file reads forwards from one connection; some can seek, which begins another.
"""

from __future__ import annotations

import errno
import io
import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn

from s3open import contract, errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# What an HTTP status, or that of a cloud, means to who reads files.
_BY_STATUS: dict[int, int] = {
    401: errno.EACCES,
    403: errno.EACCES,
    404: errno.ENOENT,
    408: errno.ETIMEDOUT,
    410: errno.ENOENT,
    504: errno.ETIMEDOUT,
}
# What FTP says, https://www.rfc-editor.org/rfc/rfc959#section-4.2
_OF_FTP = re.compile(r"(\d{3})[ -]")
_BY_REPLY = {530: errno.EACCES, 532: errno.EACCES, 550: errno.ENOENT, 553: errno.EACCES}
_USERINFO = re.compile(r"(?<=://)[^/?#\s]*@")


def shown(uri: str) -> str:
    """Return *uri* as it may be told: without user and password."""
    return _USERINFO.sub("", uri, count=1)


class HandleReader:
    """Reads spans of what *begin* opens; a `contract.Reader`.

    *identity* tells one version from another, as far as the store says.
    """

    def __init__(
        self, begin: Callable[[], Any], uri: str, info: contract.ObjectInfo, same: Any
    ) -> None:
        self.uri = uri
        self._begin = begin
        self._info = info
        self._same = same
        self._seeks = True

    def fetch(self, span: range) -> contract.Answer:
        handle, start = self._again(), 0
        if span.start and self._seeks and handle.seekable():
            try:
                with raising(self.uri, again=True, retryable=True):
                    handle.seek(span.start)
                start = span.start
            except io.UnsupportedOperation:
                # A web server that knows no ranges, after all.
                self._seeks = False
                close(handle)
                handle = self._again()
            except BaseException:
                close(handle)
                raise
        return self.answer(handle, start)

    def _again(self) -> Any:
        with raising(self.uri, again=True, retryable=True):
            handle = self._begin()
        if identity(handle) != self._same:
            close(handle)
            raise _changed(self.uri)
        return handle

    def answer(self, handle: Any, start: int = 0) -> contract.Answer:
        """Return all that comes from *handle*, which stands at *start*."""
        span = range(start, self._info.size)
        return contract.Answer(self._info, span, _Body(handle, len(span), self.uri))

    def proof(self, wanted: Callable[[], bool] | None = None) -> None:
        """Return None: nobody keeps a checksum that is known here."""

    def distrust(self) -> None:
        """Do nothing: nothing is compared."""


class _Body:
    def __init__(self, handle: Any, left: int, uri: str) -> None:
        self._handle = handle
        self._left = left
        self._uri = uri

    def readinto(self, view: memoryview) -> int:
        wanted = min(len(view), self._left)
        with raising(self._uri, again=True, retryable=True):
            data = self._handle.read(wanted)
        view[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        close(self._handle)


def for_reading(scheme: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return *params* such that one version is read, and as it is stored.

    Decoded, as both clouds' clients have it by what Content-Encoding says, it would be
    longer than it is said to be, and have no offsets.
    """
    given = dict(params)
    if scheme == "gs":
        options = given.get("blob_open_kwargs") or {}
        given["blob_open_kwargs"] = {"raw_download": True, **options}
    elif scheme == "azure" and given.get("client"):
        given["client"] = _OneVersion(given["client"])
    return given


class _OneVersion:
    """A client of Azure whose blobs are read in the version that was found first.

    Else smart_open, which asks for a part at a time, would mix versions.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self.etag: str | None = None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name in ("get_container_client", "get_blob_client"):
            return lambda *given: _OneVersion(found(*given))
        return found

    def get_blob_properties(self) -> Any:
        found = self._client.get_blob_properties()
        self.etag = found.get("etag")
        return found

    def download_blob(self, **given: Any) -> Any:
        if self.etag:
            from azure.core import MatchConditions

            given |= {
                "etag": self.etag,
                "match_condition": MatchConditions.IfNotModified,
            }
        return self._client.download_blob(decompress=False, **given)


def size_of(handle: Any) -> int | None:
    """Return how many bytes there are; None if that is not known before the end."""
    size = getattr(handle, "content_length", None)
    if isinstance(size, int):
        return size if size >= 0 else None
    if not handle.seekable():
        return None
    with suppress(OSError, NotImplementedError):
        handle.seek(0, os.SEEK_END)
        # paramiko's seek returns nothing.
        size = handle.tell()
        handle.seek(0)
        return int(size)
    return None


def identity(handle: Any) -> tuple[Any, ...]:
    """Return what tells this version from others, as far as anything does."""
    handle = getattr(handle, "raw", None) or handle
    headers = getattr(getattr(handle, "response", None), "headers", None)
    if headers is not None:
        return headers.get("ETag"), headers.get("Last-Modified")
    blob = getattr(handle, "_blob", None)
    if blob is not None:
        return getattr(blob, "generation", None), getattr(blob, "etag", None)
    with suppress(Exception):
        found = handle.stat()
        return found.st_size, found.st_mtime
    return ()


def close(handle: Any) -> None:
    """Close a file that was read; what that may say is of no interest any more."""
    with suppress(Exception):
        handle.close()


@contextmanager
def raising(
    uri: str, *, again: bool = False, retryable: bool = False
) -> Iterator[None]:
    """Raise what goes wrong as an OSError of *uri*, which says nothing secret.

    *again*: it has been there, so it was replaced or deleted if it is missing now.
    *retryable*: as an S3ConnectionError where it may pass.
    """
    try:
        yield
    except errors.S3Error:
        raise
    except (NotImplementedError, ImportError, ValueError, TypeError):
        # Of arguments, or of what is not installed.
        raise
    except Exception as error:
        _raise_as_ours(error, uri, again=again, retryable=retryable)


def _raise_as_ours(
    error: Exception, uri: str, *, again: bool, retryable: bool
) -> NoReturn:
    status = _status(error)
    if status in (412, 428):
        raise _changed(uri) from error
    number = _BY_STATUS.get(status or 0)
    if status is None:
        reply = _OF_FTP.match(str(error))
        number = _BY_REPLY.get(int(reply[1])) if reply else None
        if number is None and isinstance(error, OSError) and error.errno:
            number = error.errno
    if number is None and isinstance(error, FileNotFoundError):
        number = errno.ENOENT
    if again and number == errno.ENOENT:
        raise _changed(uri) from error
    if number in (errno.ENOENT, errno.EACCES, errno.EPERM) or not retryable:
        number = number or errno.EIO
        reason = os.strerror(number)
        if number == errno.EIO:
            reason += f" ({type(error).__name__}: {_USERINFO.sub('', str(error))})"
        raise OSError(number, reason, uri) from error
    raise errors.S3ConnectionError.at(
        uri, f"{type(error).__name__}: {_USERINFO.sub('', str(error))}"
    ) from error


def _status(error: Exception) -> int | None:
    places = getattr(error, "response", None), error
    for place in places:
        for name in ("status_code", "code"):
            value = getattr(place, name, None)
            if isinstance(value, int) and 300 <= value < 600:
                return value
    return None


def _changed(uri: str) -> errors.S3Error:
    return errors.ObjectChangedError.at(
        uri, "the file was replaced or deleted while it was being read"
    )
