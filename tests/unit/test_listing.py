"""Listings: in order, one page ahead, and in stretches where that pays."""

from __future__ import annotations

import os
import random
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import pytest

from s3open import errors
from s3open.contract import Entry, Page
from s3open.location import Location
from s3open.s3 import listing, paging, splitting, threads
from s3open.s3.retry import DEFAULT
from tests.fakes import answered, cut_off
from tests.unit.forking import in_child

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AT = Location("b", "", "s3://b")


class Lister:
    """A bucket of many keys, of which a page has *size*.

    Attributes:
        asked: the parameters of all requests, in order.
        fails: what is raised, by the number of the request, counted from 1.
        deaf: it does not know ``start-after``.
    """

    patience = DEFAULT

    def __init__(self, keys: list[str], size: int = 10) -> None:
        self.keys = sorted(keys)
        self.size = size
        self.asked: list[dict[str, Any]] = []
        self.fails: dict[int, Exception] = {}
        self.deaf = False
        self.stuck = False

    def list_objects(self, at: Location, **given: Any) -> Page:
        self.asked.append({"prefix": at.key, **given})
        error = self.fails.get(len(self.asked))
        if error is not None:
            raise error
        delimiter, token = given.get("delimiter", ""), given.get("token")
        after = "" if self.deaf else given.get("start_after", "")
        after = after if token is None else token
        names: list[str] = []
        start = bisect_left(self.keys, max(at.key, after))
        for key in self.keys[start:]:
            if not key.startswith(at.key):
                break
            rest = key[len(at.key) :]
            cut = rest.find(delimiter) if delimiter else -1
            name = key if cut < 0 else key[: len(at.key) + cut + 1]
            if name > after and name not in names[-1:]:
                names.append(name)
                if len(names) > self.size:
                    break
        shown = names[: self.size]
        ends = tuple(delimiter or "\0")
        page = [Entry(name, 1) for name in shown if not name.endswith(ends)]
        prefixes = [name for name in shown if name.endswith(ends)]
        more = shown[-1] if len(names) > len(shown) else None
        return Page(page, prefixes, token if self.stuck and token else more)

    def list_versions(self, at: Location, **given: Any) -> Page:
        return self.list_objects(at, **given)


def listed(lister: Any, key: str = "", **given: Any) -> list[str]:
    place = Location("b", key, f"s3://b/{key}")
    return [entry.name for entry in listing.objects(lister, place, **given)]


FLAT = [f"{number:04d}" for number in range(95)]
TREE = ["a", "a/b", "a/c/d", "b", "c/", "c/d", "c/d/e", "ca", "é/f"]


def test_all_of_it_is_listed_in_order() -> None:
    lister = Lister(FLAT)
    assert listed(lister) == FLAT
    assert len(lister.asked) == 10
    assert listed(lister, "004") == FLAT[40:50]
    assert listed(lister, start_after="0089") == FLAT[90:]
    assert listed(Lister([])) == []


@pytest.mark.parametrize("size", [1, 2, 100])
def test_what_keys_have_in_common_is_where_they_would_be(size: int) -> None:
    lister = Lister(TREE, size)
    assert listed(lister, delimiter="/") == ["a", "a/", "b", "c/", "ca", "é/"]
    assert listed(lister, "c/d", delimiter="/") == ["c/d", "c/d/"]
    versions: Any = listing.versions(lister, AT, delimiter="/")  # type: ignore[arg-type]
    assert [each.name for each in versions] == ["a", "a/", "b", "c/", "ca", "é/"]


@pytest.mark.parametrize("given", [{}, {"delimiter": "/"}])
def test_the_next_page_is_asked_for_while_one_is_consumed(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]
) -> None:
    monkeypatch.setattr(threads, "submit", lambda task: task())
    lister = Lister(FLAT)
    entries: Iterator[Entry] = listing.objects(lister, AT, **given)  # type: ignore[arg-type]
    assert lister.asked == []
    for number in range(95):
        next(entries)
        assert len(lister.asked) == min(number // 10 + 2, 10)


def nothing(task: Callable[[], None]) -> None:
    """Start no thread, for there are none any more."""


@pytest.mark.parametrize("given", [{}, {"delimiter": "/"}, {"width": 1}])
def test_no_thread_is_needed(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]
) -> None:
    monkeypatch.setattr(threads, "submit", nothing)
    assert listed(Lister(FLAT, 1), **given) == FLAT


def test_pages_that_do_not_come_are_asked_for_again(pauses: list[int]) -> None:
    for number in range(1, 11):
        lister = Lister(FLAT)
        lister.fails = {number: cut_off(), number + 1: answered("SlowDown", 503)}
        assert listed(lister) == FLAT
        assert len(lister.asked) == 12


def test_what_came_before_an_error_is_told() -> None:
    lister = Lister(FLAT)
    lister.fails = {3: answered("AccessDenied", 403)}
    told: list[Entry] = []
    with pytest.raises(PermissionError):
        told.extend(listing.objects(lister, AT))  # type: ignore[arg-type]
    assert [each.name for each in told] == FLAT[:20]


@pytest.mark.parametrize("given", [{}, {"delimiter": "/"}])
def test_a_store_that_gives_the_same_page_for_ever_is_found_out(
    given: dict[str, Any],
) -> None:
    lister = Lister(FLAT)
    lister.stuck = True
    with pytest.raises(errors.S3Error, match="over and over"):
        listed(lister, **given)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_listing_goes_on_in_a_forked_child(monkeypatch: pytest.MonkeyPatch) -> None:
    lister = Lister(FLAT)
    entries: Any = listing.objects(lister, AT)  # type: ignore[arg-type]
    first = next(entries)
    held: list[Callable[[], None]] = []
    monkeypatch.setattr(threads, "submit", held.append)
    for _ in range(10):
        next(entries)

    def rest() -> None:
        assert [first.name, *(each.name for each in entries)][-1] == FLAT[-1]

    in_child(rest)


class TestStretches:
    """Huge listings: everything is waited for, and what is looked for is found."""

    @pytest.fixture(autouse=True)
    def _slow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        chance = random.Random(5)
        monkeypatch.setattr(threads, "submit", lambda task: task())

        def came(coming: Any) -> bool:
            return not coming._job.failed and chance.random() < 0.5

        monkeypatch.setattr(paging.Asked, "came", property(came))
        monkeypatch.setattr(splitting, "_HUGE", 3)

    def splits(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """Return into how many it is split, each time."""
        made = []
        split = splitting.Stretch.split

        def counted(stretch: Any, borders: list[str]) -> Any:
            others = split(stretch, borders)
            made.append(len(others))
            return others

        monkeypatch.setattr(splitting.Stretch, "split", counted)
        return made

    @pytest.mark.parametrize("seed", range(40))
    def test_every_tree_is_listed_in_order(
        self, monkeypatch: pytest.MonkeyPatch, seed: int
    ) -> None:
        chance = random.Random(seed)
        parts = ["a", "b", "c!", "d/", "é", "f0", "", "g", "z"]
        keys = {
            "/".join(chance.choices(parts, k=chance.randint(1, 5)))
            for _ in range(chance.choice([10, 300, 2000]))
        } - {""}
        lister = Lister(list(keys), chance.choice([1, 3, 10, 50]))
        lister.deaf = seed % 10 == 9 and len(keys) < 400
        prefix = chance.choice(["", "a/", "d"])
        after = chance.choice(["", "a/b", "b/c!/"])
        expected = [k for k in lister.keys if k.startswith(prefix) and k > after]
        if lister.deaf:
            expected = [key for key in expected if key > after]
        for width in (2, 8):
            assert listed(lister, prefix, start_after=after, width=width) == expected

    def test_it_is_split_where_folders_begin(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = self.splits(monkeypatch)
        keys = [f"x/y/{a}/{b:03d}" for a in "abcdefgh" for b in range(100)]
        lister = Lister(keys)
        assert listed(lister, "x/") == keys
        assert made[0] == 7
        # Each stretch but the last one has a part of a page too many.
        pages = [each for each in lister.asked if "max_keys" not in each]
        assert len(pages) <= 80 + 8

    def test_small_folders_are_listed_together(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = self.splits(monkeypatch)
        keys = [f"{a:02d}/{b:02d}" for a in range(90) for b in range(20)]
        lister = Lister(keys, 100)
        assert listed(lister) == keys
        assert max(made) >= 3
        assert len(lister.asked) <= 18 + 8

    @pytest.mark.parametrize(
        "keys",
        [
            [f"x/{number:06d}" for number in range(30_000)],
            [f"x/{random.Random(n).getrandbits(128):032x}" for n in range(30_000)],
            [str(number) for number in range(30_000)],
        ],
    )
    def test_what_has_no_folders_is_split_where_letters_change(
        self, monkeypatch: pytest.MonkeyPatch, keys: list[str]
    ) -> None:
        monkeypatch.setattr(splitting, "_HUGE", 12)
        made = self.splits(monkeypatch)
        lister = Lister(keys, 100)
        assert listed(lister) == lister.keys
        assert max(made) >= 8
        # Letters take a request of one key each, stretches a part of a page too many.
        pages = [each for each in lister.asked if "max_keys" not in each]
        assert len(pages) <= 300 + sum(made)
        assert len(lister.asked) - len(pages) <= 40

    def test_what_cannot_be_split_is_looked_into_less_and_less_often(self) -> None:
        keys = ["x" * number for number in range(1, 1000)]
        lister = Lister(keys)
        assert listed(lister) == keys
        looked = [each for each in lister.asked if "max_keys" in each]
        assert len(looked) <= 12
        assert len(lister.asked) == 100 + len(looked)

    def test_a_short_listing_costs_nothing_more(self) -> None:
        keys = [f"{a}/{b}" for a in range(3) for b in range(10)]
        lister = Lister(keys)
        assert listed(lister) == sorted(keys)
        assert len(lister.asked) == 3

    def test_nobody_who_is_slow_himself_is_given_more(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(paging.Asked, "came", True)
        keys = [f"{a}/{b:03d}" for a in "abc" for b in range(100)]
        lister = Lister(keys)
        assert listed(lister) == keys
        assert len(lister.asked) == 30

    def test_a_look_that_fails_is_no_harm(self) -> None:
        keys = [f"{a}/{b:03d}" for a in "abc" for b in range(100)]
        lister = Lister(keys)
        ask = lister.list_objects

        def without(at: Location, **given: Any) -> Page:
            if given.get("delimiter"):
                raise answered("AccessDenied", 403)
            return ask(at, **given)

        lister.list_objects = without  # type: ignore[method-assign]
        assert listed(lister) == keys

    def test_an_error_in_a_later_stretch_is_told_in_its_turn(self) -> None:
        keys = [f"{a}/{b:03d}" for a in "abcdefgh" for b in range(50)]
        lister = Lister(keys)
        ask = lister.list_objects

        def failing(at: Location, **given: Any) -> Page:
            page = ask(at, **given)
            if page.entries and page.entries[0].name.startswith("f"):
                raise answered("AccessDenied", 403)
            return page

        lister.list_objects = failing  # type: ignore[method-assign]
        told: list[Entry] = []
        with pytest.raises(PermissionError):
            told.extend(listing.objects(lister, AT))  # type: ignore[arg-type]
        assert [each.name for each in told] == [key for key in keys if key < "f"]
