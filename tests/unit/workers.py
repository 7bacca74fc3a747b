"""Work for the workers of `trees.executing`, which may be in another process."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import NamedTuple


class Deadly(NamedTuple):
    """A task that kills its worker; *times* in all, which *folder* remembers."""

    number: int
    folder: str = ""
    times: int = 0


class Unsendable(OSError):
    """An error that cannot be made again from its arguments, nor otherwise.

    (Dask has pickle take more than it does by itself.)
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(5, reason, name)
        self.args = (name,)
        self.lock = threading.Lock()


def squared(number: int) -> int:
    return number * number


def process(_: int) -> int:
    return os.getpid()


def whoami(_: int) -> tuple[int, int]:
    """Return the process and the thread; the others get their turn, too."""
    time.sleep(0.001)
    return os.getpid(), threading.get_ident()


def failing(number: int) -> int:
    if number % 3 == 0:
        raise FileNotFoundError(2, "No such file", str(number))
    if number % 3 == 1:
        raise Unsendable(str(number), "broken")
    return number


def deadly(task: Deadly) -> int:
    """Return the task's number, or die. It leaves a mark for every try."""
    marks = [Path(task.folder, f"{task.number}-{n}") for n in range(100)]
    mark = next(each for each in marks if not each.exists())
    mark.touch()
    if task.times > marks.index(mark):
        os.kill(os.getpid(), signal.SIGKILL)
    return task.number


def tries(folder: Path, number: int) -> int:
    """Return how often a `Deadly` task was begun."""
    return len(list(folder.glob(f"{number}-*")))


def interrupted(number: int) -> int:
    """Do what Ctrl-C on a terminal does: every process gets it."""
    if number == 1:
        raise KeyboardInterrupt
    return number


def paused(number: int) -> int:
    time.sleep(0.001)
    return number
