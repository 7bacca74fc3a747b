"""Objects on S3: how one is opened, read and written, in terms of the verbs."""

from __future__ import annotations

import contextlib
import mimetypes
import re
from typing import TYPE_CHECKING, Any

from s3open import contract, errors
from s3open.config import MAX_PARTS
from s3open.files import RemoteFile
from s3open.location import check_is_file
from s3open.reading import Download, readahead
from s3open.s3 import conditional, retry
from s3open.s3.clients import verbs_for
from s3open.spool import Spool
from s3open.writing import Publication

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s3open.config import Config
    from s3open.files import Mode
    from s3open.location import Location
    from s3open.s3.verbs import Verbs

# S3's 2 KB without what our own tokens may take (conditional.py).
_MAX_METADATA = 2048 - 288
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # of HTTP: RFC 9110, 5.6.2

# What mimetypes calls an encoding is, without a Content-Encoding, the type of the file.
_TYPE_OF_ENCODING = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "br": "application/x-brotli",
    "compress": "application/x-compress",
}


def open_file(
    location: Location,
    name: str | bytes,
    mode: Mode,
    config: Config,
    *,
    content_type: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> RemoteFile:
    """Return the raw file for *location*.

    Costs one request where *mode* reads, one where it creates, none where it writes.
    *name* is what the file is to be called.
    """
    if mode.reading:
        return _open_to_read(location, name, mode, config)
    check_is_file(location)
    attributes = contract.Attributes(
        content_type or guess_type(location.key),
        _checked(metadata or {}, content_type),
    )
    verbs = verbs_for(config, location.uri)
    if mode.creating:
        _check_absent(verbs, location)
    condition = contract.IF_ABSENT if mode.creating else contract.ALWAYS
    spool = Spool(memory=config.memory, directory=config.temp_dir)
    publication = Publication(
        location.uri,
        spool,
        S3Writer(verbs, location, attributes, condition),
        attributes=attributes,
        condition=condition,
        part_size=config.part_size,
    )
    return RemoteFile(name, mode, spool, publication=publication)


def _checked(metadata: Mapping[Any, Any], content_type: str | None) -> dict[str, str]:
    """Return *metadata*, refused here if S3, or HTTP, would refuse it at the end.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    """
    for name, value in (*metadata.items(), ("content_type", content_type or "")):
        if not (isinstance(name, str) and isinstance(value, str)):
            raise TypeError(f"metadata has to be str to str, not {name!r}: {value!r}")
        if not _TOKEN.fullmatch(name) or not (value.isascii() and value.isprintable()):
            raise ValueError(
                f"metadata has to be printable ASCII, and names without blanks, not "
                f"{name!r}: {value!r}"
            )
    if sum(len(name) + len(value) for name, value in metadata.items()) > _MAX_METADATA:
        raise ValueError("metadata has at most 2 KB, names and values together")
    if len({name.lower() for name in metadata}) < len(metadata):
        raise ValueError("metadata names have to differ in more than case")
    return dict(metadata)


def guess_type(key: str) -> str | None:
    """Return the content type that the name *key* suggests, None if it does not."""
    kind, encoding = mimetypes.guess_type(key.rpartition("/")[2], strict=False)
    return _TYPE_OF_ENCODING.get(encoding) if encoding else kind


class S3Reader:
    """Reads the version of an object that *info* is of; every answer is compared."""

    def __init__(
        self, verbs: Verbs, location: Location, info: contract.ObjectInfo
    ) -> None:
        self.uri = location.uri
        self._verbs = verbs
        self._location = location
        self._info = info

    def fetch(self, span: range) -> contract.Answer:
        etag = self._info.etag
        try:
            answer = self._verbs.get_object(self._location, span, if_match=etag)
        except errors.S3Error as error:
            # Shorter than it was, another version, or deleted.
            if error.status in (404, 412, 416):
                raise self._changed() from error
            raise
        if (answer.info.etag, answer.info.size) != (etag, self._info.size):
            # The store ignores If-Match.
            answer.body.close()
            raise self._changed()
        return answer

    def _changed(self) -> errors.S3Error:
        return errors.ObjectChangedError.at(
            self.uri, "the object was replaced or deleted while it was being read"
        )


class S3Writer:
    """Writes an object with *attributes*, if *condition* holds when it is published."""

    max_parts = MAX_PARTS

    def __init__(
        self,
        verbs: Verbs,
        location: Location,
        attributes: contract.Attributes,
        condition: contract.Condition,
    ) -> None:
        self._verbs = verbs
        self._location = location
        self._attributes = attributes
        self._condition = condition

    def put(self, body: bytes) -> None:
        conditional.put(
            self._verbs, self._location, body, self._attributes, self._condition
        )

    def begin(self) -> str:
        # Once only: a second try may leave a first upload behind.
        return self._verbs.create_multipart_upload(self._location, self._attributes)

    def put_part(self, upload: str, number: int, body: bytes) -> str:
        return retry.repeated(
            lambda: self._verbs.upload_part(self._location, upload, number, body)
        )

    def complete(self, upload: str, tags: Sequence[str]) -> None:
        conditional.complete(self._verbs, self._location, upload, tags, self._condition)

    def abort(self, upload: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            retry.repeated(
                lambda: self._verbs.abort_multipart_upload(self._location, upload)
            )


def _open_to_read(
    location: Location, name: str | bytes, mode: Mode, config: Config
) -> RemoteFile:
    if not location.key:
        check_is_file(location)
    verbs = verbs_for(config, location.uri)
    answer = _first_answer(verbs, location)
    info = answer.info if answer else contract.ObjectInfo(0)
    spool = Spool(
        info.size, memory=config.memory, directory=config.temp_dir, keep=False
    )
    reader = S3Reader(verbs, location, info)
    download = Download(reader, spool, answer, config.attempts)
    return RemoteFile(name, mode, spool, download=download)


def _first_answer(verbs: Verbs, location: Location) -> contract.Answer | None:
    """Return the object's beginning, None if the object is empty."""
    try:
        return verbs.get_object(location, range(readahead.FIRST))
    except errors.S3Error as error:
        if error.status == 416:
            # There is no first byte to ask an empty object for.
            return None
        if error.code == "NoSuchKey" and location.is_directory_like:
            raise errors.S3IsADirectoryError.at(location.uri) from error
        raise


def _check_absent(verbs: Verbs, location: Location) -> None:
    """Raise FileExistsError early; the publication decides."""
    try:
        verbs.head_object(location)
    except errors.S3Error as error:
        if error.status in (403, 404):
            # 403: without s3:ListBucket a missing key looks so, too.
            return
        # The answer to a HEAD has no body, so it does not say what is wrong.
        verbs.get_object(location, range(1)).body.close()
    raise errors.S3FileExistsError.at(location.uri)
