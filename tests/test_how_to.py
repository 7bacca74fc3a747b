"""The pages of `docs/how-to` on tests, asyncio and PyTorch: their code is run.

What is on a page is one program, from its top to its end.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open.testing import Fault

if TYPE_CHECKING:
    from s3open.testing import S3Server

pytest_plugins = ["pytester"]
PAGES = Path(s3open.__file__).parent.parent / "docs" / "how-to"


def blocks(page: str) -> list[str]:
    text = (PAGES / f"{page}.md").read_text()
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def program(page: str) -> str:
    return "\n\n".join(blocks(page))


@pytest.mark.parametrize("page", ["asyncio", "pytorch"])
def test_the_programs_run(page: str, s3open_server: S3Server, tmp_path: Path) -> None:
    if page == "pytorch" and find_spec("torch") is None:
        pytest.skip("torch is not installed")
    s3open_server.create_bucket("my-bucket")
    path = tmp_path / "page.py"
    path.write_text(program(page))
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "published" not in done.stderr
    assert s3open_server.uploads("my-bucket") == []


def test_the_tests_pass(pytester: pytest.Pytester) -> None:
    code = program("testing")
    pytester.makepyfile(code)
    done = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--strict-markers")
    done.assert_outcomes(passed=code.count("\ndef test_"))


def test_every_fault_is_in_the_table() -> None:
    text = (PAGES / "testing.md").read_text().partition("## What can go wrong")[2]
    for field in fields(Fault):
        assert f"{field.name}=" in text, field.name
