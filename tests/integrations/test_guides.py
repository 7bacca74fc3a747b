"""The guides of docs/from, executed: each block of code, and each name of a table."""

from __future__ import annotations

import builtins
import doctest
import io
import re
import shlex
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.cli import main
from tests.consumers.consumer import Library

if TYPE_CHECKING:
    from s3open.testing import S3Server

FOLDER = Path(__file__).parents[2] / "docs" / "from"
GUIDES = sorted(path.stem for path in FOLDER.glob("*.md"))
BUCKETS = ("my-bucket", "example", "another-example")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"`(?:with |[A-Z][A-Za-z]*\(.*?\)\.)?\.?([A-Za-z_0-9]+)[`(]")
# Of which what a table names is a member, or an argument.
_OWNERS: tuple[Any, ...] = (
    *(s3open, s3open.Bucket, s3open.FileSystem, s3open.S3Path),
    *(s3open.Config(), s3open.Status, builtins),
)


def blocks(guide: str) -> list[tuple[str, str]]:
    return _BLOCK.findall((FOLDER / f"{guide}.md").read_text(encoding="utf-8"))


@pytest.fixture
def server(
    s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> S3Server:
    monkeypatch.chdir(tmp_path)
    for bucket in BUCKETS:
        s3open_server.create_bucket(bucket)
    s3open_server.create_bucket("versioned-bucket", versioned=True)
    return s3open_server


def test_there_are_five_guides() -> None:
    assert GUIDES == ["baiji", "cloudpathlib", "python-s3", "s3fs", "smart_open"]


@pytest.mark.parametrize("guide", GUIDES)
def test_each_block_of_code_runs_as_it_is_printed(guide: str, server: S3Server) -> None:
    if guide == "s3fs":
        assert Library("fsspec").open
    space: dict[str, Any] = {"__name__": guide}
    printed = io.StringIO()
    found = blocks(guide)
    assert len(found) > 2
    # Files that an example leaves open are the reader's to close.
    with warnings.catch_warnings(), redirect_stdout(printed):
        warnings.simplefilter("ignore", ResourceWarning)
        for number, (language, code) in enumerate(found):
            where = f"{guide}, block {number}"
            if language == "sh":
                for line in code.splitlines():
                    assert main(shlex.split(line)[1:]) == 0, line
            elif code.startswith(">>>"):
                run_session(code, space, where)
            else:
                exec(compile(code, where, "exec"), space)


def run_session(code: str, space: dict[str, Any], where: str) -> None:
    test = doctest.DocTestParser().get_doctest(code, space, where, None, None)
    runner = doctest.DocTestRunner(verbose=False)
    told: list[str] = []
    # It empties the name space at its end, but later blocks go on with it.
    runner.run(test, out=told.append, clear_globs=False)
    assert not runner.failures, "".join(told)
    space.update(test.globs)


@pytest.mark.parametrize("guide", GUIDES)
def test_each_name_of_a_table_is_there(guide: str) -> None:
    text = (FOLDER / f"{guide}.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    checked = 0
    for row in rows:
        if len(row) < 3 or row[1] == "s3open":
            continue
        told = row[0] if row[1] == "the same" else row[1]
        for name in _NAME.findall(told):
            assert is_there(name), f"{guide}: {name}"
            checked += 1
    assert checked >= 10


def is_there(name: str) -> bool:
    # The one needs fsspec, the other is smart_open's own.
    if name in ("S3OpenFileSystem", "register_compressor"):
        return True
    return any(hasattr(owner, name) for owner in _OWNERS)


def test_each_name_of_cloudpathlibs_is_told_of() -> None:
    theirs = Library("cloudpathlib").S3Path
    text = (FOLDER / "cloudpathlib.md").read_text(encoding="utf-8")
    told = set(re.findall(r"[A-Za-z_]+", text.partition("\n## Names\n")[2]))
    names = {name for name in dir(theirs) if not name.startswith("_")}
    assert not names - told
    same = text.partition("## Names\n\n`")[2].partition("`")[0].split()
    assert [name for name in same if not hasattr(s3open.S3Path, name)] == []
