"""The verbs of whole trees over boto3: listing, deleting, copying inside the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from s3open import contract
from s3open.s3 import answers
from s3open.s3.boto_basis import (
    Basis,
    given_by,
    headers_of,
    require,
    source_name,
    stated,
)
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s3open.errors import S3Error
    from s3open.location import Location

_MOST_KEYS = 1000


class TreeVerbs(Basis):
    """Those of `s3open.s3.verbs.Verbs` that are for more than one file's bytes."""

    def delete_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> None:
        answer = self._call("delete_object", at, settings)
        # There is nothing to say.
        if headers_of(answer).get("content-length", "0") != "0":
            raise answers.foreign(at.uri)

    def delete_objects(
        self,
        at: Location,
        doomed: Sequence[contract.Doomed],
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> dict[contract.Doomed, S3Error]:
        listed = [_named(one) for one in doomed]
        answer = self._ask(
            "delete_objects", at, settings, Delete={"Objects": listed, "Quiet": False}
        )
        if not (answer.get("Deleted") or answer.get("Errors")):
            # Not a store's: botocore takes any other document for an empty one.
            raise answers.foreign(at.uri)
        told = [
            (each.get("Key", ""), each.get("VersionId") or None, each)
            for each in answer.get("Errors", ())
        ]
        return answers.refused(at, doomed, told)

    def list_objects(
        self,
        at: Location,
        *,
        delimiter: str = "",
        start_after: str = "",
        token: str | None = None,
        max_keys: int = _MOST_KEYS,
        owner: bool = False,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Page:
        asked: dict[str, Any] = _question(at, delimiter, max_keys)
        if token is not None:
            asked["ContinuationToken"] = token
        elif start_after:
            asked["StartAfter"] = start_after
        if owner:
            asked["FetchOwner"] = True
        answer = self._ask("list_objects_v2", at, settings, **asked)
        require(answer, "IsTruncated", at)
        found = [_entry(item) for item in answer.get("Contents", ())]
        more = None
        if answer["IsTruncated"]:
            require(answer, "NextContinuationToken", at)
            more = answer["NextContinuationToken"]
        return contract.Page(found, _prefixes(answer), more)

    def list_versions(
        self,
        at: Location,
        *,
        delimiter: str = "",
        token: str | None = None,
        max_keys: int = _MOST_KEYS,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Page:
        asked: dict[str, Any] = _question(at, delimiter, max_keys)
        if token is not None:
            asked["KeyMarker"], _, version = token.partition("\0")
            if version:
                asked["VersionIdMarker"] = version
        answer = self._ask("list_object_versions", at, settings, **asked)
        require(answer, "IsTruncated", at)
        found, prefixes = _versions(answer), _prefixes(answer)
        names = [*(each.name for each in found[-1:]), *prefixes[-1:]]
        more = None
        if answer["IsTruncated"]:
            require(answer, "NextKeyMarker", at)
            key = answer["NextKeyMarker"]
            last = max(names, default="")
            # botocore has decoded it, which some stores do not encode (Ceph 16.2).
            key = last if unquote_plus(last) == key else key
            more = f"{key}\0{answer.get('NextVersionIdMarker', '')}"
        return contract.Page(found, prefixes, more)

    def copy_object(
        self,
        source: Location,
        at: Location,
        attributes: contract.Attributes | None,
        condition: contract.Condition,
        *,
        if_match: str | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.ObjectInfo:
        given = stated(condition)
        if attributes is not None:
            given |= {"MetadataDirective": "REPLACE", "TaggingDirective": "REPLACE"}
            given |= given_by(attributes)
        if if_match is not None:
            given["CopySourceIfMatch"] = if_match
        name = source_name(source, settings)
        settings = {key: settings[key] for key in settings if key not in given}
        answer = self._saying(
            "CopyObjectResult", "copy_object", at, settings, CopySource=name, **given
        )
        version = answer.get("VersionId")
        return answers.copied(answer["CopyObjectResult"], version, at)


def _named(one: contract.Doomed) -> dict[str, str]:
    named = {"Key": one.key, "VersionId": one.version_id, "ETag": one.etag}
    return {name: value for name, value in named.items() if value is not None}


def _question(at: Location, delimiter: str, max_keys: int) -> dict[str, Any]:
    """Return what all listings have in common.

    botocore asks for encoded keys by itself, and decodes them.
    """
    asked: dict[str, Any] = {"Prefix": at.key, "Delimiter": delimiter}
    if max_keys != _MOST_KEYS:
        asked["MaxKeys"] = max_keys
    return {name: value for name, value in asked.items() if value}


def _prefixes(answer: Mapping[str, Any]) -> list[str]:
    return [item["Prefix"] for item in answer.get("CommonPrefixes", ())]


def _entry(item: Mapping[str, Any], *, deleted: bool = False) -> contract.Entry:
    owner = item.get("Owner", {})
    return contract.Entry(
        item["Key"],
        None if deleted else item["Size"],
        item.get("LastModified"),
        item.get("ETag"),
        item.get("StorageClass"),
        item.get("VersionId"),
        item.get("IsLatest", True),
        deleted,
        owner.get("DisplayName") or owner.get("ID"),
    )


def _versions(answer: Mapping[str, Any]) -> list[contract.Entry]:
    """Return versions and delete markers, which boto3 has taken apart.

    Of those of one key that are of one second, and not the latest, the markers go
    first: nothing tells any more.
    """
    markers = [_entry(item, deleted=True) for item in answer.get("DeleteMarkers", ())]
    found = [_entry(item) for item in answer.get("Versions", ())]
    return answers.newest_first([*markers, *found])
