"""Objects on S3: how one is opened, in each mode."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from s3open import contract, errors
from s3open.config import MAX_PART_SIZE
from s3open.files import RemoteFile
from s3open.location import check_is_file
from s3open.reading import Download, readahead
from s3open.s3 import retry
from s3open.s3.clients import boto_for, verbs_for
from s3open.s3.settled import settled
from s3open.s3.tokens import TOKEN
from s3open.s3.versions import version_at
from s3open.spool import Spool
from s3open.stores.attributes import told
from s3open.stores.objects import S3Reader, S3Target, S3Writer, new
from s3open.stores.window import WindowReader, within
from s3open.writing import Append, Publication, WriteBehind, changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.config import Config
    from s3open.files import Mode
    from s3open.location import Location
    from s3open.s3.verbs import Verbs
    from s3open.stores.attributes import WriteOptions
    from s3open.stores.options import Options, ReadOptions


def open_file(
    location: Location,
    name: str | bytes,
    mode: Mode,
    config: Config,
    options: Options,
    *,
    bom: bytes = b"",
    kind: type[RemoteFile] = RemoteFile,
) -> RemoteFile:
    """Return the raw file for *location*.

    Costs one request where *mode* reads, appends, updates or creates, none where it
    writes. *name* is what the file is to be called, *bom* what its codec begins with,
    *kind* the class of the raw file.
    """
    if mode.reading and not mode.updating:
        return _open_to_read(location, name, mode, config, options, kind)
    check_is_file(location)
    verbs = settled(
        verbs_for(config, location.uri),
        options.writing.always,
        retry.Patience.of(config),
    )
    store = _Store(verbs, location, config, kind)
    if mode.reading or mode.appending:
        raw = store.update(name, mode, options.writing, bom)
    else:
        raw = store.write(name, mode, options.writing, streaming=options.streaming)
    raw.settlement.publishes_half = options.publishes_half
    raw.settlement.publishes_unclosed = options.publishes_unclosed
    return raw


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
        self, name: str | bytes, mode: Mode, given: WriteOptions, *, streaming: bool
    ) -> RemoteFile:
        """Open a file that replaces what is there, or (``x``) is to be the first."""
        condition = contract.ALWAYS
        if mode.creating:
            _check_absent(self._verbs, self._location)
            condition = contract.IF_ABSENT
        attributes = new(self._location, given)
        spool = self._spool(0)
        writer = S3Writer(self._verbs, self._location, attributes, condition)
        behind = WriteBehind(
            spool,
            writer,
            self._config.part_size,
            # What is sent from memory has to fit, with others beside it.
            spool.memory // 4 if streaming else MAX_PART_SIZE,
            self._config.connections,
            keeps=not streaming,
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
            describe=lambda **_: contract.ObjectInfo(
                0, content_type=attributes.content_type, metadata=attributes.metadata
            ),
            publication=publication,
        )

    def update(
        self, name: str | bytes, mode: Mode, given: WriteOptions, bom: bytes
    ) -> RemoteFile:
        """Open a file that goes on from what is there."""
        target = S3Target(self._verbs, self._location, given, tokens=mode.appending)
        # Who only appends has no use for the bytes that are there.
        base = target.current(read=mode.readable)
        if base is None and not mode.appending:
            raise errors.S3FileNotFoundError.at(self._location.uri)
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
            describe=lambda **_: _shown(info),
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
            self._verbs.patience,
            self._config.connections,
        )


def _shown(info: contract.ObjectInfo) -> contract.ObjectInfo:
    """Return *info* as users are to see it."""
    metadata = {k: v for k, v in info.metadata.items() if k != TOKEN}
    etag = info.etag.strip('"') if info.etag is not None else None
    return replace(info, etag=etag, metadata=metadata)


def _about(attributes: contract.Attributes) -> dict[str, object]:
    return {
        "content_type": attributes.content_type,
        "metadata": dict(attributes.metadata),
        "settings": told(attributes.settings),
    }


def _open_to_read(
    location: Location,
    name: str | bytes,
    mode: Mode,
    config: Config,
    options: Options,
    kind: type[RemoteFile],
) -> RemoteFile:
    if not location.key:
        check_is_file(location)
    always = options.writing.always
    version = _version(location, config, options.reading)
    if version is not None:
        always["VersionId"] = version
    verbs = settled(verbs_for(config, location.uri), always, retry.Patience.of(config))
    answer = _first_answer(verbs, location, options.reading)
    info = answer.info if answer else contract.ObjectInfo(0)
    reader: contract.Reader
    reader = version_reader = S3Reader(verbs, location, info)
    size, wanted = info.size, options.reading.window
    if answer is not None and wanted is not None:
        window = range(wanted.start, max(wanted.start, min(wanted.stop, size)))
        reader, size = WindowReader(reader, window), len(window)
        answer = within(answer, window)
    spool = Spool(size, memory=config.memory, directory=config.temp_dir)
    download = Download(reader, spool, answer, verbs.patience, config.connections)

    def describe(*, checksum: bool) -> contract.ObjectInfo:
        known = answer is not None and not checksum
        return _shown(info if known else version_reader.head())

    return kind(name, mode, spool, place=location, describe=describe, download=download)


def _version(location: Location, config: Config, options: ReadOptions) -> str | None:
    if options.at is None:
        return options.version_id
    return version_at(boto_for(config, location.uri), location, options.at)


def _first_answer(
    verbs: Verbs, location: Location, options: ReadOptions
) -> contract.Answer | None:
    """Return the beginning of what is wanted, None if there is not one byte."""
    span = range(readahead.FIRST)
    if (window := options.window) is not None:
        # At least one byte: nothing else tells whether the object is there.
        stop = max(min(window.stop, window.start + readahead.FIRST), window.start + 1)
        span = range(window.start, stop)
    try:
        return retry.repeated(
            lambda: verbs.get_object(
                location, span, if_match=options.if_match, settings=options.conditions
            ),
            verbs.patience,
        )
    except errors.S3Error as error:
        if error.status == 416:
            # There is no first byte to ask an empty object for.
            return None
        if error.code == "NoSuchKey" and location.is_directory_like:
            raise errors.S3IsADirectoryError.at(location.uri) from error
        if error.status == 412:
            advice = "it is not the one that was asked for"
            raise _as(errors.PreconditionFailedError, error, advice) from error
        if options.version_id is not None and _is_no_version(error):
            advice = f"there is no version {options.version_id} of it"
            raise _as(errors.S3FileNotFoundError, error, advice) from error
        raise


def _is_no_version(error: errors.S3Error) -> bool:
    """Whether an id was no id at all (400), or that of a delete marker (405)."""
    argument = error.response.get("Error", {}).get("ArgumentName", "versionId")
    wrong = error.code == "InvalidArgument" and argument == "versionId"
    return wrong or error.status == 405


def _as(
    kind: type[errors.S3Error], error: errors.S3Error, advice: str
) -> errors.S3Error:
    """Return *error* as one of *kind*, with all that was answered."""
    other = kind.at(error.filename, advice)
    other.__dict__.update(error.__dict__)
    return other


def _check_absent(verbs: Verbs, location: Location) -> None:
    """Raise FileExistsError early; the publication decides."""
    try:
        retry.repeated(lambda: verbs.head_object(location), verbs.patience)
    except errors.S3Error as error:
        if error.status in (403, 404):
            # 403: without s3:ListBucket a missing key looks so, too.
            return
        # The answer to a HEAD has no body, so it does not say what is wrong.
        try:
            verbs.get_object(location, range(1)).body.close()
        except FileNotFoundError:
            # Nothing was wrong any more.
            return
    raise errors.S3FileExistsError.at(location.uri)
