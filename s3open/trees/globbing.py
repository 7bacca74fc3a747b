"""What matches a pattern, listed by what is literal in it, and no more.

``*`` (any letters), ``?`` (one letter), ``[a-z]`` and ``[!a]`` match within a name, as
in `glob`; ``**`` matches across slashes: alone between two of them any number of
directories, none among them. Names that begin with a dot are names like any other, for
on S3 nothing is hidden.

Where there is no ``**``, one level is listed after the other, and of it only what
begins with what the pattern's name begins with: ``*/x.csv`` asks once for the
directories, and once of each for ``x.csv``. From a ``**`` on, all that is below is
listed.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

from s3open import location as locations
from s3open.contract import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3open.config import Config
    from s3open.location import Location

__all__ = ["Folders", "entries", "escape", "has_magic", "matcher"]

MAGIC = re.compile(r"[*?[]")
_DEEP = "**"
# A "]" that comes first is a letter of the class, not its end.
_TOKENS = re.compile(r"\*\*+|\*|\?|\[(!?)(\][^\]]*|[^\]]+)\]|.", re.DOTALL)


def has_magic(name: str) -> bool:
    """Whether *name* is a pattern: whether it has one of ``*?[`` behind the bucket."""
    at = locations.parse(name)
    return MAGIC.search(name if at is None else at.key) is not None


def escape(name: str) -> str:
    """Return the pattern that *name* alone matches."""
    return MAGIC.sub(r"[\g<0>]", name)


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a name, which has no slash, matches *pattern*."""
    regex = re.compile(_parsed(pattern).regex, re.DOTALL)
    return lambda name: regex.fullmatch(name) is not None


def entries(
    config: Config, pattern: str, *, as_they_are: bool = False
) -> Iterator[Entry]:
    """Yield what matches *pattern*, files and directories, in the order of their names.

    Their names are whole keys on S3 and paths, as far as the pattern spells them, on
    this machine. Those of directories end with a slash, and a pattern that does matches
    directories only. Lazily, in memory for one directory. That there is nothing is
    fine; that there is no such bucket is FileNotFoundError.

    *as_they_are*: links of this machine are files, and nothing is found behind one that
    the pattern does not name itself; see `folders.entries`.
    """
    at = locations.parse(pattern)
    if at is None:
        lister = Folders(as_they_are=as_they_are)
        return _matching(lister, "", locations.local_path(pattern).split("/"))
    return _matching(_Bucket(config, at), "", at.key.split("/"))


class _Lister(Protocol):
    """What can be listed, in the order of names; a *prefix* need not be a directory."""

    def level(self, prefix: str) -> Iterator[Entry]:
        """Yield what begins with *prefix*, up to the next slash."""

    def below(self, prefix: str) -> Iterator[Entry]:
        """Yield all files, at least, that begin with *prefix*."""

    def exactly(self, name: str) -> Iterator[Entry]:
        """Yield the file and the directory of that *name*, as far as there are."""


class _Bucket:
    """The keys of the bucket of *at*."""

    def __init__(self, config: Config, at: Location) -> None:
        self._config = config
        self._at = at

    def level(self, prefix: str) -> Iterator[Entry]:
        return self._entries(prefix, recursive=False)

    def below(self, prefix: str) -> Iterator[Entry]:
        return self._entries(prefix, recursive=True)

    def exactly(self, name: str) -> Iterator[Entry]:
        if not name or name.endswith("/"):
            # The bucket is a directory without a key, too.
            if not name or self._is_there(name):
                yield Entry(name)
            return
        for entry in self.level(name):
            if entry.name in (name, name + "/"):
                yield entry
            if entry.name >= name + "/" and not self._at.is_unordered:
                return

    def _is_there(self, prefix: str) -> bool:
        from s3open.stores import keys

        return keys.has_below(self._config, replace(self._at, key=prefix))

    def _entries(self, prefix: str, *, recursive: bool) -> Iterator[Entry]:
        from s3open.stores import keys

        return keys.entries(
            self._config, replace(self._at, key=prefix), recursive=recursive
        )


class Folders:
    """The files of this machine; relative names begin where the program runs."""

    def __init__(self, *, as_they_are: bool = False) -> None:
        self._as_they_are = as_they_are

    def level(self, prefix: str) -> Iterator[Entry]:
        return self._entries(prefix, recursive=False)

    def below(self, prefix: str) -> Iterator[Entry]:
        return self._entries(prefix, recursive=True)

    def exactly(self, name: str) -> Iterator[Entry]:
        try:
            found = os.lstat(name) if self._as_they_are else os.stat(name)
        except (OSError, ValueError):
            return
        if stat.S_ISDIR(found.st_mode):
            yield Entry(name if name.endswith("/") else name + "/")
        else:
            moment = datetime.fromtimestamp(found.st_mtime, timezone.utc)
            yield Entry(name, found.st_size, moment)

    def _entries(self, prefix: str, *, recursive: bool) -> Iterator[Entry]:
        from s3open.stores import folders

        folder = prefix[: prefix.rfind("/") + 1]
        # As `glob`: what is not there, or no directory, has nothing that matches.
        with suppress(FileNotFoundError, NotADirectoryError):
            for entry in folders.entries(
                folder or ".", recursive=recursive, as_they_are=self._as_they_are
            ):
                if entry.name.startswith(prefix[len(folder) :]):
                    yield entry._replace(name=folder + entry.name)


class _Part(NamedTuple):
    """A name of a pattern: what it has to look like, and what it begins with."""

    regex: str
    start: str
    literal: bool
    deep: bool


@lru_cache(maxsize=64)
def _parsed(part: str) -> _Part:
    regex, start, literal, deep = "", "", True, False
    for token in _TOKENS.finditer(part):
        text, letters = token[0], token[2]
        if letters is not None and len(letters) == 1 and not token[1]:
            # As `escape` writes it.
            text = letters
        elif text in ("*", "?") or text.startswith(_DEEP) or letters is not None:
            literal = False
            deep = deep or text.startswith(_DEEP)
            regex += _wild(text, token[1], letters)
            continue
        regex += re.escape(text)
        start += text if literal else ""
    return _Part(regex, start, literal, deep)


def _wild(text: str, negated: str | None, letters: str | None) -> str:
    """Return the regular expression for what is not literal."""
    if letters is None:
        return {"*": "[^/]*", "?": "[^/]"}.get(text, ".*")
    # A class is as Python's: a backslash and the like are letters.
    inside = re.sub(r"([\\\[\]^&|~])", r"\\\1", letters)
    first, rest = inside[:1], inside[1:]
    inside = ("\\" if first == "-" else "") + first + rest
    regex = f"(?!/)[{'^' if negated else ''}{inside}]"
    try:
        re.compile(regex)
    except re.error:
        # From z to a: there are no such letters.
        return "[^/]" if negated else "(?!)"
    return regex


def _matching(lister: _Lister, base: str, parts: list[str]) -> Iterator[Entry]:
    """Yield what is below *base*, "" or a name with a slash, and matches *parts*."""
    part = _parsed(parts[0])
    while part.literal and len(parts) > 1:
        base += part.start + "/"
        parts = parts[1:]
        part = _parsed(parts[0])
    if part.deep:
        yield from _matching_deep(lister, base, parts)
        return
    if part.literal:
        yield from lister.exactly(base + part.start)
        return
    regex, rest = re.compile(part.regex, re.DOTALL), parts[1:]
    for entry in lister.level(base + part.start):
        name = entry.name[len(base) :]
        if entry.name == base or not regex.fullmatch(name.removesuffix("/")):
            # A directory's own marker is not in it.
            continue
        if not rest or (rest == [""] and name.endswith("/")):
            yield entry
        elif name.endswith("/") and rest != [""]:
            yield from _matching(lister, entry.name, rest)


def _matching_deep(lister: _Lister, base: str, parts: list[str]) -> Iterator[Entry]:
    """Yield what is below *base* and matches *parts*, of which one has a ``**``."""
    only_directories = parts[-1] == ""
    regex = _deep_regex(parts[:-1] if only_directories else parts)
    listed = lister.below(base + _parsed(parts[0]).start)
    for entry in _with_directories(listed, base):
        name = entry.name[len(base) :]
        directory = name.endswith("/")
        if only_directories and not directory:
            continue
        if regex.fullmatch(name.removesuffix("/")):
            yield entry


def _deep_regex(parts: list[str]) -> re.Pattern[str]:
    regex = ""
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == _DEEP:
            # Zero directories, too: "a/**/b" is "a/b" and "a/x/y/b".
            regex += ".+" if last else "(?:.*/)?"
        else:
            regex += _parsed(part).regex + ("" if last else "/")
    return re.compile(regex, re.DOTALL)


def _with_directories(listed: Iterator[Entry], base: str) -> Iterator[Entry]:
    """Yield *listed*, below *base*, each directory before what is in it, once."""
    inside = base
    for entry in listed:
        folder = entry.name[: entry.name.rfind("/") + 1]
        while not folder.startswith(inside):
            inside = inside[: inside.rfind("/", 0, -1) + 1]
        end = len(inside)
        while (end := folder.find("/", end) + 1) > 0:
            yield Entry(folder[:end])
        inside = folder
        if not entry.name.endswith("/"):
            yield entry
