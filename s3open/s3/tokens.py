"""The marks of writers in an object's metadata: by them each knows its own writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.contract import ObjectInfo

# User metadata, hidden from users.
TOKEN = "s3open-write"

# So many writers may come in between before one's own token is pushed out: as many as
# there is room for beside the user's metadata.
_LEAST, _MOST = 30, 100
TOKEN_BYTES = 6  # 8 letters each, and a blank

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
_METADATA_LENGTH = 2048
MAX_METADATA_LENGTH = _METADATA_LENGTH - _LEAST * 9 - len(TOKEN)


def tokens_in(metadata: Mapping[str, str]) -> list[str]:
    """Return the tokens of the last writers, the newest last."""
    return metadata.get(TOKEN, "").split()


def shown(info: ObjectInfo) -> ObjectInfo:
    """Return *info* as users are to see it: without marks, and an ETag's quotes."""
    metadata = {k: v for k, v in info.metadata.items() if k != TOKEN}
    etag = info.etag.strip('"') if info.etag is not None else None
    return replace(info, etag=etag, metadata=metadata)


def room_in(metadata: Mapping[str, str]) -> int:
    """Return how many tokens there is room for beside the rest of *metadata*."""
    used = sum(len(k) + len(v) for k, v in metadata.items() if k != TOKEN)
    room = (_METADATA_LENGTH - len(TOKEN) - used) // 9
    return max(_LEAST, min(room, _MOST))
