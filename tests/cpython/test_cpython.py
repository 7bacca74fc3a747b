"""CPython's own tests of `open`, with their files on S3.

They are taken from the interpreter that runs this. Each module runs in a process of its
own, where `open` and the functions of `os` send the names of its files to a server in
memory (`runner`, `patches`, `bucket`), and files are asked for builtin's ends: half of
one is published, and one that nobody closed. Collected is what opened such a file.
"""

from __future__ import annotations

import fnmatch
import importlib.util
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.cpython.exclusions import COUNTS, EXCLUDED, LEAST, MODULES

VERSION = sys.version_info[:2]
# One that hangs is an error, too.
_MOST_SECONDS = 300


@pytest.fixture(scope="session", autouse=True)
def _there_are_tests() -> None:
    if importlib.util.find_spec("test.test_file") is None:
        message = "this interpreter was installed without its own tests"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)


@cache
def outcomes(module: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Return what became of the tests of *module* that opened a file on S3."""
    report = folder / f"{module}.json"
    root = Path(__file__).parent.parent.parent
    command = [sys.executable, "-m", "tests.cpython.runner", f"test.{module}"]
    done = subprocess.run(
        [*command, str(report)],
        cwd=folder,
        env={**os.environ, "XDG_STATE_HOME": str(folder), "PYTHONPATH": str(root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_MOST_SECONDS,
        check=False,
    )
    assert report.exists(), done.stderr[-3000:]
    found: dict[str, dict[str, Any]] = json.loads(report.read_text())
    return {
        name: each
        for name, each in found.items()
        if each["opened"] and not each["skipped"]
    }


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cpython")


def reason(module: str, name: str) -> str | None:
    """Return why a test is excluded, None if it is not."""
    for pattern, why in EXCLUDED.get(module, {}).items():
        if fnmatch.fnmatchcase(name, pattern):
            return why
    return None


def counted(module: str, folder: Path) -> tuple[int, int, int]:
    found = outcomes(module, folder)
    passed = sum(not each["trouble"] for each in found.values())
    excluded = sum(reason(module, name) is not None for name in found)
    return passed, len(found), excluded


@pytest.mark.parametrize("module", MODULES)
def test_a_module_passes_but_for_what_is_excluded(module: str, folder: Path) -> None:
    found = outcomes(module, folder)
    assert found
    failed = {
        name: each["trouble"]
        for name, each in found.items()
        if each["trouble"] and reason(module, name) is None
    }
    assert not failed, "\n".join(f"{name}\n{text}" for name, text in failed.items())
    useless = [
        name
        for name, each in found.items()
        if not each["trouble"] and reason(module, name) is not None
    ]
    assert useless == []
    if VERSION in COUNTS:
        assert counted(module, folder) == COUNTS[VERSION][module]


def test_nearly_all_that_is_collected_passes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = [counted(module, folder) for module in MODULES]
    passed, collected, excluded = (sum(column) for column in zip(*counts, strict=True))
    with capsys.disabled():
        print(
            f"\nCPython {VERSION[0]}.{VERSION[1]}: {passed} of {collected} tests pass "
            f"with their files on S3, {excluded} are excluded"
        )
    assert passed / collected >= LEAST
