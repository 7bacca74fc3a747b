"""One object on S3, as the contract has it: a reader, a writer, a target of updates."""

from __future__ import annotations

import contextlib
import mimetypes
from typing import TYPE_CHECKING, Any

from s3open import contract, errors
from s3open.config import MAX_PARTS
from s3open.reading import readahead
from s3open.s3 import conditional, retry, sums
from s3open.s3.copying import Source
from s3open.s3.proofs import parts_in, proof_of
from s3open.s3.tagging import tagging
from s3open.s3.tags import kept_tags, settle
from s3open.s3.tokens import TOKEN
from s3open.s3.verbs import NO_SETTINGS, WITH_CHECKSUM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from s3open.location import Location
    from s3open.s3.verbs import Verbs
    from s3open.stores.attributes import WriteOptions

# What mimetypes calls an encoding is, without a Content-Encoding, the type of the file.
_TYPE_OF_ENCODING = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "br": "application/x-brotli",
    "compress": "application/x-compress",
}


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
            # Once: the download goes on from the byte that it has come to.
            answer = self._verbs.get_object(
                self._location,
                span,
                if_match=etag,
                settings=WITH_CHECKSUM if len(span) == self._info.size else NO_SETTINGS,
            )
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

    def proof(self, wanted: Callable[[], bool] | None = None) -> contract.Proof | None:
        if wanted is not None and not wanted():
            return None
        info = self.head(wanted)
        if info.checksum is None or parts_in(info) == 1:
            return proof_of(info)
        # Parts have one size, nearly always: that of the first one tells.
        return proof_of(info, self.head(wanted, PartNumber=1).size)

    def distrust(self) -> None:
        """Do nothing: all of it comes from the store anyhow."""

    def head(
        self, wanted: Callable[[], bool] | None = None, **more: Any
    ) -> contract.ObjectInfo:
        """Return what a GET does not say: the checksum, and all of an empty object."""
        settings: dict[str, Any] = {**WITH_CHECKSUM, **more}
        etag = self._info.etag
        if etag is not None:
            settings["IfMatch"] = etag
        try:
            found = retry.repeated(
                lambda: self._verbs.head_object(self._location, settings=settings),
                self._verbs.patience,
                wanted,
            )
        except errors.S3Error as error:
            if etag is not None and error.status in (404, 412):
                raise self._changed() from error
            raise
        if etag not in (None, found.etag):
            raise self._changed()
        return found

    def _changed(self) -> errors.S3Error:
        return errors.ObjectChangedError.at(
            self.uri, "the object was replaced or deleted while it was being read"
        )


class S3Writer:
    """Writes an object with *attributes*, if *condition* holds when it is published.

    Parts may be copied from the object itself, as it is described by *base*.
    """

    max_parts = MAX_PARTS

    def __init__(
        self,
        verbs: Verbs,
        location: Location,
        attributes: contract.Attributes,
        condition: contract.Condition,
        base: contract.ObjectInfo | None = None,
    ) -> None:
        self._verbs = verbs
        self._location = location
        self._attributes = attributes
        self._condition = condition
        self._source = Source(verbs, location, base) if base is not None else None
        self._compares = False

    @property
    def copies(self) -> bool:
        return self._source is not None and self._source.usable

    def put(self, body: contract.Pieces, crc: int | None = None) -> contract.ObjectInfo:
        if crc is not None:
            sums.require(self._location.uri, body, crc)
        return conditional.put(
            self._verbs, self._location, body, self._attributes, self._condition
        )

    def begin(self) -> str:
        # A second try may leave a first upload behind, which nobody knows the id of:
        # the lesser evil.
        return retry.repeated(
            lambda: self._verbs.create_multipart_upload(
                self._location, self._attributes
            ),
            self._verbs.patience,
        )

    def put_part(
        self, upload: str, number: int, body: contract.Pieces, crc: int | None = None
    ) -> contract.Part:
        if crc is not None and not self._compares:
            sums.require(self._location.uri, body, crc)
        part = retry.repeated(
            lambda: self._put_part(upload, number, body, crc), self._verbs.patience
        )
        # It says which checksum it has found: it compares them.
        self._compares = part.crc is not None
        return part

    def _put_part(
        self, upload: str, number: int, body: contract.Pieces, crc: int | None
    ) -> contract.Part:
        settings = NO_SETTINGS if crc is None else sums.settings_of(crc)
        try:
            return self._verbs.upload_part(
                self._location, upload, number, body, settings=settings
            )
        except errors.IntegrityError:
            if crc is not None:
                # On its way, or here already?
                sums.require(self._location.uri, body, crc)
            raise

    def copy_part(self, upload: str, number: int, span: range) -> contract.Part | None:
        return self._source.copy(upload, number, span) if self._source else None

    def complete(
        self, upload: str, parts: Sequence[contract.Part]
    ) -> contract.ObjectInfo:
        if self._source is not None:
            self._source.verify()
        made = conditional.complete(
            self._verbs, self._location, upload, parts, self._condition
        )
        settle(self._verbs, self._location, self._attributes, made)
        return made

    def abort(self, upload: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            retry.repeated(
                lambda: self._verbs.abort_multipart_upload(self._location, upload),
                self._verbs.patience.brief,
            )


class S3Target:
    """The object at *location*, to be updated.

    A rewritten object keeps what the old one had, but for what *given* says. With
    *tokens* it keeps the tokens of earlier writers, too, so that one whose answer was
    lost finds its own behind the next one's.
    """

    def __init__(
        self,
        verbs: Verbs,
        location: Location,
        given: WriteOptions,
        *,
        tokens: bool,
    ) -> None:
        self._verbs = verbs
        self._location = location
        self._given = given
        self._tokens = tokens

    def current(self, *, read: bool) -> contract.Base | None:
        info = None if read else self._seen()
        first = None
        if info is None:
            try:
                first = self._first()
            except errors.S3Error as error:
                if error.code == "NoSuchKey":
                    return None
                if error.status != 416:
                    raise
                # Empty: there was no first byte, so no answer with its headers.
                info = self._head()
            else:
                info = first.info
        reader = S3Reader(self._verbs, self._location, info)
        return contract.Base(info, reader, first)

    def _first(self) -> contract.Answer:
        return retry.repeated(
            lambda: self._verbs.get_object(
                self._location, range(readahead.FIRST), settings=WITH_CHECKSUM
            ),
            self._verbs.patience,
        )

    def _head(self) -> contract.ObjectInfo:
        return retry.repeated(
            lambda: self._verbs.head_object(self._location), self._verbs.patience
        )

    def _seen(self) -> contract.ObjectInfo | None:
        """Return what a HEAD says, None if only a GET tells what is the matter."""
        try:
            info = self._head()
        except errors.S3Error as error:
            if error.status is None or error.retryable:
                raise
            # The answer to a HEAD has no body, so it does not say what is wrong.
            return None
        # These may have to be restored first, and a HEAD is answered all the same.
        archived = info.settings.get("StorageClass") in ("GLACIER", "DEEP_ARCHIVE")
        return None if archived else info

    def writer(self, base: contract.Base | None) -> S3Writer:
        if base is None:
            attributes = new(self._location, self._given)
            condition = contract.IF_ABSENT
        else:
            attributes = self.alike(base.info)
            condition = contract.Condition(etag=base.info.etag)
        info = base.info if base is not None else None
        return S3Writer(self._verbs, self._location, attributes, condition, info)

    def alike(self, info: contract.ObjectInfo) -> contract.Attributes:
        """Return what an object like the one of *info* is to be given."""
        kept = info.metadata if self._given.metadata is None else self._given.metadata
        metadata = dict(kept)
        metadata.pop(TOKEN, None)
        if self._tokens and TOKEN in info.metadata:
            metadata[TOKEN] = info.metadata[TOKEN]
        settings = self._given.over(info.settings)
        if "Tagging" not in settings:
            keep = self._given.keep_tags
            tags = kept_tags(self._verbs, self._location, keep)
            settings["Tagging"] = tagging(tags)
        kind = self._given.content_type or info.content_type
        return contract.Attributes(kind, metadata, _tagged(settings))


def new(location: Location, given: WriteOptions) -> contract.Attributes:
    """Return what a new object at *location* is given: its type is guessed."""
    kind = given.content_type or guess_type(location.key)
    return contract.Attributes(kind, given.metadata or {}, _tagged(given.settings))


def _tagged(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return *settings* without tags that are none."""
    return {k: v for k, v in settings.items() if v or k != "Tagging"}


def is_missing(verbs: Verbs, location: Location) -> bool:
    """Whether there is no such object; a GET says what a HEAD cannot, else."""
    try:
        verbs.get_object(location, range(1)).body.close()
    except FileNotFoundError:
        return True
    return False


def guess_type(key: str) -> str | None:
    """Return the content type that the name *key* suggests, None if it does not."""
    kind, encoding = mimetypes.guess_type(key.rpartition("/")[2], strict=False)
    return _TYPE_OF_ENCODING.get(encoding) if encoding else kind
