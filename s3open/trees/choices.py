"""How files are to be copied: the options of `cp`, `mv` and `sync`, checked at once.

What cannot be is refused before any request: a wrong option is not a thousand errors.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from s3open.contract import DESCRIBING
from s3open.stores import attributes
from s3open.stores.attributes import WriteOptions
from s3open.stores.options import replaced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.trees.places import Place

COMPARE = ("auto", "checksum", "size", "mtime")

_KEY = "sse_customer_key"
# What an object is given; tags of a copy are kept by the store itself.
NAMES = attributes.NAMES - {"keep_tags"}
_OURS = ("gzip", "if_match", "preserve_acl", "replace_metadata", "version_id")


@dataclass(frozen=True)
class Choices:
    """What is to be done besides copying bytes.

    *writing* is what new objects are given; *overwrite* is False where nothing that is
    there may be replaced, which is left alone, then, if *skip*, else an error.
    """

    writing: WriteOptions = field(default_factory=WriteOptions)
    overwrite: bool = True
    skip: bool = False
    if_newer: bool = False
    moving: bool = False
    dry_run: bool = False
    gzip: bool = False
    preserve_acl: bool = False
    replace_metadata: bool = False
    """Whether a copy within S3 has no other metadata than those that are given."""
    version_id: str | None = None
    if_match: str | None = None
    """The ETag, in its quotes, that the one source has to have."""
    compare: str = "auto"
    """Of `sync`: by what it is told whether two files are the same."""

    @property
    def of_one(self) -> str | None:
        """The name of an option that is for one file only, if it was given."""
        if self.version_id is not None:
            return "version_id"
        return "if_match" if self.if_match is not None else None

    @property
    def redescribes(self) -> bool:
        """Whether copies are to tell anything else of their bytes than the source."""
        given = self.writing
        kept = given.content_type is None and given.metadata is None
        told = kept and not self.replace_metadata
        return not told or not given.settings.keys().isdisjoint(DESCRIBING)

    @property
    def customer_key(self) -> bytes | None:
        """The key of SSE-C that was given, as it was given."""
        key: str | None = self.writing.settings.get("SSECustomerKey")
        return None if key is None else base64.b64decode(key)

    def check_portable(self) -> None:
        """Raise TypeError if there are secrets that no pickle should have."""
        if attributes.withheld(self.writing.settings):
            raise TypeError(
                "cannot send an explicit sse_customer_key to other processes: "
                "use threads"
            )


def parsed(
    source: Place, target: Place, given: Mapping[str, Any], **flags: Any
) -> Choices:
    """Return what *given*, options by their names, and *flags* of `Choices` say.

    Raises TypeError for an option that is none, ValueError for those that do not go
    with the direction, or with each other.
    """
    given = {name: value for name, value in given.items() if value not in (None, False)}
    for name in given:
        if name not in NAMES and name not in _OURS:
            raise TypeError(f"got an unexpected keyword argument {name!r}")
    _check_direction(source, target, given)
    _check_flags(given, flags)
    if "if_match" in given:
        given["if_match"] = replaced(given["if_match"])
    own = {name: given.pop(name) for name in _OURS if name in given}
    return Choices(attributes.parsed(given), **own, **flags)


def _check_direction(source: Place, target: Place, given: Mapping[str, Any]) -> None:
    here, there = source.remote, target.remote
    fitting = {
        "version_id": (here, "for sources on S3"),
        "if_match": (here, "for sources on S3"),
        "preserve_acl": (here and there, "for copies from S3 to S3"),
        "replace_metadata": (here and there, "for copies from S3 to S3"),
        "gzip": (there and not here, "for uploads"),
        _KEY: (here or there, "for S3"),
    }
    for name in given:
        fits, what = fitting.get(name, (there, "for targets on S3"))
        if not fits:
            raise ValueError(f"{name} is {what}")


def _check_flags(given: Mapping[str, Any], flags: Mapping[str, Any]) -> None:
    if given.get("gzip") and "content_encoding" in given:
        raise ValueError("gzip and content_encoding exclude each other")
    if given.get("preserve_acl") and {"acl", "grants"} & given.keys():
        raise ValueError("preserve_acl excludes acl and grants")
    if given.get("version_id") and given.get("if_match"):
        raise ValueError("if_match is of what is there: a version is what it is")
    if given.get("version_id") and flags.get("moving"):
        raise ValueError("a version cannot be moved: copy it, then remove it")
    newer = flags.get("if_newer")
    if newer and (flags.get("skip") or not flags.get("overwrite", True)):
        raise ValueError("if_newer excludes skip and force=False")
    compare = flags.get("compare", "auto")
    if compare not in COMPARE:
        raise ValueError(f"compare has to be one of {COMPARE}, not {compare!r}")
