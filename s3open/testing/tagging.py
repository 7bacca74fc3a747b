"""Tags of objects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s3open.testing.descriptions import require_tags
from s3open.testing.documents import document, element, group, parse
from s3open.testing.objects import require_readable, version_headers
from s3open.testing.request import Answer

if TYPE_CHECKING:
    from s3open.testing.request import Request
    from s3open.testing.state import State


def object_tagging(state: State, request: Request) -> Answer:
    bucket = state.store.bucket(request.bucket)
    item = require_readable(bucket, request.key, request.query.get("versionId"))
    tags = [
        group("Tag", element("Key", key), element("Value", value))
        for key, value in item.tags.items()
    ]
    answer = Answer.of_document(document("Tagging", [group("TagSet", *tags)]))
    answer.headers |= version_headers(bucket, item)
    return answer


def put_object_tagging(state: State, request: Request) -> Answer:
    tree = parse(bytes(request.body.content))
    tags = [
        (tag.findtext("Key") or "", tag.findtext("Value") or "")
        for tag in tree.iter("Tag")
    ]
    return _replace(state, request, require_tags(tags), 200)


def delete_object_tagging(state: State, request: Request) -> Answer:
    return _replace(state, request, {}, 204)


def _replace(
    state: State, request: Request, tags: dict[str, str], status: int
) -> Answer:
    bucket = state.store.bucket(request.bucket)
    item = require_readable(bucket, request.key, request.query.get("versionId"))
    item.about = replace(item.about, tags=tags)
    return Answer(status, version_headers(bucket, item))
