"""What is in the target of a `sync` and not in its source: removed in the end.

Until then it is put down in a temporary file, for there may be more of it than fits
into memory.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from s3open.contract import Doomed
from s3open.forking import unforked
from s3open.trees import targets
from s3open.trees.placing import is_behind_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from typing_extensions import Self

    from s3open.trees.course import Telling
    from s3open.trees.tasks import Work

    # Name, size and time; 0 where that is none.
    _Listed: TypeAlias = tuple[str, int | None, float]

_IN_MEMORY = 4 << 20
_BEHIND_LINK = "it is behind a link, and nothing is removed there"
_EXACT = 1e-5  # listings have microseconds
_CHANGED = "it was written since it was listed, so it is not removed"


class Surplus:
    """Names below the target of *work*, to be removed. A context manager."""

    def __init__(self, work: Work, telling: Telling) -> None:
        self._work = work
        self._telling = telling
        self._file: IO[bytes] | None = None
        self._since = time.time()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, name: str, size: int | None, modified: float) -> None:
        """Have *name* removed in the end, if it still is what was listed."""
        if self._file is None:
            with unforked:
                from tempfile import SpooledTemporaryFile

            place = self._work.config.temp_dir
            self._file = SpooledTemporaryFile(_IN_MEMORY, dir=place)  # noqa: SIM115
        # As JSON also names that are no Unicode survive.
        self._file.write(json.dumps((name, size, modified)).encode() + b"\n")

    def remove(self, is_kept: Callable[[str], bool]) -> None:
        """Remove them, but those that *is_kept* says to be left alone; tell of each."""
        found = (each for each in self._added() if not is_kept(each[0]))
        if self._work.choices.dry_run:
            for name, size, _ in found:
                self._telling.tell("remove", self._work.target.told(name), size=size)
        elif self._work.target.remote:
            self._remove_there(found)
        else:
            self._remove_here(found)

    def _added(self) -> Iterator[_Listed]:
        if self._file is None:
            return
        self._file.seek(0)
        for line in self._file:
            name, size, modified = json.loads(line)
            if not self._is_folder(name):
                yield name, size, modified

    def _is_folder(self, name: str) -> bool:
        """Whether a key stands for a directory that is in the source."""
        source = self._work.source
        here = name.endswith("/") and source.at is None
        return here and os.path.isdir(source.local(name))

    def _remove_there(self, found: Iterator[_Listed]) -> None:
        from s3open.stores import keys

        target = self._work.target
        assert target.at is not None
        start = len(target.at.key)
        sizes: dict[Doomed, int | None] = {}

        def doomed() -> Iterator[Doomed]:
            for name, size, _ in found:
                one = Doomed(target.location(name).key)
                sizes[one] = size
                yield one

        for one, error in keys.remove_many(self._work.config, target.at, doomed()):
            size = sizes.pop(one, None)
            self._telling.removed(target.told(one.key[start:]), size, error)

    def _remove_here(self, found: Iterator[_Listed]) -> None:
        root = self._work.target.path
        last = root
        # Files of several names, whose inodes are touched when one of these goes.
        shared: set[tuple[int, int]] = set()
        for name, size, modified in found:
            told = self._work.target.told(name)
            try:
                path = targets.inside(root, name, follow=False)
                if is_behind_link(root, path):
                    raise OSError(errno.EINVAL, _BEHIND_LINK, path)
                status = os.lstat(path)
                identity = status.st_dev, status.st_ino
                # The system's clock is late by some milliseconds.
                late = status.st_ctime > self._since and identity not in shared
                if late or _differs(status, size, modified):
                    # By somebody, or under another name that is the same here.
                    raise OSError(errno.ESTALE, _CHANGED, path)
                if status.st_nlink > 1:
                    shared.add(identity)
                os.unlink(path)
            except FileNotFoundError:
                # That is what was wanted, whoever did it.
                pass
            except (OSError, ValueError) as error:
                self._telling.tell("fail", told, size=size, error=error)
                continue
            self._telling.tell("remove", told, size=size)
            folder = os.path.dirname(path)
            if folder != last:
                _prune(last, root)
                last = folder
        _prune(last, root)


def _differs(status: os.stat_result, size: int | None, modified: float) -> bool:
    """Whether a file is another one than was listed; a link was listed as its end."""
    if not stat.S_ISREG(status.st_mode):
        return False
    later = bool(modified) and abs(status.st_mtime - modified) > _EXACT
    return later or status.st_size != size


def _prune(folder: str, root: str) -> None:
    """Remove *folder*, and those above it, as far as they are empty, but not *root*."""
    top = root.rstrip("/")
    with suppress(OSError):
        while len(folder) > len(top):
            os.rmdir(folder)
            folder = os.path.dirname(folder)
