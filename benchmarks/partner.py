"""A Python process that is spoken to in lines of JSON."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import TracebackType

    from typing_extensions import Self

_ROOT = Path(__file__).resolve().parent.parent


class Partner:
    """``python -m MODULE`` for the time of a ``with`` block, which ends its input.

    Its environment is this process's without what could lead AWS clients elsewhere,
    and with *environment*.
    """

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        self._module = module
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None
        self._complaints = TemporaryFile("w+")  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        inherited = {
            name: value
            for name, value in os.environ.items()
            # Whoever is installed has been compiled, and so is s3open to be.
            if not name.startswith("AWS_") and name != "PYTHONDONTWRITEBYTECODE"
        }
        paths = [str(_ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        inherited["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            env={**inherited, **self._environment},
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self._process.communicate()
        self._complaints.close()

    def ask(self, question: object, limit: float | None = None) -> Any:
        """Return the answer to *question*; RuntimeError if there is none.

        After *limit* seconds, the process is killed.
        """
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        timer = threading.Timer(limit or 0, self._process.kill)
        if limit:
            timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            if limit and self._process.wait() == -signal.SIGKILL:
                raise RuntimeError(f"stopped after {limit:.0f} s")
            self._process.wait()
            self._complaints.seek(0)
            raise RuntimeError(self._complaints.read().strip() or "no answer")
        return json.loads(line)


def answer(value: object) -> None:
    """Answer the other side; for the module that a `Partner` runs."""
    print(json.dumps(value), flush=True)


def question() -> Any:
    """Return the next question, None after the last; for that module, too."""
    line = sys.stdin.readline()
    return json.loads(line) if line else None


def pin(cores: Collection[int]) -> None:
    """Keep this process, and threads it starts later, on *cores*; none: anywhere."""
    if cores:
        os.sched_setaffinity(0, cores)


def cores() -> tuple[list[int], list[int]]:
    """Return a core for the server and others for its clients, none where unknown."""
    if not hasattr(os, "sched_getaffinity"):
        return [], []
    usable = sorted(os.sched_getaffinity(0))
    return usable[-1:], usable[:-1] or usable
