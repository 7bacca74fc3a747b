"""Objects on S3, opened to be read: what the first answer tells, and what follows."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from s3open import coded, contract, errors
from s3open.config import MIB
from s3open.location import check_is_file
from s3open.reading import Download, readahead
from s3open.s3 import retry
from s3open.s3.clients import verbs_for
from s3open.s3.settled import opened_by
from s3open.s3.tokens import shown
from s3open.s3.verbs import WITH_CHECKSUM
from s3open.s3.versions import version_at
from s3open.spool import Spool
from s3open.stores import refused
from s3open.stores.objects import S3Reader
from s3open.stores.verifying import verification
from s3open.stores.window import WindowReader, within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.config import Config
    from s3open.files import Mode, RemoteFile
    from s3open.location import Location
    from s3open.s3.verbs import Verbs
    from s3open.stores.caching import Cached
    from s3open.stores.options import Options, ReadOptions


def open_to_read(
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
    version = version_of(location, config, options.reading)
    if version is not None:
        always["VersionId"] = version
    verbs = opened_by(config, verbs_for(config, location.uri), always)
    opened = _Opened(location, name, mode, config, kind, options.reading.window)
    if config.cache is None:
        answer = first_answer(verbs, location, options.reading)
        return _reading(opened, verbs, always, answer.info if answer else None, answer)
    return _cached(opened, verbs, always, options.reading)


def _cached(
    opened: _Opened, verbs: Verbs, always: Mapping[str, Any], options: ReadOptions
) -> RemoteFile:
    """Return the raw file of what a cache has, or gets."""
    from s3open.stores import caching

    location, config = opened.location, opened.config
    found = caching.looked_up(
        config,
        verbs.endpoint,
        location,
        always,
        options,
        partial(first_answer, verbs, location),
    )
    if not isinstance(found, caching.Cached):
        return _reading(opened, verbs, always, found.info if found else None, found)
    if found.is_whole and config.verify == "auto":
        # Each stretch is compared with its checksum as it is read.
        opened = opened._replace(config=replace(config, verify="off"))
    return _reading(opened, verbs, always, found.info, found.first, found)


class _Opened(NamedTuple):
    """How a file was opened for reading."""

    location: Location
    name: str | bytes
    mode: Mode
    config: Config
    kind: type[RemoteFile]
    window: range | None


def _reading(
    opened: _Opened,
    verbs: Verbs,
    always: Mapping[str, Any],
    info: contract.ObjectInfo | None,
    first: contract.Answer | None = None,
    cached: Cached | None = None,
) -> RemoteFile:
    """Return the raw file of what *info* describes, None being an empty object.

    Every request of it says *always*. Its bytes come by way of what is *cached*.
    """
    location, name, mode, config, kind, wanted = opened
    known = info or contract.ObjectInfo(0)
    reader: contract.Reader
    reader = version_reader = S3Reader(verbs, location, known)
    size, told = known.size, first is not None
    if cached is not None:
        reader = caching = cached.reader(version_reader)
        first = first and caching.caching(first)
    if wanted is not None:
        window = range(wanted.start, max(wanted.start, min(wanted.stop, size)))
        reader, size = WindowReader(reader, window), len(window)
        first = within(first, window) if first is not None else None
    # No more than there are bytes: most files are small.
    spool = spool_for(config, size, min(config.memory, size + MIB))
    download = download_of(contract.Base(known, reader, first), spool, config)

    def describe(*, checksum: bool) -> contract.ObjectInfo:
        # A cache knows no more than the ETag.
        enough = info is not None and not checksum and (cached is None or told)
        if enough:
            return shown(known)
        found = version_reader.head()
        return shown(found if checksum else replace(found, checksum=None))

    def recipe() -> tuple[Any, ...]:
        if "SSECustomerKey" in always:
            raise TypeError("cannot pickle a file with an explicit sse_customer_key")
        return _reading_again, (opened, always, info)

    raw = kind(name, mode, spool, place=location, describe=describe, download=download)
    raw.recipe = recipe
    return raw


def _reading_again(
    opened: _Opened, always: dict[str, Any], info: contract.ObjectInfo | None
) -> RemoteFile:
    """Return what a pickle holds: it asks for nothing before it is read."""
    config, uri = opened.config, opened.location.uri
    verbs = opened_by(config, verbs_for(config, uri), always)
    return _reading(opened, verbs, always, info)


def version_of(location: Location, config: Config, options: ReadOptions) -> str | None:
    """Return the id of the version that *options* ask for, None for the current one."""
    if options.at is None:
        return options.version_id
    verbs = verbs_for(config, location.uri)
    return version_at(opened_by(config, verbs, {}), location, options.at)


def first_answer(
    verbs: Verbs,
    location: Location,
    options: ReadOptions,
    length: int = readahead.FIRST,
) -> contract.Answer | None:
    """Return the first *length* bytes (below 0: the last) of what is wanted, if any."""
    span = range(min(length, 0), max(length, 0))
    if (window := options.window) is not None:
        # At least one byte: nothing else tells whether the object is there.
        stop = max(min(window.stop, window.start + length), window.start + 1)
        span = range(window.start, stop)
    settings = {**options.conditions, **WITH_CHECKSUM}
    try:
        return retry.repeated(
            lambda: verbs.get_object(
                location, span, if_match=options.if_match, settings=settings
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
            raise refused.unexpected(error) from error
        if options.version_id is not None and refused.is_no_version(error):
            advice = f"there is no version {options.version_id} of it"
            raise refused.told_as(coded.NoSuchVersion, error, advice) from error
        raise


def spool_for(config: Config, size: int, memory: int, *, shared: bool = False) -> Spool:
    place, disk, total = config.temp_dir, config.disk, config.total_memory
    return Spool(
        size, memory=memory, directory=place, disk=disk, total=total, shared=shared
    )


def download_of(base: contract.Base, spool: Spool, config: Config) -> Download:
    return Download(
        base.reader,
        spool,
        base.first,
        retry.Patience.of(config),
        config.connections,
        verification(base, spool.size, config.verify),
    )
