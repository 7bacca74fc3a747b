"""What a verification asks for, when, and what it makes of it."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from s3open import checksums, errors, tracing
from s3open.contract import Proof
from s3open.reading import Download, Verification, download, readahead
from s3open.reading.pace import Pace
from s3open.spool import Spool
from tests.fakes import MIB, FakeReader, answered, pattern
from tests.unit.downloading import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT = pattern(3 * MIB + 5)


@pytest.fixture(autouse=True)
def _uncounted() -> None:
    tracing.checks.clear()


def reader(algorithm: str = "crc32", content: bytes = CONTENT) -> FakeReader:
    made = FakeReader(content)
    value = checksums.encode(algorithm, checksums.crc(algorithm, content))
    made.kept = Proof(algorithm, value)
    return made


def test_it_asks_once_and_not_before_it_may_be_of_use() -> None:
    ours = reader()
    verify = Verification(ours, len(CONTENT), None)
    verify.asked(range(MIB))
    verify.asked(range(MIB, MIB + 1000))
    assert ours.proofs == 0
    verify.asked(range(2 * MIB, len(CONTENT)))
    verify.received(0, memoryview(CONTENT))
    verify.asked(range(MIB, 2 * MIB))
    verify.settle()
    assert ours.proofs == 1
    assert tracing.checks == {"verified": 1}


def test_who_asks_for_all_bytes_in_pieces_asks_for_their_checksum() -> None:
    ours = reader(content=CONTENT[:1000])
    verify = Verification(ours, 1000, None)
    for start in range(0, 1000, 100):
        verify.asked(range(start, start + 100))
    assert verify._job is not None
    assert verify._job.result() == ours.kept


def test_a_ledger_that_a_thread_has_not_come_to_yet_is_waited_for() -> None:
    verify = Verification(reader("crc32"), len(CONTENT), None)
    *others, last = verify._ledgers
    for ledger in others:
        ledger.received(0, memoryview(CONTENT))
    assert last.algorithm == "crc32"
    verify.settle()
    assert tracing.checks == {}
    verify.received(0, memoryview(CONTENT))
    verify.settle()
    assert tracing.checks == {"verified": 1}


@pytest.mark.parametrize("algorithm", [*checksums.WIDTH, "sha256", "md5"])
def test_only_what_is_needed_is_taken_once_it_is_known(algorithm: str) -> None:
    ours = reader()
    ours.kept = Proof(algorithm, "?")
    verify = Verification(ours, len(CONTENT), None)
    verify.asked(range(2 * MIB))
    assert verify._job is not None
    verify._job.settle()
    verify.received(0, memoryview(CONTENT))
    taken = [ledger.algorithm for ledger in verify._ledgers]
    assert taken == [name for name in checksums.WIDTH if name == algorithm]


def test_once_closed_it_does_not_want_to_know_any_more() -> None:
    ours = reader()
    verify = Verification(ours, len(CONTENT), None)
    verify.asked(range(len(CONTENT) - 1))
    assert verify._job is not None
    verify._job.settle()
    assert ours.wanted is not None
    assert ours.wanted()
    verify.close()
    assert not ours.wanted()


class Denied(FakeReader):
    """A reader that may not ask what is kept."""

    def proof(self, wanted: Callable[[], bool] | None = None) -> Proof | None:
        raise answered("AccessDenied", 403)


@pytest.mark.parametrize("kind", [FakeReader, Denied])
def test_where_nothing_is_kept_or_told_nothing_is_compared(
    kind: type[FakeReader],
) -> None:
    verify = Verification(kind(CONTENT), len(CONTENT), None)
    verify.received(0, memoryview(CONTENT))
    verify.settle()
    assert tracing.checks == {"unverifiable": 1}


@pytest.mark.parametrize("kind", [FakeReader, Denied])
def test_who_insists_is_told_before_the_first_byte(kind: type[FakeReader]) -> None:
    verify = Verification(kind(CONTENT), len(CONTENT), None, strict=True)
    with pytest.raises((errors.IntegrityError, PermissionError)):
        verify.asked(range(MIB))


def test_loading_what_sums_is_no_sign_of_a_slow_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loads: list[None] = []
    rates: list[tuple[int, float]] = []
    load = checksums._load

    def loading() -> None:
        loads.append(None)
        load()

    def alone(_: Pace, count: int, seconds: float) -> None:
        rates.append((count, seconds))

    ours = reader("crc64nvme")
    monkeypatch.setattr(checksums, "_sums", {})
    monkeypatch.setattr(checksums, "_load", loading)
    monkeypatch.setattr(Pace, "alone", alone)
    # Time goes on only while something is loaded.
    clock = SimpleNamespace(monotonic=lambda: float(len(loads)))
    monkeypatch.setattr(download, "time", clock)
    verify = Verification(ours, len(CONTENT), None)
    spool = Spool(len(CONTENT), memory=64 * MIB)
    first = ours.first(readahead.FIRST)
    with (
        contextlib.closing(spool),
        contextlib.closing(Download(ours, spool, first, PATIENCE, 8, verify)) as whole,
    ):
        whole.read_at(0, memoryview(bytearray(len(CONTENT))))
    assert len(loads) == 1
    assert rates[0] == (readahead.FIRST, 0.0)
