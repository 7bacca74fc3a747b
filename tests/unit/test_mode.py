"""The mode against what builtin open makes of it."""

import itertools
import sys
from pathlib import Path

import pytest

from s3open.files import mode

LETTERS = "rwaxbt+"
WORDS = [
    "".join(letters)
    for length in range(5)
    for letters in itertools.product(LETTERS, repeat=length)
]


def test_a_mode_is_valid_where_builtin_s_is(tmp_path: Path) -> None:
    path = tmp_path / "file"
    seen: dict[frozenset[str], bool] = {}
    for word in WORDS:
        letters = frozenset(word)
        if len(letters) < len(word):
            valid = False
        else:
            valid = seen.setdefault(letters, is_valid(path, word))
        assert (mode.parse(word) is not None) == valid, word


@pytest.mark.parametrize(
    "word", ["", "UU", "wU", "rU+", "R", "r ", " r", "é", "rb\0", "br++"]
)
def test_strange_letters_are_no_mode(word: str) -> None:
    assert mode.parse(word) is None


@pytest.mark.parametrize("word", ["U", "rU", "Ub", "tUr"])
def test_universal_newlines_are_what_they_are_for_this_python(word: str) -> None:
    parsed = mode.parse(word)
    if sys.version_info >= (3, 11):
        assert parsed is None
    else:
        assert parsed is not None
        assert (parsed.reading, parsed.binary) == (True, "b" in word)
        assert parsed.raw == "rb"


@pytest.mark.parametrize(
    "word", ["r", "rb", "r+", "w", "wb+", "w+t", "a", "a+b", "x", "xt", "+bx"]
)
def test_a_mode_allows_what_builtin_s_allows(tmp_path: Path, word: str) -> None:
    path = tmp_path / "file"
    if "x" not in word:
        path.touch()
    ours = mode.parse(word)
    assert ours is not None
    assert ours.text == word
    with open(path, word) as builtin:
        assert ours.readable == builtin.readable()
        assert ours.writable == builtin.writable()
    assert ours.binary == ("b" in word)
    assert ours.updating == ("+" in word)
    assert ours.reading == ("r" in word)
    assert ours.creating == ("x" in word)
    assert ours.appending == ("a" in word)


@pytest.mark.parametrize(
    "word", ["rb", "rb+", "wb", "wb+", "ab", "ab+", "xb", "xb+", "b+r", "bw+"]
)
def test_the_raw_mode_is_worded_as_builtin_s(tmp_path: Path, word: str) -> None:
    path = tmp_path / "file"
    if "x" not in word:
        path.touch()
    ours = mode.parse(word)
    assert ours is not None
    with open(path, word, buffering=0) as builtin:
        assert ours.raw == builtin.mode


def is_valid(path: Path, word: str) -> bool:
    if "x" in word:
        path.unlink(missing_ok=True)
    else:
        path.touch()
    try:
        open(path, word).close()
    except ValueError:
        return False
    return True
