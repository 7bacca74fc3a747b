"""From S3 to S3, one object: the store copies it, and nothing travels through here.

One request as long as the copy is to be like its source; what is to be different needs
to be asked for first, as the store gives all of it or nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open import contract, errors
from s3open.s3 import permissions, retry
from s3open.s3.clients import verbs_for
from s3open.s3.duplication import MAX_COPY, duplicate
from s3open.s3.settled import opened_by
from s3open.s3.tokens import TOKEN
from s3open.s3.verbs import WITH_CHECKSUM
from s3open.stores import refused
from s3open.stores.objects import S3Reader
from s3open.trees import comparing
from s3open.trees.tasks import Outcome

if TYPE_CHECKING:
    from s3open.contract import ObjectInfo
    from s3open.location import Location
    from s3open.trees.tasks import Task, Work


class Duplicates:
    """Copies objects below the source of *work* to below its target. Thread-safe."""

    def __init__(self, work: Work) -> None:
        assert work.source.at is not None
        self._source = work.source
        self._target = work.target
        self._choices = work.choices
        self._config = work.config
        given = work.choices.writing
        always = given.always
        # What is no word about the bytes may change, and all else be kept.
        self._settings = {
            name: value
            for name, value in given.settings.items()
            if name not in contract.DESCRIBING
        }
        if "Tagging" in given.settings:
            self._settings["TaggingDirective"] = "REPLACE"
        verbs = verbs_for(work.config, work.source.at.uri)
        self._verbs = self._reading = opened_by(work.config, verbs, always)
        if work.choices.version_id is not None:
            always = {**always, "VersionId": work.choices.version_id}
            self._reading = opened_by(work.config, verbs, always)
        self._condition = (
            contract.ALWAYS if work.choices.overwrite else contract.IF_ABSENT
        )

    def carry(self, task: Task) -> Outcome:
        source = self._source.location(task.source)
        at = self._target.location(task.target)
        choices = self._choices
        info = self._info(source, task)
        if choices.if_newer and not comparing.is_newer(
            self._verbs, at, comparing.time_of(info)
        ):
            return Outcome("skip", info.size, note="not newer")
        if choices.dry_run:
            if not choices.overwrite:
                comparing.check_free(self._verbs, at)
            return Outcome("copy", info.size, info.etag)
        self._duplicate(source, at, info)
        if choices.preserve_acl:
            self._copy_acl(source, at)
        return Outcome("copy", info.size, info.etag)

    def _duplicate(self, source: Location, at: Location, info: ObjectInfo) -> None:
        try:
            duplicate(
                self._verbs,
                source,
                at,
                info,
                self._attributes(info),
                self._condition,
                version_id=self._choices.version_id,
                settings=self._settings,
                progress=None,
            )
        except errors.ObjectChangedError as error:
            if self._choices.if_match is None or error.filename != source.uri:
                raise
            raise refused.unexpected(error) from error

    def differ(self, task: Task) -> bool:
        source = self._source.location(task.source)
        at = self._target.location(task.target)
        other = task.other
        assert other is not None
        later = other.modified > (task.modified or 0.0)
        here = contract.ObjectInfo(task.size or 0, task.etag)
        there = contract.ObjectInfo(other.size, other.etag)
        return comparing.objects_differ(
            S3Reader(self._verbs, source, here).head,
            S3Reader(self._verbs, at, there).head,
            later=later and self._choices.compare != "checksum",
        )

    def _info(self, source: Location, task: Task) -> ObjectInfo:
        """Return what has to be known of *source*; a listing may have told enough."""
        size, choices = task.size, self._choices
        enough = not (choices.redescribes or choices.if_newer)
        etag = choices.if_match
        if size is not None and size <= MAX_COPY and enough:
            return contract.ObjectInfo(size, etag or task.etag)
        return self._required(source)

    def _required(self, source: Location) -> ObjectInfo:
        """Return what a HEAD says of *source*; ObjectChangedError if it is another."""
        etag = self._choices.if_match
        found = retry.repeated(
            lambda: self._reading.head_object(source, settings=WITH_CHECKSUM),
            self._verbs.patience,
        )
        if etag not in (None, found.etag):
            raise refused.unexpected(errors.S3Error.at(source.uri))
        return found

    def _copy_acl(self, source: Location, at: Location) -> None:
        """Have the copy say of who may do what with it what its source says."""
        policy = permissions.acl(self._config, source, self._choices.version_id)
        permissions.set_acl(self._config, at, policy)

    def _attributes(self, info: ObjectInfo) -> contract.Attributes | None:
        """Return what the copy is told of its bytes, None if that is as its source is.

        The store keeps all of that, or nothing: so it is all said again.
        """
        given = self._choices.writing
        if not self._choices.redescribes:
            return None
        told = {
            name: given.settings.get(name, info.settings.get(name))
            for name in contract.DESCRIBING
            if name in given.settings or name in info.settings
        }
        if "Tagging" not in given.settings:
            told["TaggingDirective"] = "COPY"
        kept = {} if self._choices.replace_metadata else info.metadata
        metadata = {
            name: value
            for name, value in {**kept, **(given.metadata or {})}.items()
            if name != TOKEN
        }
        kind = given.content_type or info.content_type
        return contract.Attributes(kind, metadata, told)
