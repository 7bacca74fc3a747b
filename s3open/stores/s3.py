"""Objects on S3: how one is opened, in each mode."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from s3open import coded, contract, errors
from s3open.config import MAX_PART_SIZE
from s3open.files import RemoteFile
from s3open.location import check_is_file
from s3open.s3 import retry
from s3open.s3.clients import verbs_for
from s3open.s3.settled import opened_by
from s3open.s3.tokens import shown
from s3open.spool import Spool
from s3open.stores.described import described
from s3open.stores.objects import (
    S3Target,
    S3Writer,
    is_missing,
    new,
)
from s3open.stores.reads import download_of, open_to_read, spool_for
from s3open.writing import Append, Publication, WriteBehind, changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.config import Config
    from s3open.files import Mode
    from s3open.location import Location
    from s3open.s3.verbs import Verbs
    from s3open.stores.options import Options


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
    if options.verify is not None:
        config = replace(config, verify=options.verify)
    if options.cache_dir is not None:
        config = replace(config, cache=options.cache_dir)
    if mode.reading and not mode.updating:
        return open_to_read(location, name, mode, config, options, kind)
    check_is_file(location)
    verbs = opened_by(config, verbs_for(config, location.uri), options.writing.always)
    store = _Store(verbs, location, config, kind, options)
    if mode.reading or mode.appending:
        raw = store.update(name, mode, bom)
    else:
        raw = store.write(name, mode)
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
        options: Options,
    ) -> None:
        self._kind = kind
        self._given = options.writing
        self._options = options
        self._verbs = verbs
        self._location = location
        self._config = config

    def write(self, name: str | bytes, mode: Mode) -> RemoteFile:
        """Open a file that replaces what is there, or (``x``) is to be the first."""
        condition = contract.ALWAYS
        if mode.creating:
            check_absent(self._verbs, self._location)
            condition = contract.IF_ABSENT
        elif self._options.replaces is not None:
            condition = contract.Condition(etag=self._options.replaces)
        attributes = new(self._location, self._given)
        streaming = self._options.streaming
        spool = self._spool(0)
        spool.summing = self._config.verify != "off"
        writer = S3Writer(self._verbs, self._location, attributes, condition)
        behind = WriteBehind(
            spool,
            writer,
            self._config.part_size,
            # What is sent from memory has to fit, with others beside it.
            spool.memory // 4
            if streaming or self._config.disk is not None
            else MAX_PART_SIZE,
            self._config.connections,
            keeps=not streaming,
        )
        publication = Publication(
            self._location.uri,
            spool,
            behind.publish,
            behind=behind,
            about=lambda: {
                **self._about(),
                **_condition(condition),
                "content_type": attributes.content_type,
            },
        )
        publication.kept = self._options.kept
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

    def update(self, name: str | bytes, mode: Mode, bom: bytes) -> RemoteFile:
        """Open a file that goes on from what is there."""
        target = S3Target(
            self._verbs, self._location, self._given, tokens=mode.appending
        )
        # Who only appends has no use for the bytes that are there.
        base = target.current(read=mode.readable)
        if base is None and not mode.appending:
            raise coded.NoSuchKey.at(self._location.uri)
        size = base.info.size if base is not None else 0
        spool = self._spool(size, shared=True)
        download = download_of(base, spool, self._config) if base is not None else None
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
            about=lambda: self._about_update(mode, base, bom),
            always=base is None,
        )
        publication.kept = self._options.kept
        info = base.info if base is not None else contract.ObjectInfo(0)
        return self._kind(
            name,
            mode,
            spool,
            place=self._location,
            describe=lambda **_: shown(info),
            download=download,
            publication=publication,
        )

    @contextmanager
    def _fetched(self, base: contract.Base) -> Iterator[contract.Content]:
        """Give all bytes of an object, none of which is here yet."""
        spool = self._spool(base.info.size)
        download = download_of(base, spool, self._config)
        try:
            yield download
        finally:
            download.close()
            spool.close()

    def _about(self) -> dict[str, object]:
        return described(self._config, self._verbs.endpoint, self._given)

    def _about_update(
        self, mode: Mode, base: contract.Base | None, bom: bytes
    ) -> dict[str, object]:
        return {
            **self._about(),
            "condition": "append" if mode.appending else "unchanged",
            "etag": base.info.etag if base is not None else None,
            "base_size": base.info.size if base is not None else 0,
            "bom": bom.hex(),
        }

    def _spool(self, size: int, *, shared: bool = False) -> Spool:
        return spool_for(self._config, size, self._config.memory, shared=shared)


def _condition(condition: contract.Condition) -> dict[str, object]:
    """Return what a recovery file tells of *condition*."""
    if condition.etag is not None:
        return {"condition": "match", "etag": condition.etag}
    return {"condition": "absent" if condition.absent else "always"}


def endpoint_of(config: Config, location: Location) -> str:
    """Return where the store of *location* is."""
    return verbs_for(config, location.uri).endpoint


def abort_upload(config: Config, location: Location, upload: str) -> None:
    """Abort a multipart upload of *location*; one that is gone already is fine."""
    verbs, nothing = verbs_for(config, location.uri), contract.Attributes()
    S3Writer(verbs, location, nothing, contract.ALWAYS).abort(upload)


def check_absent(verbs: Verbs, location: Location) -> None:
    """Raise FileExistsError early; the publication decides."""
    try:
        retry.repeated(lambda: verbs.head_object(location), verbs.patience)
    except errors.S3Error as error:
        # 403: without s3:ListBucket a missing key looks so, too.
        if error.status in (403, 404) or is_missing(verbs, location):
            return
    raise errors.S3FileExistsError.at(location.uri)
