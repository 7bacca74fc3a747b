"""From this machine to S3, one file: by one request as long as it is small.

Most files of a tree are. So what is done for each of them is done once for all where
that is possible, and what is large is left to `transfers`, which knows how to go on
after a crash.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from contextlib import closing
from dataclasses import replace
from functools import lru_cache
from typing import IO, TYPE_CHECKING, cast

from s3open import contract
from s3open.s3 import conditional
from s3open.s3.clients import opened
from s3open.stores import folders
from s3open.stores.objects import guess_type
from s3open.transfers.sources import FileSource, OpenSource
from s3open.transfers.uploading import Upload
from s3open.trees import comparing
from s3open.trees.packing import Packed, packed
from s3open.trees.placing import remove_copied
from s3open.trees.progress import Meter
from s3open.trees.shares import LARGE, share, whole
from s3open.trees.tasks import Outcome

if TYPE_CHECKING:
    from s3open.location import Location
    from s3open.trees.tasks import Task, Work

# What a page without an extension begins with.
_PAGE = b"<!doctype html"


class Uploads:
    """Uploads files below the source of *work* to below its target. Thread-safe."""

    def __init__(self, work: Work) -> None:
        assert work.target.at is not None
        self._work = work
        self._source = work.source
        self._target = work.target
        self._choices = work.choices
        self._config = work.config
        self._given = given = work.choices.writing
        self._metadata = given.metadata or {}
        self._settings = {
            k: v for k, v in given.settings.items() if v or k != "Tagging"
        }
        if work.choices.gzip:
            self._settings["ContentEncoding"] = "gzip"
        self._limit = whole(work.config)
        self._condition = (
            contract.ALWAYS if work.choices.overwrite else contract.IF_ABSENT
        )
        self._verbs = opened(work.config, work.target.at.uri, given.always)
        self._large = threading.Semaphore(LARGE)

    def carry(self, task: Task) -> Outcome:
        path = self._source.local(task.source)
        at = self._target.location(task.target)
        status = os.stat(path)
        if self._choices.if_newer and not comparing.is_newer(
            self._verbs, at, status.st_mtime
        ):
            return Outcome("skip", status.st_size, note="not newer")
        if self._choices.dry_run:
            self._rehearse(path, at)
            return Outcome("copy", status.st_size)
        if not stat.S_ISREG(status.st_mode):
            if task.source:
                # Nobody may ever write to a pipe that just lies there.
                raise OSError(errno.EINVAL, "Not a regular file", path)
            return self._poured(path, at, status)
        if status.st_size > self._limit:
            return self._sent(path, at, status, task)
        data = _read(path, status)
        attributes = self._attributes(task, path, status, data)
        if self._choices.gzip:
            data = packed(data)
        found = conditional.put(self._verbs, at, [data], attributes, self._condition)
        return self._copied(path, status, found.etag)

    def differ(self, task: Task) -> bool:
        path = self._source.local(task.source)
        at = self._target.location(task.target)
        assert task.other is not None
        pair = comparing.Pair(path, at, task.other, self._choices.compare)
        return comparing.differ_from_object(self._verbs, pair)

    def _attributes(
        self, task: Task, path: str, status: os.stat_result, data: bytes
    ) -> contract.Attributes:
        kind = self._given.content_type or _type_of(task.target or path)
        if kind is None and data[: len(_PAGE)].lower() == _PAGE:
            kind = "text/html"
        metadata = {**folders.described(status), **self._metadata}
        return contract.Attributes(kind, metadata, self._settings)

    def _sent(
        self, path: str, at: Location, status: os.stat_result, task: Task
    ) -> Outcome:
        """Upload a large file in parts, a few such files at once."""
        with self._large, self._work.metered() as meter:
            if task.size is None:
                meter.expect(status.st_size)
            upload = self._upload(path, at, status, meter)
            if self._choices.gzip:
                with closing(Packed(path)) as file:
                    found = upload.send(OpenSource(cast("IO[bytes]", file), 0, None))
            else:
                with FileSource(path, 0, None) as source:
                    found = upload.send_file(source, os.path.realpath(path))
        copied = self._copied(path, status, found.etag)
        return copied._replace(counted=meter.told)

    def _copied(self, path: str, status: os.stat_result, etag: str | None) -> Outcome:
        if self._choices.moving:
            remove_copied(self._source.path, path, status)
        return Outcome("copy", status.st_size, etag)

    def _poured(self, path: str, at: Location, status: os.stat_result) -> Outcome:
        """Upload what a pipe, or a device, has to say."""
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if self._choices.gzip:
            raise ValueError(f"gzip is for files, not for what {path!r} is")
        with open(path, "rb", buffering=0) as pipe:
            source = OpenSource(cast("IO[bytes]", pipe), 0, None)
            found = self._upload(path, at, None, Meter()).send(source)
        return Outcome("copy", found.size, found.etag)

    def _upload(
        self, path: str, at: Location, status: os.stat_result | None, meter: Meter
    ) -> Upload:
        kept = folders.described(status) if status is not None else {}
        given = replace(
            self._given,
            content_type=self._given.content_type or _type_of(at.key or path),
            metadata={**kept, **self._metadata},
            settings=self._settings,
        )
        config = share(self._config)
        condition = contract.ALWAYS if self._choices.overwrite else contract.IF_ABSENT
        return Upload(at, config, given, condition, moved=meter.add)

    def _rehearse(self, path: str, at: Location) -> None:
        """Raise what would stand in the way, as far as asking can tell."""
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        if not self._choices.overwrite:
            comparing.check_free(self._verbs, at)


def _read(path: str, status: os.stat_result) -> bytes:
    """Return all bytes of the file at *path*, if it still is what *status* says."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = status.st_size
        # One more than there are, to see the end.
        data = os.read(descriptor, size + 1)
        while len(data) < size and (more := os.read(descriptor, size - len(data) + 1)):
            data += more
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if len(data) != size or (after.st_mtime_ns, after.st_ino) != (
        status.st_mtime_ns,
        status.st_ino,
    ):
        message = "the file was changed while it was being uploaded"
        raise OSError(errno.ESTALE, message, path)
    return data


def _type_of(name: str) -> str | None:
    """Return the content type that a name suggests; what counts are its extensions."""
    last = name[name.rfind("/") + 1 :]
    stem, dot, extension = last.rpartition(".")
    if not dot:
        return None
    other = stem.rpartition(".")
    return _type_of_extensions(f"{other[2] if other[1] else ''}.{extension}")


@lru_cache(maxsize=256)
def _type_of_extensions(extensions: str) -> str | None:
    return guess_type(f"x.{extensions.lstrip('.')}")
