"""Run one module of CPython's tests in this process, with its files on S3.

``python -m tests.cpython.runner test.test_file REPORT`` writes what became of each test
to REPORT, a JSON object.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
import unittest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s3open.testing import S3Server
from tests.cpython.bucket import ROOT, Bucket
from tests.cpython.patches import FileIO, Open, install

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAMES = (
    "TESTFN",
    "TESTFN_ASCII",
    "TESTFN_UNICODE",
    "TESTFN_NONASCII",
    "TESTFN_UNENCODABLE",
)
# Files that come with the tests, and that they open by name.
_DATA = (".gz", ".tar", ".tar.xz", ".wav")
# Files of more than 2 GiB are sparse on a disk, but would travel here. What is done to
# them is done to this many bytes instead, which is more than one part of an upload.
_LARGE = 10_000_000


class Result(unittest.TestResult):
    """Notes what became of each test, and whether it has opened a name of ours."""

    def __init__(self, opened: Open, bucket: Bucket) -> None:
        super().__init__()
        self._bucket = bucket
        self._before = bucket.state()
        self.outcomes: dict[str, dict[str, Any]] = {}
        self._opened = opened
        self._calls = 0
        self._skipped = False
        self._trouble = ""

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().startTest(test)
        self._calls, self._skipped, self._trouble = self._opened.calls, False, ""
        self._before = self._bucket.state()

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().stopTest(test)
        self._note(short(test), opened=self._opened.calls > self._calls)
        if self._trouble:
            # What it leaves behind is not to be the next one's trouble.
            self._bucket.restore(self._before)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802
        super().addSkip(test, reason)
        self._skipped = True

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        super().addError(test, err)
        self._fail(test, self.errors[-1][1])

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        super().addFailure(test, err)
        self._fail(test, self.failures[-1][1])

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        before = len(self.errors)
        super().addSubTest(test, subtest, err)
        if err is not None:
            listed = self.errors if len(self.errors) > before else self.failures
            self._fail(test, listed[-1][1])

    def _fail(self, test: Any, text: str) -> None:
        self._trouble = text
        if not isinstance(test, unittest.TestCase):
            # setUpModule or setUpClass: the tests are not even begun.
            self._note(str(test), opened=False)

    def _note(self, name: str, *, opened: bool) -> None:
        self.outcomes[name] = {
            "opened": opened,
            "skipped": self._skipped,
            "trouble": self._trouble,
        }


def short(test: unittest.TestCase) -> str:
    """Return ``Class.test``: the modules are others in each version."""
    return ".".join(test.id().split(".")[-2:])


def run(name: str) -> dict[str, dict[str, Any]]:
    """Run the module *name*; return the outcomes."""
    with S3Server() as server:
        os.environ.update(server.environment())
        bucket = Bucket(server)
        opened = install(bucket)
        _rename(bucket)
        module = importlib.import_module(name)
        _shrink(module)
        suite = unittest.defaultTestLoader.loadTestsFromModule(module)
        tests = [test for test in _each(suite) if not _is_about_pyio(type(test))]
        _hand_over(opened, tests)
        result = Result(opened, bucket)
        unittest.TestSuite(tests).run(result)
        return result.outcomes


def _rename(bucket: Bucket) -> None:
    """Have the tests use names of ours, also for the files they come with."""
    support: Any = importlib.import_module("test.support")
    helper: Any = importlib.import_module("test.support.os_helper")
    for each in _NAMES:
        local = getattr(helper, each)
        setattr(helper, each, local and f"{ROOT}/{local}")
    # As of a plain `python -m test`: nothing that takes long, or the network.
    support.use_resources = {}
    find = support.findfile

    def findfile(filename: str, subdir: str | None = None) -> str:
        path = Path(find(filename, subdir))
        if not path.name.endswith(_DATA):
            return str(path)
        uri = f"{ROOT}/{path.name}"
        bucket.put(uri, path.read_bytes())
        return uri

    support.findfile = findfile


def _shrink(module: Any) -> None:
    if module.__name__ == "test.test_largefile":
        module.size = _LARGE
        # All it does is to look whether a file can have 2 GiB.
        module.setUpModule = lambda: None
    elif module.__name__ == "test.test_io":
        module.IOTest.LARGE = _LARGE


def _each(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _each(test)
        else:
            yield test


def _is_about_pyio(kind: type) -> bool:
    """Whether *kind* has anything of `_pyio`, which is not what builtin open is."""
    pyio = importlib.import_module("_pyio")
    for base in kind.__mro__:
        for value in vars(base).values():
            held = value.__func__ if isinstance(value, staticmethod) else value
            if held is pyio or getattr(held, "__module__", None) == "_pyio":
                return True
    return False


def _hand_over(opened: Open, tests: Iterable[unittest.TestCase]) -> None:
    """Replace what is not called `open`, where the tests keep it."""
    raw = FileIO(opened)
    for kind in {base for test in tests for base in type(test).__mro__}:
        for name, value in list(vars(kind).items()):
            if value is io.FileIO and kind.__module__.startswith("test."):
                setattr(kind, name, raw)
    modules: dict[str, Any] = dict(sys.modules)
    for name, module in modules.items():
        # Not in tempfile itself: s3open has its spool there.
        if name.startswith("test.") and hasattr(module, "TemporaryFile"):
            module.TemporaryFile = opened.temporary


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(run(sys.argv[1])))
