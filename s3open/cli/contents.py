"""``s3open cat``, ``head``, ``tail``, ``put``, ``touch``, ``edit``: what is in files.

Bytes go through as they are, in pieces, so that no file is too large.
"""

from __future__ import annotations

import gzip
import os
import shlex
import shutil
import subprocess
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

from s3open.cli import service
from s3open.cli.answers import complain
from s3open.cli.parsing import UsageError
from s3open.functions import local

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from typing import IO

_PIECE = 1 << 20
# Lines are looked for from the end in steps of so many bytes.
_STEP = 64 << 10
_LINES = 10


def cat(options: Namespace) -> int:
    """Print all of every file, or the bytes that were asked for."""
    return _each_open(options, _copy_all)


def head(options: Namespace) -> int:
    """Print how every file begins."""

    def begin(file: IO[bytes]) -> None:
        if options.bytes is not None:
            _copy(file, options.bytes)
            return
        # A line need not end: it is printed in pieces.
        left = options.lines or _LINES
        while left and (piece := file.readline(_PIECE)):
            sys.stdout.buffer.write(piece)
            left -= piece.endswith(b"\n")

    return _each_open(options, begin)


def tail(options: Namespace) -> int:
    """Print how every file ends, without reading what stands before."""

    def end(file: IO[bytes]) -> None:
        if not file.seekable():
            sys.stdout.buffer.write(_end_of_stream(file, options))
            return
        size = file.seek(0, os.SEEK_END)
        if options.bytes is not None:
            start = max(0, size - options.bytes)
        else:
            start = _line_from_end(file, size, options.lines or _LINES)
        file.seek(start)
        _copy(file, size - start)

    return _each_open(options, end)


def _end_of_stream(file: IO[bytes], options: Namespace) -> bytes:
    """Return what is to be printed of what has to be read to its end."""
    if options.bytes is None:
        return b"".join(deque(file, options.lines or _LINES))
    kept = b""
    while piece := file.read(_PIECE):
        kept = (kept + piece)[-options.bytes :] if options.bytes else b""
    return kept


def _line_from_end(file: IO[bytes], size: int, count: int) -> int:
    """Return where the last *count* lines begin; the last need not end."""
    # What ends the last line separates it from none.
    end = size
    if size and _read_at(file, size - 1, 1) == b"\n":
        end -= 1
    while end > 0:
        start = max(0, end - _STEP)
        block = _read_at(file, start, end - start)
        found = block.count(b"\n")
        if found >= count:
            at = len(block)
            for _ in range(count):
                at = block.rindex(b"\n", 0, at)
            return start + at + 1
        count -= found
        end = start
    return 0


def _read_at(file: IO[bytes], start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)


def _each_open(options: Namespace, work: Callable[[IO[bytes]], None]) -> int:
    fs = service.filesystem(options)
    service.check_version(options, options.names)
    reading: dict[str, Any] = {}
    if options.version_id is not None:
        reading["version_id"] = options.version_id
    if getattr(options, "range", None) is not None:
        reading["byte_range"] = options.range

    def opened(text: str) -> None:
        if text == service.STANDARD:
            work(sys.stdin.buffer)
            return
        given = reading if service.is_remote(text) else {}
        if reading and not given:
            raise ValueError("only objects on S3 have versions and ranges")
        with fs.open(text, "rb", **given) as file:
            work(file)

    # Whatever was printed as text stands before the bytes.
    sys.stdout.flush()
    code = service.each(options.names, opened)
    sys.stdout.buffer.flush()
    return code


def _copy_all(file: IO[bytes]) -> None:
    shutil.copyfileobj(file, sys.stdout.buffer, _PIECE)


def _copy(file: IO[bytes], left: int) -> None:
    while left and (piece := file.read(min(left, _PIECE))):
        sys.stdout.buffer.write(piece)
        left -= len(piece)


def put(options: Namespace) -> int:
    """Write standard input to a file, which is there when it has ended."""
    fs = service.filesystem(options)
    given = service.attributes(options)
    target = service.name(options.name)
    if options.gzip:
        if options.append or given.get("content_encoding"):
            raise UsageError("--gzip goes with neither --append nor --content-encoding")
        given["content_encoding"] = "gzip"
    mode = "ab" if options.append else "xb" if options.exclusive else "wb"
    if not service.is_remote(target):
        if given:
            raise UsageError(f"only objects on S3 have {', '.join(sorted(given))}")
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    elif mode != "ab":
        # An input may be larger than the disk.
        given["streaming"] = True
    with fs.open(target, mode, **given) as file:
        if options.gzip:
            with gzip.GzipFile(fileobj=file, mode="wb") as packed:
                shutil.copyfileobj(sys.stdin.buffer, packed, _PIECE)
        else:
            shutil.copyfileobj(sys.stdin.buffer, file, _PIECE)
    return 0


def touch(options: Namespace) -> int:
    """Create what is not there, empty."""
    fs = service.filesystem(options)
    given = service.attributes(options)
    return service.each(options.names, lambda text: fs.touch(text, **given))


def edit(options: Namespace) -> int:
    """Have the user edit a copy, and publish it if he has changed it."""
    fs = service.filesystem(options)
    target = service.name(options.name)
    # A new file is not there for the editor either, and is none if it saves nothing.
    mode = "r+" if fs.exists(target) else "x"
    try:
        with local(target, mode, config=fs.config) as path:
            _run_editor(path)
            if mode == "x" and not os.path.exists(path):
                raise _NothingError
    except _NothingError as error:
        complain(error)
        return 1
    return 0


class _NothingError(Exception):
    """Leaves the block of a copy, so that nothing is published."""

    def __str__(self) -> str:
        return " ".join(map(str, ("nothing was published", *self.args)))


def _run_editor(path: str) -> None:
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    try:
        code = subprocess.run([*words, path], check=False).returncode
    except OSError as error:
        raise _NothingError(f"({words[0]}: {error.strerror})") from error
    if code:
        raise _NothingError(f"({words[0]} ended with {code})")
