"""Whole files, and ranges of them: read, written, and copied to this machine and back.

Many are moved side by side. Within a transaction what is written waits for its end.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from fsspec.callbacks import DEFAULT_CALLBACK
from fsspec.utils import isfilelike

from s3open import coded
from s3open.files import bottom
from s3open.integrations.fs.base import AT_ONCE, all_done, side_by_side
from s3open.integrations.fs.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Contents(Listing):
    """What is read and written at once."""

    def cat_file(
        self,
        path: Any,
        start: int | None = None,
        end: int | None = None,
        version_id: str | None = None,
        **_: Any,
    ) -> bytes:
        """Return a file, or the slice of it from *start* to *end*, as of ``bytes``.

        One request for what is small, ranges side by side for what is not. One more
        where a negative number takes its size to know, but for the last bytes.
        """
        uri, version_id = self._at(path, version_id)
        given: dict[str, Any] = {"version_id": version_id, **self._reading()}
        start = start or 0
        if start < 0 and end is None:
            return self._files.tail(uri, -start, **given)
        if start < 0 or (end or 0) < 0:
            found = self._files.stat(uri, version_id=version_id, **self._reading())
            start, end, _step = slice(start, end).indices(found.size)
            given["if_match"] = found.etag
        if start or end is not None:
            stop = None if end is None else max(start, end)
            given["byte_range"] = (start, stop)
        return self._files.read_bytes(uri, **given)

    def cat_ranges(
        self,
        paths: list[Any],
        starts: Any,
        ends: Any,
        max_gap: Any = None,
        on_error: str = "return",
        **_: Any,
    ) -> list[Any]:
        """Return ranges of files, one for each of *paths*, side by side.

        Those of one file come of one version of it, near ones by one request.
        *on_error*: "return" errors in place of bytes, or "raise" the first of them.
        """
        if not isinstance(paths, list):
            raise TypeError("paths has to be a list")
        starts = starts if isinstance(starts, list) else [starts] * len(paths)
        ends = ends if isinstance(ends, list) else [ends] * len(paths)
        if not len(paths) == len(starts) == len(ends):
            raise ValueError("paths, starts and ends have to be as many")
        wanted: dict[Any, list[int]] = {}
        for number, path in enumerate(paths):
            wanted.setdefault(path, []).append(number)
        spans = list(zip(starts, ends, strict=True))
        asked = [(path, [spans[n] for n in wanted[path]]) for path in wanted]
        found: list[Any] = [None] * len(paths)
        read = side_by_side(self._ranges, asked)
        with closing(read):
            for path, parts in zip(wanted, read, strict=True):
                if isinstance(parts, Exception):
                    if on_error == "raise":
                        raise parts
                    parts = [parts] * len(wanted[path])
                for number, part in zip(wanted[path], parts, strict=True):
                    found[number] = part
        return found

    def cat(
        self, path: Any, recursive: bool = False, on_error: str = "raise", **kwargs: Any
    ) -> Any:
        """Return a file; of several, or of a pattern, {name: bytes}, side by side.

        *on_error*: "raise", "omit", or "return" errors in place of bytes.
        """
        several = isinstance(path, (list, tuple, set))
        listed: dict[str, bool | None] = {}
        for each in path if several else [path]:
            listed.update(self._expanded(self._strip_protocol(each), recursive, None))
        names = sorted(name for name in listed if not listed[name])
        if not several and names == [self._strip_protocol(path)]:
            return self.cat_file(names[0], **kwargs)
        if not names:
            raise coded.NoSuchKey.at(f"{path}")
        found = {}
        read = side_by_side(lambda each: self.cat_file(each, **kwargs), zip(names))
        with closing(read):
            for name, content in zip(names, read, strict=True):
                if isinstance(content, Exception) and on_error == "raise":
                    raise content
                if isinstance(content, Exception) and on_error == "omit":
                    continue
                found[name] = content
        return found

    def pipe_file(
        self, path: Any, value: bytes, mode: str = "overwrite", **kwargs: Any
    ) -> None:
        """Have *value* be the file; *mode* "create": FileExistsError if there is one.

        The store itself decides that.
        """
        new = mode == "create"
        if self._intrans:
            with self.open(path, "xb" if new else "wb", **kwargs) as file:
                file.write(value)
            return
        given = self._given(kwargs)
        self._files.write_bytes(self._uri(path), value, overwrite=not new, **given)

    def pipe(self, path: Any, value: bytes | None = None, **kwargs: Any) -> None:
        """Have *value* be the file, or each of a dict's values its file."""
        if isinstance(path, str):
            path = {path: value}
        if not isinstance(path, dict):
            raise ValueError("path must be str or dict")
        # A transaction has its files in order.
        at_once = 1 if self._intrans else AT_ONCE

        def write(name: str, content: bytes) -> None:
            self.pipe_file(name, content, **kwargs)

        all_done(side_by_side(write, path.items(), at_once))

    def get_file(
        self,
        rpath: Any,
        lpath: Any,
        callback: Any = DEFAULT_CALLBACK,
        outfile: Any = None,
        **kwargs: Any,
    ) -> None:
        """Have a path, or an open file, of this machine be what is at *rpath*.

        A path is replaced all at once, when everything has come, by `s3open.download`.
        Of a directory one is made.
        """
        uri, version_id = self._at(rpath, kwargs.pop("version_id", None))
        target = outfile or lpath
        if not isfilelike(target):
            target = os.fspath(target)
            os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        try:
            info = self._files.download(
                uri, target, version_id=version_id, **self._reading()
            )
        except FileNotFoundError:
            if isfilelike(target) or not self.isdir(rpath):
                raise
            os.makedirs(target, exist_ok=True)
            return
        callback.set_size(info.size)
        callback.absolute_update(info.size)

    def put_file(
        self,
        lpath: Any,
        rpath: Any,
        callback: Any = DEFAULT_CALLBACK,
        mode: str = "overwrite",
        **kwargs: Any,
    ) -> None:
        """Have the file be what is at the path *lpath*, by `s3open.upload`.

        Directories are nothing on S3: of one nothing is made.
        """
        if os.path.isdir(lpath):
            return
        new = mode == "create"
        callback.set_size(os.path.getsize(lpath))
        if self._intrans:
            letters = "xb" if new else "wb"
            with (
                open(lpath, "rb") as source,
                self.open(rpath, letters, **kwargs) as file,
            ):
                shutil.copyfileobj(source, file, 1 << 20)
        else:
            given = self._given(kwargs)
            path = os.fspath(lpath)
            self._files.upload(path, self._uri(rpath), overwrite=not new, **given)
        callback.absolute_update(os.path.getsize(lpath))

    def touch(self, path: Any, truncate: bool = True, **kwargs: Any) -> None:
        """Have there be a file, an empty one; with ``truncate=False`` only if none is.

        What is there is left as it is, then, its time, too: that is the version's.
        """
        data = kwargs.pop("data", None) or b""
        if truncate:
            self.pipe_file(path, data, **kwargs)
            return
        with suppress(FileExistsError):
            self.pipe_file(path, data, mode="create", **kwargs)

    def head(self, path: Any, size: int = 1024) -> bytes:
        """Return the first bytes of a file. One request."""
        return self.cat_file(path, 0, size)

    def tail(self, path: Any, size: int = 1024) -> bytes:
        """Return the last bytes of a file. One request for what is not large."""
        return self.cat_file(path, -size) if size else b""

    def _given(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of `open` that *kwargs* say, boto3's names among them.

        What only fsspec's own files have a use for is left out.
        """
        found = {k: v for k, v in kwargs.items() if k not in _WITHOUT_EFFECT}
        if not found.get("acl", True):
            # s3fs says False where there is none.
            del found["acl"]
        theirs = {k: found.pop(k) for k in list(found) if k[:1].isupper()}
        extra = {
            **self._writing.get("extra_args", {}),
            **found.pop("extra_args", {}),
            **theirs,
        }
        if extra:
            found["extra_args"] = extra
        return {**{k: v for k, v in self._writing.items() if k not in found}, **found}

    def _ranges(self, path: Any, spans: list[tuple[Any, Any]]) -> Iterable[bytes]:
        """Return the slices *spans* of one file."""
        plain = all(s is not None and e is not None and 0 <= s <= e for s, e in spans)
        if len(spans) == 1 or not plain:
            return [self.cat_file(path, *span) for span in spans]
        uri, version_id = self._at(path)
        low, high = min(s for s, _ in spans), max(e for _, e in spans)
        given: dict[str, Any] = {"version_id": version_id, **self._reading()}
        given["byte_range"] = (low, high)
        wanted = [(start - low, end - start) for start, end in spans]
        if high - low <= max(_NEAR, 2 * sum(size for _, size in wanted)):
            # Who takes every other byte takes them all.
            whole = self._files.read_bytes(uri, **given)
            return [whole[start : start + size] for start, size in wanted]
        with self._files.open(uri, "rb", **given) as file:
            return bottom(file).read_ranges(wanted)


# What is so near comes by one request, which takes longer than its bytes.
_NEAR = 1 << 20
_WITHOUT_EFFECT = {
    *("cache_type", "cache_options", "fill_cache", "size", "chunksize"),
    *("max_concurrency", "batch_size"),
}
