"""How long a request is tried again: by what went wrong, on a clock that is turned."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from s3open import Config, errors
from s3open.s3 import retry
from s3open.s3.retry import Patience, Tries, repeated
from tests.fakes import answered, cut_off

if TYPE_CHECKING:
    from collections.abc import Callable


# What other tests do without.
_PAUSE = retry.pause


class Clock:
    """Seconds that pass only by sleeping, and by *each* request."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    fake = SimpleNamespace(monotonic=clock.monotonic, sleep=clock.sleep)
    monkeypatch.setattr(retry, "time", fake)
    monkeypatch.setattr(retry, "pause", _PAUSE)
    random.seed(7)
    return clock


def unreachable() -> errors.S3Error:
    error = errors.S3ConnectionError.at("s3://b/k", "no connection to nowhere:1")
    error.unreachable = True
    return error


def out_of_reach() -> errors.S3Error:
    error = errors.S3ConnectionError.at("s3://b/k", "no connection to store:443")
    error.passing = True
    return error


def silent() -> errors.S3Error:
    error = errors.S3TimeoutError.at("s3://b/k", "no connection to nowhere:1")
    error.unreachable = True
    return error


def asked(
    clock: Clock,
    failing: Callable[[], errors.S3Error],
    patience: Patience = retry.DEFAULT,
    *,
    each: float = 0.01,
) -> int:
    """Return how often a request is sent that fails for good."""
    calls = []

    def request() -> None:
        calls.append(1)
        clock.now += each
        raise failing()

    with pytest.raises(errors.S3Error):
        repeated(request, patience)
    return len(calls)


@pytest.mark.parametrize("code", ["SlowDown", "Throttling", "ServiceUnavailable"])
def test_a_store_that_asks_to_slow_down_is_waited_for_until_the_deadline(
    clock: Clock, code: str
) -> None:
    count = asked(clock, lambda: answered(code, 503), Patience(deadline=60.0))
    assert 1060 <= clock.now <= 1060 + 5 + 1
    # It is left alone for seconds between two requests, in the end.
    assert 15 < count < 60


@pytest.mark.parametrize("status", [429, 503])
def test_slowing_down_needs_no_code(clock: Clock, status: int) -> None:
    asked(clock, lambda: answered("", status), Patience(deadline=30.0))
    assert clock.now >= 1030


def test_a_store_that_had_answered_is_waited_for_too(clock: Clock) -> None:
    asked(clock, out_of_reach, Patience(deadline=30.0))
    assert clock.now >= 1030


@pytest.mark.parametrize("failing", [cut_off, lambda: answered("InternalError", 500)])
def test_what_may_be_there_to_stay_is_tried_so_often(
    clock: Clock, failing: Callable[[], errors.S3Error]
) -> None:
    assert asked(clock, failing, Patience(attempts=7)) == 7
    assert clock.now < 1030


def test_what_is_not_wanted_any_more_is_not_tried_again(clock: Clock) -> None:
    calls: list[int] = []

    def request() -> None:
        calls.append(1)
        raise answered("SlowDown", 503)

    with pytest.raises(errors.S3Error):
        repeated(request, wanted=lambda: len(calls) < 3)
    assert len(calls) == 3


def test_it_ends_at_the_deadline_all_the_same(clock: Clock) -> None:
    # Each takes as long as a timeout: the first failure is at 60, the last at 180.
    patience = Patience(deadline=100.0, attempts=50)
    assert asked(clock, cut_off, patience, each=60.0) == 3


def test_a_host_that_never_answered_is_given_up_soon(clock: Clock) -> None:
    assert asked(clock, unreachable) == 4
    assert clock.now < 1001.5


def test_one_that_does_not_even_refuse_is_not_waited_for_twice(clock: Clock) -> None:
    assert asked(clock, silent, each=60.0) == 1


def test_without_a_deadline_nothing_is_tried_again(clock: Clock) -> None:
    patience = Patience.of(Config(deadline=0))
    for failing in (cut_off, out_of_reach, unreachable):
        assert asked(clock, failing, patience) == 1
    assert clock.pauses == []


def test_pauses_are_random_grow_and_stay_bounded(clock: Clock) -> None:
    many = []
    for _ in range(40):
        clock.pauses.clear()
        asked(clock, lambda: answered("SlowDown", 503), Patience(deadline=60.0))
        many.append(list(clock.pauses))
    longest = [max(each) for each in zip(*many, strict=False)]
    assert all(0 <= pause <= 5.0 for pauses in many for pause in pauses)
    assert longest[0] <= 0.1 < longest[3] <= 0.8
    assert min(pauses[0] for pauses in many) < longest[0] / 4


def test_the_tries_of_a_file_are_those_of_its_config() -> None:
    config = Config(deadline=12.5, attempts=3)
    assert Patience.of(config) == Patience(deadline=12.5, attempts=3)
    tries = Tries(Patience(attempts=2))
    assert [tries.failed(cut_off()) for _ in range(2)] == [False, True]
