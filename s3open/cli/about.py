"""``s3open stat``, ``exists``, ``is``, ``md5``, ``etag`` and ``checksum``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from s3open.cli import service
from s3open.cli.answers import json_line, printable

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from typing import IO

    from s3open.contract import Checksum
    from s3open.service import FileSystem

_PIECE = 1 << 20

# Of a `Status`, what is printed, in that order.
_FIELDS = (
    *("uri", "size", "last_modified", "etag", "version_id", "content_type"),
    *("storage_class", "checksum", "metadata", "settings"),
)


def stat(options: Namespace) -> int:
    """Print what is known of every file."""
    fs = service.filesystem(options)
    service.check_version(options, options.names)
    several = False

    def work(text: str) -> None:
        nonlocal several
        status = fs.stat(text, checksum=True, version_id=options.version_id)
        known = {name: getattr(status, name, None) for name in _FIELDS}
        if known["checksum"] is not None:
            known["checksum"] = _checksum_text(known["checksum"])
        if options.json:
            print(json_line({k: v for k, v in known.items() if v or v == 0}))
            return
        if several:
            print()
        several = True
        for line in _lines(known):
            print(line)

    return service.each(options.names, work)


def _lines(known: dict[str, Any]) -> list[str]:
    lines = []
    for name, value in known.items():
        if value is None or value == {}:
            continue
        if hasattr(value, "items"):
            pairs = sorted(value.items())
            lines += [f"{name}.{key}: {printable(str(text))}" for key, text in pairs]
        else:
            lines.append(f"{name}: {printable(str(value))}")
    return lines


def _checksum_text(checksum: Checksum) -> str:
    kind = "" if checksum.kind == "FULL_OBJECT" else f" ({checksum.kind.lower()})"
    return f"{checksum.algorithm} {checksum.value}{kind}"


def _version(options: Namespace) -> dict[str, str]:
    if options.version_id is None:
        return {}
    return {"version_id": options.version_id}


def exists(options: Namespace) -> int:
    """Return 0 if all are there, and print nothing."""
    fs = service.filesystem(options)
    service.check_version(options, options.names)
    missing = 0

    def work(text: str) -> None:
        nonlocal missing
        missing += not fs.exists(text, **_version(options))

    failed = service.each(options.names, work)
    return 1 if failed or missing else 0


def md5(options: Namespace) -> int:
    """Print the MD5 of every file."""
    fs = service.filesystem(options)
    return _print_each(options, partial(fs.md5, compute=options.compute))


def etag(options: Namespace) -> int:
    """Print the ETag of every file."""
    return _print_each(options, service.filesystem(options).etag)


def checksum(options: Namespace) -> int:
    """Print algorithm and value of the checksum of every file."""
    fs = service.filesystem(options)
    algorithm, compute = options.algorithm, options.compute

    def found(text: str, **version: str) -> str:
        kept = fs.checksum(text, algorithm, compute, **version)
        return _checksum_text(kept)

    return _print_each(options, found)


def _print_each(options: Namespace, found: Callable[..., str]) -> int:
    """Print a value, with the name behind it where there are several names."""
    service.check_version(options, options.names)
    several = len(options.names) > 1

    def work(text: str) -> None:
        value = found(text, **_version(options))
        print(f"{value}  {printable(text)}" if several else value)

    return service.each(options.names, work)


def same(options: Namespace) -> int:
    """Return 0 if two files have the same content, and say so."""
    fs = service.filesystem(options)
    one, two = service.name(options.name), service.name(options.other)
    equal = _same(fs, one, two)
    if not options.quiet:
        print("files match" if equal else "files DO NOT match")
    return 0 if equal else 1


def _same(fs: FileSystem, one: str, two: str) -> bool:
    """Compare by what the store says, and by all bytes where that does not decide."""
    first, second = (fs.stat(name, checksum=True) for name in (one, two))
    for name, status in ((one, first), (two, second)):
        if status.is_dir:
            raise IsADirectoryError(21, "Is a directory", name)
    if first.size != second.size:
        return False
    kept = [each.checksum for each in (first, second) if each.checksum]
    alike = {(each.algorithm, each.kind) for each in kept}
    if len(kept) == 2 and len(alike) == 1 and kept[0].kind == "FULL_OBJECT":
        return kept[0].value == kept[1].value
    if len(kept) == 1 and kept[0].kind == "FULL_OBJECT":
        # The other one is on this machine, or its store keeps none.
        name = two if first.checksum else one
        if not service.is_remote(name):
            return fs.checksum(name, kept[0].algorithm).value == kept[0].value
    if first.etag is not None and first.etag == second.etag:
        return True
    # That ETags differ says nothing: many are no MD5, and look like one.
    with fs.open(one, "rb") as left, fs.open(two, "rb") as right:
        return _same_bytes(left, right)


def _same_bytes(left: IO[bytes], right: IO[bytes]) -> bool:
    while True:
        piece, other = left.read(_PIECE), right.read(_PIECE)
        if piece != other:
            return False
        if not piece:
            return True
