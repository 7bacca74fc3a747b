"""``s3open ls``, ``find``, ``du``, ``tree`` and ``versions``: what is at a place.

Everything is printed as it is received, and none of it is kept.
"""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from s3open.cli import service
from s3open.cli.answers import json_line, print_name, printable, size_text, time_text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Iterator

    from s3open.filesystem.listed import Listed
    from s3open.service import FileSystem
    from s3open.trees.measuring import Usage

# Wide enough for what most files have.
_SIZE_WIDTH = 11


def ls(options: Namespace) -> int:
    """List one level, or all, of every place."""
    fs = service.filesystem(options)

    def listed(place: str) -> Iterable[Listed]:
        if not options.versions and service.may_be_pattern(place):
            return _matching(fs, place, recursive=options.recursive)
        return fs.ls(
            place,
            recursive=options.recursive,
            versions=options.versions,
            full=True,
        )

    return _print_all(options, listed)


def _matching(fs: FileSystem, pattern: str, *, recursive: bool) -> Iterator[Listed]:
    """Yield what matches *pattern*, or what has that name if nothing does."""
    there = False
    for entry in fs.iglob(pattern, full=True):
        there = True
        if recursive and entry.is_dir:
            yield from fs.ls(entry.uri, recursive=True, full=True)
        else:
            yield entry
    if not there:
        yield from fs.ls(pattern, recursive=recursive, full=True)


def find(options: Namespace) -> int:
    """List all files below every place that are as the flags say."""
    fs = service.filesystem(options)
    now = datetime.now(timezone.utc)

    def fits(entry: Listed) -> bool:
        size, age = entry.size or 0, now - (entry.last_modified or now)
        wanted = (
            options.larger is None or size > options.larger,
            options.smaller is None or size < options.smaller,
            options.newer_than is None or age <= options.newer_than,
            options.older_than is None or age >= options.older_than,
        )
        return all(wanted)

    def found(place: str) -> Iterable[Listed]:
        return filter(fits, fs.find(place, options.name or "*", full=True))

    return _print_all(options, found)


def _print_all(options: Namespace, listed: Callable[[str], Iterable[Listed]]) -> int:
    total = _Total()
    show = _printer(options)
    counts = options.summarize

    def work(place: str) -> None:
        for entry in listed(place):
            show(entry)
            if counts:
                total.add(entry)

    code = _each_place(options, work)
    if counts:
        # As programs that read aws-cli's know it.
        human = options.human_readable
        print(f"\nTotal Objects: {total.count}")
        print(f"   Total Size: {size_text(total.size, human=human)}")
    return code


def _each_place(options: Namespace, work: Callable[[str], None]) -> int:
    """Do *work* with every place, and tell what fails."""

    def told(place: str) -> None:
        try:
            work(place)
        except FileNotFoundError as error:
            # Other commands have buckets without a scheme.
            bare = not service.is_remote(place) and place[:1] not in ("/", ".")
            if bare and error.filename == place:
                error.strerror = f"{error.strerror} (a bucket is s3://{place})"
            raise

    return service.each(options.places, told)


class _Total:
    """How many there were, and how large they are."""

    def __init__(self) -> None:
        self.count = self.size = 0

    def add(self, entry: Listed) -> None:
        if entry.size is not None:
            self.count += 1
            self.size += entry.size


def _printer(options: Namespace) -> Callable[[Listed], None]:
    """Return what prints an entry as the flags say."""
    if options.json:
        return lambda entry: print(json_line(about(entry)))
    if getattr(options, "long", False) or getattr(options, "versions", False):
        return lambda entry: print(long_line(entry, human=options.human_readable))
    if options.null:
        return lambda entry: print_name(entry.uri, null=True)
    write = sys.stdout.write

    def plain(entry: Listed) -> None:
        uri = entry.uri
        write(f"{uri}\n" if uri.isprintable() else f"{uri!r}\n")

    return plain


def about(entry: Listed) -> dict[str, Any]:
    """Return what a listing says of *entry*, for JSON."""
    found = entry._asdict()
    if entry.etag is not None:
        found["etag"] = entry.etag.strip('"')
    # It is the end of the URI, and nobody asks.
    del found["name"]
    if not found["deleted"]:
        del found["deleted"]
    if found["version_id"] is None:
        del found["latest"]
    return dict(found)


def long_line(entry: Listed, *, human: bool) -> str:
    """Return time, size, storage class and version where they matter, and the URI."""
    if entry.deleted:
        size = "deleted"
    elif entry.size is None:
        size = "-"
    else:
        size = size_text(entry.size, human=human)
    parts = [time_text(entry.last_modified), size.rjust(_SIZE_WIDTH)]
    if entry.storage_class not in (None, "STANDARD"):
        parts.append(entry.storage_class)
    if entry.version_id is not None:
        parts.append(entry.version_id + ("" if entry.latest else " (old)"))
    return "  ".join([*parts, printable(entry.uri)])


def versions(options: Namespace) -> int:
    """List the versions of every object, or of all that are below."""
    fs = service.filesystem(options)
    human = options.human_readable

    def work(uri: str) -> None:
        found = (
            fs.ls(uri, recursive=True, versions=True, full=True)
            if options.recursive
            else fs.versions(uri)
        )
        for entry in found:
            print(
                json_line(about(entry))
                if options.json
                else long_line(entry, human=human)
            )

    return service.each(options.uris, work)


def du(options: Namespace) -> int:
    """Say how much there is below every place, and below its folders."""
    fs = service.filesystem(options)
    depth = options.depth or 0

    def work(place: str) -> None:
        if not options.versions:
            _print_usage(options, fs.du(place, max_depth=depth))
            return
        from s3open.trees.measuring import measured

        listed = fs.ls(place, recursive=True, versions=True, full=True)
        top = place if place.endswith("/") else f"{place}/"
        _print_usage(options, measured(listed, top, depth=depth))

    return _each_place(options, work)


def _print_usage(options: Namespace, usage: Usage) -> None:
    """Print it behind those of the folders in it, as du does."""
    for each in usage.directories:
        _print_usage(options, each)
    if options.json:
        print(json_line({"uri": usage.uri, "size": usage.size, "count": usage.files}))
        return
    size = size_text(usage.size, human=options.human_readable)
    print(f"{size:>{_SIZE_WIDTH}}  {usage.files:>8}  {printable(usage.uri)}")


def tree(options: Namespace) -> int:
    """Draw what is below every place."""
    fs = service.filesystem(options)

    def work(place: str) -> None:
        print(printable(place))
        for line in _branches(fs, place, options, ""):
            print(line)

    return _each_place(options, work)


def _branches(
    fs: FileSystem, place: str, options: Namespace, indent: str
) -> Iterator[str]:
    """Yield the lines of what is in *place*, and below as far as is wanted.

    One entry is kept of every folder that is open, to know which is its last.
    """
    level = len(indent) // 4 + 1
    entries = iter(fs.ls(place, full=True))
    entry = next(entries, None)
    while entry is not None:
        following = next(entries, None)
        fork, below = ("├── ", "│   ") if following else ("└── ", "    ")
        yield indent + fork + _leaf(entry, options)
        if entry.size is None and (options.depth is None or level < options.depth):
            yield from _branches(fs, entry.uri, options, indent + below)
        entry = following


def _leaf(entry: Listed, options: Namespace) -> str:
    name = printable(entry.uri.removesuffix("/").rpartition("/")[2])
    if entry.size is None:
        return f"{name}/"
    if not (options.long or options.human_readable):
        return name
    size = size_text(entry.size, human=options.human_readable)
    return f"{name}  ({size}, {time_text(entry.last_modified)})"
