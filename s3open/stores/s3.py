"""Objects on S3: how one is opened, in each mode."""

from __future__ import annotations

import mimetypes
import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from s3open import contract, errors
from s3open.config import MAX_PART_SIZE
from s3open.files import RemoteFile
from s3open.location import check_is_file
from s3open.reading import Download, readahead
from s3open.s3 import conditional, retry
from s3open.s3.clients import verbs_for
from s3open.spool import Spool
from s3open.stores.objects import S3Reader, S3Target, S3Writer
from s3open.writing import Append, Publication, WriteBehind, changes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from s3open.config import Config
    from s3open.files import Mode
    from s3open.location import Location
    from s3open.s3.verbs import Verbs

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
    bom: bytes = b"",
    kind: type[RemoteFile] = RemoteFile,
) -> RemoteFile:
    """Return the raw file for *location*.

    Costs one request where *mode* reads, appends, updates or creates, none where it
    writes. *name* is what the file is to be called, *bom* what its codec begins with,
    *kind* the class of the raw file.
    """
    if mode.reading and not mode.updating:
        return _open_to_read(location, name, mode, config, kind)
    check_is_file(location)
    given = contract.Attributes(content_type, _checked(metadata or {}, content_type))
    store = _Store(verbs_for(config, location.uri), location, config, kind)
    if mode.reading or mode.appending:
        return store.update(name, mode, given, bom)
    return store.write(name, mode, given)


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
    if (
        sum(len(name) + len(value) for name, value in metadata.items())
        > conditional.MAX_METADATA_LENGTH
    ):
        raise ValueError("metadata has at most 2 KB, names and values together")
    if len({name.lower() for name in metadata}) < len(metadata):
        raise ValueError("metadata names have to differ in more than case")
    return dict(metadata)


def guess_type(key: str) -> str | None:
    """Return the content type that the name *key* suggests, None if it does not."""
    kind, encoding = mimetypes.guess_type(key.rpartition("/")[2], strict=False)
    return _TYPE_OF_ENCODING.get(encoding) if encoding else kind


class _Store:
    """A key that is to be written."""

    def __init__(
        self,
        verbs: Verbs,
        location: Location,
        config: Config,
        kind: type[RemoteFile],
    ) -> None:
        self._kind = kind
        self._verbs = verbs
        self._location = location
        self._config = config

    def write(
        self, name: str | bytes, mode: Mode, given: contract.Attributes
    ) -> RemoteFile:
        """Open a file that replaces what is there, or (``x``) is to be the first."""
        condition = contract.ALWAYS
        if mode.creating:
            _check_absent(self._verbs, self._location)
            condition = contract.IF_ABSENT
        attributes = self._new(given)
        spool = self._spool(0)
        writer = S3Writer(self._verbs, self._location, attributes, condition)
        behind = WriteBehind(
            spool,
            writer,
            self._config.part_size,
            MAX_PART_SIZE,
            self._config.connections,
        )
        publication = Publication(
            self._location.uri,
            spool,
            behind.publish,
            behind=behind,
            about={"if_absent": condition.absent, **_about(attributes)},
        )
        return self._kind(
            name,
            mode,
            spool,
            place=self._location,
            describe=lambda: contract.ObjectInfo(
                0, content_type=attributes.content_type, metadata=attributes.metadata
            ),
            publication=publication,
        )

    def update(
        self, name: str | bytes, mode: Mode, given: contract.Attributes, bom: bytes
    ) -> RemoteFile:
        """Open a file that goes on from what is there."""
        target = S3Target(self._verbs, self._location, given, tokens=mode.appending)
        # Who only appends has no use for the bytes that are there.
        base = target.current(read=mode.readable)
        if base is None:
            if not mode.appending:
                raise errors.S3FileNotFoundError.at(self._location.uri)
            target = S3Target(
                self._verbs, self._location, self._new(given), tokens=True
            )
        size = base.info.size if base is not None else 0
        spool = self._spool(size, shared=True)
        download = self._download(base, spool) if base is not None else None
        content: contract.Content = download or spool
        append = Append(
            spool,
            content,
            base,
            target=target,
            dirty=spool.altered,
            fetched=self._fetched,
            bom=bom,
            config=self._config,
        )

        def rewrite() -> None:
            changes.upload(
                content,
                target.writer(base),
                self._config.part_size,
                base_size=size,
                dirty=spool.altered(),
            )

        publication = Publication(
            self._location.uri,
            spool,
            append.upload if mode.appending else rewrite,
            about={"if_match": base.info.etag if base is not None else None},
            always=base is None,
        )
        info = base.info if base is not None else contract.ObjectInfo(0)
        return self._kind(
            name,
            mode,
            spool,
            place=self._location,
            describe=lambda: _shown(info),
            download=download,
            publication=publication,
        )

    @contextmanager
    def _fetched(self, base: contract.Base) -> Iterator[contract.Content]:
        """Give all bytes of an object, none of which is here yet."""
        spool = self._spool(base.info.size)
        download = self._download(base, spool)
        try:
            yield download
        finally:
            download.close()
            spool.close()

    def _spool(self, size: int, *, shared: bool = False) -> Spool:
        return Spool(
            size,
            memory=self._config.memory,
            directory=self._config.temp_dir,
            shared=shared,
        )

    def _download(self, base: contract.Base, spool: Spool) -> Download:
        return Download(
            base.reader,
            spool,
            base.first,
            self._config.attempts,
            self._config.connections,
        )

    def _new(self, given: contract.Attributes) -> contract.Attributes:
        """Return what a new object is given: its type is guessed."""
        kind = given.content_type or guess_type(self._location.key)
        return contract.Attributes(kind, given.metadata, given.settings)


def _shown(info: contract.ObjectInfo) -> contract.ObjectInfo:
    """Return *info* as users are to see it."""
    metadata = {k: v for k, v in info.metadata.items() if k != conditional.TOKEN}
    etag = info.etag.strip('"') if info.etag is not None else None
    return replace(info, etag=etag, metadata=metadata)


def _about(attributes: contract.Attributes) -> dict[str, object]:
    return {
        "content_type": attributes.content_type,
        "metadata": dict(attributes.metadata),
    }


def _open_to_read(
    location: Location,
    name: str | bytes,
    mode: Mode,
    config: Config,
    kind: type[RemoteFile],
) -> RemoteFile:
    if not location.key:
        check_is_file(location)
    verbs = verbs_for(config, location.uri)
    answer = _first_answer(verbs, location)
    info = answer.info if answer else contract.ObjectInfo(0)
    spool = Spool(info.size, memory=config.memory, directory=config.temp_dir)
    reader = S3Reader(verbs, location, info)
    download = Download(reader, spool, answer, config.attempts, config.connections)

    def describe() -> contract.ObjectInfo:
        if answer:
            return _shown(info)
        return _shown(retry.repeated(lambda: verbs.head_object(location)))

    return kind(name, mode, spool, place=location, describe=describe, download=download)


def _first_answer(verbs: Verbs, location: Location) -> contract.Answer | None:
    """Return the object's beginning, None if the object is empty."""
    try:
        return retry.repeated(
            lambda: verbs.get_object(location, range(readahead.FIRST))
        )
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
        retry.repeated(lambda: verbs.head_object(location))
    except errors.S3Error as error:
        if error.status in (403, 404):
            # 403: without s3:ListBucket a missing key looks so, too.
            return
        # The answer to a HEAD has no body, so it does not say what is wrong.
        verbs.get_object(location, range(1)).body.close()
    raise errors.S3FileExistsError.at(location.uri)
