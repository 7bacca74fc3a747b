"""What is there: listings, each with the fewest requests, and what one file is."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Any

from fsspec.utils import glob_translate, tokenize

from s3open import errors
from s3open.integrations.fs.base import VERSION, Based, name_of
from s3open.stores import keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from s3open.contract import Entry
    from s3open.location import Location

    Infos = dict[str, dict[str, Any]]

MAGIC = re.compile(r"[*?\[]")


class Listing(Based):
    """Questions. Nothing is remembered of the answers: there is no listings cache."""

    def ls(
        self,
        path: Any,
        detail: bool = True,
        refresh: bool = False,
        versions: bool = False,
        **_: Any,
    ) -> list[Any]:
        """List what is in a directory; a file itself; all buckets for ``""``.

        One request for every thousand names; one more where there are none, to see
        whether it is a file. With *versions* (and ``version_aware``) all of them, by
        names that end with ``?versionId=``. *refresh* is always so.
        """
        if versions and not self.version_aware:
            raise ValueError("versions=True needs version_aware=True")
        found = list(self._level(path, versions=versions))
        return found if detail else sorted({each["name"] for each in found})

    def info(
        self, path: Any, version_id: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """Tell of a file, a directory, or a bucket.

        One request for a file or a bucket, two for a directory.
        """
        name = self._strip_protocol(path)
        if not name:
            return directory("")
        uri, version_id = self._at(name, version_id)
        found = self._files.stat(uri, version_id=version_id, **self._reading())
        if found.is_dir:
            return directory(name)
        return {
            **_file(name, found.size, found.last_modified, found.etag),
            "StorageClass": found.storage_class,
            "VersionId": found.version_id,
            "ContentType": found.content_type,
        }

    def find(
        self,
        path: Any,
        maxdepth: int | None = None,
        withdirs: bool = False,
        detail: bool = False,
        prefix: str = "",
        **_: Any,
    ) -> Any:
        """List all files below a directory, or the file itself.

        One request for every thousand of them; with *maxdepth* one for each directory.
        *prefix*: those only whose names below *path* begin so.
        """
        name = self._strip_protocol(path)
        if not name and maxdepth is None:
            raise ValueError("cannot list the files of all buckets")
        if maxdepth is not None and maxdepth < 1:
            raise ValueError("maxdepth must be at least 1")
        if maxdepth is None:
            found = self._below(name, prefix)
        else:
            found = self._levels(name, [None] * maxdepth, prefix)
        if not found and not prefix and name:
            # Also where it is a file.
            found = self._itself(name)
        elif withdirs and found and name:
            found[name] = directory(name)
        chosen = {
            each: found[each]
            for each in sorted(found)
            if withdirs or found[each]["type"] == "file"
        }
        return chosen if detail else list(chosen)

    def glob(self, path: Any, maxdepth: int | None = None, **kwargs: Any) -> Any:
        """List what matches a pattern, as fsspec words them.

        Only what begins with what is literal in it is listed: one request for each
        directory that matches so far; for ``**`` one for every thousand keys below.
        """
        name = self._strip_protocol(path)
        first = MAGIC.search(name)
        if first is None:
            return super().glob(path, maxdepth=maxdepth, **kwargs)
        top, slash, rest = name[: first.start()].rpartition("/")
        if "**" in name or not slash:
            if slash:
                kwargs["prefix"] = rest
            return super().glob(path, maxdepth=maxdepth, **kwargs)
        parts = name[len(top) + 1 :].split("/")
        levels: list[re.Pattern[str] | None] = [
            re.compile(glob_translate(part)) for part in parts
        ]
        found = self._levels(top, levels, rest)
        depth = top.count("/") + len(parts)
        kinds = {"directory"} if str(path).endswith("/") else {"directory", "file"}
        if not kwargs.get("withdirs", True):
            kinds.discard("directory")
        chosen = {
            each: found[each]
            for each in sorted(found)
            if each.count("/") == depth and found[each]["type"] in kinds
        }
        return chosen if kwargs.get("detail") else list(chosen)

    def expand_path(
        self,
        path: Any,
        recursive: bool = False,
        maxdepth: int | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """List what names, patterns and, if *recursive*, directories mean."""
        if not recursive and not isinstance(path, (list, tuple, set)):
            name: str = self._strip_protocol(path)
            if not self._is_pattern(name):
                return [name]
        found: list[str] = super().expand_path(path, recursive, maxdepth, **kwargs)
        return found

    def du(
        self,
        path: Any,
        total: bool = True,
        maxdepth: int | None = None,
        withdirs: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Tell how many bytes files have. One request for every thousand."""
        found = self.find(path, maxdepth, withdirs=withdirs, detail=True, **kwargs)
        sizes = {name: found[name]["size"] or 0 for name in found}
        return sum(sizes.values()) if total else sizes

    def exists(self, path: Any, version_id: str | None = None, **_: Any) -> bool:
        """Whether there is a file, a directory or a bucket.

        One request if it is a file, two if not; PermissionError where one may not ask.
        """
        if not self._strip_protocol(path):
            return True
        uri, version_id = self._at(path, version_id)
        return self._files.exists(uri, version_id=version_id)

    def isdir(self, path: Any) -> bool:
        """Whether it is a directory, or a bucket. One request."""
        name = self._strip_protocol(path)
        return not name or self._files.isdir(self._at(name)[0])

    def isfile(self, path: Any) -> bool:
        """Whether it is a file. One request."""
        uri, version_id = self._at(path)
        return uri != "s3://" and self._files.isfile(uri, version_id=version_id)

    def modified(self, path: Any, version_id: str | None = None) -> datetime:
        """Return when the file was last written; IsADirectoryError for a directory."""
        moment: datetime = self._of_file(path, version_id)["LastModified"]
        return moment

    def created(self, path: Any) -> datetime:
        """Return when the file was made, which on S3 is when it was last written."""
        return self.modified(path)

    def checksum(self, path: Any, refresh: bool = False) -> int:
        """Return a number that changes with what the file holds: its ETag's."""
        found = self.info(path)
        etag = found.get("ETag", "").strip('"')
        digits = etag.partition("-")[0]
        plain = re.fullmatch("[0-9a-f]+", digits) and digits == etag
        return int(digits if plain else tokenize(etag or found["name"]), 16)

    def ukey(self, path: Any) -> str:
        """Return what tells whether a file has changed, made of its ETag."""
        found = self.info(path)
        told = [found.get(each) for each in ("name", "size", "ETag")]
        return sha256(repr(told).encode()).hexdigest()

    def _expanded(
        self, name: str, recursive: bool, maxdepth: int | None
    ) -> dict[str, bool | None]:
        """Return what *name* means, a pattern or a directory perhaps."""
        found: dict[str, bool | None] = {}
        tops: dict[str, bool | None] = {name: None}
        depth = maxdepth
        if self._means_pattern(name):
            listed = self.glob(name, maxdepth=maxdepth, detail=True)
            tops = {each: _is_dir(listed[each]) for each in listed}
            found.update(tops)
            depth = None if maxdepth is None else maxdepth - 1
        elif not recursive:
            found[name] = None
        if recursive and depth != 0:
            for top in (each for each in tops if tops[each] is not False):
                below = self.find(top, depth, withdirs=True, detail=True)
                found.update((each, _is_dir(below[each])) for each in below)
        return found

    def _is_pattern(self, name: str) -> bool:
        if self.version_aware:
            name = name.partition(VERSION)[0]
        return MAGIC.search(name) is not None

    def _means_pattern(self, name: str) -> bool:
        """Whether *name* is a pattern, and not the name of a file as well."""
        if not self._is_pattern(name):
            return False
        bucket, _, key = name.partition("/")
        return not key or self._is_pattern(bucket) or not self.isfile(name)

    def _reading(self) -> dict[str, Any]:
        """Return what every request for an object has to say."""
        given = self._writing
        return {name: given[name] for name in ("sse_customer_key",) if name in given}

    def _of_file(self, path: Any, version_id: str | None = None) -> dict[str, Any]:
        found = self.info(path, version_id=version_id)
        if found["type"] == "directory":
            raise errors.S3IsADirectoryError.at(self._at(path)[0])
        return found

    def _level(self, path: Any, *, versions: bool = False) -> Iterator[dict[str, Any]]:
        name = self._strip_protocol(path)
        if not name:
            yield from map(_bucket, self._files.buckets())
            return
        uri = self._uri(name)
        for each in self._files.ls(uri, versions=versions, full=True):
            told = entry(name_of(each.uri), each)
            if versions and told["type"] == "file":
                told["name"] += f"{VERSION}{each.version_id}"
                told |= {"IsLatest": each.latest, "IsDeleteMarker": each.deleted}
            yield told

    def _itself(self, name: str) -> Infos:
        try:
            return {name: self.info(name)}
        except FileNotFoundError:
            return {}

    def _inside(self, name: str, prefix: str) -> tuple[Location, str]:
        """Return what keys in the directory *name* begin with, and what names do."""
        at = self._place(name)
        top = at.key and at.key + "/"
        root = name_of(at.uri[: len(at.uri) - len(at.key)]).rstrip("/") + "/"
        return replace(at, key=top + prefix), root

    def _entries(
        self, name: str, prefix: str, *, recursive: bool
    ) -> Iterator[tuple[str, Entry]]:
        """Yield what is below *name*, by fsspec's names; nothing if that is nothing."""
        at, root = self._inside(name, prefix)
        listed = iter(keys.entries(self._files.config, at, recursive=recursive))
        try:
            first = next(listed, None)
        except FileNotFoundError:
            return
        for each in chain(() if first is None else (first,), listed):
            # A directory's own marker is not in it.
            if root + each.name != name + "/":
                yield root + each.name, each

    def _below(self, name: str, prefix: str) -> Infos:
        """Return all that is below *name*, and the directories that this makes."""
        found: Infos = {}
        for each, listed in self._entries(name, prefix, recursive=True):
            told = entry(each, listed)
            above = told["name"].rpartition("/")[0]
            while len(above) > len(name) and above not in found:
                found[above] = directory(above)
                above = above.rpartition("/")[0]
            if told["type"] == "file" or told["name"] not in found:
                found[told["name"]] = told
        return found

    def _levels(
        self, name: str, levels: list[re.Pattern[str] | None], prefix: str
    ) -> Infos:
        """Return what is below *name*, so many levels, as far as their names match."""
        found: Infos = {}
        tops: Iterable[str] = [name]
        for wanted in levels:
            below = []
            for top in tops:
                for told in self._matching(top, wanted, prefix):
                    if told["type"] == "directory":
                        below.append(told["name"])
                        found.setdefault(told["name"], told)
                    else:
                        found[told["name"]] = told
            tops, prefix = below, ""
        return found

    def _matching(
        self, top: str, wanted: re.Pattern[str] | None, prefix: str
    ) -> Iterator[dict[str, Any]]:
        if not top:
            listed: Iterable[dict[str, Any]] = self._level("")
        else:
            found = self._entries(top, prefix, recursive=False)
            listed = (entry(each, about) for each, about in found)
        for told in listed:
            last = told["name"][len(top) + 1 :] if top else told["name"]
            if last and (wanted is None or wanted.match(last)):
                yield told


def directory(name: str) -> dict[str, Any]:
    """Return all that is to be told of a directory."""
    return {
        "name": name,
        "Key": name,
        "size": 0,
        "Size": 0,
        "type": "directory",
        "StorageClass": "DIRECTORY",
    }


def entry(name: str, listed: Any) -> dict[str, Any]:
    """Return what a listing has told of *name*, which ends with a slash if need be."""
    if name.endswith("/"):
        # A marker, which is a key, or what several have in common.
        return {**directory(name[:-1]), "Key": name}
    return {
        **_file(name, listed.size, listed.last_modified, listed.etag),
        "StorageClass": listed.storage_class,
        **({"VersionId": listed.version_id} if listed.version_id else {}),
    }


def _file(
    name: str, size: int | None, modified: datetime | None, etag: str | None
) -> dict[str, Any]:
    return {
        "name": name,
        "Key": name,
        "size": size,
        "Size": size,
        "type": "file",
        "LastModified": modified,
        # For those who know files of a machine.
        "mtime": modified.timestamp() if modified is not None else None,
        # In quotes, as s3fs has it.
        "ETag": '"' + etag.strip('"') + '"' if etag is not None else None,
    }


def _bucket(found: Any) -> dict[str, Any]:
    return {
        **directory(found.name),
        "StorageClass": "BUCKET",
        "CreationDate": found.created,
    }


def _is_dir(info: dict[str, Any]) -> bool:
    return bool(info["type"] == "directory")
