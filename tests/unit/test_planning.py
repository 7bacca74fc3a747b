"""Two listings side by side, and what sorts one that is not in order."""

from __future__ import annotations

import random
import tempfile
from datetime import datetime, timezone
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import pytest

from s3open.contract import Entry
from s3open.trees import planning
from s3open.trees.planning import UnorderedError, merge, order, relative
from s3open.trees.planning import sorted_externally as externally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LETTERS = ["a", "b", "/", "-", ".", "é", "\ud7ff", "\ue000", "\U0001f600", "\udcff"]


def entries(names: Iterable[str], size: int = 0) -> list[Entry]:
    return [Entry(name, size) for name in sorted(names, key=order)]


def some_names(chance: random.Random, most: int) -> set[str]:
    return {
        "".join(chance.choices(LETTERS, k=chance.randint(1, 4)))
        for _ in range(chance.randint(0, most))
    }


def test_every_name_comes_once_with_what_has_it() -> None:
    chance = random.Random(6)
    for _ in range(300):
        left, right = some_names(chance, 20), some_names(chance, 20)
        pairs = list(merge(entries(left, 1), entries(right, 2)))
        assert [name for name, _, _ in pairs] == sorted(left | right, key=order)
        for name, one, other in pairs:
            assert one == (Entry(name, 1) if name in left else None)
            assert other == (Entry(name, 2) if name in right else None)


def test_the_order_is_that_of_the_bytes() -> None:
    # A letter beyond the first 65,536 comes last in UTF-8, but not in UTF-16.
    names = ["a", "a-", "a/", "a/b", "ab", "é", "\ue000", "\U0001f600"]
    assert [name for name, _, _ in merge(map(Entry, names), [])] == names


def test_as_little_is_taken_as_is_yielded() -> None:
    taken = 0

    def endless(step: int) -> Iterator[Entry]:
        nonlocal taken
        for number in count(0, step):
            taken += 1
            yield Entry(f"{number:012}")

    pairs = merge(endless(2), endless(3))
    assert len(list(islice(pairs, 4000))) == 4000
    # 6,000 numbers, of which every second and every third is there.
    assert taken <= 5002


@pytest.mark.parametrize("names", [["b", "a"], ["a", "a"], ["\U0001f600", "\ue000"]])
@pytest.mark.parametrize("turned", [False, True])
def test_what_is_not_in_order_is_an_error(names: list[str], turned: bool) -> None:
    wrong, right = map(Entry, names), entries("abc")
    with pytest.raises(UnorderedError, match="behind"):
        list(merge(right, wrong) if turned else merge(wrong, right))


def test_keys_become_names_below_a_prefix() -> None:
    listed = [Entry("p/", 0), Entry("p//", 0), Entry("p/a", 1, etag="e")]
    assert list(relative(listed, "p/")) == [Entry("/", 0), Entry("a", 1, etag="e")]
    with pytest.raises(ValueError, match="not below"):
        list(relative([Entry("q")], "p/"))


@pytest.mark.parametrize("memory", [1, 100_000, 64 << 20])
def test_any_number_is_sorted(
    memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "_FAN", 4)
    chance = random.Random(memory)
    when = datetime(2026, 11, 26, tzinfo=timezone.utc)
    names = [f"{chance.random()}" for _ in range(700)]
    shuffled = [Entry(name, len(name), when, "etag") for name in names]
    in_order = sorted(shuffled, key=lambda entry: entry.name)
    assert list(externally(shuffled, str(tmp_path), memory)) == in_order
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_where_memory_suffices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(tempfile, "TemporaryFile")
    assert list(externally(entries("cab"))) == entries("abc")
    assert list(externally([])) == []


def test_few_files_are_open_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "_FAN", 4)
    made: list[Any] = []
    most = 0
    original = tempfile.TemporaryFile

    def file(**options: Any) -> Any:
        nonlocal most
        made.append(original(**options))
        most = max(most, sum(not each.closed for each in made))
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", file)
    numbers = [f"{number:04}" for number in reversed(range(300))]
    assert list(externally(map(Entry, numbers), None, 1)) == [
        Entry(number) for number in sorted(numbers)
    ]
    assert len(made) > 300
    # Four of each of five levels, and one that is being written.
    assert most <= 21
    assert all(each.closed for each in made)


def test_files_are_closed_when_nobody_wants_the_rest() -> None:
    # A file that is left open warns, which fails a test.
    sorting = externally(entries(map(str, range(100))), None, 1)
    next(sorting)
    sorting.close()  # type: ignore[attr-defined]


def test_a_full_disk_names_the_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pickle.dump", full)
    with pytest.raises(OSError, match="No space left") as caught:
        list(externally(entries("ab"), str(tmp_path), 1))
    assert caught.value.filename == str(tmp_path)
