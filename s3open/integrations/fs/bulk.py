"""Many files at once: copied, moved and removed, here and there and on the store."""

from __future__ import annotations

import os
from itertools import chain
from typing import TYPE_CHECKING, Any

from fsspec.callbacks import DEFAULT_CALLBACK
from fsspec.implementations.local import (
    LocalFileSystem,
    make_path_posix,
    trailing_sep,
)
from fsspec.utils import other_paths

from s3open import coded
from s3open.contract import Doomed
from s3open.integrations.fs.base import AT_ONCE, all_done, side_by_side
from s3open.integrations.fs.contents import Contents
from s3open.integrations.fs.listing import MAGIC
from s3open.stores import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    # A name, and whether it is a directory; None: nobody has asked.
    Found = tuple[str, bool | None]


class Bulk(Contents):
    """Copies, moves and removals, with fsspec's rules for where things come to be."""

    def get(
        self,
        rpath: Any,
        lpath: Any,
        recursive: bool = False,
        callback: Any = DEFAULT_CALLBACK,
        maxdepth: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Copy files to this machine, side by side, each by `get_file`.

        Names that would leave *lpath* are refused: ValueError.
        """
        if isinstance(lpath, list) and isinstance(rpath, list):
            found: list[Found] = [(each, None) for each in rpath]
            targets = lpath
        else:
            found = self._sources(rpath, recursive=recursive, maxdepth=maxdepth)
            target = make_path_posix(lpath) if isinstance(lpath, str) else lpath
            into = isinstance(target, str) and (
                trailing_sep(target) or os.path.isdir(target)
            )
            targets = _targets(rpath, found, target, into=into)
            if isinstance(target, str):
                _check_inside(target, targets)

        def copy(name: str, path: Any, is_dir: bool | None) -> None:
            with callback.branched(name, path) as child:
                if is_dir:
                    os.makedirs(path, exist_ok=True)
                else:
                    self.get_file(name, path, callback=child, **kwargs)

        self._carry(copy, found, targets, callback)

    def put(
        self,
        lpath: Any,
        rpath: Any,
        recursive: bool = False,
        callback: Any = DEFAULT_CALLBACK,
        maxdepth: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Copy files from this machine, side by side, each by `put_file`."""
        if isinstance(lpath, list) and isinstance(rpath, list):
            sources, targets = lpath, rpath
        else:
            here = LocalFileSystem()
            lpath = make_path_posix(lpath) if isinstance(lpath, str) else lpath
            sources = here.expand_path(lpath, recursive=recursive, maxdepth=maxdepth)
            if isinstance(lpath, str) and (not recursive or maxdepth is not None):
                sources = [
                    p for p in sources if not (trailing_sep(p) or os.path.isdir(p))
                ]
            into = isinstance(rpath, str) and (
                trailing_sep(rpath) or bool(sources and self.isdir(rpath))
            )
            listed: list[Found] = [(each, None) for each in sources]
            targets = _targets(lpath, listed, self._strip_protocol(rpath), into=into)

        def copy(path: str, name: Any, _: object) -> None:
            with callback.branched(path, name) as child:
                self.put_file(path, name, callback=child, **kwargs)

        self._carry(copy, [(each, None) for each in sources], targets, callback)

    def cp_file(self, path1: Any, path2: Any, **kwargs: Any) -> None:
        """Copy a file within the store, which does it itself."""
        uri, version_id = self._at(path1)
        given = {**self._given(kwargs), "version_id": version_id}
        self._files.cp(uri, self._uri(path2), glob=False, progress=False, **given)

    def copy(
        self,
        path1: Any,
        path2: Any,
        recursive: bool = False,
        maxdepth: int | None = None,
        on_error: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Copy files within the store, side by side, each by `cp_file`.

        *on_error*: whether what is not there any more is "ignore"d, or "raise"d; None
        ignores it where it is *recursive*.
        """
        found, targets = self._pairs(path1, path2, recursive, maxdepth)
        gone = on_error == "ignore" or (on_error is None and recursive)

        def copy(name: str, target: str, is_dir: bool | None) -> None:
            if not is_dir:
                self.cp_file(name, target, **kwargs)

        ignored = (FileNotFoundError,) if gone else ()
        self._carry(copy, found, targets, ignored=ignored)

    def mv(
        self,
        path1: Any,
        path2: Any,
        recursive: bool = False,
        maxdepth: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Move files within the store, side by side.

        Each is removed once it is copied, if it still is what was copied.
        """
        if path1 == path2:
            return
        found, targets = self._pairs(path1, path2, recursive, maxdepth)
        given = self._given(kwargs)

        def move(name: str, target: str, is_dir: bool | None) -> None:
            if not is_dir:
                uris = self._uri(name), self._uri(target)
                self._files.mv(*uris, glob=False, progress=False, **given)

        self._carry(move, found, targets)
        if recursive and maxdepth is None:
            # Of directories that are empty now their markers.
            places = [self._strip_protocol(name) for name, is_dir in found if is_dir]
            self._remove((at, Doomed(at.key + "/")) for at in map(self._place, places))

    def rm_file(self, path: Any) -> None:
        """Remove a file; FileNotFoundError if there is none."""
        uri, version_id = self._at(path)
        self._files.rm(uri, glob=False, progress=False, version_id=version_id)

    _rm = rm_file

    def rm(
        self, path: Any, recursive: bool = False, maxdepth: int | None = None
    ) -> None:
        """Remove files, what matches patterns, and, if *recursive*, directories.

        A directory by one request to list and one to remove a thousand. A bucket that
        is removed so goes itself, with all versions in it; not by a pattern. A pattern
        that is also the name of a file means that file.
        """
        several = isinstance(path, (list, tuple, set))
        names = [self._strip_protocol(each) for each in (path if several else [path])]
        if not recursive and len(names) == 1 and not self._is_pattern(names[0]):
            self.rm_file(names[0])
            return
        self._remove(self._doomed(names, recursive=recursive, maxdepth=maxdepth))

    def _doomed(
        self, names: Iterable[str], *, recursive: bool, maxdepth: int | None
    ) -> Iterator[tuple[Any, Doomed]]:
        for name in names:
            if self._means_pattern(name):
                tops = self.glob(name, detail=True)
                if not tops:
                    raise coded.NoSuchKey.at(self._uri(name))
            else:
                tops = {name: None}
            for top, info in tops.items():
                at = self._place(top)
                if not recursive:
                    if info is None or info["type"] == "file":
                        yield at, Doomed(at.key)
                elif not at.key and info is not None:
                    raise ValueError(f"a bucket goes by its name only, not {name!r}")
                elif not at.key and maxdepth is None:
                    self._files.bucket(at.bucket).delete(force=True)
                else:
                    yield from self._tree(top, maxdepth)

    def _tree(self, top: str, maxdepth: int | None) -> Iterator[tuple[Any, Doomed]]:
        """Yield the file *top*, and what is below it."""
        at = self._place(top)
        if maxdepth is None:
            inside, _ = self._inside(top, "")
            listed: Iterator[str] = (
                each.name for each in keys.entries(self._files.config, inside)
            )
        else:
            found = self.find(top, maxdepth=maxdepth, withdirs=True, detail=True)
            listed = iter([self._place(each["Key"]).key for each in found.values()])
        there = False
        for key in listed:
            there = True
            yield at, Doomed(key)
        if not there:
            # It is a file, or nothing, and that is an error.
            self.rm_file(top)
        elif at.key:
            yield at, Doomed(at.key)

    def _remove(self, doomed: Iterable[tuple[Any, Doomed]]) -> None:
        """Remove what is *doomed*, a thousand by one request; raise the first error."""
        failure: Exception | None = None
        left = iter(doomed)
        found = next(left, None)
        while found is not None:
            at, one = found
            # The first of another bucket.
            rest: list[tuple[Any, Doomed]] = []
            whole = chain((one,), _of_bucket(at.bucket, left, rest))
            for _, error in keys.remove_many(self._files.config, at, whole):
                failure = failure or error
            found = rest[0] if rest else None
        if failure is not None:
            raise failure

    def _sources(
        self, paths: Any, *, recursive: bool, maxdepth: int | None
    ) -> list[Found]:
        """Return what *paths* mean: names, patterns, with *recursive* what is below."""
        if maxdepth is not None and maxdepth < 1:
            raise ValueError("maxdepth must be at least 1")
        single = isinstance(paths, (str, os.PathLike))
        found: dict[str, bool | None] = {}
        for name in map(self._strip_protocol, [paths] if single else paths):
            found.update(self._expanded(name, recursive, maxdepth))
        if single and (not recursive or maxdepth is not None):
            # What is no tree has no directories in it.
            found = {name: found[name] for name in found if not found[name]}
            if list(found.values()) == [None] and self.isdir(next(iter(found))):
                return []
        elif not found:
            raise coded.NoSuchKey.at(f"{paths}")
        return [(name, found[name]) for name in sorted(found)]

    def _pairs(
        self, path1: Any, path2: Any, recursive: bool, maxdepth: int | None
    ) -> tuple[list[Found], list[str]]:
        """Return what is to be copied within the store, and where to."""
        if isinstance(path1, list) and isinstance(path2, list):
            return [(each, None) for each in path1], path2
        found = self._sources(path1, recursive=recursive, maxdepth=maxdepth)
        into = isinstance(path2, str) and (
            trailing_sep(path2) or bool(found and self.isdir(path2))
        )
        return found, _targets(path1, found, path2, into=into)

    def _carry(
        self,
        function: Callable[..., None],
        found: list[Found],
        targets: list[Any],
        callback: Any = DEFAULT_CALLBACK,
        ignored: tuple[type[Exception], ...] = (),
    ) -> None:
        """Do *function* for each name and target; raise the first error in the end."""
        callback.set_size(len(found))
        work = [
            (name, target, is_dir)
            for (name, is_dir), target in zip(found, targets, strict=True)
        ]
        # A transaction has its files in order.
        at_once = 1 if self._intrans else AT_ONCE
        done = side_by_side(function, work, at_once)
        all_done(_counted(done, callback), ignored)


def _of_bucket(
    bucket: str, doomed: Iterator[tuple[Any, Doomed]], rest: list[tuple[Any, Doomed]]
) -> Iterator[Doomed]:
    """Yield what is *doomed* in *bucket*; put the first that is not into *rest*."""
    for at, one in doomed:
        if at.bucket != bucket:
            rest.append((at, one))
            return
        yield one


def _counted(done: Iterable[Any], callback: Any) -> Iterator[Any]:
    for each in done:
        callback.relative_update(1)
        yield each


def _targets(given: Any, found: list[Found], target: Any, *, into: bool) -> list[Any]:
    """Return where each of *found* comes to be, by fsspec's rules.

    *given* is what they were found by; *into*: the target is a directory.
    """
    if not found:
        return []
    is_name = isinstance(given, (str, os.PathLike))
    text = os.fspath(given) if is_name else ""
    names = [name for name, _ in found]
    # A pattern that is the name of a file means that file.
    literal = len(names) == 1 and MAGIC.search(names[0]) and text.endswith(names[0])
    magic = bool(MAGIC.search(text)) and not literal
    exists = is_name and (
        (magic and len(found) == 1) or (not magic and into and not trailing_sep(text))
    )
    targets: list[Any] = other_paths(names, target, exists=exists, flatten=not is_name)
    return targets


def _check_inside(folder: str, targets: Iterable[str]) -> None:
    """Raise ValueError if one of *targets* is not below *folder*: keys may have ``..``.

    Nothing has been written then.
    """
    top = os.path.abspath(folder)
    for each in targets:
        path = os.path.abspath(each)
        if path != top and not path.startswith(top.rstrip(os.sep) + os.sep):
            raise ValueError(f"{each!r} would not be in {folder!r}")
