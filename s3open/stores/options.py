"""The keyword-only options of `open`, checked before any request."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from s3open.config import MAX_OBJECT_SIZE, VERIFY
from s3open.stores import attributes
from s3open.stores.attributes import WriteOptions

if TYPE_CHECKING:
    from datetime import datetime

    from s3open.files import Mode

_CONDITIONS = (
    "if_match",
    "if_none_match",
    "if_modified_since",
    "if_unmodified_since",
)
READING = frozenset(("version_id", "at", "byte_range", *_CONDITIONS))
_OTHERS = ("on_error", "on_unclosed", "streaming", "verify", "cache_dir")
NAMES = {*attributes.NAMES, *READING, *_OTHERS}

_ETAG = re.compile(r'(?:W/)?"[!#-~]*"|\*')  # of HTTP: RFC 9110, 8.8.3


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What to read, and on which conditions.

    *window* is the bytes that the file is to consist of, as far as they exist, None for
    all; *conditions* has boto3's names and goes with the first request only.
    """

    version_id: str | None = None
    at: datetime | None = None
    window: range | None = None
    if_match: str | None = None
    conditions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """All options of one call of `open`, but for its configuration."""

    reading: ReadOptions = field(default_factory=ReadOptions)
    writing: WriteOptions = field(default_factory=WriteOptions)
    publishes_half: bool = False
    """Whether an exception that leaves ``with`` publishes what there is."""
    publishes_unclosed: bool = False
    """Whether what nobody closed is published."""
    streaming: bool = False
    """Whether bytes are let go as soon as they are sent."""
    verify: str | None = None
    """What is verified, where it is not what the configuration says."""
    replaces: str | None = None
    """The ETag that what is replaced has to have, in its quotes; None: any."""
    cache_dir: str | None = None
    """Where what was read is kept, where it is not what the configuration says."""
    kept: str | None = None
    """The recovery file whose bytes are being written."""


_NONE = Options()


def check_names(given: Mapping[str, Any]) -> None:
    """Raise the TypeError of a function that has no such argument."""
    for name in given:
        if name not in NAMES:
            raise TypeError(f"open() got an unexpected keyword argument {name!r}")


def parsed(given: Mapping[str, Any], mode: Mode) -> Options:
    """Return the options that *given* says, for a file open in *mode*.

    Raises TypeError and ValueError for values that cannot be, and for combinations.
    """
    if not given:
        return _NONE
    reading = {name: given[name] for name in READING if given.get(name) is not None}
    replaces = None
    if mode.writable and not (mode.creating or mode.reading or mode.appending):
        replaces = replaced(reading.pop("if_match", None))
    if reading and mode.writable:
        raise ValueError(f"{', '.join(reading)}: only for files that are only read")
    return Options(
        _reading(reading),
        attributes.parsed(given),
        _publishes(given, "on_error", "discard"),
        _publishes(given, "on_unclosed", "keep"),
        _streaming(given, mode),
        _verify(given.get("verify")),
        replaces,
        _cache_dir(given.get("cache_dir")),
    )


def _cache_dir(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, (str, os.PathLike)):
        kind = type(value).__name__
        raise TypeError(f"cache_dir has to be a path, not {kind}")
    return os.fsdecode(value)


def replaced(etag: object) -> str | None:
    """Return the ETag that what is replaced has to have; None if it may be any."""
    if etag is None:
        return None
    quoted = etag_of("if_match", etag)
    if quoted == "*" or quoted.startswith("W/"):
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        raise ValueError(f"if_match has to be the ETag of one object, not {etag!r}")
    return quoted


def of_head(function: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what *given* says of a HEAD, conditions and a key, by boto3's names.

    Raises TypeError and ValueError for what is none of these.
    """
    for name in given:
        if name not in (*_CONDITIONS, "sse_customer_key"):
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")
    wanted = {k: v for k, v in given.items() if v is not None}
    key = {k: wanted.pop(k) for k in ("sse_customer_key",) if k in wanted}
    settings = attributes.parsed(key).settings
    reading = _reading(wanted)
    found = {**settings, **reading.conditions}
    if reading.if_match is not None:
        found["IfMatch"] = reading.if_match
    return found


def _verify(value: Any) -> str | None:
    if value is not None and value not in VERIFY:
        raise ValueError(f"verify is 'auto', 'always' or 'off', not {value!r}")
    chosen: str | None = value
    return chosen


def _streaming(given: Mapping[str, Any], mode: Mode) -> bool:
    value = given.get("streaming", False)
    if not isinstance(value, bool):
        raise TypeError(f"streaming has to be a bool, not {type(value).__name__}")
    if value and (mode.reading or mode.appending or mode.updating):
        raise ValueError("streaming is for files that are only written: 'w' and 'x'")
    return value


def _publishes(given: Mapping[str, Any], name: str, other: str) -> bool:
    value = given.get(name, other)
    if value not in (other, "publish"):
        raise ValueError(f"{name} is {other!r} or 'publish', not {value!r}")
    return bool(value == "publish")


def _reading(given: Mapping[str, Any]) -> ReadOptions:
    if "version_id" in given and "at" in given:
        raise ValueError("version_id and at exclude each other")
    conditions: dict[str, Any] = {}
    if "if_none_match" in given:
        conditions["IfNoneMatch"] = etag_of("if_none_match", given["if_none_match"])
    if "if_modified_since" in given:
        conditions["IfModifiedSince"] = _moment(given, "if_modified_since")
    if "if_unmodified_since" in given:
        conditions["IfUnmodifiedSince"] = _moment(given, "if_unmodified_since")
    return ReadOptions(
        _version(given.get("version_id")),
        _moment(given, "at"),
        _window(given.get("byte_range")),
        etag_of("if_match", given["if_match"]) if "if_match" in given else None,
        conditions,
    )


def _version(version: object) -> str | None:
    if not isinstance(version, (str, type(None))):
        raise TypeError(f"version_id has to be a str, not {type(version).__name__}")
    if version == "":
        raise ValueError("version_id is empty")
    return version


def _moment(given: Mapping[str, Any], name: str) -> datetime | None:
    return attributes.moment(name, given[name]) if name in given else None


def etag_of(name: str, etag: object) -> str:
    """Return *etag* in its quotes, which `info` leaves out."""
    if not isinstance(etag, str):
        raise TypeError(f"{name} has to be a str, not {type(etag).__name__}")
    quoted = etag if _ETAG.fullmatch(etag) else f'"{etag}"'
    if not _ETAG.fullmatch(quoted):
        raise ValueError(f"{name} is no ETag: {etag!r}")
    return quoted


def _window(wanted: object) -> range | None:
    if wanted is None:
        return None
    if isinstance(wanted, range):
        if wanted.step != 1:
            raise ValueError(f"byte_range has to have a step of 1, not {wanted.step}")
        start: object = wanted.start
        stop: object = wanted.stop
    elif isinstance(wanted, tuple) and len(wanted) == 2:
        start, stop = wanted
        stop = MAX_OBJECT_SIZE if stop is None else stop
    else:
        raise TypeError(f"byte_range has to be (start, stop) or a range: {wanted!r}")
    if not (isinstance(start, int) and isinstance(stop, int)):
        raise TypeError(f"byte_range has to be of ints: {wanted!r}")
    if not 0 <= start <= stop:
        raise ValueError(f"byte_range has to be 0 <= start <= stop: {wanted!r}")
    return range(start, stop)
