"""Reading by way of a cache: what was read before, if the store says it still holds.

It is asked once, whether the object still has the ETag; that answers who may read it,
too. What only a key opens (SSE-C) is never kept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from s3open import contract, errors
from s3open.cache import folder
from s3open.cache.entry import Version
from s3open.cache.reader import CachingReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from s3open.cache import Cache
    from s3open.cache.entry import Entry
    from s3open.config import Config
    from s3open.location import Location
    from s3open.stores.options import ReadOptions


class Cached(NamedTuple):
    """What a cache has of *place*; *fresh* where the store has just sent it."""

    cache: Cache
    place: tuple[str, ...]
    entry: Entry
    info: contract.ObjectInfo
    first: contract.Answer | None

    @property
    def is_whole(self) -> bool:
        """Whether all bytes were here before, each with its checksum."""
        return self.first is None and self.entry.is_whole

    def reader(self, reader: contract.Reader) -> CachingReader:
        """Return a reader of the same as *reader*."""
        return CachingReader(reader, self.info, self.cache, self.place, self.entry)


def looked_up(
    config: Config,
    endpoint: str,
    location: Location,
    always: Mapping[str, Any],
    options: ReadOptions,
    ask: Callable[[ReadOptions], contract.Answer | None],
) -> Cached | contract.Answer | None:
    """Return what *ask* answers, and how it is cached, if it is to be.

    One request; where what is kept still holds, its answer has no body.
    """
    conditional = options.conditions or options.if_match
    if config.cache is None or conditional or "SSECustomerKey" in always:
        return ask(options)
    cache = folder.opened(config.cache, config.cache_size)
    place = endpoint, location.bucket, location.key, str(always.get("VersionId", ""))
    entry = _found(cache, place)
    if entry is None:
        return _kept(cache, place, ask(options))
    version = entry.version
    try:
        answer = ask(replace(options, conditions={"IfNoneMatch": version.etag}))
    except errors.NotModifiedError:
        info = contract.ObjectInfo(version.size, version.etag, version.version_id)
        return Cached(cache, place, entry, info, None)
    except BaseException:
        entry.close()
        raise
    if answer is not None and _version(answer.info) == version:
        # A store that ignores the condition.
        return Cached(cache, place, entry, answer.info, answer)
    entry.close()
    return _kept(cache, place, answer)


def _found(cache: Cache, place: tuple[str, ...]) -> Entry | None:
    try:
        return cache.find(place)
    except OSError:
        return None


def _kept(
    cache: Cache, place: tuple[str, ...], answer: contract.Answer | None
) -> Cached | contract.Answer | None:
    """Return *answer*, to be kept if the disk takes it."""
    if answer is None or answer.info.etag is None:
        return answer
    try:
        entry = cache.make(place, _version(answer.info))
    except OSError:
        return answer
    return Cached(cache, place, entry, answer.info, answer)


def _version(info: contract.ObjectInfo) -> Version:
    return Version(info.etag or "", info.size, info.version_id)
