"""Uploads: of one file, to one place, gone on with after a crash.

A file on a disk that is sent in parts has a journal. Whoever finds one goes on with the
upload in it, if the file is the same (device, inode, size, time, and window) and the
object is to be given the same: the parts that the store lists are compared with the
file by their checksums, and only those are sent that are missing, or differ. An upload
of a journal of ours that is of no use is aborted; others' are never touched.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from s3open import contract, errors
from s3open.files import Info
from s3open.s3 import conditional, retry
from s3open.s3.clients import verbs_for
from s3open.s3.settled import settled
from s3open.stores.objects import S3Writer, new
from s3open.stores.s3 import check_absent
from s3open.transfers import journal as journals
from s3open.transfers.sending import Sending, send, spans
from s3open.transfers.sources import FileSource
from s3open.writing import parts

if TYPE_CHECKING:
    from s3open.config import Config
    from s3open.location import Location
    from s3open.stores.attributes import WriteOptions
    from s3open.transfers.journal import Journal
    from s3open.transfers.sending import Moved
    from s3open.transfers.sources import Source


class Upload:
    """What is to become of the object at *location*.

    Args:
        given: what it is given besides its bytes.
        condition: what has to be true of it then.
        moved: is told the bytes of each part that is sent, by several threads.
    """

    def __init__(
        self,
        location: Location,
        config: Config,
        given: WriteOptions,
        condition: contract.Condition,
        *,
        moved: Moved | None = None,
    ) -> None:
        self._moved = moved
        self._location = location
        self._config = config
        self._verbs = settled(verbs_for(config, location.uri), given.always)
        self._attributes = new(location, given)
        self._condition = condition
        self._writer = S3Writer(
            self._verbs, location, self._attributes, self._condition
        )

    def send(self, source: Source) -> Info:
        """Publish all of *source*, or nothing."""
        if source.size is None or source.size > self._config.part_size:
            self._check_early()
        return self._told(self._send(source))

    def send_file(self, source: FileSource, path: str) -> Info:
        """Publish all of *source*, the file at *path*, now or when asked again."""
        at, size = self._location, source.size or 0
        names = ("upload", self._verbs.endpoint, at.bucket, at.key, path, source.window)
        if size <= self._config.part_size:
            found = self._send(source)
        else:
            self._check_early()
            found = self._send_large(source, size, journals.taken(*names))
        for journal in journals.abandoned(*names):
            try:
                self._abort(journal)
            finally:
                journal.close(keep=False)
        if found.etag is None:
            # Stores exist that do not say it of what came in parts (Ceph 16.2).
            with suppress(errors.S3Error):
                found = self._verbs.head_object(self._location)
        return self._told(found)

    def _send(self, source: Source) -> contract.ObjectInfo:
        return send(source, self._writer, self._config, self._moved)

    def _check_early(self) -> None:
        """Raise FileExistsError before much is sent; the publication decides."""
        if self._condition.absent:
            check_absent(self._verbs, self._location)
        else:
            conditional.require(self._verbs, self._location, self._condition)

    def _send_large(
        self, source: FileSource, size: int, journal: Journal | None
    ) -> contract.ObjectInfo:
        if journal is None:
            return self._send(source)
        try:
            sending, upload, config = self._resumed(source, journal)
        except BaseException:
            journal.close(keep=bool(journal.header))
            raise
        keep = False
        try:
            steps = sending.steps(spans(size, config, self._writer.max_parts))
            return sending.in_parts(upload, steps)
        except BaseException as error:
            keep = journals.may_go_on(error)
            if keep:
                self._warn(upload)
            else:
                parts.abort(self._writer, upload)
            raise
        finally:
            journal.close(keep=keep)

    def _resumed(
        self, source: FileSource, journal: Journal
    ) -> tuple[Sending, str, Config]:
        """Return what sends *source* as parts of an upload, begun earlier or now."""
        config = self._config
        same = {"file": source.identity, "attributes": self._fingerprint()}
        old = journal.header
        known = None
        if old and {name: old.get(name) for name in same} == same:
            with suppress(ValueError, TypeError):
                config = replace(config, part_size=old["part_size"])
                known = self._listed(str(old["upload"]))
        if known is None:
            self._abort(journal)
            known, config = {}, self._config
            upload = self._writer.begin()
            journal.begin({**same, "upload": upload, "part_size": config.part_size})
        sending = Sending(source, self._writer, config, self._moved)
        sending.go_on(known, journal.entries, journal.note)
        return sending, str(journal.header["upload"]), config

    def _listed(self, upload: str) -> dict[int, contract.Part] | None:
        """Return the parts that the store has of *upload*, None if that is gone."""
        try:
            return retry.repeated(
                lambda: self._verbs.list_parts(self._location, upload)
            )
        except errors.S3Error as error:
            if error.code == "NoSuchUpload":
                return None
            raise

    def _abort(self, journal: Journal) -> None:
        """Abort the upload of *journal*, if there is one: it is of no use any more."""
        upload = journal.header.get("upload")
        if isinstance(upload, str):
            parts.abort(self._writer, upload)

    def _fingerprint(self) -> str:
        """Return what tells whether the object is to be given the same.

        Of a customer's key no more than that is left in it.
        """
        given = self._attributes
        told = [given.content_type, dict(given.metadata), dict(given.settings)]
        text = json.dumps(told, default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _warn(self, upload: str) -> None:
        errors.warn(
            f"{self._location.uri!r} was not uploaded to its end; the same call goes "
            f"on with it. Until then the multipart upload {upload} costs storage.",
            errors.UnpublishedWarning,
        )

    def _told(self, found: contract.ObjectInfo) -> Info:
        at = self._location
        return Info(
            at.uri,
            at.bucket,
            at.key,
            found.size,
            found.etag.strip('"') if found.etag is not None else None,
            found.version_id,
            found.last_modified,
            self._attributes.content_type,
            dict(self._attributes.metadata),
            found.checksum,
        )
