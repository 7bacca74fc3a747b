"""The pages of `docs`: their examples are run, and they name all that there is.

The examples of a page are one program: lines with ``>>>`` are compared with what is
printed there, other blocks of Python are run, and so are ``console`` blocks, each
command with what follows it. What is in the README is tested there.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import codes, testing
from s3open.cli import main
from s3open.cli.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.testing import S3Server

DOCS = Path(__file__).parent.parent / "docs"
MENU = DOCS.parent / "mkdocs.yml"
PAGES = sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))
# Pages whose programs need more than a bucket: the test that runs each.
ELSEWHERE = {
    **dict.fromkeys(
        (f"how-to/{page}.md" for page in ("asyncio", "pytorch", "testing")),
        "tests/test_how_to.py",
    ),
    **dict.fromkeys(
        (page for page in PAGES if page.startswith("from/")),
        "tests/integrations/test_guides.py",
    ),
}
BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(page: str) -> list[tuple[str, str, int]]:
    """Return language, text and line of each block of *page*."""
    text = (DOCS / page).read_text()
    return [
        (found[1], found[2], text.count("\n", 0, found.start(2)))
        for found in BLOCK.finditer(text)
    ]


def needs(page: str) -> list[str]:
    """Return the libraries that *page* says at its top that it needs."""
    found = re.match(r"---\nneeds: \[(.*)\]\n---\n", (DOCS / page).read_text())
    return found[1].split(", ") if found else []


def with_examples() -> Iterator[str]:
    for page in PAGES:
        if any(language in ("python", "console") for language, _, _ in blocks(page)):
            yield page


@pytest.mark.parametrize("page", list(with_examples()))
def test_the_examples_run_as_they_are_printed(
    page: str,
    s3open_server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    if page in ELSEWHERE:
        assert Path(page).stem in (DOCS.parent / ELSEWHERE[page]).read_text()
        pytest.skip(f"{ELSEWHERE[page]} runs it")
    for library in needs(page):
        if find_spec(library) is None:
            assert os.environ.get("S3OPEN_TEST_CONSUMERS") != "1", library
            pytest.skip(f"{library} is not installed")
    if "fsspec" in needs(page):
        # Where the package is not installed as it is here.
        names_s3open(import_module("fsspec"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    s3open_server.create_bucket("my-bucket")
    s3open_server.create_bucket("versioned-bucket", versioned=True)
    s3open_server.put("my-bucket", "poem.txt", b"Roses are red,\n")

    names: dict[str, Any] = {"__name__": "__main__"}
    # A page may set filters of its own.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        for language, text, line in blocks(page):
            if language == "python" and ">>> " in text:
                compare(text, names, f"{page}:{line}", line)
            elif language == "python":
                code = compile("\n" * line + text, str(DOCS / page), "exec")
                exec(code, names)
            elif language == "console":
                for command, expected in commands(text):
                    check_printed(command, expected, capsys)


def names_s3open(fsspec: Any) -> None:
    from s3open.integrations.fsspec import S3OpenFileSystem

    S3OpenFileSystem.clear_instance_cache()
    fsspec.register_implementation("s3open", S3OpenFileSystem, clobber=True)


def compare(text: str, names: dict[str, Any], title: str, line: int) -> None:
    example = doctest.DocTestParser().get_doctest(text, names, title, title, line)
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    failed, run = runner.run(example, out=told.append, clear_globs=False)
    assert run > 0
    assert failed == 0, "".join(told)
    names.update(example.globs)


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a block, and what it prints."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed


def check_printed(
    command: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(command, comments=True)
    capsys.readouterr()
    if words[0] in ("s3", "s3open") and not {"|", ">", "<", "&&"} & set(words):
        assert main(words[1:]) == 0, command
        printed = capsys.readouterr().out
    else:
        start = (
            f's3() {{ "{sys.executable}" -m s3open "$@"; }}; s3open() {{ s3 "$@"; }}'
        )
        printed = subprocess.run(
            ["bash", "-euc", f"{start}\n{command}"],
            capture_output=True,
            check=True,
            text=True,
        ).stdout
    checker = doctest.OutputChecker()
    assert not expected or checker.check_output(expected, printed, FLAGS), printed


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_that_are_shown_can_be_meant(page: str) -> None:
    for language, text, _ in blocks(page):
        if language == "sh":
            for line in re.findall(r"^(?:s3|s3open) (.*)$", text, re.MULTILINE):
                words = shlex.split(line.partition("|")[0], comments=True)
                assert parse(words).command == words[0]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_in_the_menu(page: str) -> None:
    assert re.search(rf"[:-] {page}$", MENU.read_text(), re.MULTILINE)


def documented() -> list[str]:
    pages = (DOCS / "reference").glob("*.md")
    return [
        name
        for page in pages
        for name in re.findall(
            r"^::: s3open\.([\w.]+)$", page.read_text(), re.MULTILINE
        )
    ]


def test_every_public_name_is_in_the_reference_once() -> None:
    shown = documented()
    assert sorted(set(shown)) == sorted(shown)
    assert set(s3open.__all__) - {"__version__"} <= set(shown)
    for name in set(shown) - set(s3open.__all__):
        assert name.startswith(("errors.S3", "integrations.", "testing"))
    assert "testing" in shown
    for name in testing.__all__:
        assert getattr(testing, name).__doc__


def test_what_is_put_into_pages_is_there() -> None:
    hooks = made_by_hooks()
    for page in PAGES:
        for word, _, argument in re.findall(
            r"<!-- (\w+)(: (.*?))? -->", (DOCS / page).read_text()
        ):
            if word in hooks:
                assert len(hooks[word](argument, page)) > 100, (page, word)
    table = hooks["codes"]("", "reference/errors.md")
    for name in codes.CODES:
        assert f'id="s3open.{name}"' in table


def made_by_hooks() -> dict[str, Any]:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("hooks", DOCS / "building" / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    makers: dict[str, Any] = module.MAKERS
    return makers
