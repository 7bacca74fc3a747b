"""From one place of this machine to another, one file: as the other directions do it.

At once and atomically; time and mode are kept. Within one file system a move is a
renaming.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from s3open import contract
from s3open.stores import folders
from s3open.transfers import copying, landing
from s3open.transfers.sources import FileSource
from s3open.trees import comparing, targets
from s3open.trees.placing import (
    check_replaceable,
    give_times,
    is_behind_link,
    make_parent,
    put_in_place,
    remove_copied,
)
from s3open.trees.tasks import Outcome

if TYPE_CHECKING:
    from s3open.trees.tasks import Task, Work

_SMALL = 1 << 20


class Neighbours:
    """Copies, or moves, files below the source of *work*. Thread-safe."""

    def __init__(self, work: Work) -> None:
        self._source = work.source
        self._target = work.target
        self._choices = work.choices

    def carry(self, task: Task) -> Outcome:
        choices = self._choices
        path, target = self._ends(task)
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "Not a regular file", path)
        there = _there(target)
        if there is not None:
            if os.path.samestat(status, there):
                raise OSError(errno.EINVAL, "Source and target are the same", path)
            if choices.if_newer and status.st_mtime <= there.st_mtime:
                return Outcome("skip", status.st_size, note="not newer")
            if not choices.overwrite:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
        if not choices.dry_run:
            self._have(path, target, status)
        return Outcome("copy", status.st_size)

    def differ(self, task: Task) -> bool:
        path, target = self._ends(task)
        if self._choices.compare == "mtime":
            return os.stat(path).st_mtime_ns != os.stat(target).st_mtime_ns
        return comparing.files_differ(path, target)

    def _ends(self, task: Task) -> tuple[str, str]:
        """Return where the file is, and where it is to be."""
        there = targets.landing(self._target.path, task.target)
        return self._source.local(task.source), there

    def _have(self, path: str, target: str, status: os.stat_result) -> None:
        choices = self._choices
        check_replaceable(target)
        if choices.moving and choices.overwrite and self._renamed(path, target):
            return
        with FileSource(path, 0, None) as source:
            size = source.size or 0
            info = contract.ObjectInfo(size, metadata=folders.described(status))
            if size <= _SMALL:
                data = memoryview(bytearray(size))
                count = source.fill(0, data)
                source.check()
                put_in_place(target, data[:count], info, overwrite=choices.overwrite)
            else:
                make_parent(target)
                checked = landing.checked(target, overwrite=choices.overwrite)
                copying.copy(source, checked, overwrite=choices.overwrite)
                give_times(checked, info)
        if choices.moving:
            remove_copied(self._source.path, path, status)

    def _renamed(self, path: str, target: str) -> bool:
        """Whether the file could be renamed; a link is not what it leads to."""
        if os.path.islink(path) or is_behind_link(self._source.path, path):
            return False
        try:
            make_parent(target)
            os.replace(path, target)
        except OSError as error:
            if error.errno == errno.EXDEV:
                return False
            error.filename2 = None
            raise
        return True


def _there(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None
