"""One bar for many files: bytes, how fast they come, how long it will take, how many.

It is on stderr, and only where somebody watches. Where it is off nothing is imported
for it.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from s3open.forking import unforked

if TYPE_CHECKING:
    from collections.abc import Iterator


class Progress(Protocol):
    """What is told of what was done. Safe from any thread.

    It can be pickled, and its meters can: in another process there is no bar, but what
    they count there can be told here.
    """

    def expect(self, size: int | None, count: int = 1) -> None:
        """Have *count* files more to do, of *size* bytes together."""

    def all_expected(self) -> None:
        """Say that there will be no more: from now on it is known how long it takes."""

    def add(self, size: int) -> None:
        """Count bytes that were moved; a negative *size* takes them back."""

    def ended(self, count: int = 1) -> None:
        """Count files that are done, or have failed."""

    def meter(self) -> Meter:
        """Return what counts the bytes of one file."""

    def aside(self) -> Any:
        """Return a context in which others may write on the terminal."""

    def close(self) -> None:
        """Leave the last state on the terminal."""

    def __enter__(self) -> Progress: ...

    def __exit__(self, *_: object) -> None: ...


class Meter:
    """The bytes of one file, counted where they are moved; used by threads in turn.

    In another process there is no bar: there they add up to `untold`, which goes back
    with the result and is added here. Once *stopped* is set, who counts is interrupted.
    """

    def __init__(
        self,
        progress: Progress | None = None,
        stopped: threading.Event | None = None,
    ) -> None:
        self._progress = progress
        self._stopped = stopped
        self.counted = 0
        self.untold = 0

    @property
    def told(self) -> int:
        """How many of them a bar was told of."""
        return self.counted - self.untold

    def add(self, size: int) -> None:
        """Count bytes that were moved; KeyboardInterrupt if no more are wanted."""
        self._count(size)
        if self._stopped is not None and self._stopped.is_set():
            raise KeyboardInterrupt

    def restart(self) -> None:
        """Take back what was counted: the file is moved again from its beginning."""
        self._count(-self.counted)

    def _count(self, size: int) -> None:
        self.counted += size
        if self._progress is None:
            self.untold += size
        else:
            self._progress.add(size)

    def expect(self, size: int) -> None:
        """Say how large the file is, which nobody knew before."""
        if self._progress is not None:
            self._progress.expect(size, 0)

    def __reduce__(self) -> tuple[type[Meter], tuple[()]]:
        return Meter, ()


class Silent:
    """No bar, or none in this process."""

    def expect(self, size: int | None, count: int = 1) -> None: ...

    def all_expected(self) -> None: ...

    def add(self, size: int) -> None: ...

    def ended(self, count: int = 1) -> None: ...

    def meter(self) -> Meter:
        return Meter()

    @contextmanager
    def aside(self) -> Iterator[None]:
        yield

    def close(self) -> None: ...

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None: ...


class Bar:
    """A bar of tqdm's. It does not fork along: a child's would write over its parent's.

    tqdm is told one thing at a time, so its own locks have nothing to do.
    """

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._expected = 0
        self._files = 0
        self._done = 0
        self._complete = False

    def expect(self, size: int | None, count: int = 1) -> None:
        with self._lock:
            self._expected += size or 0
            self._files += count
            if self._complete:
                self.all_expected()

    def all_expected(self) -> None:
        with self._lock:
            self._complete = True
            self._bar.total = self._expected
            if hasattr(self._bar, "container"):
                # A notebook's has to be told, and was made as one without a total.
                shown = self._bar.container.children[1]
                shown.max, shown.bar_style = max(self._expected, 1), ""
                shown.layout.width = None
            self._tell()

    def add(self, size: int) -> None:
        if os.getpid() == self._process:
            with self._lock:
                self._bar.update(size)

    def ended(self, count: int = 1) -> None:
        with self._lock:
            self._done += count
            self._tell()
            self._bar.update(0)

    def meter(self) -> Meter:
        return Meter(self)

    @contextmanager
    def aside(self) -> Iterator[None]:
        with self._lock, self._bar.external_write_mode():
            yield

    def close(self) -> None:
        with self._lock:
            self._bar.close()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[type[Silent], tuple[()]]:
        return Silent, ()

    def _tell(self) -> None:
        of = f"/{self._files:,}" if self._complete else ""
        self._bar.set_postfix_str(f"{self._done:,}{of} files", refresh=False)


def bar(
    enabled: bool | Progress | None = None, total: int | None = None, label: str = ""
) -> Progress:
    """Return a bar on stderr, or what does nothing.

    *enabled* None is a bar where stderr is a terminal, or this is a notebook; True is
    one in any case; one that is there already is returned as it is. *total* is in
    bytes, if it is known from the beginning.
    """
    if enabled is None:
        enabled = _is_watched()
    if enabled is False or (enabled is True and sys.stderr is None):
        return Silent()
    if enabled is not True:
        return enabled
    made = Bar(_tqdm()(**_options(label)))
    if total is not None:
        made.expect(total, 0)
        made.all_expected()
    return made


def _options(label: str) -> dict[str, Any]:
    return {
        "desc": label or None,
        # Whatever comes is shown when the time has come, however fast it was before.
        "miniters": 0,
        "unit": "B",
        "unit_scale": True,
        "unit_divisor": 1024,
        "dynamic_ncols": True,
    }


def _is_watched() -> bool:
    if _in_notebook():
        return True
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:
        # It is closed.
        return False


def _in_notebook() -> bool:
    """Whether cells are run by a notebook; IPython in a terminal is a terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def _tqdm() -> Any:
    """Return tqdm's class, without the thread and the semaphores that it has others do.

    (A thread looks after bars that are told nothing for long; the lock is one between
    processes, for bars in several of them.)
    """
    with unforked:
        from importlib.util import find_spec

        if _in_notebook() and find_spec("ipywidgets") is not None:
            from tqdm.notebook import tqdm
        else:
            from tqdm.std import tqdm

    own = {"monitor_interval": 0, "_lock": threading.RLock()}
    return type("tqdm", (tqdm,), own)
