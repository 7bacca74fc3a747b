"""CRCs put together of pieces that come in any order, once or again; and of writes."""

from __future__ import annotations

import random
import sys
import threading
import zlib
from itertools import pairwise

import pytest

from s3open import checksums
from s3open.reading.ledger import Ledger
from s3open.spool import Spool
from s3open.spool.sums import Sums
from tests.fakes import MIB, pattern

CONTENT = pattern(5 * MIB + 321)


def note(ledger: Ledger, start: int, stop: int, content: bytes = CONTENT) -> None:
    ledger.received(start, memoryview(content)[start:stop])


@pytest.mark.parametrize("algorithm", checksums.WIDTH)
@pytest.mark.parametrize("seed", range(20))
def test_pieces_in_any_order_give_the_sum_of_the_whole(
    algorithm: str, seed: int
) -> None:
    rng = random.Random(seed)
    ledger = Ledger(algorithm, len(CONTENT))
    edges = sorted({0, len(CONTENT), *(rng.randrange(len(CONTENT)) for _ in range(30))})
    pieces = list(pairwise(edges))
    # Some overlap others.
    for _ in range(10):
        start = rng.randrange(len(CONTENT))
        pieces.append((start, min(len(CONTENT), start + rng.randrange(1, MIB))))
    rng.shuffle(pieces)
    missing = set(pairwise(edges))
    for piece in pieces:
        assert ledger.complete or missing
        note(ledger, *piece)
        missing.discard(piece)
    assert ledger.complete
    assert not ledger.differs
    assert ledger.whole() == checksums.crc(algorithm, CONTENT)


def test_it_is_complete_only_when_every_byte_has_come() -> None:
    ledger = Ledger("crc32c", len(CONTENT))
    note(ledger, 0, 3 * MIB)
    note(ledger, 3 * MIB + 1, len(CONTENT))
    assert not ledger.complete
    note(ledger, 3 * MIB, 3 * MIB + 1)
    assert ledger.complete


def test_what_differs_the_second_time_is_noticed() -> None:
    other = CONTENT[: 2 * MIB + 7] + b"!" + CONTENT[2 * MIB + 8 :]
    ledger = Ledger("crc64nvme", len(CONTENT))
    note(ledger, 0, len(CONTENT))
    for start in range(0, len(CONTENT), 300_007):
        note(ledger, start, min(start + 300_007, len(CONTENT)))
    assert not ledger.differs
    note(ledger, MIB, 2 * MIB, other)
    assert not ledger.differs
    note(ledger, 2 * MIB, 2 * MIB + 100, other)
    note(ledger, 2 * MIB + 100, 3 * MIB, other)
    assert ledger.differs


def test_what_got_lost_is_to_come_again() -> None:
    ledger = Ledger("crc64nvme", len(CONTENT))
    note(ledger, 0, len(CONTENT), bytes(len(CONTENT)))
    ledger.forget(range(len(CONTENT)))
    assert not ledger.complete
    note(ledger, 0, len(CONTENT))
    assert ledger.whole() == checksums.crc("crc64nvme", CONTENT)


def test_sums_of_parts() -> None:
    ledger = Ledger("crc32", len(CONTENT))
    note(ledger, 0, len(CONTENT))
    assert ledger.parts(2 * MIB) == [
        checksums.crc("crc32", CONTENT[start : start + 2 * MIB])
        for start in range(0, len(CONTENT), 2 * MIB)
    ]
    assert ledger.parts(len(CONTENT)) == [checksums.crc("crc32", CONTENT)]
    # Of pages that lie across a boundary nothing is known.
    assert ledger.parts(2 * MIB + 1) is None
    fitting = Ledger("crc32", len(CONTENT), 1_000_003)
    note(fitting, MIB, len(CONTENT))
    note(fitting, 0, MIB)
    assert fitting.parts(1_000_003) == [
        checksums.crc("crc32", CONTENT[start : start + 1_000_003])
        for start in range(0, len(CONTENT), 1_000_003)
    ]


def test_pages_grow_with_the_object() -> None:
    assert Ledger("crc32", 1 << 40)._count <= 1 << 16
    assert Ledger("crc32", 48 << 40)._count <= 1 << 16
    assert Ledger("crc32", 1 << 36)._page == MIB


def test_threads_may_note_at_once() -> None:
    ledger = Ledger("crc64nvme", len(CONTENT))
    pieces = [
        (start, min(start + 9973, len(CONTENT)))
        for start in range(0, len(CONTENT), 9973)
    ]
    random.Random(1).shuffle(pieces)

    def run(own: list[tuple[int, int]]) -> None:
        for piece in own:
            note(ledger, *piece)

    threads = [
        threading.Thread(target=run, args=(pieces[number::4],)) for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.whole() == checksums.crc("crc64nvme", CONTENT)


@pytest.mark.parametrize("seed", range(100))
def test_sums_of_what_was_written_are_those_of_what_is_there(seed: int) -> None:
    rng = random.Random(seed)
    spool = Spool(memory=8 * MIB)
    spool.summing = True
    model = bytearray()
    position = 0
    for _ in range(rng.randrange(1, 40)):
        if rng.random() < 0.3:
            position = rng.choice([0, MIB, rng.randrange(len(model) + 1)])
        length = rng.choice([1, 1000, 200_000, MIB])
        data = rng.randbytes(length)
        spool.write_at(position, memoryview(data))
        model.extend(bytes(max(0, position + length - len(model))))
        model[position : position + length] = data
        position += length
        if rng.random() < 0.1:
            size = rng.randrange(len(model) + MIB)
            spool.truncate(size)
            del model[size:]
            model.extend(bytes(size - len(model)))
    for start in range(0, len(model), MIB):
        span = range(start, min(start + MIB, len(model)))
        found = spool.take_sum(span)
        expected = checksums.crc(checksums.own(), model[start : span.stop])
        assert found in (None, expected)
        # Once: who sends it again does not know what became of it.
        assert spool.take_sum(span) is None
    spool.close()


def test_what_is_written_in_order_has_a_sum() -> None:
    sums = Sums()
    for start in range(0, MIB, MIB // 4):
        sums.wrote(0, start, memoryview(CONTENT)[start : start + MIB // 4])
    sums.wrote(1, 0, memoryview(CONTENT)[MIB : MIB + 10])
    assert sums.take(range(MIB + 10)) == checksums.crc(
        checksums.own(), CONTENT[: MIB + 10]
    )


def test_sums_without_awscrt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "_sums", {})
    monkeypatch.setitem(sys.modules, "awscrt", None)
    checksums.known.cache_clear()
    assert checksums.own() == "crc32"
    assert checksums.known() == ("crc32",)
    ledger = Ledger(checksums.own(), len(CONTENT))
    note(ledger, 2_000_000, len(CONTENT))
    note(ledger, 0, 2_000_000)
    monkeypatch.undo()
    checksums.known.cache_clear()
    assert ledger.algorithm == "crc32"
    assert ledger._sums.keys() == set(range(6))
    assert ledger.whole() == zlib.crc32(CONTENT)


@pytest.mark.parametrize("algorithm", checksums.WIDTH)
def test_combined_by_hand_is_combined(algorithm: str) -> None:
    combine = checksums._by_hand(algorithm)
    for length in (0, 1, 12_345, len(CONTENT)):
        first = checksums.crc(algorithm, CONTENT[:length])
        second = checksums.crc(algorithm, CONTENT[length:])
        found = combine(first, second, len(CONTENT) - length)
        assert found == checksums.crc(algorithm, CONTENT)
        assert found == checksums.combine(
            algorithm, first, second, len(CONTENT) - length
        )
