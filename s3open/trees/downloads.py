"""From S3 to this machine, one file: by one request as long as it is small.

Small ones are received whole, compared with the checksum that the store keeps, written
to a file beside the target and put in its place: at once, with the mode that new files
have, or the one that was put down when the object was uploaded. What is large is left
to `transfers`, which knows how to go on after a crash.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from s3open import checksums, contract, errors, transfers
from s3open.s3 import retry
from s3open.s3.clients import opened
from s3open.s3.proofs import quick_proof_of
from s3open.s3.verbs import WITH_CHECKSUM
from s3open.stores import refused
from s3open.stores.options import Options, ReadOptions
from s3open.tracing import checked
from s3open.transfers import landing
from s3open.transfers.downloading import Download
from s3open.trees import comparing, targets
from s3open.trees.placing import (
    check_replaceable,
    give_times,
    make_parent,
    put_in_place,
)
from s3open.trees.shares import LARGE, share, whole
from s3open.trees.tasks import Known, Outcome

if TYPE_CHECKING:
    from s3open.contract import ObjectInfo
    from s3open.files import Info
    from s3open.location import Location
    from s3open.trees.tasks import Task, Work


class Downloads:
    """Downloads objects below the source of *work* to below its target. Thread-safe."""

    def __init__(self, work: Work) -> None:
        assert work.source.at is not None
        self._work = work
        self._source = work.source
        self._target = work.target
        self._choices = work.choices
        self._config = work.config
        self._limit = whole(work.config)
        # Whatever does not come with a CRC is more than a small file should have to do.
        self._quick = work.config.verify != "always"
        self._verifies = work.config.verify != "off"
        always = work.choices.writing.always
        if work.choices.version_id is not None:
            always = {**always, "VersionId": work.choices.version_id}
        if work.choices.if_match is not None:
            always = {**always, "IfMatch": work.choices.if_match}
        self._verbs = opened(work.config, work.source.at.uri, always)
        self._large = threading.Semaphore(LARGE)
        self._since = time.time()

    def carry(self, task: Task) -> Outcome:
        try:
            return self._carried(task)
        except errors.ObjectChangedError as error:
            if self._choices.if_match is None or error.status != 412:
                raise
            raise refused.unexpected(error) from error

    def _carried(self, task: Task) -> Outcome:
        at = self._source.location(task.source)
        if task.target.endswith("/"):
            return self._directory(task)
        target = targets.landing(self._target.path, task.target)
        if not task.target and landing.is_special(target):
            return self._poured(at, target)
        if self._choices.if_newer and not self._is_newer(at, task, target):
            return Outcome("skip", task.size, note="not newer")
        overwrite = self._may_replace(target)
        if self._choices.dry_run:
            return self._rehearsed(at, task)
        if self._quick and (task.size is None or task.size <= self._limit):
            found = self._small(at, task.size, target, overwrite=overwrite)
            if found is not None:
                return found
        return self._fetched(at, target, task, overwrite=overwrite)

    def _may_replace(self, target: str) -> bool:
        """Return whether *target* may be replaced; FileExistsError if there is no way.

        What is moved may replace what was there before, but not what has come since:
        two keys may be one name here, and one of them would be lost.
        """
        allowed = self._choices.overwrite
        if allowed and not self._choices.moving:
            return True
        try:
            there = os.lstat(target)
        except FileNotFoundError:
            return False
        if allowed and there.st_ctime <= self._since:
            return True
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)

    def differ(self, task: Task) -> bool:
        at = self._source.location(task.source)
        path = targets.landing(self._target.path, task.target)
        listed = Known(task.size or 0, task.modified or 0.0, task.etag)
        pair = comparing.Pair(path, at, listed, self._choices.compare)
        try:
            return comparing.differ_from_object(self._verbs, pair)
        except FileNotFoundError:
            return True

    def _directory(self, task: Task) -> Outcome:
        """Make the directory that a key stands for which ends with a slash."""
        if task.size:
            raise errors.S3IsADirectoryError.at(
                self._source.told(task.source),
                f"it has {task.size} bytes, but its name is that of a directory",
            )
        # Of a file in it only its directories are looked at.
        within = targets.inside(self._target.path, f"{task.target}x", follow=False)
        if not self._choices.dry_run:
            os.makedirs(os.path.dirname(within), exist_ok=True)
        return Outcome("skip", 0, task.etag, note="directory")

    def _small(
        self, at: Location, size: int | None, target: str, *, overwrite: bool
    ) -> Outcome | None:
        """Have *target* be the object, None if it is too large for this."""
        if size == 0:
            found = self._head(at), memoryview(b"")
        else:
            whole = self._verified(at)
            if whole is None:
                return None
            found = whole
        info, data = found
        put_in_place(target, data, info, overwrite=overwrite)
        return Outcome("copy", info.size, info.etag)

    def _verified(self, at: Location) -> tuple[ObjectInfo, memoryview] | None:
        """Return the object and its bytes, None if it is too large for this.

        Bytes that are not the ones that were stored are asked for once more: they may
        have been damaged on their way.
        """
        try:
            return retry.repeated(lambda: self._received(at), self._verbs.patience)
        except errors.IntegrityError:
            return retry.repeated(lambda: self._received(at), self._verbs.patience)

    def _received(self, at: Location) -> tuple[ObjectInfo, memoryview] | None:
        try:
            answer = self._verbs.get_object(
                at, range(self._limit), settings=WITH_CHECKSUM
            )
        except errors.S3Error as error:
            if error.status != 416:
                raise
            # There is no first byte of an empty object.
            return self._head(at), memoryview(b"")
        info, body = answer.info, answer.body
        try:
            if len(answer.span) != info.size or info.size > self._limit:
                return None
            data = memoryview(bytearray(info.size))
            position = 0
            while position < info.size:
                count = body.readinto(data[position:])
                if not count:
                    raise errors.S3ConnectionError.at(at.uri, "the answer ended early")
                position += count
        finally:
            body.close()
        if self._verifies:
            _verify(at, info, data)
        return info, data

    def _head(self, at: Location) -> ObjectInfo:
        return retry.repeated(
            lambda: self._verbs.head_object(at, settings=WITH_CHECKSUM),
            self._verbs.patience,
        )

    def _fetched(
        self, at: Location, target: str, task: Task, *, overwrite: bool
    ) -> Outcome:
        """Download a large object in ranges, a few such objects at once."""
        choices = self._choices
        options = Options(
            ReadOptions(version_id=choices.version_id, if_match=choices.if_match),
            choices.writing,
            verify=self._config.verify,
        )
        make_parent(target)
        with self._large, self._work.metered() as meter:
            check_replaceable(target)
            checked = landing.checked(target, overwrite=overwrite)
            check_replaceable(checked)
            download = Download(
                at,
                checked,
                share(self._config),
                options,
                overwrite=overwrite,
                moved=meter.add,
            )
            if task.size is None:
                download.expected = meter.expect
            found = download.fetch()
            info = contract.ObjectInfo(
                found.size, last_modified=found.last_modified, metadata=found.metadata
            )
            with suppress(FileNotFoundError):
                give_times(checked, info)
        return _copied(found, counted=meter.told)

    def _poured(self, at: Location, target: str) -> Outcome:
        """Write the object to a pipe, a terminal or the like: in order, as it comes."""
        choices = self._choices
        if choices.dry_run:
            return Outcome("copy", self._head(at).size)
        options: dict[str, Any] = {}
        if choices.version_id is not None:
            options["version_id"] = choices.version_id
        if choices.if_match is not None:
            options["if_match"] = choices.if_match
        key = choices.customer_key
        if key is not None:
            options["sse_customer_key"] = key
        found = transfers.download(
            at.uri, target, self._config, options, overwrite=True
        )
        return _copied(found)

    def _is_newer(self, at: Location, task: Task, target: str) -> bool:
        try:
            there = os.stat(target).st_mtime
        except FileNotFoundError:
            return True
        return comparing.time_of(self._head(at)) > there

    def _rehearsed(self, at: Location, task: Task) -> Outcome:
        size = task.size
        if size is None:
            size = self._head(at).size
        return Outcome("copy", size)


def _copied(found: Info, counted: int = 0) -> Outcome:
    etag = f'"{found.etag}"' if found.etag is not None else None
    return Outcome("copy", found.size, etag, counted=counted)


def _verify(at: Location, info: ObjectInfo, data: memoryview) -> None:
    """Raise IntegrityError unless *data* have the CRC that the store keeps of them."""
    proof = quick_proof_of(info)
    if proof is None or proof.part_size is not None:
        checked("unverifiable")
        return
    received = checksums.encode(proof.algorithm, checksums.crc(proof.algorithm, data))
    if received != proof.value:
        raise errors.IntegrityError.between(
            at.uri, proof.value, received, "the bytes are not those that were stored"
        )
    checked("verified")
