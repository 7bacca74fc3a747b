"""Two listings side by side, so that what differs is seen without keeping either.

Both have to be in the order of the names' UTF-8 bytes, as S3 lists. Directory buckets
do not list so: what they list is sorted first, in bounded memory.
"""

from __future__ import annotations

import heapq
import pickle
from contextlib import ExitStack
from itertools import chain
from typing import IO, TYPE_CHECKING

from s3open.contract import Entry
from s3open.forking import unforked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    Pair: TypeAlias = tuple[str, Entry | None, Entry | None]

# What an entry takes besides its name, which is there twice when they are sorted: some
# 400 bytes, measured.
_ENTRY = 450
# As many entries are written, and read again, at once.
_BLOCK = 256
# As many sorted files are merged at once, each with a descriptor and a block.
_FAN = 32


class UnorderedError(ValueError):
    """A listing is not in the order of its names' UTF-8 bytes, or repeats one."""


def order(name: str) -> bytes:
    """Return what names are sorted by, on S3 and here.

    (Names that are no Unicode, which only local files have, by the bytes they are.)
    """
    return name.encode("utf-8", "surrogateescape")


def relative(entries: Iterable[Entry], base: str) -> Iterator[Entry]:
    """Yield *entries* by the names that they have behind *base*, which all begin with.

    What is *base* itself, a marker of a directory, is left out.
    """
    length = len(base)
    for entry in entries:
        if not entry.name.startswith(base):
            raise ValueError(f"{entry.name!r} is not below {base!r}")
        if len(entry.name) > length:
            yield Entry(entry.name[length:], *entry[1:])


def merge(left: Iterable[Entry], right: Iterable[Entry]) -> Iterator[Pair]:
    """Yield each name once, in order, with the entries that have it: left, right.

    Takes no more of either than it yields, but for one entry. Raises `UnorderedError`
    where one is not in order, for what follows would be wrong: what is there would be
    taken for missing.
    """
    lefts, rights = _ordered(left), _ordered(right)
    one, other = next(lefts, None), next(rights, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            assert one is not None
            yield one[1].name, one[1], None
            one = next(lefts, None)
        elif one is None or other[0] < one[0]:
            yield other[1].name, None, other[1]
            other = next(rights, None)
        else:
            yield one[1].name, one[1], other[1]
            one, other = next(lefts, None), next(rights, None)


def _ordered(entries: Iterable[Entry]) -> Iterator[tuple[bytes, Entry]]:
    """Yield *entries* with what they are sorted by; they have to be."""
    before: bytes | None = None
    name = ""
    for entry in entries:
        this = order(entry.name)
        if before is not None and this <= before:
            raise UnorderedError(f"the listing has {entry.name!r} behind {name!r}")
        before, name = this, entry.name
        yield this, entry


def sorted_externally(
    entries: Iterable[Entry], temp_dir: str | None = None, memory: int = 64 << 20
) -> Iterator[Entry]:
    """Yield *entries* in order, however many there are.

    What exceeds *memory*, in bytes, is written to nameless files in *temp_dir*; reading
    them takes some MiB. A full disk raises OSError with that directory as filename.
    """
    with ExitStack() as stack:
        # Sorted files; those of each level were merged from `_FAN` of the one below.
        levels: list[list[IO[bytes]]] = []
        kept: list[Entry] = []
        used = 0
        for entry in entries:
            kept.append(entry)
            used += _ENTRY + 2 * len(entry.name)
            if used >= memory:
                kept.sort(key=_by_name)
                run = _written(iter(kept), temp_dir, stack)
                kept, used = [], 0
                for level in levels:
                    level.append(run)
                    if len(level) < _FAN:
                        break
                    run = _written(_merged(level), temp_dir, stack)
                    for each in level:
                        each.close()
                    level.clear()
                else:
                    levels.append([run])
        kept.sort(key=_by_name)
        yield from _merged(chain.from_iterable(levels), kept)


def _by_name(entry: Entry) -> bytes:
    return order(entry.name)


def _merged(runs: Iterable[IO[bytes]], kept: Iterable[Entry] = ()) -> Iterator[Entry]:
    return heapq.merge(*map(_read, runs), kept, key=_by_name)


def _written(
    entries: Iterator[Entry], temp_dir: str | None, stack: ExitStack
) -> IO[bytes]:
    """Return a file with *entries* in it, at its beginning."""
    with unforked:
        import tempfile

    directory = temp_dir or tempfile.gettempdir()
    file = stack.enter_context(
        tempfile.TemporaryFile(prefix="s3open-", dir=directory)  # noqa: SIM115
    )
    try:
        for first in entries:
            block = [first, *_taken(entries, _BLOCK - 1)]
            # Plain tuples take a third of what named ones do.
            pickle.dump([tuple(entry) for entry in block], file, protocol=5)
        file.flush()
    except OSError as error:
        error.filename = directory
        raise
    file.seek(0)
    return file


def _taken(entries: Iterator[Entry], count: int) -> Iterator[Entry]:
    for _, entry in zip(range(count), entries, strict=False):
        yield entry


def _read(file: IO[bytes]) -> Iterator[Entry]:
    """Yield what `_written` wrote."""

    def blocks() -> Iterator[list[tuple[str]]]:
        while True:
            try:
                yield pickle.load(file)
            except EOFError:
                return

    for fields in chain.from_iterable(blocks()):
        yield Entry(*fields)
