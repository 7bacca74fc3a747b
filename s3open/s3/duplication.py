"""Copies made inside the store, of objects of any size.

Up to 5 GiB it is one request. What is larger is copied in parts, several at once, all
of one version of the source.

A copy whose answer was lost is simply made again. One with a condition could meet its
own result then: so it bears a token, as all that is written with a condition does
(`conditional`), for which it has to be told all of the source's metadata.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from s3open import contract, errors
from s3open.answered import answered
from s3open.config import MAX_PARTS, MIB
from s3open.s3 import conditional, endpoint, retry
from s3open.s3.copying import Source
from s3open.s3.jobs import Job
from s3open.s3.settled import settled
from s3open.s3.tagging import tagging
from s3open.s3.tags import kept_tags, settle
from s3open.s3.tokens import TOKEN
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from s3open.contract import Attributes, Condition, ObjectInfo, Part
    from s3open.location import Location
    from s3open.s3.verbs import Verbs

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
MAX_COPY = 5 << 30
# S3 copies some 100 MB/s in each of them.
PART_SIZE = 128 * MIB
CONCURRENCY = 16
_DIRECTIVES = ("MetadataDirective", "TaggingDirective")
_CHANGED = "the object was replaced or deleted before it was copied"


def duplicate(
    verbs: Verbs,
    source: Location,
    at: Location,
    info: ObjectInfo,
    attributes: Attributes | None,
    condition: Condition,
    *,
    version_id: str | None = None,
    settings: Mapping[str, Any] = NO_SETTINGS,
    reading: Verbs | None = None,
    keep_tags: str = "warn",
    concurrency: int = CONCURRENCY,
    progress: Callable[[int], object] | None = None,
) -> ObjectInfo:
    """Have the store write *source* to *at*, if *condition* holds; return what it says.

    *info* is of what is meant to be copied, by a HEAD or a listing: if it is not there
    any more that is an ObjectChangedError, or FileNotFoundError, for *source*. The copy
    has the source's metadata and tags, or *attributes* instead of all of those (but the
    tags, if their ``TaggingDirective`` is COPY), and *settings* besides
    (``StorageClass`` and the like). Where tags have to be read first, those of what is
    larger than 5 GiB, *keep_tags* says what if that is not allowed, as for `open`.
    *reading* are verbs for the source, if they are to say something else than *verbs*
    (its key). *progress* is told of each number of bytes that has been copied.

    Raises FileExistsError, or ObjectChangedError for *at*, if *condition* does not
    hold; an S3Error with status 501 if the store cannot copy.
    """
    version = {} if version_id is None else {"VersionId": version_id}
    reading = settled(reading or verbs, version, verbs.patience)
    work = _Copy(verbs, reading, source, at, info, attributes, version, settings)
    if info.size > MAX_COPY:
        return work.in_parts(condition, keep_tags, concurrency, progress)
    made = work.whole(condition, keep_tags)
    if progress is not None:
        progress(info.size)
    return replace(made, size=info.size)


@dataclass(frozen=True)
class _Copy:
    verbs: Verbs
    reading: Verbs
    source: Location
    at: Location
    info: ObjectInfo
    attributes: Attributes | None
    version: Mapping[str, Any]
    settings: Mapping[str, Any]

    def whole(self, condition: Condition, keep_tags: str) -> ObjectInfo:
        """Copy it with one request."""
        if not condition:
            return self._plainly(keep_tags)
        if not self._is_heeded():
            conditional.require(self.verbs, self.at, condition)
            return self._plainly(keep_tags)
        given = self._tagged(self._described(self._seen()), keep_tags)
        made = conditional.marked(
            self.verbs, self.at, endpoint.COPY_WHOLE, given, condition, self._written
        )
        if self._is_heeded():
            settle(self.verbs, self.at, given, made)
            return made
        # Found out with this one: no need to have given it a token, then.
        if self.attributes is None:
            return self._plainly(keep_tags)
        # The tags are known; where the source is the target they are no longer there.
        return self._unconditionally(given)

    def _is_heeded(self) -> bool:
        """Whether the store heeds conditions on what is copied, for all that is known.

        Where it does not there is nothing to be met again, hence no token.
        """
        known = endpoint.honours(self.verbs.endpoint, endpoint.COPY_WHOLE)
        return known is not endpoint.Honours.NO

    def _plainly(self, keep_tags: str) -> ObjectInfo:
        given = self.attributes
        if given is not None:
            given = self._tagged(given, keep_tags)
        return self._unconditionally(given)

    def _unconditionally(self, given: Attributes | None) -> ObjectInfo:
        write = partial(self._written, given, contract.ALWAYS)
        made = retry.repeated(write, self.verbs.patience)
        settle(self.verbs, self.at, given, made)
        return made

    def _tagged(self, given: Attributes, keep: str) -> Attributes:
        """Return *given* with the tags of the source, or to be given them."""
        if self._keeps_tags() and endpoint.is_aws(self.verbs.endpoint):
            copied = {**given.settings, "TaggingDirective": "COPY"}
            return replace(given, settings=copied)
        # Stores exist that copy none with other metadata (Ceph 16.2).
        return self._with_tags(given, keep)

    def in_parts(
        self,
        condition: Condition,
        keep_tags: str,
        concurrency: int,
        progress: Callable[[int], object] | None,
    ) -> ObjectInfo:
        """Copy it part by part; nothing is left behind if that fails."""
        verbs, at = self.verbs, self.at
        conditional.require(verbs, at, condition)
        info = self._seen()
        given = self._with_tags(self._described(info), keep_tags)
        source = Source(
            verbs,
            self.source,
            info,
            to=at,
            settings=self.version,
            reading=self.reading,
        )
        # A second try may leave a first upload behind, which nobody knows the id of.
        upload = retry.repeated(
            lambda: verbs.create_multipart_upload(at, given), verbs.patience
        )
        try:
            copy = partial(source.copy, upload)
            parts = self._parts(copy, info.size, concurrency, progress)
            source.verify()
            made = conditional.complete(verbs, at, upload, parts, condition)
        except BaseException:
            self._abort(upload)
            raise
        settle(verbs, at, given, made)
        return made

    def _parts(
        self,
        copy: Callable[[int, range], Part | None],
        size: int,
        concurrency: int,
        progress: Callable[[int], object] | None,
    ) -> list[Part]:
        jobs: deque[Job[Part | None]] = deque()
        parts: list[Part] = []

        def take() -> None:
            part = jobs.popleft().result()
            if part is None:
                raise _unable(self.at)
            parts.append(part)
            if progress is not None:
                progress(part.size)

        try:
            for number, span in enumerate(spans(size), start=1):
                if len(jobs) >= concurrency:
                    take()
                jobs.append(Job(partial(copy, number, span)))
            while jobs:
                take()
        finally:
            # Copied into an upload that is aborted they would cost storage.
            for job in jobs:
                job.cancel()
        return parts

    def _abort(self, upload: str) -> None:
        with suppress(FileNotFoundError):
            try:
                retry.repeated(
                    lambda: self.verbs.abort_multipart_upload(self.at, upload),
                    self.verbs.patience.brief,
                )
            except errors.S3Error as error:
                errors.warn(
                    f"the upload {upload} of {self.at.uri!r} is left behind, and costs "
                    f"storage: {error.strerror}",
                    RuntimeWarning,
                )

    def _written(
        self, attributes: Attributes | None, condition: Condition
    ) -> ObjectInfo:
        try:
            return self.verbs.copy_object(
                self.source,
                self.at,
                attributes,
                condition,
                # A version is what it is.
                if_match=None if self.version else self.info.etag,
                settings={**self.settings, **self.version},
            )
        except errors.S3Error as error:
            if error.status not in (404, 412):
                raise
            changed = self._missing(error)
            if changed is None:
                raise
            changed.ambiguous = error.ambiguous
            raise changed from error

    def _missing(self, error: errors.S3Error) -> errors.S3Error | None:
        """Return the error for a source that is not what it was, None if it is."""
        if error.code == "NoSuchBucket":
            bucket = error.response.get("Error", {}).get("BucketName")
            return _of(error, self.source) if bucket == self.source.bucket else None
        try:
            there = retry.repeated(
                lambda: self.reading.head_object(self.source), self.verbs.patience
            )
        except errors.S3FileNotFoundError as gone:
            return _of(gone, self.source)
        except errors.S3Error:
            # That it cannot be told is no reason to say so.
            return None
        if self.version or there.etag == self.info.etag:
            return None
        return errors.ObjectChangedError.at(self.source.uri, _CHANGED)

    def _seen(self) -> ObjectInfo:
        """Return what is known of the source, or more, if it was only listed."""
        info = self.info
        enough = info.content_type is not None or self.attributes is not None
        if enough and info.etag is not None:
            return info
        there = retry.repeated(
            lambda: self.reading.head_object(self.source), self.verbs.patience
        )
        if info.etag not in (None, there.etag):
            raise errors.ObjectChangedError.at(self.source.uri, _CHANGED)
        return there

    def _described(self, info: ObjectInfo) -> Attributes:
        """Return all that a copy of *info* is to be given."""
        if self.attributes is not None:
            settings = {**self.attributes.settings, **self.settings}
            return replace(self.attributes, settings=settings)
        metadata = {k: v for k, v in info.metadata.items() if k != TOKEN}
        kept = {
            name: info.settings[name]
            for name in contract.DESCRIBING
            if name in info.settings
        }
        return contract.Attributes(
            info.content_type, metadata, {**kept, **self.settings}
        )

    def _keeps_tags(self) -> bool:
        """Whether the copy is to have the tags of the source."""
        if self.attributes is None:
            return "Tagging" not in self.settings
        return self.attributes.settings.get("TaggingDirective") == "COPY"

    def _with_tags(self, given: Attributes, keep: str) -> Attributes:
        """Return *given* with the tags of the source, if it is to have them."""
        settings = {k: v for k, v in given.settings.items() if k not in _DIRECTIVES}
        if self._keeps_tags():
            tags = kept_tags(self.reading, self.source, keep)
            if tags:
                settings["Tagging"] = tagging(tags)
        return replace(given, settings=settings)


def spans(size: int) -> list[range]:
    """Return the parts in which so many bytes are copied, alike but for the last."""
    step = max(PART_SIZE, -(-size // MAX_PARTS))
    return [range(start, min(start + step, size)) for start in range(0, size, step)]


def _unable(at: Location) -> errors.S3Error:
    return answered("NotImplemented", 501, at.uri, {})


def _of(error: errors.S3Error, at: Location) -> errors.S3Error:
    """Return *error* as that of *at*, which is not what a condition was about."""
    other = type(error)(error.errno, error.strerror, at.uri)
    other.__dict__.update(error.__dict__)
    other.status = None
    return other
