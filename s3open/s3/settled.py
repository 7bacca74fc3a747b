"""Verbs that bring the same settings along with every request.

A customer's key (SSE-C), the version to read, the owner a bucket has to have: every
request needs them, whoever sends it, and nobody but the one who opens a file has to
know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open.s3.retry import DEFAULT, Patience
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s3open.config import Config
    from s3open.contract import (
        Answer,
        Attributes,
        Condition,
        Doomed,
        ObjectInfo,
        Page,
        Part,
        Pieces,
    )
    from s3open.errors import S3Error
    from s3open.location import Location
    from s3open.s3.verbs import Verbs


def settled(
    verbs: Verbs, settings: Mapping[str, Any], patience: Patience = DEFAULT
) -> Verbs:
    """Return *verbs* that send *settings*, too, with what knows them.

    Whoever uses them is as patient as *patience* says.
    """
    if settings or patience != verbs.patience:
        return Settled(verbs, settings, patience)
    return verbs


def opened_by(config: Config, verbs: Verbs, settings: Mapping[str, Any]) -> Verbs:
    """Return *verbs* that send *settings* and are as patient as *config* says."""
    return settled(verbs, settings, Patience.of(config))


class Settled:
    """Speaks `s3open.s3.verbs.Verbs` through *verbs*; new objects bring their own."""

    def __init__(
        self, verbs: Verbs, settings: Mapping[str, Any], patience: Patience
    ) -> None:
        self._verbs = verbs
        self._settings = settings
        self.patience = patience

    @property
    def endpoint(self) -> str:
        return self._verbs.endpoint

    def get_object(
        self,
        at: Location,
        span: range,
        *,
        if_match: str | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Answer:
        return self._verbs.get_object(
            at, span, if_match=if_match, settings=self._with(settings)
        )

    def head_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> ObjectInfo:
        return self._verbs.head_object(at, settings=self._with(settings))

    def put_object(
        self,
        at: Location,
        body: Pieces,
        attributes: Attributes,
        condition: Condition,
    ) -> ObjectInfo:
        return self._verbs.put_object(at, body, attributes, condition)

    def get_object_tags(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[str, str]:
        return self._verbs.get_object_tags(at, settings=self._with(settings))

    def put_object_tags(
        self,
        at: Location,
        tags: Mapping[str, str],
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> None:
        self._verbs.put_object_tags(at, tags, settings=self._beside(settings))

    def delete_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> None:
        self._verbs.delete_object(at, settings=self._beside(settings))

    def delete_objects(
        self,
        at: Location,
        doomed: Sequence[Doomed],
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> dict[Doomed, S3Error]:
        settings = self._beside(settings)
        return self._verbs.delete_objects(at, doomed, settings=settings)

    def list_objects(
        self,
        at: Location,
        *,
        delimiter: str = "",
        start_after: str = "",
        token: str | None = None,
        max_keys: int = 1000,
        owner: bool = False,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Page:
        return self._verbs.list_objects(
            at,
            delimiter=delimiter,
            start_after=start_after,
            token=token,
            max_keys=max_keys,
            owner=owner,
            settings=self._beside(settings),
        )

    def list_versions(
        self,
        at: Location,
        *,
        delimiter: str = "",
        token: str | None = None,
        max_keys: int = 1000,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Page:
        return self._verbs.list_versions(
            at,
            delimiter=delimiter,
            token=token,
            max_keys=max_keys,
            settings=self._beside(settings),
        )

    def copy_object(
        self,
        source: Location,
        at: Location,
        attributes: Attributes | None,
        condition: Condition,
        *,
        if_match: str | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> ObjectInfo:
        return self._verbs.copy_object(
            source,
            at,
            attributes,
            condition,
            if_match=if_match,
            settings=self._beside(settings),
        )

    def create_multipart_upload(self, at: Location, attributes: Attributes) -> str:
        return self._verbs.create_multipart_upload(at, attributes)

    def upload_part(
        self,
        at: Location,
        upload: str,
        number: int,
        body: Pieces,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Part:
        return self._verbs.upload_part(
            at, upload, number, body, settings=self._with(settings)
        )

    def upload_part_copy(
        self,
        at: Location,
        upload: str,
        number: int,
        span: range,
        *,
        if_match: str,
        source: Location | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Part:
        return self._verbs.upload_part_copy(
            at,
            upload,
            number,
            span,
            if_match=if_match,
            source=source,
            settings=self._beside(settings),
        )

    def complete_multipart_upload(
        self,
        at: Location,
        upload: str,
        parts: Sequence[Part],
        condition: Condition,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> ObjectInfo:
        return self._verbs.complete_multipart_upload(
            at, upload, parts, condition, settings=self._with(settings)
        )

    def abort_multipart_upload(self, at: Location, upload: str) -> None:
        self._verbs.abort_multipart_upload(at, upload)

    def upload_exists(self, at: Location, upload: str) -> bool:
        return self._verbs.upload_exists(at, upload)

    def list_parts(
        self, at: Location, upload: str, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[int, Part]:
        return self._verbs.list_parts(at, upload, settings=self._with(settings))

    def _with(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**self._settings, **settings}

    def _beside(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return *settings* with ours, but for the version, which is one to be read."""
        ours = {k: v for k, v in self._settings.items() if k != "VersionId"}
        return {**ours, **settings}
